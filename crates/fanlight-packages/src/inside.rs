//! What is inside a file of a release that is kept here, for people who look at the release.
//!
//! Fetches nothing and judges nothing. Invariant: only what is small enough is opened, and only so many at once.

use std::collections::BTreeMap;

use fanlight_base::limits;
use fanlight_scan::contents::Entry;
use fanlight_scan::{Contents, Report, changes, contents};
use fanlight_store::{Blobs, Digest};
use tokio::sync::Semaphore;

use crate::about::{self, About};

/// Archives opened at once, whoever asks: each takes a processor for a while.
static TURNS: Semaphore = Semaphore::const_new(limits::SCANS);

/// What a file of a release holds.
#[derive(Debug)]
pub struct Inside {
    /// Its files. In the first folder `*` stands for the version, so that two releases can be compared.
    pub files: BTreeMap<String, Entry>,
    /// What its manifest says; nothing where it has none that can be read.
    pub about: About,
    /// Whether all of it was looked at.
    pub is_whole: bool,
}

/// Why it was not looked into.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// It is not in this node's cache.
    #[error("it is not in this node's cache")]
    NotHere,
    /// It is larger than [`limits::CONTENTS_BYTES`].
    #[error("it has {0} bytes, and {limit} is the most that is looked into", limit = limits::CONTENTS_BYTES)]
    TooLarge(u64),
    /// It could not be read.
    #[error("it could not be read from the cache: {0}")]
    Unread(String),
}

/// Looks into a file that is kept here.
pub async fn inside(
    blobs: &Blobs,
    ecosystem: &'static str,
    file: &str,
    version: &str,
    digest: Option<Digest>,
) -> Result<Inside, Unopened> {
    let digest = digest.filter(|digest| blobs.length(*digest).is_some()).ok_or(Unopened::NotHere)?;
    let _turn = TURNS.acquire().await;
    let (blobs, file, version) = (blobs.clone(), file.to_owned(), version.to_owned());
    let looking = tokio::task::spawn_blocking(move || {
        let unread = |error: &dyn std::fmt::Display| Unopened::Unread(error.to_string());
        let mut kept = blobs.get(digest).map_err(|error| unread(&error))?.ok_or(Unopened::NotHere)?;
        if kept.len > limits::CONTENTS_BYTES {
            return Err(Unopened::TooLarge(kept.len));
        }
        let contents =
            contents(&mut kept.file, &file, about::is_manifest(ecosystem)).map_err(|error| unread(&error))?;
        Ok(of(contents, ecosystem, &version))
    });
    looking.await.map_err(|error| Unopened::Unread(error.to_string()))?
}

fn of(contents: Contents, ecosystem: &str, version: &str) -> Inside {
    let Contents { files, texts, is_whole } = contents;
    // The first in the order of their names; an archive has one, or tries to confuse somebody.
    let about = texts.values().next().map(|text| about::of_manifest(ecosystem, text)).unwrap_or_default();
    let files = files.into_iter().map(|(path, entry)| (alike(&path, version), entry)).collect();
    Inside { files, about, is_whole }
}

/// What a release does that the one before it did not, by the two reports of the scan as they are kept; nothing where they
/// cannot be compared.
pub fn newly_does(before: &str, now: &str) -> Option<Vec<String>> {
    let read = |kept: &str| serde_json::from_str::<Report>(kept).ok();
    let (before, now) = (read(before)?, read(now)?);
    if before.rules != now.rules || !before.is_whole() || !now.is_whole() {
        return None;
    }
    let said = changes(&before, &now).into_iter().map(|finding| match finding.place.path.as_str() {
        "" => finding.evidence,
        path => format!("{path}: {}", finding.evidence),
    });
    Some(said.collect())
}

/// A path with the version taken out of the first folder, as `demo-1.0/` of an archive of sources has it.
fn alike(path: &str, version: &str) -> String {
    match path.split_once('/') {
        Some((folder, rest)) => format!("{}/{rest}", folder.replacen(version, "*", 1)),
        None => path.to_owned(),
    }
}
