//! A wheel's RECORD: every file listed with its hash, and nothing else (PEP 427, "The .dist-info directory").

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::rules;

/// The files of a wheel, and its list of them.
#[derive(Default)]
pub(crate) struct Wheel {
    files: Vec<(String, [u8; 32], u64)>,
    record: Option<(String, String)>,
}

impl Wheel {
    /// A file that was read to its end.
    pub fn file(&mut self, path: &str, sha256: [u8; 32], size: u64) {
        self.files.push((path.to_owned(), sha256, size));
    }

    /// The list itself.
    pub fn record(&mut self, path: &str, text: &str) {
        self.record.get_or_insert_with(|| (path.to_owned(), text.to_owned()));
    }

    /// Compares them. `whole` says whether all files were read.
    pub fn check(&self, whole: bool) -> Vec<Finding> {
        let Some((own, text)) = &self.record else {
            return vec![Finding::of(&rules::RECORD_BROKEN, Place::whole(), "no RECORD")];
        };
        let mut out = Vec::new();
        let mut listed = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match entry(line) {
                Some((path, hash, size)) => {
                    listed.insert(path, (hash, size, number + 1));
                }
                None => {
                    let place = Place::line(own, u32::try_from(number + 1).unwrap_or(u32::MAX));
                    out.push(Finding::of(&rules::RECORD_BROKEN, place, line));
                }
            }
        }
        // Of two files of one path each is held against the list, whichever was read first.
        for (path, sha256, size) in &self.files {
            let Some((hash, stated, _)) = listed.get(path.as_str()) else {
                if !may_be_unlisted(path, own) {
                    out.push(Finding::of(&rules::RECORD_EXTRA, Place::entry(path), "not in RECORD"));
                }
                continue;
            };
            let right = format!("sha256={}", URL_SAFE_NO_PAD.encode(sha256));
            let same =
                hash.trim_end_matches('=') == right || path == own || hash.is_empty() && may_be_unlisted(path, own);
            if hash.starts_with("sha256=") && !same {
                out.push(Finding::of(&rules::RECORD_HASH, Place::entry(path), "its SHA-256 is not that of RECORD"));
            } else if !hash.is_empty() && stated.is_some_and(|stated| stated != *size) {
                let said = format!("{size} bytes, and RECORD states another size");
                out.push(Finding::of(&rules::RECORD_HASH, Place::entry(path), &said));
            } else if hash.is_empty() && !same {
                let finding = Finding::of(&rules::RECORD_BROKEN, Place::entry(path), "listed without a hash");
                out.push(finding.rated(Severity::Low, Confidence::Medium));
            }
        }
        let there: HashSet<_> = self.files.iter().map(|(path, ..)| path.as_str()).collect();
        let is_missing = |path: &str| path != own && !path.ends_with('/') && !there.contains(path);
        let mut missing: Vec<_> = listed.into_iter().filter(|(path, _)| is_missing(path)).collect();
        missing.sort();
        for (path, (_, _, line)) in missing.into_iter().filter(|_| whole) {
            let place = Place::line(own, u32::try_from(line).unwrap_or(u32::MAX));
            out.push(Finding::of(&rules::RECORD_MISSING, place, &path));
        }
        out
    }
}

/// Signatures of the list cannot be in it (PEP 427).
fn may_be_unlisted(path: &str, own: &str) -> bool {
    path == own || path.strip_prefix(own).is_some_and(|rest| rest == ".jws" || rest == ".p7s")
}

/// A line of the list: path, hash, size; a path with a comma is in quotes.
fn entry(line: &str) -> Option<(String, &str, Option<u64>)> {
    let (path, rest) = match line.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.find("\",")?;
            (quoted[..end].replace("\"\"", "\""), &quoted[end + 2..])
        }
        None => {
            let (path, rest) = line.split_once(',')?;
            (path.to_owned(), rest)
        }
    };
    let (hash, size) = rest.split_once(',')?;
    let size = size.trim();
    Some((path, hash.trim(), if size.is_empty() { None } else { Some(size.parse().ok()?) }))
}
