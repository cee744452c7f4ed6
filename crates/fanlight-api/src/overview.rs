//! What passed and what was stopped over time, and the projects known here: what the console's first pages show.

use fanlight_base::{Outcome, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::listing;

/// The query of [`crate::routes::OVERVIEW`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OverviewAsk")]
pub struct Ask {
    /// How many hours back; 24 where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::OVERVIEW_TIME.as_secs() / 3600))]
    pub hours: Option<u64>,
    /// Of what was stopped, the releases with this in their purls; the numbers are those of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::SEARCH_CHARACTERS))]
    pub q: Option<String>,
}

/// What happened at the package doors within a time, in numbers. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How long each span is, in seconds.
    pub span_seconds: u64,
    /// Every span, the oldest first, those without anything among them.
    pub spans: Vec<Span>,
    /// All of them together.
    pub total: Counts,
    /// What was stopped most often, at most ten releases.
    pub stopped: Vec<Stopped>,
    /// The policies that stopped anything, the busiest first.
    pub policies: Vec<Stops>,
    /// Requests that wait for an answer.
    pub waiting: u64,
    /// Records that this answer cannot tell of yet.
    pub behind: u64,
}

/// How many attempts there were of each outcome. What counts as let through is a file; what is stopped may be its metadata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OverviewCounts")]
pub struct Counts {
    /// Allowed.
    pub allowed: u64,
    /// Let through with something masked.
    pub masked: u64,
    /// Held.
    pub held: u64,
    /// Denied.
    pub denied: u64,
}

/// One span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OverviewSpan")]
pub struct Span {
    /// When it begins.
    pub from: Timestamp,
    /// What happened in it.
    pub counts: Counts,
}

/// A release that was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OverviewStopped")]
pub struct Stopped {
    /// Its purl.
    pub purl: String,
    /// How, the last time.
    pub outcome: Outcome,
    /// By which policy.
    pub policy: String,
    /// The sentence that said why, the last time.
    pub reason: String,
    /// When the hold ends by itself, as said the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often.
    pub times: u64,
    /// How many people and machines met it; all that nobody knows count as one.
    pub callers: u64,
    /// When the last time was.
    pub last: Timestamp,
}

/// What a policy stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OverviewStops")]
pub struct Stops {
    /// The policy's id.
    pub policy: String,
    /// How often it held.
    pub held: u64,
    /// How often it denied.
    pub denied: u64,
    /// When the last time was.
    pub last: Timestamp,
}

/// The query of [`crate::routes::PROJECTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectsAsk")]
pub struct Find {
    /// Which part of the list. Names are found as people write them, `Typing_Extensions` and `@scope/name`, too. Without a limit, at most 50.
    #[serde(flatten)]
    pub page: listing::Page,
    /// Those of that ecosystem: `pypi`, `npm` or `cargo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z]{1,20}$"))]
    pub ecosystem: Option<String>,
    /// Those of which something was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
}

/// Projects that somebody asked for here, those asked for last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Projects {
    /// Them.
    pub projects: Vec<Project>,
    /// Where the next page begins, as `after` takes it, where there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A project that somebody asked for here. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectKnown")]
pub struct Project {
    /// Its purl.
    pub purl: String,
    /// How often a file of it was let through.
    pub allowed: u64,
    /// How often one was stopped.
    pub stopped: u64,
    /// When it was last asked for.
    pub last: Timestamp,
}
