//! Random values from the system, and the one digest under which random secrets are kept.

use ring::rand::{SecureRandom as _, SystemRandom};

/// The system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut out = [0; N];
    SystemRandom::new().fill(&mut out).map_err(|_| NoRandom)?;
    Ok(out)
}

/// 256 random bits as 64 lower-case hexadecimal digits: longer than base62, but each secret has one spelling only.
pub(crate) fn secret() -> Result<String, NoRandom> {
    Ok(data_encoding::HEXLOWER.encode(&bytes::<32>()?))
}

/// SHA-256: under which random secrets are kept, for which no slow hash is needed.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}
