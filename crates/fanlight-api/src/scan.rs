//! Having the files of a release looked into by the node, also of one that is refused here. Answered as JSON lines: a [`Head`],
//! then one [`Scanned`] a file. What comes back is what was found, and never a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::PURL;
use crate::why::{File, Release};

/// The body of [`crate::routes::SCAN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ScanAsk")]
pub struct Ask {
    /// A release's purl, or a project's for its newest release that is allowed.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
    /// This file of it alone. Without, those that are in the cache, and the first few of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ScanHead")]
pub struct Head {
    /// The release's purl.
    pub purl: String,
    /// The rules that are in force.
    pub rules: String,
    /// How it is judged for who asks, by what is known before its files are looked into.
    pub judged: Release,
    /// The files that are looked into, in the order of the lines that follow.
    pub files: Vec<String>,
    /// Its other files: asked for by name, they are looked into, too.
    pub left_out: Vec<String>,
}

/// A file that was looked into, or why it could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scanned {
    /// Its name.
    pub file: String,
    /// Whether it was in the node's cache already.
    pub was_here: bool,
    /// The scan's report, as `fanlight scan --json` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<serde_json::Value>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How it is judged for who asks, now that it was looked into; missing where its page cannot be had any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<File>,
}
