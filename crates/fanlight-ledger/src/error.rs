//! What can go wrong while writing and reading, one enum an operation. Each names the file or the record, and says
//! whose fault it is; causes are `source`.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use fanlight_base::clock::{Timestamp, rfc3339_millis};
use fanlight_base::{Fault, limits};

use crate::checkpoint::CheckpointError;
use crate::known::NotTheKnown;
use crate::note::NoteError;
use crate::tail::TailError;

/// A file operation that failed. Paths are relative to the ledger's folder.
#[derive(Debug, thiserror::Error)]
#[error("could not {action} {path}")]
pub struct FileError {
    /// What was tried: read, create, write, sync, ...
    pub action: &'static str,
    /// The file or folder.
    pub path: String,
    /// What the system said.
    pub source: io::Error,
}

/// Why a record was not taken, or is not durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// It is too long to be kept.
    #[error("a record has at most {limit} bytes, this one has {bytes}", limit = limits::RECORD_BYTES)]
    TooLong {
        /// Its size.
        bytes: usize,
    },
    /// More is waiting than may wait. Nothing is wrong with the disk; try again at once or a little later.
    #[error("the ledger is busy: {waiting} records wait to be written or published; try again in a moment")]
    Busy {
        /// How many records wait to be synced or to be published.
        waiting: u64,
    },
    /// The ledger cannot write. It tries by itself again and again; until it succeeds, no record is taken.
    #[error("the ledger cannot write since {}: {why}", rfc3339_millis(*.since))]
    Failing {
        /// What failed.
        why: Arc<str>,
        /// Since when.
        since: Timestamp,
    },
    /// The ledger was closed before the record was durable.
    #[error("the ledger is closed")]
    Closed,
}

impl AppendError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::TooLong { .. } => Fault::Caller,
            Self::Busy { .. } | Self::Failing { .. } | Self::Closed => Fault::Node,
        }
    }
}

/// Why entries could not be put into bundles, tiles and a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that never changes is there with other bytes.
    #[error("{path} is there already with other bytes: this folder holds two histories, or the file was changed")]
    OtherBytes {
        /// The file.
        path: String,
    },
    /// The checkpoint could not be signed.
    #[error("could not sign the checkpoint")]
    Sign(#[from] CheckpointError),
}

/// Why a ledger does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes it.
    #[error("the ledger in {} is in use{}; stop that process first", dir.display(), with_pid(*.pid))]
    Locked {
        /// The folder.
        dir: PathBuf,
        /// The process that holds it, where the lock file says so.
        pid: Option<u32>,
    },
    /// A file operation.
    #[error("the ledger does not open")]
    File(#[from] FileError),
    /// The origin it shall be created under.
    #[error("a ledger cannot be created")]
    Origin(#[source] NoteError),
    /// A key file that does not hold its key.
    #[error("{file} does not hold the ledger's key; put back the file as it was")]
    Key {
        /// The file: `key` or `key.pub`.
        file: &'static str,
        /// What is wrong.
        source: NoteError,
    },
    /// A file that every ledger has is gone.
    #[error(
        "{file} is missing though the ledger has entries; put it back from a backup, or continue under a new origin"
    )]
    Missing {
        /// The file or folder.
        file: String,
    },
    /// The checkpoint is not what this ledger's key signed.
    #[error("the file checkpoint does not hold; put it back as it was, or continue under a new origin")]
    Checkpoint(#[from] CheckpointError),
    /// An older checkpoint has been put in the newest one's place.
    #[error(
        "the checkpoint went back: it says {found} entries, but one of {published} entries was published before; \
         put back the newest one, or continue under a new origin"
    )]
    WentBack {
        /// Its size.
        found: u64,
        /// The size of a later one that the tail tells of.
        published: u64,
    },
    /// Checkpoint and tiles are not of one history.
    #[error("{what} does not agree with the checkpoint of {size} entries; `verify` names the file that was changed")]
    Disagrees {
        /// What disagrees.
        what: String,
        /// The checkpoint's size.
        size: u64,
    },
    /// It is not the ledger that is known.
    #[error(
        "the ledger is not the one that was here before; nothing was changed: put the newest ledger back, or restore a \
         backup, which continues under a new origin"
    )]
    NotTheKnown(#[from] NotTheKnown),
    /// The tail does not replay.
    #[error("the ledger's tail does not replay")]
    Tail(#[from] TailError),
    /// What the tail held could not be published, as is done before anything new is taken.
    #[error("the ledger's tail could not be published")]
    Publish(#[from] PublishError),
    /// A thread could not be started.
    #[error("the ledger's threads could not be started")]
    Thread(#[source] io::Error),
    /// The folder to continue in has a ledger with entries already.
    #[error("{} holds a ledger of {size} entries already; continue in an empty folder", dir.display())]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
        /// Its entries.
        size: u64,
    },
    /// The ledger to be continued does not read.
    #[error("the ledger to be continued does not read")]
    Previous(#[source] Box<crate::files::FilesError>),
    /// The first entry of a continued ledger could not be written.
    #[error("the record that names the earlier ledger could not be written")]
    First(#[source] AppendError),
}

fn with_pid(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}

impl OpenError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Origin(_) | Self::NotEmpty { .. } => Fault::Caller,
            _ => Fault::Node,
        }
    }
}

/// Why entries could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// A bundle that does not hold what its place says.
    #[error("{path} does not hold {width} whole entries; `verify` tells more")]
    Bundle {
        /// The bundle's path.
        path: String,
        /// How many entries it should hold.
        width: u64,
    },
    /// The files changed under the reader more often than it tried.
    #[error("the ledger's files change faster than they can be read; try again")]
    Unsteady,
}

/// Why a statement could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Its first line could be an origin's.
    #[error("the statement begins as a checkpoint does, and is not signed")]
    LikeACheckpoint,
    /// The key's file is gone.
    #[error("the file with the ledger's private key is gone")]
    NoKey,
    /// A file operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key or the statement.
    #[error(transparent)]
    Note(NoteError),
}

/// Why a ledger did not close as it should. Durable records are safe in the tail all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// What is durable could not be published; the next start does it.
    #[error("what is durable could not be published: {why}; the next start does it")]
    Unpublished {
        /// What failed.
        why: Arc<str>,
    },
    /// The disk did not answer in time.
    #[error("the disk did not answer within {} s", limits::DRAIN_TIME.as_secs())]
    Late,
}

/// An error and all its causes in one line, for a reason shown to people.
pub(crate) fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}
