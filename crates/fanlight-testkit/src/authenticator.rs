//! An authenticator app: codes by time (RFC 6238) from the secret that a page shows.

use ring::hmac;

/// What the app keeps.
#[derive(Debug)]
pub struct Authenticator(hmac::Key);

impl Authenticator {
    /// Takes a secret in base 32, as a page shows it.
    ///
    /// # Panics
    /// Where it is none.
    pub fn new(secret: &str) -> Self {
        let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
        for letter in secret.bytes().filter(|letter| *letter != b' ') {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'2'..=b'7' => letter - b'2' + 26,
                _ => panic!("{secret:?} is no base 32"),
            };
            bits = bits << 5 | u32::from(value);
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push((bits >> count & 0xff) as u8);
            }
        }
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes))
    }

    /// The code of the half minute that is so many away from this one.
    pub fn code(&self, away: i64) -> String {
        let step = jiff::Timestamp::now().as_second() / 30 + away;
        let mac = hmac::sign(&self.0, &step.to_be_bytes());
        let mac = mac.as_ref();
        let at = usize::from(mac[mac.len() - 1] & 0xf);
        let word = u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_the_rfc_is_read() {
        // RFC 4226, appendix D, count 0: the secret is the text 12345678901234567890.
        let app = Authenticator::new("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let away = -(jiff::Timestamp::now().as_second() / 30);
        assert_eq!(app.code(away), "755224");
    }
}
