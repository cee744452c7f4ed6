//! A backup of a running node.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks for a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BackupAsk")]
pub struct Ask {
    /// The file to write, an absolute path on the node's machine. It must not exist.
    pub file: String,
}

/// A backup that was written and synced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BackupWritten")]
pub struct Written {
    /// The file.
    pub file: String,
    /// Its bytes.
    pub bytes: u64,
    /// How many records are in it.
    pub records: u64,
}
