//! Which files are kept, how large they are and in which order they were used. No I/O.

use std::collections::{BTreeMap, HashMap};

use crate::digest::Digest;

/// When a file was used: the time, and a counter that orders what happened in one millisecond.
type Used = (i64, u64);

/// What the disk says of a file without reading it. The change time is set by the system alone, so whoever writes to the
/// file changes it. Of a write within the same tick of that clock (some milliseconds) nothing is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) inode: u64,
    pub(super) len: u64,
    /// Seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    /// Seconds and nanoseconds.
    pub(super) changed: (i64, i64),
}

struct Kept {
    len: u64,
    used: Used,
    /// The time of use that the disk knows.
    persisted_ms: i64,
    /// How the file stood when this process last knew its content to be what its name says; None until it was read.
    verified: Option<Stamp>,
}

/// The index. `by_use` holds exactly the files of `files`, and `bytes` is the sum of their sizes.
#[derive(Default)]
pub(super) struct Index {
    files: HashMap<Digest, Kept>,
    by_use: BTreeMap<Used, Digest>,
    bytes: u64,
    /// Bytes written of files on their way in.
    pub(super) coming: u64,
    /// Bytes out of their places that are still on the disk.
    pub(super) leaving: u64,
    counter: u64,
    /// Whether all files that were there at the start are in.
    pub(super) scanned: bool,
}

impl Index {
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn files(&self) -> u64 {
        self.files.len() as u64
    }

    /// Whether the content was verified when the file stood as it does now.
    pub(super) fn is_verified(&self, digest: &Digest, stamp: Stamp) -> bool {
        self.files.get(digest).is_some_and(|kept| kept.verified == Some(stamp))
    }

    /// Notes that the content of a file that stands so is what its name says.
    pub(super) fn verified(&mut self, digest: &Digest, stamp: Stamp) {
        if let Some(kept) = self.files.get_mut(digest) {
            kept.verified = Some(stamp);
        }
    }

    /// The file used longest ago, and its bytes.
    pub(super) fn oldest(&self) -> Option<(Digest, u64)> {
        let (_, digest) = self.by_use.first_key_value()?;
        Some((*digest, self.files.get(digest)?.len))
    }

    /// Notes a use now of a file that is known. True where the use should be told to the disk, None where it is not known.
    pub(super) fn touch(&mut self, digest: &Digest, now_ms: i64, persist_every_ms: i64) -> Option<bool> {
        let used = self.next(now_ms);
        let kept = self.files.get_mut(digest)?;
        self.by_use.remove(&kept.used);
        kept.used = used;
        self.by_use.insert(used, *digest);
        let stale = now_ms.saturating_sub(kept.persisted_ms) >= persist_every_ms;
        if stale {
            kept.persisted_ms = now_ms;
        }
        Some(stale)
    }

    /// A file was put in place now.
    pub(super) fn put(&mut self, digest: Digest, len: u64, now_ms: i64) {
        self.remove(&digest);
        let used = self.next(now_ms);
        self.insert(digest, Kept { len, used, persisted_ms: now_ms, verified: None });
    }

    /// A file was found on disk, last used at `used_ms` as far as the disk knows.
    pub(super) fn found(&mut self, digest: Digest, len: u64, used_ms: i64) {
        if !self.files.contains_key(&digest) {
            let used = self.next(used_ms);
            self.insert(digest, Kept { len, used, persisted_ms: used_ms, verified: None });
        }
    }

    pub(super) fn remove(&mut self, digest: &Digest) {
        if let Some(kept) = self.files.remove(digest) {
            self.by_use.remove(&kept.used);
            self.bytes -= kept.len;
        }
    }

    /// Removes it where it is known and `gone` says so, asked under the lock.
    pub(super) fn remove_if(&mut self, digest: &Digest, gone: impl FnOnce() -> bool) {
        if self.files.contains_key(digest) && gone() {
            self.remove(digest);
        }
    }

    fn insert(&mut self, digest: Digest, kept: Kept) {
        self.bytes += kept.len;
        self.by_use.insert(kept.used, digest);
        self.files.insert(digest, kept);
    }

    fn next(&mut self, ms: i64) -> Used {
        self.counter += 1;
        (ms, self.counter)
    }
}
