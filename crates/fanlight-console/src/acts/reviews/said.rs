//! What a review says, as text: how it is written, read back, and checked where another company hands it over.
//!
//! A review is a C2SP signed-note of four lines: what it is, the release, the verdict with its time, and why. Refuses to know
//! where reviews are kept. Invariant: what is handed over is all signed by the key that somebody here named, or is refused.

use fanlight_api::reviews::Handed;
use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{Purl, Timestamp};
use fanlight_ledger::VerifierKey;
use fanlight_ledger::note::{Note, NoteError};
use fanlight_net::Problem;
use fanlight_packages::reviews::Verdict;
use fanlight_store::ReviewRow;

use super::super::quarantine::because;

/// The first line of a review. It has spaces, so that the note never passes for a checkpoint.
const FIRST: &str = "fanlight review v1";
/// No review any more.
const WITHDRAWN: &str = "withdrawn";
/// The node of reviews made here: not its origin, which changes with a restore.
const THIS: &str = "this";

/// Why reviews of another company are not taken over.
#[derive(Debug, thiserror::Error)]
pub enum HandedError {
    /// The key is none.
    #[error("nothing was taken over, because the key is not good")]
    Key(#[source] NoteError),
    /// The key has the name that stands for this node.
    #[error("nothing was taken over, because the key is named \"this\", which stands for the node that it is read on")]
    Named,
    /// A review is not signed by the key.
    #[error("nothing was taken over, because review {number} is not good")]
    Note {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        source: NoteError,
    },
    /// A note is signed and says something else.
    #[error("nothing was taken over, because note {0} is signed, and is no review")]
    NoReview(usize),
}

/// What a review says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) release: Purl,
    pub(crate) verdict: String,
    at: Timestamp,
    pub(crate) because: String,
}

impl Said {
    pub(crate) fn of(release: Purl, verdict: &str, at: Timestamp, words: &str) -> Result<Self, Box<Problem>> {
        if release.version().is_none() {
            let words = "A review is of one release: write its version.";
            return Err(Box::new(Problem::bad_request(words)));
        }
        if verdict != WITHDRAWN && Verdict::parse(verdict).is_none() {
            let words = "A review says safe, unsafe or needs-care; withdrawn takes it back.";
            return Err(Box::new(Problem::bad_request(words)));
        }
        Ok(Self { release, verdict: verdict.to_owned(), at, because: because(words)? })
    }

    /// What a review that is kept says.
    pub(crate) fn kept(row: &ReviewRow) -> Option<Self> {
        Self::of(row.purl.parse().ok()?, &row.verdict, row.at, &row.because).ok()
    }

    pub(crate) fn text(&self) -> String {
        let Self { release, verdict, at, because } = self;
        format!("{FIRST}\n{release}\n{verdict} {}\n{because}\n", rfc3339_millis(*at))
    }

    /// Reads what [`Self::text`] writes, and nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(FIRST)?.strip_prefix('\n')?.lines();
        let release = lines.next()?.parse().ok()?;
        let (verdict, at) = lines.next()?.split_once(' ')?;
        let said = Self::of(release, verdict, at.parse().ok()?, lines.next()?).ok()?;
        (said.text() == text).then_some(said)
    }

    /// As one made here.
    pub(crate) fn own(self, note: &Note) -> ReviewRow {
        self.row(THIS.to_owned(), true, note)
    }

    fn row(self, node: String, own: bool, note: &Note) -> ReviewRow {
        ReviewRow {
            purl: self.release.to_string(),
            node,
            own,
            verdict: self.verdict,
            because: self.because,
            at: self.at,
            note: note.to_string(),
        }
    }
}

/// The node of reviews signed with a key. Anybody can give a key any name: two keys of one name are two nodes.
pub fn node_of(key: &VerifierKey) -> String {
    format!("{}+{:08x}", key.name(), key.id())
}

/// The reviews that a file of another company holds, each checked with the key; or what is wrong with one of them.
pub fn checked_reviews(handed: &Handed) -> Result<(VerifierKey, Vec<ReviewRow>), HandedError> {
    let key = VerifierKey::parse(handed.key.trim()).map_err(HandedError::Key)?;
    if key.name() == THIS {
        return Err(HandedError::Named);
    }
    let node = node_of(&key);
    let mut rows = Vec::with_capacity(handed.notes.len());
    for (number, text) in (1..).zip(&handed.notes) {
        let wrong = |source| HandedError::Note { number, source };
        let note = Note::parse(text).map_err(wrong)?;
        let said = Said::parse(note.verify(&key).map_err(wrong)?).ok_or(HandedError::NoReview(number))?;
        rows.push(said.row(node.clone(), false, &note));
    }
    Ok((key, rows))
}

#[cfg(test)]
mod tests;
