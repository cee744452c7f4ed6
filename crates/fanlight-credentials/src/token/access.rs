//! Our own access tokens: JWT by RFC 9068 (`typ: at+jwt`), signed with Ed25519, short-lived, and bound to the caller's key
//! where the grant says so (RFC 9449).
//!
//! Invariant: a token that is bound is worth nothing without a proof: [`Access::proved_by`] is asked before anything is
//! served, and a token that is not bound does not pass where a proof was shown for it.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{Secret, Timestamp, limits};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::claims::{ClaimFault, Claims, Timing};
use super::dpop::Proof;
use crate::jose::{Jwk, Jws, JwsFault, KeySet, SigningKey, Thumbprint};
use crate::json::Object;
use crate::random::{self, NoRandom};

const KIND: &str = "at+jwt";

/// Issues tokens and checks them.
#[derive(Debug)]
pub struct AccessTokens {
    issuer: String,
    key: SigningKey,
    keys: KeySet,
}

/// What a token is issued for.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// Who acts: the app, or the person for whom it acts.
    pub subject: &'a str,
    /// The app it is issued to.
    pub client: &'a str,
    /// For which part of the node.
    pub audience: &'a str,
    /// What may be done with it, words between spaces; empty: whatever the subject may.
    pub scope: &'a str,
    /// The caller's key, from the proof shown at the token endpoint.
    pub bound_to: Option<Thumbprint>,
    /// How long it is good, at most [`limits::ACCESS_TOKEN_TIME`].
    pub lives: Duration,
}

/// A token of ours that was right. Whether its client was revoked since `issued` is for whoever keeps clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Who acts.
    pub subject: String,
    /// The app.
    pub client: String,
    /// What may be done with it.
    pub scope: String,
    /// Its id.
    pub id: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it is over.
    pub until: Timestamp,
    bound_to: Option<String>,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AccessFault {
    /// No signed text of ours.
    #[error(transparent)]
    Jws(#[from] JwsFault),
    /// A claim.
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    /// Signed by no key of ours.
    #[error("the token is not signed by a key of this node")]
    UnknownKey,
    /// Another kind of token: an ID token, a proof, an assertion.
    #[error("the token is no access token")]
    OtherKind,
    /// It is bound, and no proof was shown, or the proof is of another key.
    #[error("the token is bound to a key: show a proof of that key with it (DPoP, RFC 9449)")]
    NotProved,
    /// A proof was shown for a token that is not bound.
    #[error("the token is not bound to a key: show it without a proof, as Bearer")]
    NotBound,
}

impl AccessFault {
    /// Whether it was a good token once.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Claim(ClaimFault::Over))
    }
}

impl AccessTokens {
    /// Issues in the name of `issuer` with `key`. Tokens signed by `before` are still taken: the keys that were ours until
    /// lately, to be left out once their last token is over.
    pub fn new(issuer: &str, key: SigningKey, before: Vec<Jwk>) -> Self {
        let keys = std::iter::once(key.public().clone()).chain(before).collect();
        Self { issuer: issuer.to_owned(), key, keys }
    }

    /// The key set to publish.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Issues a token.
    pub fn issue(&self, grant: &Grant<'_>, now: Timestamp) -> Result<Secret<String>, NoRandom> {
        let lives = grant.lives.min(limits::ACCESS_TOKEN_TIME);
        let seconds = i64::try_from(lives.as_secs()).unwrap_or_default();
        let mut claims = json!({
            "iss": self.issuer,
            "sub": grant.subject,
            "client_id": grant.client,
            "aud": grant.audience,
            "iat": now.as_second(),
            "exp": now.as_second() + seconds,
            "jti": BASE64URL_NOPAD.encode(&random::bytes::<16>()?),
        });
        if !grant.scope.is_empty() {
            claims["scope"] = grant.scope.into();
        }
        if let Some(key) = grant.bound_to {
            claims["cnf"] = json!({ "jkt": key.to_string() });
        }
        let claims = match claims {
            Value::Object(claims) => claims,
            _ => Object::new(),
        };
        Ok(Secret::new(self.key.sign(KIND, &claims)))
    }

    /// Checks a token shown for `audience`.
    pub fn check(&self, shown: &str, audience: &str, now: Timestamp) -> Result<Access, AccessFault> {
        let jws = Jws::read(shown)?;
        if jws.header().kind.as_deref() != Some(KIND) {
            return Err(AccessFault::OtherKind);
        }
        let key = self.keys.key_of(jws.header()).ok_or(AccessFault::UnknownKey)?;
        let claims = Claims::read(jws.payload(key)?)?;
        claims.is("iss", &self.issuer)?;
        claims.is_for([audience])?;
        // Our own clocks wrote it: seconds of leeway for nodes beside one another.
        let timing = Timing { leeway: Duration::from_secs(5), longest: limits::ACCESS_TOKEN_TIME };
        let until = claims.in_time(timing, now)?;
        let issued = claims.time("iat")?.ok_or(ClaimFault::Missing("iat"))?;
        let bound_to = match claims.all().get("cnf") {
            None => None,
            Some(bound) => {
                Some(bound.get("jkt").and_then(Value::as_str).ok_or(ClaimFault::Unusable("cnf"))?.to_owned())
            }
        };
        Ok(Access {
            subject: claims.needed("sub")?.to_owned(),
            client: claims.needed("client_id")?.to_owned(),
            scope: claims.text("scope")?.unwrap_or_default().to_owned(),
            id: claims.needed("jti")?.to_owned(),
            issued,
            until,
            bound_to,
        })
    }
}

impl Access {
    /// Whether it is worth nothing without a proof.
    pub const fn is_bound(&self) -> bool {
        self.bound_to.is_some()
    }

    /// Holds it against the proof that was shown with it, if one was.
    pub fn proved_by(&self, proof: Option<&Proof>) -> Result<(), AccessFault> {
        match (&self.bound_to, proof) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(AccessFault::NotBound),
            (Some(_), None) => Err(AccessFault::NotProved),
            (Some(wanted), Some(proof)) => {
                let shown = proof.key.to_string();
                let same: bool = shown.as_bytes().ct_eq(wanted.as_bytes()).into();
                if same { Ok(()) } else { Err(AccessFault::NotProved) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
