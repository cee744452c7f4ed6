//! One entry at a time: what kind of file it is, and what is seen in it.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Read};

use fanlight_base::limits::{SCAN_NESTED_BYTES, SCAN_TEXT_BYTES};

use super::crew::{Crew, Task};
use super::source::{Seen, Text, text_of};
use super::unpacked::Unpacked;
use super::{Bounds, RuleSet};
use crate::archive::{Again, Packed, Sink};
use crate::finding::{Finding, Place, Severity};
use crate::follow::{Labels, Root, What};
use crate::manifest::Manifests;
use crate::program::Language;
use crate::redact;
use crate::report::LimitMet;
use crate::rules;
use crate::wheel::Wheel;

/// An archive in the archive.
pub(super) struct Nested {
    pub path: String,
    pub bytes: Vec<u8>,
    pub depth: usize,
}

/// Something seen in a file, by the place in the file it was reached from.
pub(super) struct Noted {
    pub what: What,
    pub labels: Labels,
    pub root: Root,
    pub line: u32,
    pub evidence: String,
}

/// What is kept of a file of source text.
pub(super) struct Kept {
    pub path: String,
    pub language: Language,
    pub noted: Vec<Noted>,
    pub imports: BTreeSet<String>,
    /// Whether only parts of it were read, so that nobody knows which function they stand in.
    pub parts: bool,
}

/// The scan while it goes through entries.
///
/// What others read is taken in as it comes. So whatever is full keeps what is first by an order of its own, never what came first.
pub(super) struct Looking<'s, 'r> {
    pub rules: &'r RuleSet,
    bounds: Bounds,
    crew: Crew<'s, 'r>,
    pub findings: Vec<Finding>,
    pub limits: Vec<LimitMet>,
    pub files: Vec<Kept>,
    pub paths: BTreeSet<String>,
    pub manifests: Manifests,
    pub hosts: BTreeSet<String>,
    pub trees: usize,
    pub wheel: Option<Wheel>,
    /// Entries that have to be read again.
    again: Vec<Again>,
    nested: VecDeque<Nested>,
    nested_bytes: u64,
    /// Before every path: the archives that lead to it.
    prefix: String,
    depth: usize,
}

impl<'s, 'r> Looking<'s, 'r> {
    pub fn new(rules: &'r RuleSet, file: &str, crew: Crew<'s, 'r>, bounds: Bounds) -> Self {
        Self {
            rules,
            bounds,
            crew,
            findings: Vec::new(),
            limits: Vec::new(),
            files: Vec::new(),
            paths: BTreeSet::new(),
            manifests: Manifests::default(),
            hosts: BTreeSet::new(),
            trees: 0,
            wheel: file.to_ascii_lowercase().ends_with(".whl").then(Wheel::default),
            again: Vec::new(),
            nested: VecDeque::new(),
            nested_bytes: 0,
            prefix: String::new(),
            depth: 0,
        }
    }

    pub fn add(&mut self, mut finding: Finding) {
        finding.place.path.insert_str(0, &self.prefix);
        // No installer unpacks an archive in the archive: its form is of weight only if the package's code does.
        let of_form =
            finding.rule.starts_with("archive:") && finding.rule != rules::BOMB.id && finding.rule != rules::DEEP.id;
        if self.depth > 0 && of_form {
            finding.severity = finding.severity.min(Severity::Low);
        }
        self.findings.push(finding);
        if self.findings.len() >= 2 * self.bounds.findings {
            self.cut();
        }
    }

    pub fn limited(&mut self, limit: &str, value: u64, path: &str) {
        let path = format!("{}{}", self.prefix, redact::visible(path));
        self.limits.push(LimitMet { limit: limit.to_owned(), value, path });
        if self.limits.len() >= 2 * self.bounds.findings {
            self.cut();
        }
    }

    /// Keeps of findings the gravest, and of limits the first by name.
    pub fn cut(&mut self) {
        self.findings.sort_by(Finding::by_weight);
        self.findings.dedup();
        self.findings.truncate(self.bounds.findings);
        self.limits.sort();
        self.limits.dedup();
        self.limits.truncate(self.bounds.findings);
    }

    pub fn next_nested(&mut self) -> Option<Nested> {
        let next = self.nested.pop_front()?;
        self.nested_bytes -= u64::try_from(next.bytes.len()).unwrap_or(u64::MAX);
        Some(next)
    }

    pub fn enter(&mut self, nested: &Nested) {
        self.prefix = format!("{}!/", nested.path);
        self.depth = nested.depth;
    }

    pub fn leave(&mut self) {
        self.prefix.clear();
        self.depth = 0;
    }

