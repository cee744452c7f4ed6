//! `fanlight ledger verify`: every record hashed again, every file compared, the root signed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use fanlight_ledger::VerifierKey;
use fanlight_ledger::files::PUBLIC_KEY_FILE;
use fanlight_ledger::verify::{Progress, VerifyError, verify};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::there;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::thing::{count, grouped};
use crate::node::lineage;

mod known;

use known::Compared;

/// The arguments of `fanlight ledger verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The public key, from a place that whoever could change the files could not reach [default: key.pub beside them]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A checkpoint that was kept in such a place: the ledger must continue it
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The ledger's folder [default: ledger in the state folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Records from which on it takes long enough to be watched.
const LONG: u64 = 50_000;
/// Flaws listed for people; a program gets all.
const LISTED: usize = 20;

/// What a check of one ledger found.
#[derive(Serialize)]
struct Checked {
    /// Its folder.
    ledger: PathBuf,
    good: bool,
    /// Its origin, as its key has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(flatten)]
    found: Found,
}

impl Checked {
    /// Whether its files hold by themselves.
    const fn holds(&self) -> bool {
        matches!(self.found, Found::Holds { .. })
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Found {
    Holds {
        /// All records, those not signed yet included.
        records: u64,
        /// Those under the signed checkpoint.
        signed: u64,
        /// The checkpoint's root.
        root: String,
        /// Whether the last write is incomplete, for whatever reason.
        torn: bool,
    },
    Flawed {
        flaws: Vec<Flaw>,
        /// Flaws beyond those listed.
        unlisted: u64,
    },
}

#[derive(Serialize)]
struct Flaw {
    file: String,
    what: String,
}

/// Everything that was found.
#[derive(Serialize)]
struct All {
    good: bool,
    ledgers: Vec<Checked>,
    chain: Vec<lineage::Broken>,
    replaced: Vec<lineage::Replaced>,
    /// What others know of the present ledger, compared with it.
    known: Vec<Compared>,
    /// Why nothing is known that it could be compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
}

/// Checks, and says what holds or what does not. Where the ledger was continued after a restore, those before it are
/// checked as well, each against the key beside it; a whole state's is compared with what its database knows of it.
pub(super) fn run(screen: &mut Screen, state: &Path, arguments: &VerifyArgs) -> Result<Exit, Failure> {
    let VerifyArgs { key, checkpoint, folder } = arguments;
    let is_whole_state = folder.is_none();
    let all = match is_whole_state.then(|| known::gone(state)).flatten() {
        Some(gone) => All {
            good: false,
            ledgers: Vec::new(),
            chain: Vec::new(),
            replaced: Vec::new(),
            known: vec![gone],
            unknown: None,
        },
        None => found(state, folder.as_deref(), key.as_deref(), checkpoint.as_deref())?,
    };
    if screen.json {
        screen.document(&all)?;
    } else {
        show_all(screen, &all)?;
        if key.is_none() && !all.ledgers.is_empty() && all.ledgers.iter().all(Checked::holds) {
            screen
                .line("  The key came from beside the records. Whoever could change both could deceive this check;")?;
            screen.line("  keep a copy of key.pub elsewhere and name it with --key.")?;
        }
    }
    Ok(if all.good { Exit::Good } else { Exit::No })
}

fn found(state: &Path, folder: Option<&Path>, key: Option<&Path>, checkpoint: Option<&Path>) -> Result<All, Failure> {
    let is_whole_state = folder.is_none();
    let ledgers = folder.map_or_else(|| lineage::ledgers(state), |folder| vec![folder.to_owned()]);
    let last = ledgers.len().saturating_sub(1);
    let kept = checkpoint.map(known::kept).transpose()?;
    let mut all = Vec::new();
    for (place, ledger) in ledgers.iter().enumerate() {
        all.push(check(ledger.clone(), key.filter(|_| place == last))?);
    }
    let (mut chain, mut replaced, mut known, mut unknown) = (Vec::new(), Vec::new(), Vec::new(), None);
    // Whether they are one line, and the one that is known, is told only of those that hold by themselves.
    if all.iter().all(Checked::holds) {
        if is_whole_state {
            chain = lineage::check(&ledgers).map_err(super::unreadable)?;
            let (told, differing) = lineage::replaced(state, &ledgers).map_err(super::unreadable)?;
            chain.extend(differing);
            replaced = told;
        }
        for there in replaced.iter().filter(|replaced| replaced.here) {
            all.push(check(there.folder.clone(), None)?);
        }
        match is_whole_state.then(|| known::of_database(state)) {
            Some(Ok(compared)) => known.push(compared),
            Some(Err(why)) => unknown = Some(format!("Whether the ledger went back is not known: {why}.")),
            None if kept.is_none() => unknown = Some(known::ALONE.to_owned()),
            None => {}
        }
        if let Some(kept) = &kept {
            let folders = all.iter().filter(|checked| checked.holds()).map(|checked| &*checked.ledger);
            known.push(kept.compared(folders)?);
        }
    }
    if let Some(present) = all.get_mut(last) {
        present.good &= known.iter().all(|compared| compared.differs.is_none());
    }
    let good = all.iter().all(|checked| checked.good) && chain.is_empty();
    Ok(All { good, ledgers: all, chain, replaced, known, unknown })
}

fn show_all(screen: &mut Screen, all: &All) -> io::Result<()> {
    for checked in &all.ledgers {
        show(screen, checked)?;
    }
    for broken in &all.chain {
        let line = visible(&format!("The ledgers do not continue one another: {broken}.")).into_owned();
        screen.line(&screen.tone(&line, Tone::Bad))?;
    }
    for gone in all.replaced.iter().filter(|replaced| !replaced.here) {
        let last = grouped(gone.records.saturating_sub(1));
        let head = format!("{}, up to record {last}, was replaced by a restore and is not here.", gone.origin);
        screen.line(&screen.tone(&visible(&head), Tone::Wait))?;
        let place = format!("  It was kept in {}; of its records nothing was checked.", gone.folder.display());
        screen.line(&visible(&place))?;
    }
    for compared in &all.known {
        compared.show(screen)?;
    }
    all.unknown.as_ref().map_or(Ok(()), |why| screen.line(&visible(&format!("  {why}"))))
}

fn check(ledger: PathBuf, key: Option<&Path>) -> Result<Checked, Failure> {
    there(&ledger)?;
    let flawed = |origin: Option<String>, flaws: Vec<Flaw>, unlisted| Checked {
        ledger: ledger.clone(),
        good: false,
        origin,
        found: Found::Flawed { flaws, unlisted },
    };
    let beside = ledger.join(PUBLIC_KEY_FILE);
    let key_file = key.unwrap_or(&beside);
    let unread = |error: io::Error| format!("could not read the public key {}: {error}", key_file.display());
    let read = match std::fs::read_to_string(key_file) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(Failure::new(unread(error))),
        read => read.map_err(unread),
    };
    let parsed = read.and_then(|text| {
        VerifierKey::parse(&text).map_err(|error| format!("{} does not hold a public key: {error}", key_file.display()))
    });
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(words) if key.is_some() => return Err(Failure::new(words)),
        // The key beside the log is one of its files: that it was changed or is gone is an answer.
        Err(words) => {
            let what = format!("{words}; name the copy that you kept elsewhere with --key FILE");
            return Ok(flawed(None, vec![Flaw { file: PUBLIC_KEY_FILE.to_owned(), what }], 0));
        }
    };
    let origin = Some(parsed.name().to_owned());
    let bar = Bar::new();
    let result = verify(&ledger, &parsed, |progress| bar.at(progress));
    bar.end();
    match result {
        Ok(verified) => {
            let root = verified.root.iter().map(|byte| format!("{byte:02x}")).collect();
            let (records, signed) = (verified.size + verified.tail, verified.size);
            let found = Found::Holds { records, signed, root, torn: verified.torn.is_some() };
            Ok(Checked { ledger, good: true, origin, found })
        }
        Err(VerifyError::Flawed(flaws)) => {
            let listed = flaws.iter().map(|flaw| Flaw { file: flaw.file, what: flaw.what }).collect();
            Ok(flawed(origin, listed, flaws.unlisted()))
        }
        Err(error @ VerifyError::Unreadable(_)) => Err(Failure::new(error)),
    }
}

