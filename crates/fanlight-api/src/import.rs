//! People taken over from a company's list, for companies without a directory that speaks for itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks to take a list over, or what that would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PeopleImportAsk")]
pub struct Ask {
    /// The list as CSV (RFC 4180) with a heading: `name`, and if wanted `groups` and `active`.
    pub csv: String,
}

/// What a list changes. Where a line is refused, nothing of it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PeopleImported")]
pub struct Imported {
    /// Names of whom nobody knew here.
    pub new: Vec<String>,
    /// Names of who comes back.
    pub back: Vec<String>,
    /// Names of who leaves.
    pub leaving: Vec<String>,
    /// Groups that people come into.
    pub joins: Vec<Move>,
    /// Groups that people go out of.
    pub leaves: Vec<Move>,
    /// How many lines change nothing.
    pub unchanged: u64,
    /// Lines that cannot be taken, and why.
    pub refused: Vec<Refused>,
    /// Columns that mean nothing here and are left out.
    pub left_out: Vec<String>,
}

/// A person and a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PersonMoved")]
pub struct Move {
    /// The person's name.
    pub person: String,
    /// The group.
    pub group: String,
}

/// A line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LineRefused")]
pub struct Refused {
    /// Its number in the list, the heading being the first.
    pub line: u64,
    /// Why, in a sentence.
    pub why: String,
}
