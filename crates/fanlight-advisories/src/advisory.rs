//! One advisory as it is known here: what an OSV record says about projects whose ecosystems are known, in values that
//! can be compared, with where it comes from.
//!
//! Refuses to know how a record is written; its own module `build` makes it from one.

use std::sync::Arc;

use fanlight_base::{Timestamp, limits};

use crate::ecosystem::Package;
use crate::range::Range;
use crate::severity::Severity;
use crate::version::Version;

mod build;
#[cfg(test)]
mod tests;

pub(crate) use build::{Built, Draft};

/// Which feed something was read from, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The feed's name, as the steward gave it.
    pub source: Arc<str>,
    /// When it was read.
    pub at: Timestamp,
}

/// What an advisory is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// No flaw that somebody can use by itself: the project is unmaintained, or unsound in a corner.
    Notice,
    /// A flaw.
    Vulnerability,
    /// Made to do harm.
    Malicious,
}

impl Kind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Vulnerability => "vulnerability",
            Self::Malicious => "malicious",
        }
    }
}

/// One record of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    id: Arc<str>,
    aliases: Box<[Arc<str>]>,
    summary: Box<str>,
    more: Option<Box<str>>,
    kind: Kind,
    reviewed: bool,
    modified: Timestamp,
    published: Option<Timestamp>,
    withdrawn: Option<Timestamp>,
    affected: Box<[Affected]>,
    reading: Arc<Reading>,
}

/// What an advisory says about one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    package: Package,
    severity: Option<Arc<Severity>>,
    ranges: Box<[Range]>,
    /// Sorted; without those that a range contains, unless it would take long to find them.
    versions: Box<[Version]>,
}

/// Why a record was refused.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Over [`limits::ADVISORY_BYTES`].
    #[error("a record has at most {limit} bytes, this one has {0}", limit = limits::ADVISORY_BYTES)]
    TooLong(usize),
    /// Not JSON, not of the schema's types, or a list over its limit.
    #[error("not an OSV record")]
    Malformed(#[source] serde_json::Error),
    /// Of another major version than 1.
    #[error("of schema version {0:?}; version 1 is read here")]
    Schema(String),
    /// The id is empty, too long, or not visible ASCII.
    #[error("{0:?} is no id of an advisory")]
    Id(String),
    /// A time that is none.
    #[error("{field} is {value:?}, which is not a time in RFC 3339")]
    Time {
        /// The field's name.
        field: &'static str,
        /// What stands in it.
        value: String,
    },
}

impl Advisory {
    /// Reads one OSV record, from a place where no feed is around it.
    pub fn read(bytes: &[u8], reading: &Arc<Reading>) -> Result<Self, RecordError> {
        Ok(Draft::read(bytes)?.build(reading)?.advisory)
    }

    /// Its id in its database.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Other ids of the same flaw.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().map(|alias| &**alias)
    }

    /// The id and the aliases.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::once(&self.id).chain(&self.aliases)
    }

    /// One line of prose, which may be empty.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The address at which its database says there is more to read.
    pub fn more(&self) -> Option<&str> {
        self.more.as_deref()
    }

    /// What it is about.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it is not said of it that nobody has looked at what its author wrote.
    pub const fn is_reviewed(&self) -> bool {
        self.reviewed
    }

    /// When its database last changed it.
    pub const fn modified(&self) -> Timestamp {
        self.modified
    }

    /// When its database first published it.
    pub const fn published(&self) -> Option<Timestamp> {
        self.published
    }

    /// Since when its database takes it back. Nothing is affected by an advisory that is taken back.
    pub const fn withdrawn(&self) -> Option<Timestamp> {
        self.withdrawn
    }

    /// The projects it is about, of ecosystems known here.
    pub fn affected(&self) -> &[Affected] {
        &self.affected
    }

    /// Which feed said it, and when that was read.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Bytes of memory that knowing it takes, roughly and rather too many.
    pub(crate) fn bytes(&self) -> usize {
        // The record itself with its places in the index, a name, a project, a version.
        const RECORD: usize = 500;
        const NAME: usize = 150;
        const PROJECT: usize = 300;
        const VERSION: usize = 130;
        let names: usize = self.names().map(|name| NAME + name.len()).sum();
        let projects = self.affected.iter().map(|affected| {
            let events = affected.ranges.iter().map(|range| range.events().len() + range.limits().len() + 1);
            PROJECT + VERSION * (events.sum::<usize>() + affected.versions.len())
        });
        RECORD + names + self.summary.len() + self.more.as_ref().map_or(0, |more| more.len()) + projects.sum::<usize>()
    }

    /// What it says about one project. More than one entry is rare and allowed.
    pub(crate) fn about<'s>(&'s self, package: &'s Package) -> impl Iterator<Item = &'s Affected> {
        self.affected.iter().filter(move |affected| affected.package == *package)
    }
}

impl Affected {
    /// The project.
    pub const fn package(&self) -> &Package {
        &self.package
    }

    /// How severe it is for this project.
    pub fn severity(&self) -> Option<&Severity> {
        self.severity.as_deref()
    }

    /// The ranges of affected versions.
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// The affected versions that are listed, lowest first. Those that lie in a range are mostly left out.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Whether a version is affected: it lies in a range, or it or the public version it is a local build of is listed.
    pub fn contains(&self, version: &Version) -> bool {
        let listed = |version: &Version| self.versions.binary_search(version).is_ok();
        self.ranges.iter().any(|range| range.contains(version))
            || listed(version)
            || version.public().is_some_and(|public| listed(&public))
    }

    /// The versions at which the ranges say that it was fixed, in no order.
    pub fn fixed(&self) -> impl Iterator<Item = &Version> {
        self.ranges.iter().flat_map(Range::fixed)
    }
}
