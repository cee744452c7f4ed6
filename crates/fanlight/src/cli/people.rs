//! `fanlight people`: who is known, in which roles and groups, and how that is changed.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use fanlight_api::account::Invite;
use fanlight_api::people::{ChangeGroup, ChangeRole, Changed, People};
use fanlight_api::routes;
use fanlight_base::Role;
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::{ClientError, Node};
use super::joining;
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::table::{Cell, Table};

/// What can be asked about people.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// List everybody who is known, with their roles and groups
    #[command(after_help = "Examples:\n  fanlight people list\n  fanlight people list --role reviewer\n  \
                            fanlight people list --group finance --json")]
    List {
        /// Only those with this in their name
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
        /// Only those with this role: mentor, reviewer, steward or auditor
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<Role>,
        /// Only those in a group with this in its name
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    /// Give a person a role, or take it
    #[command(after_help = "Everybody who is known is a builder. The other roles:\n  \
                            mentor     also sees who has what\n  \
                            reviewer   also quarantines, reviews, and makes exceptions\n  \
                            steward    runs the node: may do everything\n  \
                            auditor    reads everything and changes nothing\n\n\
                            Examples:\n  fanlight people role asha add reviewer\n  \
                            fanlight people role asha remove reviewer\n\n\
                            It counts from the next request on. Exit code 1 where nobody of that name is known, or no steward \
                            would be left.")]
    Role {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// What to do
        #[arg(value_name = "add|remove")]
        change: Change,
        /// Which role
        #[arg(value_name = "ROLE", value_parser = role)]
        role: Role,
    },
    /// Invite somebody: make a link by which they make an account, or a new one in place of theirs
    #[command(
        after_help = "The link works once and for 24 hours. Who lost password or phone is invited again: the new account takes \
                            the place of the old one, and its sessions end.\n\nExamples:\n  fanlight people invite asha\n  \
                            fanlight people invite asha --role reviewer"
    )]
    Invite {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// A role to come with it: mentor, reviewer, steward or auditor
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Option<Role>,
    },
    /// Take a company's list of people over, from a CSV file
    #[command(after_help = "The first line names the columns:\n  \
                            name     who; this column must be there\n  \
                            groups   the groups they are to be in, with spaces or semicolons between them; they leave others\n  \
                            active   yes or no: no ends all that they have here, as `fanlight leaver` does\n\n\
                            People who are not on the list stay as they are. It is done wholly or not at all; exit code 1 where a \
                            line cannot be taken.\n\nExamples:\n  fanlight people import staff.csv --dry-run\n  \
                            fanlight people import staff.csv")]
    Import {
        /// The list
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Say what it would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show where a person is logged in, or end that
    #[command(after_help = "Examples:\n  fanlight people sessions asha\n  fanlight people sessions asha --end")]
    Sessions {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// End all of them
        #[arg(long)]
        end: bool,
    },
    /// Show by what a person can log in, or end one way of it
    #[command(
        after_help = "For a phone that was lost or a key that was stolen. All sessions of the person end with it, and an invitation \
                            to them that nobody has opened; their other ways to log in, tokens on machines and keys go on.\n\nExamples:\n  fanlight people logins asha\n  \
                            fanlight people logins asha --end password\n  \
                            fanlight people logins asha --end pky_f7qk2m9x4d1c8b3a"
    )]
    Logins {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// End this one, as the list names it: password, pky_... or provider:NAME
        #[arg(long, value_name = "WAY")]
        end: Option<String>,
    },
    /// Put a person into a group, or take them out of it
    #[command(after_help = "Policies may ask for groups: principal in Fanlight::Group::\"finance\".\n\n\
                            Examples:\n  fanlight people group asha add finance\n  \
                            fanlight people group asha remove finance")]
    Group {
        /// Who
        #[arg(value_name = "NAME")]
        name: String,
        /// What to do
        #[arg(value_name = "add|remove")]
        change: Change,
        /// Which group: small letters, digits and hyphens
        #[arg(value_name = "GROUP")]
        group: String,
    },
}

/// What to do with a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Change {
    /// Give it
    Add,
    /// Take it
    Remove,
}

