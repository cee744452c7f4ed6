//! The claim on a state folder: one node at a time, and where its commands find it.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use fanlight_api::NodeFile;
use fanlight_api::run::NODE_FILE;
use fanlight_console::Board;
use fanlight_net::Tls;
use rustix::fs::{FlockOperation, flock};

use super::error::NodeError;
use super::reach::Reach;

pub mod foreign;

/// Holds the state folder until it is dropped.
pub struct Claim {
    state: PathBuf,
    /// `run/`, with what is true only while the node runs.
    pub run: PathBuf,
    _lock: File,
}

/// Takes the state folder, creating it where it is missing.
pub fn take(state: &Path) -> Result<Claim, NodeError> {
    let run = state.join("run");
    for folder in [state, &run, &state.join("policies")] {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(NodeError::state("creating the folder", folder))?;
    }
    let path = state.join("lock");
    let lock = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(NodeError::state("opening", &path))?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {
            tighten(state);
            Ok(Claim { state: state.to_owned(), run, _lock: lock })
        }
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => {
            let at = fs::read(state.join(NODE_FILE))
                .ok()
                .and_then(|bytes| serde_json::from_slice::<NodeFile>(&bytes).ok())
                .map(|node| format!(" (process {}, {})", node.pid, node.url))
                .unwrap_or_default();
            Err(NodeError::AlreadyRunning { state: state.to_owned(), at })
        }
        Err(error) => Err(NodeError::state("locking", &path)(error.into())),
    }
}

/// Closes a state folder that was there before and is open to others. Where that is not ours to do, as with a volume that
/// belongs to somebody else, the node says so and goes on: its secret files have mode 600 each.
fn tighten(state: &Path) {
    let Ok(mode) = fs::metadata(state).map(|there| there.permissions().mode() & 0o777) else { return };
    if mode & 0o077 == 0 {
        return;
    }
    match fs::set_permissions(state, fs::Permissions::from_mode(0o700)) {
        Ok(()) => {
            tracing::info!(folder = %state.display(), "the state folder was open to others (mode {mode:03o}); now 700")
        }
        Err(error) => {
            tracing::warn!(folder = %state.display(), %error, "the state folder is open to others (mode {mode:03o})");
        }
    }
}

/// The published schema of a record, for whoever reads the ledger without Fanlight.
const RECORD_SCHEMA: &str = include_str!("../../../../docs/record.schema.json");

impl Claim {
    /// Puts the schema of the records beside the ledger.
    pub fn publish_schema(&self) -> Result<(), NodeError> {
        let path = self.state.join("record.schema.json");
        if fs::read_to_string(&path).is_ok_and(|there| there == RECORD_SCHEMA) {
            return Ok(());
        }
        fs::write(&path, RECORD_SCHEMA).map_err(NodeError::state("writing", &path))
    }

    /// Writes where the node is found, and notes it on the board.
    pub fn announce(&self, reach: Reach, board: &Board, tls: &Tls) -> Result<(), NodeError> {
        let Reach { url, local, .. } = reach;
        let _ = board.url.set(url.clone());
        let (mut ca, mut certificate) = (None, None);
        if let Tls::Files { shown, .. } = tls {
            certificate = Some(self.within(shown));
        }
        if let Tls::Auto { folder, .. } = tls {
            let path = folder.join("ca.pem");
            let pem = fs::read_to_string(&path).map_err(NodeError::state("reading", &path))?;
            let _ = board.authority.set(pem);
            ca = Some(self.within(&path));
        }
        let node = NodeFile { url, local, pid: std::process::id(), started: board.started, ca, certificate };
        let path = self.state.join(NODE_FILE);
        let aside = path.with_extension("new");
        let written = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&aside);
        written
            .and_then(|mut file| file.write_all(&serde_json::to_vec(&node)?))
            .and_then(|()| fs::rename(&aside, &path))
            .map_err(NodeError::state("writing", &path))
    }

    /// A file of the state folder as it is named there, because a command may know the folder by another path.
    fn within(&self, path: &Path) -> String {
        path.strip_prefix(&self.state).unwrap_or(path).display().to_string()
    }

    /// Takes back what is true only while the node runs.
    pub fn release(self) {
        for name in ["node.json", "operator.token", "certificate.der"] {
            let _ = fs::remove_file(self.run.join(name));
        }
    }
}

#[cfg(test)]
mod tests;
