//! The bottom of the tree: every entry of every bundle hashed again and compared with its level 0 tile. This is where
//! the time goes, so it runs on all processors, a run of bundles at a time.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use super::{Upper, decoded, judge, read_hashes};
use crate::disk;
use crate::files::FilesError;
use crate::files::snapshot::Raw;
use crate::merkle::{Hash, leaf_hash};
use crate::tile::{self, Kind, Tile, WIDTH};
use crate::verify::{Flaws, Progress};

/// Bundles that one thread takes at a time.
const RUN: u64 = 32;

/// What one run of bundles gave: the place of its first, the sum of each level 0 tile, the flaws found.
type Run = (u64, Vec<Option<Hash>>, Flaws);

/// Checks every full bundle and level 0 tile, and gives each tile's sum.
pub(super) fn check(
    dir: &Path,
    size: u64,
    upper: &Upper,
    progress: &mut dyn FnMut(Progress),
    flaws: &mut Flaws,
) -> Result<Vec<Option<Hash>>, FilesError> {
    if flaws.is_overfull() {
        return Ok(Vec::new());
    }
    let total = tile::full_count(Kind::Entries, size);
    let next = AtomicU64::new(0);
    let (sender, results) = mpsc::channel::<Result<Run, FilesError>>();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let first = next.fetch_add(RUN, Ordering::Relaxed);
                    // Nobody listens any more once another run has failed.
                    if first >= total || sender.send(check_run(dir, first, total, upper)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut sums = Vec::new();
        let mut done = 0;
        for result in results {
            let (first, run, found) = result?;
            flaws.merge(&found);
            if flaws.is_overfull() {
                break;
            }
            let end = first as usize + run.len();
            if sums.len() < end {
                sums.resize(end, None);
            }
            done += run.len() as u64 * WIDTH;
            sums[first as usize..end].copy_from_slice(&run);
            progress(Progress { done, total: size });
        }
        progress(Progress { done: size, total: size });
        Ok(sums)
    })
}

fn check_run(dir: &Path, first: u64, total: u64, upper: &Upper) -> Result<Run, FilesError> {
    let mut flaws = Flaws::default();
    let mut sums = Vec::new();
    for index in first..(first + RUN).min(total) {
        let bundle = Tile::full(Kind::Entries, index);
        let path = bundle.path();
        let bytes = disk::read_if_there(dir, &path)?;
        if bytes.is_none() {
            flaws.missing(&path);
        }
        let entries = bytes.as_deref().and_then(|bytes| leaf_hashes(&path, bytes, WIDTH, &mut flaws));
        let leaves =
            entries.map_or_else(|| vec![None; WIDTH as usize], |hashes| hashes.into_iter().map(Some).collect());
        let tile = Tile::full(Kind::Level(0), index);
        let held = read_hashes(dir, tile, &mut flaws)?;
        let above = upper.get(&(1, index / WIDTH)).map(|hashes| hashes[(index % WIDTH) as usize]);
        sums.push(judge(tile, held.as_deref(), &leaves, above, &mut flaws));
    }
    Ok((first, sums, flaws))
}

fn leaf_hashes(path: &str, bytes: &[u8], width: u64, flaws: &mut Flaws) -> Option<Vec<Hash>> {
    let entries = decoded(path, tile::decode_entries(bytes, width), flaws)?;
    Some(entries.into_iter().map(leaf_hash).collect())
}

/// The leaf hashes of the partial bundle, each unknown where it does not read.
pub(super) fn partial_bundle(raw: &Raw, size: u64, flaws: &mut Flaws) -> Vec<Option<Hash>> {
    let Some(tile) = tile::partials(size).into_iter().find(|tile| tile.kind == Kind::Entries) else {
        return Vec::new();
    };
    let path = tile.path();
    let hashes = match raw.partials.get(&tile) {
        Some(bytes) => leaf_hashes(&path, bytes, tile.width, flaws),
        None => {
            flaws.missing(&path);
            None
        }
    };
    hashes.map_or_else(|| vec![None; tile.width as usize], |hashes| hashes.into_iter().map(Some).collect())
}
