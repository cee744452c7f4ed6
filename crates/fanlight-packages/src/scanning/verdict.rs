//! A report in one word and one sentence: what policies judge and people read.

use fanlight_base::Timestamp;
use fanlight_scan::{Finding, Report, Severity};
use fanlight_store::{Digest, ScanRow};

/// Weight from which on a finding is grave and sure enough that somebody should look before it is used.
const GRAVE: u32 = 60;
/// Weight from which on it is worth telling.
const NOTABLE: u32 = 24;

/// All findings in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing worth telling.
    Clean,
    /// Something small, or a part that was not read.
    Low,
    /// Somebody should know.
    Medium,
    /// Somebody should look before it is used.
    High,
    /// Nobody could look into it.
    Unread,
}

impl Grade {
    const ALL: [Self; 5] = [Self::Clean, Self::Low, Self::Medium, Self::High, Self::Unread];

    /// The fact `scan`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Unread => "unread",
        }
    }
}

/// What is known of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rules it was made by.
    pub rules: String,
    /// The name of the file.
    pub file: String,
    /// In one word.
    pub grade: Grade,
    /// The gravest finding and its place, in words without secrets; empty where there is none.
    pub words: String,
    /// When it was made.
    pub scanned: Timestamp,
}

impl Verdict {
    pub(super) fn of(report: &Report, scanned: Timestamp) -> Self {
        let gravest = report.findings.first();
        let weight = gravest.map_or(0, Finding::weight);
        let grade = match weight {
            GRAVE.. => Grade::High,
            NOTABLE.. => Grade::Medium,
            _ if report.findings.iter().any(|finding| finding.severity >= Severity::Low) => Grade::Low,
            _ if !report.is_whole() => Grade::Low,
            _ => Grade::Clean,
        };
        let words = match (grade, gravest, report.limits.first()) {
            (Grade::Clean, ..) => String::new(),
            (Grade::Low, _, Some(limit)) if weight == 0 => format!("not wholly read: {}", limit.limit),
            (_, Some(finding), _) => sentence(finding),
            (_, None, _) => String::new(),
        };
        Self { rules: report.rules.clone(), file: report.name.clone(), grade, words, scanned }
    }

    pub(super) fn unread(rules: &str, file: &str, why: String, scanned: Timestamp) -> Self {
        Self { rules: rules.to_owned(), file: file.to_owned(), grade: Grade::Unread, words: why, scanned }
    }

    /// A grade that is not known here counts as unread.
    pub(super) fn of_row(row: ScanRow) -> Self {
        let grade = Grade::ALL.into_iter().find(|grade| grade.as_str() == row.grade).unwrap_or(Grade::Unread);
        Self { rules: row.rules, file: row.file, grade, words: row.words, scanned: row.scanned }
    }

    pub(super) fn row(&self, digest: Digest) -> ScanRow {
        ScanRow {
            digest,
            rules: self.rules.clone(),
            file: self.file.clone(),
            grade: self.grade.as_str().to_owned(),
            words: self.words.clone(),
            scanned: self.scanned,
        }
    }
}

/// `collects private data and sends it away (setup.py:3)`.
fn sentence(finding: &Finding) -> String {
    let place = &finding.place;
    // What is new is said in the scan's own words, which hold nothing of the file but a path.
    if finding.rule == fanlight_scan::rules::CHANGED.id {
        return format!("{}: {}", finding.title, finding.evidence);
    }
    let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
    match place.path.is_empty() {
        true => finding.title.to_string(),
        false => format!("{} ({}{line})", finding.title, place.path),
    }
}
