//! Policies tried over the record before they are in force.
//!
//! Reads the ledger, so it is judged and recorded as a reading; changes nothing. Bounded in text, records and changes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fanlight_api::policies::Fault;
use fanlight_api::simulate::{Ask, Change, Judgement, Simulated};
use fanlight_base::{Timestamp, limits};
use fanlight_gate::{Context, Handled};
use fanlight_ledger::{Ledger, ReadError};
use fanlight_net::{Problem, RequestBody};
use fanlight_policy::simulate::{Report, Simulation};
use fanlight_policy::{Pack, PolicyFault, PolicyFiles, Snapshot};
use http::{Request, StatusCode};
use serde::Deserialize;

use crate::Console;
use crate::acts::publishing::set_of;
use crate::admit::{admit_with, only_who_may};
use crate::ledger::{facts, resource};
use crate::records::CHUNK;
use crate::reply::{json, read_within};

/// What the reading is called in its record.
const SIMULATE: &str = "simulate";
/// The name under which faults of what is tried are told.
const TRIED: &str = "tried.cedar";

impl Console {
    pub(crate) async fn simulate(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context, &resource())?;
        let ask = read_within::<Ask>(request, limits::PROPOSED_BODY_BYTES).await.map_err(Box::new).and_then(bounded);
        let recorded = admit_with(context, resource(), facts(SIMULATE))?;
        let (what, hours) = match ask {
            Ok(ask) => ask,
            Err(problem) => return Ok(recorded.problem(*problem)),
        };
        let (snapshot, ledger) = (context.policies.clone(), self.parts.gate.ledger().clone());
        let since = context.now.checked_sub(Duration::from_secs(hours * 3600)).unwrap_or(Timestamp::UNIX_EPOCH);
        let done = tokio::task::spawn_blocking(move || {
            let (pack, replaces) = match &what {
                Tried::Text(text) => tried(&snapshot, text),
                Tried::Files(files) => (Pack::of_texts(files.iter(), &left_out(&snapshot)), Vec::new()),
            };
            simulated(pack, replaces, &ledger, since)
        });
        let done = done.await;
        Ok(match done {
            Ok(Ok(simulated)) => json(recorded, StatusCode::OK, &simulated),
            Ok(Err(error)) => {
                tracing::error!(%error, "the ledger could not be read for a simulation");
                recorded.problem(Problem::unavailable("The ledger cannot be read now.", 5))
            }
            Err(_) => recorded.problem(Problem::internal()),
        })
    }
}

/// What is tried.
enum Tried {
    /// Policies that take the places of those of their ids.
    Text(String),
    /// A whole set.
    Files(PolicyFiles),
}

fn bounded(ask: Ask) -> Result<(Tried, u64), Box<Problem>> {
    let most = limits::OVERVIEW_TIME.as_secs() / 3600;
    if !(1..=most).contains(&ask.hours) {
        return Err(Box::new(Problem::bad_request(format!("`hours` is a whole number from 1 to {most}."))));
    }
    let what = match (ask.text, ask.files) {
        (Some(text), None) if text.is_empty() || text.chars().count() > limits::SIMULATED_CHARACTERS => {
            let words = format!("What is tried has 1 to {} characters.", limits::SIMULATED_CHARACTERS);
            return Err(Box::new(Problem::bad_request(words)));
        }
        (Some(text), None) => Tried::Text(text),
        (None, Some(files)) => Tried::Files(set_of(files)?),
        _ => return Err(Box::new(Problem::bad_request("Either `text` or `files` has to be there."))),
    };
    Ok((what, ask.hours))
}

/// The built-in policies that the settings leave out.
fn left_out(snapshot: &Snapshot) -> Vec<String> {
    let there: BTreeSet<&str> = snapshot.policies().map(|policy| &*policy.id).collect();
    let built_in = Pack::built_in();
    let left_out = built_in.policies().iter().filter(|policy| !there.contains(&*policy.id));
    left_out.map(|policy| policy.id.to_string()).collect()
}

/// The ids that policies in a text say of themselves.
fn ids(text: &str) -> BTreeSet<&str> {
    text.split("@id(\"").skip(1).filter_map(|rest| rest.split_once('"').map(|(id, _)| id)).collect()
}

/// The set that would be in force, and the ids whose places the tried ones take.
fn tried(snapshot: &Snapshot, text: &str) -> (Result<Pack, Vec<PolicyFault>>, Vec<String>) {
    let new = ids(text);
    // An id that is built in stays taken, as it is for the files in force.
    let replaces: Vec<String> = snapshot
        .policies()
        .filter(|policy| !policy.built_in && new.contains(&*policy.id))
        .map(|policy| policy.id.to_string())
        .collect();
    let mut own: BTreeMap<&str, String> = BTreeMap::new();
    for policy in snapshot.policies().filter(|policy| !policy.built_in && !new.contains(&*policy.id)) {
        let file = own.entry(&*policy.file).or_default();
        file.push_str(&policy.text);
        file.push('\n');
    }
    let texts = own.iter().map(|(file, text)| (*file, text.as_str())).chain([(TRIED, text)]);
    (Pack::of_texts(texts, &left_out(snapshot)), replaces)
}

