//! Nonces that the node gives out and knows again without keeping them (RFC 9449, section 8): the time, and a code over it
//! under the node's key. So a proof made before the nonce was asked for is worth nothing, and nodes with the same key know
//! one another's.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use fanlight_base::Timestamp;
use ring::hmac;

/// How long a nonce is given out; it is taken for as long again.
const SLOT: Duration = Duration::from_secs(120);
/// Bytes of the code that are used.
const CODE: usize = 16;

/// Makes nonces and knows them.
#[derive(Debug)]
pub struct Nonces(hmac::Key);

impl Nonces {
    /// By the node's key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The nonce of this moment.
    pub fn now(&self, now: Timestamp) -> String {
        self.of(slot(now))
    }

    /// Whether a nonce is of this moment or the one before.
    pub fn is_fresh(&self, shown: &str, now: Timestamp) -> bool {
        // A nonce is no secret: whoever asks gets it.
        let slot = slot(now);
        shown == self.of(slot) || shown == self.of(slot - 1)
    }

    fn of(&self, slot: i64) -> String {
        let code = hmac::sign(&self.0, &[b"fanlight dpop nonce ".as_slice(), &slot.to_be_bytes()].concat());
        BASE64URL_NOPAD.encode(&code.as_ref()[..CODE])
    }
}

fn slot(now: Timestamp) -> i64 {
    now.as_second() / i64::try_from(SLOT.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_nonce_is_known_for_two_to_four_minutes() {
        let nonces = Nonces::new(&[1; 32]);
        let nonce = nonces.now(at(1200));
        for (second, fresh) in [(1079, false), (1200, true), (1320, true), (1439, true), (1440, false)] {
            assert_eq!(nonces.is_fresh(&nonce, at(second)), fresh, "{second}");
        }
        assert!(Nonces::new(&[1; 32]).is_fresh(&nonce, at(1200)), "another node with the same key");
        assert!(!Nonces::new(&[2; 32]).is_fresh(&nonce, at(1200)));
        assert!(!nonces.is_fresh("", at(1200)));
    }
}
