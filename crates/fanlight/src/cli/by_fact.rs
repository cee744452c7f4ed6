//! `fanlight who --fact`: who was let through to something of which a fact was recorded: a finding of the scan, an
//! advisory, a review.
//!
//! Reads the records as `ledger show` does, and under the same record of having read them. Holds a row a caller and release,
//! however many records there are.

use std::collections::BTreeMap;

use fanlight_api::ledger::{Ask, Line, NO_LIMIT};
use fanlight_base::clock::past_for_people;
use fanlight_base::{Outcome, Purl, Timestamp};
use fanlight_packages::same_version;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::{Exit, Failure};
use super::screen::Tone;
use super::table::{Cell, Table};
use super::{Context, ledger, settings, thing};

/// What is asked for.
pub struct Asked<'a> {
    /// A fact's name, or `NAME=WORDS` where its value has these words.
    pub fact: &'a str,
    /// Of this release or project only.
    pub what: Option<&'a str>,
    /// Then or later.
    pub since: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Record {
    time: Timestamp,
    who: Who,
    on: On,
    #[serde(default)]
    facts: BTreeMap<String, Value>,
    decision: Decision,
}

#[derive(Deserialize)]
struct Who {
    kind: String,
    id: Option<String>,
    device: Option<String>,
}

#[derive(Deserialize)]
struct On {
    id: String,
}

#[derive(Deserialize)]
struct Decision {
    outcome: Outcome,
}

/// What one caller was let through to.
#[derive(Debug, Serialize)]
struct LetThrough {
    person: String,
    machine: Option<String>,
    release: String,
    fact: String,
    times: u64,
    first: Timestamp,
    last: Timestamp,
}

/// Reads, and shows.
pub fn run(context: &mut Context, asked: &Asked<'_>) -> Result<Exit, Failure> {
    let (name, words) = asked.fact.split_once('=').map_or((asked.fact, None), |(name, words)| (name, Some(words)));
    let words = words.map(str::to_lowercase);
    let purl = asked.what.map(thing::purl).transpose()?;
    let state = settings::state_folder(&context.global)?;
    let action = Some("packages:fetch-file".to_owned());
    let ask = Ask { since: asked.since, action, limit: NO_LIMIT, ..Ask::default() };
    let mut found: BTreeMap<(String, Option<String>, String), LetThrough> = BTreeMap::new();
    let (mut looked_at, mut without) = (0_u64, 0_u64);
    ledger::each(context, &state, None, &ask, &mut |line| {
        let Some(record) = read(&line).filter(|record| asked.until.is_none_or(|until| record.time < until)) else {
            return;
        };
        if !matches!(record.decision.outcome, Outcome::Allow | Outcome::Mask) || !is_of(&record.on.id, purl.as_ref()) {
            return;
        }
        looked_at += 1;
        let Some(value) = record.facts.get(name) else {
            without += 1;
            return;
        };
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if words.as_ref().is_none_or(|words| value.to_lowercase().contains(words)) {
            take(&mut found, record, &line, value);
        }
    })?;
    let rows: Vec<LetThrough> = found.into_values().collect();
    let screen = &mut context.screen;
    if screen.json {
        for row in &rows {
            screen.json_line(row)?;
        }
    } else {
        let mut table = Table::new(["first", "last", "times", "person", "machine", "release", "fact"]);
        for row in &rows {
            table.row([
                Cell::from(past_for_people(row.first)),
                Cell::from(past_for_people(row.last)),
                Cell::from(thing::grouped(row.times)),
                Cell::from(&row.person),
                Cell::from(row.machine.as_deref().unwrap_or_default()),
                Cell::from(&row.release),
                Cell::from(&row.fact),
            ]);
        }
        if !table.is_empty() {
            table.write(screen)?;
            screen.line("")?;
        }
        let found = match rows.len() as u64 {
            1 => "1 caller of a release".to_owned(),
            number => format!("{} callers of releases", thing::grouped(number)),
        };
        let said = format!("{found}, of {} let through.", thing::count(looked_at, "file"));
        screen.line(&screen.tone(&said, Tone::Bold))?;
        if without > 0 {
            let none = thing::count(without, "record");
            screen.line(&format!("{none} of them do not have the fact: it was not known then, or there was none."))?;
        }
    }
    Ok(if rows.is_empty() { Exit::No } else { Exit::Good })
}

fn read(line: &Line) -> Option<Record> {
    serde_json::from_str(line.record.as_ref()?.get()).ok()
}

fn is_of(release: &str, purl: Option<&Purl>) -> bool {
    purl.is_none_or(|purl| match purl.version() {
        Some(version) => release
            .parse::<Purl>()
            .is_ok_and(|release| release.project() == purl.project() && same_version(&release, version)),
        None => release.parse::<Purl>().is_ok_and(|release| release.project() == *purl),
    })
}

fn take(found: &mut BTreeMap<(String, Option<String>, String), LetThrough>, record: Record, line: &Line, fact: String) {
    let Record { time, who, on, .. } = record;
    let opened = line.opened.as_ref();
    let person = opened.and_then(|opened| opened.person.clone()).or(who.id).unwrap_or(who.kind);
    let machine = opened.and_then(|opened| opened.machine.clone()).or(who.device);
    let entry = found.entry((person.clone(), machine.clone(), on.id.clone())).or_insert_with(|| LetThrough {
        person,
        machine,
        release: on.id,
        fact: fact.clone(),
        times: 0,
        first: time,
        last: time,
    });
    entry.times += 1;
    entry.first = entry.first.min(time);
    entry.last = entry.last.max(time);
    entry.fact = fact;
}
