//! `fanlight ledger verify`: every record hashed again, every file compared, the root signed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_ledger::VerifierKey;
use fanlight_ledger::verify::{Flaws, Progress, Verified, VerifyError, verify};
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

/// Checks, and says what holds or what does not. Where the ledger was continued after a restore, those before it are
/// checked as well, each against the key beside it.
pub(super) fn run(
    screen: &mut Screen,
    state: &Path,
    key: Option<&Path>,
    folder: Option<PathBuf>,
) -> Result<Exit, Failure> {
    let mut end = Exit::Good;
    if folder.is_none() && !screen.json {
        for folder in super::earlier(state) {
            if one(screen, &folder, None)? == Exit::No {
                end = Exit::No;
            }
        }
    }
    let is_whole_state = folder.is_none();
    let last = one(screen, &folder.unwrap_or_else(|| state.join("ledger")), key)?;
    end = if end == Exit::Good { last } else { end };
    if end == Exit::Good && is_whole_state {
        // Each holds by itself; whether they are one line is told only of those.
        for broken in lineage::check(&lineage::ledgers(state)).map_err(super::unreadable)? {
            screen.aside(&visible(&format!("The ledgers do not continue one another: {broken}.")));
            end = Exit::No;
        }
    }
    Ok(end)
}

fn one(screen: &mut Screen, folder: &Path, key: Option<&Path>) -> Result<Exit, Failure> {
    if !folder.is_dir() {
        return Err(no_ledger(folder));
    }
    let beside = folder.join(fanlight_ledger::files::PUBLIC_KEY_FILE);
    let key_file = key.unwrap_or(&beside);
    let text = std::fs::read_to_string(key_file)
        .map_err(|error| Failure::new(format!("could not read the public key {}: {error}", key_file.display())))?;
    let parsed = VerifierKey::parse(&text).map_err(|error| {
        // The key beside the log is one of its files: that it was changed is an answer.
        let exit = if key.is_none() { Exit::No } else { Exit::NotDone };
        Failure::new(format!("{} does not hold a public key: {error}", key_file.display())).exit(exit)
    })?;
    let bar = Bar::new();
    let result = verify(folder, &parsed, |progress| bar.at(progress));
    bar.end();
    match result {
        Ok(verified) => {
            good(screen, &verified, key.is_none())?;
            Ok(Exit::Good)
        }
        Err(VerifyError::Flawed(flaws)) => {
            bad(screen, folder, &flaws)?;
            Ok(Exit::No)
        }
        Err(error @ VerifyError::Unreadable(_)) => Err(Failure::new(error)),
    }
}

fn good(screen: &mut Screen, verified: &Verified, own_key: bool) -> Result<(), Failure> {
    let root: String = verified.root.iter().map(|byte| format!("{byte:02x}")).collect();
    if screen.json {
        #[derive(Serialize)]
        struct Good<'a> {
            good: bool,
            origin: &'a str,
            records: u64,
            signed: u64,
            root: &'a str,
        }
        let records = verified.size + verified.tail;
        screen.document(&Good { good: true, origin: &verified.origin, records, signed: verified.size, root: &root })?;
        return Ok(());
    }
    let records = count(verified.size + verified.tail, "record");
    let head = format!("Good: {} holds, with {records}.", verified.origin);
    screen.line(&screen.tone(&visible(&head), Tone::Good))?;
    screen.line(&format!("  {} under the signed checkpoint with root {root}", grouped(verified.size)))?;
    if verified.tail > 0 {
        screen.line(&format!("  {} after it, on disk and not yet signed", grouped(verified.tail)))?;
    }
    if verified.torn.is_some() {
        screen.line("  the last write was cut off; nothing that was answered for is in it")?;
    }
    if own_key {
        screen.line("  The key came from beside the records. Whoever could change both could deceive this check;")?;
        screen.line("  keep a copy of key.pub elsewhere and name it with --key.")?;
    }
    Ok(())
}

fn bad(screen: &mut Screen, folder: &Path, flaws: &Flaws) -> Result<(), Failure> {
    if screen.json {
        #[derive(Serialize)]
        struct Flaw {
            file: String,
            what: String,
        }
        #[derive(Serialize)]
        struct Bad {
            good: bool,
            flaws: Vec<Flaw>,
            unlisted: u64,
        }
        let listed = flaws.iter().map(|flaw| Flaw { file: flaw.file, what: flaw.what }).collect();
        screen.document(&Bad { good: false, flaws: listed, unlisted: flaws.unlisted() })?;
        return Ok(());
    }
    let all = flaws.iter().count() as u64 + flaws.unlisted();
    let head = format!("The ledger in {} does not hold: {} changed or missing.", folder.display(), count(all, "file"));
    screen.line(&screen.tone(&visible(&head), Tone::Bad))?;
    for flaw in flaws.iter().take(LISTED) {
        screen.line(&visible(&format!("  {}: {}", flaw.file, flaw.what)))?;
    }
    if all > LISTED as u64 {
        screen.line(&format!("  and {} more; --json lists them", grouped(all - LISTED as u64)))?;
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
