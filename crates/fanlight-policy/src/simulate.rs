//! Records replayed against other policies: what would have been decided otherwise.
//!
//! Takes records one at a time, as the ledger keeps them, and holds what differs, bounded. Invariant: what a record does
//! not hold is not guessed: an attempt without a fact that it must have is counted as not judged, and where a policy looks
//! at a fact that records lack, it is said which and how many.

mod record;
pub mod rights;

use std::collections::BTreeMap;
use std::sync::Arc;

use fanlight_base::{Outcome, Timestamp, limits};
use serde::Serialize;

use crate::guard::{Guard, Snapshot};
use crate::pack::Pack;
use record::{Recorded, Replay};

/// A replay under way.
#[derive(Debug)]
pub struct Simulation {
    policies: Arc<Snapshot>,
    report: Report,
    changes: BTreeMap<Key, Change>,
    lacking: BTreeMap<(&'static str, &'static str), Seen>,
}

type Key = (String, String, &'static str, String, Outcome, Outcome);

#[derive(Debug, Default)]
struct Seen {
    lacking: u64,
    of: u64,
}

/// What a replay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Records read.
    pub records: u64,
    /// Of these, attempts that were judged again.
    pub judged: u64,
    /// Attempts that would have been decided otherwise.
    pub otherwise: u64,
    /// The same, by what they were and what they would have been.
    pub changed: BTreeMap<&'static str, u64>,
    /// Attempts with the same outcome, by other policies.
    pub by_other_policies: u64,
    /// Attempts that an exception let pass; they are judged as if it still held.
    pub excepted: u64,
    /// Attempts that cannot be judged again, and why.
    pub not_judged: BTreeMap<String, u64>,
    /// Facts that the policies look at and records lack.
    pub lacking: Vec<Lacking>,
    /// When the first attempt was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When the last was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// What would have been decided otherwise, the latest first.
    pub changes: Vec<Change>,
    /// How many attempts would have been and are not in that list, for it is as long as it may be.
    pub not_listed: u64,
}

/// A fact that policies look at and records lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The action.
    pub action: &'static str,
    /// The fact.
    pub fact: &'static str,
    /// How many of the action's attempts lack it.
    pub records: u64,
    /// How many attempts there are.
    pub of: u64,
    /// The policies that look at it.
    pub policies: Vec<Arc<str>>,
}

/// What one caller tried with one thing, decided otherwise: as many records as it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The latest record's number.
    pub index: u64,
    /// When.
    pub time: Timestamp,
    /// How often.
    pub times: u64,
    /// What was tried.
    pub action: &'static str,
    /// On which thing: for releases their purl.
    pub on: String,
    /// By whom: a pseudonym, `unidentified` or `node`.
    pub who: String,
    /// On which machine: a pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// As it was decided.
    pub before: Judgement,
    /// As it would have been.
    pub after: Judgement,
}

