//! What was judged, kept: for each audience which verdicts hold until when, and for equal verdicts one page in each form
//! and for each address under which clients know the door, where the form carries it.
//!
//! Audiences are many where policies name many callers, verdicts few: so an audience costs a few words, and the pages
//! are shared by all whose verdicts are equal, from one epoch to the next as well.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Weak};

use fanlight_base::{Audience, Timestamp, limits};
use parking_lot::Mutex;
use ring::digest;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::page::Page;
use crate::project::{Load, Scale, UpstreamState, allocated};

/// For whom, under which policies, on which kind of knowledge.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Of {
    pub(super) epoch: u64,
    pub(super) state: UpstreamState,
    pub(super) audience: Audience,
}

/// The judgements of one version of a project's page.
pub struct Judgements {
    held: Mutex<Held>,
    /// One judging or rendering at a time for a page.
    turn: Semaphore,
    scale: Arc<Scale>,
}

#[derive(Default)]
struct Held {
    by_audience: HashMap<Of, Entry, foldhash::quality::RandomState>,
    by_digest: HashMap<Digest, Weak<Verdicts>, foldhash::quality::RandomState>,
}

struct Entry {
    holds: Range<Timestamp>,
    verdicts: Arc<Verdicts>,
    _load: Load,
}

type Digest = [u8; 32];

/// What the guard says of a project's files, by itself.
#[derive(Default)]
pub(super) struct Found {
    /// The refusal's words for each file that may not be had, by its place on the page.
    pub(super) withheld: Vec<(u32, Arc<str>)>,
    /// Bytes that these words take.
    line_bytes: usize,
    pub(super) held: i64,
    pub(super) denied: i64,
    pub(super) newest_allowed: Option<Box<str>>,
}

/// Which page of a judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The form's word.
    pub(super) form: &'static str,
    /// The door's address in it; empty where the form carries none.
    pub(super) door: Box<str>,
}

/// A page that was written, weighed as long as somebody has it.
pub struct Written {
    place: Place,
    /// The page.
    pub page: Page,
    _load: Load,
}

/// What the guard says of a project's files, and the pages written by it.
pub struct Verdicts {
    withheld: Box<[(u32, Arc<str>)]>,
    /// Files held.
    pub held: i64,
    /// Files denied.
    pub denied: i64,
    /// The newest version that may be had, final releases first.
    pub newest_allowed: Option<Box<str>>,
    /// The page written last comes last.
    pages: Mutex<Vec<Arc<Written>>>,
    load: Load,
}

/// What stands for a version where nothing may be had.
const NONE_YET: &str = "another package (no release of this one is allowed yet)";
/// How that begins, and nothing else does.
pub(crate) const NO_RELEASE: &str = "another package";

/// What to take instead of a file of that version: where some file of it may be had, and it is the newest such, that one.
fn instead(newest_allowed: Option<&str>, version: Option<&impl ToString>) -> String {
    match newest_allowed {
        Some(newest) if version.is_some_and(|version| version.to_string() == newest) => {
            format!("another file of {newest}")
        }
        newest => newest.unwrap_or(NONE_YET).to_owned(),
    }
}

impl Found {
    /// See [`Verdicts::instead`].
    pub(super) fn instead(&self, version: Option<&impl ToString>) -> String {
        instead(self.newest_allowed.as_deref(), version)
    }

    /// Notes the words of a refusal. The files of a release stand together and mostly have the same.
    pub(super) fn withhold(&mut self, file: u32, line: &str) {
        let line = match self.withheld.last() {
            Some((_, last)) if **last == *line => last.clone(),
            _ => {
                self.line_bytes += allocated(16 + line.len());
                line.into()
            }
        };
        self.withheld.push((file, line));
    }

    /// Equal for equal verdicts: each part is hashed with its length or at a fixed one.
    fn digest(&self) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        let newest = self.newest_allowed.as_deref().unwrap_or_default();
        for number in [self.held, self.denied, i64::try_from(newest.len()).unwrap_or(i64::MAX)] {
            context.update(&number.to_le_bytes());
        }
        context.update(newest.as_bytes());
        for (file, line) in &self.withheld {
            context.update(&file.to_le_bytes());
            context.update(&(line.len() as u64).to_le_bytes());
            context.update(line.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        bytes
    }
}

impl Verdicts {
    fn of(found: Found, scale: &Arc<Scale>) -> Self {
        let withheld = found.withheld.into_boxed_slice();
        let bytes = size_of::<Self>() + size_of_val(&*withheld) + found.line_bytes;
        Self {
            withheld,
            held: found.held,
            denied: found.denied,
            newest_allowed: found.newest_allowed,
            pages: Mutex::default(),
            load: Load::new(scale, bytes),
        }
    }

