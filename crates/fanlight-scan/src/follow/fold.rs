//! Texts that code puts together so that a reader does not see them: decoded here as far as the text is known.

use std::io::Read;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{GzDecoder, ZlibDecoder};

/// Bytes of a text that is decoded, and of what comes out.
const BYTES: usize = 64 * 1024;

/// What a decoding function would give for a text. Bytes stand for the characters of their numbers.
pub(super) fn decoded(path: &str, text: &str) -> Option<String> {
    if text.len() > BYTES {
        return None;
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    let bytes = match name {
        "b64decode" | "urlsafe_b64decode" | "standard_b64decode" | "decodebytes" | "a2b_base64" | "atob" | "base64" => {
            base64(text)?
        }
        "unhexlify" | "a2b_hex" | "fromhex" | "b16decode" | "hex" => hex(text)?,
        "decompress" | "inflateSync" | "gunzipSync" | "unzipSync" => inflated(&bytes_of(text)?)?,
        "rot13" => return Some(text.chars().map(rot13).collect()),
        _ => return None,
    };
    Some(text_of(&bytes))
}

/// Characters by their numbers.
pub(super) fn characters(numbers: &[u32]) -> Option<String> {
    (!numbers.is_empty()).then(|| numbers.iter().filter_map(|number| char::from_u32(*number)).collect())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let plain: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(plain).ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.as_chunks::<2>().0.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let limit = u64::try_from(BYTES).ok()?;
    let mut out = Vec::new();
    let result = if bytes.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(bytes).take(limit).read_to_end(&mut out)
    } else {
        ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out)
    };
    (result.is_ok() || !out.is_empty()).then_some(out)
}

/// UTF-8, or else each byte as the character of its number.
fn text_of(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

fn rot13(c: char) -> char {
    let turned = |base: u8, c: u8| char::from(base + (c - base + 13) % 26);
    match c {
        'a'..='z' => turned(b'a', c as u8),
        'A'..='Z' => turned(b'A', c as u8),
        c => c,
    }
}
