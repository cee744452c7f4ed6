//! Policies tried before they are in force: what is wrong with them, and what of the record they would have decided otherwise.

use std::collections::BTreeMap;

use fanlight_base::{Outcome, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policies::Fault;
use crate::publishing::File;
use crate::shapes::whole;

/// Asks what policies would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SimulateAsk")]
pub struct Ask {
    /// Policies in Cedar. Each takes the place of the company's own one of its id; the others stay. Either this or `files` has to be
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SIMULATED_CHARACTERS))]
    pub text: Option<String>,
    /// The whole set of files, as for a proposal: what it lacks goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::POLICY_FILES))]
    pub files: Option<Vec<File>>,
    /// Against the attempts of how many hours back.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(min = 1, max = limits::OVERVIEW_TIME.as_secs() / 3600))]
    pub hours: u64,
}

/// What policies would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulated {
    /// What is wrong with them; where anything is, nothing was judged.
    pub faults: Vec<Fault>,
    /// What is not wrong but looks like a slip.
    pub warnings: Vec<Fault>,
    /// The ids of the policies in force whose places they take.
    pub replaces: Vec<String>,
    /// Records that were read.
    pub records: u64,
    /// Of these, attempts that were judged again.
    pub judged: u64,
    /// Attempts that would have been decided otherwise.
    pub otherwise: u64,
    /// The same, by what they were and what they would have been: `allow -> hold`.
    pub changed: BTreeMap<String, u64>,
    /// Attempts that cannot be judged again, and why.
    pub not_judged: BTreeMap<String, u64>,
    /// What would have been decided otherwise, the latest first.
    pub changes: Vec<Change>,
    /// How many attempts would have been and are not in that list.
    pub not_listed: u64,
    /// Whether there were more records than are read for one question; then the newest were.
    pub truncated: bool,
}

/// What one caller tried with one thing, decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SimulatedChange")]
pub struct Change {
    /// The latest record's number.
    pub index: u64,
    /// When.
    pub time: Timestamp,
    /// How often.
    pub times: u64,
    /// What was tried.
    pub action: String,
    /// On which thing.
    pub on: String,
    /// By whom: a pseudonym, `unidentified` or `node`.
    pub who: String,
    /// As it was decided.
    pub before: Judgement,
    /// As it would have been.
    pub after: Judgement,
}

/// One way in which an attempt is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SimulatedJudgement")]
pub struct Judgement {
    /// How.
    pub outcome: Outcome,
    /// By which policies.
    pub policies: Vec<String>,
    /// The sentence that says why, where it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
