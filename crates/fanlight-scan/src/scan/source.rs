//! One file of source text: what is seen in it, by itself.
//!
//! Refuses to know the archive around it, so that several files can be read at once.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use fanlight_base::limits::{
    SCAN_EXCERPT_BYTES, SCAN_EXPRESSION_DEPTH, SCAN_INSTALL_TREE_BYTES, SCAN_STEPS, SCAN_TREE_STEPS,
    SCAN_WHOLE_TREE_BYTES,
};

use super::RuleSet;
use super::entry::{Kept, Noted};
use crate::archive::Again;
use crate::excerpt::Excerpt;
use crate::finding::{Finding, Place};
use crate::follow::{self, Labels, Root, What};
use crate::links::{self, Links, PLACES};
use crate::program::{self, Language, Program};
use crate::redact;
use crate::report::Ability;
use crate::rules;
use crate::text;

/// A file of source text as it lies in its archive.
pub(super) struct Text {
    pub path: String,
    pub language: Language,
    pub bytes: Vec<u8>,
}

/// What was seen in one entry. Its paths are those within its archive.
#[derive(Default)]
pub(super) struct Seen {
    pub path: String,
    pub findings: Vec<Finding>,
    pub limits: Vec<(&'static str, u64)>,
    pub hosts: BTreeSet<String>,
    pub kept: Option<Kept>,
    pub trees: usize,
    /// SHA-256 of the file and its bytes, where that was asked for.
    pub sha256: Option<([u8; 32], u64)>,
    /// Nothing else is told of an entry that has to be read again.
    pub again: Option<Again>,
}

/// The text of bytes; what is no UTF-8 in it is written as one sign.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

impl Text {
    /// Reads it by these rules.
    pub fn read(self, rules: &RuleSet) -> Seen {
        let text = text_of(&self.bytes);
        let mut seen = Seen::default();
        seen.source(rules, &self.path, self.language, &text, &self.bytes);
        seen.path = self.path;
        seen
    }
}

impl Seen {
    fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn limited(&mut self, limit: &'static str, value: u64) {
        self.limits.push((limit, value));
    }

    /// A file of source text: as text, and the bytes that it is in the archive.
    #[cfg_attr(not(any(feature = "company-rules", feature = "yara")), expect(unused, reason = "nothing was added"))]
    fn source(&mut self, added: &RuleSet, path: &str, language: Language, source: &str, bytes: &[u8]) {
        // A script that installs is read whole: who calls what in it decides what runs.
        let whole = if is_setup(path) { SCAN_INSTALL_TREE_BYTES } else { SCAN_WHOLE_TREE_BYTES };
        let is_large = source.len() > whole;
        let named = links::named(language, source, is_large);
        for finding in text::look(path, language, source, named.links.has(Links::RENAMED)) {
            self.add(finding);
        }
        #[cfg(feature = "yara")]
        if named.links.has(Links::PATTERN) || added.patterns.has_own() {
            for finding in added.patterns.look(path, bytes) {
                self.add(finding);
            }
        }
        #[cfg(feature = "company-rules")]
        match added.company.look(path, language, source) {
            Ok(findings) => self.findings.extend(findings),
            Err(_) => self.long(path, "your company's rules were not held against it: reading it takes too many steps"),
        }
        let meeting = if is_large { named.meeting() } else { Vec::new() };
        if named.cut {
            let said = format!("{PLACES} places of {} bytes were looked at", source.len());
            self.unread(path, &said);
        }
        if !is_worth_a_tree(language, path, named.links) || is_large && meeting.is_empty() {
            self.named(path, language, source, named.links);
            return;
        }
        let excerpt = match is_large {
            true => Excerpt::around(language, source, &meeting, SCAN_EXCERPT_BYTES),
            false => Excerpt::whole(source),
        };
        if excerpt.cut {
            let said = format!("{} bytes of {} were read as a program", excerpt.read, source.len());
            self.unread(path, &said);
        }
        self.trees += 1;
        let mut kept = Kept {
            path: path.to_owned(),
            language,
            noted: Vec::new(),
            imports: BTreeSet::new(),
            parts: is_large && language == Language::JavaScript,
        };
        let is_read = match program::read(language, &excerpt.text) {
            Ok(program) => self.follow(source, &excerpt, &program, &mut kept),
            Err(_) => {
                let said = "reading it as a program takes too many steps, so no more than parts of it were read";
                self.long(path, said);
                false
            }
        };
        // Whoever pads a file with what takes many steps hides nothing by it: what stands around its links is read.
        if !is_read && !is_large {
            let meeting = links::named(language, source, true).meeting();
            let excerpt = Excerpt::around(language, source, &meeting, SCAN_EXCERPT_BYTES);
            if let Ok(program) = program::read(language, &excerpt.text) {
                self.follow(source, &excerpt, &program, &mut kept);
                kept.parts = language == Language::JavaScript;
            }
        }
        if !kept.noted.is_empty() || !kept.imports.is_empty() {
            self.kept = Some(kept);
        } else if !is_read {
            self.named(path, language, source, named.links);
        }
    }

