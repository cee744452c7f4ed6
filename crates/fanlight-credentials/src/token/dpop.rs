//! Proofs of possession (DPoP, RFC 9449): whoever shows a token shows that they hold a key, for this request, now.
//!
//! Invariant: a proof is good for one method and one address, with one token, once, for a minute.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::{Timestamp, limits};
use url::Url;

use super::claims::{ClaimFault, Claims};
use super::nonce::Nonces;
use super::once::{Full, Once};
use crate::jose::{Algorithm, Jwk, Jws, JwsFault, KeyFault, Thumbprint};
use crate::random::sha256;

/// How old a proof may be.
const OLDEST: Duration = Duration::from_secs(60);
/// How far in the future: clocks of callers are wrong.
const AHEAD: Duration = Duration::from_secs(10);

/// A proof that was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The key that was shown to be held.
    pub key: Thumbprint,
}

/// Checks proofs.
#[derive(Debug)]
pub struct Proofs {
    once: Once,
    nonces: Nonces,
    needs_nonce: bool,
}

/// Why a proof is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProofFault {
    /// No signed text.
    #[error(transparent)]
    Jws(#[from] JwsFault),
    /// Not of this kind.
    #[error("the proof is no DPoP proof: its type is not dpop+jwt")]
    OtherKind,
    /// No key, or none that is taken.
    #[error("the proof's key is not usable")]
    Key(#[source] KeyFault),
    /// There is none.
    #[error("the proof has no key in its header")]
    NoKey,
    /// A claim.
    #[error(transparent)]
    Claim(#[from] ClaimFault),
    /// Too old, or from the future.
    #[error(
        "the proof is older than a minute, or from the future: make one for each request, and see that the clocks are right"
    )]
    NotNow,
    /// The node's nonce is missing or old: the answer carries a new one.
    #[error("the proof needs the nonce of this node: make it again with the one in the answer's DPoP-Nonce")]
    UseNonce(
        /// The nonce for the header `DPoP-Nonce`.
        String,
    ),
    /// Used before.
    #[error("the proof was used already: make one for each request")]
    Used,
    /// No room.
    #[error(transparent)]
    Full(#[from] Full),
}

impl Proofs {
    /// Checks proofs; with `needs_nonce` each must carry a nonce of this node, so that none is made in advance.
    pub fn new(nonces: Nonces, needs_nonce: bool) -> Self {
        Self { once: Once::new(limits::PROOFS_REMEMBERED), nonces, needs_nonce }
    }

    /// The nonce to send with answers.
    pub fn nonce(&self, now: Timestamp) -> String {
        self.nonces.now(now)
    }

    /// Checks a proof shown with a request by `method` to `address`, and with `token` where one was shown. The token is to
    /// be checked before: room to remember is only for those who have one.
    pub fn check(
        &self,
        shown: &str,
        (method, address): (&str, &Url),
        token: Option<&str>,
        now: Timestamp,
    ) -> Result<Proof, ProofFault> {
        let jws = Jws::read(shown)?;
        if jws.header().kind.as_deref() != Some("dpop+jwt") {
            return Err(ProofFault::OtherKind);
        }
        let key = jws.header().key.as_ref().ok_or(ProofFault::NoKey)?;
        // A key of RSA that does not name its algorithm is taken by the header's: the proof is about this key alone.
        let rsa = if jws.header().algorithm.is_rsa() { jws.header().algorithm } else { Algorithm::Rs256 };
        let key = Jwk::read(key, rsa).map_err(ProofFault::Key)?;
        let claims = Claims::read(jws.payload(&key)?)?;
        claims.is("htm", method)?;
        let named = Url::parse(claims.needed("htu")?).map_err(|_| ClaimFault::Unusable("htu"))?;
        if bare(&named) != bare(address) {
            return Err(ClaimFault::Other("htu").into());
        }
        match token {
            Some(token) => claims.is("ath", &BASE64URL_NOPAD.encode(&sha256(token.as_bytes())))?,
            None if claims.all().contains_key("ath") => return Err(ClaimFault::Other("ath").into()),
            None => {}
        }
        let made = claims.time("iat")?.ok_or(ClaimFault::Missing("iat"))?;
        if made.checked_add(OLDEST).is_ok_and(|last| last < now) || now.checked_add(AHEAD).is_ok_and(|last| last < made)
        {
            return Err(ProofFault::NotNow);
        }
        let nonce = claims.text("nonce")?;
        if nonce.map_or(self.needs_nonce, |nonce| !self.nonces.is_fresh(nonce, now)) {
            return Err(ProofFault::UseNonce(self.nonces.now(now)));
        }
        let id = claims.needed("jti")?;
        let key = key.thumbprint();
        let used = sha256(&[key.0.as_slice(), id.as_bytes()].concat());
        let until = made.checked_add(OLDEST).unwrap_or(Timestamp::MAX);
        if self.once.first(used, until, now)? { Ok(Proof { key }) } else { Err(ProofFault::Used) }
    }
}

/// An address without query and fragment, in its normal form (RFC 9449, section 4.3).
fn bare(address: &Url) -> Url {
    let mut address = address.clone();
    address.set_query(None);
    address.set_fragment(None);
    address
}

#[cfg(test)]
mod tests;
