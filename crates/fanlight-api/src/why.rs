//! What a project's releases are judged to be, and why.

use fanlight_base::{Outcome, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::PURL;
use crate::who::Received;

/// The query of [`crate::routes::WHY`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WhyAsk")]
pub struct Ask {
    /// A project's purl, or a release's: then only that release is told of.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
}

/// What a project's releases are judged to be at the moment of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// The project's name in its normal form.
    pub project: String,
    /// The purl asked for, in canonical form.
    pub purl: String,
    /// The cool-down that holds for this project, in words: `7 days`.
    pub cooldown: String,
    /// The releases, newest first by version. One, or none, where a release was asked for.
    pub releases: Vec<Release>,
    /// The newest version that is allowed, in full or by some of its files.
    pub newest_allowed: Option<String>,
    /// The newest version that the upstream has.
    pub newest: Option<String>,
    /// What was received of the project here, by anybody, newest first.
    pub you_got: Vec<Got>,
    /// How the upstream's page was come by: `fresh`, `revalidated`, `stale`, `absent`.
    pub upstream_state: String,
    /// When the upstream was last asked.
    pub looked_at: Option<Timestamp>,
    /// Records that `you_got` cannot tell of yet.
    pub behind: u64,
}

/// One release as judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// The version; `unknown` for files whose name cannot be parsed.
    pub version: String,
    /// How it is judged: the strictest of its files.
    pub outcome: Outcome,
    /// The policies that decided it, the strongest first.
    pub policies: Vec<String>,
    /// The sentence that says why, where it is not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The sentence that says what to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// When a hold ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether it can be asked for: an exception may lift all that stops it.
    #[serde(default)]
    pub askable: bool,
    /// Whether every file of it that may be had now is yet to be scanned: that is done when somebody fetches one first, before anybody has it,
    /// and what is found may stop it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scan_to_come: bool,
    /// When the upstream says it was published.
    pub published: Option<Timestamp>,
    /// When this node first saw it.
    pub first_seen: Option<Timestamp>,
    /// Which of the two times the cool-down counts from: `published` or `first-seen`.
    pub counted_from: String,
    /// Whether the upstream has withdrawn it.
    pub yanked: bool,
    /// Why the upstream withdrew it, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked_reason: Option<String>,
    /// Its files.
    pub files: Vec<File>,
    /// What feeds of advisories say of it, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<crate::advisories::Advisory>,
    /// The ids of the flaws that an advisory names it as the fix of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<String>,
}

/// One file as judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WhyFile")]
pub struct File {
    /// Its name.
    pub file: String,
    /// How it is judged.
    pub outcome: Outcome,
    /// The policies that decided it.
    pub policies: Vec<String>,
    /// The sentence that says why, where it is not allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When a hold ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the upstream has withdrawn it.
    pub yanked: bool,
    /// Whether it is yet to be scanned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scan_to_come: bool,
}

/// A file that somebody has or may have from here, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Got {
    /// When.
    pub time: Timestamp,
    /// Which version.
    pub version: String,
    /// Which file.
    pub file: String,
    /// What of it.
    pub received: Received,
    /// By whom: the name, `unidentified`, or the pseudonym of a person who was erased.
    pub who: String,
}
