//! What a call that comes again under the same key is answered: sealed under that key, which is not kept.
//!
//! Answers hold secrets that are shown once. Invariant: from the database alone no answer can be read; a caller's key opens
//! no other caller's answer.

use fanlight_credentials::random::NoRandom;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};

use crate::seal::cipher::Cipher;

/// Where a call's answer is kept, and the key to it; both made of who calls and the key they chose (HKDF, RFC 5869).
pub struct CallKey {
    id: [u8; 32],
    cipher: Cipher,
}

impl std::fmt::Debug for CallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallKey(..)")
    }
}

/// 64 bytes: half of them an id, half a key.
struct Halves;

impl KeyType for Halves {
    fn len(&self) -> usize {
        64
    }
}

/// What the sealed text is said to be.
const NAME: &str = "answer";

impl CallKey {
    /// Of this caller, by the key of theirs.
    pub fn of(caller: &str, key: &str) -> Self {
        let mut bytes = [0; 64];
        let strong = Salt::new(HKDF_SHA256, b"fanlight idempotency key").extract(key.as_bytes());
        let info = [caller.as_bytes()];
        let filled = strong.expand(&info, Halves).and_then(|made| made.fill(&mut bytes));
        // Only more than 255 hashes are refused, or another length than was asked for.
        assert!(filled.is_ok(), "HKDF gives 64 bytes");
        let (mut id, mut key) = ([0; 32], [0; 32]);
        id.copy_from_slice(&bytes[..32]);
        key.copy_from_slice(&bytes[32..]);
        Self { id, cipher: Cipher::new(&key) }
    }

    /// Where it is kept.
    pub const fn id(&self) -> &[u8; 32] {
        &self.id
    }

    /// A pseudonym's 16 characters of it: the same for the same caller and key, and no help to whoever looks for either.
    pub fn pseudonym(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        self.id[..16].iter().map(letter).collect()
    }

    /// Seals an answer.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn seal(&self, answer: &[u8]) -> Result<Vec<u8>, NoRandom> {
        self.cipher.seal(NAME, answer)
    }

    /// Opens one; nothing where it was not sealed so.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.cipher.open(NAME, sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::CallKey;

    #[test]
    fn an_answer_opens_for_the_same_caller_by_the_same_key_alone() {
        let key = CallKey::of("prs_a", "0123456789abcdef");
        let sealed = key.seal(b"flk_secret").unwrap();
        assert!(!sealed.windows(10).any(|part| part == b"flk_secret"));
        assert_eq!(CallKey::of("prs_a", "0123456789abcdef").open(&sealed).as_deref(), Some(&b"flk_secret"[..]));
        for (caller, text) in [("prs_b", "0123456789abcdef"), ("prs_a", "0123456789abcdeg")] {
            let other = CallKey::of(caller, text);
            assert_ne!(other.id(), key.id());
            assert_eq!(other.open(&sealed), None);
        }
    }
}
