//! `fanlight who --since`: the line in the sand. Everything that was fetched since a time, by person and machine.
//!
//! Invariant: however much there is, no more of it is held than a part of one caller's.

use fanlight_api::holdings::{Ask, Head, Holding};
use fanlight_api::routes;
use fanlight_base::Timestamp;
use fanlight_base::clock::past_for_people;

use super::Context;
use super::client::{ClientError, Lines, Node};
use super::outcome::{Exit, Failure};
use super::screen::{Screen, Tone, visible};
use super::table::{Cell, Table};
use super::{thing, who};

/// Rows of a table; a longer list is written as several.
const ROWS: usize = 500;

/// Asks the running node.
pub fn run(
    context: &mut Context,
    what: Option<&str>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Exit, Failure> {
    let advisory = what.and_then(thing::advisory).map(str::to_owned);
    let purl = what.filter(|_| advisory.is_none()).map(|what| Ok::<_, Failure>(thing::purl(what)?.to_string()));
    let purl = purl.transpose()?;
    let node = Node::asked(&context.global)?;
    let lines = node.lines(routes::HOLDINGS, &Ask { purl, advisory, since, until, ..Ask::default() });
    let lines = match lines {
        // There is no such advisory: an answer, and it is no.
        Err(ClientError::Refused(problem)) if problem.status == 404 => {
            return Err(Failure::from(ClientError::Refused(problem)).exit(Exit::No));
        }
        lines => lines?,
    };
    let found =
        if context.screen.json { as_json(&mut context.screen, lines)? } else { show(&mut context.screen, lines)? };
    Ok(if found == 0 { Exit::No } else { Exit::Good })
}

/// A line each, as it comes.
fn as_json(screen: &mut Screen, mut lines: Lines<'_>) -> Result<u64, Failure> {
    let mut found = 0;
    lines.next_line()?;
    while let Some(line) = lines.next_line()?.filter(|line| !line.is_empty()) {
        screen.bytes(&line)?;
        screen.bytes(b"\n")?;
        found += 1;
    }
    Ok(found)
}

fn show(screen: &mut Screen, mut lines: Lines<'_>) -> Result<u64, Failure> {
    let head = lines.next_line()?.unwrap_or_default();
    let head: Head = lines.read(&head)?;
    let (mut found, mut callers) = (0, 0);
    let mut of: Option<(Option<String>, Option<String>)> = None;
    let mut table = empty();
    let mut rows = 0;
    while let Some(line) = lines.next_line()? {
        let one: Holding = lines.read(&line)?;
        let caller = (one.person.clone(), one.machine.clone());
        if of.as_ref() != Some(&caller) {
            write(screen, &std::mem::replace(&mut table, empty()))?;
            if of.is_some() {
                screen.line("")?;
            }
            screen.line(&screen.tone(&visible(&title(&caller)), Tone::Bold))?;
            (of, callers, rows) = (Some(caller), callers + 1, 0);
        }
        table.row(row(&one));
        (found, rows) = (found + 1, rows + 1);
        if rows == ROWS {
            write(screen, &std::mem::replace(&mut table, empty()))?;
            rows = 0;
        }
    }
    write(screen, &table)?;
    let said = match found {
        0 => "Nobody received anything here in that time.".to_owned(),
        _ => format!("{}, by {}.", thing::count(found, "file"), thing::count(callers, "caller")),
    };
    if found > 0 {
        screen.line("")?;
    }
    screen.line(&screen.tone(&said, Tone::Bold))?;
    who::behind(screen, head.behind)?;
    Ok(found)
}

fn title((person, machine): &(Option<String>, Option<String>)) -> String {
    let person = person.as_deref().unwrap_or("unidentified");
    machine.as_ref().map_or_else(|| person.to_owned(), |machine| format!("{person} on {machine}"))
}

fn empty() -> Table {
    Table::new(["first", "last", "times", "release", "file", "how"])
}

fn write(screen: &mut Screen, table: &Table) -> Result<(), Failure> {
    if !table.is_empty() {
        table.write(screen)?;
    }
    Ok(())
}

fn row(one: &Holding) -> [Cell; 6] {
    [
        Cell::from(past_for_people(one.first)),
        Cell::from(past_for_people(one.last)),
        Cell::from(thing::grouped(one.times)),
        Cell::from(&one.release),
        Cell::from(&one.file),
        Cell::from(who::received(one.received, None, None)),
    ]
}
