//! `fanlight ledger export`: records as they are stored, one JSON object a line.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_ledger::LogFiles;

use super::{earlier, open, unreadable};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, visible};
use crate::cli::thing::count;

/// The arguments of `fanlight ledger export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The first record; without --from and --to the ledgers from before a restore come first
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// The record after the last [default: all there are]
    #[arg(long, value_name = "N")]
    to: Option<u64>,
    /// The file to write, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes them.
pub(super) fn run(screen: &mut Screen, state: &Path, arguments: &ExportArgs) -> Result<Exit, Failure> {
    let range = arguments.from.unwrap_or(0)..arguments.to.unwrap_or(u64::MAX);
    let mut ledgers = Vec::new();
    if arguments.from.is_none() && arguments.to.is_none() {
        for folder in earlier(state) {
            ledgers.push(LogFiles::open(&folder).map_err(unreadable)?);
        }
    }
    ledgers.push(open(state)?);
    let entries = ledgers.iter().flat_map(|files| files.entries(range.clone()));
    let Some(path) = &arguments.output else {
        for entry in entries {
            let (_, bytes) = entry.map_err(unreadable)?;
            screen.bytes(&bytes)?;
            screen.bytes(b"\n")?;
        }
        return Ok(Exit::Good);
    };
    let failed = |error: io::Error| Failure::new(format!("could not write {}: {error}", path.display()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let mut written = 0;
    for entry in entries {
        let (_, bytes) = entry.map_err(unreadable)?;
        out.write_all(&bytes).and_then(|()| out.write_all(b"\n")).map_err(failed)?;
        written += 1;
    }
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    screen.line(&visible(&format!("Wrote {} to {}.", count(written, "record"), path.display())))?;
    Ok(Exit::Good)
}
