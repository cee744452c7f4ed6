//! Due diligence on one release, from what the node has at hand: nothing is fetched for it but the project's page.

use std::collections::BTreeMap;

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reviews::Review;
use crate::shapes::PURL;
use crate::why::Release;

/// The query of [`crate::routes::LOOK`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LookAsk")]
pub struct Ask {
    /// A release's purl, or a project's for its newest release that is allowed.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
}

/// What is known of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// The release's purl.
    pub purl: String,
    /// How it is judged, and when it came.
    pub judged: Release,
    /// Its files.
    pub files: Vec<File>,
    /// The project's releases as a whole.
    pub history: History,
    /// The release before it, by version, and what is different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// What the node knows of it beside its index, as policies are told it: quarantine, advisories, scan, reviews.
    pub known: BTreeMap<String, serde_json::Value>,
    /// What people say of it, here and elsewhere, the newest first.
    pub reviews: Vec<Review>,
    /// Who has it here.
    pub here: Here,
    /// What is not known, in sentences.
    pub unknown: Vec<String>,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
}

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LookFile")]
pub struct File {
    /// Its name.
    pub file: String,
    /// Its size in bytes, where the index says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Whether the index has an attestation of where it comes from.
    pub attested: bool,
}

/// The releases of a project, as far as the index tells when they came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// How many releases there are.
    pub releases: u64,
    /// How many of them their publisher has withdrawn.
    pub withdrawn: u64,
    /// How many came in the last 365 days.
    pub in_a_year: u64,
    /// When the first came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When the last came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// The middle of the days between one release and the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_between: Option<u64>,
}

/// The release before, and what is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Previous {
    /// Its version.
    pub version: String,
    /// When it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// Whether each of its files had an attestation.
    pub attested: bool,
    /// Files of which the one before had none like it; `*` stands for the version.
    pub added: Vec<String>,
    /// Files like which this one has none.
    pub gone: Vec<String>,
    /// Files of both whose size is known.
    pub changed: Vec<Changed>,
}

/// A file that both releases have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Its name; `*` stands for the version.
    pub file: String,
    /// Its bytes before.
    pub before: u64,
    /// Its bytes now.
    pub now: u64,
}

/// Who has a release here, and what of the project is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Here {
    /// How many people and machines have this release or may have it.
    pub callers: u64,
    /// The project's releases that anybody has, the most wanted first: what could be used instead is among them.
    pub in_use: Vec<InUse>,
    /// Whether there are more than are listed or counted.
    pub truncated: bool,
}

/// A release of the project in use here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InUse {
    /// Its purl.
    pub release: String,
    /// By how many people and machines.
    pub callers: u64,
    /// When it was last fetched.
    pub last: Timestamp,
}
