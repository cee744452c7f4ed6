//! Back to a backup: into an empty folder where no node runs, or on the state of a running one ([`running`]).
//!
//! Owns how a backup becomes a state. A restored ledger may have signed more than the backup remembers, so it is never
//! continued under its name: the ledger after a restore is a new one, whose first record names the old one and its last
//! checkpoint (docs/ledger.md). Invariant: nothing is changed before all of the backup was found good.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_base::clock::SharedClock;
use fanlight_base::{Facts, Resource, SystemClock};
use fanlight_identity::Identity;
use fanlight_ledger::{Ledger, LogFiles};
use fanlight_store::Store;

use super::backup::{EARLIER, ROOT_KEY};

mod error;
pub mod exchange;
pub mod running;
mod unpack;

pub use error::RestoreError;

/// What a restore did.
pub struct Restored {
    /// The new ledger's origin.
    pub origin: String,
    /// The earlier ledger's origin.
    pub earlier: String,
    /// The earlier ledger's records.
    pub records: u64,
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
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
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

/// Makes the state in the empty folder `state`; when this returns well, all of it is good and on disk.
async fn make(file: &Path, state: &Path) -> Result<Restored, RestoreError> {
    let (from, to) = (file.to_owned(), state.to_owned());
    blocking(move || unpack::unpack(&from, &to)).await?;
    let database = state.join("fanlight.db");
    for (path, name) in
        [(&database, "database"), (&state.join(ROOT_KEY), "root key"), (&state.join("ledger"), "ledger")]
    {
        if path.symlink_metadata().is_err() {
            return Err(RestoreError::Incomplete(name));
        }
    }
    Store::check_backup(&database).await?;
    let folder = state.to_owned();
    let earlier = blocking(move || set_ledger_aside(&folder)).await?;

    let files = LogFiles::open(&earlier)?;
    let store = Store::open(&database).await?;
    fanlight_console::Projection::begin_anew(&store, &files).await?;
    let clock: SharedClock = Arc::new(SystemClock);
    Identity::open(store.clone(), &state.join(ROOT_KEY), clock.clone()).await?;
    store.close().await;

    let (origin, records) = (super::origin::fresh()?, files.size());
    let (name, folder) = (origin.clone(), state.to_owned());
    blocking(move || {
        let options = fanlight_ledger::Options {
            origin: name.clone(),
            clock: clock.clone(),
            publish_every: std::time::Duration::from_secs(1),
        };
        let first = |before: &_| first_record(&name, &clock, before);
        let ledger = Ledger::continue_from(&folder.join("ledger"), &earlier, options, first)?;
        ledger.close()?;
        sync_folders(&folder).map_err(RestoreError::file("syncing the state"))
    })
    .await?;
    Ok(Restored { origin, earlier: files.key().name().to_owned(), records })
}

/// Does work that waits for the disk, without keeping those who do not.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RestoreError> + Send + 'static,
) -> Result<T, RestoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(RestoreError::Ended))
}

/// Verifies the backup's ledger and those before it, and sets it aside as the newest of the earlier ones; gives where.
fn set_ledger_aside(state: &Path) -> Result<PathBuf, RestoreError> {
    let restored = state.join("ledger");
    let ledgers = super::lineage::ledgers(state);
    for ledger in &ledgers {
        let key = LogFiles::open(ledger)?.key().clone();
        fanlight_ledger::verify::verify(ledger, &key, |_| {})?;
    }
    if let Some(broken) = super::lineage::check(&ledgers)?.into_iter().next() {
        return Err(RestoreError::Lineage(broken));
    }
    let number = (1..).find(|number| !state.join(EARLIER).join(format!("{number}")).exists()).unwrap_or(1);
    let earlier = state.join(EARLIER).join(number.to_string());
    private_folder(&state.join(EARLIER)).map_err(RestoreError::file("creating the folder of earlier ledgers"))?;
    fs::rename(&restored, &earlier).map_err(RestoreError::file("setting the earlier ledger aside"))?;
    Ok(earlier)
}

/// Syncs the folders below `folder` and itself; what is in the files is synced where they are written.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

/// The record that begins a continued ledger: which one it continues, up to where.
pub(super) fn first_record(
    origin: &str,
    clock: &SharedClock,
    before: &fanlight_ledger::ledger::Continuation,
) -> Vec<u8> {
    let epoch = fanlight_base::Epoch { number: 0, digest: "".into() };
    let decision = fanlight_base::Decision {
        outcome: fanlight_base::Outcome::Allow,
        policies: Vec::new(),
        reason_template: "".into(),
        advice_template: None,
        until: None,
        beside: Vec::new(),
        liftable: false,
        excepted: None,
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
        within: None,
        action: super::action::RESTORED,
        resource: &Resource::new("Ledger", "this"),
        facts: &facts,
        decision: &decision,
    };
    // Its parts are bounded far below a record's limit.
    record.to_bytes().unwrap_or_default()
}
