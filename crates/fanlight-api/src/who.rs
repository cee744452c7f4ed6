//! Who was let through to a release's files, and who was refused them.

use fanlight_base::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};

/// The query of [`crate::routes::WHO`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// A release's purl, or a project's for all its releases.
    pub purl: String,
}

/// Who was let through and who was refused, newest first. One entry a person, machine, file and outcome, however often
/// they asked. Where there is more than is listed, everybody's latest entry is there, people before callers nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The purl asked for, in canonical form.
    pub purl: String,
    /// Every file let through. The client may have stopped before its end, or have had it already: what is told is that
    /// the policies allowed it, not that all its bytes arrived.
    pub fetched: Vec<Fetched>,
    /// Every refusal.
    pub refused: Vec<Refused>,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
    /// Whether there were more than are listed.
    pub truncated: bool,
}

/// A file that was let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
