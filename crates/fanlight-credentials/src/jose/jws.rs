//! A signed text in its compact form (JWS, RFC 7515), taken apart and checked.
//!
//! Invariants: only what was signed is ever read out ([`Jws::payload`] asks for the key), the header chooses neither the
//! key's algorithm nor where keys come from, and a header that must be understood and is not ends the matter.

use fanlight_base::limits;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::base64url;
use super::key::Jwk;
use crate::json::{self, JsonFault, Object};

/// A signed text, taken apart, and not believed yet.
pub struct Jws<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What a header says, as far as it is listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `alg`.
    pub algorithm: Algorithm,
    /// `kid`: compared, and never used as a path, an address or a query.
    pub key_id: Option<String>,
    /// `typ`, in small letters and without `application/`.
    pub kind: Option<String>,
    /// `jwk`: for proofs of possession, which are about that key. Nothing else looks at it.
    pub key: Option<Object>,
}

/// Why a text is no signed text that is taken.
#[derive(Debug, thiserror::Error)]
pub enum JwsFault {
    /// Longer than any token of ours.
    #[error("the token is longer than {} bytes", limits::TOKEN_BYTES)]
    TooLong,
    /// Not three parts of base64url.
    #[error("the token is not three parts of base64url, joined by dots")]
    Malformed,
    /// Five parts.
    #[error("the token is encrypted, and only signed ones are taken")]
    Encrypted,
    /// The header is not readable.
    #[error("the token's header is not readable")]
    Header(#[source] JsonFault),
    /// A part of the header has a wrong type or length.
    #[error("the token's header has an unusable {0:?}")]
    HeaderPart(&'static str),
    /// `none`, in whatever letters.
    #[error("the token is not signed")]
    Unsigned,
    /// An algorithm that is not taken.
    #[error(
        "the token is signed by an algorithm that is not taken: use EdDSA, ES256, ES384, or RS or PS with 256, 384 or 512"
    )]
    Algorithm,
    /// Something that must be understood, or changes what the payload is.
    #[error("the token's header asks for {0:?}, which is not understood here")]
    NotUnderstood(&'static str),
    /// Another algorithm than the key's.
    #[error("the token is signed by another algorithm than its key is for")]
    OtherAlgorithm,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
}

impl<'a> Jws<'a> {
    /// Takes a text apart.
    pub fn read(text: &'a str) -> Result<Self, JwsFault> {
        if text.len() > limits::TOKEN_BYTES {
            return Err(JwsFault::TooLong);
        }
        match text.bytes().filter(|byte| *byte == b'.').count() {
            2 => {}
            4 => return Err(JwsFault::Encrypted),
            _ => return Err(JwsFault::Malformed),
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsFault::Malformed)?;
        let [header, payload, signature] = [header, payload, signature].map(base64url);
        let (Some(header), Some(payload), Some(signature)) = (header, payload, signature) else {
            return Err(JwsFault::Malformed);
        };
        let header = Header::read(&json::object(&header, 4).map_err(JwsFault::Header)?)?;
        Ok(Self { header, signed, payload, signature })
    }

    /// The header: not believed, but needed to find the key.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What was signed, if that key signed it.
    pub fn payload(&self, key: &Jwk) -> Result<&[u8], JwsFault> {
        if key.algorithm() != self.header.algorithm {
            return Err(JwsFault::OtherAlgorithm);
        }
        if !key.signed(self.signed.as_bytes(), &self.signature) {
            return Err(JwsFault::Signature);
        }
        Ok(&self.payload)
    }

    /// What is claimed to be signed: only for finding whose keys to ask.
    pub(crate) fn unbelieved(&self) -> &[u8] {
        &self.payload
    }
}

impl Header {
    fn read(header: &Object) -> Result<Self, JwsFault> {
        let text = |name: &'static str, bytes: usize| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= bytes => Ok(Some(text.as_str())),
            Some(_) => Err(JwsFault::HeaderPart(name)),
        };
        // `crit` names what must be understood, and none of it is; `b64` and `zip` change what the payload is.
        for name in ["crit", "b64", "zip", "enc"] {
            if header.contains_key(name) {
                return Err(JwsFault::NotUnderstood(name));
            }
        }
        if text("cty", limits::KEY_ID_BYTES)?.is_some() {
            return Err(JwsFault::NotUnderstood("cty"));
        }
        let name = text("alg", limits::KEY_ID_BYTES)?.ok_or(JwsFault::HeaderPart("alg"))?;
        if name.eq_ignore_ascii_case("none") {
            return Err(JwsFault::Unsigned);
        }
        let algorithm = Algorithm::named(name).ok_or(JwsFault::Algorithm)?;
        let key_id = text("kid", limits::KEY_ID_BYTES)?.map(str::to_owned);
        // A media type has no case, and `application/` may be left out (RFC 7515, section 4.1.9).
        let kind = text("typ", limits::KEY_ID_BYTES)?.map(str::to_ascii_lowercase);
        let kind = kind.map(|kind| kind.strip_prefix("application/").map(str::to_owned).unwrap_or(kind));
        let key = match header.get("jwk") {
            None => None,
            Some(Value::Object(key)) => Some(key.clone()),
            Some(_) => return Err(JwsFault::HeaderPart("jwk")),
        };
        Ok(Self { algorithm, key_id, kind, key })
    }
}

impl std::fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jws").field("header", &self.header).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
