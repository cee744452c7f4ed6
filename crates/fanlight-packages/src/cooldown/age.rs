//! How old a file is, by the clock that counts for it, and when its hold ends.

use std::time::Duration;

use fanlight_base::Timestamp;

use super::sightings::Sightings;
use crate::ecosystem::File;

/// Which clock counted: the fact `counted_from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CountedFrom {
    /// The upstream's time.
    Published,
    /// When this node first saw the file.
    FirstSeen,
}

impl CountedFrom {
    /// The fact's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::FirstSeen => "first-seen",
        }
    }
}

/// What is known of the upstream's time: the fact `publish_time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishTime {
    /// Stated and believed.
    Stated,
    /// Not stated.
    Missing,
    /// Stated, but older than a look at the project at which the file was not there.
    Backdated,
}

impl PublishTime {
    /// The fact's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Missing => "missing",
            Self::Backdated => "backdated",
        }
    }
}

/// How old a file is and what that was counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// Whole minutes since [`Age::since`]; never negative.
    pub age_minutes: i64,
    /// The cool-down, in whole minutes, rounded up.
    pub cooldown_minutes: i64,
    /// Which clock counted.
    pub counted_from: CountedFrom,
    /// What is known of the upstream's time.
    pub publish_time: PublishTime,
    /// The instant counted from, rounded up to the second.
    pub since: Timestamp,
    /// When the cool-down ends. `now >= available_at` exactly when `age_minutes >= cooldown_minutes`.
    pub available_at: Timestamp,
    /// Whether the upstream's time lies in the future. It counts all the same: the file waits until then, and from then.
    pub in_future: bool,
}

impl Age {
    /// Whether the cool-down has ended.
    pub const fn has_waited(&self) -> bool {
        self.age_minutes >= self.cooldown_minutes
    }
}

impl Sightings {
    /// The age of a file at `now`. A file that was never observed counts as seen first at `now`.
    pub fn age(&self, file: &impl File, now: Timestamp, cooldown: Duration) -> Age {
        let (publish_time, counted_from, since) = match self.get(file) {
            None => (PublishTime::Missing, CountedFrom::FirstSeen, now),
            Some(seen) => match (seen.backdated, seen.stated) {
                (false, Some(stated)) => (PublishTime::Stated, CountedFrom::Published, stated),
                (false, None) => (PublishTime::Missing, CountedFrom::FirstSeen, seen.first_seen),
                (true, _) => (PublishTime::Backdated, CountedFrom::FirstSeen, seen.first_seen),
            },
        };
        let since = whole_second(since);
        let cooldown_minutes = i64::try_from(cooldown.as_secs().div_ceil(60)).unwrap_or(i64::MAX);
        // `now` is cut to its second and `since` rounded up, so no fraction lets a file through early.
        let age_minutes = (now.as_second().saturating_sub(since.as_second())).max(0) / 60;
        let available_at = cooldown_minutes
            .checked_mul(60)
            .and_then(|seconds| since.as_second().checked_add(seconds))
            .and_then(|second| Timestamp::from_second(second).ok())
            .unwrap_or(Timestamp::MAX);
        let in_future = counted_from == CountedFrom::Published && since > now;
        Age { age_minutes, cooldown_minutes, counted_from, publish_time, since, available_at, in_future }
    }
}

/// Rounded up to the second.
fn whole_second(at: Timestamp) -> Timestamp {
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(second).unwrap_or(at)
}
