//! `fanlight policy simulate`: recorded attempts judged again by changed policies, and what would have been decided
//! otherwise.
//!
//! Reads records as `ledger show` does, running node or not, and under the same record of having read them. Holds what
//! differs and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use clap::Args;
use fanlight_api::ledger::{Ask, Line, NO_LIMIT};
use fanlight_base::Timestamp;
use fanlight_base::clock::past_for_people;
use fanlight_policy::Pack;
use fanlight_policy::simulate::{Change, Report, Simulation};
use serde::{Deserialize, Serialize};

use super::refused;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::table::{Cell, Table};
use crate::cli::thing::{self, count, grouped};
use crate::cli::who::titled;
use crate::cli::{Context, ledger, settings};

/// The arguments of `fanlight policy simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The folder with the changed *.cedar files
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Replay what was attempted since then: 2026-11-22T10:00Z, 2026-11-22, or a span back from now such as 2h, 30d
    #[arg(long, value_name = "TIME", value_parser = thing::moment, default_value = "30d")]
    since: Timestamp,
    /// List at most this many changes; all are counted, and --json has all
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// The ledger's folder of a copy, read alone and unrecorded, names sealed [default: the ledger of the state folder]
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<PathBuf>,
}

/// The names that were opened, by pseudonym.
type Names = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Record {
    who: Who,
}

#[derive(Deserialize)]
struct Who {
    id: Option<String>,
    device: Option<String>,
}

/// Replays.
pub(super) fn run(context: &mut Context, arguments: &SimulateArgs) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    std::fs::read_dir(folder).map_err(|error| Failure::new(format!("could not read {}: {error}", folder.display())))?;
    let disabled = settings::policies(&context.global)?.1;
    let pack = Pack::load(Some(folder), &disabled).map_err(|faults| refused(&faults, Some(folder)))?;
    let own: BTreeSet<String> =
        pack.policies().iter().filter(|policy| !policy.built_in).map(|policy| policy.id.to_string()).collect();
    let mut simulation = Simulation::new(pack);
    let mut names = Names::new();
    let ask = Ask { since: Some(arguments.since), limit: NO_LIMIT, ..Ask::default() };
    let state = settings::state_folder(&context.global)?;
    ledger::each(context, &state, arguments.ledger.as_deref(), &ask, &mut |line| {
        take(&mut simulation, &mut names, &line)
    })?;
    let report = simulation.report();
    let screen = &mut context.screen;
    if screen.json {
        #[derive(Serialize)]
        struct Simulated<'a> {
            since: Timestamp,
            #[serde(flatten)]
            report: &'a Report,
            names: &'a Names,
        }
        screen.document(&Simulated { since: arguments.since, report: &report, names: &names })?;
    } else {
        show(screen, &report, &names, &own, arguments.limit)?;
    }
    let is_same = report.otherwise == 0 && report.not_judged.is_empty();
    Ok(if is_same { Exit::Good } else { Exit::No })
}

fn take(simulation: &mut Simulation, names: &mut Names, line: &Line) {
    let text = line.record.as_ref().map_or(line.text.as_deref().unwrap_or_default(), |record| record.get());
    simulation.replay(line.index, text);
    let Some(opened) = &line.opened else { return };
    let Ok(Record { who }) = serde_json::from_str(text) else { return };
    for (pseudonym, name) in [(who.id, &opened.person), (who.device, &opened.machine)] {
        if let (Some(pseudonym), Some(name)) = (pseudonym, name) {
            names.entry(pseudonym).or_insert_with(|| name.clone());
        }
    }
}

/// The words for people.
fn show(screen: &mut Screen, report: &Report, names: &Names, own: &BTreeSet<String>, limit: usize) -> io::Result<()> {
    let span = match (report.first, report.last) {
        (Some(first), Some(last)) => format!(" from {} to {}", past_for_people(first), past_for_people(last)),
        _ => String::new(),
    };
    let judged = count(report.judged, "attempt");
    let said = match report.otherwise {
        0 => format!("None of the {judged}{span} would have been decided otherwise."),
        number => format!("{} of the {judged}{span} would have been decided otherwise.", grouped(number)),
    };
    let tone = if report.otherwise == 0 { Tone::Good } else { Tone::Wait };
    screen.line(&screen.tone(&said, tone))?;
    let mut table = Table::new(["decision", "attempts"]);
    for (how, number) in &report.changed {
        table.row([Cell::from(how), Cell::from(grouped(*number))]);
    }
    titled(screen, "By decision", &table)?;
    let mut table = Table::new(["last", "times", "who", "machine", "action", "on", "before", "after", "why"]);
    for change in report.changes.iter().take(limit) {
        table.row(row(change, names));
    }
    titled(screen, "What would have been decided otherwise", &table)?;
    let not_listed = report.changes.iter().skip(limit).map(|change| change.times).sum::<u64>() + report.not_listed;
    if not_listed > 0 {
        screen.line(&format!("  and {} more; --limit lists more, --json all", count(not_listed, "attempt")))?;
    }
    let mut table = Table::new(["attempts", "why"]);
    for (why, number) in &report.not_judged {
        table.row([Cell::from(grouped(*number)), Cell::from(why)]);
    }
    titled(screen, "Not judged, because what a record does not hold is not guessed", &table)?;
    let mut table = Table::new(["action", "fact", "attempts without it", "policies"]);
    for lacking in &report.lacking {
        let policies: Vec<&str> = lacking.policies.iter().map(|id| &**id).filter(|id| own.contains(*id)).collect();
        if !policies.is_empty() {
            let without = format!("{} of {}", grouped(lacking.records), grouped(lacking.of));
            let cells = [lacking.action, lacking.fact, &without, &policies.join(", ")].map(Cell::from);
            table.row(cells);
        }
    }
    titled(screen, "Judged without, because the records do not have it", &table)?;
    let notes = [
        (report.by_other_policies, "would have been decided the same by other policies"),
        (report.excepted, "passed by an exception, which was taken to hold"),
    ];
    for (number, what) in notes.into_iter().filter(|(number, _)| *number > 0) {
        screen.line("")?;
        screen.line(&format!("{} {what}.", count(number, "attempt")))?;
    }
    Ok(())
}

fn row(change: &Change, names: &Names) -> Vec<Cell> {
    let name = |pseudonym: &str| names.get(pseudonym).map_or_else(|| pseudonym.to_owned(), Clone::clone);
    let by = |judgement: &fanlight_policy::simulate::Judgement, tone: bool| {
        let policies: Vec<&str> = judgement.policies.iter().map(|id| &**id).collect();
        let text = format!("{} by {}", judgement.outcome.as_str(), policies.join(", "));
        let text = if policies.is_empty() { judgement.outcome.as_str().to_owned() } else { text };
        if tone { Cell::toned(text, thing::state(judgement.outcome).1) } else { Cell::from(text) }
    };
    let why = change.after.reason.as_ref().or(change.before.reason.as_ref().filter(|_| change.after.reason.is_none()));
    vec![
        Cell::from(past_for_people(change.time)),
        Cell::from(grouped(change.times)),
        Cell::from(name(&change.who)),
        Cell::from(change.device.as_deref().map(name).unwrap_or_default()),
        Cell::from(change.action),
        Cell::from(&change.on),
        by(&change.before, false),
        by(&change.after, true),
        Cell::from(visible(why.map_or("", String::as_str))),
    ]
}
