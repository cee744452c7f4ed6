//! Due diligence on one release, from what the node has at hand: nothing is fetched for it but the project's page.

use std::collections::BTreeMap;

use fanlight_base::{Outcome, Timestamp};
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
    /// Under which licence it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<Said>,
    /// Where its source is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Said>,
    /// Who published it; missing where its index does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publishing: Option<Publishing>,
    /// Every flaw that the feeds here name in any release of the project: what is about the release first, then the newest,
    /// and at the end what was taken back.
    pub flaws: Vec<Flaw>,
    /// The release before it, by version, and what is different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// What the node knows of it beside its index, as policies are told it: quarantine, advisories, scan, reviews.
    pub known: BTreeMap<String, serde_json::Value>,
    /// What the company uses instead of the project; missing where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Alternative>,
    /// What people say of it, here and elsewhere, the newest first.
    pub reviews: Vec<Review>,
    /// Who has it here.
    pub here: Here,
    /// What is not known, in sentences.
    pub unknown: Vec<String>,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
}

/// What a release says of itself. Nobody checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// The words.
    pub words: String,
    /// Where it says so: `index`, or the name of the file that was looked into.
    pub by: String,
}

/// Who published a release, as its index tells, and how that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publishing {
    /// Who did; missing where the index does not tell of this release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How many releases of the project they had published before it.
    pub before: u64,
    /// Who published the others, the latest first; at most ten.
    pub others: Vec<String>,
    /// Who could publish when it came.
    pub maintainers: Vec<String>,
    /// Who of them could not when the release that came before it did.
    pub joined: Vec<String>,
    /// Who could then, and cannot any more.
    pub left: Vec<String>,
}

/// What the company uses instead of a project, as its steward says in `packages.alternatives`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// The words of the setting.
    pub words: String,
    /// The packages that the words name by purl, in their order.
    pub packages: Vec<AlternativePackage>,
}

/// A package that is named as an alternative, and what is known of it here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlternativePackage {
    /// Its project.
    pub purl: String,
    /// How many people and machines have any release of it.
    pub callers: u64,
    /// Its newest release that is allowed for who asks; missing where none is, or where its page cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_allowed: Option<String>,
    /// What was said here of that release in a review: `safe`, `unsafe` or `needs-care`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<String>,
}

/// A flaw that feeds named in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flaw {
    /// The id it is shown under.
    pub id: String,
    /// Every other id of it.
    pub aliases: Vec<String>,
    /// `malicious`, `vulnerability` or `notice`.
    pub kind: String,
    /// `none`, `low`, `medium`, `high` or `critical`; missing where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// One line about it; empty where nobody wrote one.
    pub summary: String,
    /// When it was first published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// Since when whoever published it takes it back: then it affects nothing, and the rest is what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// How many of the project's listed releases it affects.
    pub affected: u64,
    /// The oldest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// The newest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
    /// The versions that fix it, lowest first.
    pub fixed_in: Vec<String>,
    /// Whether it affects the release that is looked at.
    pub affects_it: bool,
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
    /// What is different inside, of two files of one kind that are both in the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
}

/// What is different inside of a file, against the one like it of the release before. In paths `*` stands for the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inside {
    /// The file that was looked into.
    pub file: String,
    /// How many files in it are the same.
    pub same: u64,
    /// Files that were not in it before.
    pub added: Vec<String>,
    /// Files that are not in it any more.
    pub gone: Vec<String>,
    /// Files whose content is another.
    pub changed: Vec<Changed>,
    /// How many of these are not listed.
    pub unlisted: u64,
    /// What the scan sees it do that the one before did not; missing where the two scans cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub does: Option<Vec<String>>,
    /// Whether all of both was looked at.
    pub is_whole: bool,
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
    /// How it is judged now for who asks; missing where the index does not list it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The ids of the flaws that affect it.
    pub flaws: Vec<String>,
}
