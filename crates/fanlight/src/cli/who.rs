//! `fanlight who`: every person and machine that has a release's files or may have them, who asked and got nothing, and
//! who was refused them.

use std::collections::BTreeSet;
use std::io;

use fanlight_api::who::{Fetched, Received};
use fanlight_api::{Who, routes};
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::{ClientError, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::thing::{self, count};

/// Asks the running node.
pub fn run(context: &mut Context, what: &str) -> Result<Exit, Failure> {
    let asked = match thing::advisory(what) {
        Some(id) => id.to_owned(),
        None => thing::purl(what)?.to_string(),
    };
    let who: Who = match Node::asked(&context.global)?.get(routes::WHO, &[("of", &asked)]) {
        // There is no such advisory: an answer, and it is no.
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        answer => answer?,
    };
    if context.screen.json {
        context.screen.document(&who)?;
    } else {
        show(&mut context.screen, &who)?;
    }
    let is_nobody = who.fetched.is_empty() && who.not_received.is_empty() && who.refused.is_empty();
    Ok(if is_nobody { Exit::No } else { Exit::Good })
}

/// Nobody known has no name; their line says so.
fn name(person: Option<&String>) -> &str {
    person.map_or("unidentified", String::as_str)
}

/// What somebody may have of a file, in words.
pub(super) fn received(how: Received, part: Option<u64>, of: Option<u64>) -> String {
    match (how, part, of) {
        (Received::Whole, ..) => "received".to_owned(),
        (Received::Already, ..) => "had it already".to_owned(),
        (Received::Part, Some(part), Some(of)) if part >= of => {
            format!("received in parts, perhaps all of its {}", thing::bytes(of))
        }
        (Received::Part, Some(part), Some(of)) => {
            format!("received in part ({} of {})", thing::bytes(part), thing::bytes(of))
        }
        (Received::Part, Some(part), None) => format!("received in part ({}; it may be all)", thing::bytes(part)),
        (Received::Part, None, _) => "received in part".to_owned(),
        (Received::AskedOnly, ..) => "asked only".to_owned(),
        (Received::Nothing, ..) => "not received".to_owned(),
    }
}

/// The words for people.
pub(super) fn show(screen: &mut Screen, who: &Who) -> io::Result<()> {
    let callers = |names: BTreeSet<(Option<&String>, Option<&String>)>| count(names.len() as u64, "caller");
    let of = |rows: &[Fetched]| callers(rows.iter().map(|f| (f.person.as_ref(), f.machine.as_ref())).collect());
    let in_parts = who.fetched.iter().any(|f| f.received == Received::Part);
    let what = match &who.advisory {
        Some(_) => format!("what {} is about", who.purl),
        None => who.purl.clone(),
    };
    let mut said = match who.fetched.len() {
        0 => format!("Nobody received {what} here"),
        _ => format!("{} received {what}{}", of(&who.fetched), if in_parts { ", in whole or in part" } else { "" }),
    };
    said.push_str(&match who.refused.len() {
        // They read what is held from the index, and say it themselves.
        0 if who.purl.starts_with("pkg:npm/") => {
            "; no file of it was refused; npm passes over what is held by itself.".to_owned()
        }
        0 if who.purl.starts_with("pkg:cargo/") => {
            "; no file of it was refused; cargo passes over what is held by itself.".to_owned()
        }
        0 => "; nobody was refused it.".to_owned(),
        _ => {
            let refused = callers(who.refused.iter().map(|r| (r.person.as_ref(), r.machine.as_ref())).collect());
            format!("; {} refused it.", were(&refused))
        }
    });
    let said = screen.tone(&visible(&said), Tone::Bold);
    screen.line(&said)?;
    if let Some(advisory) = &who.advisory {
        let summary = if advisory.summary.is_empty() { "" } else { ": " };
        screen.line(&visible(&format!("{}{summary}{}", advisory.ids.join(", "), advisory.summary)))?;
        if advisory.withdrawn {
            screen.line("It was taken back: nothing is affected by it any more.")?;
        }
    }
    titled(screen, "Received", &let_through(&who.fetched))?;
    titled(screen, "Let through, nothing received", &let_through(&who.not_received))?;
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

fn let_through(rows: &[Fetched]) -> Table {
    let mut table = Table::new(["last", "times", "person", "machine", "release", "file", "how"]);
    for f in rows {
        table.row([
            Cell::from(past_for_people(f.time)),
            Cell::from(thing::grouped(f.times)),
            Cell::from(name(f.person.as_ref())),
            Cell::from(f.machine.as_deref().unwrap_or_default()),
            Cell::from(&f.release),
            Cell::from(&f.file),
            Cell::from(received(f.received, f.bytes, f.of_bytes)),
        ]);
    }
    table
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
