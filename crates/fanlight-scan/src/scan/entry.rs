//! One entry at a time: what kind of file it is, and what is seen in it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::io::{self, Read};
use std::time::Duration;

use fanlight_base::limits::{
    SCAN_EXCERPT_BYTES, SCAN_EXPRESSION_DEPTH, SCAN_INSTALL_TREE_BYTES, SCAN_NESTED_BYTES, SCAN_STEPS, SCAN_TEXT_BYTES,
    SCAN_TREE_TIME, SCAN_WHOLE_TREE_BYTES,
};
use ring::digest::{Context, SHA256};

use super::{NESTED_ROOM, RuleSet};
use crate::archive::{Form, Sink};
use crate::binary;
use crate::excerpt::Excerpt;
use crate::finding::{Finding, Place, Severity};
use crate::follow::{self, Labels, Root, What};
use crate::links::{self, Links, PLACES};
use crate::manifest::Manifests;
use crate::program::{self, Language};
use crate::redact;
use crate::report::{Ability, LimitMet};
use crate::rules;
use crate::text;
use crate::wheel::Wheel;

/// Bytes of other files that are looked at.
const HEAD_BYTES: usize = 64 * 1024;

/// Findings that are kept before the report is settled; more say nothing new.
const FINDINGS: usize = 10_000;

/// Hosts that are kept.
const HOSTS: usize = 1000;

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
pub(super) struct Looking<'r> {
    #[cfg_attr(not(any(feature = "company-rules", feature = "yara")), expect(unused, reason = "nothing was added"))]
    pub rules: &'r RuleSet,
    pub findings: Vec<Finding>,
    pub limits: Vec<LimitMet>,
    pub files: Vec<Kept>,
    pub paths: BTreeSet<String>,
    pub manifests: Manifests,
    pub hosts: BTreeSet<String>,
    pub trees: usize,
    pub wheel: Option<Wheel>,
    nested: VecDeque<Nested>,
    nested_bytes: u64,
    /// Before every path: the archives that lead to it.
    prefix: String,
    depth: usize,
}

impl<'r> Looking<'r> {
    pub fn new(rules: &'r RuleSet, file: &str) -> Self {
        Self {
            rules,
            findings: Vec::new(),
            limits: Vec::new(),
            files: Vec::new(),
            paths: BTreeSet::new(),
            manifests: Manifests::default(),
            hosts: BTreeSet::new(),
            trees: 0,
            wheel: file.to_ascii_lowercase().ends_with(".whl").then(Wheel::default),
            nested: VecDeque::new(),
            nested_bytes: 0,
            prefix: String::new(),
            depth: 0,
        }
    }

    pub fn add(&mut self, mut finding: Finding) {
        if self.findings.len() < FINDINGS {
            finding.place.path.insert_str(0, &self.prefix);
            // No installer unpacks an archive in the archive: its form is of weight only if the package's code does.
            let of_form = finding.rule.starts_with("archive:")
                && finding.rule != rules::BOMB.id
                && finding.rule != rules::DEEP.id;
            if self.depth > 0 && of_form {
                finding.severity = finding.severity.min(Severity::Low);
            }
            self.findings.push(finding);
        }
    }

    pub fn limited(&mut self, limit: &str, value: u64, path: &str) {
        if self.limits.len() < FINDINGS {
            let path = format!("{}{}", self.prefix, redact::visible(path));
            self.limits.push(LimitMet { limit: limit.to_owned(), value, path });
        }
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
        if larger || self.nested_bytes + size > NESTED_ROOM {
            self.add(Finding::of(&rules::NESTED_LARGE, Place::entry(path), "an archive that was not opened"));
            self.limited("scan_nested_bytes", SCAN_NESTED_BYTES, path);
            return;
        }
        self.add(Finding::of(&rules::NESTED, Place::entry(path), "opened"));
        self.nested_bytes += size;
        self.nested.push_back(Nested { path: format!("{}{path}", self.prefix), bytes, depth: self.depth + 1 });
    }

    /// A file of source text: as text, and the bytes that it is in the archive.
    fn source(&mut self, path: &str, language: Language, source: &str, bytes: &[u8]) {
        // A script that installs is read whole: who calls what in it decides what runs.
        let whole = if is_setup(path) { SCAN_INSTALL_TREE_BYTES } else { SCAN_WHOLE_TREE_BYTES };
        let is_large = source.len() > whole;
        let named = links::named(language, source, is_large);
        for finding in text::look(path, language, source, named.links.has(Links::RENAMED)) {
            self.add(finding);
        }
        #[cfg(feature = "yara")]
        if named.links.has(Links::PATTERN) || self.rules.patterns.has_own() {
            for finding in self.rules.patterns.look(path, bytes) {
                self.add(finding);
            }
        }
        #[cfg(feature = "company-rules")]
        for finding in self.rules.company.look(path, language, source) {
            self.add(finding);
        }
        #[cfg(not(feature = "yara"))]
        let _ = bytes;
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
        let Ok(program) = program::read(language, &excerpt.text) else {
            let limit = u64::try_from(Duration::as_millis(&SCAN_TREE_TIME)).unwrap_or(u64::MAX);
            self.add(Finding::of(&rules::UNREAD, Place::entry(path), "reading it as a program took too long"));
            return self.limited("scan_tree_time", limit, path);
        };
        let seen = follow::follow(language, &program);
        if seen.cut {
            let (limit, value) =
                if program.cut { ("scan_expression_depth", SCAN_EXPRESSION_DEPTH) } else { ("scan_steps", SCAN_STEPS) };
            self.limited(limit, value as u64, path);
        }
        let room = HOSTS.saturating_sub(self.hosts.len());
        self.hosts.extend(seen.hosts.into_iter().take(room));
        let mut once = HashSet::new();
        let noted = seen
            .events
            .into_iter()
            .filter(|event| !matches!(event.what, What::Ability(_)) || once.insert((event.what, event.root)));
        let mut lines = Lines { text: source, at: 0, line: 1 };
        let noted: Vec<_> = noted
            .map(|event| {
                let start = excerpt.place(event.at.start).min(source.len());
                let line = lines.of(start);
                let quote = excerpt.text.get(event.at.clone()).unwrap_or_default();
                let evidence = redact::evidence(redact::head(quote, 4096));
                Noted { what: event.what, labels: event.labels, root: event.root, line, evidence }
            })
            .collect();
        if !noted.is_empty() || !seen.imports.is_empty() {
            let (path, parts) = (format!("{}{path}", self.prefix), is_large && language == Language::JavaScript);
            self.files.push(Kept { path, language, noted, imports: seen.imports, parts });
        }
    }
}

