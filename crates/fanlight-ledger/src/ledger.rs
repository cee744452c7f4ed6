//! The ledger as a node holds it: append, know when a record is durable, read back what is durable.
//!
//! Owns the state that callers, the writer thread and the publisher thread share. The data path of one record:
//! `append` puts it into the batch being gathered -> the writer writes the batch as one frame of the tail and syncs it
//! -> receipts are settled -> the publisher puts it into bundles, tiles and a checkpoint -> the tail's segment goes.
//!
//! Invariant: `durable` counts only synced records, and what is counted never changes or goes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::clock::{SharedClock, Timestamp};
use fanlight_base::limits;
use tokio::sync::watch;

use crate::checkpoint::Checkpoint;
use crate::disk::Disk;
use crate::error::{AppendError, CloseError, OpenError, ReadError, SignError};
use crate::files::{KEY_FILE, LogFiles};
use crate::known::Known;
use crate::note::{Note, SigningKey, VerifierKey};
use crate::receipt::Receipt;
use crate::tile::{self, Kind, Tile, WIDTH};

mod lock;
mod open;
mod publisher;
mod shared;
mod writer;

use shared::Shared;

/// How a ledger is opened.
#[derive(Clone)]
pub struct Options {
    /// The log's name, used when the ledger is created and not afterwards: `fanlight/` and 16 random hexadecimal
    /// digits. No spaces, no plus signs, never used for another ledger.
    pub origin: String,
    /// Where the time of a failure comes from.
    pub clock: SharedClock,
    /// How long a durable record may wait for its checkpoint under load; 1 s is usual. A failing disk is tried again
    /// this often, but at least every 250 ms.
    pub publish_every: Duration,
}

/// How a ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The log's name.
    pub origin: String,
    /// Records taken, durable or waiting for their sync.
    pub appended: u64,
    /// Records durable.
    pub durable: u64,
    /// Records under the newest checkpoint.
    pub published: u64,
    /// Why the ledger cannot write, if so.
    pub failing: Option<String>,
    /// Since when.
    pub failing_since: Option<Timestamp>,
}

/// What a continued ledger's first record has to name: the ledger before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The earlier ledger's last checkpoint, checked against its key.
    pub checkpoint: Checkpoint,
    /// That checkpoint as it was signed.
    pub signed: String,
    /// The earlier ledger's public key.
    pub key: VerifierKey,
    /// How many records of the earlier ledger are durable but under no checkpoint of it.
    pub unpublished: u64,
}

/// A handle on an open ledger. Clones share it; when the last one goes, it closes.
#[derive(Clone)]
pub struct Ledger(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    disk: Arc<Disk>,
    key: VerifierKey,
}

