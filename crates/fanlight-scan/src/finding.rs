//! One thing the scan found: which rule, where, what shows it, how sure and how grave, and plain words.
//!
//! Refuses to know how it was found. Invariant: evidence is bounded and holds no secret in clear ([`crate::redact`]).

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::redact;
use crate::rules::Rule;

/// How grave a finding is if it is what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A fact about the archive that is not wrong in itself.
    Info,
    /// Unusual, and mostly harmless.
    Low,
    /// A person who knows the package should look.
    Medium,
    /// Hardly ever found in honest packages.
    High,
    /// What malicious packages do.
    Critical,
}

/// How sure the rule is that the thing is what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// There are common harmless explanations.
    Low,
    /// There are rare harmless explanations.
    Medium,
    /// Read from the bytes or followed through the code.
    High,
}

/// Where in the archive: the path as the archive writes it, `outer.zip!/inner` for archives within archives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The path inside the archive; empty where the archive as a whole is meant.
    pub path: String,
    /// The line, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
}

impl Place {
    /// The archive as a whole.
    pub fn whole() -> Self {
        Self { path: String::new(), line: None }
    }

    /// An entry. Control and invisible characters of its name are written as escapes.
    pub fn entry(path: &str) -> Self {
        Self { path: redact::visible(path), line: None }
    }

    /// A line of an entry.
    pub fn line(path: &str, line: u32) -> Self {
        Self { line: Some(line), ..Self::entry(path) }
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, `area:name`.
    pub rule: Cow<'static, str>,
    /// The rule in a few words.
    pub title: Cow<'static, str>,
    /// How grave.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where.
    pub place: Place,
    /// The bytes that show it: one line, at most [`fanlight_base::limits::SCAN_EVIDENCE_BYTES`], secrets taken out.
    pub evidence: String,
    /// For somebody who does not program: what it does, and why that may harm.
    pub words: Cow<'static, str>,
}

impl Finding {
    /// A finding of a rule with the rule's own severity and confidence.
    pub fn of(rule: &'static Rule, place: Place, evidence: &str) -> Self {
        Self {
            rule: Cow::Borrowed(rule.id),
            title: Cow::Borrowed(rule.title),
            severity: rule.severity,
            confidence: rule.confidence,
            place,
            evidence: redact::evidence(evidence),
            words: Cow::Borrowed(rule.words),
        }
    }

    /// The same with another severity and confidence, where circumstances make it more or less grave.
    #[must_use]
    pub fn rated(mut self, severity: Severity, confidence: Confidence) -> Self {
        (self.severity, self.confidence) = (severity, confidence);
        self
    }

    /// The order of a report: the gravest first, and no two findings that differ at one place in it.
    pub(crate) fn by_weight(&self, other: &Self) -> Ordering {
        let rest = |of: &'_ Self| (of.severity, of.confidence);
        let first = other.weight().cmp(&self.weight()).then_with(|| self.rule.cmp(&other.rule));
        let place = || self.place.cmp(&other.place).then_with(|| self.evidence.cmp(&other.evidence));
        let words = || (&self.title, &self.words).cmp(&(&other.title, &other.words));
        first.then_with(place).then_with(|| rest(self).cmp(&rest(other))).then_with(words)
    }

    /// Severity and confidence as one number from 0 to 100.
    pub fn weight(&self) -> u32 {
        let grave = match self.severity {
            Severity::Info => 0,
            Severity::Low => 6,
            Severity::Medium => 30,
            Severity::High => 60,
            Severity::Critical => 95,
        };
        let sure = match self.confidence {
            Confidence::Low => 5,
            Confidence::Medium => 8,
            Confidence::High => 10,
        };
        grave * sure / 10
    }
}
