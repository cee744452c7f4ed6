//! Recovery codes, for whoever lost the phone: ten of eighty random bits, shown once, kept hashed, each good once.
//!
//! Their letters are Crockford's base 32: what is read aloud or copied from paper as `O` or `l` is taken as it was meant.

use data_encoding::{Encoding, Specification};
use fanlight_base::Secret;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use crate::random::{self, NoRandom};

/// Codes made at a time.
const CODES: usize = 10;
/// Letters of a code: eighty bits, far from being guessed even by who has the hashes.
const LETTERS: usize = 16;

/// Codes that were just made: to be shown once, and what is kept of them.
#[derive(Debug)]
pub struct RecoveryCodes {
    /// What the person writes down: `xxxx-xxxx-xxxx-xxxx`.
    pub clear: Vec<Secret<String>>,
    /// What is kept.
    pub kept: KeptCodes,
}

/// SHA-256 of those that are left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptCodes(Vec<[u8; 32]>);

/// Why a recovery code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryFault {
    /// Not of the form.
    #[error("a recovery code is sixteen letters and digits, in fours")]
    Malformed,
    /// None of those that are left.
    #[error("the recovery code is wrong or was used already")]
    Wrong,
}

fn encoding() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    match specification.encoding() {
        Ok(encoding) => encoding,
        // Thirty-two different letters of ASCII are always an encoding.
        Err(error) => unreachable!("{error}"),
    }
}

impl RecoveryCodes {
    /// Makes new ones; those before are worth nothing from then on, since these are kept in their place.
    pub fn make() -> Result<Self, NoRandom> {
        let (mut clear, mut kept) = (Vec::with_capacity(CODES), Vec::with_capacity(CODES));
        for _ in 0..CODES {
            let code = Secret::new(encoding().encode(&random::bytes::<{ LETTERS * 5 / 8 }>()?));
            kept.push(random::sha256(code.expose_secret().as_bytes()));
            let text = code.expose_secret();
            clear.push(Secret::new(format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..])));
        }
        Ok(Self { clear, kept: KeptCodes(kept) })
    }
}

impl KeptCodes {
    /// Takes what was kept.
    pub const fn new(hashes: Vec<[u8; 32]>) -> Self {
        Self(hashes)
    }

    /// What to keep.
    pub fn hashes(&self) -> &[[u8; 32]] {
        &self.0
    }

    /// How many are left: at few the person is asked to make new ones.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// Uses a code up. What is then left is to be kept before anybody is let in, and only if nobody else changed it.
    pub fn use_up(&mut self, shown: &str) -> Result<(), RecoveryFault> {
        let hash = random::sha256(spelling(shown)?.expose_secret().as_bytes());
        // All are compared, so that the time does not tell which.
        let (mut right, mut place) = (Choice::from(0), 0_u64);
        for (at, kept) in (0_u64..).zip(&self.0) {
            let same = kept.ct_eq(&hash);
            place.conditional_assign(&at, same);
            right |= same;
        }
        if !bool::from(right) {
            return Err(RecoveryFault::Wrong);
        }
        self.0.remove(usize::try_from(place).unwrap_or_default());
        Ok(())
    }
}

/// A code as it was made: small letters, nothing between them, and what Crockford says is meant by others.
fn spelling(shown: &str) -> Result<Secret<String>, RecoveryFault> {
    if shown.len() > 4 * LETTERS {
        return Err(RecoveryFault::Malformed);
    }
    let letters = shown.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    });
    let code = Secret::new(letters.collect::<String>());
    let text = code.expose_secret();
    if text.len() == LETTERS && text.bytes().all(|byte| byte.is_ascii_alphanumeric() && byte != b'u') {
        Ok(code)
    } else {
        Err(RecoveryFault::Malformed)
    }
}

#[cfg(test)]
mod tests;
