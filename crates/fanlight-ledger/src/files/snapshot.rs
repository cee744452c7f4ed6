//! What changes while a node writes, read as of one moment: checkpoint, partial tiles, tail.
//!
//! The partial tiles of a checkpoint go only after the next checkpoint is in place, and a segment of the tail only after
//! that. So if checkpoint and list of segments are the same before and after, what was read between belongs together.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::FilesError;
use crate::checkpoint::{Checkpoint, Signed};
use crate::disk;
use crate::publish::CHECKPOINT;
use crate::tail;
use crate::tile::{self, Tile};

/// How often to look again while a node writes, and how long to wait between.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Files of one moment, unchecked.
pub(crate) struct Raw {
    /// The checkpoint, where there is one.
    pub(crate) checkpoint: Option<Vec<u8>>,
    /// Those of the checkpoint's partial tiles, and its partial bundle, that are there.
    pub(crate) partials: BTreeMap<Tile, Vec<u8>>,
    /// The tail's segments by name.
    pub(crate) segments: Vec<(String, Vec<u8>)>,
}

impl Raw {
    /// The size its checkpoint states, believed only as far as to know which files to read.
    pub(crate) fn size(&self) -> Option<u64> {
        stated_size(self.checkpoint.as_deref()?)
    }
}

fn stated_size(checkpoint: &[u8]) -> Option<u64> {
    let signed = Signed::parse(&String::from_utf8_lossy(checkpoint)).ok()?;
    Some(Checkpoint::parse(signed.note().danger_unverified_text()).ok()?.size)
}

/// Reads them.
pub(crate) fn read(dir: &Path) -> Result<Raw, FilesError> {
    for _ in 0..TRIES {
        let checkpoint = disk::read_if_there(dir, CHECKPOINT)?;
        let names = disk::list(dir, tail::FOLDER)?;
        let raw = read_once(dir, checkpoint, &names)?;
        let is_steady =
            disk::read_if_there(dir, CHECKPOINT)? == raw.checkpoint && disk::list(dir, tail::FOLDER)? == names;
        if is_steady {
            return Ok(raw);
        }
        thread::sleep(PAUSE);
    }
    Err(FilesError::Unsteady)
}

fn read_once(dir: &Path, checkpoint: Option<Vec<u8>>, names: &[String]) -> Result<Raw, FilesError> {
    // Its digits bound how many files that are.
    let size = checkpoint.as_deref().and_then(stated_size).unwrap_or(0);
    let mut partials = BTreeMap::new();
    for tile in tile::partials(size) {
        if let Some(bytes) = disk::read_if_there(dir, &tile.path())? {
            partials.insert(tile, bytes);
        }
    }
    let mut segments = Vec::new();
    for name in names {
        // One that has just been removed makes the list differ, and all is read again.
        if let Some(bytes) = disk::read_if_there(dir, &format!("{}/{name}", tail::FOLDER))? {
            segments.push((name.clone(), bytes));
        }
    }
    Ok(Raw { checkpoint, partials, segments })
}
