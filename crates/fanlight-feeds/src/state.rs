//! How each feed is: what was last read of it, when, and what is wrong with it now.

use fanlight_advisories::index::Report;
use fanlight_api::advisories as api;
use fanlight_base::Timestamp;
use fanlight_base::fault::with_causes;
use fanlight_net::Validators;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::source::{Fingerprint, Source};

/// Examples shown of what was refused in one reading.
const EXAMPLES: usize = 5;
/// A feed counts as stale when it could not be read for this many refreshes.
const STALE_AFTER: i32 = 3;

/// What is wrong with a feed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// In words, with what stays.
    pub words: String,
}

/// What kind of fault a feed has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// It cannot be had.
    Unreachable,
    /// It was had, and it is no feed or has no record that can be read.
    Malformed,
    /// It was read, and this node cannot take it in.
    NotTaken,
}

/// How one feed is.
#[derive(Debug, Clone, Default)]
pub struct FeedState {
    /// When it was last tried to be read in this run.
    pub tried: Option<Timestamp>,
    /// When it was last read, or confirmed to be unchanged.
    pub good: Option<Timestamp>,
    /// When it last brought something new.
    pub changed: Option<Timestamp>,
    /// What is wrong with it now.
    pub fault: Option<Fault>,
    /// Why what was read could not be kept for the next start.
    pub not_kept: Option<String>,
    /// What the last reading brought.
    pub last: Option<Reading>,
    /// By what its address knows the copy that was read.
    pub validators: Validators,
    /// What its files looked like when they were read.
    pub fingerprint: Option<Fingerprint>,
}

/// What one reading brought, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Records read.
    pub read: usize,
    /// New ones.
    pub new: usize,
    /// Changed ones.
    pub changed: usize,
    /// Refused entries and records.
    pub refused: usize,
    /// Some of these, with why.
    pub examples: Vec<String>,
    /// Records older than what the feed said before.
    pub older: usize,
    /// Known records that it did not have.
    pub missing: usize,
}

impl From<&Report> for Reading {
    fn from(report: &Report) -> Self {
        Self {
            read: report.read,
            new: report.new,
            changed: report.changed,
            refused: report.refused,
            examples: report.faults.iter().take(EXAMPLES).map(|fault| with_causes(fault)).collect(),
            older: report.older,
            missing: report.missing,
        }
    }
}

/// What is kept of a feed's state for the next start.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    good: Option<Timestamp>,
    changed: Option<Timestamp>,
    etag: Option<String>,
    last_modified: Option<String>,
}

impl FeedState {
    /// As it was kept.
    pub fn restored(kept: Kept) -> Self {
        let Kept { good, changed, etag, last_modified } = kept;
        Self { good, changed, validators: Validators { etag, last_modified }, ..Self::default() }
    }

    /// What to keep of it.
    pub fn kept(&self) -> Kept {
        let Validators { etag, last_modified } = self.validators.clone();
        Kept { good: self.good, changed: self.changed, etag, last_modified }
    }

    /// Whether it has not been read for so long that what is known of it may be behind.
    pub fn is_stale(&self, now: Timestamp, refresh: SignedDuration) -> bool {
        self.good.is_none_or(|good| now.duration_since(good) > refresh.saturating_mul(STALE_AFTER))
    }

    /// For people and programs.
    pub fn shown(
        &self,
        source: &Source,
        known: Option<&fanlight_advisories::index::Source>,
        now: Timestamp,
        refresh: SignedDuration,
    ) -> api::Feed {
        let stale = self.is_stale(now, refresh);
        let state = match &self.fault {
            Some(Fault { kind: FaultKind::Unreachable, .. }) => api::FeedState::Unreachable,
            Some(Fault { kind: FaultKind::Malformed, .. }) => api::FeedState::Malformed,
            Some(Fault { kind: FaultKind::NotTaken, .. }) => api::FeedState::NotTaken,
            None if self.good.is_none() => api::FeedState::NotRead,
            None if stale => api::FeedState::Stale,
            None if self.last.as_ref().is_some_and(|last| last.refused > 0) => api::FeedState::InPart,
            None => api::FeedState::Good,
        };
        let last = self.last.clone().unwrap_or_default();
        api::Feed {
            source: source.name.to_string(),
            kind: source.place.kind().to_owned(),
            state,
            stale,
            records: known.map_or(0, |known| known.records as u64),
            newest: known.and_then(|known| known.modified),
            tried: self.tried,
            read: self.good,
            changed: self.changed,
            fault: self.fault.as_ref().map(|fault| fault.words.clone()).or_else(|| self.not_kept.clone()),
            refused: last.refused as u64,
            examples: last.examples,
            older: last.older as u64,
            missing: last.missing as u64,
        }
    }
}

#[cfg(test)]
mod tests;
