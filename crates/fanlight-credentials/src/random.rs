//! Random values from the system, in the forms secrets and pseudonyms need, and the one digest under which random secrets
//! are kept.

use ring::rand::{SecureRandom as _, SystemRandom};

/// The system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut out = [0; N];
    SystemRandom::new().fill(&mut out).map_err(|_| NoRandom)?;
    Ok(out)
}

/// 16 characters of `[a-z0-9]`: 82 random bits, so that pseudonyms never meet.
pub fn id() -> Result<String, NoRandom> {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut out = String::with_capacity(16);
    while out.len() < 16 {
        for byte in bytes::<24>()? {
            // 252 is the largest multiple of 36: above it some letters would come more often.
            if byte < 252 && out.len() < 16 {
                out.push(char::from(LETTERS[usize::from(byte % 36)]));
            }
        }
    }
    Ok(out)
}

/// A name for something that has none: `prefix` and 16 random characters of `[a-z0-9]`.
///
/// # Errors
/// Where the system gives no randomness.
pub fn pseudonym(prefix: &str) -> Result<String, NoRandom> {
    Ok(format!("{prefix}{}", id()?))
}

/// 256 random bits as 64 lower-case hexadecimal digits: longer than base62, but each secret has one spelling only.
pub fn secret() -> Result<String, NoRandom> {
    Ok(data_encoding::HEXLOWER.encode(&bytes::<32>()?))
}

/// SHA-256: under which random secrets are kept, for which no slow hash is needed.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}
