//! Reading a ledger's folder without writing to it, also while a node writes it.
//!
//! Owns one steady look at the folder: the checkpoint, the tiles and bundle at its edge, and the tail, all of one moment.
//! Full tiles and bundles are read when they are needed; they never change. Invariant: the checkpoint is signed by the
//! key and the edge leads to its root; whether every entry does is what [`crate::verify`] says.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, CheckpointError, Signed};
use crate::disk;
use crate::edge::Edge;
use crate::error::FileError;
use crate::known::{Known, NotTheKnown};
use crate::merkle::{self, Hash};
use crate::note::{NoteError, VerifierKey};
use crate::proof::Proof;
use crate::tail::{self, TailError};
use crate::tile::{self, Kind, Tile};

mod copy;
mod entries;
mod hashes;
pub(crate) mod snapshot;

pub use crate::tail::Cut;
pub use copy::{CopyError, copy};
pub use entries::Entries;
pub(crate) use hashes::TileHashes;

/// The file of the private key.
pub(crate) const KEY_FILE: &str = "key";
/// The file of the public key.
pub const PUBLIC_KEY_FILE: &str = "key.pub";

/// Why a ledger's files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that the ledger needs is not there.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// `key.pub` holds no key.
    #[error("key.pub does not hold a public key")]
    Key(#[from] NoteError),
    /// The checkpoint does not hold.
    #[error("the file checkpoint does not hold")]
    Checkpoint(#[from] CheckpointError),
    /// A file that is not what its place says.
    #[error("{path} is not what the checkpoint of {size} entries asks for; `verify` tells more")]
    Disagrees {
        /// The file.
        path: String,
        /// The checkpoint's size.
        size: u64,
    },
    /// The tail does not read.
    #[error("the ledger's tail does not read")]
    Tail(#[from] TailError),
    /// There is no such entry.
    #[error("there is no entry {index}: the ledger has {size}")]
    NoEntry {
        /// The entry asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The entry is durable but under no checkpoint yet.
    #[error(
        "entry {index} is durable but not yet under a checkpoint, so there is no proof of it; try again in a second"
    )]
    NotYetPublished {
        /// The entry asked for.
        index: u64,
    },
    /// A node writes faster than this can read.
    #[error("the ledger's files change faster than they can be read; try again")]
    Unsteady,
}

/// One steady look at a ledger's files.
#[derive(Debug)]
pub struct LogFiles {
    dir: PathBuf,
    key: VerifierKey,
    signed: Signed,
    checkpoint: Checkpoint,
    edge: Edge,
    bundle: Vec<Vec<u8>>,
    tail_first: u64,
    tail: Vec<Vec<u8>>,
    cut: Option<Cut>,
}

impl LogFiles {
    /// Looks at the ledger in `dir`, believing the `key.pub` beside it. Good for showing; for proving anything to
    /// oneself, the key has to come from elsewhere: [`LogFiles::open_with_key`].
    pub fn open(dir: &Path) -> Result<Self, FilesError> {
        let missing = || FilesError::Missing { path: PUBLIC_KEY_FILE.to_owned() };
        let bytes = disk::read_if_there(dir, PUBLIC_KEY_FILE)?.ok_or_else(missing)?;
        Self::open_with_key(dir, &VerifierKey::parse(&String::from_utf8_lossy(&bytes))?)
    }

    /// Looks at the ledger in `dir`, whose checkpoint must be signed by `key`.
    pub fn open_with_key(dir: &Path, key: &VerifierKey) -> Result<Self, FilesError> {
        let raw = snapshot::read(dir)?;
        let missing = |path: String| FilesError::Missing { path };
        let bytes = raw.checkpoint.ok_or_else(|| missing(crate::publish::CHECKPOINT.to_owned()))?;
        let signed = Signed::parse(&String::from_utf8_lossy(&bytes))?;
        let checkpoint = signed.verify(key)?;
        let size = checkpoint.size;
        let disagrees = |tile: Tile| FilesError::Disagrees { path: tile.path(), size };
        let partial = |tile: Tile| raw.partials.get(&tile).ok_or_else(|| missing(tile.path()));
        let edge =
            Edge::load(size, |tile| tile::decode_hashes(partial(tile)?, tile.width).ok_or_else(|| disagrees(tile)))?;
        if edge.root() != checkpoint.root {
            return Err(FilesError::Disagrees { path: "the root hash over the partial tiles".to_owned(), size });
        }
        let mut bundle = Vec::new();
        if let Some(tile) = tile::partials(size).into_iter().find(|tile| tile.kind == Kind::Entries) {
            let entries = tile::decode_entries(partial(tile)?, tile.width).ok_or_else(|| disagrees(tile))?;
            bundle = entries.into_iter().map(<[u8]>::to_vec).collect();
        }
        let replayed = tail::replay(&raw.segments, &tail::log_id(key))?;
        let replayed = replayed.ok_or_else(|| missing(format!("{}/", tail::FOLDER)))?;
        replayed.check_covers(size)?;
        let skip = (size - replayed.first) as usize;
        Ok(Self {
            dir: dir.to_owned(),
            key: key.clone(),
            signed,
            checkpoint,
            edge,
            bundle,
            tail_first: size,
            tail: replayed.entries.into_iter().skip(skip).collect(),
            cut: replayed.cut,
        })
    }

    /// The key the checkpoint was checked with.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The newest checkpoint.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The newest checkpoint as it was signed, witnesses' lines included.
    pub const fn signed_checkpoint(&self) -> &Signed {
        &self.signed
    }

    /// How many entries there are, those of the tail included.
    pub fn size(&self) -> u64 {
        self.tail_first + self.tail.len() as u64
    }

    /// The torn end of the tail, where there is one: a write under way, or one that was when the process stopped.
    pub const fn torn(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// Checks that this is the ledger of which something is known.
    pub fn check_known(&self, known: &Known) -> Result<(), NotTheKnown> {
        known.check(&self.dir, &self.checkpoint, &self.edge, self.size())
    }

    /// The entries of a range with their indices, those of the tail included. What lies beyond the end is left out.
    pub fn entries(&self, range: Range<u64>) -> Entries<'_> {
        Entries::new(self, range)
    }

    /// The proof of one entry, as text for others: [`crate::proof::check_proof`] checks it.
    pub fn prove(&self, index: u64) -> Result<String, FilesError> {
        let size = self.checkpoint.size;
        if index >= self.size() {
            return Err(FilesError::NoEntry { index, size: self.size() });
        }
        if index >= size {
            return Err(FilesError::NotYetPublished { index });
        }
        let (_, entry) = self.entries(index..index + 1).next().unwrap_or(Err(FilesError::NoEntry { index, size }))?;
        let mut source = TileHashes::new(&self.dir, &self.edge);
        let hashes = merkle::inclusion_proof(&mut source, index, size)?.unwrap_or_default();
        let leaf = merkle::leaf_hash(&entry);
        let proof = Proof { extra: Some(entry), index, hashes, checkpoint: self.signed.clone() };
        // A proof that does not hold is not given out: then some file on its path was changed.
        let changed = |_| FilesError::Disagrees { path: format!("a file on the path of entry {index}"), size };
        proof.verify(&leaf, &self.key).map_err(changed)?;
        Ok(proof.to_string())
    }

    /// The proof that this log continues the one of `earlier` entries; `None` where that is 0 or more than there are.
    pub fn prove_consistency(&self, earlier: u64) -> Result<Option<Vec<Hash>>, FilesError> {
        let mut source = TileHashes::new(&self.dir, &self.edge);
        merkle::consistency_proof(&mut source, earlier, self.checkpoint.size)
    }
}

#[cfg(test)]
mod tests;
