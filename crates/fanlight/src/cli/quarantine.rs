//! `fanlight quarantine`: stops a release or a project at every door, and lists who has it.

use clap::Args;
use fanlight_api::quarantine::{Ask, Done, Lift, Quarantine, Quarantines};
use fanlight_api::{Who, routes};
use fanlight_base::clock::past_for_people;
use serde::Serialize;

use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Tone, visible};
use super::table::{Cell, Table};
use super::{Context, thing, who};

/// What is said to whoever is refused where no reason is given.
const BECAUSE: &str = "it is being looked into";

/// The arguments of `fanlight quarantine`.
#[derive(Debug, Args)]
pub struct QuarantineArgs {
    /// A release (a purl, or PROJECT==VERSION), or a project with all its releases
    #[arg(value_name = "WHAT", required_unless_present = "list")]
    what: Option<String>,
    /// Why, in one line: whoever is refused reads it, and it stays in the record, so it names nobody
    #[arg(long, value_name = "WORDS", conflicts_with_all = ["lift", "list"])]
    because: Option<String>,
    /// Let it pass again
    #[arg(long, conflicts_with = "list")]
    lift: bool,
    /// List what is quarantined
    #[arg(long, conflicts_with = "what")]
    list: bool,
}

/// Asks the running node.
pub fn run(context: &mut Context, arguments: &QuarantineArgs) -> Result<Exit, Failure> {
    let Some(what) = &arguments.what else {
        let node = Node::asked(&context.global)?;
        return list(context, &node);
    };
    let purl = thing::purl(what)?.to_string();
    let node = Node::asked(&context.global)?;
    if arguments.lift { lift(context, &node, purl) } else { stop(context, &node, purl, arguments.because.as_deref()) }
}

fn stop(context: &mut Context, node: &Node, purl: String, because: Option<&str>) -> Result<Exit, Failure> {
    let ask = Ask { purl, because: because.unwrap_or(BECAUSE).to_owned() };
    let done: Done = node.post(routes::QUARANTINE, &ask)?;
    // It is stopped, whether or not it can be told who has it.
    let who: Result<Who, ClientError> = node.get(routes::WHO, &[("of", done.quarantine.purl.as_str())]);
    let screen = &mut context.screen;
    if screen.json {
        #[derive(Serialize)]
        struct Stopped<'a> {
            #[serde(flatten)]
            done: &'a Done,
            who: Option<&'a Who>,
        }
        screen.document(&Stopped { done: &done, who: who.as_ref().ok() })?;
    } else {
        let Quarantine { purl, because, since, .. } = &done.quarantine;
        let said = match done.already {
            true => format!("{purl} was quarantined already, since {}: {because}", past_for_people(*since)),
            false => format!("{purl} is quarantined: no door lets it pass from now on."),
        };
        screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
        let way = format!("Let it pass again with `fanlight quarantine --lift {purl}`.");
        screen.line(&visible(&way))?;
        screen.line("")?;
        match &who {
            Ok(who) => who::show(screen, who)?,
            Err(error) => screen.aside(&format!("Who has it could not be told: {}.", visible(&error.to_string()))),
        }
    }
    Ok(Exit::Good)
}

fn lift(context: &mut Context, node: &Node, purl: String) -> Result<Exit, Failure> {
    let done: Done = match node.post(routes::LIFT_QUARANTINE, &Lift { purl }) {
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        answer => answer?,
    };
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&done)?;
    } else {
        let Quarantine { purl, since, .. } = &done.quarantine;
        let said = format!("{purl} is not quarantined any more, after {}.", past_for_people(*since));
        screen.line(&screen.tone(&visible(&said), Tone::Bold))?;
        screen.line("It passes again as far as the policies let it.")?;
    }
    Ok(Exit::Good)
}

fn list(context: &mut Context, node: &Node) -> Result<Exit, Failure> {
    let all: Quarantines = node.get(routes::QUARANTINES, &[])?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&all)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["since", "what", "by", "role", "because"]);
    for one in &all.quarantines {
        table.row([
            Cell::from(past_for_people(one.since)),
            Cell::from(&one.purl),
            Cell::from(one.by.as_deref().unwrap_or_default()),
            Cell::from(&one.role),
            Cell::from(&one.because),
        ]);
    }
    if table.is_empty() {
        screen.line("Nothing is quarantined here.")?;
    } else {
        table.write(screen)?;
    }
    Ok(Exit::Good)
}
