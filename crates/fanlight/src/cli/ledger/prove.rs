//! `fanlight ledger prove`: the text that proves one record to anybody.

use std::path::Path;

use fanlight_api::ledger::Proof;
use fanlight_api::routes;
use fanlight_console::ledger::PROOF;
use fanlight_ledger::LogFiles;
use fanlight_ledger::files::FilesError;

use super::desk::{self, Desk};
use super::unreadable;
use crate::cli::Context;
use crate::cli::client::ClientError;
use crate::cli::outcome::{Exit, Failure};

/// Prints the proof.
pub(super) fn run(context: &mut Context, state: &Path, index: u64, folder: Option<&Path>) -> Result<Exit, Failure> {
    let proof = match desk::open(context, state, folder, PROOF)? {
        Desk::Node(node) => match node.get_one(routes::PROVE_RECORD, &index.to_string()) {
            Err(ClientError::Refused(problem)) if problem.status == 404 => {
                let words = problem.detail.unwrap_or(problem.title);
                return Err(no_record(words.trim_end_matches('.').to_owned()));
            }
            proof => proof?,
        },
        Desk::Recorded(files, _) | Desk::Bare(files) => of_files(&files, index)?,
    };
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&proof)?;
    } else {
        screen.bytes(proof.proof.as_bytes())?;
    }
    Ok(Exit::Good)
}

fn of_files(files: &LogFiles, index: u64) -> Result<Proof, Failure> {
    let proof = files.prove(index).map_err(|error| match error {
        FilesError::NoEntry { .. } => no_record(error.to_string()),
        FilesError::NotYetPublished { .. } => Failure::new(error),
        other => unreadable(other),
    })?;
    let checkpoint = files.checkpoint();
    Ok(Proof { index, origin: checkpoint.origin.clone(), size: checkpoint.size, proof })
}

fn no_record(words: String) -> Failure {
    Failure::new(words).exit(Exit::No).hint("`fanlight ledger show` has the numbers")
}
