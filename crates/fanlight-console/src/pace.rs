//! How often one caller may ask: many at once, and so many a second in the long run.
//!
//! The generic cell rate algorithm: of each caller one instant is kept, until when what they asked is paid for. Refuses to know
//! what is asked. Invariants: what is kept is bounded, and forgetting a caller never makes them slower; and every call too many is
//! in a record before it is answered, but a flood of them leaves one a second.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::{Principal, Strength, limits};
use fanlight_gate::{AllowedPace, CannotRecord, Context, ForSeveral, Handled};
use parking_lot::Mutex;
use tokio::sync::watch;

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
    /// Those who were refused a moment ago.
    crowds: Mutex<HashMap<Caller, Crowd>>,
}

/// Calls too many of one caller that wait for the record that stands for all of them.
struct Crowd {
    calls: u64,
    /// In whose name and about which call it is: the first of them.
    first: Option<Context>,
    told: watch::Sender<Option<ForSeveral>>,
}

impl Crowd {
    fn new() -> Self {
        Self { calls: 0, first: None, told: watch::Sender::new(None) }
    }
}

/// One call too many.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooOften {
    caller: Caller,
    /// How long to wait until one is let through.
    wait: Duration,
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
        Self { a_second, at_once, paid: Mutex::default(), crowds: Mutex::default() }
    }

    /// What one call costs.
    fn cost(&self) -> Duration {
        Duration::from_micros(1_000_000 / self.a_second)
    }

    /// Counts a call. One too many is an error, to be refused.
    pub(crate) fn count(&self, context: &Context) -> Result<(), TooOften> {
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

    fn count_at(&self, caller: Caller, now: Instant) -> Result<(), TooOften> {
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
            return Err(TooOften { caller, wait: ahead - most });
        }
        paid.insert(caller, until + cost);
        Ok(())
    }

    /// Answers a call too many once it is in a record: the first at once, and those that follow by one record for all that came
    /// within a second. So nothing is answered unrecorded, and who floods fills no ledger, and waits.
    pub(crate) async fn refuse(self: Arc<Self>, context: Context, too_often: TooOften) -> Handled {
        let TooOften { caller, wait } = too_often;
        let pace = AllowedPace { a_second: self.a_second, at_once: self.at_once };
        if let Some(mut told) = self.join(&context, &caller) {
            let recorded = told.wait_for(Option::is_some).await.ok().and_then(|recorded| recorded.clone());
            // Where it could not be recorded for all, each is told by itself that nothing can.
            if let Some(recorded) = recorded {
                return Ok(recorded.recorded().too_often(wait));
            }
        }
        Ok(context.record_too_often(1, pace)?.too_often(wait))
    }

    /// Joins those of the same caller who wait; the first of them does not wait.
    fn join(self: &Arc<Self>, context: &Context, caller: &Caller) -> Option<watch::Receiver<Option<ForSeveral>>> {
        let mut crowds = self.crowds.lock();
        if let Some(crowd) = crowds.get_mut(caller) {
            crowd.calls += 1;
            crowd.first.get_or_insert_with(|| context.clone());
            return Some(crowd.told.subscribe());
        }
        if crowds.len() < limits::REMEMBERED_CALLERS {
            crowds.insert(caller.clone(), Crowd::new());
            tokio::spawn(self.clone().watch(caller.clone()));
        }
        None
    }

    /// Records those of one caller, a second at a time, until there are none.
    async fn watch(self: Arc<Self>, caller: Caller) {
        loop {
            tokio::time::sleep(limits::TOO_OFTEN_TIME).await;
            let crowd = {
                let mut crowds = self.crowds.lock();
                match crowds.get_mut(&caller) {
                    Some(crowd) if crowd.calls > 0 => std::mem::replace(crowd, Crowd::new()),
                    _ => {
                        crowds.remove(&caller);
                        return;
                    }
                }
            };
            let Crowd { calls, first, told } = crowd;
            if let Some(context) = first
                && let Ok(recorded) = self.record(&context, calls).await
            {
                told.send_replace(Some(recorded));
            }
        }
    }

    async fn record(&self, context: &Context, calls: u64) -> Result<ForSeveral, CannotRecord> {
        let pace = AllowedPace { a_second: self.a_second, at_once: self.at_once };
        context.record_too_often(calls, pace)?.for_several().await
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
        let too_often = pace.count_at(at("127.0.0.1"), now).unwrap_err();
        assert_eq!(too_often, TooOften { caller: at("127.0.0.1"), wait: pace.cost() });
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
