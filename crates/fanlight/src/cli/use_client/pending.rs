//! Tokens that are to be ended as soon as a node runs: one empty file each, `clients/ended/DEVICE` under the state
//! folder, so that two commands at once cannot overwrite one another's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fanlight_api::routes;
use fanlight_api::tokens::Revoked;
use fanlight_base::DeviceId;

use super::super::client::{ClientError, Node};
use super::super::outcome::Failure;
use crate::clients::replace;

fn folder(state: &Path) -> PathBuf {
    state.join("clients/ended")
}

/// Remembers that a device's token is to be ended.
pub(super) fn keep(state: &Path, device: &DeviceId) -> Result<(), Failure> {
    let file = folder(state).join(device.as_str());
    let kept = replace::make_folders(&folder(state), 0o700).and_then(|_| replace::write(&file, b"", 0o600));
    kept.map_err(|error| Failure::new(format!("could not write {}: {error}", file.display())))
}

/// Forgets a token that was ended otherwise.
pub(super) fn forget(state: &Path, device: &DeviceId) -> bool {
    fs::remove_file(folder(state).join(device.as_str())).is_ok()
}

/// Ends every token that is to be ended, and says whether all are. What fails is tried again next time.
pub(super) fn end_all(state: &Path, node: &Node) -> bool {
    let entries = match fs::read_dir(folder(state)) {
        Ok(entries) => entries,
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    };
    let mut all = true;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ended = name.to_str().is_some_and(|device| match node.delete::<Revoked>(routes::REVOKE_TOKEN, device) {
            Ok(_) => true,
            Err(error) => is_settled(&error),
        });
        let forgotten = ended && fs::remove_file(entry.path()).is_ok();
        all &= forgotten || !entry.path().exists();
    }
    all
}

/// Whether an error says that there is no such token any more.
pub(super) fn is_settled(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused(problem) if problem.status == 404)
}
