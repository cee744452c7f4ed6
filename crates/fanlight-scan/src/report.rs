//! What one scan of one archive tells: findings, verdict, what was looked at and what was not.
//!
//! Refuses to decide: a verdict is a summary of findings, and policy judges it as one fact among others. Invariant: the
//! same archive under the same rule set gives the same report, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use fanlight_base::limits::{SCAN_FINDINGS, SCAN_FINDINGS_OF_A_RULE};
use serde::{Deserialize, Serialize};

use crate::finding::{Confidence, Finding, Severity};

#[cfg(test)]
mod tests;

/// All findings of a report in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing of weight was found. No scan can say that something is safe.
    NothingFound,
    /// Somebody should look before it is used.
    NeedsCare,
    /// It does what malicious packages do.
    Unsafe,
}

/// Something that code of the archive is able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// Reads environment variables as a whole, or those that are named as secrets.
    ReadEnvironment,
    /// Reads the machine's or user's name, or its addresses.
    ReadIdentity,
    /// Reads where keys and passwords are kept.
    ReadCredentials,
    /// Reads what a browser keeps.
    ReadBrowser,
    /// Reads wallets of digital money.
    ReadWallet,
    /// Reads the clipboard.
    ReadClipboard,
    /// Takes pictures of the screen.
    ReadScreen,
    /// Watches keys being pressed.
    ReadKeys,
    /// Talks to the network.
    Network,
    /// Starts programs.
    RunPrograms,
    /// Runs text as code.
    RunText,
    /// Decodes packed data.
    Decode,
    /// Makes itself start again.
    Persist,
    /// Loads machine code.
    LoadNative,
}

impl Ability {
    /// What it does, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ReadEnvironment => "reads environment variables that may hold secrets",
            Self::ReadIdentity => "reads the machine's or user's name",
            Self::ReadCredentials => "reads where keys and passwords are kept",
            Self::ReadBrowser => "reads what a browser keeps",
            Self::ReadWallet => "reads wallets of digital money",
            Self::ReadClipboard => "reads the clipboard",
            Self::ReadScreen => "takes pictures of the screen",
            Self::ReadKeys => "watches keys being pressed",
            Self::Network => "talks to the network",
            Self::RunPrograms => "starts programs",
            Self::RunText => "runs text as code",
            Self::Decode => "unpacks data",
            Self::Persist => "makes itself start again",
            Self::LoadNative => "loads machine code",
        }
    }
}

/// When a piece of code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// When somebody calls it.
    Called,
    /// When the package is imported, or a Python program starts.
    Imported,
    /// When the package is installed.
    Installed,
}

impl When {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Called => "when it is called",
            Self::Imported => "when it is imported",
            Self::Installed => "when it is installed",
        }
    }
}

/// A limit that kept a part of the archive from being looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LimitMet {
    /// The limit's name in `fanlight_base::limits`, in small letters.
    pub limit: String,
    /// Its value: bytes, entries, layers or milliseconds.
    pub value: u64,
    /// Where it was met.
    pub path: String,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Bytes of the archive.
    pub bytes: u64,
    /// Bytes unpacked from it.
    pub unpacked: u64,
    /// Entries, those of archives inside it included.
    pub entries: usize,
    /// Files of source text that were read as a syntax tree.
    pub trees: usize,
    /// Findings beyond [`SCAN_FINDINGS`] or [`SCAN_FINDINGS_OF_A_RULE`], not listed.
    pub unlisted: usize,
}

/// The result of one scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The rule set: the built-in one's version, and a digest of a company's own rules.
    pub rules: String,
    /// The archive's file name.
    pub name: String,
    /// SHA-256 of the archive in hexadecimal digits.
    pub sha256: String,
    /// In one word.
    pub verdict: Verdict,
    /// From 0 to 100: the weight of the gravest finding and a little for each further rule.
    pub score: u32,
    /// What was looked at.
    pub counts: Counts,
    /// Limits that kept a part from being looked at; empty where all was.
    pub limits: Vec<LimitMet>,
    /// What its code is able to do, and the earliest moment it does so.
    pub abilities: BTreeMap<Ability, When>,
    /// Hosts that its code names.
    pub hosts: BTreeSet<String>,
    /// Files that run when it is installed.
    pub at_install: BTreeSet<String>,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether all of the archive was looked at.
    pub fn is_whole(&self) -> bool {
        self.limits.is_empty()
    }

    /// Adds findings that the archive alone does not tell.
    pub fn add(&mut self, findings: Vec<Finding>) {
        if !findings.is_empty() {
            let unlisted = self.counts.unlisted;
            self.findings.extend(findings);
            self.settle();
            self.counts.unlisted += unlisted;
        }
    }

    /// Puts findings in order, cuts what is too much, and sums up.
    pub(crate) fn settle(&mut self) {
        self.findings.sort_by(Finding::by_weight);
        self.findings.dedup();
        (self.score, self.verdict) = judged(&self.findings);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let all = self.findings.len();
        self.findings.retain(|finding| {
            let count = seen.entry(finding.rule.to_string()).or_default();
            *count += 1;
            *count <= SCAN_FINDINGS_OF_A_RULE
        });
        self.findings.truncate(SCAN_FINDINGS);
        self.counts.unlisted = all - self.findings.len();
        self.limits.sort();
        self.limits.dedup();
        self.limits.truncate(SCAN_FINDINGS);
    }
}

/// The gravest finding's weight, and two for each further rule that weighs anything, at most ten.
fn judged(findings: &[Finding]) -> (u32, Verdict) {
    let gravest = findings.iter().map(Finding::weight).max().unwrap_or_default();
    let rules: BTreeSet<_> =
        findings.iter().filter(|finding| finding.weight() >= 15).map(|finding| &finding.rule).collect();
    let further = u32::try_from(rules.len().saturating_sub(1).min(5)).unwrap_or_default() * 2;
    let score = (gravest + further).min(100);
    let certain = findings.iter().any(|f| f.severity == Severity::Critical && f.confidence >= Confidence::Medium);
    let verdict = match score {
        _ if certain => Verdict::Unsafe,
        70.. => Verdict::Unsafe,
        24.. => Verdict::NeedsCare,
        _ => Verdict::NothingFound,
    };
    (score, verdict)
}
