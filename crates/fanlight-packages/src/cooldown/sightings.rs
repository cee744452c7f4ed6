//! What this node saw of a project's files, and when: the second clock's memory.
//!
//! Kept by the store as JSON. Files that vanish are remembered, because a page can be empty for a while (a quarantined
//! project lists none) and what comes back is not new.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::pypi::formats::index::{Index, IndexFile, Status};

/// How much older than our last look a new file may claim to be and still be believed: caches between the upstream and us
/// may have shown us a page that was behind by this much.
pub const BACKDATING_SLACK: Duration = Duration::from_secs(10 * 60);

/// What was seen of one project. When it was last looked at is kept beside it, because most looks change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    files: BTreeMap<Arc<str>, Sighting>,
    /// While the page does not say which files there are: the last look that did, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blind: Option<Blind>,
}

/// The last look at a page that listed files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Blind {
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    listed_at: Option<Timestamp>,
}

/// What was seen of one file. As JSON its names are short, because a project may have thousands of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// When it was first on a page.
    #[serde(rename = "s", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub first_seen: Timestamp,
    /// The newest look before that, at which it was not there.
    #[serde(rename = "a", with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_at: Option<Timestamp>,
    /// The latest time the upstream ever stated for it.
    #[serde(rename = "u", with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Timestamp>,
    /// Whether it ever claimed to be older than a look at which it was not there.
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub backdated: bool,
    /// The start of its SHA-256 as a number: another content under the same name is another file.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    content: Option<u64>,
}

impl Sightings {
    /// What is known after a look that showed `index` at `now`. `previous` is what was known before and when the project
    /// was last looked at, looks that found nothing changed included.
    ///
    /// The first look has no baseline: every stated time is believed. A later look's new files are measured against the
    /// look before. A quarantined project's page without files is no baseline: it does not say which files there are.
    pub fn observe(previous: Option<(&Self, Timestamp)>, index: &Index, now: Timestamp) -> Self {
        let (mut sightings, last_look) = match previous {
            // Clocks may be set back; a look is never after the one that follows it.
            Some((known, at)) => (known.clone(), Some(at.min(now))),
            None => (Self::default(), None),
        };
        let baseline = sightings.blind.map_or(last_look, |blind| blind.listed_at);
        if index.files.is_empty() && index.project_status.status == Status::Quarantined {
            sightings.blind = Some(Blind { listed_at: baseline });
            return sightings;
        }
        sightings.blind = None;
        for file in &index.files {
            match sightings.files.get_mut(&*file.filename) {
                Some(seen) if seen.is_of(file) => seen.hear(file),
                // Another content under a known name was not there at any look before.
                Some(seen) => *seen = Sighting::new(file, baseline, now),
                None => {
                    sightings.files.insert(file.filename.clone(), Sighting::new(file, baseline, now));
                }
            }
        }
        sightings.forget_vanished(index);
        sightings
    }

    /// What was seen of a file of that name and content.
    pub fn get(&self, file: &IndexFile) -> Option<&Sighting> {
        self.files.get(&*file.filename).filter(|seen| seen.is_of(file))
    }

    /// How many files are remembered.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is remembered.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The names of files found backdated.
    pub fn backdated(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, seen)| seen.backdated).map(|(name, _)| &**name)
    }

    /// Over the limit, files that are no longer listed go, those first seen earliest first.
    fn forget_vanished(&mut self, index: &Index) {
        let surplus = self.files.len().saturating_sub(limits::INDEX_PAGE_FILES);
        if surplus == 0 {
            return;
        }
        let listed: HashSet<&str> = index.files.iter().map(|file| &*file.filename).collect();
        let vanished = self.files.iter().filter(|(name, _)| !listed.contains(&***name));
        let mut vanished: Vec<_> = vanished.map(|(name, seen)| (seen.first_seen, name.clone())).collect();
        vanished.sort();
        for (_, name) in vanished.into_iter().take(surplus) {
            self.files.remove(&name);
        }
    }
}

impl Sighting {
    fn new(file: &IndexFile, absent_at: Option<Timestamp>, now: Timestamp) -> Self {
        let mut seen = Self { first_seen: now, absent_at, stated: None, backdated: false, content: None };
        seen.hear(file);
        seen
    }

    /// A file without a stated hash is known by its name alone.
    fn is_of(&self, file: &IndexFile) -> bool {
        match (self.content, content(file)) {
            (Some(known), Some(stated)) => known == stated,
            _ => true,
        }
    }

    /// Takes in what the page says of the file now.
    fn hear(&mut self, file: &IndexFile) {
        self.content = self.content.or(content(file));
        let Some(stated) = file.upload_time else { return };
        // A time that moves back is not believed: the latest ever stated counts.
        self.stated = self.stated.max(Some(stated));
        if let Some(absent_at) = self.absent_at {
            self.backdated |= stated.saturating_add(BACKDATING_SLACK).is_ok_and(|latest| latest < absent_at);
        }
    }
}

/// Sixty-four bits: whoever makes two files that share them gains the age of his own first file and nothing else, since
/// the whole hash is verified when the file is fetched.
fn content(file: &IndexFile) -> Option<u64> {
    file.hashes.sha256.and_then(|sha256| sha256.0.first_chunk().copied()).map(u64::from_be_bytes)
}
