//! Time: instants in UTC, and the clock everything asks instead of the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// An instant in UTC with millisecond use; printed as RFC 3339 with `Z`.
pub type Timestamp = jiff::Timestamp;

/// Where the time comes from. Injected, so tests can hold it still.
pub trait Clock: Send + Sync + 'static {
    /// The instant now.
    fn now(&self) -> Timestamp;
}

/// A clock shared by everything in a node.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock standing at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_millisecond()))
    }

    /// Moves the clock to `to`.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.as_millisecond(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// `2026-11-22T01:02:03.456Z`: RFC 3339, UTC, always three decimals, so that records sort as text.
pub fn rfc3339_millis(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// `2026-11-22 01:02 UTC`: for people, to the minute and rounded up, because what ends at 01:02:03 is not over at 01:02.
pub fn for_people(at: Timestamp) -> String {
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let minute = seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0);
    let at = Timestamp::from_second(minute * 60).unwrap_or(at);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The same for what has happened, cut to the minute, because nothing has happened in the future.
pub fn past_for_people(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_for_people_is_rounded_up_to_the_minute() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        assert_eq!(for_people(at("2026-11-22T01:02:03Z")), "2026-11-22 01:03 UTC");
        assert_eq!(for_people(at("2026-11-22T01:02:00Z")), "2026-11-22 01:02 UTC");
        assert_eq!(for_people(at("2026-11-22T01:02:00.001Z")), "2026-11-22 01:03 UTC");
        assert_eq!(past_for_people(at("2026-11-22T01:02:59Z")), "2026-11-22 01:02 UTC");
    }

    #[test]
    fn a_time_in_a_record_has_three_decimals() {
        let at = "2026-11-22T01:02:03Z".parse::<Timestamp>().unwrap();
        assert_eq!(rfc3339_millis(at), "2026-11-22T01:02:03.000Z");
    }
}
