//! The projects of an upstream: looked at when somebody asks, confirmed every `packages.refresh`, kept on disk so that a
//! restart or a dead upstream loses nothing, and in memory within so many bytes.
//!
//! How one look goes stands in [`look`], what a place in memory is in [`place`], who stays in memory in [`shelf`].

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use fanlight_base::Timestamp;
use fanlight_base::clock::SharedClock;
use fanlight_net::Upstream;
use fanlight_store::Store;
use parking_lot::Mutex;
use url::Url;

use super::formats::index::Index;
use super::judge::Judgements;
use crate::cooldown::Sightings;

mod failure;
mod list;
mod look;
mod place;
mod scale;
mod shelf;

pub use failure::LookError;
pub use place::{Look, Seen, UpstreamState};
pub use scale::{Load, Scale};

use list::ListPlace;
use shelf::{Shelf, Weighed};

/// The purl type, and this ecosystem's name in facts and in the store.
pub const ECOSYSTEM: &str = "pypi";
/// What we ask the upstream for.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// What is known of a project: one version of its upstream page.
pub struct Project {
    /// The page's content.
    pub index: Index,
    /// When this node saw what.
    pub sightings: Sightings,
    /// What the guard says of its files, by epoch and audience.
    pub judgements: Judgements,
    etag: Option<String>,
    last_modified: Option<String>,
    /// What all of it weighs, judgements and written pages included.
    scale: Arc<Scale>,
    _load: Load,
}

impl Weighed for Project {
    fn bytes(&self) -> u64 {
        self.scale.bytes()
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
pub struct ProjectsParts {
    /// The client for the upstream.
    pub upstream: Upstream,
    /// Where pages are kept.
    pub store: Store,
    /// Tells the time.
    pub clock: SharedClock,
    /// How old what is known may be before the upstream is asked again.
    pub refresh: Duration,
    /// Bytes of projects held in memory.
    pub memory: u64,
}

/// All projects of the Python door.
pub struct Projects {
    upstream: Upstream,
    store: Store,
    clock: SharedClock,
    refresh: Duration,
    base: ArcSwapOption<Url>,
    scale: Arc<Scale>,
    shelf: Shelf<Project>,
    list: Arc<ListPlace>,
    last_contact: Mutex<Option<Contact>>,
}

impl Projects {
    /// Projects of one upstream.
    pub fn new(parts: ProjectsParts) -> Arc<Self> {
        let ProjectsParts { upstream, store, clock, refresh, memory } = parts;
        let scale = Arc::new(Scale::default());
        Arc::new(Self {
            upstream,
            store,
            clock,
            refresh,
            base: ArcSwapOption::empty(),
            shelf: Shelf::new(scale.clone(), memory),
            scale,
            list: Arc::default(),
            last_contact: Mutex::default(),
        })
    }

    /// Says where the index is; its path ends in a slash.
    pub fn set_base(&self, base: Url) {
        self.base.store(Some(Arc::new(base)));
    }

    /// Where the index is.
    pub fn base(&self) -> Option<Arc<Url>> {
        self.base.load_full()
    }

    /// The last time the upstream was asked, if it ever was.
    pub fn last_contact(&self) -> Option<Contact> {
        self.last_contact.lock().clone()
    }

    /// The client for the upstream.
    pub const fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// The project, looked at within the refresh time where the upstream can be asked. `name` is in normal form.
    pub async fn see(self: &Arc<Self>, name: &str) -> Look<Project> {
        // What was written since the last request may have been too much.
        self.shelf.make_room();
        let place = self.shelf.place(name);
        if let Some(look) = place.at_hand(self.clock.now(), self.refresh) {
            return look;
        }
        let (projects, name) = (self.clone(), name.to_owned());
        let seen = place.look_together(|place| async move { projects.look(&place, &name).await }).await;
        self.shelf.make_room();
        seen
    }

    /// How many projects are in memory, and the bytes they take, roughly.
    pub fn in_memory(&self) -> (usize, u64) {
        (self.shelf.len(), self.scale.bytes())
    }
}
