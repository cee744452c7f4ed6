//! `fanlight ledger show`: the newest records, chosen by time, action and person, as a table or as JSON lines.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{Outcome, Timestamp};
use fanlight_identity::Personal;
use fanlight_ledger::LogFiles;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::people::People;
use super::{open, unreadable};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone};
use crate::cli::table::{Cell, Table};
use crate::cli::thing;

/// Records read at once, going back from the newest.
const CHUNK: u64 = 4096;
/// How often `--follow` looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// The arguments of `fanlight ledger show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only records since then: 2026-11-22T10:00Z, 2026-11-22, or a span back from now such as 90m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Only this action; a name that ends in a colon takes every action of a door, as `packages:`
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only this caller: a name, a machine, a pseudonym, `unidentified` or `node`
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// At most this many, the newest
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Go on showing what comes, until Ctrl-C
    #[arg(long)]
    follow: bool,
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
    sealed: Option<Sealed>,
}

#[derive(Debug, Deserialize)]
struct Sealed {
    key: String,
    data: String,
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

/// A record that was chosen.
struct Chosen {
    index: u64,
    bytes: Vec<u8>,
    /// Nothing where the entry is no record that this program knows; it is shown all the same.
    record: Option<Record>,
    personal: Option<Personal>,
}

/// Shows them.
pub(super) fn run(screen: &mut Screen, state: &Path, arguments: &ShowArgs) -> Result<Exit, Failure> {
    let mut people = People::of(state);
    let mut files = open(state)?;
    let chosen = newest(&files, &mut people, arguments).map_err(unreadable)?;
    let nothing = chosen.is_empty();
    write(screen, &chosen)?;
    if nothing && !screen.json {
        screen.aside(&format!("None of the {} matches.", thing::count(files.size(), "record")));
    }
    if let Some(why) = people.why_not.as_ref().filter(|_| !screen.json) {
        screen.aside(&format!("Names are not shown: {}.", crate::cli::screen::visible(why)));
    }
    if !arguments.follow {
        return Ok(Exit::Good);
    }
    loop {
        screen.flush()?;
        std::thread::sleep(LOOK_AGAIN);
        let next = files.size();
        files = open(state)?;
        let mut chosen = Vec::new();
        for entry in files.entries(next..u64::MAX) {
            let (index, bytes) = entry.map_err(unreadable)?;
            chosen.extend(choose(index, bytes, &mut people, arguments));
        }
        write(screen, &chosen)?;
    }
}

/// The newest that match, the oldest of them first. Reads back from the end, and no further than `--since`.
fn newest(
    files: &LogFiles,
    people: &mut People,
    arguments: &ShowArgs,
) -> Result<Vec<Chosen>, fanlight_ledger::files::FilesError> {
    let (mut end, mut found) = (files.size(), Vec::new());
    while end > 0 && found.len() < arguments.limit {
        let start = end.saturating_sub(CHUNK);
        let mut here = Vec::new();
        let mut all_older = true;
        for entry in files.entries(start..end) {
            let (index, bytes) = entry?;
            all_older &= arguments.since.is_some_and(|since| time_of(&bytes).is_some_and(|time| time < since));
            here.extend(choose(index, bytes, people, arguments));
        }
        here.append(&mut found);
        found = here;
        end = start;
        if all_older {
            break;
        }
    }
    let surplus = found.len().saturating_sub(arguments.limit);
    Ok(found.split_off(surplus))
}

fn time_of(bytes: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Timed {
        time: Timestamp,
    }
    serde_json::from_slice::<Timed>(bytes).ok().map(|timed| timed.time)
}

/// A record that the arguments ask for.
fn choose(index: u64, bytes: Vec<u8>, people: &mut People, arguments: &ShowArgs) -> Option<Chosen> {
    let Ok(record) = serde_json::from_slice::<Record>(&bytes) else {
        let asked = arguments.since.is_some() || arguments.action.is_some() || arguments.who.is_some();
        return (!asked).then_some(Chosen { index, bytes, record: None, personal: None });
    };
    let action = arguments.action.as_deref();
    let fits = arguments.since.is_none_or(|since| record.time >= since)
        && action.is_none_or(|action| {
            record.action == action || (action.ends_with(':') && record.action.starts_with(action))
        });
    if !fits {
        return None;
    }
    let personal = record.who.sealed.as_ref().and_then(|sealed| people.open(&sealed.key, &sealed.data));
    if let Some(who) = arguments.who.as_deref() {
        let personal = personal.as_ref();
        let names = [
            Some(record.who.kind.as_str()).filter(|kind| *kind != "person"),
            record.who.id.as_deref(),
            personal.and_then(|p| p.person.as_deref()),
            personal.and_then(|p| p.machine.as_deref()),
        ];
        if !names.into_iter().flatten().any(|name| name == who) {
            return None;
        }
    }
    Some(Chosen { index, bytes, record: Some(record), personal })
}

fn write(screen: &mut Screen, chosen: &[Chosen]) -> Result<(), Failure> {
    if screen.json {
        #[derive(Serialize)]
        struct Line<'a> {
            index: u64,
            record: &'a RawValue,
            #[serde(skip_serializing_if = "Option::is_none")]
            opened: Option<&'a Personal>,
        }
        for one in chosen {
            // An entry that is no JSON has no place among JSON lines; `export` gives it as it is.
            if let Ok(record) = serde_json::from_slice::<&RawValue>(&one.bytes) {
                screen.json_line(&Line { index: one.index, record, opened: one.personal.as_ref() })?;
            }
        }
        return Ok(());
    }
    let mut table = Table::new(["n", "time", "who", "machine", "action", "on", "outcome", "policy", "why"]);
    for one in chosen {
        table.row(row(one));
    }
    if !table.is_empty() {
        table.write(screen)?;
    }
    Ok(())
}

