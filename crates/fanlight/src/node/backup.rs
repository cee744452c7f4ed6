//! Backup and restore: one file with the database, the ledger, the keys, the policies and the settings. Cached files of
//! releases are left out; they come again from the upstream.
//!
//! A restored ledger may have signed more than the backup remembers, so it is never continued under its name: the ledger
//! after a restore is a new one, whose first record names the old one and its last checkpoint (docs/ledger.md).

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fanlight_base::clock::SharedClock;
use fanlight_base::{Facts, Resource, SystemClock};
use fanlight_console::WriteBackup;
use fanlight_ledger::Ledger;
use fanlight_store::Store;

/// Files of the state folder that a backup has, where they are there.
const FILES: [&str; 2] = [ROOT_KEY, "fanlight.toml"];
/// Folders of the state folder that a backup has, where they are there.
const FOLDERS: [&str; 3] = ["policies", "tls", "clients"];
/// Earlier ledgers, each a folder.
pub const EARLIER: &str = "ledger-earlier";

/// The only file of the state folder, beside the database and the ledger, that no backup does without.
const ROOT_KEY: &str = "root.key";
/// Tells the unfinished files of one process apart.
static UNFINISHED: AtomicU64 = AtomicU64::new(0);

/// How the console writes a backup: one at a time, and to its end even if nobody waits for it any more.
pub fn writer(state: PathBuf, store: Store, ledger: Ledger) -> WriteBackup {
    let one = Arc::new(tokio::sync::Mutex::new(()));
    Arc::new(move |to| {
        let (one, state, store, ledger) = (one.clone(), state.clone(), store.clone(), ledger.clone());
        let work = async move {
            let _one = one.lock().await;
            let scratch = state.join("run/backup.db");
            let _ = fs::remove_file(&scratch);
            // The database first: what it knows of the ledger is then in the ledger that follows.
            store.backup(&scratch).await.map_err(|error| format!("The database could not be copied: {error}."))?;
            let written = tokio::task::spawn_blocking(move || {
                let written = write(&state, &scratch, &to);
                let _ = fs::remove_file(&scratch);
                written.map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => format!("{error}."),
                    _ => format!("The backup {} could not be written: {error}.", to.display()),
                })
            })
            .await
            .map_err(|_| "The backup ended unexpectedly.".to_owned())??;
            Ok((written, ledger.status().published))
        };
        Box::pin(async move {
            tokio::spawn(work).await.unwrap_or_else(|_| Err("The backup ended unexpectedly.".to_owned()))
        })
    })
}

/// The system's fault with the path it is about.
fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
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

/// What a restore did.
pub struct Restored {
    /// The new ledger's origin.
    pub origin: String,
    /// The earlier ledger's origin.
    pub earlier: String,
    /// The earlier ledger's records.
    pub records: u64,
}

