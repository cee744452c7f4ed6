//! The exchange of a state for one that was prepared beside it, so that a cut at any moment leaves one of them, whole.
//!
//! The new state waits in `restoring/`, all of it on disk. Then a plan is written, `restore.json`; from there on the
//! exchange is finished or taken back, by this process or by the next start. What is replaced is moved into
//! `replaced-TIME/` and kept there; the plan goes once a node serves on the new state. Refuses to know what is in a state.
//!
//! Invariants: nothing is moved without a plan on disk; each move can be done again; nothing of the old state is deleted.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use fanlight_base::{Facts, Timestamp};
use fanlight_ledger::LogFiles;
use serde::{Deserialize, Serialize};

use super::super::backup::{EARLIER, ROOT_KEY, at};
use super::private_folder;

/// Where the new state waits.
pub const WORK: &str = "restoring";
/// The plan.
const PLAN: &str = "restore.json";
/// How the names of folders begin that hold what was replaced.
pub const REPLACED: &str = "replaced-";
/// What is exchanged. The rest is of this machine as it is now: cached files, what stood in clients' settings, `run/`.
pub const NAMES: [&str; 9] = [
    "fanlight.db",
    "fanlight.db-wal",
    "fanlight.db-shm",
    ROOT_KEY,
    "fanlight.toml",
    "policies",
    "tls",
    "ledger",
    EARLIER,
];

/// What holds on in the new state of what was ended since the backup, and what does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endings {
    /// Tokens made after the backup.
    pub tokens_ended: u64,
    /// Tokens ended after the backup.
    pub tokens_kept_ended: u64,
    /// People erased after the backup.
    pub people_kept_erased: u64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    /// Being moved; to be finished.
    Forth,
    /// All is moved; the new state has not served yet.
    Moved,
    /// Being taken back; to be finished.
    Back,
}

#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    stage: Stage,
    replaced: String,
    aside: Vec<String>,
    install: Vec<String>,
    endings: Endings,
}

/// An exchange that was done, until a node serves on the new state.
#[derive(Debug)]
pub struct Exchange {
    state: PathBuf,
    plan: Plan,
}

/// A name for what will be replaced, which nothing has yet.
pub fn replaced_name(state: &Path, now: Timestamp) -> String {
    let time: String = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let names = (1..).map(|n| if n == 1 { format!("{REPLACED}{time}") } else { format!("{REPLACED}{time}-{n}") });
    names.into_iter().find(|name| !is_there(&state.join(name))).unwrap_or_default()
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// What of a state is in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    NAMES.iter().filter(|name| is_there(&folder.join(name))).map(|name| (*name).to_owned()).collect()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(at(from))
}

impl Exchange {
    /// Exchanges the state for what waits in `restoring/`. Nothing may have the old one open. Where this fails the old
    /// state is in its place again, or the next start puts it there.
    pub fn begin(state: &Path, replaced: String, endings: Endings) -> io::Result<Self> {
        let plan = Plan {
            stage: Stage::Forth,
            replaced,
            aside: names_in(state),
            install: names_in(&state.join(WORK)),
            endings,
        };
        let mut exchange = Self { state: state.to_owned(), plan };
        if let Err(error) = exchange.write_plan() {
            // Nothing was moved, so nothing may be: the plan may have come to be there all the same.
            remove_folder(&state.join(PLAN))?;
            remove_folder(&exchange.work())?;
            return Err(error);
        }
        match exchange.go_forth() {
            Ok(()) => Ok(exchange),
            Err(error) => {
                exchange.undo()?;
                Err(error)
            }
        }
    }

