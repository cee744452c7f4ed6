//! What a verification found wrong, by file.

use std::collections::BTreeMap;
use std::fmt;

/// Flaws listed at most; beyond that they are counted.
const LISTED: usize = 1000;

/// A file that is missing or was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The file, relative to the ledger's folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

/// All that is wrong, each file once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flaws {
    by_file: BTreeMap<String, String>,
    unlisted: u64,
}

impl Flaws {
    pub(super) fn add(&mut self, file: &str, what: &str) {
        if self.by_file.len() >= LISTED && !self.by_file.contains_key(file) {
            self.unlisted += 1;
            return;
        }
        self.by_file.entry(file.to_owned()).or_insert_with(|| what.to_owned());
    }

    pub(super) fn missing(&mut self, file: &str) {
        self.add(file, "it is missing");
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other.by_file.iter().for_each(|(file, what)| self.add(file, what));
        self.unlisted += other.unlisted;
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_file.is_empty()
    }

    /// Whether so much is wrong that going on would only count more of it, as with a signed size that no disk holds.
    pub(super) fn is_overfull(&self) -> bool {
        self.unlisted > 0
    }

    /// The flaws, by file name.
    pub fn iter(&self) -> impl Iterator<Item = Flaw> {
        self.by_file.iter().map(|(file, what)| Flaw { file: file.clone(), what: what.clone() })
    }

    /// How many more were seen than are listed; after the first of them a verification looks no further.
    pub const fn unlisted(&self) -> u64 {
        self.unlisted
    }
}

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = 3;
        for (place, (file, what)) in self.by_file.iter().take(shown).enumerate() {
            write!(f, "{}{file}: {what}", if place > 0 { "; " } else { "" })?;
        }
        match (self.by_file.len() as u64 + self.unlisted).saturating_sub(shown as u64) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
