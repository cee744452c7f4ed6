//! The tail in a verification: whole, of this log, following the checkpoint, and where it overlaps with what is
//! published, the same.

use std::path::Path;

use super::Flaws;
use crate::checkpoint::Checkpoint;
use crate::edge::Edge;
use crate::files::snapshot::Raw;
use crate::files::{Cut, FilesError, TileHashes};
use crate::merkle::{self, Hashes as _};
use crate::note::VerifierKey;
use crate::publish::CHECKPOINT;
use crate::tail::{self, TailError};

/// What the tail adds.
#[derive(Default)]
pub(super) struct Tail {
    /// Records beyond the checkpoint.
    pub(super) records: u64,
    /// A torn end.
    pub(super) torn: Option<Cut>,
}

/// Checks the tail. `edge` is the tree's, where the tree holds.
pub(super) fn check(
    dir: &Path,
    raw: &Raw,
    key: &VerifierKey,
    checkpoint: &Checkpoint,
    edge: Option<&Edge>,
    flaws: &mut Flaws,
) -> Result<Tail, FilesError> {
    let folder = format!("{}/", tail::FOLDER);
    let replayed = match tail::replay(&raw.segments, &tail::log_id(key)) {
        Ok(Some(replayed)) => replayed,
        Ok(None) => {
            flaws.missing(&folder);
            return Ok(Tail::default());
        }
        Err(error) => {
            flaws.add(&file_of(&error), &error.to_string());
            return Ok(Tail::default());
        }
    };
    let (published, root) = replayed.published;
    if published > checkpoint.size {
        let what = format!(
            "it went back: it says {} entries, but the tail tells of a checkpoint of {published}",
            checkpoint.size
        );
        flaws.add(CHECKPOINT, &what);
        return Ok(Tail::default());
    }
    if let Err(error) = replayed.check_covers(checkpoint.size) {
        flaws.add(&file_of(&error), &error.to_string());
        return Ok(Tail::default());
    }
    // Only a tree that holds can tell anything about the tail.
    if let Some(edge) = edge.filter(|_| flaws.is_empty()) {
        let mut source = TileHashes::new(dir, edge);
        if merkle::root(&mut source, published)? != root {
            let what =
                format!("its newest header tells of another checkpoint of {published} entries than this log had");
            flaws.add(&folder, &what);
        }
        for (index, entry) in (replayed.first..checkpoint.size).zip(&replayed.entries) {
            if source.hash(0, index)? != merkle::leaf_hash(entry) {
                flaws.add(&folder, &format!("record {index} is not the one that was published"));
                break;
            }
        }
    }
    Ok(Tail { records: replayed.end() - checkpoint.size, torn: replayed.cut })
}

fn file_of(error: &TailError) -> String {
    match error {
        TailError::Header { segment }
        | TailError::OtherLog { segment }
        | TailError::MissingSegment { missing: segment }
        | TailError::MissingRecords { segment, .. }
        | TailError::Damaged { segment, .. } => format!("{}/{segment}", tail::FOLDER),
        TailError::Behind { .. } => format!("{}/", tail::FOLDER),
    }
}
