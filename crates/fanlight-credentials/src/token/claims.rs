//! Claims (RFC 7519): read strictly, and judged against the time.

use std::time::Duration;

use fanlight_base::{Timestamp, limits};
use serde_json::Value;

use crate::json::{self, JsonFault, Object};

/// The claims of a token whose signature was right.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Object);

/// How exactly times are taken.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How far another clock may be away.
    pub leeway: Duration,
    /// How long a token may live in all: from `iat`, or from now where that is missing, until `exp`.
    pub longest: Duration,
}

/// Why claims are not taken. The names are ours; no value from outside is repeated.
#[derive(Debug, thiserror::Error)]
pub enum ClaimFault {
    /// Not one JSON object.
    #[error("the token's claims are not readable")]
    Json(#[from] JsonFault),
    /// Not there.
    #[error("the token has no claim {0:?}")]
    Missing(&'static str),
    /// Of a wrong type or too long.
    #[error("the token's claim {0:?} is not usable")]
    Unusable(&'static str),
    /// Another one than wanted.
    #[error("the token's claim {0:?} is another than wanted")]
    Other(&'static str),
    /// Over.
    #[error("the token is over: get a new one")]
    Over,
    /// Not begun, or issued in the future.
    #[error("the token is not valid yet: see that the clocks are right")]
    NotYet,
    /// It lives too long.
    #[error("the token is good for longer than is taken: have it issued for a shorter time")]
    TooLong,
}

impl Claims {
    /// Reads what was signed.
    pub fn read(payload: &[u8]) -> Result<Self, ClaimFault> {
        Ok(Self(json::object(payload, limits::CLAIMS_DEPTH)?))
    }

    /// All of them, for rules that a steward writes.
    pub const fn all(&self) -> &Object {
        &self.0
    }

    /// A text, if the claim is there.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, ClaimFault> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= limits::CLAIM_TEXT_BYTES => Ok(Some(text)),
            Some(_) => Err(ClaimFault::Unusable(name)),
        }
    }

    /// A text that must be there and not be empty.
    pub fn needed(&self, name: &'static str) -> Result<&str, ClaimFault> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or(ClaimFault::Missing(name))
    }

    /// That a claim is there and equals a text.
    pub fn is(&self, name: &'static str, wanted: &str) -> Result<(), ClaimFault> {
        if self.needed(name)? == wanted { Ok(()) } else { Err(ClaimFault::Other(name)) }
    }

    /// Whom the token is for: `aud`, one text or a list.
    pub fn audiences(&self) -> Result<Vec<&str>, ClaimFault> {
        let unusable = ClaimFault::Unusable("aud");
        let audiences = match self.0.get("aud") {
            None => return Err(ClaimFault::Missing("aud")),
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(list)) if (1..=limits::CLAIM_AUDIENCES).contains(&list.len()) => {
                list.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or(unusable)?
            }
            Some(_) => return Err(unusable),
        };
        if audiences.iter().all(|audience| (1..=limits::CLAIM_TEXT_BYTES).contains(&audience.len())) {
            Ok(audiences)
        } else {
            Err(ClaimFault::Unusable("aud"))
        }
    }

    /// That one of `wanted` is among those it is for.
    pub fn is_for<'a>(&self, wanted: impl IntoIterator<Item = &'a str>) -> Result<(), ClaimFault> {
        let audiences = self.audiences()?;
        if wanted.into_iter().any(|wanted| audiences.contains(&wanted)) {
            Ok(())
        } else {
            Err(ClaimFault::Other("aud"))
        }
    }

