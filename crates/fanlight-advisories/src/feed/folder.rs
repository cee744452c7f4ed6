//! The records in a folder and the folders below it, in the order of their names.
//!
//! Links are not followed, and what is no file with the ending `.json` is passed over.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use fanlight_base::limits;

use super::{Budget, Entry, EntryError, EntryFault, FeedError, is_record};
use crate::text::one_line;

/// The records in a folder. An error where the folder itself cannot be listed.
pub fn folder(path: &Path) -> Result<impl Iterator<Item = Result<Entry, EntryFault>> + use<>, FeedError> {
    let names = names(path).map_err(|error| FeedError::Io(path.display().to_string(), error))?;
    Ok(Folder { top: path.to_owned(), levels: vec![names.into_iter()], budget: Budget::full() })
}

struct Folder {
    top: PathBuf,
    /// What is left to look at on each level, the deepest last.
    levels: Vec<std::vec::IntoIter<PathBuf>>,
    budget: Budget,
}

fn names(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.take(usize::try_from(limits::ADVISORY_FEED_ENTRIES).unwrap_or(usize::MAX));
    let mut names = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

impl Iterator for Folder {
    type Item = Result<Entry, EntryFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(level) = self.levels.last_mut() {
            let Some(path) = level.next() else {
                self.levels.pop();
                continue;
            };
            let below = path.strip_prefix(&self.top).unwrap_or(&path).display().to_string();
            match self.look(&path) {
                Ok(None) => {}
                Ok(Some(bytes)) => return Some(Ok(Entry { name: one_line(&below).into(), bytes })),
                Err(error) => {
                    if error.ends() {
                        self.levels.clear();
                    }
                    return Some(Err(EntryFault { entry: one_line(&below).into(), error }));
                }
            }
        }
        None
    }
}

impl Folder {
    /// The bytes of a record. `None` for what is passed over; a folder is looked into next.
    fn look(&mut self, path: &Path) -> Result<Option<Vec<u8>>, EntryError> {
        self.budget.entry()?;
        let kind = fs::symlink_metadata(path).map_err(EntryError::Io)?.file_type();
        if kind.is_dir() {
            if self.levels.len() > limits::ADVISORY_FEED_DEPTH {
                return Err(EntryError::TooDeep);
            }
            self.levels.push(names(path).map_err(EntryError::Io)?.into_iter());
            return Ok(None);
        }
        if !kind.is_file() || !path.to_str().is_some_and(is_record) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(EntryError::Io)?;
        file.take(limits::ADVISORY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(EntryError::Io)?;
        self.budget.bytes(bytes.len() as u64)?;
        if bytes.len() > limits::ADVISORY_BYTES {
            return Err(EntryError::TooLong);
        }
        Ok(Some(bytes))
    }
}
