//! How often one caller may ask: many at once, and so many a second in the long run.
//!
//! The generic cell rate algorithm: of each caller one instant is kept, until when what they asked is paid for. Refuses to know
//! what is asked. Invariant: what is kept is bounded, and forgetting a caller never makes them slower.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use fanlight_base::{Principal, Strength, limits};
use fanlight_gate::Context;
use fanlight_net::Problem;
use http::{HeaderValue, StatusCode, header};
use parking_lot::Mutex;

/// Whom one pace is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Caller {
    Known(&'static str, Box<str>),
    /// Who shows nothing counts with everybody else there; of IPv6 a whole network, which one machine has to itself.
    At(IpAddr),
}

/// The paces of all callers.
pub(crate) struct Pace {
    a_second: u64,
    at_once: u32,
    paid: Mutex<HashMap<Caller, Instant>>,
}

impl Default for Pace {
    /// That of the admin API.
    fn default() -> Self {
        Self::of(limits::API_CALLS_A_SECOND, limits::API_CALLS_AT_ONCE)
    }
}

impl Pace {
    /// So many calls a second in the long run, and so many at once.
    pub(crate) fn of(a_second: u64, at_once: u32) -> Self {
        Self { a_second, at_once, paid: Mutex::default() }
    }

    /// What one call costs.
    fn cost(&self) -> Duration {
        Duration::from_micros(1_000_000 / self.a_second)
    }

    /// Counts a call.
    ///
    /// # Errors
    ///
    /// How long to wait until one is let through.
    pub(crate) fn count(&self, context: &Context) -> Result<(), Duration> {
        // Whoever runs the node could change its files as well, and scripts of theirs ask much.
        if context.caller.strength == Strength::StateFolder {
            return Ok(());
        }
        let caller = match &context.caller.principal {
            Principal::Unidentified => Caller::At(network(context.peer.address.ip())),
            known => {
                let (kind, id) = known.entity();
                Caller::Known(kind, id.into())
            }
        };
        self.count_at(caller, Instant::now())
    }

    fn count_at(&self, caller: Caller, now: Instant) -> Result<(), Duration> {
        let (cost, mut paid) = (self.cost(), self.paid.lock());
        // Who is not ahead of their pace has nothing to be remembered for.
        if paid.len() >= limits::REMEMBERED_CALLERS {
            paid.retain(|_, until| *until > now);
        }
        if paid.len() >= limits::REMEMBERED_CALLERS {
            paid.clear();
        }
        let until = paid.get(&caller).copied().unwrap_or(now).max(now);
        let (ahead, most) = (until + cost - now, cost.saturating_mul(self.at_once));
        if ahead > most {
            return Err(ahead - most);
        }
        paid.insert(caller, until + cost);
        Ok(())
    }

    /// The answer to one call too many.
    pub(crate) fn too_many(&self, wait: Duration) -> Problem {
        let words = format!("More than {} calls at once, or {} a second in the long run.", self.at_once, self.a_second);
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many calls", words)
            .header(header::RETRY_AFTER, HeaderValue::from(seconds))
            .advice(Some("Wait as long as Retry-After says, then go on more slowly.".to_owned()))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into()),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Caller {
        Caller::At(network(text.parse().unwrap()))
    }

    #[test]
    fn many_may_be_asked_at_once_and_then_so_many_a_second() {
        let (pace, now) = (Pace::default(), Instant::now());
        for call in 0..limits::API_CALLS_AT_ONCE {
            assert_eq!(pace.count_at(at("127.0.0.1"), now), Ok(()), "{call}");
        }
        let wait = pace.count_at(at("127.0.0.1"), now).unwrap_err();
        assert_eq!(wait, pace.cost());
        assert_eq!(pace.count_at(at("127.0.0.2"), now), Ok(()), "another's pace is their own");
        let later = now + Duration::from_secs(1);
        let through = (0..1000).take_while(|_| pace.count_at(at("127.0.0.1"), later).is_ok()).count();
        assert_eq!(through as u64, limits::API_CALLS_A_SECOND);
    }

    #[test]
    fn one_machine_s_ipv6_addresses_are_one_caller() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (pace, now) = (Pace::default(), Instant::now());
        for number in 0..u32::try_from(limits::REMEMBERED_CALLERS).unwrap() + 10 {
            pace.count_at(Caller::At(std::net::Ipv4Addr::from(number).into()), now).unwrap();
        }
        assert!(pace.paid.lock().len() <= limits::REMEMBERED_CALLERS);
    }
}
