//! Questions about everything that somebody has installed: which flaws affect it.
//!
//! Refuses to know where advisories come from, and how a client asks. Invariant: nothing known is never told as nothing
//! wrong.

use fanlight_base::Purl;

/// Knows which flaws affect releases.
pub trait Auditor: Send + Sync {
    /// The flaws of these releases, in their order; each project stands in `asked` once.
    fn audit(&self, ecosystem: &str, asked: &[Asked]) -> Result<Audited, CannotAudit>;
}

/// Releases of one project that somebody has installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The project.
    pub project: Purl,
    /// The versions of it.
    pub versions: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// The flaws of each project that has any, with its place among those asked about.
    pub flaws: Vec<(usize, Vec<Flaw>)>,
    /// What is to be told beside it: feeds that could not be read lately.
    pub notice: Option<String>,
}

/// One flaw, under however many ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The id it is shown under.
    pub id: String,
    /// Other ids of it.
    pub aliases: Vec<String>,
    /// One line about it; empty where nobody wrote one.
    pub summary: String,
    /// Where there is more to read, where its database says.
    pub more: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The CVSS score in tenths, and the vector it comes from.
    pub score: Option<(u8, String)>,
    /// The versions that it affects, in the words of node-semver.
    pub affects: String,
    /// Of the versions asked about, those that it affects.
    pub met: Vec<String>,
    /// The lowest version in which it is fixed, for the lowest of these.
    pub fixed: Option<String>,
}

/// How bad a flaw is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No flaw that somebody can use by itself.
    Notice,
    /// A CVSS score below 4.
    Low,
    /// Below 7, and where nobody has rated it.
    Medium,
    /// Below 9.
    High,
    /// From 9 on, and whatever was made to do harm.
    Critical,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotAudit {
    /// No feed is set.
    #[error("no feed of advisories is set here")]
    NoFeeds,
    /// None of those that are set has said anything of this ecosystem.
    #[error("no feed of advisories here knows anything of these packages' ecosystem yet")]
    NothingKnown,
    /// The answer would be too large.
    #[error("more than {limit} flaws affect what was asked about", limit = fanlight_base::limits::AUDIT_FLAWS)]
    TooMany,
}
