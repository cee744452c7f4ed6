//! Whether a folder may be taken for a state folder: it is one already, or holds nothing that somebody else put there.
//!
//! Invariant: a folder that is refused is left exactly as it is, its permissions included.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use fanlight_config::{Config, Tls};

use super::NodeError;

/// What each state has from its first start on, one at least; while a restore is under way, its plan.
const MARKS: [&str; 4] = ["fanlight.db", "root.key", "ledger/key.pub", "restore.json"];
/// What may be there before: what a steward lays out, what a start that failed left, and what every file system's own
/// top folder has.
const BEFORE: [&str; 8] = ["fanlight.toml", "policies", "tls", "lock", "run", "ledger", "restoring", "lost+found"];
/// How many of the others are named.
const NAMED: usize = 3;

/// Refuses a folder that is no state and holds anything else.
pub fn refuse(config: &Config) -> Result<(), NodeError> {
    let state = &config.state;
    let entries = match fs::read_dir(state) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(NodeError::state("looking into", state))?,
    };
    if MARKS.iter().any(|mark| state.join(mark).is_file()) {
        return Ok(());
    }
    let laid_out = laid_out(config);
    let mut foreign = BTreeSet::new();
    for entry in entries {
        let name = entry.map_err(NodeError::state("looking into", state))?.file_name();
        if !BEFORE.iter().any(|known| name == *known) && !laid_out.contains(&name) {
            foreign.insert(name.to_string_lossy().into_owned());
        }
    }
    if foreign.is_empty() {
        return Ok(());
    }
    let mut found = foreign.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if foreign.len() > NAMED {
        found.push_str(&format!(" and {} more", foreign.len() - NAMED));
    }
    Err(NodeError::Foreign { state: state.clone(), found })
}

/// What of the settings lies in the folder, by the first part of its path there.
fn laid_out(config: &Config) -> BTreeSet<OsString> {
    let mut paths: Vec<&Path> = vec![&config.policies_folder];
    paths.extend(config.file.as_deref());
    if let Tls::Files { cert, key } = &config.listen_tls {
        paths.extend([&**cert, &**key]);
    }
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let state = whole(&config.state);
    let within = paths.into_iter().filter_map(|path| {
        let path = whole(path);
        Some(path.strip_prefix(&state).ok()?.components().next()?.as_os_str().to_owned())
    });
    within.collect()
}
