//! Feeds of advisories: how they are, and what they say.

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::LINE;

/// What is known of advisories, and how each feed is: answer of [`crate::routes::ADVISORIES`] and
/// [`crate::routes::REFRESH_ADVISORIES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AdvisoriesShown")]
pub struct Advisories {
    /// Records that are known, of all feeds.
    pub records: u64,
    /// How often the feeds are looked at, in words: `1 hour`.
    pub refresh: String,
    /// The feeds, in the order of the settings.
    pub feeds: Vec<Feed>,
    /// The places of VEX documents, in the order of the settings.
    pub vex: Vec<Vex>,
    /// Releases that somebody here received and that a feed calls malicious, those noticed last first.
    pub hits: Vec<Hit>,
}

/// How one feed is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Feed {
    /// Its name: a path, or an address without credentials and query.
    pub source: String,
    /// `files` or `address`.
    pub kind: String,
    /// How it is.
    pub state: FeedState,
    /// Whether it could not be read for three refreshes, so that what is known of it may be behind.
    pub stale: bool,
    /// Its records that are known. A feed that cannot be read loses none.
    pub records: u64,
    /// The latest time at which it says that it changed one of them.
    pub newest: Option<Timestamp>,
    /// When it was last tried, in this run of the node.
    pub tried: Option<Timestamp>,
    /// When it was last read, or confirmed to be unchanged.
    pub read: Option<Timestamp>,
    /// When it last brought something new.
    pub changed: Option<Timestamp>,
    /// What is wrong with it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Entries and records that the last reading refused.
    pub refused: u64,
    /// Some of these, with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// Records of the last reading that were older than what the feed had said before; the newer ones stand.
    pub older: u64,
    /// Records that are known and that the last reading did not have; they stand.
    pub missing: u64,
}

/// How a feed is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FeedState {
    /// Read, all of it.
    Good,
    /// Read, and some of it was refused.
    InPart,
    /// Not read yet.
    NotRead,
    /// Not read for three refreshes.
    Stale,
    /// It cannot be had now.
    Unreachable,
    /// What it is now is no feed.
    Malformed,
    /// It was read, and this node cannot take it in now.
    NotTaken,
}

/// One file or folder of VEX documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vex {
    /// The path.
    pub path: String,
    /// Documents that are known.
    pub documents: u64,
    /// What they say, counted for each product and flaw.
    pub statements: u64,
    /// What is wrong with it now. A document that cannot be read any more is known as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// A release that somebody here received and that a feed calls malicious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    /// The advisory's id.
    pub advisory: String,
    /// One line about it.
    pub summary: String,
    /// The release's purl.
    pub release: String,
    /// When it was noticed that somebody has it.
    pub noticed: Timestamp,
    /// People who received it or may have it.
    pub people: u64,
    /// Machines on which they did.
    pub machines: u64,
    /// Whether callers that nobody knows are among those who received it.
    pub unidentified: bool,
    /// Whether the advisory was taken back since.
    pub withdrawn: bool,
    /// That somebody has seen to it, so that it is not told as news any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenTo>,
}

/// That somebody has seen to what was received here and is malicious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenTo {
    /// When.
    pub at: Timestamp,
    /// Who: a name, or a pseudonym to who may not read of people; missing for whoever runs the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What they say they did.
    pub because: String,
}

/// The body of [`crate::routes::ACKNOWLEDGE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AcknowledgeAsk")]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// The advisory, by any of its ids.
    #[schemars(regex(pattern = "^[A-Za-z0-9._:-]{1,255}$"), example = "MAL-2026-1234")]
    pub advisory: String,
    /// What was done, in one line.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE), example = "taken off the three machines")]
    pub because: String,
}

/// What is said of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advisory {
    /// The id it is shown under.
    pub id: String,
    /// Every other id of the same flaw.
    pub aliases: Vec<String>,
    /// `malicious`, `vulnerability` or `notice`.
    pub kind: String,
    /// `none`, `low`, `medium`, `high` or `critical`; missing where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The CVSS score, where there is a vector: `9.8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// One line about it; empty where nobody wrote one.
    pub summary: String,
    /// The versions that fix it, above the release, lowest first.
    pub fixed_in: Vec<String>,
    /// The feeds that say so.
    pub sources: Vec<String>,
    /// Where there is more to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
    /// Who says in a VEX document that it does not affect this release, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_affected: Option<String>,
}
