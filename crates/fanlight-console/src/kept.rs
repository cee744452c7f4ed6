//! Something that is fetched from elsewhere and kept for a time: asked for once, however many want it.
//!
//! Refuses to know what it is. Invariants: no lock is held while it is asked for; after a failure it is left alone for a while;
//! whoever waits, waits for a bounded time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Timestamp;
use fanlight_base::fault::with_causes;
use parking_lot::Mutex;
use tokio::sync::watch;

/// How long it is not asked for again after that failed.
pub(crate) const FAILED: Duration = Duration::from_secs(10);

/// What is kept.
pub(crate) struct Kept<T> {
    /// What it is, for the log.
    name: String,
    /// How long it may take.
    time: Duration,
    state: Mutex<State<T>>,
}

struct State<T> {
    fetched: Option<(Arc<T>, Timestamp)>,
    failed: Option<(Timestamp, String)>,
    /// Ends with the asking that is under way.
    asking: Option<watch::Receiver<()>>,
}

/// How it stands.
pub(crate) struct Standing<T> {
    /// What was fetched last, and when.
    pub(crate) fetched: Option<(Arc<T>, Timestamp)>,
    /// When it last failed and why, where it did since.
    pub(crate) failed: Option<(Timestamp, String)>,
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// Nothing yet.
    pub(crate) fn new(name: impl Into<String>, time: Duration) -> Arc<Self> {
        let state = State { fetched: None, failed: None, asking: None };
        Arc::new(Self { name: name.into(), time, state: Mutex::new(state) })
    }

    /// How it stands now.
    pub(crate) fn standing(&self) -> Standing<T> {
        let state = self.state.lock();
        Standing { fetched: state.fetched.clone(), failed: state.failed.clone() }
    }

    /// What is no older than that: at hand, or asked for now. Nothing where it cannot be had.
    pub(crate) async fn get<F, E>(
        self: &Arc<Self>,
        now: Timestamp,
        oldest: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Option<Arc<T>>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        if let Some(fresh) = self.fresh(now, oldest) {
            return Some(fresh);
        }
        // It may have come just now.
        let Some(mut asking) = self.ask(now, oldest, fetch) else { return self.fresh(now, oldest) };
        // It ends by an error, because nobody sends anything, and in its time, which it sees to itself.
        let _ = tokio::time::timeout(self.time * 2, asking.changed()).await;
        self.fresh(now, oldest)
    }

    fn fresh(&self, now: Timestamp, oldest: Duration) -> Option<Arc<T>> {
        let state = self.state.lock();
        state.fetched.as_ref().filter(|(_, at)| is_within(now, *at, oldest)).map(|(fetched, _)| fetched.clone())
    }

    /// Has it asked for, where it is older than that, and nobody does or did in vain a moment ago.
    pub(crate) fn ask<F, E>(
        self: &Arc<Self>,
        now: Timestamp,
        oldest: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Option<watch::Receiver<()>>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        let mut state = self.state.lock();
        // One whose end is gone has ended, however that came.
        if let Some(asking) = state.asking.as_ref().filter(|asking| asking.has_changed().is_ok()) {
            return Some(asking.clone());
        }
        let is_fresh = state.fetched.as_ref().is_some_and(|(_, at)| is_within(now, *at, oldest));
        if is_fresh || state.failed.as_ref().is_some_and(|(at, _)| is_within(now, *at, FAILED)) {
            return None;
        }
        let (ends, asking) = watch::channel(());
        state.asking = Some(asking.clone());
        drop(state);
        let (kept, fetching) = (self.clone(), fetch());
        tokio::spawn(async move {
            let came = tokio::time::timeout(kept.time, fetching).await;
            let mut state = kept.state.lock();
            state.asking = None;
            match came {
                Ok(Ok(fetched)) => {
                    state.fetched = Some((Arc::new(fetched), now));
                    state.failed = None;
                }
                Ok(Err(error)) => state.failed = Some((now, with_causes(&error))),
                Err(_) => {
                    state.failed = Some((now, format!("it did not answer within {} seconds", kept.time.as_secs())));
                }
            }
            if let Some((_, why)) = &state.failed {
                tracing::warn!(name = kept.name, why, "it cannot be asked");
            }
            drop(state);
            drop(ends);
        });
        Some(asking)
    }
}

fn is_within(now: Timestamp, at: Timestamp, time: Duration) -> bool {
    now.duration_since(at).unsigned_abs() < time
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("gone")]
    struct Gone;

    #[tokio::test]
    async fn however_many_want_it_it_is_asked_for_once_and_left_alone_after_a_failure() {
        let (kept, asked) = (Kept::<usize>::new("it", Duration::from_secs(5)), Arc::new(AtomicUsize::new(0)));
        let slow = |fails: bool| {
            let asked = asked.clone();
            move || async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let nth = asked.fetch_add(1, Ordering::SeqCst);
                if fails { Err(Gone) } else { Ok(nth) }
            }
        };
        let minute = Duration::from_secs(60);
        let all = (0..50).map(|_| {
            let (kept, fetch) = (kept.clone(), slow(false));
            tokio::spawn(async move { kept.get(at(0), minute, fetch).await })
        });
        for got in all.collect::<Vec<_>>() {
            assert_eq!(got.await.unwrap().as_deref(), Some(&0));
        }
        assert_eq!(kept.get(at(59), minute, slow(false)).await.as_deref(), Some(&0));
        assert_eq!(kept.get(at(61), minute, slow(true)).await, None);
        assert_eq!(kept.get(at(70), minute, slow(false)).await, None, "it failed a moment ago");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert_eq!(kept.standing().failed, Some((at(61), "gone".to_owned())));
        assert_eq!(kept.standing().fetched.map(|(got, at)| (*got, at)), Some((0, at(0))), "what was there stays");
        assert_eq!(kept.get(at(72), minute, slow(false)).await.as_deref(), Some(&2));
        assert!(kept.standing().failed.is_none());
    }

    #[tokio::test]
    async fn what_never_answers_is_given_up() {
        let kept = Kept::<u8>::new("it", Duration::from_millis(50));
        let never = || std::future::pending::<Result<u8, Gone>>();
        assert_eq!(kept.get(at(0), Duration::from_secs(60), never).await, None);
        while kept.standing().failed.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(kept.standing().failed.is_some_and(|(_, why)| why.contains("did not answer within")));
    }
}
