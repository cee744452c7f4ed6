//! A key's text: `flk_<id>_<secret>_<crc32>`. The id (16 of `[a-z0-9]`) finds what it stands for, the secret (256 random
//! bits, 64 hexadecimal digits) proves it, and the CRC-32 over all before it lets secret scanners, and people who lost a
//! character, be sure. Only SHA-256 of the secret is kept; a slow hash is not needed for a random secret.

use fanlight_base::Secret;
use subtle::ConstantTimeEq as _;

use crate::random::{self, NoRandom, sha256};

const PREFIX: &str = "flk_";
const ID: usize = 16;
const SECRET: usize = 64;
const CHECKSUM: usize = 8;
const LENGTH: usize = PREFIX.len() + ID + 1 + SECRET + 1 + CHECKSUM;

/// A key, taken apart. Its checksum is right; whether anybody has it is for the store to say.
#[derive(Clone, Copy)]
pub struct KeyText<'a> {
    id: &'a str,
    secret: &'a str,
}

/// Why a text is no key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Not of the form.
    #[error("not of the form flk_ID_SECRET_CHECKSUM")]
    Malformed,
    /// Of the form, but a character is wrong.
    #[error("the token's checksum does not fit: a character is wrong")]
    BadChecksum,
}

/// A key that was just made, and what is kept of it.
#[derive(Debug)]
pub struct NewKey {
    /// The whole text. This is the only time it can be shown.
    pub clear: Secret<String>,
    /// Its id.
    pub id: String,
    /// What is kept of its secret.
    pub secret_sha256: [u8; 32],
}

impl<'a> KeyText<'a> {
    /// Takes a key apart. Costs a pass over 94 bytes, so that nonsense never reaches the store.
    pub fn parse(text: &'a str) -> Result<Self, TextFault> {
        let bytes = text.as_bytes();
        let lower_hex = |part: &[u8]| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        // ASCII first: then every index below is a character's edge.
        if bytes.len() != LENGTH || !text.is_ascii() || !text.starts_with(PREFIX) {
            return Err(TextFault::Malformed);
        }
        let (id, rest) = text[PREFIX.len()..].split_at(ID);
        let (secret, end) = rest[1..].split_at(SECRET);
        let well_formed = rest.starts_with('_')
            && end.starts_with('_')
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && lower_hex(secret.as_bytes())
            && lower_hex(&end.as_bytes()[1..]);
        if !well_formed {
            return Err(TextFault::Malformed);
        }
        if checksum(&text[..LENGTH - CHECKSUM - 1]) != end[1..] {
            return Err(TextFault::BadChecksum);
        }
        Ok(Self { id, secret })
    }

    /// By which it is found.
    pub const fn id(&self) -> &'a str {
        self.id
    }

    /// Whether its secret is the one kept, compared in constant time.
    pub fn proves(&self, kept_sha256: &[u8; 32]) -> bool {
        sha256(self.secret.as_bytes()).ct_eq(kept_sha256).into()
    }
}

impl std::fmt::Debug for KeyText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyText").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewKey {
    /// Makes a key.
    pub fn make() -> Result<Self, NoRandom> {
        let id = random::id()?;
        let secret = Secret::new(random::secret()?);
        let mut clear = format!("{PREFIX}{id}_{}", secret.expose_secret());
        let checksum = checksum(&clear);
        clear.push('_');
        clear.push_str(&checksum);
        let secret_sha256 = sha256(secret.expose_secret().as_bytes());
        Ok(Self { clear: Secret::new(clear), id, secret_sha256 })
    }
}

fn checksum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

#[cfg(test)]
mod tests;
