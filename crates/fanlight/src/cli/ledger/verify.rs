//! `fanlight ledger verify`: every record hashed again, every file compared, the root signed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_ledger::VerifierKey;
use fanlight_ledger::files::PUBLIC_KEY_FILE;
use fanlight_ledger::verify::{Progress, VerifyError, verify};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::no_ledger;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::thing::{count, grouped};
use crate::node::lineage;

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

/// Checks, and says what holds or what does not. Where the ledger was continued after a restore, those before it are
/// checked as well, each against the key beside it.
pub(super) fn run(
    screen: &mut Screen,
    state: &Path,
    key: Option<&Path>,
    folder: Option<PathBuf>,
) -> Result<Exit, Failure> {
    let is_whole_state = folder.is_none();
    let ledgers = folder.map_or_else(|| lineage::ledgers(state), |folder| vec![folder]);
    let last = ledgers.len().saturating_sub(1);
    let mut all = Vec::new();
    for (place, ledger) in ledgers.iter().enumerate() {
        let key = key.filter(|_| place == last);
        let checked = check(ledger.clone(), key)?;
        if !screen.json {
            show(screen, &checked)?;
        }
        all.push(checked);
    }
    // Whether they are one line is told only of those that hold by themselves.
    let hold = all.iter().all(|checked| checked.good);
    let chain = if hold && is_whole_state { lineage::check(&ledgers).map_err(super::unreadable)? } else { Vec::new() };
    let (replaced, chain) = match hold && is_whole_state {
        true => {
            let (replaced, differing) = lineage::replaced(state, &ledgers).map_err(super::unreadable)?;
            (replaced, [chain, differing].concat())
        }
        false => (Vec::new(), chain),
    };
    let mut hold = hold;
    for there in replaced.iter().filter(|replaced| replaced.here) {
        let checked = check(there.folder.clone(), None)?;
        if !screen.json {
            show(screen, &checked)?;
        }
        hold &= checked.good;
        all.push(checked);
    }
    let good = hold && chain.is_empty();
    if screen.json {
        #[derive(Serialize)]
        struct All {
            good: bool,
            ledgers: Vec<Checked>,
            chain: Vec<lineage::Broken>,
            replaced: Vec<lineage::Replaced>,
        }
        screen.document(&All { good, ledgers: all, chain, replaced })?;
    } else {
        for broken in &chain {
            let line = visible(&format!("The ledgers do not continue one another: {broken}.")).into_owned();
            screen.line(&screen.tone(&line, Tone::Bad))?;
        }
        for gone in replaced.iter().filter(|replaced| !replaced.here) {
            let last = grouped(gone.records.saturating_sub(1));
            let head = format!("{}, up to record {last}, was replaced by a restore and is not here.", gone.origin);
            screen.line(&screen.tone(&visible(&head), Tone::Wait))?;
            let place = format!("  It was kept in {}; of its records nothing was checked.", gone.folder.display());
            screen.line(&visible(&place))?;
        }
        if hold && key.is_none() {
            screen
                .line("  The key came from beside the records. Whoever could change both could deceive this check;")?;
            screen.line("  keep a copy of key.pub elsewhere and name it with --key.")?;
        }
    }
    Ok(if good { Exit::Good } else { Exit::No })
}

fn check(ledger: PathBuf, key: Option<&Path>) -> Result<Checked, Failure> {
    if !ledger.is_dir() {
        return Err(no_ledger(&ledger));
    }
    let flawed = |origin: Option<String>, flaws: Vec<Flaw>, unlisted| Checked {
        ledger: ledger.clone(),
        good: false,
        origin,
        found: Found::Flawed { flaws, unlisted },
    };
    let beside = ledger.join(PUBLIC_KEY_FILE);
    let key_file = key.unwrap_or(&beside);
    let read = std::fs::read_to_string(key_file)
        .map_err(|error| format!("could not read the public key {}: {error}", key_file.display()));
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
            let head = format!("Good: {origin} holds, with {}.", count(*records, "record"));
            screen.line(&screen.tone(&visible(&head), Tone::Good))?;
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
