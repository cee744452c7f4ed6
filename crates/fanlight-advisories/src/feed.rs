//! A feed's entries as a stream: the records of a zip or of a folder, one after the other, each bounded.
//!
//! Knows nothing of what a record says. Nothing is unpacked to a disk and no name from outside is used as a path; an
//! entry that cannot be had is a fault with its name, and the rest goes on.

use std::io;

use fanlight_base::limits;

mod folder;
#[cfg(test)]
pub(crate) mod tests;
mod zip;

pub use folder::folder;
pub use zip::zip;

/// One record of a feed, not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is called in the feed.
    pub name: String,
    /// Its bytes, at most [`limits::ADVISORY_BYTES`].
    pub bytes: Vec<u8>,
}

/// An entry that could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{entry}")]
pub struct EntryFault {
    /// What it is called in the feed, in a form that can be shown.
    pub entry: String,
    /// What is wrong with it.
    #[source]
    pub error: EntryError,
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// A record over the limit.
    #[error("a record has at most {limit} bytes", limit = limits::ADVISORY_BYTES)]
    TooLong,
    /// All records together are over the limit; the feed ends here.
    #[error("a feed has at most {limit} bytes; what follows was not read", limit = limits::ADVISORY_FEED_BYTES)]
    FeedTooLong,
    /// More entries than the limit; the feed ends here.
    #[error("a feed has at most {limit} entries; what follows was not read", limit = limits::ADVISORY_FEED_ENTRIES)]
    TooMany,
    /// A name that leads out of the feed, or cannot be shown.
    #[error("the name is not one of an entry in a feed")]
    Name,
    /// Folders within folders.
    #[error("folders lie at most {limit} deep in a feed", limit = limits::ADVISORY_FEED_DEPTH)]
    TooDeep,
    /// A way of packing that is not read: only stored and deflated entries are.
    #[error("packed in a way that is not read here (method {0})")]
    Method(u16),
    /// Encrypted.
    #[error("encrypted")]
    Encrypted,
    /// The archive's parts contradict one another, or the checksum is wrong.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// It could not be read.
    #[error("it could not be read")]
    Io(#[source] io::Error),
}

/// Why nothing of a feed can be had.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Not a zip, or one that is cut off.
    #[error("not a whole zip archive: {0}")]
    NotAZip(&'static str),
    /// The folder or file could not be read.
    #[error("{0} could not be read")]
    Io(String, #[source] io::Error),
}

/// Counts what is left of a feed's limits.
#[derive(Debug)]
struct Budget {
    bytes: u64,
    entries: u64,
}

impl Budget {
    const fn full() -> Self {
        Self { bytes: limits::ADVISORY_FEED_BYTES, entries: limits::ADVISORY_FEED_ENTRIES }
    }

    fn entry(&mut self) -> Result<(), EntryError> {
        self.entries = self.entries.checked_sub(1).ok_or(EntryError::TooMany)?;
        Ok(())
    }

    fn bytes(&mut self, bytes: u64) -> Result<(), EntryError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(EntryError::FeedTooLong)?;
        Ok(())
    }
}

impl EntryError {
    /// Whether nothing can follow.
    const fn ends(&self) -> bool {
        matches!(self, Self::FeedTooLong | Self::TooMany)
    }
}

/// Whether a name is a plain path down from the feed's top that can be shown.
fn is_plain(name: &str) -> bool {
    name.len() <= limits::ADVISORY_ENTRY_BYTES
        && !name.contains(['\\', ':'])
        && name.split('/').all(|part| crate::text::is_name(part) && !matches!(part, "." | ".."))
}

/// Whether an entry is a record by its name.
fn is_record(name: &str) -> bool {
    name.len() > 5 && name.get(name.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case(".json"))
}
