//! One public key (JWK, RFC 7517), with the one algorithm it is for.

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::limits;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

use super::algorithm::Algorithm;
use super::{base64url, roca};
use crate::json::Object;
use crate::random::sha256;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    algorithm: Algorithm,
    id: Option<String>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Ed25519(Vec<u8>),
    /// The point, uncompressed.
    Point(Vec<u8>),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

/// SHA-256 over a key's canonical form (RFC 7638).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint(pub [u8; 32]);

/// Why a key is not taken. Only the first is a fault of whoever published it: it may be ours to tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// A private or symmetric key: whoever can read it can sign.
    #[error("the key is a secret one, which must not be published: it is worth nothing any more")]
    Secret,
    /// Of a kind that is not known here, which RFC 7517 asks to leave out.
    #[error("the key's type, curve or algorithm is not among those taken")]
    Unknown,
    /// For another use.
    #[error("the key is not for checking signatures")]
    OtherUse,
    /// Not what its type asks for, or weak.
    #[error("the key is broken or weak: {0}")]
    Broken(&'static str),
}

impl Jwk {
    /// Reads a public key. `rsa` is the algorithm of RSA keys that do not name theirs.
    pub fn read(key: &Object, rsa: Algorithm) -> Result<Self, KeyFault> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let bytes =
            |name: &str| text(name).and_then(base64url).ok_or(KeyFault::Broken("a number is missing or no base64url"));
        let kind = text("kty").ok_or(KeyFault::Unknown)?;
        if kind == "oct" || ["d", "k", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|secret| key.contains_key(*secret))
        {
            return Err(KeyFault::Secret);
        }
        usable(key)?;
        let (algorithm, material) = match (kind, text("crv")) {
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, Material::Ed25519(sized(bytes("x")?, 32)?)),
            ("EC", Some("P-256")) => (Algorithm::Es256, point(bytes("x")?, bytes("y")?, 32)?),
            ("EC", Some("P-384")) => (Algorithm::Es384, point(bytes("x")?, bytes("y")?, 48)?),
            ("RSA", None) if rsa.is_rsa() => (rsa, rsa_key(bytes("n")?, bytes("e")?)?),
            _ => return Err(KeyFault::Unknown),
        };
        let algorithm = match key.get("alg") {
            None => algorithm,
            Some(named) => {
                let named = named.as_str().and_then(Algorithm::named).ok_or(KeyFault::Unknown)?;
                if named != algorithm && !(named.is_rsa() && algorithm.is_rsa()) {
                    return Err(KeyFault::Broken("its algorithm is not one of its type and curve"));
                }
                named
            }
        };
        let id = match key.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= limits::KEY_ID_BYTES => Some(id.clone()),
            Some(_) => return Err(KeyFault::Broken("its id is no text, or too long")),
        };
        Ok(Self { algorithm, id, material })
    }

    pub(super) fn ed25519(public: &[u8]) -> Self {
        let mut key = Self { algorithm: Algorithm::EdDsa, id: None, material: Material::Ed25519(public.to_vec()) };
        key.id = Some(key.thumbprint().to_string());
        key
    }

    /// What it is for.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id, if it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The key as it is published.
    pub fn to_json(&self) -> Object {
        let mut key = self.canonical();
        key.insert("alg".to_owned(), self.algorithm.name().into());
        key.insert("use".to_owned(), "sig".into());
        if let Some(id) = &self.id {
            key.insert("kid".to_owned(), id.as_str().into());
        }
        key
    }

    /// Its thumbprint.
    pub fn thumbprint(&self) -> Thumbprint {
        // The names are already in their order, and no value of these needs an escape.
        Thumbprint(sha256(Value::Object(self.canonical()).to_string().as_bytes()))
    }

    fn canonical(&self) -> Object {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let members: Vec<(&str, String)> = match &self.material {
            Material::Ed25519(x) => vec![("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", text(x))],
            Material::Point(point) => {
                let (x, y) = point[1..].split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                vec![("crv", curve.to_owned()), ("kty", "EC".to_owned()), ("x", text(x)), ("y", text(y))]
            }
            Material::Rsa { modulus, exponent } => {
                vec![("e", text(exponent)), ("kty", "RSA".to_owned()), ("n", text(modulus))]
            }
        };
        members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }

    /// Whether it signed `message`, by its own algorithm.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match (&self.material, self.algorithm.rsa()) {
            (Material::Ed25519(x), _) => {
                UnparsedPublicKey::new(&signature::ED25519, x).verify(message, signature).is_ok()
            }
            (Material::Point(point), _) => {
                let curve = if self.algorithm == Algorithm::Es256 {
                    &signature::ECDSA_P256_SHA256_FIXED
                } else {
                    &signature::ECDSA_P384_SHA384_FIXED
                };
                UnparsedPublicKey::new(curve, point).verify(message, signature).is_ok()
            }
            (Material::Rsa { modulus, exponent }, Some(rsa)) => {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(rsa, message, signature).is_ok()
            }
            (Material::Rsa { .. }, None) => false,
        }
    }
}

impl std::fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

/// `use` and `key_ops`, where they are said.
fn usable(key: &Object) -> Result<(), KeyFault> {
    let of_use = key.get("use").is_none_or(|name| name == "sig");
    let of_operations = match key.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => false,
    };
    if of_use && of_operations { Ok(()) } else { Err(KeyFault::OtherUse) }
}

fn sized(bytes: Vec<u8>, length: usize) -> Result<Vec<u8>, KeyFault> {
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(KeyFault::Broken("a coordinate has another length than its curve's"))
    }
}

fn point(x: Vec<u8>, y: Vec<u8>, length: usize) -> Result<Material, KeyFault> {
    // Whether it is on the curve is looked at by each check of a signature.
    let (x, y) = (sized(x, length)?, sized(y, length)?);
    Ok(Material::Point([[4].as_slice(), &x, &y].concat()))
}

fn rsa_key(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<Material, KeyFault> {
    let bits = (modulus.len() * 8).saturating_sub(modulus.first().map_or(0, |first| first.leading_zeros() as usize));
    if modulus.first() == Some(&0) || !(2048..=8192).contains(&bits) {
        return Err(KeyFault::Broken("RSA keys have 2048 to 8192 bits"));
    }
    let small = exponent.len() <= 4 && exponent.first() != Some(&0);
    let value = exponent.iter().take(4).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if !small || value < 65537 || value % 2 == 0 {
        return Err(KeyFault::Broken("RSA's exponent is odd, at least 65537, and at most four bytes"));
    }
    if roca::is_roca(&modulus) {
        return Err(KeyFault::Broken("it was made by a library whose keys can be broken (ROCA, CVE-2017-15361)"));
    }
    Ok(Material::Rsa { modulus, exponent })
}

#[cfg(test)]
mod tests;
