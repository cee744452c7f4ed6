//! Counts of what passed, for `/metrics` and OTLP. Cheap enough for every request: one read lock and two additions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;

/// Upper bounds of the duration buckets, in seconds.
pub const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What is counted apart: the action of the route and the status of the answer.
type Key = (&'static str, u16);

/// Counts of answered requests.
#[derive(Debug, Default)]
pub struct Meters {
    requests: RwLock<BTreeMap<Key, Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

/// One line of the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The action of the route; `open` for routes without one, `none` where no route matched.
    pub action: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// Requests in each bucket of [`BUCKETS`], not cumulated; the last is for what took longer.
    pub buckets: [u64; BUCKETS.len() + 1],
    /// The time all of them took, in microseconds, from the request's head to the answer's head.
    pub micros: u64,
}

impl Sample {
    /// How many requests.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

impl Meters {
    /// Counts an answer.
    pub fn count(&self, action: &'static str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|bound| seconds <= *bound).unwrap_or(BUCKETS.len());
        let add = |counts: &Counts| {
            counts.buckets[bucket].fetch_add(1, Ordering::Relaxed);
            counts.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        };
        let key = (action, status);
        if let Some(counts) = self.requests.read().get(&key) {
            return add(counts);
        }
        add(self.requests.write().entry(key).or_default());
    }

    /// The counts now.
    pub fn samples(&self) -> Vec<Sample> {
        let requests = self.requests.read();
        requests
            .iter()
            .map(|(&(action, status), counts)| Sample {
                action,
                status,
                buckets: std::array::from_fn(|i| counts.buckets[i].load(Ordering::Relaxed)),
                micros: counts.micros.load(Ordering::Relaxed),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_action_status_and_time() {
        let meters = Meters::default();
        meters.count("a", 200, Duration::from_millis(2));
        meters.count("a", 200, Duration::from_mins(1));
        meters.count("a", 404, Duration::ZERO);
        let samples = meters.samples();
        assert_eq!(
            samples.iter().map(|s| (s.action, s.status, s.count())).collect::<Vec<_>>(),
            [("a", 200, 2), ("a", 404, 1)]
        );
        assert_eq!((samples[0].buckets[1], samples[0].buckets[BUCKETS.len()]), (1, 1));
        assert_eq!(samples[0].micros, 60_002_000);
    }
}