    /// Follows a program and notes what it does; says whether its steps did not run out.
    fn follow(&mut self, source: &str, excerpt: &Excerpt<'_>, program: &Program, kept: &mut Kept) -> bool {
        let seen = follow::follow(kept.language, program);
        if program.cut {
            self.limited("scan_expression_depth", SCAN_EXPRESSION_DEPTH as u64);
        } else if seen.cut {
            self.limited("scan_steps", SCAN_STEPS as u64);
        }
        self.hosts.extend(seen.hosts);
        kept.imports.extend(seen.imports);
        let mut once = HashSet::new();
        let events = seen
            .events
            .into_iter()
            .filter(|event| !matches!(event.what, What::Ability(_)) || once.insert((event.what, event.root)));
        let mut lines = Lines { text: source, at: 0, line: 1 };
        kept.noted.extend(events.map(|event| {
            let start = excerpt.place(event.at.start).min(source.len());
            let line = lines.of(start);
            let quote = excerpt.text.get(event.at.clone()).unwrap_or_default();
            let evidence = redact::evidence(redact::head(quote, 4096));
            Noted { what: event.what, labels: event.labels, root: event.root, line, evidence }
        }));
        !seen.cut
    }

    /// Says that something took more steps than there are for one file.
    fn long(&mut self, path: &str, said: &str) {
        self.add(Finding::of(&rules::UNREAD, Place::entry(path), said));
        self.limited("scan_tree_steps", SCAN_TREE_STEPS as u64);
    }

    /// Says that not all that stands around links was read.
    fn unread(&mut self, path: &str, said: &str) {
        self.add(Finding::of(&rules::UNREAD, Place::entry(path), said));
        self.limited("scan_excerpt_bytes", SCAN_EXCERPT_BYTES as u64);
    }

    /// A file that is not read as a program: what it names is what it is able to do when it is called.
    fn named(&mut self, path: &str, language: Language, source: &str, links: Links) {
        let of = [
            (Links::NETWORK, Ability::Network),
            (Links::RUN, Ability::RunPrograms),
            (Links::EVALUATE, Ability::RunText),
            (Links::DECODE, Ability::Decode),
            (Links::NATIVE, Ability::LoadNative),
        ];
        let noted: Vec<_> = of
            .iter()
            .filter(|(link, _)| links.has(*link))
            .map(|(_, ability)| Noted {
                what: What::Ability(*ability),
                labels: Labels::default(),
                root: Root::Called,
                line: 1,
                evidence: String::new(),
            })
            .collect();
        let imports = links::imports(language, source);
        if !noted.is_empty() || !imports.is_empty() {
            self.kept = Some(Kept { path: path.to_owned(), language, noted, imports, parts: false });
        }
    }
}

/// The line of a place; places mostly come in order.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, place: usize) -> u32 {
        if place < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = self.text.as_bytes().get(self.at..place).unwrap_or_default();
        let count = between.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        self.at = place;
        self.line
    }
}

/// Whether a file is a script that installs, by the name that installers know it by.
fn is_setup(path: &str) -> bool {
    matches!(path.rsplit('/').next().unwrap_or(path), "setup.py" | "build.rs")
}

/// Whether a file can hold a chain, by the links it names and by when it runs.
fn is_worth_a_tree(language: Language, path: &str, links: Links) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match language {
        // What an install script imports is followed, so its imports must be known as they are.
        Language::Python => is_setup(path) || name.ends_with(".pth") || links.can_chain(),
        Language::JavaScript => links.can_chain(),
        // Rust runs early only in build scripts and procedural macros.
        Language::Rust => {
            let shallow = path.matches('/').count() <= 1;
            let early = is_setup(path) || shallow || path.contains("/build/") || links.has(Links::MACROS);
            early && (links.can_chain() || links.has(Links::RUN | Links::NETWORK | Links::WRITES))
        }
    }
}
