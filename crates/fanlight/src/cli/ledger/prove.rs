//! `fanlight ledger prove`: the text that proves one record to anybody.

use std::path::Path;

use fanlight_ledger::files::FilesError;
use serde::Serialize;

use super::{open, unreadable};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::Screen;

/// Prints the proof.
pub(super) fn run(screen: &mut Screen, state: &Path, index: u64) -> Result<Exit, Failure> {
    let files = open(state)?;
    let proof = files.prove(index).map_err(|error| match error {
        FilesError::NoEntry { .. } => Failure::new(error).exit(Exit::No).hint("`fanlight ledger show` has the numbers"),
        FilesError::NotYetPublished { .. } => Failure::new(error),
        other => unreadable(other),
    })?;
    if screen.json {
        #[derive(Serialize)]
        struct Proved<'a> {
            index: u64,
            origin: &'a str,
            size: u64,
            proof: &'a str,
        }
        let checkpoint = files.checkpoint();
        screen.document(&Proved { index, origin: &checkpoint.origin, size: checkpoint.size, proof: &proof })?;
    } else {
        screen.bytes(proof.as_bytes())?;
    }
    Ok(Exit::Good)
}
