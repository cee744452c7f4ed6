//! Reading the ledger of a running node: records chosen and shown, records as stored, the proof of one.
//!
//! The first two are answered as JSON lines. Each answer begins with a [`Head`]; an empty line says only that the node is
//! still there. Who follows is told by a [`SoFar`] each time when all there is has been sent.

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::shapes::{WHOLE, whole, whole_or_none};

/// The limit that leaves nothing out.
pub const NO_LIMIT: u64 = WHOLE;

/// The body of [`crate::routes::SHOW_RECORDS`]: which records, the newest of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecordsAsk")]
pub struct Ask {
    /// Only records since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only this action; a name that ends in a colon takes every action of a door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Only this caller: a name, a machine, a pseudonym, `unidentified` or `node`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// At most this many, the newest.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(max = WHOLE))]
    pub limit: u64,
    /// All from this record on, in place of the newest: what a reader asks for who was cut off.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(max = WHOLE))]
    pub from: Option<u64>,
    /// Whether to go on with what comes, until the reader leaves or the node ends.
    #[serde(default)]
    pub follow: bool,
}

/// The body of [`crate::routes::EXPORT_RECORDS`]: from which record up to which, the last left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecordsRange")]
pub struct Range {
    /// The first. Without either bound the ledgers from before a restore come first.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(max = WHOLE))]
    pub from: Option<u64>,
    /// The one after the last.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_or_none")]
    #[schemars(range(max = WHOLE))]
    pub to: Option<u64>,
}

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecordsHead")]
pub struct Head {
    /// The ledger's origin.
    pub origin: String,
    /// How many records it had before this question.
    pub size: u64,
}

/// Says to one who follows that every record before this one was looked at, and what fits was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SoFar {
    /// The number of the next record.
    pub so_far: u64,
}

/// One record as shown.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecordLine")]
pub struct Line {
    /// Its number.
    pub index: u64,
    /// The record, byte for byte as it is stored; nothing where the entry is no JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<RawValue>>,
    /// What is sealed in it; nothing where the person was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opened>,
    /// An entry that is no JSON, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Personal values of a record, opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The machine's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The address the call came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// The proof that one record is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecordProof")]
pub struct Proof {
    /// The record's number.
    pub index: u64,
    /// The ledger's origin.
    pub origin: String,
    /// How many records the checkpoint in the proof covers.
    pub size: u64,
    /// The proof, a C2SP tlog-proof.
    pub proof: String,
}
