//! What changed on a node while somebody looks at it: server-sent events, each a [`Marks`] in full.
//!
//! They say that there is something new, and not what: who sees a mark change asks for the thing itself, and is judged.

use fanlight_base::limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query of [`crate::routes::EVENTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventsAsk")]
pub struct Ask {
    /// For how many seconds to go on; without it one event says how things are, and that is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = limits::EVENTS_TIME.as_secs()))]
    pub seconds: Option<u64>,
}

/// Numbers that are others when what they stand for has changed. Nothing else can be read out of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EventsMarks")]
pub struct Marks {
    /// The records of the ledger.
    pub records: u64,
    /// What was let through or stopped at the package doors.
    pub packages: u64,
    /// Requests and their answers.
    pub requests: u64,
    /// Proposals of policies and their answers.
    pub proposals: u64,
    /// The policies, exceptions, quarantines and what is known of releases.
    pub epoch: u64,
    /// Whether the node serves.
    pub ready: bool,
}
