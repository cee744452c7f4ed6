//! Least privilege: what is granted against what the record says was used, and the proof that less would do.
//!
//! Refuses to know how rights are judged. Invariant: the proof is a second reading of the same records, and not a
//! consequence of the first.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fanlight_api::rights::{Ask, KeyRights, PersonRights, Proof, Right, Rights};
use fanlight_base::{PersonId, Timestamp};
use fanlight_gate::{Context, Handled};
use fanlight_ledger::{Ledger, ReadError};
use fanlight_net::{Problem, RequestBody};
use fanlight_policy::simulate::rights::{self, Use};
use fanlight_store::{CallerKeyRow, KeyHolder, StoreError};
use http::{Request, StatusCode};
use serde::Deserialize;

use crate::Console;
use crate::admit::{admit, asked, node, only_who_may, turned_down};
use crate::reads::store_problem;
use crate::records::CHUNK;
use crate::reply::json;

/// How far back the record is read where nothing is said.
const DAYS: u64 = 90;
/// The furthest.
const MOST_DAYS: u64 = 3650;

/// The time of a record, which is looked at before anything else of it.
#[derive(Deserialize)]
struct Timed {
    time: Timestamp,
}

/// Reads every record of a range that is not older.
fn each(ledger: &Ledger, to: u64, since: Timestamp, mut read: impl FnMut(&str)) -> Result<(), ReadError> {
    let mut next = 0;
    while next < to {
        let records = ledger.read(next, usize::try_from(CHUNK.min(to - next)).unwrap_or(usize::MAX))?;
        if records.is_empty() {
            break;
        }
        next += records.len() as u64;
        for record in &records {
            let Ok(text) = std::str::from_utf8(record) else { continue };
            if serde_json::from_str::<Timed>(text).is_ok_and(|timed| timed.time >= since) {
                read(text);
            }
        }
    }
    Ok(())
}

impl Console {
    pub(crate) async fn rights(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        only_who_may(context, &node())?;
        let ask: Ask = asked(context, request).await?;
        let days = ask.days.unwrap_or(DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            let words = format!("`days` is a whole number from 1 to {MOST_DAYS}.");
            return turned_down(context, Problem::bad_request(words));
        }
        let since = context.now.checked_sub(Duration::from_secs(days * 24 * 3600)).unwrap_or(Timestamp::MIN);
        let recorded = admit(context, node())?;
        let ledger = self.parts.gate.ledger().clone();
        let (pack, directory) = (context.policies.pack().clone(), context.policies.directory().clone());
        let looked = tokio::task::spawn_blocking(move || {
            let to = ledger.status().durable;
            let mut first = rights::Rights::new(pack, directory);
            each(&ledger, to, since, |record| first.read(record))?;
            let (judged, left) = (first.judged, first.left);
            let mut report = first.report();
            each(&ledger, to, since, |record| report.proof.read(record))?;
            Ok::<_, ReadError>((judged, left, report))
        });
        let (judged, left, mut report) = match looked.await {
            Ok(Ok(looked)) => looked,
            Ok(Err(error)) => {
                tracing::error!(%error, "the record could not be read");
                return Ok(recorded.problem(Problem::unavailable("The record cannot be read now.", 5)));
            }
            Err(_) => return Ok(recorded.problem(Problem::internal())),
        };
        let proof = Proof { allowed: report.proof.allowed, refused: report.proof.refused };
        let policy = std::mem::take(&mut report.policy);
        let (people, keys) = match self.with_names(context, report).await {
            Ok(named) => named,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        Ok(json(recorded, StatusCode::OK, &Rights { since, judged, left, people, keys, policy, proof }))
    }

    async fn with_names(
        &self,
        context: &Context,
        rights::Report { people, keys, .. }: rights::Report,
    ) -> Result<(Vec<PersonRights>, Vec<KeyRights>), StoreError> {
        let store = &self.parts.store;
        let names: HashMap<PersonId, Option<String>> =
            store.people().await?.into_iter().map(|row| (row.id, row.name)).collect();
        let kept: HashSet<String> = store.directory_groups().await?.into_iter().map(|group| group.name).collect();
        let name_of = |person: &PersonId| names.get(person).cloned().flatten();
        let mut people: Vec<_> = people
            .into_iter()
            .map(|(person, rights)| PersonRights {
                name: name_of(&person),
                rights: rights.into_iter().map(|(right, used)| shown(&right, used, &kept)).collect(),
                person,
            })
            .collect();
        people.sort_by(|one, other| one.name.cmp(&other.name).then_with(|| one.person.cmp(&other.person)));
        let good = |key: &CallerKeyRow| key.revoked.is_none() && key.until > context.now;
        let keys = store.caller_keys().await?.into_iter().filter(good).map(|key| {
            let used = keys.get(&key.id).cloned().unwrap_or_default();
            KeyRights {
                holder: match &key.holder {
                    KeyHolder::App(app) => app.to_string(),
                    KeyHolder::Person(person) => name_of(person).unwrap_or_else(|| person.to_string()),
                },
                key: key.id,
                label: key.label,
                scopes: key.scopes.iter().collect(),
                used: used.scopes.into_iter().collect(),
                last: used.last,
            }
        });
        Ok((people, keys.collect()))
    }
}

fn shown(right: &rights::Right, used: Use, kept: &HashSet<String>) -> Right {
    let (kind, name) = match right {
        rights::Right::Role(role) => ("role", role.as_str().to_owned()),
        rights::Right::Group(group) => ("group", group.to_string()),
    };
    Right {
        by_directory: kind == "group" && kept.contains(&name),
        kind: kind.to_owned(),
        name,
        times: used.times,
        actions: used.actions.into_iter().map(str::to_owned).collect(),
        last: used.last,
        spare: used.spare,
    }
}
