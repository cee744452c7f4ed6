//! Releases and projects that somebody here has stopped.

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::{LINE, PURL};

/// Asks to stop a release, or a project with all its releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuarantineAsk")]
pub struct Ask {
    /// The release's purl, or the project's.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
    /// Why, in one line. It is shown to whoever is refused, and stands in the record for ever: it names nobody.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
}

/// Asks to let it pass again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuarantineLift")]
pub struct Lift {
    /// The purl it was stopped under.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
}

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "QuarantineDone")]
pub struct Done {
    /// The quarantine as it stands, or as it was where it is lifted.
    pub quarantine: Quarantine,
    /// Whether it had been there before: then it stays as it was made.
    pub already: bool,
    /// The epoch from which on it counts.
    pub epoch: u64,
}

/// Every quarantine, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quarantines {
    /// Them.
    pub quarantines: Vec<Quarantine>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