    /// A NumericDate, which may have a fraction, in seconds.
    pub fn time(&self, name: &'static str) -> Result<Option<Timestamp>, ClaimFault> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let last = Timestamp::MAX.as_second() as f64;
        let seconds = value.as_f64().filter(|seconds| (0.0..=last).contains(seconds));
        // In that range a number of whole milliseconds fits exactly.
        let time = seconds.and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0) as i64).ok());
        time.map(Some).ok_or(ClaimFault::Unusable(name))
    }

    /// Judges `exp` (needed), `nbf` and `iat`. Gives when it is over.
    pub fn in_time(&self, timing: Timing, now: Timestamp) -> Result<Timestamp, ClaimFault> {
        let over = self.time("exp")?.ok_or(ClaimFault::Missing("exp"))?;
        let latest = now.checked_add(timing.leeway).unwrap_or(Timestamp::MAX);
        let earliest = now.checked_sub(timing.leeway).unwrap_or(Timestamp::MIN);
        if over <= earliest {
            return Err(ClaimFault::Over);
        }
        let (begins, issued) = (self.time("nbf")?, self.time("iat")?);
        if begins.is_some_and(|begins| begins > latest) || issued.is_some_and(|issued| issued > latest) {
            return Err(ClaimFault::NotYet);
        }
        let longest = timing.longest + timing.leeway;
        if issued.unwrap_or(now).checked_add(longest).is_ok_and(|last| over > last) {
            return Err(ClaimFault::TooLong);
        }
        Ok(over)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TIMING: Timing = Timing { leeway: Duration::from_secs(30), longest: Duration::from_secs(3600) };
    const NOW: i64 = 1_800_000_000;

    #[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
    fn claims(claims: Value) -> Claims {
        Claims::read(claims.to_string().as_bytes()).unwrap()
    }

    fn judged(value: Value) -> String {
        let now = Timestamp::from_second(NOW).unwrap();
        claims(value).in_time(TIMING, now).map_or_else(|fault| fault.to_string(), |_| "good".to_owned())
    }

    #[test]
    fn times_are_judged_at_their_edges() {
        for (value, words) in [
            (json!({"exp": NOW - 29}), "good"),
            (json!({"exp": NOW - 30}), "over"),
            (json!({"exp": NOW as f64 - 29.5}), "good"),
            (json!({"exp": NOW + 10, "nbf": NOW + 30}), "good"),
            (json!({"exp": NOW + 10, "nbf": NOW + 31}), "not valid yet"),
            (json!({"exp": NOW + 10, "iat": NOW + 31}), "not valid yet"),
            (json!({"exp": NOW + 3630}), "good"),
            (json!({"exp": NOW + 3631}), "longer than"),
            (json!({"exp": NOW + 10, "iat": NOW - 3621}), "longer than"),
            (json!({"exp": 253_402_207_200_i64}), "longer than"),
            (json!({}), "no claim \"exp\""),
            (json!({"exp": null}), "not usable"),
            (json!({"exp": NOW.to_string()}), "not usable"),
            (json!({"exp": -1}), "not usable"),
            (json!({"exp": 1e300}), "not usable"),
            (json!({"exp": 253_402_300_799_i64}), "not usable"),
            (json!({"exp": NOW, "nbf": "x"}), "not usable"),
            (json!({"exp": NOW, "iat": [1]}), "not usable"),
        ] {
            let told = judged(value.clone());
            assert!(told.contains(words), "{value}: {told}");
        }
    }

    #[test]
    fn whom_a_token_is_for_is_one_or_several() {
        let is_for = |aud: Value| claims(json!({ "aud": aud })).is_for(["us", "here"]);
        assert!(is_for(json!("us")).is_ok() && is_for(json!(["other", "here"])).is_ok());
        let many = vec!["us"; limits::CLAIM_AUDIENCES + 1];
        for aud in [json!([]), json!(5), json!(["us", 5]), json!([["us"]]), json!(""), json!(["us", ""]), json!(many)] {
            assert!(matches!(is_for(aud.clone()), Err(ClaimFault::Unusable("aud"))), "{aud}");
        }
        for aud in [json!("US"), json!("us "), json!("u"), json!(["usher"])] {
            assert!(matches!(is_for(aud.clone()), Err(ClaimFault::Other("aud"))), "{aud}");
        }
        assert!(matches!(claims(json!({})).is_for(["us"]), Err(ClaimFault::Missing("aud"))));
    }

    #[test]
    fn texts_are_texts() {
        let claims = claims(json!({"a": "b", "n": 5, "e": "", "l": "x".repeat(limits::CLAIM_TEXT_BYTES + 1)}));
        assert!(claims.is("a", "b").is_ok());
        assert!(matches!(claims.is("a", "c"), Err(ClaimFault::Other("a"))));
        assert!(matches!(claims.needed("e"), Err(ClaimFault::Missing("e"))));
        assert!(matches!(claims.text("n"), Err(ClaimFault::Unusable("n"))));
        assert!(matches!(claims.text("l"), Err(ClaimFault::Unusable("l"))));
        assert!(matches!(claims.text("x"), Ok(None)));
    }

    proptest! {
        #[test]
        fn no_token_is_taken_after_its_end(exp in NOW - 10_000..NOW + 10_000, now in NOW - 10_000..NOW + 10_000) {
            let now_at = Timestamp::from_second(now).unwrap();
            let taken = claims(json!({ "exp": exp })).in_time(TIMING, now_at).is_ok();
            prop_assert_eq!(taken, exp > now - 30 && exp <= now + 3630);
        }
    }
}
