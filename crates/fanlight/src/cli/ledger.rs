//! `fanlight ledger`: the record of every decision, asked of the node that runs, or read from its files where none does.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use fanlight_api::ledger::{Ask, Line};
use fanlight_api::routes;
use fanlight_console::ledger::SHOW;
use fanlight_ledger::files::FilesError;

use super::Context;
use super::outcome::{Exit, Failure};
use super::settings;
use desk::Desk;

mod desk;
mod erase;
mod export;
mod follow;
mod prove;
mod show;
mod verify;

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Show records, the newest last
    #[command(
        after_help = "Examples:\n  fanlight ledger show\n  fanlight ledger show --since 2h --action packages:fetch-file\n  \
                            fanlight ledger show --who asha --limit 200\n  fanlight ledger show --follow --json\n  \
                            fanlight ledger show /mnt/audit/ledger\n\nReading is recorded, too. Names are shown until the \
                            person is erased; those in a copy that is named by its folder stay sealed."
    )]
    Show(show::ShowArgs),
    /// Check every record and every file against the signed checkpoint
    #[command(
        after_help = "Needs nothing but the files and the public key. Exit code 1 where something was changed or is \
                            missing.\n\nExamples:\n  fanlight ledger verify\n  fanlight ledger verify --key kept-elsewhere.pub --checkpoint kept-elsewhere\n  \
                            fanlight ledger verify --key key.pub /mnt/audit/ledger"
    )]
    Verify(verify::VerifyArgs),
    /// Print the proof that one record is in the ledger, for anybody to check
    #[command(
        after_help = "The proof is a C2SP tlog-proof: one text with the record, its place, its path to the root and the \
                            signed checkpoint.\n\nExamples:\n  fanlight ledger prove 1234\n  fanlight ledger prove 1234 > \
                            record-1234.proof\n  fanlight ledger prove 1234 --json\n  fanlight ledger prove 1234 \
                            /mnt/audit/ledger"
    )]
    Prove {
        /// The record's number, as `show` has it
        #[arg(value_name = "N", value_parser = number)]
        index: u64,
        /// The folder of a copy, read alone and unrecorded [default: the ledger of the state folder]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Write records as they are stored, one JSON object a line
    #[command(
        after_help = "Examples:\n  fanlight ledger export > records.jsonl\n  fanlight ledger export --from 1000 --to 2000 \
                            --output records.jsonl\n  fanlight ledger export /mnt/audit/ledger > copy.jsonl\n\nReading is recorded, too. \
                            Personal values stay sealed."
    )]
    Export(export::ExportArgs),
    /// Destroy the keys of a person's values: nobody can read them again, and every proof goes on holding
    #[command(
        after_help = "Their tokens end, too. This cannot be taken back.\n\nExamples:\n  fanlight ledger erase asha\n  \
                            fanlight ledger erase prs_0123456789abcdef --yes\n  fanlight ledger erase unidentified"
    )]
    Erase {
        /// The person's name or pseudonym; `unidentified` for the addresses of callers nobody knows
        #[arg(value_name = "PERSON")]
        person: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Gives every record that is asked for to `take`, in order: asked of the running node, or read from files, under the
/// record that reading leaves.
pub(super) fn each(
    context: &mut Context,
    state: &Path,
    folder: Option<&Path>,
    ask: &Ask,
    take: &mut dyn FnMut(Line),
) -> Result<(), Failure> {
    match desk::open(context, state, folder, SHOW)? {
        Desk::Node(node) => {
            let mut lines = node.lines(routes::SHOW_RECORDS, ask)?;
            lines.next_line()?;
            while let Some(line) = lines.next_line()? {
                // An empty one says that the node is still looking.
                if !line.is_empty() {
                    take(lines.read(&line)?);
                }
            }
            Ok(())
        }
        Desk::Recorded(files, own) => show::each_of_files(*files, own, Some(state), ask, take).map(drop),
        Desk::Bare(files) => {
            let size = files.size();
            show::each_of_files(*files, size, None, ask, take).map(drop)
        }
    }
}

/// A record's number.
fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a record's number is a whole number, from 0, as `fanlight ledger show` has it".to_owned())
}

/// Does it.
pub fn run(context: &mut Context, command: LedgerCommand) -> Result<Exit, Failure> {
    let state = settings::state_folder(&context.global)?;
    match command {
        LedgerCommand::Show(arguments) => show::run(context, &state, &arguments),
        LedgerCommand::Verify(arguments) => verify::run(&mut context.screen, &state, &arguments),
        LedgerCommand::Prove { index, folder } => prove::run(context, &state, index, folder.as_deref()),
        LedgerCommand::Export(arguments) => export::run(context, &state, &arguments),
        LedgerCommand::Erase { person, yes } => erase::run(context, &state, &person, yes),
    }
}

/// Checks that a ledger's folder is there and may be looked into.
fn there(folder: &Path) -> Result<(), Failure> {
    let looked = std::fs::metadata(folder).and_then(|there| std::fs::read_dir(folder).map(|_| there.is_dir()));
    match looked {
        Ok(true) => Ok(()),
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let what = format!("the ledger in {} cannot be looked into: {error}", folder.display());
            Err(Failure::new(what).hint("do it as the user that the node runs as, or take a copy of the folder"))
        }
        _ => Err(no_ledger(folder)),
    }
}

fn no_ledger(folder: &Path) -> Failure {
    Failure::new(format!("there is no ledger in {}", folder.display()))
        .hint("`fanlight up` starts one; --state names another state folder")
}

fn unreadable(error: FilesError) -> Failure {
    Failure::new(error).hint("`fanlight ledger verify` says what is wrong with the files")
}