/// Why a backup could not be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder is in use or has something in it.
    #[error("{path} has something in it already; restore into a new folder, and stop the node that used the old one", path = .0.display())]
    NotEmpty(PathBuf),
    /// The backup has something in it that no backup has.
    #[error("the backup holds {0:?}, which no backup of Fanlight has; it was not restored")]
    Foreign(String),
    /// A file operation.
    #[error("{doing} failed")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The database in it is damaged.
    #[error("the backup's database is not good")]
    Store(#[from] fanlight_store::StoreError),
    /// The ledger in it does not verify.
    #[error("the backup's ledger does not verify")]
    Verify(#[from] fanlight_ledger::verify::VerifyError),
    /// The ledger in it cannot be read.
    #[error("the backup's ledger cannot be read")]
    Files(#[from] fanlight_ledger::files::FilesError),
    /// The new ledger cannot be made.
    #[error("the new ledger cannot be made")]
    Ledger(#[from] fanlight_ledger::OpenError),
    /// The new ledger does not close.
    #[error("the new ledger could not be closed")]
    Close(#[from] fanlight_ledger::CloseError),
}

impl RestoreError {
    fn file(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { doing, source }
    }
}

/// Makes a new state folder out of a backup. The ledger in it is verified, set aside as an earlier one, and continued by
/// a new one. All of it beside the state folder, which is there only once everything is good; a failed restore leaves
/// nothing.
pub async fn restore(file: &Path, state: &Path) -> Result<Restored, RestoreError> {
    let there = match fs::read_dir(state).map(|mut entries| entries.next().is_none()) {
        Ok(true) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Ok(false) => return Err(RestoreError::NotEmpty(state.to_owned())),
        Err(error) => return Err(RestoreError::file("reading the state folder")(error)),
    };
    // An empty folder may be a volume of its own, to which nothing can be moved from beside it: then within it.
    let mut name = if there { OsString::new() } else { state.file_name().unwrap_or_default().to_owned() };
    name.push(format!(".restoring-{}", std::process::id()));
    let work = if there { state.join(name) } else { state.with_file_name(name) };
    private_folder(&work).map_err(RestoreError::file("creating the folder"))?;
    let made = match make(file, &work).await {
        Ok(restored) => {
            settle(&work, state, there).map(|()| restored).map_err(RestoreError::file("putting the state in its place"))
        }
        Err(error) => Err(error),
    };
    if made.is_err() {
        let _ = fs::remove_dir_all(&work);
    }
    made
}

/// Creates a folder that is its owner's alone, and those above it.
fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Moves what was made to where it belongs.
fn settle(work: &Path, state: &Path, there: bool) -> io::Result<()> {
    if there {
        for entry in fs::read_dir(work)? {
            let entry = entry?;
            fs::rename(entry.path(), state.join(entry.file_name()))?;
        }
        fs::remove_dir(work)?;
        File::open(state)?.sync_all()
    } else {
        fs::rename(work, state)?;
        let above = state.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(above)?.sync_all()
    }
}

async fn make(file: &Path, state: &Path) -> Result<Restored, RestoreError> {
    unpack(file, state)?;
    Store::check_backup(&state.join("fanlight.db")).await?;

    let restored = state.join("ledger");
    let key = fanlight_ledger::LogFiles::open(&restored)?.key().clone();
    fanlight_ledger::verify::verify(&restored, &key, |_| {})?;
    let number = (1..).find(|number| !state.join(EARLIER).join(format!("{number}")).exists()).unwrap_or(1);
    let earlier = state.join(EARLIER).join(number.to_string());
    private_folder(&state.join(EARLIER)).map_err(RestoreError::file("creating the folder of earlier ledgers"))?;
    fs::rename(&restored, &earlier).map_err(RestoreError::file("setting the earlier ledger aside"))?;

    let files = fanlight_ledger::LogFiles::open(&earlier)?;
    let store = Store::open(&state.join("fanlight.db")).await?;
    fanlight_console::Projection::begin_anew(&store, &files).await?;
    store.close().await;

    let clock: SharedClock = Arc::new(SystemClock);
    let origin = super::origin::fresh();
    let options = fanlight_ledger::Options {
        origin: origin.clone(),
        clock: clock.clone(),
        publish_every: std::time::Duration::from_secs(1),
    };
    let ledger = Ledger::continue_from(&restored, &earlier, options, |before| first_record(&origin, &clock, before))?;
    ledger.close()?;
    Ok(Restored { origin, earlier: key.name().to_owned(), records: files.size() })
}

/// The record that begins a continued ledger: which one it continues, up to where.
fn first_record(origin: &str, clock: &SharedClock, before: &fanlight_ledger::ledger::Continuation) -> Vec<u8> {
    let epoch = fanlight_base::Epoch { number: 0, digest: "".into() };
    let decision = fanlight_base::Decision {
        outcome: fanlight_base::Outcome::Allow,
        policies: Vec::new(),
        reason_template: "".into(),
        advice_template: None,
        until: None,
        epoch: Arc::new(epoch),
    };
    let facts = Facts::new()
        .with("earlier_origin", before.key.name())
        .with("earlier_key", before.key.to_string().as_str())
        .with("earlier_checkpoint", before.signed.as_str())
        .with("earlier_unpublished", i64::try_from(before.unpublished).unwrap_or(i64::MAX));
    let who = fanlight_base::Who::node().to_json();
    let record = fanlight_base::Record {
        time: clock.now(),
        node: origin,
        request: None,
        who: &who,
        action: super::action::RESTORED,
        resource: &Resource::new("Ledger", "this"),
        facts: &facts,
        decision: &decision,
    };
    // Its parts are bounded far below a record's limit.
    record.to_bytes().unwrap_or_default()
}

/// Unpacks only plain files under the names a backup has; anything else stops the restore.
fn unpack(file: &Path, state: &Path) -> Result<(), RestoreError> {
    let opened = File::open(file).map_err(RestoreError::file("opening the backup"))?;
    let mut archive = tar::Archive::new(io::BufReader::new(opened));
    let reading = || RestoreError::file("reading the backup");
    for entry in archive.entries().map_err(reading())? {
        let mut entry = entry.map_err(reading())?;
        let path = entry.path().map_err(reading())?.into_owned();
        let foreign = || RestoreError::Foreign(path.display().to_string());
        let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let first = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let known = first.is_some_and(|first| {
            first == "fanlight.db"
                || first == "ledger"
                || first == EARLIER
                || FILES.contains(&&*first)
                || FOLDERS.contains(&&*first)
        });
        if !plain || !known {
            return Err(foreign());
        }
        let target = state.join(&path);
        match entry.header().entry_type() {
            tar::EntryType::Directory => private_folder(&target).map_err(RestoreError::file("creating a folder"))?,
            tar::EntryType::Regular => {
                if let Some(folder) = target.parent() {
                    private_folder(folder).map_err(RestoreError::file("creating a folder"))?;
                }
                let mut out = fs::OpenOptions::new()
                    .create_new(true)
                    .write(true)
                    .mode(0o600)
                    .open(&target)
                    .map_err(RestoreError::file("creating a file"))?;
                io::copy(&mut entry, &mut out).map_err(reading())?;
                out.sync_all().map_err(RestoreError::file("syncing a file"))?;
            }
            _ => return Err(foreign()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
