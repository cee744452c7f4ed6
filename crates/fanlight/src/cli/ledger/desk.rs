//! Where a ledger is read: at the running node, or from its files once the reading is recorded, or from a bare folder.
//!
//! Invariant: names are opened only in a reading that is in the ledger already. Where a state folder's reading cannot be
//! recorded it is refused; a folder that is named itself is read as an auditor reads a copy, all names sealed.

use std::path::{Path, PathBuf};

use fanlight_console::action::READ_LEDGER;
use fanlight_console::ledger::{facts, resource};
use fanlight_identity::SealedReader;
use fanlight_ledger::LogFiles;
use fanlight_store::Store;

use super::{there, unreadable};
use crate::cli::Context;
use crate::cli::client::Node;
use crate::cli::offline::Offline;
use crate::cli::outcome::{Exit, Failure};

/// A ledger that may be read.
pub(super) enum Desk {
    /// The node that writes it; it judges and records what it is asked.
    Node(Box<Node>),
    /// The files of a state folder that no node uses, and how many records there were before the reading's own.
    Recorded(Box<LogFiles>, u64),
    /// The files of a folder by itself.
    Bare(Box<LogFiles>),
}

/// Finds it; where no node runs, records the reading first.
pub(super) fn open(
    context: &Context,
    state: &Path,
    folder: Option<&Path>,
    reading: &'static str,
) -> Result<Desk, Failure> {
    if let Some(folder) = folder {
        return files(folder).map(Box::new).map(Desk::Bare);
    }
    let ledger = state.join("ledger");
    there(&ledger)?;
    match Node::find(state) {
        Ok(node) => Ok(Desk::Node(Box::new(node))),
        Err(error) if error.is_not_running() => {
            let own = record(context, state, reading).map_err(|failure| instead(failure, &ledger))?;
            Ok(Desk::Recorded(Box::new(files(&ledger)?), own))
        }
        Err(error) => Err(instead(error.into(), &ledger)),
    }
}

fn files(folder: &Path) -> Result<LogFiles, Failure> {
    there(folder)?;
    LogFiles::open(folder).map_err(unreadable)
}

/// Judges and records the reading under the locks that a node would hold, and lets go of them.
fn record(context: &Context, state: &Path, reading: &'static str) -> Result<u64, Failure> {
    // Opened without them, a copy would be given a database and a key of its own.
    if let Some(missing) = ["fanlight.db", "root.key"].map(|name| state.join(name)).into_iter().find(|f| !f.is_file()) {
        let what = format!("{} is missing, so that the reading cannot be recorded", missing.display());
        return Err(Failure::new(what));
    }
    let offline = Offline::open(&context.global, state)?;
    let recorded = offline.recorded(READ_LEDGER, &resource(), facts(reading));
    offline.close();
    recorded
}

/// What can be done where a reading cannot be recorded. Where the policies said no, nothing.
fn instead(failure: Failure, ledger: &Path) -> Failure {
    let way = format!("name the folder itself, {}: it is read as any copy is, names sealed", ledger.display());
    if failure.exit_code() == Exit::No { failure } else { failure.or_hint(way) }
}

/// The keys of a state folder, or why they cannot be used.
pub(super) async fn keys(state: PathBuf) -> Result<SealedReader, String> {
    let store = Store::open_read_only(&state.join("fanlight.db")).await.map_err(|error| error.to_string())?;
    SealedReader::open(store, &state.join("root.key")).map_err(|error| error.to_string())
}
