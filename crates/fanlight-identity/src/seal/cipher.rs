//! AES-256-GCM over short values: nonce (12 bytes), ciphertext, tag (16 bytes); the key's name is the associated data, so
//! a value moved under another name does not open. Nonces are random: a key seals far fewer than 2^32 values.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use fanlight_credentials::random::{self, NoRandom};

/// A key ready for use.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        match UnboundKey::new(&AES_256_GCM, key) {
            Ok(key) => Self(LessSafeKey::new(key)),
            // Only a wrong length is refused, and the type has the right one.
            Err(ring::error::Unspecified) => unreachable!("AES-256 takes 32 bytes"),
        }
    }

    pub(crate) fn seal(&self, name: &str, clear: &[u8]) -> Result<Vec<u8>, NoRandom> {
        let nonce = random::bytes::<NONCE_LEN>()?;
        let mut sealed = clear.to_vec();
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name.as_bytes()), &mut sealed)
            // Only a text of many gigabytes is refused, and these are names and addresses.
            .map_err(|_| NoRandom)?;
        Ok([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    /// None where it was not sealed by this key under this name, or was changed.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let clear = self.0.open_in_place(nonce, Aad::from(name.as_bytes()), &mut rest).ok()?.len();
        rest.truncate(clear);
        Some(rest)
    }
}
