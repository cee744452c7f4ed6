//! A backup's file, unpacked: plain files under the names a backup has, and nothing else.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path};

use super::super::backup::{EARLIER, FILES, FOLDERS, at};
use super::{RestoreError, private_folder};

/// Bytes copied at once.
const CHUNK: usize = 256 * 1024;

/// Unpacks into the folder `state`, each file synced. Anything that no backup has stops it.
pub fn unpack(file: &Path, state: &Path) -> Result<(), RestoreError> {
    let opened = fs::File::open(file).map_err(at(file)).map_err(RestoreError::Unreadable)?;
    let mut archive = tar::Archive::new(io::BufReader::new(opened));
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?.into_owned();
        let target = state.join(&path);
        match entry.header().entry_type() {
            tar::EntryType::Directory if is_known(&path) => {
                private_folder(&target).map_err(RestoreError::file("creating a folder"))?;
            }
            tar::EntryType::Regular if is_known(&path) => {
                if let Some(folder) = target.parent() {
                    private_folder(folder).map_err(RestoreError::file("creating a folder"))?;
                }
                write(&mut entry, &target)?;
            }
            _ => return Err(RestoreError::Foreign(path.display().to_string())),
        }
    }
    Ok(())
}

/// The system's fault as it is; what the archive's reader says may show what stands in the file, which need not be a
/// backup.
fn unreadable(error: io::Error) -> RestoreError {
    let error = match error.raw_os_error() {
        Some(_) => error,
        None => io::Error::new(error.kind(), "it is no backup of Fanlight, or it was cut or changed"),
    };
    RestoreError::Unreadable(error)
}

/// Whether a backup has something of that name; one that leads elsewhere it never has.
fn is_known(path: &Path) -> bool {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let first = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    plain
        && first.is_some_and(|first| {
            let first = first.as_str();
            ["fanlight.db", "ledger", EARLIER].contains(&first) || FILES.contains(&first) || FOLDERS.contains(&first)
        })
}

/// Copies one file, so that a backup that cannot be read is told apart from a disk that cannot be written.
fn write(entry: &mut tar::Entry<'_, impl io::Read>, target: &Path) -> Result<(), RestoreError> {
    let mut out = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(target)
        .map_err(RestoreError::file("creating a file"))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match entry.read(&mut chunk).map_err(unreadable)? {
            0 => break,
            read => out.write_all(&chunk[..read]).map_err(RestoreError::file("writing a file"))?,
        }
    }
    out.sync_all().map_err(RestoreError::file("syncing a file"))
}
