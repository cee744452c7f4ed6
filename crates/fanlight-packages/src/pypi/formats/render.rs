//! Pages as bytes: a read [`Index`] and a verdict on each file become JSON (PEP 691 to 792) or HTML (PEP 503, 592, 658, 714).
//!
//! Refuses to know why a file is withheld. Invariants: file addresses are relative, so that they come back through the
//! door; everything from outside is escaped; metadata is advertised only where its hash is known, because nothing
//! unverified passes the door; the same input gives the same bytes and so the same entity tag.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::index::{Index, IndexFile, Sha256, Yanked};
use super::negotiate::Format;

mod html;
mod json;

pub use crate::ecosystem::Verdict;

/// How `yanked` reads for a file: what is withheld is listed as yanked, so that ranges pass it over and exact pins say the
/// reason (packages.md).
fn yanked<'a>(verdict: &'a Verdict, file: &'a IndexFile) -> Option<&'a str> {
    match (verdict, &file.yanked) {
        (Verdict::Withheld { reason }, _) => Some(reason),
        (Verdict::Shown, Yanked::Yes(reason)) => Some(reason.as_deref().unwrap_or_default()),
        (Verdict::Shown, Yanked::No) => None,
    }
}

/// A digest in digits. A page of 2,000 files has 6,000 of them, so they are not made by way of the formatting machinery.
struct Hex([u8; 64]);

impl Hex {
    fn of(digest: Sha256) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(digest.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Writes a project's page. `verdicts` stand in the order of `index.files`; a file without a verdict is left out.
pub fn project(index: &Index, verdicts: &[Verdict], format: Format) -> Vec<u8> {
    debug_assert_eq!(index.files.len(), verdicts.len(), "each file has its verdict");
    match format {
        Format::Json => json::project(index, verdicts),
        Format::Html | Format::TextHtml => html::project(index, verdicts),
    }
}

/// Writes the list of all projects. Names are in PEP 503's normal form.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, format: Format) -> Vec<u8> {
    match format {
        Format::Json => json::list(names),
        Format::Html | Format::TextHtml => html::list(names),
    }
}

/// All but RFC 3986's unreserved characters. `+` too, which some servers read as a space.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A file's address as seen from its project's page: `../../files/{project}/{filename}`.
pub fn file_address(project: &str, filename: &str) -> String {
    let mut out = String::with_capacity(12 + project.len() + filename.len() + 16);
    out.push_str("../../files/");
    out.extend(utf8_percent_encode(project, SEGMENT));
    out.push('/');
    out.extend(utf8_percent_encode(filename, SEGMENT));
    out
}

/// The newest version of the form (PEP 629), as is written.
const NEWEST_VERSION: &str = "1.4";

/// The version a JSON page can honestly claim: sizes came with 1.1 (PEP 700) and are required since, so a page made from
/// an upstream that states none is 1.0.
fn claimed_version(index: &Index) -> &'static str {
    if index.files.iter().all(|file| file.size.is_some()) { NEWEST_VERSION } else { "1.0" }
}

#[cfg(test)]
mod tests;
