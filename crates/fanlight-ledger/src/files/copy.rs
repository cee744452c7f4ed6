//! A copy of a ledger for a backup, also while a node writes: what changes as of one moment, then what never changes.

use std::path::Path;

use super::{FilesError, LogFiles, PUBLIC_KEY_FILE, snapshot};
use crate::disk;
use crate::publish::CHECKPOINT;
use crate::tail;
use crate::tile::{self, Kind, Tile};

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] FilesError),
    /// What takes the copy failed.
    #[error("the copy could not be written")]
    Write(#[source] std::io::Error),
}

/// Gives every file of the ledger in `dir` to `write`, by its path below the folder; gives how many records there are.
/// The private key is left out: what is made of a copy must never sign as the ledger it was copied from.
pub fn copy(dir: &Path, mut write: impl FnMut(&str, &[u8]) -> std::io::Result<()>) -> Result<u64, CopyError> {
    let files = LogFiles::open(dir)?;
    let raw = snapshot::read(dir)?;
    let mut give = |path: &str, bytes: &[u8]| write(path, bytes).map_err(CopyError::Write);
    let must = |path: &str| -> Result<Vec<u8>, CopyError> {
        let found = disk::read_if_there(dir, path).map_err(FilesError::from)?;
        Ok(found.ok_or_else(|| FilesError::Missing { path: path.to_owned() })?)
    };
    give(PUBLIC_KEY_FILE, &must(PUBLIC_KEY_FILE)?)?;
    if let Some(checkpoint) = &raw.checkpoint {
        give(CHECKPOINT, checkpoint)?;
    }
    for (tile, bytes) in &raw.partials {
        give(&tile.path(), bytes)?;
    }
    for (name, bytes) in &raw.segments {
        give(&format!("{}/{name}", tail::FOLDER), bytes)?;
    }
    // The snapshot's checkpoint may be newer than the first look's; every full tile it needs was there before it.
    let size = raw.size().unwrap_or(files.checkpoint().size);
    let levels = (0..tile::levels(size)).map(Kind::Level);
    for kind in std::iter::once(Kind::Entries).chain(levels) {
        for index in 0..tile::full_count(kind, size) {
            let path = Tile::full(kind, index).path();
            give(&path, &must(&path)?)?;
        }
    }
    Ok(files.size())
}