fn row(one: &Chosen) -> Vec<Cell> {
    let number = Cell::toned(one.index.to_string(), Tone::Faint);
    let Some(record) = &one.record else {
        let text = String::from_utf8_lossy(&one.bytes).chars().take(200).collect::<String>();
        let mut cells = vec![number];
        cells.resize(8, Cell::from(""));
        cells.push(Cell::from(format!("not a record this program knows: {text}")));
        return cells;
    };
    let personal = one.personal.as_ref();
    let name = personal.and_then(|p| p.person.clone()).or_else(|| record.who.id.clone());
    let tone = match record.decision.outcome {
        Outcome::Allow => Tone::Good,
        Outcome::Mask | Outcome::Hold => Tone::Wait,
        Outcome::Deny => Tone::Bad,
    };
    vec![
        number,
        Cell::from(rfc3339_millis(record.time)),
        Cell::from(name.as_deref().unwrap_or(&record.who.kind)),
        Cell::from(personal.and_then(|p| p.machine.as_deref()).unwrap_or_default()),
        Cell::from(&record.action),
        Cell::from(&record.on.id),
        Cell::toned(record.decision.outcome.as_str(), tone),
        Cell::from(record.decision.policies.first().map_or("", String::as_str)),
        Cell::from(record.decision.reason.as_deref().unwrap_or_default()),
    ]
}

/// A time, a day (its start in UTC), or a span back from now.
fn since(text: &str) -> Result<Timestamp, String> {
    since_at(text, Timestamp::now())
}

fn since_at(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(at) = format!("{text}T00:00:00Z").parse::<Timestamp>() {
        return Ok(at);
    }
    let unit = |unit| match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        _ => None,
    };
    let seconds = text
        .char_indices()
        .next_back()
        .and_then(|(at, last)| Some((text[..at].parse::<i64>().ok()?, unit(last)?)))
        .and_then(|(number, unit)| number.checked_mul(unit).filter(|seconds| *seconds >= 0))
        .and_then(|seconds| Timestamp::from_second(now.as_second().checked_sub(seconds)?).ok());
    seconds.ok_or_else(|| {
        "not a time; write 2026-11-22T10:00:00Z, 2026-11-22, or a span back from now such as 90m, 2h, 7d".to_owned()
    })
}

#[cfg(test)]
mod tests;
