//! Guesses slowed down: for an account from one place, from one place at all accounts, and for one account from all
//! places that have failed there.
//!
//! Invariants: nobody can lock another out: a place that has not failed at the account has its tries, and a browser the
//! person was known in before is counted by itself. An account that is not there is counted like any other. Memory is
//! fixed: counts are kept in a sketch (a count-min sketch of the generic cell rate), where one key's counts can only be
//! raised by others', never lowered, so that filling it up is no way to be forgotten.

mod sketch;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use fanlight_base::Timestamp;
use parking_lot::Mutex;
use sketch::{Place, Rate, Sketch};

/// How fast may be guessed.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For one account from one place.
    both: Rate,
    /// From one place, at whatever account: an office behind one address has to fit in.
    source: Rate,
    /// For one account, from all strangers.
    account: Rate,
    /// Whether a place that has not failed at the account lately is let through though others have used the account's
    /// rate up. Passwords: yes, or guessing would lock their owner out. Codes: no, for whoever tries them has the
    /// password, and there are only a million codes.
    first_is_free: bool,
}

impl Pace {
    /// For passwords, recovery codes and links.
    pub const PASSWORDS: Self = Self {
        both: Rate::new(5, Duration::from_secs(60)),
        source: Rate::new(30, Duration::from_secs(5)),
        account: Rate::new(20, Duration::from_secs(30)),
        first_is_free: true,
    };
    /// For codes by time: from strangers at most ten, and then one in five minutes.
    pub const CODES: Self = Self {
        both: Rate::new(5, Duration::from_secs(60)),
        source: Rate::new(30, Duration::from_secs(5)),
        account: Rate::new(10, Duration::from_secs(300)),
        first_is_free: false,
    };
}

/// Where a guess comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// An address. Of IPv6 the network of 64 bits counts: whoever has one address there has them all.
    Stranger(IpAddr),
    /// A browser in which this very account was logged in before; by its mark.
    Known(&'a [u8; 32]),
}

/// It has to be waited. It does not say which of the three is the reason: that would tell who else tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many wrong tries: try again in {} seconds", .wait.as_secs().max(1))]
pub struct Slow {
    /// How long, in whole seconds: for `Retry-After`.
    pub wait: Duration,
}

/// All guesses of one kind at this node.
#[derive(Debug)]
pub struct Guesses {
    pace: Pace,
    hashes: RandomState,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    both: Sketch,
    source: Sketch,
    account: Sketch,
}

/// One try. It counts as wrong from its beginning, so that many at once are no way around; [`Try::right`] gives it back.
#[must_use = "a try that is dropped counts as wrong"]
#[derive(Debug)]
pub struct Try<'a> {
    guesses: &'a Guesses,
    both: Place,
    strange: Option<(Place, Place)>,
}

impl Guesses {
    /// Nobody has guessed yet.
    pub fn new(pace: Pace) -> Self {
        let counts = Counts { both: Sketch::new(), source: Sketch::new(), account: Sketch::new() };
        Self { pace, hashes: RandomState::new(), counts: Mutex::new(counts) }
    }

    /// Begins a try at an account, named as it is kept or would be (one spelling), whether or not there is one.
    pub fn begin(&self, account: &str, source: Source<'_>, now: Timestamp) -> Result<Try<'_>, Slow> {
        let now = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let (both, strange) = match source {
            Source::Known(mark) => (Place::of(self.hashes.hash_one((account, mark))), None),
            Source::Stranger(address) => {
                let network = network(address);
                let source = Place::of(self.hashes.hash_one(network));
                (
                    Place::of(self.hashes.hash_one((account, network))),
                    Some((source, Place::of(self.hashes.hash_one(account)))),
                )
            }
        };
        let mut counts = self.counts.lock();
        let mut wait = counts.both.wait(both, self.pace.both, now);
        if let Some((source, account)) = strange {
            wait = wait.max(counts.source.wait(source, self.pace.source, now));
            let mut of_account = counts.account.wait(account, self.pace.account, now);
            if self.pace.first_is_free {
                // From a place without a wrong try of its own the account's do not count, and so no longer than until then.
                of_account = of_account.min(counts.both.left(both, now));
            }
            wait = wait.max(of_account);
        }
        if wait > 0 {
            return Err(Slow { wait: Duration::from_secs(wait.div_ceil(1000)) });
        }
        counts.both.charge(both, self.pace.both, now);
        if let Some((source, account)) = strange {
            counts.source.charge(source, self.pace.source, now);
            counts.account.charge(account, self.pace.account, now);
        }
        drop(counts);
        Ok(Try { guesses: self, both, strange })
    }
}

impl Try<'_> {
    /// It was right: it does not count.
    pub fn right(self) {
        let (pace, mut counts) = (self.guesses.pace, self.guesses.counts.lock());
        counts.both.give_back(self.both, pace.both);
        if let Some((source, account)) = self.strange {
            counts.source.give_back(source, pace.source);
            counts.account.give_back(account, pace.account);
        }
    }
}

fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        // Mapped, so that no address of IPv4 is the network of one of IPv6.
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests;
