//! Names of entries: where they would lead, and whether two entries would land on one file.
//!
//! Names are compared by a keyed hash and not kept: an archive can hold 100,000 names of 4 KiB.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use fanlight_base::limits::SCAN_NAME_BYTES;
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

use super::Sink;
use crate::finding::{Confidence, Finding, Place, Severity};
use crate::rules;

/// All names of one archive so far.
#[derive(Default)]
pub(crate) struct Names {
    keys: RandomState,
    exact: HashSet<u64>,
    folded: HashSet<u64>,
    links: HashSet<u64>,
}

impl Names {
    /// Tells the sink what is wrong with the name of an entry, and remembers it.
    pub fn check(&mut self, path: &str, folder: bool, sink: &mut dyn Sink) {
        let mut say = |rule, evidence: &str| sink.found(Finding::of(rule, Place::entry(path), evidence));
        if path.len() > SCAN_NAME_BYTES {
            say(&rules::NAME, &format!("a name of {} bytes", path.len()));
        }
        if path.chars().any(|c| c.is_control() || crate::redact::is_invisible(c)) {
            say(&rules::NAME, path);
        }
        if leads_out(path) {
            say(&rules::TRAVERSAL, path);
        }
        let plain = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
        if self.through_a_link(plain) {
            say(&rules::LINK_OUT, "a file inside a folder that is a link");
        }
        if folder {
            return;
        }
        let exact = !self.exact.insert(self.keys.hash_one(plain));
        let same = !self.folded.insert(self.keys.hash_one(folded(plain)));
        if exact {
            say(&rules::DUPLICATE, path);
        } else if same {
            let finding =
                Finding::of(&rules::DUPLICATE, Place::entry(path), "the same name but for case or Unicode form");
            sink.found(finding.rated(Severity::Low, Confidence::Medium));
        }
    }

    /// Tells of a link, and whether it leads out of the archive.
    pub fn link(&mut self, path: &str, target: &str, hard: bool, sink: &mut dyn Sink) {
        let plain = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
        // A symbolic link's target starts from its own folder, a hard link's from the archive's root.
        let folder = if hard { "" } else { plain.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let out = leads_out(target) && (absolute(target) || depth_falls_below_zero(folder, target));
        let rule = if out { &rules::LINK_OUT } else { &rules::LINK };
        let kind = if hard { "hard link" } else { "symbolic link" };
        sink.found(Finding::of(rule, Place::entry(path), &format!("{kind} to {target}")));
        if !hard {
            self.links.insert(self.keys.hash_one(plain));
        }
    }

    fn through_a_link(&self, path: &str) -> bool {
        !self.links.is_empty()
            && path.match_indices('/').any(|(at, _)| self.links.contains(&self.keys.hash_one(&path[..at])))
    }
}

/// The name as file systems that ignore case and keep one Unicode form see it.
fn folded(path: &str) -> String {
    let lower = path.to_lowercase();
    if is_nfc_quick(lower.chars()) == unicode_normalization::IsNormalized::Yes { lower } else { lower.nfc().collect() }
}

/// Whether a name leads out of the folder that the archive is unpacked into, on any system.
fn leads_out(path: &str) -> bool {
    absolute(path) || path.split(['/', '\\']).any(|part| part == "..")
}

fn absolute(path: &str) -> bool {
    let drive = matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    path.starts_with(['/', '\\']) || drive
}

fn depth_falls_below_zero(folder: &str, target: &str) -> bool {
    let mut depth = 0_i64;
    for part in folder.split('/').chain(target.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}
