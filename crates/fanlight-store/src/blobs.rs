//! Files by content, in a folder of bounded size: `sha256/ab/<64 hex>` and the like for other algorithms, written aside in
//! `tmp/`.
//!
//! Refuses to know what a file is or where it came from. Calls block on the disk: use `spawn_blocking`. Invariants: a
//! file under a digest has that content, synced, and is read and checked at its first use in a run; index and folder
//! change together under one lock; what is on its way in counts towards the limit; so much of the disk stays free for
//! others; whoever has a file open goes on reading it, whatever happens to its name.

mod error;
mod index;
mod partial;
mod room;
mod scan;
mod verify;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_base::Timestamp;
use fanlight_base::clock::SharedClock;
use parking_lot::{Condvar, Mutex};

use crate::digest::{Algorithm, Digest};
use index::Index;

pub use error::BlobError;
pub use partial::{PartialBlob, PartialReader, Progress};

/// How stale the recency kept on disk (the file's modification time) may be.
const PERSIST_EVERY_MS: i64 = 60 * 60 * 1000;

/// The folder of files by content. A handle: clones share it.
#[derive(Clone)]
pub struct Blobs(Arc<Inner>);

pub(super) struct Inner {
    dir: PathBuf,
    limit_bytes: u64,
    clock: SharedClock,
    index: Mutex<Index>,
    scanned: Condvar,
}

/// A kept file, opened to read from its start. It stays readable even when it is evicted meanwhile.
#[derive(Debug)]
pub struct BlobFile {
    /// The open file.
    pub file: File,
    /// Its size in bytes.
    pub len: u64,
}

/// What is kept under a digest.
#[derive(Debug)]
pub enum Lookup {
    /// A file that is what its name says.
    Kept(BlobFile),
    /// A file that has not been read in this run as it stands now: [`Blobs::get`] reads it, which takes a while.
    Unread,
    /// Nothing.
    Absent,
}

/// How full the folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all kept files known so far.
    pub bytes: u64,
    /// Kept files known so far.
    pub files: u64,
    /// Bytes written of files on their way in.
    pub coming_bytes: u64,
    /// The limit in bytes.
    pub limit_bytes: u64,
    /// Whether the folder was read wholly since the start; until then nothing is evicted.
    pub scanned: bool,
}

impl Blobs {
    /// Opens the folder, creates it where it is missing, and removes what an earlier process left half-written. What it
    /// keeps is read in the background, so that a large folder does not delay the start; files are found at once.
    ///
    /// Only one process may have a folder open: the state folder's lock sees to that.
    pub fn open(dir: &Path, limit_bytes: u64, clock: SharedClock) -> Result<Self, BlobError> {
        let folders = Algorithm::ALL.map(|algorithm| dir.join(algorithm.as_str()));
        for folder in folders.into_iter().chain([dir.join("tmp")]) {
            fs::create_dir_all(&folder).map_err(BlobError::io("creating the folder", &folder))?;
        }
        scan::clear_tmp(&dir.join("tmp"))?;
        let inner = Arc::new(Inner {
            dir: dir.to_owned(),
            limit_bytes,
            clock,
            index: Mutex::new(Index::default()),
            scanned: Condvar::new(),
        });
        scan::start(&inner)?;
        Ok(Self(inner))
    }

    /// The file of that content, if it is kept; it counts as used now. Reads it where it was not read in this run.
    pub fn get(&self, digest: impl Into<Digest>) -> Result<Option<BlobFile>, BlobError> {
        self.0.look(&digest.into(), true).map(|found| match found {
            Lookup::Kept(file) => Some(file),
            Lookup::Unread | Lookup::Absent => None,
        })
    }

    /// The same without reading it: takes microseconds.
    pub fn find(&self, digest: impl Into<Digest>) -> Result<Lookup, BlobError> {
        self.0.look(&digest.into(), false)
    }

    /// The size in bytes of the file of that content, if it is kept. Asking is no use of it.
    pub fn length(&self, digest: impl Into<Digest>) -> Option<u64> {
        fs::metadata(self.0.path_of(digest)).ok().map(|meta| meta.len())
    }

    /// Begins to keep a file whose content comes in pieces, under its SHA-256.
    pub fn begin(&self) -> Result<PartialBlob, BlobError> {
        self.begin_under(Algorithm::Sha256)
    }

    /// The same under its digest by `algorithm`.
    pub fn begin_under(&self, algorithm: Algorithm) -> Result<PartialBlob, BlobError> {
        PartialBlob::begin(self.0.clone(), algorithm)
    }

    /// Lets go of what was used longest ago where others have filled the disk: the ledger needs it more.
    pub fn give_way(&self) {
        self.0.has_room();
    }

    /// How full the folder is.
    pub fn usage(&self) -> Usage {
        let index = self.0.index.lock();
        Usage {
            bytes: index.bytes(),
            files: index.files(),
            coming_bytes: index.coming,
            limit_bytes: self.0.limit_bytes,
            scanned: index.scanned,
        }
    }

    /// Waits until the folder was read wholly, at most `deadline`. Says whether it was.
    pub fn wait_until_scanned(&self, deadline: std::time::Duration) -> bool {
        let mut index = self.0.index.lock();
        self.0.scanned.wait_while_for(&mut index, |index| !index.scanned, deadline);
        index.scanned
    }
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Blobs").field(&self.0.dir).finish()
    }
}

