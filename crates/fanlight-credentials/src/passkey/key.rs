//! A passkey's public key: a COSE map (RFC 9052, RFC 9053), of one of three kinds.
//!
//! RS256 is among them because Windows Hello makes no other on older machines.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{self, UnparsedPublicKey};
use serde_json::Value;

use super::PasskeyFault;
use super::cbor::{self, Map};
use crate::jose::{Algorithm, Jwk};
use crate::json::Object;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyKey {
    /// EdDSA over Ed25519: COSE -8.
    Ed25519(
        /// The point.
        [u8; 32],
    ),
    /// ECDSA over P-256 with SHA-256: COSE -7.
    Es256(
        /// The point, uncompressed.
        [u8; 65],
    ),
    /// RSA PKCS #1 1.5 with SHA-256: COSE -257.
    Rs256 {
        /// The modulus.
        modulus: Vec<u8>,
        /// The exponent.
        exponent: Vec<u8>,
    },
}

/// The COSE numbers of the algorithms that are taken, the best first: what a browser is asked for.
pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

impl PasskeyKey {
    /// Takes a key out of a COSE map.
    pub(super) fn read(map: &Map) -> Result<Self, PasskeyFault> {
        let number = |name| cbor::numbered(map, name).and_then(|value| i64::try_from(value.as_integer()?).ok());
        let bytes = |name| cbor::numbered(map, name).and_then(|value| value.as_bytes()).map(Vec::as_slice);
        let part = |name| bytes(name).ok_or(PasskeyFault::Key);
        let fixed = |name| part(name)?.try_into().map_err(|_| PasskeyFault::Key);
        match (number(1), number(3), number(-1)) {
            (Some(1), Some(-8), Some(6)) => Ok(Self::Ed25519(fixed(-2)?)),
            (Some(2), Some(-7), Some(1)) => {
                let (x, y): ([u8; 32], [u8; 32]) = (fixed(-2)?, fixed(-3)?);
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&x);
                point[33..].copy_from_slice(&y);
                Ok(Self::Es256(point))
            }
            (Some(3), Some(-257), _) => Self::rs256(part(-1)?, part(-2)?),
            (Some(_), Some(_), _) => Err(PasskeyFault::Algorithm),
            _ => Err(PasskeyFault::Key),
        }
    }

    fn rs256(modulus: &[u8], exponent: &[u8]) -> Result<Self, PasskeyFault> {
        // Weak keys are known there, those of a well-known chip among them.
        let text = |bytes: &[u8]| Value::String(BASE64URL_NOPAD.encode(bytes));
        let parts = [("kty", "RSA".into()), ("n", text(modulus)), ("e", text(exponent))];
        let key: Object = parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Jwk::read(&key, Algorithm::Rs256).map_err(|_| PasskeyFault::Key)?;
        Ok(Self::Rs256 { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// What is kept: the algorithm's COSE number, and the key's parts, in base64url, with spaces between them.
    pub fn to_text(&self) -> String {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self {
            Self::Ed25519(point) => format!("-8 {}", text(point)),
            Self::Es256(point) => format!("-7 {}", text(point)),
            Self::Rs256 { modulus, exponent } => format!("-257 {} {}", text(modulus), text(exponent)),
        }
    }

    /// Takes what was kept.
    pub fn from_text(kept: &str) -> Option<Self> {
        let mut words = kept.split(' ');
        let algorithm = words.next()?;
        let mut part = || BASE64URL_NOPAD.decode(words.next()?.as_bytes()).ok();
        let key = match algorithm {
            "-8" => Self::Ed25519(part()?.try_into().ok()?),
            "-7" => Self::Es256(part()?.try_into().ok()?),
            "-257" => Self::Rs256 { modulus: part()?, exponent: part()? },
            _ => return None,
        };
        words.next().is_none().then_some(key)
    }

    /// Whether it signed `message`.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(point) => UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature),
            Self::Es256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Rs256 { modulus, exponent } => signature::RsaPublicKeyComponents { n: modulus, e: exponent }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        }
        .is_ok()
    }
}