impl Ledger {
    /// Opens the ledger in `dir`, or creates it there. Takes the lock, checks that checkpoint and tiles belong together
    /// and that nothing went back, replays the tail and publishes what was in it before anything new is taken.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        Self::open_known(dir, options, &Known::default())
    }

    /// The same for a ledger of which something is known: where it is not in the folder, nothing is made, signed or
    /// published.
    pub fn open_known(dir: &Path, options: Options, known: &Known) -> Result<Self, OpenError> {
        // Not even a folder is made where the ledger should be and is not.
        let is_missing = match std::fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if is_missing {
            known.check_new()?;
        }
        let lock = lock::Lock::take(dir)?;
        let opened = open::open(dir, &options, known)?;
        let (disk, key) = (Arc::clone(&opened.disk), opened.key.clone());
        let shared = shared::start(opened, options, lock)?;
        Ok(Self(Arc::new(Handle { shared, disk, key })))
    }

    /// Opens a new ledger in `dir`, under a new origin, that continues the one in `previous`, which stays as it is: what
    /// has to happen after a backup was restored, because the restored ledger may have signed more than it remembers.
    /// `first` makes the record that names the earlier ledger; it is durable when this returns.
    pub fn continue_from(
        dir: &Path,
        previous: &Path,
        options: Options,
        first: impl FnOnce(&Continuation) -> Vec<u8>,
    ) -> Result<Self, OpenError> {
        let of_previous = |error| OpenError::Previous(Box::new(error));
        let files = LogFiles::open(previous).map_err(of_previous)?;
        let continuation = Continuation {
            checkpoint: files.checkpoint().clone(),
            signed: files.signed_checkpoint().to_string(),
            key: files.key().clone(),
            unpublished: files.size() - files.checkpoint().size,
        };
        if options.origin == continuation.key.name() {
            let taken = crate::note::NoteError::Name(format!("{} (the origin of the earlier ledger)", options.origin));
            return Err(OpenError::Origin(taken));
        }
        let ledger = Self::open(dir, options)?;
        match ledger.status().durable {
            // Killed between the creation and the first record: do it again.
            0 => {}
            size => return Err(OpenError::NotEmpty { dir: dir.to_owned(), size }),
        }
        let receipt = ledger.append(first(&continuation)).map_err(OpenError::First)?;
        receipt.wait().map_err(OpenError::First)?;
        Ok(ledger)
    }

    /// Takes a record, at most [`limits::RECORD_BYTES`]. Never waits for the disk; the receipt does.
    pub fn append(&self, entry: Vec<u8>) -> Result<Receipt, AppendError> {
        if entry.len() > limits::RECORD_BYTES {
            return Err(AppendError::TooLong { bytes: entry.len() });
        }
        self.0.shared.append(entry)
    }

    /// How the ledger is now.
    pub fn status(&self) -> Status {
        self.0.shared.status(self.0.key.name())
    }

    /// How many records are durable, as it changes.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.0.shared.durable.subscribe()
    }

    /// The newest checkpoint, as it changes. It is on disk.
    pub fn checkpoint(&self) -> watch::Receiver<Checkpoint> {
        self.0.shared.checkpoint.subscribe()
    }

    /// The key that this ledger's checkpoints are checked with.
    pub fn key(&self) -> &VerifierKey {
        &self.0.key
    }

    /// Signs a statement of the node's with the ledger's key. Its first line has a space in it, which no origin has, so
    /// that it never passes for a checkpoint. Reads the key from the disk.
    pub fn sign(&self, statement: &str) -> Result<Note, SignError> {
        if !statement.lines().next().is_some_and(|first| first.contains(' ')) {
            return Err(SignError::LikeACheckpoint);
        }
        let bytes = self.0.disk.read_if_there(KEY_FILE)?.ok_or(SignError::NoKey)?;
        let key = SigningKey::parse(&String::from_utf8_lossy(&bytes)).map_err(SignError::Note)?;
        key.sign(statement).map_err(SignError::Note)
    }

    /// The folder it is in.
    pub fn dir(&self) -> PathBuf {
        self.0.disk.root().to_owned()
    }

    /// Durable entries from index `from`, in order, at most `max` and perhaps fewer; none where `from` is the end. Blocks
    /// on the disk for entries that are no longer in memory.
    pub fn read(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        // A partial bundle may be replaced by a later one between looking up its width and reading it.
        const TRIES: usize = 20;
        for _ in 0..TRIES {
            let published = match self.0.shared.read_unpublished(from, max) {
                Ok(entries) => return Ok(entries),
                Err(published) => published,
            };
            let index = from / WIDTH;
            let width = WIDTH.min(published - index * WIDTH);
            let path = Tile { kind: Kind::Entries, index, width }.path();
            let Some(bytes) = self.0.disk.read_if_there(&path)? else { continue };
            let entries = tile::decode_entries(&bytes, width).ok_or(ReadError::Bundle { path, width })?;
            let skip = (from % WIDTH) as usize;
            return Ok(entries.into_iter().skip(skip).take(max).map(<[u8]>::to_vec).collect());
        }
        Err(ReadError::Unsteady)
    }

    /// Takes no more records, syncs what was taken, publishes it and ends. Waits at most [`limits::DRAIN_TIME`]. A
    /// second call waits the same way.
    pub fn close(&self) -> Result<(), CloseError> {
        self.0.shared.close()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Err(error) = self.shared.close() {
            tracing::warn!(%error, "the ledger did not close as it should");
        }
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("origin", &self.0.key.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
