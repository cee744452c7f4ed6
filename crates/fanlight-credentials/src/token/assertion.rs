//! How an app shows who it is with its own key (`private_key_jwt`: RFC 7523, section 3, and OpenID Connect Core,
//! section 9), where it asks for a token.
//!
//! Invariant: an assertion is by the app about itself, for this node alone, soon over, and good once.

use std::time::Duration;

use fanlight_base::{Timestamp, limits};

use super::claims::{ClaimFault, Claims, Timing};
use super::once::{Full, Once};
use crate::jose::{Jws, JwsFault, KeySet};
use crate::random::sha256;

/// Checks assertions.
#[derive(Debug)]
pub struct ClientAssertions {
    audiences: Vec<String>,
    once: Once,
}

/// An assertion that was right, for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// The app's id.
    pub client: String,
    /// By what it is remembered as used: SHA-256 over its client and its `jti`. Not over its text, of which there may be several
    /// with good signatures.
    pub used: [u8; 32],
}

/// Why an assertion is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AssertionFault {
    /// No signed text.
    #[error(transparent)]
    Jws(#[from] JwsFault),
    /// A claim.
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    /// Another kind of token.
    #[error("the assertion is another kind of token")]
    OtherKind,
    /// Not signed by one of the app's keys, or there is no such app: these are one answer.
    #[error("the assertion is not signed by a key of the app it names")]
    UnknownKey,
    /// Used before.
    #[error("the assertion was used already: make one for each request")]
    Used,
    /// No room.
    #[error(transparent)]
    Full(#[from] Full),
}

impl ClientAssertions {
    /// The app that an assertion names, not believed: it only says whose keys to look up before it is checked.
    pub fn named(shown: &str) -> Option<String> {
        let jws = Jws::read(shown).ok()?;
        Claims::read(jws.unbelieved()).ok()?.needed("sub").ok().map(str::to_owned)
    }

    /// Takes assertions for one of these: our issuer's name and, for callers of before it was settled, the token
    /// endpoint's address.
    pub fn new(audiences: Vec<String>) -> Self {
        Self { audiences, once: Once::new(limits::PROOFS_REMEMBERED) }
    }

    /// Checks an assertion. `keys_of` tells an app's keys.
    pub fn check(
        &self,
        shown: &str,
        keys_of: impl FnOnce(&str) -> Option<KeySet>,
        now: Timestamp,
    ) -> Result<Asserted, AssertionFault> {
        let jws = Jws::read(shown)?;
        if !matches!(jws.header().kind.as_deref(), None | Some("jwt" | "client-authentication+jwt")) {
            return Err(AssertionFault::OtherKind);
        }
        let named = Claims::read(jws.unbelieved())?;
        let keys = keys_of(named.needed("sub")?).ok_or(AssertionFault::UnknownKey)?;
        let key = keys.key_of(jws.header()).ok_or(AssertionFault::UnknownKey)?;
        let claims = Claims::read(jws.payload(key)?)?;
        let client = claims.needed("sub")?;
        claims.is("iss", client)?;
        claims.is_for(self.audiences.iter().map(String::as_str))?;
        // One audience: an assertion that is for another as well could be shown there by us, or here by them.
        if claims.audiences()?.len() > 1 {
            return Err(ClaimFault::Other("aud").into());
        }
        let leeway = Duration::from_secs(30);
        let until = claims.in_time(Timing { leeway, longest: limits::ASSERTION_TIME }, now)?;
        let used = sha256(&[sha256(client.as_bytes()), sha256(claims.needed("jti")?.as_bytes())].concat());
        let until = until.checked_add(leeway).unwrap_or(Timestamp::MAX);
        if !self.once.first(used, until, now)? {
            return Err(AssertionFault::Used);
        }
        Ok(Asserted { client: client.to_owned(), used })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jose::SigningKey;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32]).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
    fn check(assertions: &ClientAssertions, seed: u8, kind: &str, changes: Value) -> Result<Asserted, AssertionFault> {
        let mut claims = json!({
            "iss": "app_1", "sub": "app_1", "aud": "https://fanlight.example", "jti": "1", "exp": now().as_second() + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = key(seed).sign(kind, claims.as_object().unwrap());
        let keys_of = |app: &str| (app == "app_1").then(|| [key(1).public().clone()].into_iter().collect());
        assertions.check(&token, keys_of, now())
    }

    fn assertions() -> ClientAssertions {
        ClientAssertions::new(vec!["https://fanlight.example".to_owned(), "https://fanlight.example/token".to_owned()])
    }

    #[test]
    fn an_app_shows_who_it_is_once() {
        let assertions = assertions();
        let first = check(&assertions, 1, "jwt", json!({})).unwrap();
        assert_eq!(first.client, "app_1");
        // Elsewhere, where nothing is remembered in memory, another text of the same assertion is known by the same.
        let again = check(&super::tests::assertions(), 1, "client-authentication+jwt", json!({ "more": 1 })).unwrap();
        assert_eq!(again.used, first.used);
        assert_ne!(check(&assertions, 1, "jwt", json!({ "jti": "3" })).unwrap().used, first.used);
        assert!(matches!(check(&assertions, 1, "jwt", json!({})), Err(AssertionFault::Used)));
        let endpoint = json!({"aud": ["https://fanlight.example/token"], "jti": "2"});
        assert!(check(&assertions, 1, "client-authentication+jwt", endpoint).is_ok());
    }

    #[test]
    fn nobody_speaks_for_another_app() {
        let refused = |seed, changes: Value| check(&assertions(), seed, "jwt", changes).unwrap_err();
        assert!(matches!(refused(2, json!({})), AssertionFault::UnknownKey));
        assert!(matches!(refused(1, json!({"sub": "app_2", "iss": "app_2"})), AssertionFault::UnknownKey));
        assert!(matches!(refused(1, json!({"iss": "app_2"})), AssertionFault::Claim(ClaimFault::Other("iss"))));
        for kind in ["at+jwt", "dpop+jwt"] {
            assert!(matches!(check(&assertions(), 1, kind, json!({})), Err(AssertionFault::OtherKind)));
        }
    }

    #[test]
    fn an_assertion_is_for_this_node_alone_and_soon_over() {
        let refused = |changes: Value| check(&assertions(), 1, "jwt", changes).unwrap_err().to_string();
        for aud in [json!("https://other.example"), json!(["https://fanlight.example", "https://other.example"])] {
            assert!(refused(json!({ "aud": aud })).contains("\"aud\""));
        }
        assert!(refused(json!({"exp": now().as_second() + 10_000})).contains("longer"));
        assert!(refused(json!({"exp": now().as_second() - 30})).contains("over"));
        assert!(refused(json!({"jti": ""})).contains("\"jti\""));
    }
}
