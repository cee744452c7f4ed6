//! A backup: one file with the database, the ledger, the keys, the policies and the settings. Cached files of releases are
//! left out; they come again from the upstream.
//!
//! Owns which files of a state folder a backup has. Invariant: a file under a backup's name is whole and on disk.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fanlight_console::{FileProblem, WithFile, WrittenBackup};
use fanlight_ledger::Ledger;
use fanlight_store::Store;
use tokio::sync::Mutex;

/// Files of the state folder that a backup has, where they are there.
pub(super) const FILES: [&str; 2] = [ROOT_KEY, "fanlight.toml"];
/// Folders of the state folder that a backup has, where they are there.
pub(super) const FOLDERS: [&str; 3] = ["policies", "tls", "clients"];
/// Earlier ledgers, each a folder.
pub const EARLIER: &str = "ledger-earlier";

/// The only file of the state folder, beside the database and the ledger, that no backup does without.
pub(super) const ROOT_KEY: &str = "root.key";
/// Tells the unfinished files of one process apart.
static UNFINISHED: AtomicU64 = AtomicU64::new(0);

/// Held by whoever reads or exchanges the whole state: one at a time.
pub type WholeState = Arc<Mutex<()>>;

/// How the console writes a backup: one at a time, and to its end even if nobody waits for it any more.
pub fn writer(state: PathBuf, store: Store, ledger: Ledger, whole: WholeState) -> WithFile<WrittenBackup> {
    Arc::new(move |to| {
        let (whole, state, store, ledger) = (whole.clone(), state.clone(), store.clone(), ledger.clone());
        let failed = |words: String| FileProblem::Failed(words);
        let ended = || FileProblem::Failed("The backup ended unexpectedly.".to_owned());
        let work = async move {
            let _whole = whole.lock().await;
            let scratch = state.join("run/backup.db");
            let _ = fs::remove_file(&scratch);
            // The database first: what it knows of the ledger is then in the ledger that follows.
            let copied = store.backup(&scratch).await;
            copied.map_err(|error| failed(format!("The database could not be copied: {error}.")))?;
            // All of these are in the copy; more may come into it while it is made.
            let records = ledger.status().durable;
            let written = tokio::task::spawn_blocking(move || {
                let written = write(&state, &scratch, &to);
                let _ = fs::remove_file(&scratch);
                written.map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => FileProblem::Conflict(format!("{error}.")),
                    _ => failed(format!("The backup {} could not be written: {error}.", to.display())),
                })
            });
            let bytes = written.await.map_err(|_| ended())??;
            Ok(WrittenBackup { bytes, records })
        };
        Box::pin(async move { tokio::spawn(work).await.unwrap_or_else(|_| Err(ended())) })
    })
}

/// The system's fault with the path it is about.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn exists(path: &Path) -> io::Error {
    let words = format!("{} exists already: choose another name", path.display());
    io::Error::new(io::ErrorKind::AlreadyExists, words)
}

fn write(state: &Path, database: &Path, to: &Path) -> io::Result<u64> {
    if to.symlink_metadata().is_ok() {
        return Err(exists(to));
    }
    // A name of its own, so that what an interrupted backup left is never in the way.
    let number = UNFINISHED.fetch_add(1, Ordering::Relaxed);
    let mut aside = to.as_os_str().to_owned();
    aside.push(format!(".{}-{number}.part", std::process::id()));
    let aside = PathBuf::from(aside);
    let file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&aside).map_err(at(&aside))?;
    let result = fill(state, database, file).and_then(|()| {
        // Never in place of something that is there.
        fs::hard_link(&aside, to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(to),
            _ => at(to)(error),
        })?;
        File::open(to.parent().unwrap_or(Path::new("/")))?.sync_all()?;
        Ok(fs::metadata(to)?.len())
    });
    let _ = fs::remove_file(&aside);
    result
}

type Archive = tar::Builder<BufWriter<File>>;

/// Puts in one file, or what a link to a file leads to: a restored node has the content, wherever it was kept before.
fn put_file(tar: &mut Archive, from: &Path, name: &Path) -> io::Result<()> {
    let file = File::open(from).map_err(at(from))?;
    let size = file.metadata().map_err(at(from))?.len();
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    let mut rest = io::Read::take(file, size);
    tar.append_data(&mut header, name, &mut rest).map_err(at(from))?;
    // Shorter than its header says, it would make the rest of the archive unreadable.
    if rest.limit() > 0 {
        return Err(at(from)(io::Error::other("it was cut while it was copied; make the backup again")));
    }
    Ok(())
}

/// Puts in a folder with what is in it. Links to files are followed, links to folders never: they may lead anywhere.
fn put_folder(tar: &mut Archive, from: &Path, name: &Path) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    header.set_mode(0o700);
    tar.append_data(&mut header, name, io::empty())?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        if entry.file_type().map_err(at(&path))?.is_dir() {
            put_folder(tar, &path, &name)?;
        } else if fs::metadata(&path).map_err(at(&path))?.is_file() {
            put_file(tar, &path, &name)?;
        }
    }
    Ok(())
}

fn fill(state: &Path, database: &Path, file: File) -> io::Result<()> {
    let mut tar = tar::Builder::new(BufWriter::new(file));
    put_file(&mut tar, database, Path::new("fanlight.db"))?;
    for name in FILES {
        let path = state.join(name);
        // Nothing sealed could ever be read again without the root key, so a backup without it would be none.
        if name == ROOT_KEY || path.symlink_metadata().is_ok() {
            put_file(&mut tar, &path, Path::new(name))?;
        }
    }
    for name in FOLDERS.into_iter().chain([EARLIER]) {
        let path = state.join(name);
        match path.symlink_metadata() {
            Ok(there) if there.is_dir() => put_folder(&mut tar, &path, Path::new(name))?,
            // Left out in silence, it would be missed only after the restore.
            Ok(_) => {
                return Err(at(&path)(io::Error::other("it is not a folder itself; a backup follows no link there")));
            }
            Err(_) => {}
        }
    }
    let ledger = state.join("ledger");
    fanlight_ledger::files::copy(&ledger, |name, bytes| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, Path::new("ledger").join(name), bytes)
    })
    .map_err(io::Error::other)?;
    let file = tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
