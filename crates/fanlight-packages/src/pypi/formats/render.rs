//! Pages as bytes: a read [`Index`] and a verdict on each file become JSON (PEP 691 to 792) or HTML (PEP 503, 592, 658, 714).
//!
//! Refuses to know why a file is withheld. Invariants: file addresses are relative, so that they come back through the
//! door; everything from outside is escaped; metadata is advertised only where its hash is known, because nothing
//! unverified passes the door; the same input gives the same bytes and so the same entity tag.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::digest;

use super::index::{Index, IndexFile, Sha256, Yanked};
use super::negotiate::Format;

mod html;
mod json;

/// What the door found about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Listed as the upstream has it: what the upstream yanked stays yanked.
    Shown,
    /// Listed as yanked, so that ranges pass it over and exact pins say the reason (packages.md).
    Withheld {
        /// The sentence a person reads.
        reason: Arc<str>,
    },
}

impl Verdict {
    /// How `yanked` reads for the file.
    fn yanked<'a>(&'a self, file: &'a IndexFile) -> Option<&'a str> {
        match (self, &file.yanked) {
            (Self::Withheld { reason }, _) => Some(reason),
            (Self::Shown, Yanked::Yes(reason)) => Some(reason.as_deref().unwrap_or_default()),
            (Self::Shown, Yanked::No) => None,
        }
    }
}

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its form, which tells the content type.
    pub format: Format,
    /// The body.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes, from the body alone (RFC 9110 section 8.8.3).
    pub etag: Arc<str>,
}

impl Page {
    fn of(format: Format, bytes: Vec<u8>) -> Self {
        let digest = digest::digest(&digest::SHA256, &bytes);
        let mut etag = String::with_capacity(34);
        etag.push('"');
        for byte in &digest.as_ref()[..16] {
            let _ = write!(etag, "{byte:02x}");
        }
        etag.push('"');
        // Exactly as large as it is: what was set aside while writing would be kept for as long as the page.
        Self { format, bytes: bytes.into_boxed_slice().into(), etag: etag.into() }
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
pub fn project(index: &Index, verdicts: &[Verdict], format: Format) -> Page {
    debug_assert_eq!(index.files.len(), verdicts.len(), "each file has its verdict");
    let bytes = match format {
        Format::Json => json::project(index, verdicts),
        Format::Html | Format::TextHtml => html::project(index, verdicts),
    };
    Page::of(format, bytes)
}

/// Writes the list of all projects. Names are in PEP 503's normal form.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, format: Format) -> Page {
    let bytes = match format {
        Format::Json => json::list(names),
        Format::Html | Format::TextHtml => html::list(names),
    };
    Page::of(format, bytes)
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
