//! Patterns over bytes, in YARA's language: Fanlight's own few, and those a company adds.
//!
//! They see what no syntax tree shows: scripts of shells, machine code, data. A rule's metadata `severity` (info, low,
//! medium, high, critical), `confidence`, `title` and `words` become the finding's. Includes are switched off, so a rule
//! reads no file.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use boreal::compiler::{AddRuleError, CompilerParams};
use boreal::scanner::{EvaluatedRule, ScanParams};
use boreal::{Compiler, MetadataValue, Scanner};
use fanlight_base::limits::{SCAN_RULES_BYTES, SCAN_WORK_TIME};

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::links::{PATTERNS, SCRIPT_PATTERNS};
use crate::redact;
use crate::rules::{self, digest_of};

#[cfg(test)]
mod tests;

/// The built-in patterns.
const OWN: &str = include_str!("patterns/fanlight.yar");

/// One search for words without which no built-in pattern matches is much cheaper than the patterns.
static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let mut builder = AhoCorasick::builder();
    builder
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(PATTERNS.iter().chain(SCRIPT_PATTERNS))
        .ok()
});

/// Patterns, compiled.
#[derive(Debug)]
pub struct Patterns {
    scanner: Scanner,
    digest: Option<String>,
}

/// Why patterns were not taken.
#[derive(Debug, thiserror::Error)]
pub enum PatternsError {
    /// The files are too large together.
    #[error("{file}: the scan's own patterns are over {SCAN_RULES_BYTES} bytes together; take some out")]
    Large {
        /// The file that was one too many.
        file: String,
    },
    /// A pattern that does not compile.
    #[error("{file}: not a usable pattern")]
    Rule {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: Box<AddRuleError>,
    },
}

impl Patterns {
    /// The built-in patterns and those of a company's files, by names and texts.
    ///
    /// # Errors
    /// For the first file that has a fault: either all patterns are in force or none.
    pub fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, PatternsError> {
        let mut compiler = Compiler::new();
        compiler.set_params(CompilerParams::default().disable_includes(true));
        let failed = |file: &str, error| PatternsError::Rule { file: file.to_owned(), source: Box::new(error) };
        compiler.add_rules_str_in_namespace(OWN, "fanlight").map_err(|error| failed("fanlight.yar", error))?;
        let mut all = String::new();
        for (file, text) in files {
            all.push_str(text);
            if all.len() > SCAN_RULES_BYTES {
                return Err(PatternsError::Large { file: file.to_owned() });
            }
            compiler.add_rules_str_in_namespace(text, "company").map_err(|error| failed(file, error))?;
        }
        let digest = (!all.is_empty()).then(|| digest_of(all.as_bytes()));
        let mut scanner = compiler.finalize();
        scanner.set_scan_params(
            ScanParams::default()
                .compute_full_matches(true)
                .string_max_nb_matches(1)
                // A pattern that takes as long as a whole scan may: then that is late, and what was found until then is told to nobody.
                .timeout_duration(Some(SCAN_WORK_TIME)),
        );
        Ok(Self { scanner, digest })
    }

    pub(crate) fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Whether a company added some.
    pub(crate) fn has_own(&self) -> bool {
        self.digest.is_some()
    }

    /// What the patterns find in one file.
    pub(crate) fn look(&self, path: &str, bytes: &[u8]) -> Vec<Finding> {
        // Fetching alone is a matter of scripts, which say at their beginning that they are some.
        let may_match = |words: &AhoCorasick| {
            words.find_iter(bytes).any(|found| bytes.starts_with(b"#!") || found.pattern().as_usize() < PATTERNS.len())
        };
        if self.digest.is_none() && SEARCH.as_ref().is_some_and(|words| !may_match(words)) {
            return Vec::new();
        }
        let result = match self.scanner.scan_mem(bytes) {
            Ok(result) => result,
            // Out of time, and the scan with it.
            Err((_, result)) => result,
        };
        result.rules.iter().map(|rule| self.finding(path, bytes, rule)).collect()
    }

    fn finding(&self, path: &str, bytes: &[u8], rule: &EvaluatedRule<'_>) -> Finding {
        let first = rule.matches.iter().flat_map(|string| &string.matches).min_by_key(|found| found.offset);
        let (line, evidence) = first.map_or((None, Cow::Borrowed("")), |found| {
            let start = found.offset.min(bytes.len());
            let lines = bytes[..start].iter().filter(|byte| **byte == b'\n').count();
            let end = (start + 200).min(bytes.len());
            (u32::try_from(lines + 1).ok(), String::from_utf8_lossy(&bytes[start..end]))
        });
        let text = |name: &str| {
            let own = rule.metadatas.iter().find(|own| self.scanner.get_string_symbol(own.name) == name)?;
            let MetadataValue::Bytes(value) = own.value else { return None };
            Some(String::from_utf8_lossy(self.scanner.get_bytes_symbol(value)).into_owned())
        };
        let place = line.map_or_else(|| Place::entry(path), |line| Place::line(path, line));
        let mut finding = Finding::of(&rules::YARA, place, redact::head(&evidence, 400));
        finding.rule = Cow::Owned(format!(
            "yara:{}",
            if rule.namespace == "company" { format!("company.{}", rule.name) } else { rule.name.to_owned() }
        ));
        finding.severity = match text("severity").as_deref() {
            Some("info") => Severity::Info,
            Some("low") => Severity::Low,
            Some("high") => Severity::High,
            Some("critical") => Severity::Critical,
            _ => Severity::Medium,
        };
        finding.confidence = match text("confidence").as_deref() {
            Some("low") => Confidence::Low,
            Some("high") => Confidence::High,
            _ => Confidence::Medium,
        };
        if let Some(title) = text("title") {
            finding.title = Cow::Owned(title);
        }
        if let Some(words) = text("words") {
            finding.words = Cow::Owned(words);
        }
        finding
    }
}

impl Default for Patterns {
    fn default() -> Self {
        Self::new([]).expect("the built-in patterns compile: a test reads them")
    }
}
