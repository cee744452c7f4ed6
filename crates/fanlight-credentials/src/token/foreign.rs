//! Tokens of issuers that a steward trusts: a company's login, a CI's workloads, another authorisation server.
//!
//! Invariants: the issuer a token names is looked up among those trusted, as it is written, and its own keys alone are
//! asked; each kind of token is told from the others, so that an ID token is no access token.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Timestamp;

use super::claims::{ClaimFault, Claims, Timing};
use crate::jose::{Algorithm, Jws, JwsFault, KeySet};

/// An issuer that is trusted.
#[derive(Debug, Clone)]
pub struct ForeignIssuer {
    /// Its name as its tokens have it, compared letter for letter.
    pub issuer: String,
    /// Those among whom its tokens must be for one: our client id at a login, our address elsewhere.
    pub audiences: Vec<String>,
    /// Its keys as they were last fetched.
    pub keys: Arc<KeySet>,
    /// The algorithms by which it may sign.
    pub algorithms: Vec<Algorithm>,
    /// How exactly its times are taken.
    pub timing: Timing,
}

/// All issuers that are trusted.
#[derive(Debug, Clone, Default)]
pub struct ForeignIssuers(Vec<ForeignIssuer>);

/// Which kind of token is expected here.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// An access token by RFC 9068: its type is `at+jwt`.
    AccessToken,
    /// The ID token that answers a login which we began with that nonce (OpenID Connect Core, section 3.1.3.7).
    IdToken {
        /// The nonce of our request.
        nonce: &'a str,
    },
    /// What a platform gives to a job to show who it is: no type, or `JWT`, and nothing that only an ID token has.
    Workload,
}

/// Why a token is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ForeignFault {
    /// No signed text.
    #[error(transparent)]
    Jws(#[from] JwsFault),
    /// A claim.
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    /// Nobody trusts this issuer.
    #[error("the token's issuer is not one that is trusted here")]
    UnknownIssuer,
    /// The key is not in its set: fetch it again, if that was not done lately, and try once more.
    #[error("the token is signed by no key that its issuer published")]
    UnknownKey,
    /// Another kind.
    #[error("the token is of another kind than is expected here")]
    OtherKind,
    /// Signed by an algorithm that this issuer does not use.
    #[error("the token is signed by an algorithm that its issuer is not trusted with")]
    OtherAlgorithm,
    /// Bound to a key: taken as it stands it would be a thief's, too.
    #[error("the token is bound to a key, and proofs of other issuers' tokens are not taken: have it issued unbound")]
    Bound,
}

impl Default for Timing {
    /// A minute's leeway and a day's life, as widespread issuers need it.
    fn default() -> Self {
        Self { leeway: Duration::from_secs(60), longest: Duration::from_secs(24 * 3600) }
    }
}

impl ForeignIssuers {
    /// These are trusted; of two with the same name the first.
    pub const fn new(issuers: Vec<ForeignIssuer>) -> Self {
        Self(issuers)
    }

    /// The issuer that a token names, not believed: it only says whose keys to ask.
    pub fn named(shown: &str) -> Option<String> {
        let jws = Jws::read(shown).ok()?;
        Claims::read(jws.unbelieved()).ok()?.needed("iss").ok().map(str::to_owned)
    }

    /// Checks a token; tells whose it is and what it claims.
    pub fn check(
        &self,
        shown: &str,
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<(&ForeignIssuer, Claims), ForeignFault> {
        let jws = Jws::read(shown)?;
        let kind = jws.header().kind.as_deref();
        let fits = match expected {
            Expected::AccessToken => kind == Some("at+jwt"),
            Expected::IdToken { .. } | Expected::Workload => matches!(kind, None | Some("jwt")),
        };
        if !fits {
            return Err(ForeignFault::OtherKind);
        }
        // Not believed: it only says whose keys to ask, and they are asked.
        let named = Claims::read(jws.unbelieved())?;
        let named = named.needed("iss")?;
        let issuer = self.0.iter().find(|issuer| issuer.issuer == named).ok_or(ForeignFault::UnknownIssuer)?;
        if !issuer.algorithms.contains(&jws.header().algorithm) {
            return Err(ForeignFault::OtherAlgorithm);
        }
        let key = issuer.keys.key_of(jws.header()).ok_or(ForeignFault::UnknownKey)?;
        let claims = Claims::read(jws.payload(key)?)?;
        claims.is("iss", &issuer.issuer)?;
        claims.is_for(issuer.audiences.iter().map(String::as_str))?;
        claims.in_time(issuer.timing, now)?;
        claims.needed("sub")?;
        match expected {
            Expected::AccessToken => {
                claims.needed("client_id")?;
                claims.needed("jti")?;
                is_unbound(&claims)?;
            }
            Expected::IdToken { nonce } => {
                claims.is("nonce", nonce)?;
                claims.time("iat")?.ok_or(ClaimFault::Missing("iat"))?;
                let party = claims.text("azp")?;
                let several = claims.audiences()?.len() > 1;
                if party.map_or(several, |party| !issuer.audiences.iter().any(|ours| ours == party)) {
                    return Err(ClaimFault::Other("azp").into());
                }
            }
            Expected::Workload => {
                if ["nonce", "at_hash", "c_hash"].iter().any(|name| claims.all().contains_key(*name)) {
                    return Err(ForeignFault::OtherKind);
                }
                is_unbound(&claims)?;
            }
        }
        Ok((issuer, claims))
    }
}

/// That whoever bears it may use it (RFC 7800: `cnf` names a key that its bearer has to prove).
fn is_unbound(claims: &Claims) -> Result<(), ForeignFault> {
    if claims.all().contains_key("cnf") { Err(ForeignFault::Bound) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