/// One way in which an attempt is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// How.
    pub outcome: Outcome,
    /// By which policies.
    pub policies: Vec<Arc<str>>,
    /// The sentence that says why, where it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Simulation {
    /// Against these policies.
    pub fn new(pack: Pack) -> Self {
        let policies = Guard::new(pack).snapshot();
        Self { policies, report: Report::default(), changes: BTreeMap::new(), lacking: BTreeMap::new() }
    }

    /// Replays one record. Events, what the gate turned away and what is no record are counted and left.
    pub fn replay(&mut self, index: u64, record: &str) {
        self.report.records += 1;
        let Ok(recorded) = serde_json::from_str::<Recorded<'_>>(record) else {
            return self.not_judged("they are no records that this program knows");
        };
        let replay = match recorded.replay(&self.policies) {
            Ok(Some(replay)) => replay,
            Ok(None) => return,
            Err(why) => return self.not_judged(&why),
        };
        let time = recorded.time;
        self.report.first = Some(self.report.first.map_or(time, |first| first.min(time)));
        self.report.last = self.report.last.max(Some(time));
        self.note_lacking(&replay);
        let attempt = replay.attempt.attempt();
        let excepted = &recorded.decision.excepted;
        let after = match excepted {
            Some(excepted) => {
                let lifted: Vec<&str> = excepted.lifted.iter().map(|id| &**id).collect();
                Arc::new(self.policies.decide_lifting(&replay.within, &attempt, &lifted))
            }
            None => self.policies.decide_among(&replay.within, &attempt),
        };
        self.report.judged += 1;
        self.report.excepted += u64::from(excepted.is_some());
        let before = recorded.decision.outcome;
        if before == after.outcome {
            let same = recorded.decision.policies.iter().map(|id| &**id).eq(after.policies.iter().map(|id| &**id));
            self.report.by_other_policies += u64::from(!same);
            return;
        }
        self.report.otherwise += 1;
        *self.report.changed.entry(said(before, after.outcome)).or_default() += 1;
        let action = replay.attempt.action.as_str();
        let (who, on) = (recorded.who.name(), &replay.attempt.resource.id);
        let key = (who.to_owned(), recorded.who.device().to_owned(), action, on.to_string(), before, after.outcome);
        let is_full = self.changes.len() >= limits::SIMULATED_CHANGES;
        if is_full && !self.changes.contains_key(&key) {
            self.report.not_listed += 1;
            return;
        }
        let refused = after.outcome > Outcome::Mask;
        let change = Change {
            index,
            time,
            times: 1,
            action,
            on: on.to_string(),
            who: who.to_owned(),
            device: Some(recorded.who.device()).filter(|device| !device.is_empty()).map(str::to_owned),
            before: Judgement {
                outcome: before,
                policies: recorded.decision.policies.iter().map(|id| Arc::from(&**id)).collect(),
                reason: recorded.decision.reason.as_ref().map(ToString::to_string),
            },
            after: Judgement {
                outcome: after.outcome,
                policies: after.policies.clone(),
                reason: refused.then(|| after.reason(attempt.facts)),
            },
        };
        let times = self.changes.get(&key).map_or(0, |known| known.times);
        self.changes.insert(key, Change { times: times + 1, ..change });
    }

    fn not_judged(&mut self, why: &str) {
        *self.report.not_judged.entry(why.to_owned()).or_default() += 1;
    }

    fn note_lacking(&mut self, replay: &Replay) {
        let action = replay.attempt.action.as_str();
        for (fact, is_there) in &replay.looked_at {
            let seen = self.lacking.entry((action, fact)).or_default();
            seen.of += 1;
            seen.lacking += u64::from(!is_there);
        }
    }

    /// What it came to.
    pub fn report(self) -> Report {
        let Self { policies, mut report, changes, lacking } = self;
        report.changes = changes.into_values().collect();
        report.changes.sort_by_key(|change| std::cmp::Reverse(change.index));
        let lacking = lacking.into_iter().filter(|(_, seen)| seen.lacking > 0);
        report.lacking = lacking
            .map(|((action, fact), seen)| Lacking {
                action,
                fact,
                records: seen.lacking,
                of: seen.of,
                policies: policies.pack().looking_at(action, fact),
            })
            .collect();
        report
    }
}

/// `allow -> hold`.
const fn said(before: Outcome, after: Outcome) -> &'static str {
    use Outcome::{Allow, Deny, Hold, Mask};
    match (before, after) {
        (Allow, Mask) => "allow -> mask",
        (Allow, Hold) => "allow -> hold",
        (Allow, Deny) => "allow -> deny",
        (Mask, Allow) => "mask -> allow",
        (Mask, Hold) => "mask -> hold",
        (Mask, Deny) => "mask -> deny",
        (Hold, Allow) => "hold -> allow",
        (Hold, Mask) => "hold -> mask",
        (Hold, Deny) => "hold -> deny",
        (Deny, Allow) => "deny -> allow",
        (Deny, Mask) => "deny -> mask",
        (Deny, Hold) => "deny -> hold",
        (Allow, Allow) | (Mask, Mask) | (Hold, Hold) | (Deny, Deny) => "the same",
    }
}

#[cfg(test)]
mod tests;