    /// Keeps an archive for later.
    fn nest(&mut self, path: &str, bytes: Vec<u8>, larger: bool) {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if larger || self.nested_bytes + size > self.bounds.nested {
            self.add(Finding::of(&rules::NESTED_LARGE, Place::entry(path), "an archive that was not opened"));
            self.limited("scan_nested_bytes", SCAN_NESTED_BYTES, path);
            return;
        }
        self.add(Finding::of(&rules::NESTED, Place::entry(path), "opened"));
        self.nested_bytes += size;
        self.nested.push_back(Nested { path: format!("{}{path}", self.prefix), bytes, depth: self.depth + 1 });
    }

    /// An entry is met; says whether its hash is wanted.
    fn meet(&mut self, path: &str) -> bool {
        let top = self.depth == 0;
        if top {
            self.paths.insert(path.to_owned());
        }
        top && self.wheel.is_some()
    }

    /// Packages that carry others along carry their lists, too.
    fn is_record(&self, path: &str) -> bool {
        self.depth == 0 && path.ends_with(".dist-info/RECORD") && path.matches('/').count() == 1
    }

    /// Whether the text of a file says something of the whole archive.
    fn wants(&self, path: &str) -> bool {
        self.is_record(path) || self.depth == 0 && Manifests::wants(path)
    }

    /// Takes in what was seen in files.
    fn take_in(&mut self, seen: Vec<Seen>) {
        for Seen { path, findings, limits, hosts, mut kept, trees, sha256, again } in seen {
            self.again.extend(again);
            if let (Some(wheel), Some((sha256, size))) = (&mut self.wheel, sha256) {
                wheel.file(&path, sha256, size);
            }
            findings.into_iter().for_each(|finding| self.add(finding));
            limits.into_iter().for_each(|(limit, value)| self.limited(limit, value, &path));
            self.hosts.extend(hosts);
            while self.hosts.len() > self.bounds.hosts {
                self.hosts.pop_last();
            }
            self.trees += trees;
            if let Some(kept) = &mut kept {
                kept.path.insert_str(0, &self.prefix);
            }
            self.files.extend(kept);
        }
    }

    /// Waits for the files that others still read, and takes in what they saw: before the archive that they are in is left.
    pub fn wait(&mut self) {
        let seen = self.crew.settle();
        self.take_in(seen);
    }
}

impl Sink for Looking<'_, '_> {
    fn entry(&mut self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let (counts, is_wanted) = (self.meet(path), self.wants(path));
        let unpacked = Unpacked::read(path, content, counts, is_wanted)?;
        if let (Some(wheel), Some((sha256, size))) = (&mut self.wheel, unpacked.sha256) {
            wheel.file(path, sha256, size);
        }
        unpacked.findings(path, self.rules).into_iter().for_each(|finding| self.add(finding));
        let Unpacked { bytes, larger, language, form, .. } = unpacked;
        if form.is_some() {
            self.nest(path, bytes, larger);
            return Ok(());
        }
        if self.is_record(path)
            && let Some(wheel) = &mut self.wheel
        {
            wheel.record(path, &text_of(&bytes));
        }
        if self.depth == 0 && Manifests::wants(path) {
            self.manifests.keep(path, &text_of(&bytes));
        }
        if let Some(language) = language {
            if larger {
                self.limited("scan_text_bytes", SCAN_TEXT_BYTES as u64, path);
            }
            let seen = self.crew.read(Task::Text(Text { path: path.to_owned(), language, bytes }));
            self.take_in(seen);
        }
        Ok(())
    }

    fn has_time(&mut self, path: &str, packed: u64) -> bool {
        // What the whole archive is judged by is read at once.
        !self.wants(path.strip_prefix("./").unwrap_or(path)) && self.crew.has_time(packed)
    }

    fn later(&mut self, mut packed: Packed) {
        if let Some(path) = packed.path.strip_prefix("./") {
            packed.path = path.to_owned();
        }
        let counts = self.meet(&packed.path);
        let seen = self.crew.read(Task::Packed(packed, counts));
        self.take_in(seen);
    }

    fn rest(&mut self) -> Vec<Again> {
        self.wait();
        let mut again = std::mem::take(&mut self.again);
        again.sort_by_key(Again::entry);
        again
    }

    fn found(&mut self, finding: Finding) {
        self.add(finding);
    }

    fn limit(&mut self, name: &'static str, limit: u64, path: &str) {
        self.limited(name, limit, path);
    }
}

/// Folders of tests, examples and documents.
pub(super) fn is_aside(path: &str) -> bool {
    let aside = [
        "test",
        "tests",
        "testing",
        "__tests__",
        "spec",
        "docs",
        "doc",
        "examples",
        "example",
        "benches",
        "benchmarks",
        "benchmark",
        "fixtures",
        "testdata",
    ];
    path.rsplit_once('/').is_some_and(|(folders, _)| {
        folders.split('/').any(|folder| aside.contains(&folder.to_ascii_lowercase().as_str()))
    }) || path.rsplit('/').next().is_some_and(|name| name == "conftest.py" || name.starts_with("test_"))
}
