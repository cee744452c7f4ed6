//! One entry's content, read to its end: what kind of file it is, and what its first bytes show.
//!
//! Refuses to know the archive around it, so that several entries can be read at once.

use std::io::{self, Read};

use fanlight_base::limits::{SCAN_NESTED_BYTES, SCAN_TEXT_BYTES};
use ring::digest::{Context, SHA256};

use super::RuleSet;
use super::entry::is_aside;
use super::source::{Seen, Text};
use crate::archive::{Form, Packed};
use crate::binary;
use crate::finding::{Finding, Place};
use crate::program::Language;
use crate::redact;
use crate::rules;

/// Bytes of other files that are looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// Bytes that are unpacked at once where they are only counted.
const STEP_BYTES: usize = 64 * 1024;

/// A content that was read to its end.
pub(super) struct Unpacked {
    /// Its beginning, as much of it as is looked at.
    pub bytes: Vec<u8>,
    /// Whether there is more of it.
    pub larger: bool,
    /// The language of source text.
    pub language: Option<Language>,
    /// The form of an archive.
    pub form: Option<Form>,
    /// SHA-256 of all of it and its bytes, where that was asked for.
    pub sha256: Option<([u8; 32], u64)>,
}

impl Unpacked {
    /// Reads it. `counts` asks for its hash, `is_wanted` for its text, whatever it is.
    pub fn read(path: &str, content: &mut dyn Read, counts: bool, is_wanted: bool) -> io::Result<Self> {
        let mut hashed = Hashed { inner: content, context: counts.then(|| Context::new(&SHA256)), size: 0 };
        let mut bytes = Vec::new();
        take(&mut hashed, 512, &mut bytes)?;
        let language = language_of(path, &bytes);
        let form = Form::of(&bytes).filter(|form| !matches!(form, Form::Unknown(_)) && is_archive_name(path, *form));
        let wants = match (form, language) {
            (Some(_), _) => usize::try_from(SCAN_NESTED_BYTES).unwrap_or(usize::MAX),
            (None, Some(_)) => SCAN_TEXT_BYTES,
            (None, None) if is_wanted => SCAN_TEXT_BYTES,
            (None, None) => HEAD_BYTES,
        };
        let full = take(&mut hashed, wants - bytes.len().min(wants), &mut bytes)?;
        let larger = !full && hashed.pass()?;
        Ok(Self { bytes, larger, language, form, sha256: hashed.end() })
    }

    /// What its bytes show, whatever language it is in.
    pub fn findings(&self, path: &str, added: &RuleSet) -> Vec<Finding> {
        #[cfg(not(feature = "yara"))]
        let _ = added;
        let mut out: Vec<_> = binary::look(path, &self.bytes).into_iter().collect();
        let head = || String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(80)]);
        if self.bytes.starts_with(b"-----BEGIN")
            && redact::head(&head(), 80).contains("PRIVATE KEY-----")
            && !is_aside(path)
        {
            out.push(Finding::of(&rules::SECRET_FILE, Place::line(path, 1), "a private key"));
        }
        #[cfg(feature = "yara")]
        if self.language.is_none() {
            out.extend(added.patterns.look(path, &self.bytes));
        }
        out
    }
}

/// Unpacks an entry and reads it. One that is not what the archive's list states, or holds what only the whole scan can look at, is
/// read again there.
pub(super) fn look(packed: Packed, counts: bool, rules: &RuleSet) -> Seen {
    let again = packed.again();
    looked(packed, counts, rules).unwrap_or_else(|| Seen { again: Some(again), ..Seen::default() })
}

fn looked(packed: Packed, counts: bool, rules: &RuleSet) -> Option<Seen> {
    let unpacked = packed.unpack(|content| Unpacked::read(&packed.path, content, counts, false))?;
    if unpacked.form.is_some() || unpacked.larger && unpacked.language.is_some() {
        return None;
    }
    let (findings, sha256) = (unpacked.findings(&packed.path, rules), unpacked.sha256);
    let mut seen = match unpacked.language {
        Some(language) => Text { path: packed.path, language, bytes: unpacked.bytes }.read(rules),
        None => Seen { path: packed.path, ..Seen::default() },
    };
    seen.findings.extend(findings);
    seen.sha256 = sha256;
    Some(seen)
}

/// The language of a file: by its extension, or by the program it asks for.
fn language_of(path: &str, head: &[u8]) -> Option<Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "py" | "pyw" | "pth" => Some(Language::Python),
        "js" | "cjs" | "mjs" | "jsx" => Some(Language::JavaScript),
        "rs" => Some(Language::Rust),
        _ if head.starts_with(b"#!") => {
            let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let asks = |word: &str| first.windows(word.len()).any(|window| window == word.as_bytes());
            if asks("python") { Some(Language::Python) } else { asks("node").then_some(Language::JavaScript) }
        }
        _ => None,
    }
}

/// Gzip begins many files that are no archives of code: data of one file that only its program reads.
fn is_archive_name(path: &str, form: Form) -> bool {
    let lower = path.to_ascii_lowercase();
    form != Form::Gzip
        || [".gz", ".tgz", ".crate"].iter().any(|ending| lower.ends_with(ending)) && !lower.ends_with(".svg.gz")
}

/// Reads so many bytes more; true where the end came first.
fn take(from: &mut impl Read, count: usize, into: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(count).unwrap_or(u64::MAX);
    let read = from.take(limit).read_to_end(into)?;
    Ok(read < count)
}

/// Counts the hash of what is read, where it is wanted.
struct Hashed<'a> {
    inner: &'a mut dyn Read,
    context: Option<Context>,
    size: u64,
}

impl Hashed<'_> {
    /// Reads to the end; says whether there was anything.
    fn pass(&mut self) -> io::Result<bool> {
        let before = self.size;
        let mut step = vec![0; STEP_BYTES];
        while self.read(&mut step)? > 0 {}
        Ok(self.size > before)
    }

    fn end(self) -> Option<([u8; 32], u64)> {
        let mut out = [0; 32];
        out.copy_from_slice(self.context?.finish().as_ref());
        Some((out, self.size))
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.size += u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(context) = &mut self.context {
            context.update(&buffer[..count]);
        }
        Ok(count)
    }
}
