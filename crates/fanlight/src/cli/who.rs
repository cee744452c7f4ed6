//! `fanlight who`: every person and machine that was let through to a release's files, and who was refused them.

use std::collections::BTreeSet;
use std::io;

use fanlight_api::{Who, routes};
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::Node;
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone};
use super::table::{Cell, Table};
use super::thing::{self, count};

/// Asks the running node.
pub fn run(context: &mut Context, what: &str) -> Result<Exit, Failure> {
    let purl = thing::purl(what)?;
    let state = super::settings::state_folder(&context.global)?;
    let who: Who = Node::find(&state)?.get(routes::WHO, &[("purl", purl.as_str())])?;
    if context.screen.json {
        context.screen.document(&who)?;
    } else {
        show(&mut context.screen, &who)?;
    }
    Ok(Exit::Good)
}

/// Nobody known has no name; their line says so.
fn name(person: Option<&String>) -> &str {
    person.map_or("unidentified", String::as_str)
}

/// The words for people.
pub(super) fn show(screen: &mut Screen, who: &Who) -> io::Result<()> {
    let people = |names: BTreeSet<(&str, &str)>| count(names.len() as u64, "caller");
    let fetched =
        who.fetched.iter().map(|f| (name(f.person.as_ref()), f.machine.as_deref().unwrap_or_default())).collect();
    let refused =
        who.refused.iter().map(|r| (name(r.person.as_ref()), r.machine.as_deref().unwrap_or_default())).collect();
    let said = match (who.fetched.len(), who.refused.len()) {
        (0, 0) => format!("Nobody was let through to {} here, and nobody was refused it.", who.purl),
        (0, _) => format!("Nobody was let through to {} here; {} refused it.", who.purl, were(&people(refused))),
        (_, 0) => format!("{} was let through to {}; nobody was refused it.", who.purl, people(fetched)),
        (_, _) => {
            format!("{} was let through to {}; {} refused it.", who.purl, people(fetched), were(&people(refused)))
        }
    };
    let said = screen.tone(&super::screen::visible(&said), Tone::Bold);
    screen.line(&said)?;
    let mut table = Table::new(["last", "times", "person", "machine", "release", "file"]);
    for f in &who.fetched {
        let cells = [past_for_people(f.time), thing::grouped(f.times), name(f.person.as_ref()).to_owned()];
        let rest = [f.machine.clone().unwrap_or_default(), f.release.clone(), f.file.clone()];
        table.row(cells.into_iter().chain(rest).map(Cell::from).collect::<Vec<_>>());
    }
    titled(screen, "Let through", &table)?;
    let mut table = Table::new(["last", "times", "person", "machine", "release", "state", "policy", "why"]);
    for r in &who.refused {
        let (state, tone) = thing::state(r.outcome);
        table.row([
            Cell::from(past_for_people(r.time)),
            Cell::from(thing::grouped(r.times)),
            Cell::from(name(r.person.as_ref())),
            Cell::from(r.machine.as_deref().unwrap_or_default()),
            Cell::from(&r.release),
            Cell::toned(state, tone),
            Cell::from(&r.policy),
            Cell::from(&r.reason),
        ]);
    }
    titled(screen, "Refused", &table)?;
    if who.truncated {
        screen.line("")?;
        screen
            .line("There is more than is shown; ask for one release, or read all of it with `fanlight ledger show`.")?;
    }
    behind(screen, who.behind)
}

fn were(callers: &str) -> String {
    format!("{callers} {}", if callers.starts_with("1 ") { "was" } else { "were" })
}

/// A table under a title, with an empty line before; nothing where it has no rows.
pub(super) fn titled(screen: &mut Screen, title: &str, table: &Table) -> io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let title = screen.tone(title, Tone::Bold);
    screen.line(&title)?;
    table.write(screen)
}

/// How far the answer is behind the ledger, where it is.
pub(super) fn behind(screen: &mut Screen, behind: u64) -> io::Result<()> {
    if behind == 0 {
        return Ok(());
    }
    screen.line("")?;
    screen.line(&format!(
        "The newest {} not in this answer yet; ask again in a moment.",
        match behind {
            1 => "record is".to_owned(),
            more => format!("{} are", count(more, "record")),
        }
    ))
}
