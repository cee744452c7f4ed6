//! `fanlight rights`: what is granted against what was used, less that would do, and the proof.

use fanlight_api::rights::{Ask, KeyRights, PersonRights, Rights};
use fanlight_api::routes;
use fanlight_base::Scope;
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::people::no;
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};

/// Asks the running node.
pub fn run(context: &mut Context, days: Option<u64>, policy: bool) -> Result<Exit, Failure> {
    let node = Node::find(&super::settings::state_folder(&context.global)?)?;
    let rights: Rights = node.post(routes::RIGHTS, &Ask { days }).map_err(no)?;
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&rights)?;
        return Ok(Exit::Good);
    }
    if policy {
        // To be written into a file: nothing else goes there.
        if rights.policy.is_empty() {
            // A file that is empty would be taken for a policy that takes nothing, and give back what one took before.
            screen.line("// Nothing is proposed: keep the policy that you have.")?;
            return Ok(Exit::No);
        }
        for line in rights.policy.lines() {
            screen.line(&visible(line))?;
        }
        return Ok(Exit::Good);
    }
    let mut table = Table::new(["who", "has", "needed", "last", "for"]);
    for person in &rights.people {
        people(&mut table, person);
    }
    for key in &rights.keys {
        table.row([
            Cell::from(&key.holder),
            Cell::from(format!("{} for {}", key.key, words(&key.scopes))),
            Cell::from(if key.last.is_some() { "yes" } else { "never" }),
            Cell::from(key.last.map(past_for_people).unwrap_or_default()),
            Cell::from(words(&key.used)),
        ]);
    }
    if table.is_empty() {
        screen.line("Nobody has a role, is in a group or has a key.")?;
        return Ok(Exit::Good);
    }
    table.write(screen)?;
    proposal(screen, &rights)?;
    Ok(Exit::Good)
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

fn named(person: &PersonRights) -> &str {
    person.name.as_deref().unwrap_or(person.person.as_str())
}

fn people(table: &mut Table, person: &PersonRights) {
    for right in &person.rights {
        let needed = match (right.times, right.spare) {
            (0, true) => "never".to_owned(),
            (0, false) => "together with others".to_owned(),
            (1, _) => "once".to_owned(),
            (times, _) => format!("{times} times"),
        };
        table.row([
            Cell::from(named(person)),
            Cell::from(format!("{} {}", right.kind, right.name)),
            Cell::from(needed),
            Cell::from(right.last.map(past_for_people).unwrap_or_default()),
            Cell::from(right.actions.join(", ")),
        ]);
    }
}

/// The commands that would take what is spare, and what they would have changed.
fn proposal(screen: &mut Screen, rights: &Rights) -> std::io::Result<()> {
    let mut commands = Vec::new();
    let mut elsewhere = Vec::new();
    let mut fewer = Vec::new();
    for person in &rights.people {
        for right in person.rights.iter().filter(|right| right.spare) {
            let name = named(person);
            if right.by_directory {
                elsewhere.push(format!("{name} out of {}", right.name));
            } else {
                let quoted = if name.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_.@".contains(c)) {
                    person.person.as_str()
                } else {
                    name
                };
                commands.push(format!("fanlight people {} {quoted} remove {}", right.kind, right.name));
            }
        }
    }
    for key in rights.keys.iter().filter(|key| key.last.is_some() && key.used.len() < key.scopes.len()) {
        let words = format!(
            "{} of {} needs {} alone: make another for that, and revoke it",
            key.key,
            key.holder,
            words(&key.used)
        );
        fewer.push(words);
    }
    let idle = |key: &&KeyRights| key.last.is_none();
    commands.extend(rights.keys.iter().filter(idle).map(|key| format!("fanlight keys revoke {}", key.key)));
    if commands.is_empty() && elsewhere.is_empty() && fewer.is_empty() && rights.policy.is_empty() {
        return screen.line("All of it was needed. Nothing is proposed.");
    }
    screen.line("")?;
    screen.line(&screen.tone("This would take what was not needed:", Tone::Bold))?;
    for command in commands {
        screen.line(&visible(&format!("  {command}")))?;
    }
    for one in fewer {
        screen.line(&visible(&format!("  {one}")))?;
    }
    for one in elsewhere {
        screen.line(&visible(&format!("  in the company's directory: {one}")))?;
    }
    if !rights.policy.is_empty() {
        screen.line(
            "What else their roles open and nobody did, a policy takes: `fanlight rights --policy` writes it out.",
        )?;
    }
    let proof = rights.proof;
    let left =
        if rights.left == 0 { String::new() } else { format!("; {} more could not be judged again", rights.left) };
    let words = format!(
        "Judged again without these roles and groups and with that policy, of {} attempts since {} that were allowed, {} stay allowed and {} would be \
         refused{left}.",
        rights.judged,
        past_for_people(rights.since),
        proof.allowed,
        proof.refused
    );
    screen.line(&visible(&words))
}
