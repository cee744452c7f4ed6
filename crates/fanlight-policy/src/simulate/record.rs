//! A record as far as it is replayed, and the attempt in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fanlight_base::{AppId, Facts, Outcome, PersonId, Principal, Resource, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::directory::Directory;
use crate::explain::{OwnedAttempt, fact_of};
use crate::guard::Snapshot;
use crate::schema;

/// A record.
#[derive(Debug, Deserialize)]
pub(super) struct Recorded<'a> {
    pub(super) time: Timestamp,
    #[serde(borrow)]
    action: &'a str,
    #[serde(borrow)]
    pub(super) who: Who<'a>,
    #[serde(borrow, default)]
    within: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    on: On<'a>,
    #[serde(borrow, default)]
    facts: BTreeMap<&'a str, &'a RawValue>,
    #[serde(borrow)]
    pub(super) decision: Decided<'a>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Who<'a> {
    kind: &'a str,
    id: Option<&'a str>,
    device: Option<&'a str>,
    owner: Option<&'a str>,
    key: Option<&'a str>,
    #[serde(default)]
    strength: &'a str,
}

#[derive(Debug, Deserialize)]
struct On<'a> {
    kind: &'a str,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Decided<'a> {
    pub(super) outcome: Outcome,
    #[serde(borrow)]
    pub(super) policies: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) reason: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) excepted: Option<Excepted<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Excepted<'a> {
    #[serde(borrow)]
    pub(super) lifted: Vec<Cow<'a, str>>,
}

/// An attempt to be judged again.
pub(super) struct Replay {
    pub(super) attempt: OwnedAttempt,
    /// What the caller was in.
    pub(super) within: Directory,
    /// The facts that policies of its action look at, and whether the record has them.
    pub(super) looked_at: Vec<(&'static str, bool)>,
}

impl Who<'_> {
    /// The pseudonym, or the kind of caller.
    pub(super) fn name(&self) -> &str {
        self.id.unwrap_or(self.kind)
    }

    /// The key that was shown.
    pub(super) fn key(&self) -> Option<&str> {
        self.key
    }

    /// The machine's pseudonym; empty where there is none.
    pub(super) fn device(&self) -> &str {
        self.device.unwrap_or_default()
    }
}

impl Recorded<'_> {
    /// The attempt in the record. None where there was none to judge: an event, or what the gate turned away.
    ///
    /// # Errors
    /// Why it cannot be judged again.
    pub(super) fn replay(&self, policies: &Snapshot) -> Result<Option<Replay>, String> {
        let is_event = self.decision.outcome == Outcome::Allow && self.decision.policies.is_empty();
        if is_event || self.action.starts_with("gate:") {
            return Ok(None);
        }
        let unknown = || format!("the policy schema does not know {} on a {}", self.action, self.on.kind);
        let known = schema::known_action(self.action).ok_or_else(unknown)?;
        let kind = known.resources.iter().copied().find(|kind| *kind == self.on.kind).ok_or_else(unknown)?;
        let door = policies.pack().door(known.action).ok_or_else(unknown)?;
        let principal = match self.who.kind {
            "person" => Principal::Person { id: PersonId::new(self.who.id.unwrap_or_default()), device: None },
            "app" => Principal::App {
                id: AppId::new(self.who.id.unwrap_or_default()),
                owner: self.who.owner.map(PersonId::new),
            },
            "node" => Principal::Node,
            _ => Principal::Unidentified,
        };
        let within = Directory::recorded(&principal, self.within.iter().map(|word| &**word));
        // All facts that words may name; those that policies judge by are looked at one by one.
        let mut facts = Facts::new();
        for (name, raw) in &self.facts {
            let expected = known.facts.get(name).map(|fact| fact.kind);
            let value = serde_json::from_str(raw.get()).map_err(|_| unknown())?;
            match fact_of(&value, expected) {
                Some(fact) => facts.set((*name).to_owned(), fact),
                None => {
                    return Err(format!("the fact {name} of {} is of another kind than policies know", self.action));
                }
            };
        }
        if facts.get("strength").is_none() && !self.who.strength.is_empty() {
            facts.set("strength", self.who.strength);
        }
        let mut looked_at = Vec::new();
        for used in door.used.iter().filter(|used| used.judged) {
            let is_there = facts.get(used.name).is_some();
            if !is_there && known.facts.get(used.name).is_some_and(|fact| fact.required) {
                return Err(format!("records of {} have no fact {} yet", self.action, used.name));
            }
            looked_at.push((used.name, is_there));
        }
        let resource = Resource::new(kind, &*self.on.id);
        let attempt = OwnedAttempt { principal, action: known.action, resource, facts };
        Ok(Some(Replay { attempt, within, looked_at }))
    }
}