fn show(screen: &mut Screen, checked: &Checked) -> io::Result<()> {
    match &checked.found {
        Found::Holds { records, signed, root, torn } => {
            let origin = checked.origin.as_deref().unwrap_or_default();
            let records_in_words = count(*records, "record");
            let (head, tone) = match checked.good {
                true => (format!("Good: {origin} holds, with {records_in_words}."), Tone::Good),
                false => (format!("{origin} holds by itself, with {records_in_words}, but:"), Tone::Wait),
            };
            screen.line(&screen.tone(&visible(&head), tone))?;
            screen.line(&format!("  {} under the signed checkpoint with root {root}", grouped(*signed)))?;
            if records > signed {
                screen.line(&format!("  {} after it, on disk and not yet signed", grouped(records - signed)))?;
            }
            if *torn {
                screen.line(
                    "  the last write is incomplete: the node was stopped within it, or the file was cut afterwards.",
                )?;
                screen.line("  Whether it had been answered for cannot be told from these files alone.")?;
            }
        }
        Found::Flawed { flaws, unlisted } => {
            let all = flaws.len() as u64 + unlisted;
            let folder = checked.ledger.display();
            let head = format!("The ledger in {folder} does not hold: {} changed or missing.", count(all, "file"));
            screen.line(&screen.tone(&visible(&head), Tone::Bad))?;
            for flaw in flaws.iter().take(LISTED) {
                screen.line(&visible(&format!("  {}: {}", flaw.file, flaw.what)))?;
            }
            if all > LISTED as u64 {
                screen.line(&format!("  and {} more; --json lists them", grouped(all - LISTED as u64)))?;
            }
        }
    }
    Ok(())
}

/// A bar on standard error, where that is a terminal and the ledger is long.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()))
    }

    fn at(&self, progress: Progress) {
        if progress.total >= LONG && self.0.length().is_none() {
            self.0.set_draw_target(ProgressDrawTarget::stderr());
            self.0.set_length(progress.total);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} records, {eta} left") {
                self.0.set_style(style);
            }
            self.0.enable_steady_tick(Duration::from_millis(200));
        }
        self.0.set_position(progress.done);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests;
