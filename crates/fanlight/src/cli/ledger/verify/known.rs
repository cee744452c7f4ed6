//! What is known of a ledger outside of its folder, compared with what is in it: by the state's database, and by a
//! checkpoint that somebody kept. So a folder that was put back to an older copy, which holds by itself, is found out.

use std::io;
use std::path::{Path, PathBuf};

use fanlight_base::fault::with_causes;
use fanlight_console::known;
use fanlight_ledger::checkpoint::Signed;
use fanlight_ledger::{Known, LogFiles};
use fanlight_store::Store;
use serde::Serialize;

use super::super::unreadable;
use crate::cli::outcome::Failure;
use crate::cli::screen::{Screen, Tone, visible};
use crate::cli::thing::count;

/// What is said of a folder that is checked alone.
pub(super) const ALONE: &str = "Whether newer records were taken away cannot be told from a folder alone; --checkpoint \
                                FILE compares it with one kept elsewhere.";
/// How often both are read again where they differ: a node that runs may have written between the two readings.
const TRIES: usize = 3;

/// Something known, and whether the ledger is what it says.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    /// Who knows: `database`, or the file of a checkpoint.
    from: String,
    /// How many records the ledger had then, at least.
    records: u64,
    /// In what the ledger differs, if it does.
    pub(super) differs: Option<String>,
}

impl Compared {
    /// In words for people.
    pub(super) fn show(&self, screen: &mut Screen) -> io::Result<()> {
        let who = match &*self.from {
            "database" => "the database of its state".to_owned(),
            file => format!("the checkpoint {file}"),
        };
        match &self.differs {
            None => {
                let line = format!("  It continues what {who} knows of it: {}.", count(self.records, "record"));
                screen.line(&visible(&line))
            }
            Some(differs) => {
                let line = format!("The ledger is not the one that {who} knows: {differs}.");
                screen.line(&screen.tone(&visible(&line), Tone::Bad))?;
                screen.line("  Put the newest ledger back, or restore a backup, which continues under a new origin.")
            }
        }
    }
}

/// The ledger of a state that has none any more, where its database knows of one.
pub(super) fn gone(state: &Path) -> Option<Compared> {
    let is_gone = std::fs::metadata(state.join("ledger")).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
    let known = is_gone.then(|| read(state))?.ok()?;
    let differs = known.check_new().err()?.to_string();
    Some(Compared { from: "database".to_owned(), records: at_least(&known), differs: Some(differs) })
}

/// The present ledger of a state and what its database knows of it; why that is not known otherwise.
pub(super) fn of_database(state: &Path) -> Result<Compared, String> {
    let compare = || {
        let known = read(state)?;
        if at_least(&known) == 0 {
            return Err("the database of the state knows nothing of it yet".to_owned());
        }
        let files = LogFiles::open(&state.join("ledger")).map_err(|error| error.to_string())?;
        let differs = files.check_known(&known).err().map(|error| error.to_string());
        Ok(Compared { from: "database".to_owned(), records: at_least(&known), differs })
    };
    let mut compared = compare();
    for _ in 1..TRIES {
        if compared.as_ref().is_ok_and(|compared| compared.differs.is_none()) {
            break;
        }
        compared = compare();
    }
    compared
}

fn at_least(known: &Known) -> u64 {
    known.records.max(known.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size))
}

/// What the database of a state knows, read without changing it.
fn read(state: &Path) -> Result<Known, String> {
    let path = state.join("fanlight.db");
    if !path.is_file() {
        return Err(format!("the state's database, {}, is not there", path.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| with_causes(&error))?.block_on(async {
        let store = Store::open_read_only(&path).await.map_err(|error| with_causes(&error))?;
        let known = known::known(&store).await.map_err(|error| with_causes(&error));
        store.close().await;
        known
    })
}

/// A checkpoint that somebody kept.
pub(super) struct Kept {
    file: PathBuf,
    signed: Signed,
}

/// Reads it.
pub(super) fn kept(file: &Path) -> Result<Kept, Failure> {
    let named = |what: String| Failure::new(what).hint("a checkpoint is a copy of the file `checkpoint` of a ledger");
    let text = std::fs::read_to_string(file)
        .map_err(|error| named(format!("could not read the checkpoint {}: {error}", file.display())))?;
    let signed = Signed::parse(&text)
        .map_err(|error| named(format!("{} does not hold a checkpoint: {error}", file.display())))?;
    Ok(Kept { file: file.to_owned(), signed })
}

impl Kept {
    /// Compares it with the ledgers in these folders: one that its key belongs to must continue it.
    pub(super) fn compared<'a>(&self, folders: impl Iterator<Item = &'a Path>) -> Result<Compared, Failure> {
        let told = |records, differs| Compared { from: self.file.display().to_string(), records, differs };
        let mut nearest = told(0, Some("it is signed by no key of a ledger that is here".to_owned()));
        for folder in folders {
            let files = LogFiles::open(folder).map_err(unreadable)?;
            let Ok(checkpoint) = self.signed.verify(files.key()) else { continue };
            let records = checkpoint.size;
            match files.check_known(&Known { checkpoint: Some(checkpoint), records: 0 }) {
                Ok(()) => return Ok(told(records, None)),
                Err(error) => nearest = told(records, Some(error.to_string())),
            }
        }
        Ok(nearest)
    }
}