impl Inner {
    fn tmp(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    fn folder_of(&self, digest: &Digest) -> PathBuf {
        self.dir.join(digest.algorithm().as_str()).join(format!("{:02x}", digest.bytes()[0]))
    }

    fn path_of(&self, digest: impl Into<Digest>) -> PathBuf {
        let digest = digest.into();
        self.folder_of(&digest).join(digest.to_string())
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    fn look(&self, digest: &Digest, may_read: bool) -> Result<Lookup, BlobError> {
        let path = self.path_of(digest);
        let opened = match File::open(&path) {
            Ok(file) => file.metadata().map(|meta| (verify::stamp(&meta), file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Somebody removed it by hand, or it was just evicted.
                self.index.lock().remove_if(digest, || !path.exists());
                return Ok(Lookup::Absent);
            }
            Err(error) => Err(error),
        };
        let (stamp, file) = opened.map_err(BlobError::io("opening", &path))?;
        let len = stamp.len;
        // Its name vouches for its content: read where this process has not read it as it stands now. Without the lock,
        // because that takes a while for a large file.
        if !self.index.lock().is_verified(digest, stamp) {
            if !may_read {
                return Ok(Lookup::Unread);
            }
            let found = verify::digest_of(&file, digest.algorithm()).map_err(BlobError::io("reading", &path))?;
            if found != *digest {
                tracing::warn!(path = %path.display(), %found, "a kept file was changed on the disk: it is dropped");
                self.discard(digest, &path)?;
                return Ok(Lookup::Absent);
            }
        }
        let now = self.now_ms();
        let persist = {
            let mut index = self.index.lock();
            let persist = match index.touch(digest, now, PERSIST_EVERY_MS) {
                Some(persist) => persist,
                // Opened before the scan came by, or evicted since it was opened: only the folder can tell.
                None if path.exists() => {
                    index.put(*digest, len, now);
                    true
                }
                None => false,
            };
            index.verified(digest, stamp);
            persist
        };
        if persist {
            let at = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
            // Best effort: without it the file is evicted a little too early after a restart.
            let _ = file.set_modified(at.into());
            // That was our own change: it is no reason to read the file again.
            if let Ok(meta) = file.metadata() {
                self.index.lock().verified(digest, verify::stamp(&meta));
            }
        }
        Ok(Lookup::Kept(BlobFile { file, len }))
    }

    /// So many more bytes are on their way in: kept files make room for them.
    fn comes(&self, bytes: u64) {
        let victims = {
            let mut index = self.index.lock();
            index.coming += bytes;
            self.move_victims_aside(&mut index)
        };
        self.remove(victims);
    }

    /// So many bytes that were on their way in are not any more.
    fn came(&self, bytes: u64) {
        self.index.lock().coming -= bytes;
    }

    fn discard(&self, digest: &Digest, path: &Path) -> Result<(), BlobError> {
        let mut index = self.index.lock();
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BlobError::io("removing", path)(error)),
            _ => {
                index.remove(digest);
                Ok(())
            }
        }
    }

    /// Moves a finished file to its name and makes room for it. `aside` is synced and holds `digest`'s content; `coming` is
    /// what is counted of it as on its way, and none once it is in its place.
    fn admit(&self, aside: &Path, digest: &Digest, len: u64, coming: &mut u64) -> Result<(), BlobError> {
        let folder = self.folder_of(digest);
        let target = self.path_of(digest);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(BlobError::io("creating the folder", &folder))?;
            sync_folder(&self.dir.join(digest.algorithm().as_str()))?;
        }
        let victims = {
            let mut index = self.index.lock();
            fs::rename(aside, &target).map_err(BlobError::io("putting in place", &target))?;
            index.coming -= std::mem::take(coming);
            index.put(*digest, len, self.now_ms());
            self.move_victims_aside(&mut index)
        };
        self.remove(victims);
        sync_folder(&folder)
    }

    /// Takes the least recently used files out of their places where there are more than the limit, or too little of the
    /// disk is free. They are renamed, which is quick, and removed by the caller without the lock, which for a large file
    /// is not.
    fn move_victims_aside(&self, index: &mut Index) -> Vec<Victim> {
        let mut aside = Vec::new();
        let mut short = self.short(index);
        // Before the scan is over the oldest is not known.
        while index.scanned && (short > 0 || index.bytes() + index.coming > self.limit_bytes) {
            let Some((digest, bytes)) = index.oldest() else { break };
            let from = self.path_of(digest);
            let to = self.tmp().join(format!("evicted-{digest}"));
            match fs::rename(&from, &to) {
                Ok(()) => {
                    index.leaving += bytes;
                    short = short.saturating_sub(bytes);
                    aside.push(Victim { path: to, bytes });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    // The disk refuses changes: the next finished file tries again.
                    tracing::warn!(path = %from.display(), %error, "a kept file could not be evicted");
                    break;
                }
            }
            index.remove(&digest);
        }
        aside
    }

    fn remove(&self, victims: Vec<Victim>) {
        for Victim { path, bytes } in victims {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an evicted file could not be removed: the next start does");
            }
            self.index.lock().leaving -= bytes;
        }
    }
}

/// A file that was taken out of its place.
struct Victim {
    path: PathBuf,
    bytes: u64,
}

fn sync_folder(folder: &Path) -> Result<(), BlobError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(BlobError::io("syncing the folder", folder))
}

#[cfg(test)]
mod tests;
