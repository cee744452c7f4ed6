//! The text that proves one entry to anybody (C2SP tlog-proof): index, inclusion proof, signed checkpoint, and the entry
//! itself as the format's extra data.
//!
//! No I/O. Invariant: what [`check_proof`] gives out was in the log whose key was given. The extra data is trusted for
//! nothing but being hashed as the leaf.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fanlight_base::limits;

use crate::checkpoint::{Checkpoint, CheckpointError, Signed, decimal};
use crate::merkle::{self, Hash, ProofError};
use crate::note::VerifierKey;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A path to the root of the largest tree has at most this many hashes.
const MOST_HASHES: usize = 64;

/// Why a proof's text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It has not the form.
    #[error("this is no proof in the form {FIRST_LINE}: {0}")]
    Malformed(&'static str),
    /// It carries no entry to be hashed. Other programs' proofs may leave it out.
    #[error("the proof carries no entry (no \"extra\" line), so there is nothing to check it against")]
    NoEntry,
    /// Its checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Its hashes do not lead from the entry to the checkpoint's root.
    #[error("entry {index} is not shown to be in the log of {size} entries")]
    NotIncluded {
        /// The entry's index by the proof.
        index: u64,
        /// The log's size by the checkpoint.
        size: u64,
        /// What is wrong.
        source: ProofError,
    },
}

/// A proof as its text has it. Prints as that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Opaque data; in Fanlight's proofs the entry's bytes.
    pub extra: Option<Vec<u8>>,
    /// The entry's index.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<Hash>,
    /// The log's checkpoint.
    pub checkpoint: Signed,
}

/// What a proof showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The entry's index.
    pub index: u64,
    /// The entry.
    pub entry: Vec<u8>,
    /// The checkpoint of the log that contains it.
    pub checkpoint: Checkpoint,
}

impl Proof {
    /// Reads the text, at most [`limits::PROOF_BYTES`].
    pub fn parse(text: &str) -> Result<Self, CheckError> {
        if text.len() > limits::PROOF_BYTES {
            return Err(CheckError::Malformed("it is longer than a proof may be"));
        }
        let malformed = CheckError::Malformed;
        let (head, note) = text.split_once("\n\n").ok_or(malformed("no empty line stands before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(malformed("its first line is another"));
        }
        let mut line = lines.next().ok_or(malformed("it ends too early"))?;
        let mut extra = None;
        if let Some(data) = line.strip_prefix("extra ") {
            extra = Some(BASE64.decode(data).map_err(|_| malformed("its extra data is not base64"))?);
            line = lines.next().ok_or(malformed("it ends too early"))?;
        }
        let index =
            line.strip_prefix("index ").and_then(decimal).ok_or(malformed("its index is not a plain number"))?;
        let mut hashes = Vec::new();
        for line in lines {
            let hash = BASE64.decode(line).ok().and_then(|hash| hash.try_into().ok());
            hashes.push(hash.ok_or(malformed("a hash is not 32 bytes in base64"))?);
            if hashes.len() > MOST_HASHES {
                return Err(malformed("it has more hashes than any tree needs"));
            }
        }
        Ok(Self { extra, index, hashes, checkpoint: Signed::parse(note)? })
    }

    /// Checks that an entry with this hash is in the log of `key`.
    pub fn verify(&self, leaf: &Hash, key: &VerifierKey) -> Result<Checkpoint, CheckError> {
        let checkpoint = self.checkpoint.verify(key)?;
        let (index, size) = (self.index, checkpoint.size);
        merkle::verify_inclusion(index, size, leaf, &self.hashes, &checkpoint.root)
            .map_err(|source| CheckError::NotIncluded { index, size, source })?;
        Ok(checkpoint)
    }
}

/// Checks a proof that carries its entry, offline, with nothing but the log's public key.
pub fn check_proof(text: &str, key: &VerifierKey) -> Result<Proved, CheckError> {
    let proof = Proof::parse(text)?;
    let entry = proof.extra.as_deref().ok_or(CheckError::NoEntry)?;
    let checkpoint = proof.verify(&merkle::leaf_hash(entry), key)?;
    Ok(Proved { index: proof.index, entry: entry.to_vec(), checkpoint })
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{}", BASE64.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;
