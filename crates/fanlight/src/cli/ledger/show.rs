//! `fanlight ledger show`: the newest records, chosen by time, action and person, as a table or as JSON lines.

use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_api::ledger::{Ask, Head, Line};
use fanlight_api::routes;
use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{Outcome, Timestamp};
use fanlight_console::ledger::SHOW;
use fanlight_console::records::{CHUNK, Reader, RecordsError, Search, Source};
use fanlight_ledger::LogFiles;
use serde::Deserialize;

use super::desk::{self, Desk};
use super::{follow, unreadable};
use crate::cli::Context;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::table::{Cell, Table};
use crate::cli::thing;

mod action;

/// The arguments of `fanlight ledger show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only records since then: 2026-11-22T10:00Z, 2026-11-22, or a span back from now such as 90m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = thing::moment)]
    since: Option<Timestamp>,
    /// Only this action; a name that ends in a colon takes every action of a door, as `packages:`
    #[arg(long, value_name = "ACTION", value_parser = action::known)]
    action: Option<String>,
    /// Only this caller: a name, a machine, a pseudonym, `unidentified` or `node`
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// At most this many, the newest
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
    /// Go on showing what comes, until Ctrl-C; a node that ends is waited for
    #[arg(long, conflicts_with = "folder")]
    follow: bool,
    /// The folder of a copy, read alone and unrecorded, names sealed [default: the ledger of the state folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl ShowArgs {
    /// What is asked for.
    pub(super) fn ask(&self) -> Ask {
        let (since, action, who) = (self.since, self.action.clone(), self.who.clone());
        Ask { since, action, who, limit: self.limit, from: None, follow: self.follow }
    }
}

/// The parts of a record that are shown.
#[derive(Debug, Deserialize)]
struct Record {
    time: Timestamp,
    action: String,
    who: Who,
    on: On,
    decision: Decision,
}

#[derive(Debug, Deserialize)]
struct Who {
    kind: String,
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct On {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Decision {
    outcome: Outcome,
    policies: Vec<String>,
    reason: Option<String>,
}

/// Shows them.
pub(super) fn run(context: &mut Context, state: &Path, arguments: &ShowArgs) -> Result<Exit, Failure> {
    if arguments.follow {
        return follow::run(context, state, &arguments.ask());
    }
    let desk = desk::open(context, state, arguments.folder.as_deref(), SHOW)?;
    let screen = &mut context.screen;
    match desk {
        Desk::Node(node) => {
            let mut lines = node.lines(routes::SHOW_RECORDS, &arguments.ask())?;
            let head = lines.next_line()?.unwrap_or_default();
            let head: Head = lines.read(&head)?;
            let mut come = Vec::new();
            while let Some(line) = lines.next_line()? {
                // An empty one says that the node is still looking.
                if !line.is_empty() {
                    come.push(lines.read::<Line>(&line)?);
                }
            }
            write(screen, &come)?;
            nothing(screen, come.is_empty(), head.size);
        }
        Desk::Recorded(files, own) => {
            of_files(screen, *files, own, Some(state), &arguments.ask())?;
        }
        Desk::Bare(files) => {
            let size = files.size();
            of_files(screen, *files, size, None, &arguments.ask())?;
        }
    }
    Ok(Exit::Good)
}

/// The same from the first `size` records of files, with the names where a state folder's keys open them.
pub(super) fn of_files(
    screen: &mut Screen,
    files: LogFiles,
    size: u64,
    state: Option<&Path>,
    ask: &Ask,
) -> Result<Head, Failure> {
    let head = Head { origin: files.key().name().to_owned(), size };
    let mut come = Vec::new();
    let why_not = each_of_files(files, size, state, ask, &mut |line| come.push(line))?;
    write(screen, &come)?;
    nothing(screen, come.is_empty(), head.size);
    if let Some(why) = why_not.filter(|_| !screen.json && !come.is_empty()) {
        screen.aside(&format!("Names are not shown: {}.", visible(&why)));
    }
    Ok(head)
}

/// Gives those records to `take`. Says why names stay sealed, where they do.
pub(super) fn each_of_files(
    files: LogFiles,
    size: u64,
    state: Option<&Path>,
    ask: &Ask,
    take: &mut dyn FnMut(Line),
) -> Result<Option<String>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    let keys = match state {
        Some(state) => runtime.block_on(desk::keys(state.to_owned())),
        None => Err("this is a copy, and they are sealed in it".to_owned()),
    };
    let why_not = keys.as_ref().err().cloned();
    let mut reader = Reader::new(Source::Files(Box::new(files)), keys.ok());
    runtime.block_on(newest(&mut reader, ask, size, take)).map_err(|error| match error {
        RecordsError::Files(error) => unreadable(error),
        other => Failure::new(other),
    })?;
    Ok(why_not)
}

async fn newest(reader: &mut Reader, ask: &Ask, size: u64, take: &mut dyn FnMut(Line)) -> Result<(), RecordsError> {
    let mut search = Search::before(size, ask);
    let mut next = loop {
        if let Some(first) = reader.back(ask, &mut search).await? {
            break first;
        }
    };
    while next < size {
        let to = size.min(next + CHUNK);
        reader.fitting(ask, next..to).await?.into_iter().for_each(&mut *take);
        next = to;
    }
    Ok(())
}

/// Says that nothing fits, where that is so.
pub(super) fn nothing(screen: &mut Screen, is_empty: bool, size: u64) {
    if is_empty && !screen.json {
        screen.aside(&format!("None of the {} matches.", thing::count(size, "record")));
    }
}

pub(super) fn write(screen: &mut Screen, lines: &[Line]) -> Result<(), Failure> {
    if screen.json {
        for line in lines {
            screen.json_line(line)?;
        }
        return Ok(());
    }
    let mut table = Table::new(["n", "time", "who", "machine", "action", "on", "outcome", "policy", "why"]);
    for line in lines {
        table.row(row(line));
    }
    if !table.is_empty() {
        table.write(screen)?;
    }
    Ok(())
}

fn row(one: &Line) -> Vec<Cell> {
    let number = Cell::toned(one.index.to_string(), Tone::Faint);
    let text = one.record.as_ref().map_or(one.text.as_deref().unwrap_or_default(), |record| record.get());
    let Ok(record) = serde_json::from_str::<Record>(text) else {
        let text = text.chars().take(200).collect::<String>();
        let mut cells = vec![number];
        cells.resize(8, Cell::from(""));
        cells.push(Cell::from(format!("not a record this program knows: {text}")));
        return cells;
    };
    let opened = one.opened.as_ref();
    let name = opened.and_then(|p| p.person.clone()).or_else(|| record.who.id.clone());
    let tone = match record.decision.outcome {
        Outcome::Allow => Tone::Good,
        Outcome::Mask | Outcome::Hold => Tone::Wait,
        Outcome::Deny => Tone::Bad,
    };
    vec![
        number,
        Cell::from(rfc3339_millis(record.time)),
        Cell::from(name.as_deref().unwrap_or(&record.who.kind)),
        Cell::from(opened.and_then(|p| p.machine.as_deref()).unwrap_or_default()),
        Cell::from(&record.action),
        Cell::from(&record.on.id),
        Cell::toned(record.decision.outcome.as_str(), tone),
        Cell::from(record.decision.policies.first().map_or("", String::as_str)),
        Cell::from(record.decision.reason.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests;
