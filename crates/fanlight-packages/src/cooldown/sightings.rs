//! What this node saw of a project's files, and when: the second clock's memory.
//!
//! Kept by the store as JSON. Files that vanish are remembered, because a page can be empty for a while (a quarantined
//! project lists none) and what comes back is not new.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::{Timestamp, limits};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ecosystem::{File, Index};

/// How much older than our last look a new file may claim to be and still be believed: caches between the upstream and us
/// may have shown us a page that was behind by this much.
pub const BACKDATING_SLACK: Duration = Duration::from_secs(10 * 60);

/// What was seen of one project. When it was last looked at is kept beside it, because most looks change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// By name. A list in order, because a tree of as many would take twice the room.
    #[serde(serialize_with = "as_map", deserialize_with = "from_map")]
    files: ByName,
    /// While the page does not say which files there are: the last look that did, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blind: Option<Blind>,
}

/// Sightings in the order of their files' names.
type ByName = Box<[(Arc<str>, Sighting)]>;

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
    /// The start of its digest as a number: another content under the same name is another file.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    content: Option<u64>,
}

impl Sightings {
    /// What is known after a look that showed `index` at `now`. `previous` is what was known before and when the project
    /// was last looked at, looks that found nothing changed included.
    ///
    /// The first look has no baseline: every stated time is believed. A later look's new files are measured against the
    /// look before. A quarantined project's page without files is no baseline: it does not say which files there are.
    pub fn observe(previous: Option<(&Self, Timestamp)>, index: &impl Index, now: Timestamp) -> Self {
        let (known, last_look) = match previous {
            // Clocks may be set back; a look is never after the one that follows it.
            Some((known, at)) => (known.clone(), Some(at.min(now))),
            None => (Self::default(), None),
        };
        let baseline = known.blind.map_or(last_look, |blind| blind.listed_at);
        if index.files().is_empty() && index.may_hide_files() {
            return Self { blind: Some(Blind { listed_at: baseline }), ..known };
        }
        let mut files: BTreeMap<Arc<str>, Sighting> = known.files.into_iter().collect();
        for file in index.files() {
            match files.get_mut(&**file.key()) {
                Some(seen) if seen.is_of(file) => seen.hear(file),
                // Another content under a known name was not there at any look before.
                Some(seen) => *seen = Sighting::new(file, baseline, now),
                None => {
                    files.insert(file.key().clone(), Sighting::new(file, baseline, now));
                }
            }
        }
        forget_vanished(&mut files, index);
        let mut sightings = Self { files: files.into_iter().collect(), blind: None };
        sightings.share_names(index);
        sightings
    }

    /// Has the names of listed files in common with the index, instead of the same again.
    pub fn share_names(&mut self, index: &impl Index) {
        let listed: HashMap<&str, &Arc<str>, foldhash::fast::RandomState> =
            index.files().iter().map(|file| (&**file.key(), file.key())).collect();
        for (name, _) in &mut self.files {
            if let Some(shared) = listed.get(&**name) {
                *name = Arc::clone(shared);
            }
        }
    }

    /// What was seen of a file of that name and content.
    pub fn get(&self, file: &impl File) -> Option<&Sighting> {
        let at = self.files.binary_search_by(|(name, _)| (**name).cmp(&**file.key())).ok()?;
        self.files.get(at).map(|(_, seen)| seen).filter(|seen| seen.is_of(file))
    }

    /// How many files are remembered.
    pub const fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is remembered.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The names of files found backdated.
    pub fn backdated(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, seen)| seen.backdated).map(|(name, _)| &**name)
    }

    /// Bytes it takes, roughly. Names are counted where they are not the index's own.
    pub fn bytes(&self, index: &impl Index) -> usize {
        let own = self.files.len().saturating_sub(index.files().len()) * NAME_BYTES;
        size_of_val(&*self.files) + own
    }
}

/// Bytes that a name takes, roughly: counters, the text of an ordinary wheel's name, the allocation's own.
const NAME_BYTES: usize = 80;

/// Over the limit, files that are no longer listed go, those first seen earliest first.
fn forget_vanished(files: &mut BTreeMap<Arc<str>, Sighting>, index: &impl Index) {
    let surplus = files.len().saturating_sub(limits::INDEX_PAGE_FILES);
    if surplus == 0 {
        return;
    }
    let listed: HashSet<&str> = index.files().iter().map(|file| &**file.key()).collect();
    let vanished = files.iter().filter(|(name, _)| !listed.contains(&***name));
    let mut vanished: Vec<_> = vanished.map(|(name, seen)| (seen.first_seen, name.clone())).collect();
    vanished.sort();
    for (_, name) in vanished.into_iter().take(surplus) {
        files.remove(&name);
    }
}

fn as_map<S: Serializer>(files: &[(Arc<str>, Sighting)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(files.iter().map(|(name, seen)| (name, seen)))
}

/// By way of a map, so that what is kept need not be trusted to be in order.
fn from_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ByName, D::Error> {
    Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
}

impl Sighting {
    fn new(file: &impl File, absent_at: Option<Timestamp>, now: Timestamp) -> Self {
        let mut seen = Self { first_seen: now, absent_at, stated: None, backdated: false, content: None };
        seen.hear(file);
        seen
    }

    /// A file without a stated hash is known by its name alone.
    fn is_of(&self, file: &impl File) -> bool {
        match (self.content, content(file)) {
            (Some(known), Some(stated)) => known == stated,
            _ => true,
        }
    }

    /// Takes in what the page says of the file now.
    fn hear(&mut self, file: &impl File) {
        self.content = self.content.or(content(file));
        let Some(stated) = file.published() else { return };
        // A time that moves back is not believed: the latest ever stated counts.
        self.stated = self.stated.max(Some(stated));
        if let Some(absent_at) = self.absent_at {
            self.backdated |= stated.saturating_add(BACKDATING_SLACK).is_ok_and(|latest| latest < absent_at);
        }
    }
}

/// Sixty-four bits: whoever makes two files that share them gains the age of his own first file and nothing else, since
/// the whole hash is verified when the file is fetched.
fn content(file: &impl File) -> Option<u64> {
    file.content().digest().and_then(|digest| digest.bytes().first_chunk().copied()).map(u64::from_be_bytes)
}
