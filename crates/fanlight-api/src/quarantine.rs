//! Releases and projects that somebody here has stopped.

use fanlight_base::Timestamp;
use serde::{Deserialize, Serialize};

/// Asks to stop a release, or a project with all its releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The release's purl, or the project's.
    pub purl: String,
    /// Why, in one line. It is shown to whoever is refused, and stands in the record for ever: it names nobody.
    pub because: String,
}

/// Asks to let it pass again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// The purl it was stopped under.
    pub purl: String,
}

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The release's purl, or the project's.
    pub purl: String,
    /// Why.
    pub because: String,
    /// The role of who did it: `steward`.
    pub role: String,
    /// Who did it, by name, or by pseudonym once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// What an ask came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The quarantine as it stands, or as it was where it is lifted.
    pub quarantine: Quarantine,
    /// Whether it had been there before: then it stays as it was made.
    pub already: bool,
    /// The epoch from which on it counts.
    pub epoch: u64,
}

/// Every quarantine, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantines {
    /// Them.
    pub quarantines: Vec<Quarantine>,
}
