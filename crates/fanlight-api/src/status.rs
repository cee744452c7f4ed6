//! How a node is.

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exceptions::Exception;
use crate::policies::Fault;

/// How a node is, on one screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The ledger's origin, the node's name in its checkpoints.
    pub origin: String,
    /// When it started.
    pub started: Timestamp,
    /// Where it serves: `http://127.0.0.1:7070`.
    pub address: String,
    /// The state in words: `serving`, or what keeps it from serving and what to do.
    pub state: String,
    /// Whether it can do its work now.
    pub ready: bool,
    /// Where each door's packages come from.
    pub upstreams: Vec<Upstream>,
    /// The issuers whose tokens apps call with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<Issuer>,
    /// The policies in force.
    pub policies: Policies,
    /// The ledger.
    pub ledger: Ledger,
    /// Records that `why` and `who` cannot tell of yet.
    pub projection_behind: u64,
    /// The stored files.
    pub cache: Cache,
    /// Devices that have a token.
    pub devices: u64,
    /// How many releases and projects are quarantined here.
    #[serde(default)]
    pub quarantines: u64,
    /// The exceptions that hold now.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// The feeds of advisories; nothing where none is in the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisories: Option<Advisories>,
}

/// The feeds of advisories in brief; [`crate::advisories`] has the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StatusAdvisories")]
pub struct Advisories {
    /// Records that are known.
    pub records: u64,
    /// How many feeds there are.
    pub feeds: u64,
    /// Those of them that are not well, each with its state in words.
    pub unwell: Vec<String>,
    /// Releases that somebody here received and that are called malicious.
    pub hits: u64,
}

/// Where one door's packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Upstream {
    /// The purl type: `pypi`.
    pub ecosystem: String,
    /// Its address, without credentials. Nothing where none was found.
    pub url: Option<String>,
    /// How it was found, in words: `packages.pypi.upstream in fanlight.toml`, `what pip on this machine uses`.
    pub found: String,
    /// Whether the last request reached it; nothing before the first.
    pub reachable: Option<bool>,
    /// What went wrong last, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
}

/// An issuer whose tokens apps call with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StatusIssuer")]
pub struct Issuer {
    /// What the settings call it.
    pub name: String,
    /// Its name as its tokens have it.
    pub issuer: String,
    /// How many keys of it are known.
    pub keys: u64,
    /// When it was last asked with success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// Why it cannot be asked, where the last try failed. Its keys count an hour after they were last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
}

/// The policies in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StatusPolicies")]
pub struct Policies {
    /// Grows by one with every change while the node runs.
    pub epoch: u64,
    /// The digest of the set.
    pub digest: String,
    /// How many files of the company's folder are in it.
    pub files: u64,
    /// How many built-in policies.
    pub built_in: u64,
    /// How many of the company's own.
    pub company: u64,
    /// Why the newest change was not taken, where the files are broken now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_fault: Option<Fault>,
    /// Why a good change is not in force yet, where one waits: its record cannot be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
}

/// How far the ledger is, in records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StatusLedger")]
pub struct Ledger {
    /// Taken in.
    pub appended: u64,
    /// On disk.
    pub durable: u64,
    /// Under the newest signed checkpoint.
    pub published: u64,
    /// Why it cannot write, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
    /// Since when it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
}

/// The stored files of releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StatusCache")]
pub struct Cache {
    /// Bytes used.
    pub bytes: u64,
    /// Bytes it may use.
    pub limit: u64,
    /// How many files.
    pub files: u64,
}