impl Looking<'_> {
    /// Says that not all that stands around links was read.
    fn unread(&mut self, path: &str, said: &str) {
        self.add(Finding::of(&rules::UNREAD, Place::entry(path), said));
        self.limited("scan_excerpt_bytes", SCAN_EXCERPT_BYTES as u64, path);
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
            self.files.push(Kept { path: format!("{}{path}", self.prefix), language, noted, imports, parts: false });
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

impl Sink for Looking<'_> {
    fn entry(&mut self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let top = self.depth == 0;
        if top {
            self.paths.insert(path.to_owned());
        }
        let counts = top && self.wheel.is_some();
        let mut hashed = Hashed { inner: content, context: Context::new(&SHA256), counts, size: 0 };
        let mut bytes = Vec::new();
        take(&mut hashed, 512, &mut bytes)?;
        let language = language_of(path, &bytes);
        let form = Form::of(&bytes).filter(|form| !matches!(form, Form::Unknown(_)) && is_archive_name(path, *form));
        // Packages that carry others along carry their lists, too.
        let is_record = top && path.ends_with(".dist-info/RECORD") && path.matches('/').count() == 1;
        let wants = match (form, language) {
            (Some(_), _) => usize::try_from(SCAN_NESTED_BYTES).unwrap_or(usize::MAX),
            (None, Some(_)) => SCAN_TEXT_BYTES,
            (None, None) if is_record || top && Manifests::wants(path) => SCAN_TEXT_BYTES,
            (None, None) => HEAD_BYTES,
        };
        let full = take(&mut hashed, wants - bytes.len().min(wants), &mut bytes)?;
        let larger = !full && hashed.read(&mut [0])? > 0;
        io::copy(&mut hashed, &mut io::sink())?;
        let (sha256, size) = hashed.end();
        if let Some(wheel) = self.wheel.as_mut().filter(|_| counts) {
            wheel.file(path, sha256, size);
        }
        if let Some(finding) = binary::look(path, &bytes) {
            self.add(finding);
        }
        if bytes.starts_with(b"-----BEGIN")
            && redact::head(&String::from_utf8_lossy(&bytes[..bytes.len().min(80)]), 80).contains("PRIVATE KEY-----")
            && !is_aside(path)
        {
            self.add(Finding::of(&rules::SECRET_FILE, Place::line(path, 1), "a private key"));
        }
        #[cfg(feature = "yara")]
        if language.is_none() {
            for finding in self.rules.patterns.look(path, &bytes) {
                self.add(finding);
            }
        }
        if form.is_some() {
            self.nest(path, bytes, larger);
            return Ok(());
        }
        if language.is_none() && !is_record && !(top && Manifests::wants(path)) {
            return Ok(());
        }
        let text = std::str::from_utf8(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes), Cow::Borrowed);
        if is_record && let Some(wheel) = &mut self.wheel {
            wheel.record(path, &text);
        }
        if top && Manifests::wants(path) {
            self.manifests.keep(path, &text);
        }
        if let Some(language) = language {
            if larger {
                self.limited("scan_text_bytes", SCAN_TEXT_BYTES as u64, path);
            }
            self.source(path, language, &text, &bytes);
        }
        Ok(())
    }

    fn found(&mut self, finding: Finding) {
        self.add(finding);
    }

    fn limit(&mut self, name: &'static str, limit: u64, path: &str) {
        self.limited(name, limit, path);
    }
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

/// Reads so many bytes more; true where the end came first.
fn take(from: &mut impl Read, count: usize, into: &mut Vec<u8>) -> io::Result<bool> {
    let limit = u64::try_from(count).unwrap_or(u64::MAX);
    let read = from.take(limit).read_to_end(into)?;
    Ok(read < count)
}

/// Counts the hash of what is read, where it is wanted.
struct Hashed<'a> {
    inner: &'a mut dyn Read,
    context: Context,
    counts: bool,
    size: u64,
}

impl Hashed<'_> {
    fn end(self) -> ([u8; 32], u64) {
        let mut out = [0; 32];
        out.copy_from_slice(self.context.finish().as_ref());
        (out, self.size)
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.size += u64::try_from(count).unwrap_or(u64::MAX);
        if self.counts {
            self.context.update(&buffer[..count]);
        }
        Ok(count)
    }
}
