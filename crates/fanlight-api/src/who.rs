//! Who received a release's files, who asked and got nothing of them, and who was refused them.

use fanlight_base::{Outcome, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::THING;

/// The query of [`crate::routes::WHO`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WhoAsk")]
pub struct Ask {
    /// A release's purl, or a project's for all its releases; or an advisory's id or alias, for all that it is about.
    #[schemars(regex(pattern = THING), example = "pkg:pypi/requests@2.32.0")]
    pub of: String,
}

/// Who received files and who was refused them, newest first. One entry a person, machine, file, outcome and way of
/// receiving, however often they asked. Where there is more than is listed, the entry by which somebody got most is there
/// for everybody, people before callers nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Who {
    /// What was asked for: a purl in canonical form, or an advisory's id.
    pub purl: String,
    /// The advisory, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<OfAdvisory>,
    /// Everybody who has a file or may have it, or a part of it: nobody is left out who may. What is told is what this
    /// node gave to the network, which is the most that can have arrived.
    pub fetched: Vec<Fetched>,
    /// Everybody who was let through and surely got nothing here: they asked about the file, or it came to an error.
    pub not_received: Vec<Fetched>,
    /// Every refusal.
    pub refused: Vec<Refused>,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
    /// Whether there were more than are listed.
    pub truncated: bool,
}

/// The advisory that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfAdvisory {
    /// Every id of the flaw.
    pub ids: Vec<String>,
    /// One line about it.
    pub summary: String,
    /// Whether it was taken back, so that nothing is affected by it any more.
    pub withdrawn: bool,
    /// The releases it is about that somebody here asked for.
    pub releases: Vec<String>,
}

/// A file that was let through to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fetched {
    /// When, the last time.
    pub time: Timestamp,
    /// When, the first time.
    pub first: Timestamp,
    /// How often.
    pub times: u64,
    /// The person's name, or their pseudonym once erased; nothing for a caller nobody knows.
    pub person: Option<String>,
    /// The machine's name; nothing where it is not known or was erased.
    pub machine: Option<String>,
    /// Which release.
    pub release: String,
    /// Which file.
    pub file: String,
    /// What they may have of it.
    pub received: Received,
    /// Where it was received in parts: the bytes of all parts together, counted twice where they overlap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Where it was received in parts: the whole file's size, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_bytes: Option<u64>,
}

/// What somebody may have of a file that was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Received {
    /// The whole of it went out.
    Whole,
    /// Their client said that it has this very content.
    Already,
    /// Some bytes of it went out.
    Part,
    /// They asked about it, or for bytes that are not in it.
    AskedOnly,
    /// It came to an error, or they were gone before the first byte.
    Nothing,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// When, the last time.
    pub time: Timestamp,
    /// When, the first time.
    pub first: Timestamp,
    /// How often.
    pub times: u64,
    /// The person's name, or their pseudonym once erased; nothing for a caller nobody knows.
    pub person: Option<String>,
    /// The machine's name; nothing where it is not known or was erased.
    pub machine: Option<String>,
    /// Which release.
    pub release: String,
    /// Which file, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Held or denied.
    pub outcome: Outcome,
    /// The policy that decided it.
    pub policy: String,
    /// The sentence the person was shown, the last time.
    pub reason: String,
    /// When the hold ends by itself, as said the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
