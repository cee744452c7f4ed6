//! Walking over entries, bundle by bundle, then through the tail.

use std::ops::Range;

use super::{FilesError, LogFiles};
use crate::disk;
use crate::tile::{self, Kind, Tile, WIDTH};

/// Entries with their indices, in order. Reads one bundle at a time; ends after the first error.
#[derive(Debug)]
pub struct Entries<'a> {
    files: &'a LogFiles,
    next: u64,
    end: u64,
    /// The full bundle read last, and its place.
    bundle: Option<(u64, Vec<Vec<u8>>)>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(files: &'a LogFiles, range: Range<u64>) -> Self {
        Self { files, next: range.start, end: range.end.min(files.size()), bundle: None }
    }

    fn entry(&mut self, index: u64) -> Result<Vec<u8>, FilesError> {
        let files = self.files;
        if let Some(place) = index.checked_sub(files.tail_first) {
            return files.tail.get(place as usize).cloned().ok_or(FilesError::NoEntry { index, size: files.size() });
        }
        let (place, within) = (index / WIDTH, (index % WIDTH) as usize);
        if place == files.checkpoint.size / WIDTH {
            return Ok(files.bundle.get(within).cloned().unwrap_or_default());
        }
        if self.bundle.as_ref().is_none_or(|(read, _)| *read != place) {
            let tile = Tile::full(Kind::Entries, place);
            let path = tile.path();
            let bytes = disk::read_if_there(&files.dir, &path)?;
            let bytes = bytes.ok_or_else(|| FilesError::Missing { path: path.clone() })?;
            let entries = tile::decode_entries(&bytes, WIDTH);
            let entries = entries.ok_or(FilesError::Disagrees { path, size: files.checkpoint.size })?;
            self.bundle = Some((place, entries.into_iter().map(<[u8]>::to_vec).collect()));
        }
        // Each entry is given out once, so it is moved out of the bundle.
        let entry = self.bundle.as_mut().and_then(|(_, entries)| entries.get_mut(within)).map(std::mem::take);
        entry.ok_or(FilesError::NoEntry { index, size: files.size() })
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(u64, Vec<u8>), FilesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next += 1;
        let entry = self.entry(index);
        if entry.is_err() {
            self.end = self.next;
        }
        Some(entry.map(|entry| (index, entry)))
    }
}
