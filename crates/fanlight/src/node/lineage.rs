//! The ledgers of a state folder as one line: each but the first begins with a record that names the one before it, its
//! key and its last checkpoint, and that is what the files of the one before it hold.
//!
//! Refuses to know whether a ledger holds by itself: that is `fanlight_ledger::verify`. Invariant: a ledger before the
//! present one that was forked, cut, exchanged or taken away is named.

use std::fmt;
use std::path::{Path, PathBuf};

use fanlight_ledger::checkpoint::{Checkpoint, Signed};
use fanlight_ledger::files::FilesError;
use fanlight_ledger::{LogFiles, VerifierKey};
use serde::Deserialize;

use super::backup::EARLIER;

/// Where the line breaks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// The folder of the ledger that does not continue the one before it.
    pub ledger: PathBuf,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.ledger.display(), self.what)
    }
}

/// The folders of a state's ledgers, the oldest first, the present one last.
pub fn ledgers(state: &Path) -> Vec<PathBuf> {
    let earlier = fanlight_console::records::earlier(&state.join(EARLIER));
    earlier.into_iter().chain([state.join("ledger")]).collect()
}

/// Checks that each of these ledgers continues the one before it; gives where it does not.
pub fn check(ledgers: &[PathBuf]) -> Result<Vec<Broken>, FilesError> {
    let mut broken = Vec::new();
    let mut before: Option<LogFiles> = None;
    for folder in ledgers {
        let files = LogFiles::open(folder)?;
        let named = Named::of(&files)?;
        let what = match (&before, named) {
            (None, None) => None,
            (None, Some(named)) => {
                Some(format!("its first record names {} as the ledger before it, which is gone", named.earlier_origin))
            }
            (Some(before), None) => {
                Some(format!("its first record names no ledger before it, but {} is there", before.key().name()))
            }
            (Some(before), Some(named)) => named.differs(before),
        };
        broken.extend(what.map(|what| Broken { ledger: folder.clone(), what }));
        before = Some(files);
    }
    Ok(broken)
}

#[derive(Deserialize)]
struct First {
    action: String,
    facts: serde_json::Value,
}

/// What a continued ledger's first record says of the one before it.
#[derive(Deserialize)]
struct Named {
    earlier_origin: String,
    earlier_key: String,
    earlier_checkpoint: String,
    earlier_unpublished: u64,
}

impl Named {
    /// What the first record of a ledger names, where it is of a continued one.
    fn of(files: &LogFiles) -> Result<Option<Self>, FilesError> {
        let Some((_, entry)) = files.entries(0..1).next().transpose()? else { return Ok(None) };
        let first = serde_json::from_slice::<First>(&entry).ok();
        let first = first.filter(|first| first.action == super::action::RESTORED.as_str());
        Ok(first.and_then(|first| serde_json::from_value(first.facts).ok()))
    }

    /// In what the ledger before is not the one that is named, if so.
    fn differs(&self, before: &LogFiles) -> Option<String> {
        let (named, there) = (&self.earlier_origin, before.key().name());
        if named != there {
            return Some(format!("its first record names {named} as the ledger before it, but {there} is there"));
        }
        let key = match VerifierKey::parse(&self.earlier_key) {
            Ok(key) if key == *before.key() => key,
            _ => return Some(format!("its first record names another key of {named} than the one that is there")),
        };
        let checkpoint = match Signed::parse(&self.earlier_checkpoint).and_then(|signed| signed.verify(&key)) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return Some(format!("its first record names a checkpoint of {named} that is none: {error}")),
        };
        let Checkpoint { size, root, .. } = before.checkpoint();
        if checkpoint.size != *size {
            return Some(format!(
                "it continues {named} after a checkpoint of {} records, but the one that is there has {size}",
                checkpoint.size
            ));
        }
        if checkpoint.root != *root {
            return Some(format!("it continues another history of {named} than the one that is there"));
        }
        let after = before.size() - size;
        (after != self.earlier_unpublished).then(|| {
            let named_after = self.earlier_unpublished;
            format!(
                "{named} had {named_after} records after its last checkpoint, but the one that is there has {after}"
            )
        })
    }
}

#[cfg(test)]
mod tests;
