//! The place of one page of the upstream in memory: what is known of it, the look under way, the failure lately. The same
//! for a project and for the list of all projects.
//!
//! Invariants: however many ask, one look at a time is under way for a place; a look that fails for a while never takes
//! away what is known.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use fanlight_base::{Fault, Timestamp, limits};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::LookError;
use crate::beside;
use crate::files::OnDrop;

/// After a failed look the upstream is left alone this long, so that a dead upstream does not slow every request.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How a page was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamState {
    /// Looked at within the refresh time, changed or not.
    Fresh,
    /// The upstream could not be asked, or refused; this is what it last said.
    Stale,
}

impl UpstreamState {
    /// The word in facts and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

/// A page at hand, and what to say of it.
pub struct Seen<T> {
    /// What the page is of.
    pub thing: Arc<T>,
    /// How it was come by.
    pub state: UpstreamState,
    /// When the upstream was last heard.
    pub looked_at: Timestamp,
    /// Why it is stale.
    pub failure: Option<Arc<LookError>>,
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        Self { thing: self.thing.clone(), state: self.state, looked_at: self.looked_at, failure: self.failure.clone() }
    }
}

/// What a look gives.
pub type Look<T> = Result<Seen<T>, Arc<LookError>>;

/// What is known, and since when it is confirmed.
pub(crate) struct Known<T> {
    pub(crate) thing: Arc<T>,
    looked_at_ms: AtomicI64,
}

impl<T> Known<T> {
    pub(crate) fn new(thing: Arc<T>, looked_at: Timestamp) -> Arc<Self> {
        Arc::new(Self { thing, looked_at_ms: AtomicI64::new(looked_at.as_millisecond()) })
    }

    pub(crate) fn looked_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.looked_at_ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The upstream has said that it still holds. A last look never goes back, also where the clock does: what is older
    /// than it and was not there then is backdated.
    pub(crate) fn confirmed(&self, at: Timestamp) {
        self.looked_at_ms.fetch_max(at.as_millisecond(), Ordering::Relaxed);
    }

    pub(crate) fn is_fresh(&self, now: Timestamp, refresh: Duration) -> bool {
        within(self.looked_at(), now, refresh)
    }

    pub(crate) fn fresh(&self) -> Seen<T> {
        Seen { thing: self.thing.clone(), state: UpstreamState::Fresh, looked_at: self.looked_at(), failure: None }
    }

    fn stale(&self, failure: Arc<LookError>) -> Seen<T> {
        Seen { state: UpstreamState::Stale, failure: Some(failure), ..self.fresh() }
    }
}

/// A page's place.
pub(crate) struct Place<T> {
    known: ArcSwapOption<Known<T>>,
    under_way: Mutex<Option<UnderWay<T>>>,
    failed: Mutex<Option<(Timestamp, Arc<LookError>)>>,
}

/// A look under way: since when, and what will come of it.
struct UnderWay<T> {
    since: Instant,
    result: watch::Receiver<Option<Look<T>>>,
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self { known: ArcSwapOption::empty(), under_way: Mutex::default(), failed: Mutex::default() }
    }
}

impl<T: Send + Sync + 'static> Place<T> {
    /// What is known, fresh or not.
    pub(crate) fn known(&self) -> Option<Arc<Known<T>>> {
        self.known.load_full()
    }

    /// Whether somebody besides this place has what is known here in hand.
    pub(crate) fn is_in_use(&self) -> bool {
        self.known.load().as_ref().is_some_and(|known| Arc::strong_count(&known.thing) > 1)
    }

    /// Has what the store kept at hand while the upstream is asked.
    pub(crate) fn lend(&self, kept: &Arc<Known<T>>) {
        if self.known.load().is_none() {
            self.known.store(Some(kept.clone()));
        }
    }

    /// Forgets what is known; who has it in hand keeps it.
    pub(crate) fn release(&self) {
        self.known.store(None);
    }

    /// What can be said without asking: what is known and fresh; after a failure just now, what is known, or the failure
    /// again.
    pub(crate) fn at_hand(&self, now: Timestamp, refresh: Duration) -> Option<Look<T>> {
        if let Some(known) = &*self.known.load()
            && known.is_fresh(now, refresh)
        {
            return Some(Ok(known.fresh()));
        }
        let (at, error) = self.failed.lock().clone()?;
        // Only an upstream is spared; a fault of our own may be over already.
        if error.fault() == Fault::Node || !within(at, now, PAUSE_AFTER_FAILURE.min(refresh)) {
            return None;
        }
        Some(match &*self.known.load() {
            Some(known) if error.fault() != Fault::NotFound => Ok(known.stale(error)),
            _ => Err(error),
        })
    }

    /// Joins the look under way, or starts this one. It is a task of its own, so a client that goes away does not end it; nor
    /// does one that has waited [`limits::KNOWN_PAGE_WAIT_TIME`] for it and gets what is known instead.
    pub(crate) async fn look_together<F>(self: &Arc<Self>, look: impl FnOnce(Arc<Self>) -> F) -> Look<T>
    where
        F: Future<Output = Look<T>> + Send + 'static,
    {
        let (since, mut result) = {
            let mut under_way = self.under_way.lock();
            if let Some(UnderWay { since, result }) = &*under_way {
                (*since, result.clone())
            } else {
                let (tell, result) = watch::channel(None);
                let since = Instant::now();
                *under_way = Some(UnderWay { since, result: result.clone() });
                let (place, look) = (self.clone(), look(self.clone()));
                beside::spawn(async move {
                    // Also when the look panics: the next request then starts another.
                    let over = OnDrop(|| *place.under_way.lock() = None);
                    let result = look.await;
                    drop(over);
                    tell.send_replace(Some(result));
                });
                (since, result)
            }
        };
        let patience = limits::KNOWN_PAGE_WAIT_TIME;
        if timeout_at(since + patience, result.wait_for(Option::is_some)).await.is_err()
            && let Some(known) = self.known()
        {
            return Ok(known.stale(Arc::new(LookError::Slow { waited: patience })));
        }
        let told = result.wait_for(Option::is_some).await.map_err(|_| Arc::new(LookError::Lost))?;
        told.clone().unwrap_or_else(|| Err(Arc::new(LookError::Lost)))
    }

    /// Takes in what came of a look. `kept` is what was known before it, lent from the store perhaps: it is served where
    /// the upstream cannot be asked, and not where the upstream says that it is gone.
    pub(crate) fn settle(
        &self,
        kept: Option<Arc<Known<T>>>,
        looked: Result<Arc<Known<T>>, LookError>,
        now: Timestamp,
    ) -> Look<T> {
        let failure = match looked {
            Ok(known) => {
                *self.failed.lock() = None;
                let seen = known.fresh();
                self.known.store(Some(known));
                return Ok(seen);
            }
            Err(failure) => Arc::new(failure),
        };
        *self.failed.lock() = Some((now, failure.clone()));
        if failure.fault() == Fault::NotFound {
            self.release();
            return Err(failure);
        }
        let Some(known) = kept else { return Err(failure) };
        let seen = known.stale(failure);
        self.known.store(Some(known));
        Ok(seen)
    }
}

/// Whether `span` has not passed since `at`. A clock that went back counts as passed.
fn within(at: Timestamp, now: Timestamp, span: Duration) -> bool {
    let passed = now.as_millisecond() - at.as_millisecond();
    passed >= 0 && u128::try_from(passed).is_ok_and(|passed| passed < span.as_millis())
}
