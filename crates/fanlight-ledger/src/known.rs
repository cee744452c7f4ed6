//! What somebody outside of the ledger's folder knows of the ledger, so that a folder that was put back to an earlier
//! state, or exchanged, is told before anything is signed over it.
//!
//! Refuses to know where that is kept. Invariant: only what was durable in the ledger before may be known of it; then a
//! folder that has less is not the one it was, whatever cut the process short.

use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::edge::Edge;
use crate::files::{FilesError, TileHashes};
use crate::merkle;

/// What is known of a ledger from before it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// A checkpoint that it signed.
    pub checkpoint: Option<Checkpoint>,
    /// How many records it has had, at least.
    pub records: u64,
}

/// In what a ledger is not the one that is known.
#[derive(Debug, thiserror::Error)]
pub enum NotTheKnown {
    /// There is no ledger.
    #[error("it is gone: {} known of it, and the folder holds no ledger", records_are(*.known))]
    Gone {
        /// How many records are known.
        known: u64,
    },
    /// It has another name.
    #[error("the folder holds {found}, and the one that is known is {known}")]
    Other {
        /// The known ledger's origin.
        known: String,
        /// That of the one in the folder.
        found: String,
    },
    /// It has fewer records.
    #[error("it went back: {} known of it, and the folder has {found}", records_are(*.known))]
    Fewer {
        /// How many records are known.
        known: u64,
        /// How many there are.
        found: u64,
    },
    /// Its checkpoint is older.
    #[error("it went back: a checkpoint of {} is known of it, and the one in the folder has {found}", records(*.known))]
    Older {
        /// The size of the known checkpoint.
        known: u64,
        /// The size of the one in the folder.
        found: u64,
    },
    /// It has other records.
    #[error("it is another history: its first {} are not those that a known checkpoint was signed over", records(*.known))]
    Forked {
        /// The size of the known checkpoint.
        known: u64,
    },
    /// The files that would tell could not be read.
    #[error("whether it continues its last known checkpoint cannot be read from its files; `verify` tells more")]
    Unreadable(#[from] FilesError),
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

fn records_are(count: u64) -> String {
    format!("{} {}", records(count), if count == 1 { "is" } else { "are" })
}

impl Known {
    fn size(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size)
    }

    /// A ledger may be made, or be missing, only where none is known.
    pub fn check_new(&self) -> Result<(), NotTheKnown> {
        match self.records.max(self.size()) {
            0 => Ok(()),
            known => Err(NotTheKnown::Gone { known }),
        }
    }

    /// Checks the ledger in `dir`, with this checkpoint and edge and `end` records, those of the tail included.
    pub(crate) fn check(&self, dir: &Path, found: &Checkpoint, edge: &Edge, end: u64) -> Result<(), NotTheKnown> {
        if let Some(known) = &self.checkpoint {
            if known.origin != found.origin {
                let (known, found) = (known.origin.clone(), found.origin.clone());
                return Err(NotTheKnown::Other { known, found });
            }
            if known.size > found.size {
                return Err(NotTheKnown::Older { known: known.size, found: found.size });
            }
            let proof = merkle::consistency_proof(&mut TileHashes::new(dir, edge), known.size, found.size)?;
            // Of a ledger without records there is nothing to prove: every one continues it.
            let continues = proof.is_none_or(|proof| {
                merkle::verify_consistency(known.size, found.size, &proof, &known.root, &found.root).is_ok()
            });
            if !continues {
                return Err(NotTheKnown::Forked { known: known.size });
            }
        }
        if self.records > end {
            return Err(NotTheKnown::Fewer { known: self.records, found: end });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
