//! A running node taken back to a backup.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RestoreAsk")]
pub struct Ask {
    /// The backup, an absolute path on the node's machine.
    pub file: String,
}

/// A backup that was unpacked, checked and made ready; the node goes over to it once this answer has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RestorePlanned")]
pub struct Planned {
    /// The backup.
    pub file: String,
    /// The origin of the ledger that the node goes on with. Its status names it once the node has gone over.
    pub origin: String,
    /// The origin of the backup's ledger, which the new one continues.
    pub earlier_origin: String,
    /// The backup's records.
    pub records: u64,
    /// The folder that will hold the state that is replaced, its ledger included.
    pub replaced: String,
    /// Devices whose token ends because it was made after the backup.
    pub tokens_ended: u64,
    /// Devices whose token had been ended after the backup, and stays ended.
    pub tokens_kept_ended: u64,
    /// People who had been erased after the backup, and stay erased.
    pub people_kept_erased: u64,
}
