//! Device tokens: `flk_<id>_<secret>_<crc32>`. The id (16 of `[a-z0-9]`) finds the device, the secret (256 random bits,
//! 64 hexadecimal digits) proves it, and the CRC-32 over all before it lets secret scanners, and people who lost a
//! character, be sure. Only SHA-256 of the secret is kept; a slow hash is not needed for a random secret.

use fanlight_base::{DeviceId, Secret};
use subtle::ConstantTimeEq as _;

use crate::random::{self, NoRandom};

const PREFIX: &str = "flk_";
const ID: usize = 16;
const SECRET: usize = 64;
const CHECKSUM: usize = 8;
const LENGTH: usize = PREFIX.len() + ID + 1 + SECRET + 1 + CHECKSUM;

/// A device token, taken apart. Its checksum is right; whether anybody has it is for the store to say.
#[derive(Clone, Copy)]
pub struct DeviceToken<'a> {
    id: &'a str,
    secret: &'a str,
}

/// Why a text is no device token. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not of the form.
    #[error("not of the form flk_ID_SECRET_CHECKSUM")]
    Malformed,
    /// Of the form, but a character is wrong.
    #[error("the token's checksum does not fit: a character is wrong")]
    BadChecksum,
}

/// A token that was just made, and what the store keeps of it.
pub(crate) struct NewToken {
    pub(crate) clear: Secret<String>,
    pub(crate) device: DeviceId,
    pub(crate) secret_sha256: [u8; 32],
}

impl<'a> DeviceToken<'a> {
    /// Takes a token apart. Costs a pass over 94 bytes, so that nonsense never reaches the store.
    pub fn parse(text: &'a str) -> Result<Self, TokenFault> {
        let bytes = text.as_bytes();
        let lower_hex = |part: &[u8]| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        // ASCII first: then every index below is a character's edge.
        if bytes.len() != LENGTH || !text.is_ascii() || !text.starts_with(PREFIX) {
            return Err(TokenFault::Malformed);
        }
        let (id, rest) = text[PREFIX.len()..].split_at(ID);
        let (secret, end) = rest[1..].split_at(SECRET);
        let well_formed = rest.starts_with('_')
            && end.starts_with('_')
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && lower_hex(secret.as_bytes())
            && lower_hex(&end.as_bytes()[1..]);
        if !well_formed {
            return Err(TokenFault::Malformed);
        }
        if checksum(&text[..LENGTH - CHECKSUM - 1]) != end[1..] {
            return Err(TokenFault::BadChecksum);
        }
        Ok(Self { id, secret })
    }

    /// The device it is for.
    pub fn device(&self) -> DeviceId {
        device_id(self.id)
    }

    /// Whether its secret is the one kept, compared in constant time.
    pub fn proves(&self, kept_sha256: &[u8; 32]) -> bool {
        sha256(self.secret.as_bytes()).ct_eq(kept_sha256).into()
    }
}

impl std::fmt::Debug for DeviceToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceToken").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewToken {
    pub(crate) fn make() -> Result<Self, NoRandom> {
        let id = random::id()?;
        let secret = Secret::new(random::secret()?);
        let mut clear = format!("{PREFIX}{id}_{}", secret.expose_secret());
        let checksum = checksum(&clear);
        clear.push('_');
        clear.push_str(&checksum);
        let secret_sha256 = sha256(secret.expose_secret().as_bytes());
        Ok(Self { clear: Secret::new(clear), device: device_id(&id), secret_sha256 })
    }
}

fn device_id(id: &str) -> DeviceId {
    DeviceId::new(format!("dev_{id}"))
}

fn checksum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests;
