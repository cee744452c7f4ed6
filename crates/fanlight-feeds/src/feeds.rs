//! All feeds of a node, and what they say at this moment: one snapshot behind an atomic pointer, changed by whoever has
//! the turn.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use fanlight_advisories::{Advisories, Statements};
use fanlight_base::Timestamp;
use fanlight_gate::Gate;
use fanlight_net::Upstream;
use fanlight_store::{Store, StoreError};
use jiff::SignedDuration;
use parking_lot::Mutex;

use crate::source::{Place, Source};
use crate::state::FeedState;
use crate::vex::Documents;

/// Waits until what is on disk in the ledger can be asked for, so that nobody is missed who received something just now.
pub type CatchUp = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Why the feeds cannot be had at a start.
#[derive(Debug, thiserror::Error)]
pub enum FeedsError {
    /// The database does not give what is kept.
    #[error("what is kept of advisories could not be read")]
    Store(#[from] StoreError),
    /// The reading of what is kept ended early.
    #[error("the reading of what is kept of advisories ended unexpectedly")]
    Ended,
}

/// What feeds are made of.
pub struct Parts {
    /// The one path's parts: for records, and for new epochs.
    pub gate: Arc<Gate>,
    /// The client for feeds at addresses.
    pub upstream: Upstream,
    /// Where records are kept.
    pub store: Store,
    /// A folder for archives while they are read.
    pub folder: PathBuf,
    /// Where the feeds are.
    pub places: Vec<Place>,
    /// Where VEX documents are: files, and folders of files.
    pub vex: Vec<PathBuf>,
    /// How often all of them are looked at.
    pub refresh: Duration,
}

/// The feeds of a node.
pub struct Feeds {
    pub(crate) gate: Arc<Gate>,
    pub(crate) upstream: Upstream,
    pub(crate) store: Store,
    pub(crate) folder: PathBuf,
    pub(crate) sources: Vec<Source>,
    pub(crate) refresh: Duration,
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) states: Mutex<BTreeMap<Arc<str>, FeedState>>,
    pub(crate) documents: Mutex<Documents>,
    /// One at a time reads and changes what is known.
    pub(crate) turn: tokio::sync::Mutex<()>,
    pub(crate) catch_up: Mutex<Option<CatchUp>>,
}

/// What the feeds say at one moment.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) advisories: Arc<Advisories>,
    pub(crate) statements: Arc<Statements>,
}

impl Feeds {
    /// The feeds as they were kept; reads none of them. What is kept of a feed that is not in the settings any more is
    /// forgotten.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, FeedsError> {
        let Parts { gate, upstream, store, folder, places, vex, refresh } = parts;
        let sources = Source::all(places);
        let (advisories, states) = crate::keep::restore(&store, &sources).await?;
        Ok(Arc::new(Self {
            gate,
            upstream,
            store,
            folder,
            sources,
            refresh,
            snapshot: ArcSwap::from_pointee(Snapshot { advisories, statements: Arc::default() }),
            states: Mutex::new(states),
            documents: Mutex::new(Documents::new(vex)),
            turn: tokio::sync::Mutex::new(()),
            catch_up: Mutex::new(None),
        }))
    }

    /// Whether there are no feeds and no VEX documents in the settings.
    pub fn is_none(&self) -> bool {
        self.sources.is_empty() && self.documents.lock().places().is_empty()
    }

    /// Says how to wait for the newest records.
    pub fn catch_up_by(&self, catch_up: CatchUp) {
        *self.catch_up.lock() = Some(catch_up);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.gate.now()
    }

    pub(crate) fn refresh_span(&self) -> SignedDuration {
        SignedDuration::try_from(self.refresh).unwrap_or(SignedDuration::MAX)
    }

    /// Changes the state of a feed.
    pub(crate) fn note<T>(&self, source: &Source, change: impl FnOnce(&mut FeedState) -> T) -> T {
        change(self.states.lock().entry(source.name.clone()).or_default())
    }
}
