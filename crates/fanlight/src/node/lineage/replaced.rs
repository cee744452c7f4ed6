//! The ledgers that restores of a running node replaced: each is kept whole in a folder `replaced-TIME` of the state, and
//! the ledger that came in its place names it, its key and its last checkpoint.
//!
//! Invariant: one that is not there any more is named as such, one that is there is what was named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fanlight_ledger::LogFiles;
use fanlight_ledger::files::FilesError;
use serde_json::Value;

use super::{Broken, Entry, Named, Role};
use crate::node::action::{RESTORED, START};
use crate::node::restore::exchange::REPLACED;

/// A ledger that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Replaced {
    /// Its origin.
    pub origin: String,
    /// How many records it had.
    pub records: u64,
    /// Where it was kept.
    pub folder: PathBuf,
    /// Whether it is there.
    pub here: bool,
}

/// The ledgers that these ones replaced, and those that were replaced before; and which are not what was named.
pub fn replaced(state: &Path, ledgers: &[PathBuf]) -> Result<(Vec<Replaced>, Vec<Broken>), FilesError> {
    let (mut all, mut broken) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    for ledger in ledgers {
        open.push((ledger.clone(), LogFiles::open(ledger)?));
    }
    while let Some((ledger, files)) = open.pop() {
        for (named, kept) in named_by(&files)? {
            // A node that was killed before it served tells of the same restore again.
            if !seen.insert((named.origin.clone(), kept.clone())) {
                continue;
            }
            let folder = state.join(&kept).join("ledger");
            let here = kept.starts_with(REPLACED) && !kept.contains('/') && folder.is_dir();
            let records = named.records();
            all.push(Replaced { origin: named.origin.clone(), records, folder: folder.clone(), here });
            if !here {
                continue;
            }
            let what = match LogFiles::open(&folder) {
                Ok(there) => {
                    let what = named.differs(&there);
                    open.push((folder, there));
                    what
                }
                Err(error) => Some(format!("{} does not read: {error}", folder.display())),
            };
            broken.extend(what.map(|what| Broken { ledger: ledger.clone(), what }));
        }
    }
    Ok((all, broken))
}

/// The replaced ledgers that a ledger names, each with the folder it was put into. A node tells of a restore before it
/// says that it started, so later records need not be read.
fn named_by(files: &LogFiles) -> Result<Vec<(Named, String)>, FilesError> {
    let mut all = Vec::new();
    for entry in files.entries(0..files.size()) {
        let (_, bytes) = entry?;
        let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) else { continue };
        if entry.action == START.as_str() {
            break;
        }
        if entry.action == RESTORED.as_str()
            && let Some(kept) = entry.facts.get("replaced").and_then(Value::as_str)
            && let Some(named) = Named::from_facts(Role::Replaced, &entry.facts)
        {
            all.push((named, kept.to_owned()));
        }
    }
    Ok(all)
}
