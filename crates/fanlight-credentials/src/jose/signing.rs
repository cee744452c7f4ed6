//! The node's own key for signing tokens: Ed25519.

use fanlight_base::Secret;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use data_encoding::BASE64URL_NOPAD;

use super::key::Jwk;
use crate::json::Object;
use crate::random::{self, NoRandom};

/// A key that signs. Prints nothing of it but its public half.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: Jwk,
    seed: Secret<[u8; 32]>,
}

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyFault {
    /// The system gave no randomness.
    #[error("cannot make a signing key")]
    Random(#[from] NoRandom),
    /// The library refused the seed.
    #[error("the seed of the signing key is not usable")]
    Rejected(#[source] ring::error::KeyRejected),
}

impl SigningKey {
    /// Makes a key.
    pub fn make() -> Result<Self, SigningKeyFault> {
        Self::from_seed(&random::bytes()?)
    }

    /// Takes the seed that was kept.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, SigningKeyFault> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(SigningKeyFault::Rejected)?;
        let public = Jwk::ed25519(pair.public_key().as_ref());
        Ok(Self { pair, public, seed: Secret::new(*seed) })
    }

    /// What to keep, sealed.
    pub const fn seed(&self) -> &Secret<[u8; 32]> {
        &self.seed
    }

    /// The public half; its id is its thumbprint.
    pub const fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims as a token of that type.
    pub fn sign(&self, kind: &str, claims: &Object) -> String {
        let header = json!({"alg": self.public.algorithm().name(), "typ": kind, "kid": self.public.id()});
        self.sign_with(&header, claims)
    }

    fn sign_with(&self, header: &Value, claims: &Object) -> String {
        let encode = |text: String| BASE64URL_NOPAD.encode(text.as_bytes());
        // What these values are written as is always valid: their keys are text.
        let claims = encode(Value::Object(claims.clone()).to_string());
        let mut text = format!("{}.{claims}", encode(header.to_string()));
        let signature = BASE64URL_NOPAD.encode(self.pair.sign(text.as_bytes()).as_ref());
        text.push('.');
        text.push_str(&signature);
        text
    }

    /// Signs claims under a header that carries the key: for proofs of possession.
    pub fn sign_with_key(&self, kind: &str, claims: &Object) -> String {
        let header = json!({"alg": self.public.algorithm().name(), "typ": kind, "jwk": self.public.to_json()});
        self.sign_with(&header, claims)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
