//! The record a page at a time, the newest first: what a reader leafs through who looks for something.

use fanlight_base::{Outcome, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ledger::Line;
use crate::shapes::{WHOLE, whole_or_none};

/// Records of one page, where it is not said how many.
pub const ROWS: u64 = 50;
/// Records of one page at most.
pub const MAX_ROWS: u64 = 200;

/// The body of [`crate::routes::PAGE_RECORDS`]: which records. What is left out chooses nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ActivityAsk")]
pub struct Ask {
    /// Only records before this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(max = WHOLE))]
    pub before: Option<u64>,
    /// At most this many; 50 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(min = 1, max = MAX_ROWS))]
    pub limit: Option<u64>,
    /// Only records since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only records before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only this action; a name that ends in a colon takes every action of a door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SEARCHED_CHARACTERS))]
    pub action: Option<String>,
    /// Only what was decided so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Only this caller: a name, a machine, a pseudonym, or a kind of caller like `unidentified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SEARCHED_CHARACTERS))]
    pub who: Option<String>,
    /// Only this thing: an id as it stands in the record, a project's purl for all its releases, or a package's name alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SEARCHED_CHARACTERS))]
    pub on: Option<String>,
    /// Only what this policy decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SEARCHED_CHARACTERS))]
    pub policy: Option<String>,
}

/// A page of records.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ActivityPage")]
pub struct Page {
    /// The ledger's origin.
    pub origin: String,
    /// How many records it had before this question.
    pub size: u64,
    /// Those that fit, the newest first. May be fewer than asked for although `next` is there: then looking on would have
    /// taken too long for one answer.
    pub lines: Vec<Line>,
    /// Where the next page begins; nothing where no more can fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}
