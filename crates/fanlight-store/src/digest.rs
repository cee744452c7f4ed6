//! Digests as values: what names a blob. Only such as nobody can forge a content for.

use std::fmt;
use std::str::FromStr;

/// SHA-256 of some bytes. Printed and parsed as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256(pub [u8; 32]);

/// A digest by one of the algorithms that content is verified by. Printed as lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Digest {
    /// By SHA-256.
    Sha256(Sha256),
    /// By SHA-384.
    Sha384([u8; 48]),
    /// By SHA-512.
    Sha512([u8; 64]),
}

/// The algorithm of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The word for it in facts and addresses: `sha256`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    pub(crate) fn ring(self) -> &'static ring::digest::Algorithm {
        match self {
            Self::Sha256 => &ring::digest::SHA256,
            Self::Sha384 => &ring::digest::SHA384,
            Self::Sha512 => &ring::digest::SHA512,
        }
    }

    /// The digest of this algorithm in hexadecimal digits of either case.
    pub(crate) fn parse(self, text: &str) -> Option<Digest> {
        match self {
            Self::Sha256 => text.parse().ok().map(Digest::Sha256),
            Self::Sha384 => bytes(text).map(Digest::Sha384),
            Self::Sha512 => bytes(text).map(Digest::Sha512),
        }
    }

    /// What ring computed by this algorithm.
    pub(crate) fn of_ring(self, digest: &ring::digest::Digest) -> Digest {
        match self {
            Self::Sha256 => Digest::Sha256(Sha256::from_ring(digest)),
            Self::Sha384 => Digest::Sha384(copied(digest)),
            Self::Sha512 => Digest::Sha512(copied(digest)),
        }
    }
}

impl fmt::Display for Algorithm {
    /// As its standard writes it: `SHA-256`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl Digest {
    /// How it was computed.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha384(_) => Algorithm::Sha384,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(digest) => &digest.0,
            Self::Sha384(bytes) => bytes,
            Self::Sha512(bytes) => bytes,
        }
    }
}

impl From<Sha256> for Digest {
    fn from(digest: Sha256) -> Self {
        Self::Sha256(digest)
    }
}

impl From<&Sha256> for Digest {
    fn from(digest: &Sha256) -> Self {
        Self::Sha256(*digest)
    }
}

impl From<&Self> for Digest {
    fn from(digest: &Self) -> Self {
        *digest
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({} {self})", self.algorithm())
    }
}

fn copied<const N: usize>(digest: &ring::digest::Digest) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(digest.as_ref());
    out
}

/// `N` bytes from twice as many hexadecimal digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? * 16 + low?).ok()?;
    }
    Some(out)
}

/// A text that is no SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 digest: 64 hexadecimal digits are needed")]
pub struct NotADigest;

impl Sha256 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_ring(&ring::digest::digest(&ring::digest::SHA256, bytes))
    }

    pub(crate) fn from_ring(digest: &ring::digest::Digest) -> Self {
        Self(copied(digest))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = NotADigest;

    /// Upper-case digits are taken too: indexes write both.
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        bytes(text).map(Self).ok_or(NotADigest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example_prints_and_parses() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse(), Ok(Sha256::of(b"abc")));
        assert_eq!(abc.to_uppercase().parse(), Ok(Sha256::of(b"abc")));
    }

    #[test]
    fn every_algorithm_reads_what_it_prints() {
        for algorithm in Algorithm::ALL {
            let digest = algorithm.of_ring(&ring::digest::digest(algorithm.ring(), b"abc"));
            let text = digest.to_string();
            assert_eq!(algorithm.parse(&text), Some(digest), "{algorithm}");
            assert_eq!(algorithm.parse(&text[2..]), None);
            assert_eq!(digest.algorithm(), algorithm);
        }
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for bad in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65), &"ä".repeat(32)] {
            assert_eq!(bad.parse::<Sha256>(), Err(NotADigest), "{bad:?}");
        }
    }
}
