//! Checking a whole ledger from its files and a public key: every entry hashed again, every tile compared, the root
//! signed, the tail whole.
//!
//! Trusts nothing else: no cache, no earlier result, no key found beside the log. Where two files contradict each other,
//! the chain of hashes up to the signed root tells which one was changed, and that one is named.

use std::path::Path;

use crate::checkpoint::{Checkpoint, Signed};
use crate::disk;
use crate::files::snapshot::{self, Raw};
use crate::files::{Cut, FilesError, PUBLIC_KEY_FILE};
use crate::merkle::Hash;
use crate::note::VerifierKey;
use crate::publish::CHECKPOINT;

mod flaws;
mod tail;
mod tree;

pub use flaws::{Flaw, Flaws};

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries checked.
    pub done: u64,
    /// Entries under the checkpoint.
    pub total: u64,
}

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The log's name.
    pub origin: String,
    /// How many entries the signed checkpoint covers; each was hashed.
    pub size: u64,
    /// Its root hash.
    pub root: Hash,
    /// How many durable entries follow in the tail, under no signature yet.
    pub tail: u64,
    /// The tail's torn end, where there is one.
    pub torn: Option<Cut>,
}

/// Why a ledger does not verify.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The files could not be read at all, which says nothing about them.
    #[error("the ledger could not be verified")]
    Unreadable(#[from] FilesError),
    /// Files are missing or were changed.
    #[error("the ledger does not hold: {0}")]
    Flawed(Flaws),
}

/// Checks the ledger in `dir` against the public key, which must come from somewhere that whoever could change the files
/// could not. `progress` is called from this thread now and then.
pub fn verify(dir: &Path, key: &VerifierKey, mut progress: impl FnMut(Progress)) -> Result<Verified, VerifyError> {
    let raw = snapshot::read(dir)?;
    let mut flaws = Flaws::default();
    check_key_file(dir, key, &mut flaws)?;
    let Some(checkpoint) = check_checkpoint(&raw, key, &mut flaws) else {
        return Err(VerifyError::Flawed(flaws));
    };
    let edge = tree::check(dir, &raw, &checkpoint, &mut progress, &mut flaws)?;
    let tail = tail::check(dir, &raw, key, &checkpoint, edge.as_ref(), &mut flaws)?;
    if !flaws.is_empty() {
        return Err(VerifyError::Flawed(flaws));
    }
    let Checkpoint { origin, size, root, .. } = checkpoint;
    Ok(Verified { origin, size, root, tail: tail.records, torn: tail.torn })
}

fn check_key_file(dir: &Path, key: &VerifierKey, flaws: &mut Flaws) -> Result<(), FilesError> {
    let Some(bytes) = disk::read_if_there(dir, PUBLIC_KEY_FILE)? else {
        flaws.missing(PUBLIC_KEY_FILE);
        return Ok(());
    };
    if VerifierKey::parse(&String::from_utf8_lossy(&bytes)).as_ref() != Ok(key) {
        flaws.add(PUBLIC_KEY_FILE, "it is not the key that was given");
    }
    Ok(())
}

/// Without a checkpoint that holds there is nothing to check the rest against.
fn check_checkpoint(raw: &Raw, key: &VerifierKey, flaws: &mut Flaws) -> Option<Checkpoint> {
    let Some(bytes) = &raw.checkpoint else {
        flaws.missing(CHECKPOINT);
        return None;
    };
    match Signed::parse(&String::from_utf8_lossy(bytes)).and_then(|signed| signed.verify(key)) {
        Ok(checkpoint) => Some(checkpoint),
        Err(error) => {
            flaws.add(CHECKPOINT, &error.to_string());
            None
        }
    }
}

#[cfg(test)]
mod tests;
