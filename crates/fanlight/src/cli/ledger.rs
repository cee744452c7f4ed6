//! `fanlight ledger`: the record of every decision, read from its files, whether a node runs or not.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fanlight_ledger::LogFiles;
use fanlight_ledger::files::FilesError;

use super::Context;
use super::outcome::{Exit, Failure};
use super::settings;

mod erase;
mod export;
mod people;
mod prove;
mod show;
mod verify;

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Show records, the newest last
    #[command(
        after_help = "Examples:\n  fanlight ledger show\n  fanlight ledger show --since 2h --action packages:fetch-file\n  \
                            fanlight ledger show --who asha --limit 200\n  fanlight ledger show --follow --json\n\nNames are \
                            shown where this user may read the keys, and the person was not erased."
    )]
    Show(show::ShowArgs),
    /// Check every record and every file against the signed checkpoint
    #[command(
        after_help = "Needs nothing but the files and the public key. Exit code 1 where something was changed or is \
                            missing.\n\nExamples:\n  fanlight ledger verify\n  fanlight ledger verify --key kept-elsewhere.pub\n  \
                            fanlight ledger verify --key key.pub /mnt/audit/ledger"
    )]
    Verify {
        /// The public key, from a place that whoever could change the files could not reach [default: key.pub beside them]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The ledger's folder [default: ledger in the state folder]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print the proof that one record is in the ledger, for anybody to check
    #[command(
        after_help = "The proof is a C2SP tlog-proof: one text with the record, its place, its path to the root and the \
                            signed checkpoint.\n\nExamples:\n  fanlight ledger prove 1234\n  fanlight ledger prove 1234 > \
                            record-1234.proof\n  fanlight ledger prove 1234 --json"
    )]
    Prove {
        /// The record's number, as `show` has it
        #[arg(value_name = "N")]
        index: u64,
    },
    /// Write records as they are stored, one JSON object a line
    #[command(
        after_help = "Examples:\n  fanlight ledger export > records.jsonl\n  fanlight ledger export --from 1000 --to 2000 \
                            --output records.jsonl\n\nPersonal values stay sealed."
    )]
    Export(export::ExportArgs),
    /// Destroy the keys of a person's values: nobody can read them again, and every proof goes on holding
    #[command(
        after_help = "Their tokens end, too. This cannot be taken back.\n\nExamples:\n  fanlight ledger erase asha\n  \
                            fanlight ledger erase prs_0123456789abcdef\n  fanlight ledger erase unidentified"
    )]
    Erase {
        /// The person's name or pseudonym; `unidentified` for the addresses of callers nobody knows
        #[arg(value_name = "PERSON")]
        person: String,
    },
}

/// Does it.
pub fn run(context: &mut Context, command: LedgerCommand) -> Result<Exit, Failure> {
    let state = settings::state_folder(&context.global)?;
    match command {
        LedgerCommand::Show(arguments) => show::run(&mut context.screen, &state, &arguments),
        LedgerCommand::Verify { key, folder } => verify::run(&mut context.screen, &state, key.as_deref(), folder),
        LedgerCommand::Prove { index } => prove::run(&mut context.screen, &state, index),
        LedgerCommand::Export(arguments) => export::run(&mut context.screen, &state, &arguments),
        LedgerCommand::Erase { person } => erase::run(context, &state, &person),
    }
}

/// The ledger's folder in a state folder, which must be there.
fn folder(state: &Path) -> Result<PathBuf, Failure> {
    let folder = state.join("ledger");
    if folder.is_dir() { Ok(folder) } else { Err(no_ledger(&folder)) }
}

/// The ledgers from before a restore, the oldest first; each has an origin and a key of its own.
fn earlier(state: &Path) -> Vec<PathBuf> {
    let folder = state.join(crate::node::backup::EARLIER);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut numbers: Vec<u64> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.iter().map(|number| folder.join(number.to_string())).collect()
}

fn no_ledger(folder: &Path) -> Failure {
    Failure::new(format!("there is no ledger in {}", folder.display()))
        .hint("`fanlight up` starts one; --state names another state folder")
}

/// One look at the ledger of a state folder.
fn open(state: &Path) -> Result<LogFiles, Failure> {
    LogFiles::open(&folder(state)?).map_err(unreadable)
}

fn unreadable(error: FilesError) -> Failure {
    Failure::new(error).hint("`fanlight ledger verify` says what is wrong with the files")
}
