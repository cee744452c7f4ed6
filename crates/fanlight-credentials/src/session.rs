//! A person's session in a browser, as a value.
//!
//! Owns its life: a secret of 256 bits that only the browser has, a new one at every login and step-up, an end by idleness
//! and an end that nothing puts off. Refuses to know where sessions are kept: who keeps them asks [`Session::standing`] at
//! each request, and a session that is not in the store is none. Invariant: no secret is ever taken from outside, so a
//! planted one (session fixation) is worth nothing.

mod cookie;
mod machines;
mod origin;

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{PersonId, Secret, Timestamp, limits};

use crate::random::{self, NoRandom};

pub use cookie::{Cookie, CookieFault, Transport};
pub use machines::{KnownMachine, KnownMachines, Seen};
pub use origin::{Change, OriginFault, Origins};

/// Letters of a secret: 32 bytes in base64url.
const LETTERS: usize = 43;
/// How far a clock may have gone back before a session from the future is no session.
const CLOCK: Duration = Duration::from_secs(300);
/// How often it is worth writing down that a session is used.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// SHA-256 of a session's secret: how a session is found and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(pub [u8; 32]);

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// By which it is found.
    pub key: SessionKey,
    /// Whose it is.
    pub person: PersonId,
    /// When the person logged in.
    pub begun: Timestamp,
    /// When it was last used, to about a minute.
    pub seen: Timestamp,
    /// When a second factor was last shown in it.
    pub second_factor: Option<Timestamp>,
}

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Without use.
    pub idle: Duration,
    /// At all.
    pub absolute: Duration,
    /// How long a second factor that was shown counts as fresh, for acts that ask for one.
    pub fresh: Duration,
}

impl Default for Lifetime {
    fn default() -> Self {
        let fresh = limits::SECOND_FACTOR_FRESH_TIME;
        Self { idle: limits::SESSION_IDLE_TIME, absolute: limits::SESSION_TIME, fresh }
    }
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionEnd {
    /// It was not used.
    #[error("the session was not used for too long: log in again")]
    Idle,
    /// It is as old as one may be.
    #[error("the session is as old as one may become: log in again")]
    Old,
    /// It begins in the future: the clock went back, and nothing about its age can be believed.
    #[error("the session begins in the future, so the node's clock has changed: log in again")]
    Future,
}

impl SessionKey {
    /// The key of a secret that a browser showed; `None` where it has not the form of one.
    pub fn of_shown(shown: &str) -> Option<Self> {
        // One spelling only: the decoder refuses other letters, padding, and bits that are left over.
        let right = shown.len() == LETTERS && BASE64URL_NOPAD.decode(shown.as_bytes()).is_ok();
        right.then(|| Self(random::sha256(shown.as_bytes())))
    }
}

impl Session {
    /// Begins a session at a login, with the secret for the browser. `second_factor`: whether one was shown.
    pub fn begin(person: PersonId, second_factor: bool, now: Timestamp) -> Result<(Secret<String>, Self), NoRandom> {
        let (secret, key) = new_secret()?;
        let second_factor = second_factor.then_some(now);
        Ok((secret, Self { key, person, begun: now, seen: now, second_factor }))
    }

    /// The session after a second factor was shown anew, under a new secret; the one before is to be removed in the same
    /// transaction. It does not live longer for that.
    pub fn stepped_up(&self, now: Timestamp) -> Result<(Secret<String>, Self), NoRandom> {
        let (secret, key) = new_secret()?;
        Ok((secret, Self { key, seen: now, second_factor: Some(now), ..self.clone() }))
    }

    /// Whether it stands at this moment.
    pub fn standing(&self, lifetime: Lifetime, now: Timestamp) -> Result<(), SessionEnd> {
        if now < self.begun && age(now, self.begun) > CLOCK {
            return Err(SessionEnd::Future);
        }
        if now >= self.begun && age(self.begun, now) >= lifetime.absolute {
            return Err(SessionEnd::Old);
        }
        if now >= self.seen && age(self.seen, now) >= lifetime.idle {
            return Err(SessionEnd::Idle);
        }
        Ok(())
    }

    /// When it ends unless it is used: for the list of sessions.
    pub fn ends(&self, lifetime: Lifetime) -> Timestamp {
        let after = |start: Timestamp, time: Duration| start.checked_add(time).unwrap_or(Timestamp::MAX);
        after(self.begun, lifetime.absolute).min(after(self.seen, lifetime.idle))
    }

    /// Notes that it is used. `true` where that is worth writing down: once a minute.
    pub fn used(&mut self, now: Timestamp) -> bool {
        let worth = now > self.seen && age(self.seen, now) >= WRITTEN_EVERY;
        if worth {
            self.seen = now;
        }
        worth
    }

    /// Whether a second factor was shown lately; otherwise step-up asks for one. A time in the future is not fresh: a clock
    /// that went back must not make old proofs new.
    pub fn fresh(&self, lifetime: Lifetime, now: Timestamp) -> bool {
        self.second_factor.is_some_and(|at| at <= now && age(at, now) < lifetime.fresh)
    }
}

fn new_secret() -> Result<(Secret<String>, SessionKey), NoRandom> {
    let secret = BASE64URL_NOPAD.encode(&random::bytes::<32>()?);
    let key = SessionKey(random::sha256(secret.as_bytes()));
    Ok((Secret::new(secret), key))
}

/// How far two instants are from one another.
fn age(one: Timestamp, other: Timestamp) -> Duration {
    one.duration_until(other).unsigned_abs()
}

#[cfg(test)]
mod tests;
