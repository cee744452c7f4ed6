//! The policies in force, and what is wrong with a file of them.

use fanlight_base::{Outcome, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The policies in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySet {
    /// Grows by one with every change while the node runs.
    pub epoch: u64,
    /// The digest of the set.
    pub digest: String,
    /// The policies, the built-in ones first, in the order of their files.
    pub policies: Vec<Policy>,
    /// Why the newest change was not taken, where the files are broken now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_fault: Option<Fault>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// Its id, as `why` and records name it.
    pub id: String,
    /// The file it stands in.
    pub file: String,
    /// Whether it came with Fanlight.
    pub built_in: bool,
    /// What it does to an attempt that it applies to.
    pub outcome: Outcome,
    /// The sentence that says why, with its `{fact}` places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The sentence that says what to do, with its `{fact}` places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// A policy with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyText")]
pub struct Written {
    /// The policy.
    pub policy: Policy,
    /// Where it stands, `FILE:LINE`.
    pub place: String,
    /// Its text as written, annotations included.
    pub text: String,
    /// Whether an exception may set it aside.
    pub liftable: bool,
}

/// What is wrong with a policy file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyFault")]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// The policy's id, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// When it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}
