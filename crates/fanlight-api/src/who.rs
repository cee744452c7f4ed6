//! Who fetched a release, and who was refused it.

use fanlight_base::{Outcome, Timestamp};
use serde::{Deserialize, Serialize};

/// The query of [`crate::routes::WHO`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// A release's purl, or a project's for all its releases.
    pub purl: String,
}

/// Who fetched and who was refused, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The purl asked for, in canonical form.
    pub purl: String,
    /// Every file handed out.
    pub fetched: Vec<Fetched>,
    /// Every refusal.
    pub refused: Vec<Refused>,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
    /// Whether there were more than are listed.
    pub truncated: bool,
}

/// A file that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// When.
    pub time: Timestamp,
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
    /// When.
    pub time: Timestamp,
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
    /// The sentence the person was shown.
    pub reason: String,
}
