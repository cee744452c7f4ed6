//! What a packument says an archive must be: an integrity (the W3C's Subresource Integrity) or, on old pages, a SHA-1.
//!
//! Invariant: only hashes that nobody can forge count; a SHA-1 is told apart and never verified by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::limits;

/// A hash to verify content by, the strongest that was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// SHA-512, what npm has written since 2017.
    Sha512([u8; 64]),
    /// SHA-384.
    Sha384([u8; 48]),
    /// SHA-256.
    Sha256([u8; 32]),
    /// Only hashes that can be forged (SHA-1, MD5), or such as are not known here.
    Weak,
    /// None is stated.
    None,
}

impl Integrity {
    /// Reads `dist.integrity` and `dist.shasum`: words like `sha512-BASE64?options`, apart by spaces, of which the
    /// strongest algorithm counts, as clients take it (Subresource Integrity, section 3.3). Of several hashes of that
    /// algorithm the first counts; a registry states one.
    pub fn read(integrity: Option<&str>, shasum: Option<&str>) -> Self {
        let mut best = if shasum.is_some_and(|text| !text.is_empty()) { Self::Weak } else { Self::None };
        for word in integrity.unwrap_or_default().split_ascii_whitespace().take(limits::INDEX_FILE_HASHES) {
            let read = Self::word(word);
            if read.strength() > best.strength() {
                best = read;
            }
        }
        best
    }

    /// The word for it in facts: `sha512`, `sha384`, `sha256`, `other`, `none`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Sha512(_) => "sha512",
            Self::Sha384(_) => "sha384",
            Self::Sha256(_) => "sha256",
            Self::Weak => "other",
            Self::None => "none",
        }
    }

    const fn strength(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Weak => 1,
            Self::Sha256(_) => 2,
            Self::Sha384(_) => 3,
            Self::Sha512(_) => 4,
        }
    }

    fn word(word: &str) -> Self {
        let (algorithm, rest) = word.split_once('-').unwrap_or((word, ""));
        let digits = rest.split('?').next().unwrap_or_default();
        let bytes = STANDARD.decode(digits).unwrap_or_default();
        match algorithm {
            "sha512" => bytes.try_into().map_or(Self::Weak, Self::Sha512),
            "sha384" => bytes.try_into().map_or(Self::Weak, Self::Sha384),
            "sha256" => bytes.try_into().map_or(Self::Weak, Self::Sha256),
            _ => Self::Weak,
        }
    }
}

#[cfg(test)]
mod tests;