fn simulated(
    pack: Result<Pack, Vec<PolicyFault>>,
    replaces: Vec<String>,
    ledger: &Ledger,
    since: Timestamp,
) -> Result<Simulated, ReadError> {
    let pack = match pack {
        Ok(pack) => pack,
        Err(faults) => {
            return Ok(shown(faults.iter().map(fault).collect(), Vec::new(), replaces, Report::default(), false));
        }
    };
    // Of one policy that is tried alone, what is said of the others is no news.
    let all = replaces.is_empty() && pack.policies().iter().all(|policy| &*policy.file != TRIED);
    let warnings = pack.warnings().iter().filter(|warning| all || &*warning.file == TRIED).map(fault).collect();
    let mut simulation = Simulation::new(pack);
    let size = ledger.status().durable;
    let first = size.saturating_sub(limits::SIMULATED_RECORDS);
    let mut truncated = false;
    let mut next = first;
    while next < size {
        let entries = ledger.read(next, usize::try_from(CHUNK.min(size - next)).unwrap_or(usize::MAX))?;
        if entries.is_empty() {
            break;
        }
        for (index, entry) in (next..).zip(&entries) {
            if is_since(entry, since) {
                truncated |= first > 0 && index == first;
                simulation.replay(index, &String::from_utf8_lossy(entry));
            }
        }
        next += entries.len() as u64;
    }
    Ok(shown(Vec::new(), warnings, replaces, simulation.report(), truncated))
}

fn is_since(entry: &[u8], since: Timestamp) -> bool {
    #[derive(Deserialize)]
    struct When {
        time: Timestamp,
    }
    serde_json::from_slice::<When>(entry).is_ok_and(|when| when.time >= since)
}

/// A fault as it is told.
pub(crate) fn fault(fault: &PolicyFault) -> Fault {
    let hint = fault.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    Fault {
        file: fault.file.to_string(),
        line: fault.line as u64,
        column: fault.column as u64,
        message: format!("{}{hint}", fault.message),
        policy: fault.policy.as_ref().map(ToString::to_string),
        at: None,
    }
}

fn shown(
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    replaces: Vec<String>,
    report: Report,
    truncated: bool,
) -> Simulated {
    let unlisted: u64 = report.changes.iter().skip(LISTED).map(|change| change.times).sum();
    Simulated {
        faults,
        warnings,
        replaces,
        records: report.records,
        judged: report.judged,
        otherwise: report.otherwise,
        changed: report.changed.into_iter().map(|(how, number)| (how.to_owned(), number)).collect(),
        not_judged: report.not_judged,
        not_listed: report.not_listed + unlisted,
        truncated,
        changes: report
            .changes
            .into_iter()
            .take(LISTED)
            .map(|change| Change {
                index: change.index,
                time: change.time,
                times: change.times,
                action: change.action.to_owned(),
                on: change.on,
                who: change.who,
                before: judgement(change.before),
                after: judgement(change.after),
            })
            .collect(),
    }
}

/// Changes of one answer.
const LISTED: usize = 500;

fn judgement(judged: fanlight_policy::simulate::Judgement) -> Judgement {
    Judgement {
        outcome: judged.outcome,
        policies: judged.policies.iter().map(ToString::to_string).collect(),
        reason: judged.reason,
    }
}

#[cfg(test)]
mod tests {
    use fanlight_policy::Guard;

    use super::*;

    const OWN: &str = "@id(\"no-demo\") @outcome(\"deny\") @reason(\"no\") @advice(\"else\")\n\
        forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource) when { context.project == \"demo\" };\n";

    #[test]
    fn what_is_tried_takes_the_place_of_what_has_its_id_and_the_rest_stays() {
        let now = Guard::new(Pack::of_texts([("own.cedar", OWN)], &["malicious".to_owned()]).unwrap()).snapshot();
        let count = |pack: &Pack| pack.policies().len();
        let before = now.policies().count();
        let (pack, replaces) = tried(&now, &OWN.replace("\"no\"", "\"not any more\""));
        assert_eq!((count(&pack.unwrap()), replaces), (before, vec!["no-demo".to_owned()]));
        let taken = tried(&now, &OWN.replace("no-demo", "wait-and-see")).0.unwrap_err();
        assert!(taken[0].message.contains("taken by built-in"), "{taken:?}");
        let other = tried(&now, &OWN.replace("no-demo", "other")).0.unwrap();
        assert_eq!(count(&other), before + 1);
        assert!(other.policies().iter().all(|policy| &*policy.id != "malicious"), "what is disabled stays so");
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let now = Guard::new(Pack::built_in()).snapshot();
        let faults =
            tried(&now, "@id(\"x\")\nforbid (principal, action, resource) when { context.nothing };").0.unwrap_err();
        let told = fault(&faults[0]);
        assert_eq!((told.file.as_str(), told.line > 0), (TRIED, true), "{told:?}");
    }
}
