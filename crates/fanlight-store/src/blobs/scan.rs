//! Reading the folder: at the start, what an earlier process left; in the background, what is kept.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::UNIX_EPOCH;

use super::Inner;
use super::error::BlobError;
use crate::digest::Algorithm;

/// Removes what was half-written or half-evicted when an earlier process ended.
pub(super) fn clear_tmp(tmp: &Path) -> Result<(), BlobError> {
    let entries = fs::read_dir(tmp).map_err(BlobError::io("reading the folder", tmp))?;
    for entry in entries {
        let path = entry.map_err(BlobError::io("reading the folder", tmp))?.path();
        fs::remove_file(&path).map_err(BlobError::io("removing the leftover", &path))?;
    }
    Ok(())
}

/// Reads what is kept into the index, in a thread of its own that ends early when nobody has the folder open any more.
pub(super) fn start(inner: &Arc<Inner>) -> Result<(), BlobError> {
    let weak = Arc::downgrade(inner);
    let dir = inner.dir.clone();
    std::thread::Builder::new()
        .name("blobs-scan".into())
        .spawn(move || run(&weak))
        .map(drop)
        .map_err(BlobError::io("starting to read", &dir))
}

fn run(weak: &Weak<Inner>) {
    for (algorithm, first) in Algorithm::ALL.into_iter().flat_map(|of| (0..=u8::MAX).map(move |first| (of, first))) {
        let Some(inner) = weak.upgrade() else { return };
        read_folder(&inner, algorithm, &inner.dir.join(algorithm.as_str()).join(format!("{first:02x}")));
    }
    let Some(inner) = weak.upgrade() else { return };
    let victims = {
        let mut index = inner.index.lock();
        index.scanned = true;
        inner.scanned.notify_all();
        inner.move_victims_aside(&mut index)
    };
    inner.remove(victims);
}

fn read_folder(inner: &Inner, algorithm: Algorithm, folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let now = inner.now_ms();
    for entry in entries.flatten() {
        // What is not named by a digest is not ours: left alone and not counted.
        let Some(digest) = entry.file_name().to_str().and_then(|name| algorithm.parse(name)) else { continue };
        let Ok(meta) = entry.metadata() else { continue };
        if !meta.is_file() {
            continue;
        }
        let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let used = modified.and_then(|span| i64::try_from(span.as_millis()).ok()).unwrap_or(0);
        let mut index = inner.index.lock();
        // Asked again under the lock: it may have been discarded since the folder was read.
        if entry.path().exists() {
            // A time ahead of the clock would keep a file for ever.
            index.found(digest, meta.len(), used.min(now));
        }
    }
}
