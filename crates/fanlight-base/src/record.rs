//! A record: one decision or event as the ledger keeps it. The published JSON schema is `docs/record.schema.json`.
//!
//! Built without copies: a door lends what it has, and the bytes are made once. Personal values never enter a record in
//! clear: [`Who::sealed`] carries them encrypted under a key that can be destroyed.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::attempt::{Action, Resource};
use crate::clock::Timestamp;
use crate::decision::{Decision, Epoch, Excepted, Outcome};
use crate::facts::Facts;
use crate::ids::RequestId;
use crate::limits;
use crate::principal::{Principal, Strength};

/// The version of the record's shape.
pub const VERSION: u32 = 1;

/// Who did it, as it stands in the record. Made once for a caller and shared by all its records.
#[derive(Debug, Clone, Serialize)]
pub struct Who {
    /// `person`, `app`, `node` or `unidentified`.
    pub kind: &'static str,
    /// The pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// The machine's pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Arc<str>>,
    /// The pseudonym of an app's owner at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Arc<str>>,
    /// The key or token that was shown, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    /// How the caller was known.
    pub strength: Strength,
    /// Name, machine and address, encrypted: `{"key": ..., "data": ...}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// Personal values under a data key that can be destroyed: AES-256-GCM over a JSON object, the nonce in front.
#[derive(Debug, Clone, Serialize)]
pub struct Sealed {
    /// The data key's name, `PERSON/YYYY-MM`.
    pub key: Arc<str>,
    /// Base64 of nonce (12 bytes), ciphertext and tag (16 bytes). The key's name is the associated data.
    pub data: Arc<str>,
}

impl Who {
    /// The node acting by itself.
    pub const fn node() -> Self {
        Self { kind: "node", id: None, device: None, owner: None, key: None, strength: Strength::Node, sealed: None }
    }

    /// The record's form of a principal.
    pub fn of(principal: &Principal, strength: Strength, sealed: Option<Sealed>) -> Self {
        let (id, device) = match principal {
            Principal::Person { id, device } => (Some(id.as_str().into()), device.as_ref().map(|d| d.as_str().into())),
            Principal::App { id, .. } => (Some(id.as_str().into()), None),
            Principal::Node | Principal::Unidentified => (None, None),
        };
        let owner = principal.owner().map(|owner| owner.as_str().into());
        Self { kind: principal.kind(), id, device, owner, key: None, strength, sealed }
    }

    /// The same by that key or token.
    #[must_use]
    pub fn by_key(self, key: &str) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The JSON, to be put into many records as it is.
    pub fn to_json(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}

/// Roles and groups as records have them, such as `["group:finance","role:reviewer"]`; nothing where there are none.
pub fn within<'a>(roles: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Box<RawValue>> {
    let words: Vec<String> = roles.into_iter().map(|(kind, id)| format!("{kind}:{id}")).collect();
    if words.is_empty() { None } else { serde_json::value::to_raw_value(&words).ok() }
}

/// One decision or event.
#[derive(Debug)]
pub struct Record<'a> {
    /// When it was judged.
    pub time: Timestamp,
    /// The node's origin, as in its checkpoints.
    pub node: &'a str,
    /// The request it belongs to.
    pub request: Option<RequestId>,
    /// Who, as made by [`Who::to_json`].
    pub who: &'a RawValue,
    /// In which roles and groups they were, as made by [`within`]; nothing where in none but that everybody is a builder.
    pub within: Option<&'a RawValue>,
    /// What.
    pub action: Action,
    /// On which thing.
    pub resource: &'a Resource,
    /// The facts used.
    pub facts: &'a Facts,
    /// How it was judged.
    pub decision: &'a Decision,
}

#[derive(Serialize)]
struct Json<'a> {
    v: u32,
    #[serde(serialize_with = "millis")]
    time: Timestamp,
    node: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    request: Option<RequestId>,
    action: &'a str,
    who: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a RawValue>,
    on: On<'a>,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    facts: &'a Facts,
    decision: DecisionJson<'a>,
    epoch: &'a Epoch,
}

#[derive(Serialize)]
struct On<'a> {
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct DecisionJson<'a> {
    outcome: Outcome,
    policies: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "millis_option")]
    until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excepted: Option<&'a Excepted>,
}

fn millis<S: serde::Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&format_args!("{at:.3}"))
}

#[expect(clippy::ref_option, reason = "the shape serde asks for")]
fn millis_option<S: serde::Serializer>(at: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => millis(at, s),
        None => s.serialize_none(),
    }
}

#[expect(clippy::ref_option, reason = "the shape serde asks for")]
fn shown<S: serde::Serializer>(id: &Option<RequestId>, s: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => s.collect_str(id),
        None => s.serialize_none(),
    }
}

/// A record that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record has at most {limit} bytes, this one ({action}) has {bytes}", limit = limits::RECORD_BYTES)]
pub struct RecordTooLong {
    /// The record's action.
    pub action: &'static str,
    /// Its size.
    pub bytes: usize,
}

impl Record<'_> {
    /// The bytes the ledger keeps: one JSON object, no newline, at most [`limits::RECORD_BYTES`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordTooLong> {
        let refused = !self.decision.is_allowed();
        let json = Json {
            v: VERSION,
            time: self.time,
            node: self.node,
            request: self.request,
            action: self.action.as_str(),
            who: self.who,
            within: self.within,
            on: On { kind: self.resource.kind, id: &self.resource.id },
            facts: self.facts,
            decision: DecisionJson {
                outcome: self.decision.outcome,
                policies: &self.decision.policies,
                reason: refused.then(|| self.decision.reason(self.facts)),
                advice: if refused { self.decision.advice(self.facts) } else { None },
                until: self.decision.until,
                excepted: self.decision.excepted.as_deref(),
            },
            epoch: &self.decision.epoch,
        };
        let mut out = Vec::with_capacity(1024);
        if serde_json::to_writer(&mut out, &json).is_err() || out.len() > limits::RECORD_BYTES {
            return Err(RecordTooLong { action: self.action.as_str(), bytes: out.len() });
        }
        Ok(out)
    }
}
