//! The browsers a person has logged in from: so that a login from another one is told to the person, and guesses of
//! strangers do not slow down whoever has been there before.
//!
//! A browser is known by a random mark in a cookie, kept hashed; nothing of it is measured (no fingerprint).

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{Secret, Timestamp, limits};
use subtle::ConstantTimeEq as _;

use super::age;
use crate::random::{self, NoRandom};

/// One browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMachine {
    /// SHA-256 of its mark.
    pub sha256: [u8; 32],
    /// When it was first seen.
    pub first: Timestamp,
    /// When it was last seen.
    pub last: Timestamp,
}

/// All of a person's, at most [`limits::KNOWN_MACHINES`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownMachines(Vec<KnownMachine>);

/// What a login learned.
#[derive(Debug)]
pub enum Seen {
    /// The person was here before.
    Known,
    /// The person is told of this login. The mark is for the browser's cookie.
    New {
        /// The mark, in clear.
        mark: Secret<String>,
    },
}

impl KnownMachines {
    /// Takes what was kept.
    pub const fn new(machines: Vec<KnownMachine>) -> Self {
        Self(machines)
    }

    /// What to keep.
    pub fn machines(&self) -> &[KnownMachine] {
        &self.0
    }

    /// The hash of the mark that a browser showed, where it is one of this person's and not forgotten.
    pub fn known(&self, shown: Option<&str>, now: Timestamp) -> Option<[u8; 32]> {
        let hash = random::sha256(shown?.as_bytes());
        let found = self
            .0
            .iter()
            .filter(|machine| bool::from(machine.sha256.ct_eq(&hash)))
            .find(|machine| remembered(machine, now));
        found.map(|machine| machine.sha256)
    }

    /// Notes a login that succeeded, with the mark that the browser showed.
    pub fn see(&mut self, shown: Option<&str>, now: Timestamp) -> Result<Seen, NoRandom> {
        let known = self.known(shown, now);
        self.0.retain(|machine| remembered(machine, now));
        if let Some(machine) = self.0.iter_mut().find(|machine| Some(machine.sha256) == known) {
            machine.last = now;
            return Ok(Seen::Known);
        }
        // A mark from outside is never taken over: somebody else may have it, too.
        let mark = Secret::new(BASE64URL_NOPAD.encode(&random::bytes::<32>()?));
        while self.0.len() >= limits::KNOWN_MACHINES {
            let oldest = self.0.iter().enumerate().min_by_key(|(_, machine)| machine.last).map(|(at, _)| at);
            self.0.remove(oldest.unwrap_or_default());
        }
        self.0.push(KnownMachine { sha256: random::sha256(mark.expose_secret().as_bytes()), first: now, last: now });
        Ok(Seen::New { mark })
    }
}

fn remembered(machine: &KnownMachine, now: Timestamp) -> bool {
    now < machine.last || age(machine.last, now) < limits::KNOWN_MACHINE_TIME
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn day(number: u64) -> Timestamp {
        "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(number * 24 * 3600)
    }

    fn new(machines: &mut KnownMachines, shown: Option<&str>, now: Timestamp) -> Option<String> {
        match machines.see(shown, now).unwrap() {
            Seen::Known => None,
            Seen::New { mark } => Some(mark.expose_secret().clone()),
        }
    }

    #[test]
    fn a_browser_is_new_once() {
        let mut machines = KnownMachines::default();
        let mark = new(&mut machines, None, day(0)).unwrap();
        assert_eq!(new(&mut machines, Some(&mark), day(1)), None);
        let other = new(&mut machines, Some("planted"), day(1)).unwrap();
        assert_ne!(other, "planted", "a mark from outside is not taken over");
        assert!(machines.known(Some("planted"), day(1)).is_none());
        assert_eq!(machines.machines().len(), 2);
        assert_eq!(machines.known(Some(&mark), day(1)), Some(random::sha256(mark.as_bytes())));
    }

    #[test]
    fn another_person_s_mark_is_not_known_here() {
        let (mut ada, mut grace) = (KnownMachines::default(), KnownMachines::default());
        let mark = new(&mut ada, None, day(0)).unwrap();
        assert!(new(&mut grace, Some(&mark), day(0)).is_some());
    }

    #[test]
    fn a_browser_is_forgotten_after_its_time() {
        let mut machines = KnownMachines::default();
        let mark = new(&mut machines, None, day(0)).unwrap();
        assert!(machines.known(Some(&mark), day(399)).is_some());
        assert!(machines.known(Some(&mark), day(400)).is_none());
        assert!(new(&mut machines, Some(&mark), day(400)).is_some());
        assert_eq!(machines.machines().len(), 1, "the forgotten one is gone");
    }

    #[test]
    fn only_so_many_are_kept_and_the_longest_unseen_goes() {
        let mut machines = KnownMachines::default();
        let first = new(&mut machines, None, day(0)).unwrap();
        let second = new(&mut machines, None, day(1)).unwrap();
        assert_eq!(new(&mut machines, Some(&first), day(2)), None);
        for number in 0..limits::KNOWN_MACHINES as u64 - 1 {
            new(&mut machines, None, day(3 + number)).unwrap();
        }
        assert_eq!(machines.machines().len(), limits::KNOWN_MACHINES);
        assert!(machines.known(Some(&first), day(30)).is_some());
        assert!(machines.known(Some(&second), day(30)).is_none());
    }
}
