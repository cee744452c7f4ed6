//! What people and machines have or may have, from what was delivered to them here. Answered as JSON lines: a [`Head`], then
//! one [`Holding`] a caller and file, a caller's together.

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::PURL;
use crate::who::Received;

/// The body of [`crate::routes::HOLDINGS`]: those that meet everything set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HoldingsAsk")]
// Of a purl or of an advisory, not of both; by a person or by an app.
#[schemars(extend("not" = {"anyOf": [
    {
        "required": ["purl", "advisory"],
        "properties": {"purl": {"type": "string"}, "advisory": {"type": "string"}},
    },
    {
        "required": ["person", "app"],
        "properties": {"person": {"type": "string"}, "app": {"type": "string"}},
    },
]}))]
pub struct Ask {
    /// Of this release, or of any release of this project: a purl.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: Option<String>,
    /// Of any release that this advisory is about, by any of its ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z0-9._:-]{1,255}$"), example = "MAL-2026-1234")]
    pub advisory: Option<String>,
    /// By this person, by name or pseudonym; `unidentified` for callers nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// By this app, by its id, or by its title where no other app that has not ended has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// On this machine, by name or pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Fetched then or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Fetched before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HoldingsHead")]
pub struct Head {
    /// The ledger's origin, the node's name.
    pub origin: String,
    /// When it was asked.
    pub at: Timestamp,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
}

/// A file that somebody has or may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holding {
    /// The person's name, or their pseudonym once erased; nothing for a caller nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The machine's name; nothing where it is not known or was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Which release: its purl.
    pub release: String,
    /// Which file.
    pub file: String,
    /// Its hash, where the records say it: `sha256:` and hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The most they may have of it.
    pub received: Received,
    /// How often.
    pub times: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}
