//! `fanlight ledger export`: records as they are stored, one JSON object a line.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use fanlight_api::ledger::{Head, Range};
use fanlight_api::routes;
use fanlight_console::ledger::EXPORT;
use fanlight_console::records::earlier;
use fanlight_ledger::LogFiles;
use serde::Serialize;

use super::desk::{self, Desk};
use super::{number, unreadable};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::visible;
use crate::cli::thing::count;
use crate::cli::{Context, new_file};
use crate::node::backup::EARLIER;

/// The arguments of `fanlight ledger export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The first record; without --from and --to the ledgers from before a restore come first
    #[arg(long, value_name = "N", value_parser = number)]
    from: Option<u64>,
    /// The record after the last [default: all there are]
    #[arg(long, value_name = "N", value_parser = number)]
    to: Option<u64>,
    /// The file to write, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The folder of a copy, read alone and unrecorded [default: the ledger of the state folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Writes them. A file that did not become whole is taken away again.
pub(super) fn run(context: &mut Context, state: &Path, arguments: &ExportArgs) -> Result<Exit, Failure> {
    let Some(path) = &arguments.output else {
        let written = give(context, state, arguments, |context, entry| {
            context.screen.bytes(entry)?;
            Ok(context.screen.bytes(b"\n")?)
        })?;
        if written == 0 {
            context.screen.aside("There is no record in that range; `fanlight status` says how many the ledger has.");
        }
        return Ok(Exit::Good);
    };
    let written = new_file::write(path, |out| {
        give(context, state, arguments, |_, entry| {
            let written = out.write_all(entry).and_then(|()| out.write_all(b"\n"));
            written.map_err(|error| new_file::failed(path, &error))
        })
    })?;
    let screen = &mut context.screen;
    if screen.json {
        #[derive(Serialize)]
        struct Written<'a> {
            file: &'a Path,
            records: u64,
        }
        screen.document(&Written { file: path, records: written })?;
    } else {
        screen.line(&visible(&format!("Wrote {} to {}.", count(written, "record"), path.display())))?;
    }
    Ok(Exit::Good)
}

/// Gives every record to `put`, and says how many there were.
fn give(
    context: &mut Context,
    state: &Path,
    arguments: &ExportArgs,
    mut put: impl FnMut(&mut Context, &[u8]) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let (from, to) = (arguments.from, arguments.to);
    let (mut written, mut end) = (0, to.unwrap_or(u64::MAX));
    let mut ledgers = Vec::new();
    match desk::open(context, state, arguments.folder.as_deref(), EXPORT)? {
        Desk::Node(node) => {
            let mut lines = node.lines(routes::EXPORT_RECORDS, &Range { from, to })?;
            let head = lines.next_line()?.unwrap_or_default();
            lines.read::<Head>(&head)?;
            while let Some(line) = lines.next_line()? {
                put(context, &line)?;
                written += 1;
            }
            return Ok(written);
        }
        Desk::Recorded(files, own) => {
            end = end.min(own);
            if from.is_none() && to.is_none() {
                for folder in earlier(&state.join(EARLIER)) {
                    ledgers.push(LogFiles::open(&folder).map_err(unreadable)?);
                }
            }
            ledgers.push(*files);
        }
        Desk::Bare(files) => ledgers.push(*files),
    }
    let last = ledgers.len().saturating_sub(1);
    let range = |place| if place == last { from.unwrap_or(0)..end } else { 0..u64::MAX };
    for entry in ledgers.iter().enumerate().flat_map(|(place, files)| files.entries(range(place))) {
        let (_, bytes) = entry.map_err(unreadable)?;
        put(context, &bytes)?;
        written += 1;
    }
    Ok(written)
}