    /// At the start of a node: finishes what a cut left, or removes what was never decided on. Gives the exchange where
    /// the new state is in place and has not served yet.
    pub fn settle(state: &Path) -> io::Result<Option<Self>> {
        let path = state.join(PLAN);
        // A plan that was being written when it was cut counts for nothing.
        remove_folder(&path.with_extension("new"))?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                remove_folder(&state.join(WORK))?;
                return Ok(None);
            }
            Err(error) => return Err(at(&path)(error)),
        };
        let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| at(&path)(error.into()))?;
        let names = plan.aside.iter().chain(&plan.install);
        if !plan.replaced.starts_with(REPLACED)
            || plan.replaced.contains('/')
            || names.into_iter().any(|name| !NAMES.contains(&name.as_str()))
        {
            return Err(at(&path)(io::Error::new(io::ErrorKind::InvalidData, "it is no plan of a restore")));
        }
        let mut exchange = Self { state: state.to_owned(), plan };
        match exchange.plan.stage {
            Stage::Back => exchange.undo().map(|()| None),
            Stage::Forth => match exchange.go_forth() {
                Ok(()) => Ok(Some(exchange)),
                Err(error) => {
                    exchange.undo()?;
                    Err(error)
                }
            },
            Stage::Moved => Ok(Some(exchange)),
        }
    }

    fn work(&self) -> PathBuf {
        self.state.join(WORK)
    }

    /// The folder with what was replaced.
    pub fn replaced(&self) -> PathBuf {
        self.state.join(&self.plan.replaced)
    }

    /// Writes the plan as it is now, in place of the one before.
    fn write_plan(&self) -> io::Result<()> {
        let path = self.state.join(PLAN);
        let aside = path.with_extension("new");
        let mut file = fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&aside)
            .map_err(at(&aside))?;
        file.write_all(&serde_json::to_vec(&self.plan)?).and_then(|()| file.sync_all()).map_err(at(&aside))?;
        rename(&aside, &path)?;
        sync(&self.state)
    }

    fn go_forth(&mut self) -> io::Result<()> {
        let (work, replaced) = (self.work(), self.replaced());
        private_folder(&replaced).map_err(at(&replaced))?;
        for name in &self.plan.aside {
            let (there, aside) = (self.state.join(name), replaced.join(name));
            let is_new = self.plan.install.contains(name) && !is_there(&work.join(name));
            if !is_new && is_there(&there) && !is_there(&aside) {
                rename(&there, &aside)?;
            }
        }
        sync(&replaced)?;
        sync(&self.state)?;
        for name in &self.plan.install {
            if is_there(&work.join(name)) {
                rename(&work.join(name), &self.state.join(name))?;
            }
        }
        // Where the folder is gone already, everything in it was moved.
        if is_there(&work) {
            sync(&work)?;
        }
        sync(&self.state)?;
        self.plan.stage = Stage::Moved;
        self.write_plan()
    }

    /// Puts the old state back, because the new one cannot be used.
    pub fn undo(mut self) -> io::Result<()> {
        self.plan.stage = Stage::Back;
        self.write_plan()?;
        let (work, replaced) = (self.work(), self.replaced());
        private_folder(&work).map_err(at(&work))?;
        for name in NAMES {
            let is_old = self.plan.aside.iter().any(|aside| aside == name) && !is_there(&replaced.join(name));
            if !is_old && is_there(&self.state.join(name)) {
                remove_folder(&work.join(name))?;
                rename(&self.state.join(name), &work.join(name))?;
            }
        }
        for name in &self.plan.aside {
            if is_there(&replaced.join(name)) {
                rename(&replaced.join(name), &self.state.join(name))?;
            }
        }
        // Empty by now; where somebody put something into it, it stays.
        let _ = fs::remove_dir(&replaced);
        self.forget_plan()?;
        remove_folder(&work)
    }

    /// The new state serves: the exchange is over.
    pub fn done(self) -> io::Result<()> {
        self.forget_plan()?;
        remove_folder(&self.work())
    }

    fn forget_plan(&self) -> io::Result<()> {
        sync(&self.state)?;
        let path = self.state.join(PLAN);
        fs::remove_file(&path).map_err(at(&path))?;
        sync(&self.state)
    }

    /// What the new ledger tells of the state that was replaced: where it is kept, which ledger it had and up to where, so
    /// that nobody can use a restore to lose records unnoticed.
    pub fn facts(&self) -> Facts {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let endings = &self.plan.endings;
        let facts = Facts::new()
            .with("replaced", self.plan.replaced.as_str())
            .with("tokens_ended", count(endings.tokens_ended))
            .with("tokens_kept_ended", count(endings.tokens_kept_ended))
            .with("people_kept_erased", count(endings.people_kept_erased));
        match LogFiles::open(&self.replaced().join("ledger")) {
            Ok(ledger) => facts
                .with("replaced_origin", ledger.key().name())
                .with("replaced_key", ledger.key().to_string().as_str())
                .with("replaced_checkpoint", ledger.signed_checkpoint().to_string().as_str())
                .with("replaced_unpublished", count(ledger.size() - ledger.checkpoint().size)),
            Err(error) => {
                tracing::error!(%error, "the replaced ledger does not read");
                facts
            }
        }
    }
}

fn remove_folder(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
