//! A file on its way in: written aside, hashed as it is written, readable by others while it grows.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest;
use tokio::sync::watch;

use super::error::BlobError;
use super::{BlobFile, Inner};
use crate::digest::{Algorithm, Digest};

/// How far a file on its way in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are there to be read; more may come.
    Writing(u64),
    /// All bytes are there and they are what was promised.
    Finished(u64),
    /// It was given up or was not what was promised. What was read of it must not be taken for the file.
    Failed,
}

/// A file on its way in. Dropped before [`PartialBlob::finish`], it is removed and its readers are told.
pub struct PartialBlob {
    inner: Arc<Inner>,
    file: Arc<File>,
    /// None once it is in its place, so that nothing is removed on drop.
    aside: Option<PathBuf>,
    hash: digest::Context,
    algorithm: Algorithm,
    progress: watch::Sender<Progress>,
    written: u64,
    /// Of these, counted as on their way in.
    coming: u64,
}

/// Reads a file while it is on its way in, and after. A handle: clones share the file, each with a progress of its own.
#[derive(Debug, Clone)]
pub struct PartialReader {
    file: Arc<File>,
    progress: watch::Receiver<Progress>,
}

impl PartialBlob {
    pub(super) fn begin(inner: Arc<Inner>, algorithm: Algorithm) -> Result<Self, BlobError> {
        // The folder is ours alone and empty at the start, so a counter makes names that are new.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let aside = inner.tmp().join(name);
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside)
            .map_err(BlobError::io("creating", &aside))?;
        Ok(Self {
            inner,
            file: Arc::new(file),
            aside: Some(aside),
            hash: digest::Context::new(algorithm.ring()),
            algorithm,
            progress: watch::Sender::new(Progress::Writing(0)),
            written: 0,
            coming: 0,
        })
    }

    /// Adds bytes at the end. After an error the file cannot be finished any more: drop it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let Some(aside) = &self.aside else { return Ok(()) };
        let written = match self.inner.has_room() {
            true => (&*self.file).write_all(bytes),
            false => Err(io::ErrorKind::StorageFull.into()),
        };
        if let Err(source) = written {
            self.progress.send_replace(Progress::Failed);
            return Err(BlobError::io("writing", aside)(source));
        }
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        self.coming += bytes.len() as u64;
        self.inner.comes(bytes.len() as u64);
        self.progress.send_replace(Progress::Writing(self.written));
        Ok(())
    }

    /// Bytes written so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// A handle that reads what was written so far and learns of more.
    pub fn reader(&self) -> PartialReader {
        PartialReader { file: self.file.clone(), progress: self.progress.subscribe() }
    }

    /// Checks the content against `expected`, a digest by the algorithm it was begun for, syncs it and puts it in its place; gives it opened to read. When this
    /// returns without error the file survives a loss of power.
    ///
    /// # Errors
    /// [`BlobError::WrongHash`] where the content is another; on any error nothing is kept and readers see
    /// [`Progress::Failed`].
    pub fn finish(mut self, expected: impl Into<Digest>) -> Result<BlobFile, BlobError> {
        let expected = expected.into();
        let Some(aside) = self.aside.clone() else {
            return Err(BlobError::io("finishing", &self.inner.tmp())(io::ErrorKind::NotFound.into()));
        };
        if *self.progress.borrow() == Progress::Failed {
            return Err(BlobError::io("finishing", &aside)(io::Error::other("an earlier write failed")));
        }
        let actual = self.algorithm.of_ring(&self.hash.clone().finish());
        if actual != expected {
            return Err(BlobError::WrongHash { expected: expected.into(), actual: actual.into() });
        }
        // The order of use is told by the node's clock throughout, also where it is not the disk's.
        let _ = self.file.set_modified(self.inner.clock.now().into());
        self.file.sync_all().map_err(BlobError::io("syncing", &aside))?;
        // Opened before it has its name: it may be evicted at once where it alone is over the limit.
        let file = File::open(&aside).map_err(BlobError::io("opening", &aside))?;
        self.inner.admit(&aside, &expected, self.written, &mut self.coming)?;
        self.aside = None;
        self.progress.send_replace(Progress::Finished(self.written));
        Ok(BlobFile { file, len: self.written })
    }
}

impl Drop for PartialBlob {
    fn drop(&mut self) {
        self.inner.came(self.coming);
        if let Some(aside) = self.aside.take() {
            self.progress.send_replace(Progress::Failed);
            match fs::remove_file(&aside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %aside.display(), %error, "a half-written file stays until the next start");
                }
                _ => {}
            }
        }
    }
}

impl PartialReader {
    /// Reads into `buffer` what stands at `offset`, never more than was written when it was asked. Gives how many bytes
    /// there were; 0 means that there are none yet, or no more.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let there = match self.progress() {
            Progress::Writing(written) | Progress::Finished(written) => written,
            Progress::Failed => return Err(io::Error::other("the file was given up while it was being read")),
        };
        let left = usize::try_from(there.saturating_sub(offset)).unwrap_or(usize::MAX);
        let take = left.min(buffer.len());
        if take == 0 { Ok(0) } else { self.file.read_at(&mut buffer[..take], offset) }
    }

    /// The file itself, for readers that keep to what they were told was written.
    pub fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Waits until there is something after `offset`, or nothing more will come. Wrap it into a deadline of your own.
    pub async fn past(&mut self, offset: u64) -> Progress {
        let met = |progress: &Progress| !matches!(progress, Progress::Writing(written) if *written <= offset);
        // The sender's drop always sends a last word first, so an error only means that it was sent.
        match self.progress.wait_for(met).await {
            Ok(progress) => *progress,
            Err(_) => Progress::Failed,
        }
    }
}