    /// What may be had instead of a refused file of that version, for the words of the refusal: the newest version that
    /// may be had, or what may be had of this one.
    pub fn instead(&self, version: Option<&impl ToString>) -> String {
        instead(self.newest_allowed.as_deref(), version)
    }

    /// The refusal's words for each file that may not be had, by its place on the page.
    pub(super) fn withheld(&self) -> &[(u32, Arc<str>)] {
        &self.withheld
    }

    /// The page of that place, where it is written already.
    pub(super) fn page(&self, place: &Place) -> Option<Arc<Written>> {
        self.pages.lock().iter().find(|written| written.place == *place).cloned()
    }

    /// The page of that place; `write` is asked where it is not written yet. Callers take turns, so it is written once.
    pub(super) fn page_or_write(&self, place: Place, write: impl FnOnce(&Self) -> Page) -> Arc<Written> {
        if let Some(written) = self.page(&place) {
            return written;
        }
        let page = write(self);
        let bytes = page.held() + place.door.len() + size_of::<Written>();
        let written = Arc::new(Written { place, page, _load: self.load.another(bytes) });
        let mut pages = self.pages.lock();
        // An address is what a caller says it is, so there may be any number of them.
        if pages.len() >= limits::PAGE_PLACES {
            pages.remove(0);
        }
        pages.push(written.clone());
        written
    }
}

impl Judgements {
    /// None yet. What they take counts on the project's scale.
    pub fn on(scale: &Arc<Scale>) -> Self {
        Self { held: Mutex::default(), turn: Semaphore::new(1), scale: scale.clone() }
    }

    /// Waits for the turn to judge or to render. Never closed, so there is always one; without one the work would only be
    /// done twice.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turn.acquire().await.ok()
    }

    pub(super) fn find(&self, of: &Of, now: Timestamp) -> Option<Arc<Verdicts>> {
        let held = self.held.lock();
        held.by_audience.get(of).filter(|entry| entry.holds.contains(&now)).map(|entry| entry.verdicts.clone())
    }

    /// Keeps what was found for an audience; with the pages of others where it is the same.
    pub(super) fn keep(&self, of: Of, holds: Range<Timestamp>, found: Found) -> Arc<Verdicts> {
        let digest = found.digest();
        let mut held = self.held.lock();
        let verdicts = match held.by_digest.get(&digest).and_then(Weak::upgrade) {
            Some(verdicts) => verdicts,
            None => Arc::new(Verdicts::of(found, &self.scale)),
        };
        // Only now, so that pages outlive their epoch where nothing changed.
        held.make_room(&of, holds.start);
        held.by_digest.insert(digest, Arc::downgrade(&verdicts));
        let id = of.audience.id.as_ref().map_or(0, |id| allocated(id.len()));
        let load = Load::new(&self.scale, size_of::<(Of, Entry)>() + id);
        held.by_audience.insert(of, Entry { holds, verdicts: verdicts.clone(), _load: load });
        verdicts
    }
}

impl Held {
    /// Lets go of what no longer holds: other epochs' judgements at once; where there are too many audiences those whose
    /// time is over, then those judged first.
    fn make_room(&mut self, of: &Of, now: Timestamp) {
        if self.by_audience.keys().next().is_some_and(|other| other.epoch != of.epoch) {
            self.by_audience.retain(|other, _| other.epoch == of.epoch);
        }
        if self.by_audience.len() >= limits::PAGE_AUDIENCES {
            self.by_audience.retain(|_, entry| entry.holds.contains(&now));
        }
        if self.by_audience.len() >= limits::PAGE_AUDIENCES {
            let mut starts: Vec<Timestamp> = self.by_audience.values().map(|entry| entry.holds.start).collect();
            let half = starts.len() / 2;
            let (_, &mut middle, _) = starts.select_nth_unstable(half);
            self.by_audience.retain(|_, entry| entry.holds.start > middle);
        }
        // Each that is alive has an audience, so the rest are never more than a few.
        if self.by_digest.len() > self.by_audience.len() {
            self.by_digest.retain(|_, verdicts| verdicts.strong_count() > 0);
        }
    }
}

#[cfg(test)]
mod tests;
