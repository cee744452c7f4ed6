//! Checkpoints (C2SP tlog-checkpoint): the size and root hash of a log, as a signed note.
//!
//! No I/O. Invariant: a [`Checkpoint`] that [`Signed::verify`] gave out is what the key's holder signed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::merkle::Hash;
use crate::note::{Note, NoteError, SigningKey, VerifierKey};

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is not that of a checkpoint.
    #[error("the signed text is no checkpoint: {0}")]
    Malformed(&'static str),
    /// It speaks of another log.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    OtherOrigin {
        /// The origin it names.
        found: String,
        /// The origin the key belongs to.
        expected: String,
    },
}

/// The size and the root hash of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root hash over them.
    pub root: Hash,
    /// Extension lines, kept in order; Fanlight writes none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Self {
        Self { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// Reads a note's text.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Malformed("it does not end in a newline"))?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Malformed("it has not the lines origin, size and root hash"));
        };
        if origin.is_empty() {
            return Err(CheckpointError::Malformed("its origin is empty"));
        }
        let size = decimal(size).ok_or(CheckpointError::Malformed("its size is not a plain decimal number"))?;
        let root = BASE64.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = root.ok_or(CheckpointError::Malformed("its root hash is not 32 bytes in base64"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Malformed("it has an empty extension line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs it, with the log's own line as the only signature.
    pub fn sign(&self, key: &SigningKey) -> Result<Signed, CheckpointError> {
        Ok(Signed(key.sign(&self.to_string())?))
    }
}

/// A number as these formats write it: ASCII digits, no leading zero.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64.encode(self.root))?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint's note, with whatever signature lines it came with. Prints as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed(Note);

impl Signed {
    /// Reads the note; says nothing yet about who signed it.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        Ok(Self(Note::parse(note)?))
    }

    /// Checks the log's own signature and that the checkpoint is of the log the key is named after.
    pub fn verify(&self, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint::parse(self.0.verify(key)?)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::OtherOrigin { found: checkpoint.origin, expected: key.name().to_owned() });
        }
        Ok(checkpoint)
    }

    /// The note, cosignatures of witnesses included.
    pub const fn note(&self) -> &Note {
        &self.0
    }

    /// The note, to add a witness's signature to.
    pub const fn note_mut(&mut self) -> &mut Note {
        &mut self.0
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests;
