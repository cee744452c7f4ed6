//! Codes by time (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, which is all that every authenticator app knows.
//!
//! Invariant: a code is good once. Whoever checks keeps the step that was used and gives it at the next check.

use data_encoding::BASE32_NOPAD;
use fanlight_base::{Secret, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use crate::random::{self, NoRandom};

const PERIOD_SECONDS: u64 = 30;
const DIGITS: u32 = 6;
/// Steps that a clock may be away, in either direction.
const DRIFT: u64 = 1;
/// Bytes of a secret: as long as the hash, as RFC 4226 recommends.
const SECRET: usize = 20;
/// What stands for itself in an address (RFC 3986, unreserved).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A step of thirty seconds since 1970: what is kept of a code that was used.
pub type Step = u64;

/// The secret that an app shares. Kept sealed, since a check needs it in clear.
#[derive(Debug, Clone)]
pub struct TotpSecret(Secret<[u8; SECRET]>);

/// Why a code is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// No six digits.
    #[error("a code is six digits, as the authenticator app shows them")]
    Malformed,
    /// Not the code of this half minute, nor of its neighbours.
    #[error("the code is wrong or over: take the one that the app shows now, and see that both clocks are right")]
    Wrong,
    /// Right, and used before.
    #[error("the code was used already: wait for the next one, at most half a minute")]
    Used,
}

impl TotpSecret {
    /// Makes a secret.
    pub fn make() -> Result<Self, NoRandom> {
        Ok(Self(Secret::new(random::bytes()?)))
    }

    /// Takes a secret as it was kept.
    pub const fn from_bytes(bytes: [u8; SECRET]) -> Self {
        Self(Secret::new(bytes))
    }

    /// What to keep, sealed.
    pub const fn bytes(&self) -> &[u8; SECRET] {
        self.0.expose_secret()
    }

    /// The secret as apps take it by hand.
    pub fn base32(&self) -> Secret<String> {
        Secret::new(BASE32_NOPAD.encode(self.bytes()))
    }

    /// The address that apps read from a picture: `otpauth://totp/ISSUER:ACCOUNT?...`.
    pub fn uri(&self, issuer: &str, account: &str) -> Secret<String> {
        let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let (issuer, account, secret) = (escaped(issuer), escaped(account), self.base32());
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_SECONDS}",
            secret.expose_secret()
        ))
    }

    /// Checks a code. `used` is the step of the code that was taken last; the answer is the one to keep instead, and it
    /// is kept only if nobody else changed it meanwhile, so that of two requests with the same code one is taken.
    pub fn check(&self, shown: &str, now: Timestamp, used: Option<Step>) -> Result<Step, CodeFault> {
        let digits: String = shown.chars().filter(|c| *c != ' ').take(DIGITS as usize + 1).collect();
        if digits.len() != DIGITS as usize || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeFault::Malformed);
        }
        let now = u64::try_from(now.as_second()).unwrap_or_default() / PERIOD_SECONDS;
        // All are compared, so that the time does not tell which. Of equal codes the newest step counts.
        let mut found = 0_u64;
        for step in now.saturating_sub(DRIFT)..=now + DRIFT {
            let right = self.code(step, DIGITS).as_bytes().ct_eq(digits.as_bytes());
            found.conditional_assign(&step, right);
        }
        match found {
            0 => Err(CodeFault::Wrong),
            step if used.is_some_and(|used| step <= used) => Err(CodeFault::Used),
            step => Ok(step),
        }
    }

    /// The code of a step (HOTP, RFC 4226, section 5.3).
    fn code(&self, step: Step, digits: u32) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.bytes());
        let mac = hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac[mac.len() - 1] & 0xf);
        let word = u32::from_be_bytes([mac[offset], mac[offset + 1], mac[offset + 2], mac[offset + 3]]) & 0x7fff_ffff;
        let width = digits as usize;
        format!("{:0width$}", word % 10_u32.pow(digits))
    }
}

#[cfg(test)]
mod tests;
