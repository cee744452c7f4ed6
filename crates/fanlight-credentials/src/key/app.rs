//! The life of an app's key: it always ends, it can be ended, and it is replaced with a time in which both are good.

use std::time::Duration;

use fanlight_base::{Secret, Timestamp, limits};

use super::text::{KeyText, NewKey};
use crate::random::NoRandom;

/// How long before its end an app's owner is told.
const TOLD_BEFORE: Duration = Duration::from_secs(14 * 24 * 3600);
/// How often it is worth writing down that a key is used.
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppKey {
    /// By which it is found.
    pub id: String,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub used: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct NewAppKey {
    /// The whole text. This is the only time it can be shown.
    pub clear: Secret<String>,
    /// What is kept.
    pub kept: AppKey,
}

/// Why a key is not good any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppKeyEnd {
    /// The secret is wrong, or there is no such key: these are one answer.
    #[error("nobody has this key")]
    Unknown,
    /// Revoked.
    #[error("the key was revoked: its app's owner can make another")]
    Revoked,
    /// Over.
    #[error("the key ended on {}: its app's owner can make another", fanlight_base::clock::past_for_people(*.0))]
    Over(
        /// When.
        Timestamp,
    ),
}

impl NewAppKey {
    /// Makes a key that is good for `lives`, at most [`limits::APP_KEY_TIME`].
    pub fn make(lives: Duration, now: Timestamp) -> Result<Self, NoRandom> {
        let NewKey { clear, id, secret_sha256 } = NewKey::make()?;
        let until = now.checked_add(lives.min(limits::APP_KEY_TIME)).unwrap_or(Timestamp::MAX);
        Ok(Self { clear, kept: AppKey { id, secret_sha256, made: now, until, revoked: None, used: None } })
    }
}

impl AppKey {
    /// Holds what was shown against what is kept under its id, if anything is: that takes as long.
    pub fn check<'a>(shown: &KeyText<'_>, kept: Option<&'a Self>, now: Timestamp) -> Result<&'a Self, AppKeyEnd> {
        let proved = shown.proves(&kept.map_or([0; 32], |kept| kept.secret_sha256));
        let kept = kept.filter(|kept| proved && kept.id == shown.id()).ok_or(AppKeyEnd::Unknown)?;
        if kept.revoked.is_some() {
            return Err(AppKeyEnd::Revoked);
        }
        if now >= kept.until {
            return Err(AppKeyEnd::Over(kept.until));
        }
        Ok(kept)
    }

    /// Sets an earlier end, as a key has that was replaced. Never a later one.
    pub fn end_by(&mut self, end: Timestamp) {
        self.until = self.until.min(end);
    }

    /// Whether its app's owner is to be told that it ends soon.
    pub fn ends_soon(&self, now: Timestamp) -> bool {
        let told = self.until.checked_sub(TOLD_BEFORE).unwrap_or(Timestamp::MIN);
        self.revoked.is_none() && (told..self.until).contains(&now)
    }

    /// Notes that it is used. `true` where that is worth writing down: once a minute.
    pub fn note_use(&mut self, now: Timestamp) -> bool {
        let worth = self.used.is_none_or(|used| used.checked_add(WRITTEN_EVERY).is_ok_and(|next| next <= now));
        if worth {
            self.used = Some(now);
        }
        worth
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn day(number: u32) -> Timestamp {
        "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap() + DAY * number
    }

    fn check(shown: &NewAppKey, kept: Option<&AppKey>, now: Timestamp) -> Result<(), AppKeyEnd> {
        AppKey::check(&KeyText::parse(shown.clear.expose_secret()).unwrap(), kept, now).map(drop)
    }

    #[test]
    fn a_key_is_good_until_its_end() {
        let key = NewAppKey::make(DAY * 30, day(0)).unwrap();
        assert_eq!(check(&key, Some(&key.kept), day(0)), Ok(()));
        assert_eq!(check(&key, Some(&key.kept), day(29)), Ok(()));
        let over = check(&key, Some(&key.kept), day(30)).unwrap_err();
        assert_eq!(over.to_string(), "the key ended on 2026-12-22 00:00 UTC: its app's owner can make another");
    }

    #[test]
    fn who_does_not_have_the_secret_learns_nothing() {
        let (key, other) = (NewAppKey::make(DAY, day(0)).unwrap(), NewAppKey::make(DAY, day(0)).unwrap());
        let mut revoked = key.kept.clone();
        revoked.revoked = Some(day(0));
        assert_eq!(check(&key, Some(&revoked), day(9)), Err(AppKeyEnd::Revoked));
        assert_eq!(check(&other, Some(&revoked), day(9)), Err(AppKeyEnd::Unknown));
        assert_eq!(check(&other, None, day(0)), Err(AppKeyEnd::Unknown));
        let zero = AppKey { secret_sha256: [0; 32], ..key.kept.clone() };
        assert_eq!(check(&key, Some(&zero), day(0)), Err(AppKeyEnd::Unknown));
    }

    #[test]
    fn a_key_always_ends_and_never_later() {
        let mut key = NewAppKey::make(DAY * 10_000, day(0)).unwrap().kept;
        assert_eq!(key.until, day(0) + limits::APP_KEY_TIME);
        key.end_by(day(7));
        assert_eq!(key.until, day(7));
        key.end_by(day(100));
        assert_eq!(key.until, day(7));
    }

    #[test]
    fn an_owner_is_told_two_weeks_before() {
        let mut key = NewAppKey::make(DAY * 30, day(0)).unwrap().kept;
        let told: Vec<_> = (0..40).filter(|number| key.ends_soon(day(*number))).collect();
        assert_eq!((told[0], told[told.len() - 1]), (16, 29));
        key.revoked = Some(day(20));
        assert!(!key.ends_soon(day(20)));
    }

    #[test]
    fn use_is_written_once_a_minute() {
        let mut key = NewAppKey::make(DAY, day(0)).unwrap().kept;
        let uses = (0..600).filter(|second| key.note_use(day(0) + Duration::from_secs(*second))).count();
        assert_eq!(uses, 10);
    }

    proptest! {
        #[test]
        fn no_order_of_ends_makes_a_key_live_longer(ends in proptest::collection::vec(0_u32..1000, 0..10), now in 0_u32..1000) {
            let key = NewAppKey::make(DAY * 200, day(0)).unwrap();
            let mut kept = key.kept.clone();
            for end in &ends {
                kept.end_by(day(*end));
            }
            let last = ends.iter().copied().chain([200]).min().unwrap();
            prop_assert_eq!(check(&key, Some(&kept), day(now)).is_ok(), now < last);
        }
    }
}
