//! The projects of a door's upstreams: looked at when somebody asks, confirmed every `packages.refresh`, kept on disk so that a
//! restart or a dead upstream loses nothing, and in memory within so many bytes.
//!
//! How one look goes stands in [`look`], what a place in memory is in [`place`], who stays in memory in [`shelf`] and
//! [`memory`], and pages of the upstream that are of no project in [`aside`].

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use fanlight_base::Timestamp;
use fanlight_base::clock::SharedClock;
use fanlight_net::upstream::{lend_credentials, without_credentials};
use fanlight_net::{Upstream, Validators};
use fanlight_store::{Digest, Store};
use parking_lot::Mutex;
use url::Url;

use crate::cooldown::Sightings;
use crate::ecosystem::{Ecosystem, Name as _};
use crate::files::Wanted;
use crate::judge::Judgements;
use crate::upstreams::{Candidates, Source, Upstreams};

mod aside;
mod failure;
mod look;
mod memory;
mod place;
mod scale;
mod shelf;
mod spelling;

pub use failure::LookError;
pub use memory::Memory;
pub use place::{Look, Seen, UpstreamState};
pub use scale::{Load, Scale, allocated, shared};

pub(crate) use aside::{Aside, AsidePlace, AsideRequest};
#[cfg(test)]
pub(crate) use place::Known;
use shelf::{Shelf, Weighed};
use spelling::Spelling;

/// What is known of a project: one version of its upstream page.
pub struct Project<E: Ecosystem> {
    /// Its name.
    pub name: E::Name,
    /// The upstream it comes from.
    pub from: Arc<Source>,
    /// The page's content.
    pub index: E::Index,
    /// When this node saw what.
    pub sightings: Sightings,
    spelling: Spelling,
    /// What the guard says of its files, by epoch and audience.
    pub judgements: Judgements,
    validators: Validators,
    /// What all of it weighs, judgements and written pages included.
    scale: Arc<Scale>,
    _load: Load,
}

impl<E: Ecosystem> Weighed for Project<E> {
    fn bytes(&self) -> u64 {
        self.scale.bytes()
    }
}

impl<E: Ecosystem> Project<E> {
    /// A file that the project's upstream has at `url`: asked for with its login where it is on the same host, as a private
    /// index's files are behind the same one.
    pub(crate) fn wanted(&self, digest: Digest, mut url: Url, size: Option<u64>, limit: u64) -> Wanted {
        let base = self.from.url();
        lend_credentials(base, &mut url);
        Wanted { digest, url, named_by: without_credentials(base), size, limit }
    }
}

/// The last time the upstream was asked.
#[derive(Debug, Clone)]
pub struct Contact {
    /// When.
    pub at: Timestamp,
    /// What went wrong, in words; nothing where it answered.
    pub failure: Option<String>,
}

/// What [`Projects`] works by.
#[derive(Clone)]
pub struct ProjectsParts {
    /// The client for the upstream.
    pub upstream: Upstream,
    /// Where pages are kept.
    pub store: Store,
    /// Tells the time.
    pub clock: SharedClock,
    /// How old what is known may be before the upstream is asked again.
    pub refresh: Duration,
    /// The memory that pages take.
    pub memory: Arc<Memory>,
}

/// All projects of one door.
pub struct Projects<E: Ecosystem> {
    parts: ProjectsParts,
    upstreams: ArcSwap<Upstreams>,
    shelf: Arc<Shelf<Project<E>>>,
    last_contact: Mutex<Option<Contact>>,
}

impl<E: Ecosystem> Projects<E> {
    /// Projects, of no upstream yet.
    pub fn new(parts: ProjectsParts) -> Arc<Self> {
        let shelf = Shelf::on(&parts.memory);
        Arc::new(Self { parts, upstreams: ArcSwap::default(), shelf, last_contact: Mutex::default() })
    }

    /// Says where the indexes are.
    pub fn set_upstreams(&self, upstreams: Upstreams) {
        self.upstreams.store(Arc::new(upstreams));
    }

    /// The last time the upstream was asked, if it ever was.
    pub fn last_contact(&self) -> Option<Contact> {
        self.last_contact.lock().clone()
    }

    /// The project, looked at within the refresh time where the upstream can be asked.
    pub async fn see(self: &Arc<Self>, name: &E::Name) -> Look<Project<E>> {
        // What was written since the last request may have been too much.
        self.parts.memory.make_room();
        let place = self.shelf.place(&name.text());
        if let Some(look) = place.at_hand(self.now(), self.parts.refresh) {
            return look;
        }
        let (projects, name) = (self.clone(), name.clone());
        let seen = place.look_together(|place| async move { projects.look(&place, &name).await }).await;
        self.parts.memory.make_room();
        seen
    }

    /// The memory that pages take.
    pub fn memory(&self) -> &Arc<Memory> {
        &self.parts.memory
    }

    /// How many projects are in memory.
    pub fn in_memory(&self) -> usize {
        self.shelf.len()
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Who may be asked for a project; never nobody.
    fn candidates(&self, name: &E::Name) -> Result<Candidates, LookError> {
        let upstreams = self.upstreams.load();
        let candidates = upstreams.for_project(&name.purl(None));
        match &candidates.reserved {
            _ if !candidates.all.is_empty() => Ok(candidates),
            Some(pattern) => Err(LookError::Reserved {
                project: name.text().to_string(),
                pattern: pattern.clone(),
                setting: E::SETTING,
                is_asked: false,
            }),
            None => Err(Self::no_upstream()),
        }
    }

    /// The upstream that is asked for what is of no project.
    fn main(&self) -> Result<Arc<Source>, LookError> {
        self.upstreams.load().main().cloned().ok_or_else(Self::no_upstream)
    }

    const fn no_upstream() -> LookError {
        LookError::NoUpstream { setting: E::SETTING, upstream: E::UPSTREAM }
    }

    /// Notes how it went to ask the upstream.
    fn noted<T>(&self, looked: &Result<T, LookError>, now: Timestamp) -> Option<String> {
        let failure = looked.as_ref().err().filter(|error| !error.is_absence()).map(LookError::words);
        *self.last_contact.lock() = Some(Contact { at: now, failure: failure.clone() });
        failure
    }
}
