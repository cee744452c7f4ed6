//! What a packument says an archive must be: an integrity (the W3C's Subresource Integrity) or, on old pages, a SHA-1.
//!
//! Invariant: only hashes that nobody can forge count; a SHA-1 is told apart and never verified by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::limits;
use fanlight_store::{Digest, Sha256};

use crate::ecosystem::Content;

/// Reads `dist.integrity` and `dist.shasum`: words like `sha512-BASE64?options`, apart by spaces, of which the strongest
/// algorithm counts, as clients take it (Subresource Integrity, section 3.3). Of several hashes of that algorithm the first
/// counts; a registry states one.
pub fn read(integrity: Option<&str>, shasum: Option<&str>) -> Content {
    let mut best = if shasum.is_some_and(|text| !text.is_empty()) { Content::Weak } else { Content::Unstated };
    for word in integrity.unwrap_or_default().split_ascii_whitespace().take(limits::INDEX_FILE_HASHES) {
        let read = word_of(word);
        if strength(&read) > strength(&best) {
            best = read;
        }
    }
    best
}

const fn strength(content: &Content) -> u8 {
    match content {
        Content::Unstated => 0,
        Content::Weak => 1,
        Content::Known(Digest::Sha256(_)) => 2,
        Content::Known(Digest::Sha384(_)) => 3,
        Content::Known(Digest::Sha512(_)) => 4,
    }
}

fn word_of(word: &str) -> Content {
    let (algorithm, rest) = word.split_once('-').unwrap_or((word, ""));
    let digits = rest.split('?').next().unwrap_or_default();
    let bytes = STANDARD.decode(digits).unwrap_or_default();
    let digest = match algorithm {
        "sha512" => bytes.try_into().ok().map(Digest::Sha512),
        "sha384" => bytes.try_into().ok().map(Digest::Sha384),
        "sha256" => bytes.try_into().ok().map(|bytes| Digest::Sha256(Sha256(bytes))),
        _ => None,
    };
    digest.map_or(Content::Weak, Content::Known)
}

#[cfg(test)]
mod tests;