fn role(word: &str) -> Result<Role, String> {
    match Role::of(word) {
        Some(Role::Builder) => Err("everybody who is known is a builder".to_owned()),
        Some(role) => Ok(role),
        None => Err("no role; they are mentor, reviewer, steward and auditor".to_owned()),
    }
}

/// Asks the running node.
pub fn run(context: &mut Context, command: &PeopleCommand) -> Result<Exit, Failure> {
    let node = Node::asked(&context.global)?;
    match command {
        PeopleCommand::List { search, role, group } => {
            let role = role.map(Role::as_str);
            let narrowed = [("q", search.as_deref()), ("role", role), ("group", group.as_deref())];
            let query: Vec<_> = narrowed.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            list(context, &node, &query)
        }
        PeopleCommand::Role { name, change, role } => {
            let route = if *change == Change::Add { routes::GIVE_ROLE } else { routes::TAKE_ROLE };
            let ask = ChangeRole { person: name.clone(), role: *role };
            changed(context, &node.post(route, &ask).map_err(no)?)
        }
        PeopleCommand::Invite { name, role } => {
            let ask = Invite { person: name.clone(), role: *role };
            joining::invited(context, Some(name), &node.post(routes::INVITE, &ask).map_err(no)?)
        }
        PeopleCommand::Import { file, dry_run } => super::import::run(context, &node, file, *dry_run),
        PeopleCommand::Sessions { name, end } => joining::sessions(context, &node, name, *end),
        PeopleCommand::Logins { name, end: Some(way) } => joining::end_login(context, &node, name, way),
        PeopleCommand::Logins { name, end: None } => joining::logins(context, &node, name),
        PeopleCommand::Group { name, change, group } => {
            let route = if *change == Change::Add { routes::JOIN_GROUP } else { routes::LEAVE_GROUP };
            let ask = ChangeGroup { person: name.clone(), group: group.clone() };
            changed(context, &node.post(route, &ask).map_err(no)?)
        }
    }
}

/// An answer that is no.
pub(super) fn no(error: ClientError) -> Failure {
    let is_no = matches!(&error, ClientError::Refused(problem) if [403, 404, 409, 422].contains(&problem.status));
    let failure = Failure::from(error);
    if is_no { failure.exit(Exit::No) } else { failure }
}

pub(super) fn roles(roles: &[Role]) -> String {
    if roles.is_empty() {
        return Role::Builder.as_str().to_owned();
    }
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

fn changed(context: &mut Context, changed: &Changed) -> Result<Exit, Failure> {
    let screen = &mut context.screen;
    if screen.json {
        screen.document(changed)?;
        return Ok(Exit::Good);
    }
    let name = changed.name.as_deref().unwrap_or(changed.person.as_str());
    let groups = match changed.groups.as_slice() {
        [] => "in no group".to_owned(),
        [one] => format!("in the group {one}"),
        many => format!("in the groups {}", many.join(", ")),
    };
    let before = if changed.already { ", as before" } else { "" };
    let said = format!("{name} is {} and {groups}{before}.", roles(&changed.roles));
    screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
    Ok(Exit::Good)
}

fn list(context: &mut Context, node: &Node, query: &[(&str, &str)]) -> Result<Exit, Failure> {
    let people: People = node.get(routes::PEOPLE, query)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&people)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["name", "roles", "groups", "known since", "id"]);
    for person in &people.people {
        table.row([
            match &person.name {
                Some(name) => Cell::from(name),
                None => Cell::toned("erased", Tone::Faint),
            },
            match (person.left, person.erased) {
                (_, Some(_)) => Cell::from(String::new()),
                (Some(left), None) => Cell::toned(format!("left {}", past_for_people(left)), Tone::Faint),
                (None, None) => Cell::from(roles(&person.roles)),
            },
            Cell::from(person.groups.join(", ")),
            Cell::from(past_for_people(person.since)),
            Cell::from(person.person.as_str()),
        ]);
    }
    if table.is_empty() && !query.is_empty() {
        screen.line("Nobody fits.")?;
    } else if table.is_empty() {
        screen.line("Nobody is known yet: `fanlight use` makes a person known.")?;
    } else {
        table.write(screen)?;
    }
    Ok(Exit::Good)
}
