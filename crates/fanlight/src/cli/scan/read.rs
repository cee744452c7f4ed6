//! Reads rules and archives: several at once, each by one thread.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use fanlight_scan::{Popular, RuleSet, scan};

use super::Looked;
use super::bar::Bar;
use super::targets::Archive;
use crate::cli::outcome::Failure;

/// Threads that read at once, at most.
const THREADS: usize = 8;

/// The built-in rules and names, and the rules of a folder.
pub(super) fn rules(folder: Option<&Path>) -> Result<RuleSet, Failure> {
    let rules = match folder {
        Some(folder) => RuleSet::with_folder(folder)
            .map_err(|error| Failure::new(error).hint("mend or take away that file; no archive was looked at"))?,
        None => RuleSet::default(),
    };
    Ok(RuleSet { popular: Popular::new(Popular::built_in()), ..rules })
}

/// Looks into all archives; the answers are in the order of the archives.
pub(super) fn all(archives: &[Archive], rules: &RuleSet, jobs: Option<NonZeroUsize>) -> Vec<Looked> {
    let bar = Bar::new(archives.len());
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Looked)>> = Mutex::new(Vec::with_capacity(archives.len()));
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, usize::from);
    let threads = jobs.min(THREADS).min(archives.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, archive)) = one_more(&next, archives) {
                    let looked = one(archive, rules);
                    bar.one_more(&archive.shown);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, looked));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, looked)| looked).collect()
}

fn one_more<'a>(next: &AtomicUsize, archives: &'a [Archive]) -> Option<(usize, &'a Archive)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    archives.get(at).map(|archive| (at, archive))
}

fn one(archive: &Archive, rules: &RuleSet) -> Looked {
    let start = Instant::now();
    let read = || -> Result<_, Failure> {
        let mut file = File::open(&archive.path).map_err(|source| unreadable(&archive.path, source))?;
        scan(&mut file, &archive.file, rules).map_err(Failure::new)
    };
    let report = read();
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    Looked { path: archive.shown.clone(), milliseconds, report }
}

/// What of the file system could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{path} could not be read", path = path.display())]
pub(super) struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    Failure::new(Unreadable { path: path.to_owned(), source })
}

/// Whether something is a folder, or why that cannot be told.
pub(super) fn is_folder(path: &Path) -> Result<bool, Failure> {
    fs::metadata(path).map(|about| about.is_dir()).map_err(|source| unreadable(path, source))
}
