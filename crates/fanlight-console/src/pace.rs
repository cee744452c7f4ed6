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
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<Caller, Instant>>);

/// What one call costs.
const COST: Duration = Duration::from_micros(1_000_000 / limits::API_CALLS_A_SECOND);
/// How far ahead of their pace somebody may be.
const AHEAD: Duration = COST.saturating_mul(limits::API_CALLS_AT_ONCE);

impl Pace {
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
        let mut paid = self.0.lock();
        // Who is not ahead of their pace has nothing to be remembered for.
        if paid.len() >= limits::REMEMBERED_CALLERS {
            paid.retain(|_, until| *until > now);
        }
        if paid.len() >= limits::REMEMBERED_CALLERS {
            paid.clear();
        }
        let until = paid.get(&caller).copied().unwrap_or(now).max(now);
        let ahead = until + COST - now;
        if ahead > AHEAD {
            return Err(ahead - AHEAD);
        }
        paid.insert(caller, until + COST);
        Ok(())
    }
}

/// The answer to one call too many.
pub(crate) fn too_many(wait: Duration) -> Problem {
    let words = format!(
        "More than {} calls at once, or {} a second in the long run.",
        limits::API_CALLS_AT_ONCE,
        limits::API_CALLS_A_SECOND
    );
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many calls", words)
        .header(header::RETRY_AFTER, HeaderValue::from(seconds))
        .advice(Some("Wait as long as Retry-After says, then go on more slowly.".to_owned()))
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
        assert_eq!(wait, COST);
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
        assert!(pace.0.lock().len() <= limits::REMEMBERED_CALLERS);
    }
}
