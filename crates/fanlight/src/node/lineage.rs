//! The ledgers of a state folder as one line: each but the first begins with a record that names the one before it, its
//! key and its last checkpoint, and that is what the files of the one before it hold.
//!
//! Refuses to know whether a ledger holds by itself: that is `fanlight_ledger::verify`. Invariant: a ledger before the
//! present one that was forked, cut, exchanged or taken away is named.

use std::fmt;
use std::path::{Path, PathBuf};

use fanlight_ledger::checkpoint::{Checkpoint, Signed};
use fanlight_ledger::files::FilesError;
use fanlight_ledger::merkle::verify_consistency;
use fanlight_ledger::{LogFiles, VerifierKey};
use serde::Deserialize;

use super::backup::EARLIER;

mod replaced;

pub use replaced::{Replaced, replaced};

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
                Some(format!("its first record names {} as the ledger before it, which is gone", named.origin))
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
struct Entry {
    action: String,
    #[serde(default)]
    facts: serde_json::Value,
}

/// What a ledger that is named was to the one that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It was continued.
    Earlier,
    /// It was replaced by a restore.
    Replaced,
}

/// What a ledger says of one that was before it.
struct Named {
    role: Role,
    origin: String,
    key: String,
    checkpoint: String,
    unpublished: u64,
}

impl Named {
    /// What the first record of a ledger names, where it is of a continued one.
    fn of(files: &LogFiles) -> Result<Option<Self>, FilesError> {
        let Some((_, entry)) = files.entries(0..1).next().transpose()? else { return Ok(None) };
        let first = serde_json::from_slice::<Entry>(&entry).ok();
        let first = first.filter(|first| first.action == super::action::RESTORED.as_str());
        Ok(first.and_then(|first| Self::from_facts(Role::Earlier, &first.facts)))
    }

    fn from_facts(role: Role, facts: &serde_json::Value) -> Option<Self> {
        let prefix = match role {
            Role::Earlier => "earlier",
            Role::Replaced => "replaced",
        };
        let fact = |name: &str| facts.get(format!("{prefix}_{name}"));
        let text = |name| fact(name).and_then(|value| value.as_str()).map(str::to_owned);
        Some(Self {
            role,
            origin: text("origin")?,
            key: text("key")?,
            checkpoint: text("checkpoint")?,
            unpublished: fact("unpublished")?.as_u64()?,
        })
    }

    /// The last checkpoint, checked against the key that is named with it.
    fn last(&self) -> Option<Checkpoint> {
        let key = VerifierKey::parse(&self.key).ok()?;
        Signed::parse(&self.checkpoint).and_then(|signed| signed.verify(&key)).ok()
    }

    /// How many records it had.
    fn records(&self) -> u64 {
        self.last().map_or(0, |checkpoint| checkpoint.size).saturating_add(self.unpublished)
    }

    /// In what the ledger that is there is not the one that is named, if so.
    fn differs(&self, there: &LogFiles) -> Option<String> {
        let (record, role, took) = match self.role {
            Role::Earlier => ("its first record", "the ledger before it", "continues"),
            Role::Replaced => ("its record of the restore", "the ledger that was replaced", "replaced"),
        };
        let (named, name) = (&self.origin, there.key().name());
        if named != name {
            return Some(format!("{record} names {named} as {role}, but {name} is there"));
        }
        let key = match VerifierKey::parse(&self.key) {
            Ok(key) if key == *there.key() => key,
            _ => return Some(format!("{record} names another key of {named} than the one that is there")),
        };
        let checkpoint = match Signed::parse(&self.checkpoint).and_then(|signed| signed.verify(&key)) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return Some(format!("{record} names a checkpoint of {named} that is none: {error}")),
        };
        let Checkpoint { size, root, .. } = there.checkpoint();
        // Reading a replaced state leaves a record in its ledger, which goes on so; it may lack nothing that it had.
        if self.role == Role::Replaced && checkpoint.size < *size && self.records() <= there.size() {
            let proof = there.prove_consistency(checkpoint.size).ok().flatten().unwrap_or_default();
            let continues = verify_consistency(checkpoint.size, *size, &proof, &checkpoint.root, root);
            return continues.err().map(|_| format!("it {took} another history of {named} than the one that is there"));
        }
        if checkpoint.size != *size {
            return Some(format!(
                "it {took} {named} after a checkpoint of {} records, but the one that is there has {size}",
                checkpoint.size
            ));
        }
        if checkpoint.root != *root {
            return Some(format!("it {took} another history of {named} than the one that is there"));
        }
        let after = there.size() - size;
        (after != self.unpublished).then(|| {
            let named_after = self.unpublished;
            format!(
                "{named} had {named_after} records after its last checkpoint, but the one that is there has {after}"
            )
        })
    }
}

#[cfg(test)]
mod tests;
