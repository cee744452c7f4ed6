//! An authenticator in software: keeps passkeys (Web Authentication, Level 3) and answers as a browser hands it on.
//!
//! It does what it is told, also what no good authenticator would: to verify nobody, to count backwards, to answer for another
//! site.

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// Which keys it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// ES256, as most do.
    Es256,
    /// EdDSA.
    Ed25519,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// One passkey on an authenticator.
pub struct SoftPasskey {
    pair: Pair,
    credential: [u8; 16],
    /// `userHandle`, as it was given at the making.
    pub handle: Option<String>,
    /// The origin that the browser says it is at.
    pub origin: String,
    /// The flags of what it says: 1 somebody was there, 4 they were verified.
    pub flags: u8,
    /// How often it was used, where it counts.
    pub count: Cell<u32>,
    /// Whether it counts.
    pub counts: bool,
}

impl std::fmt::Debug for SoftPasskey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftPasskey").field("origin", &self.origin).field("count", &self.count).finish_non_exhaustive()
    }
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// The head of a CBOR item (RFC 8949, section 3) of up to 65,535.
fn head(kind: u8, length: usize) -> Vec<u8> {
    match u16::try_from(length).expect("short enough") {
        short @ 0..24 => vec![kind << 5 | short as u8],
        byte @ 24..256 => vec![kind << 5 | 24, byte as u8],
        more => [&[kind << 5 | 25][..], &more.to_be_bytes()].concat(),
    }
}

fn byte_string(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len()), bytes.to_vec()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

impl SoftPasskey {
    /// A key pair of that kind, on a browser at that origin.
    ///
    /// # Panics
    /// Where the system gives no randomness.
    pub fn new(kind: KeyKind, origin: &str) -> Self {
        let random = SystemRandom::new();
        let pair = match kind {
            KeyKind::Es256 => {
                let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
                let key = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
                Pair::Es256(EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).expect("a key"))
            }
            KeyKind::Ed25519 => {
                let key = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key"))
            }
        };
        let mut credential = [0; 16];
        ring::rand::SecureRandom::fill(&random, &mut credential).expect("randomness");
        let (count, counts) = (Cell::new(0), true);
        Self { pair, credential, handle: None, origin: origin.to_owned(), flags: 5, count, counts }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, party: &str, more: u8, attested: &[u8]) -> Vec<u8> {
        let count = self.count.get().to_be_bytes();
        [&sha256(party.as_bytes())[..], &[self.flags | more], &count, attested].concat()
    }

    /// The public key as COSE has it (RFC 9053).
    fn cose(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21][..], &byte_string(x), &[0x22], &byte_string(y)].concat()
            }
            Pair::Ed25519(pair) => {
                [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21][..], &byte_string(pair.public_key().as_ref())].concat()
            }
        }
    }

    /// Answers an offer of the API: the passkey is made.
    ///
    /// # Panics
    /// Where the offer is none.
    pub fn make(&mut self, offer: &Value, name: &str) -> Value {
        let said = |part: &str| offer[part].as_str().unwrap_or_else(|| panic!("no {part} in {offer}")).to_owned();
        self.handle = Some(said("handle"));
        let length = u16::try_from(self.credential.len()).expect("short").to_be_bytes();
        let attested = [&[0; 16][..], &length, &self.credential, &self.cose()].concat();
        let data = self.authenticator_data(&said("party"), 64, &attested);
        let attestation =
            [head(5, 3), text("fmt"), text("none"), text("attStmt"), head(5, 0), text("authData"), byte_string(&data)]
                .concat();
        json!({
            "name": name,
            "ticket": offer["ticket"],
            "client_data": base64url(&self.client_data("webauthn.create", &said("challenge"))),
            "attestation": base64url(&attestation),
        })
    }

    /// Answers a question of the API: the passkey is shown.
    ///
    /// # Panics
    /// Where the question is none.
    pub fn show(&self, question: &Value) -> Value {
        let said = |part: &str| question[part].as_str().unwrap_or_else(|| panic!("no {part} in {question}")).to_owned();
        if self.counts {
            self.count.set(self.count.get() + 1);
        }
        let data = self.authenticator_data(&said("party"), 0, &[]);
        let client_data = self.client_data("webauthn.get", &said("challenge"));
        let signed = [data.as_slice(), &sha256(&client_data)].concat();
        let signature = match &self.pair {
            Pair::Es256(pair) => pair.sign(&SystemRandom::new(), &signed).expect("a signature").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(),
        };
        json!({
            "ticket": question["ticket"],
            "credential": base64url(&self.credential),
            "client_data": base64url(&client_data),
            "authenticator_data": base64url(&data),
            "signature": base64url(&signature),
            "handle": self.handle,
        })
    }
}
