//! A key that a program has for itself: signs texts in JSON (JWS), as they should be and as an attacker would have them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use ring::{digest, hmac};
use serde_json::{Value, json};

/// An Ed25519 key.
#[derive(Debug)]
pub struct OwnKey(Ed25519KeyPair);

/// Text in base64url without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Random bytes as text, for what must be new each time.
///
/// # Panics
/// Where the system gives none.
pub fn fresh() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    base64url(bytes)
}

/// A text signed by HMAC-SHA256.
pub fn signed_by_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
    let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", base64url(code))
}

impl OwnKey {
    /// The key of that number, always the same.
    ///
    /// # Panics
    /// Never: every seed is one.
    pub fn new(number: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[number; 32]).expect("a seed"))
    }

    /// The public half as JSON (RFC 7517).
    pub fn public(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(self.0.public_key()) })
    }

    /// The public half as its bytes.
    pub fn public_bytes(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    /// A text signed under that header, whatever it says.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// The same, of texts that need not be JSON.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let text = format!("{}.{}", base64url(header), base64url(claims));
        let signature = self.0.sign(text.as_bytes());
        format!("{text}.{}", base64url(signature))
    }

    /// A proof of possession for a request (RFC 9449).
    pub fn proof(&self, method: &str, address: &str, token: Option<&str>, nonce: Option<&str>) -> String {
        let mut claims =
            json!({ "jti": fresh(), "htm": method, "htu": address, "iat": jiff::Timestamp::now().as_second() });
        if let Some(token) = token {
            claims["ath"] = base64url(digest::digest(&digest::SHA256, token.as_bytes())).into();
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        self.proof_of(&claims)
    }

    /// The same with these claims.
    pub fn proof_of(&self, claims: &Value) -> String {
        self.sign(&json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.public() }), claims)
    }
}
