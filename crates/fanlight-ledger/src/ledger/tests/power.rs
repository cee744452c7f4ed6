//! Power cuts, simulated: every change made to the folder is noted, and for each moment the worst that a disk may then
//! hold is laid out and opened. Only what was synced is there: contents by a sync of the file, names by a sync of the
//! folder. Between those two worsts (nothing unsynced is there; all names are, with empty or half files) lies the rest.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::disk::journal::Change;

/// What of the unsynced a disk kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// Nothing.
    Nothing,
    /// Names, and no content: the folder was written back, the file was not.
    Names,
    /// Names and the first half of each unsynced write.
    Halves,
}

#[derive(Default, Clone)]
struct File {
    synced: Vec<u8>,
    written: Vec<u8>,
}

/// Lays out in `to` what a disk holds after these changes and a power cut.
fn lay_out(changes: &[Change], kept: Kept, to: &Path) {
    let mut files: BTreeMap<u64, File> = BTreeMap::new();
    // Names as the running system sees them, and as the disk has them: path to file, or `None` for a folder.
    let (mut seen, mut lasting) = (BTreeMap::<String, Option<u64>>::new(), BTreeMap::<String, Option<u64>>::new());
    for change in changes {
        match change {
            Change::Created { id, path } => {
                files.insert(*id, File::default());
                seen.insert(path.clone(), Some(*id));
            }
            Change::Wrote { id, bytes } => files.get_mut(id).unwrap().written.extend_from_slice(bytes),
            Change::Synced { id } => {
                let file = files.get_mut(id).unwrap();
                file.synced = file.written.clone();
            }
            Change::Renamed { from, to } => {
                let file = seen.remove(from).unwrap();
                seen.insert(to.clone(), file);
            }
            Change::Removed { path } => drop(seen.remove(path)),
            Change::FolderMade { path } => drop(seen.insert(path.clone(), None)),
            Change::FolderSynced { path } => {
                let is_in = |name: &str| name.rsplit_once('/').map_or("", |(folder, _)| folder) == path;
                lasting.retain(|name, _| !is_in(name));
                lasting.extend(seen.iter().filter(|(name, _)| is_in(name)).map(|(name, id)| (name.clone(), *id)));
            }
        }
    }
    if kept != Kept::Nothing {
        // A removal may have reached the disk or not; a new name has, here.
        lasting.extend(seen);
    }
    for (path, file) in lasting {
        let full = to.join(&path);
        let folder = if file.is_some() { full.parent().unwrap() } else { &full };
        if kept == Kept::Nothing && !folder.starts_with(to) {
            continue;
        }
        fs::create_dir_all(folder).unwrap();
        let Some(file) = file.map(|id| &files[&id]) else { continue };
        let mut bytes = file.synced.clone();
        let unsynced = &file.written[file.synced.len()..];
        match kept {
            Kept::Nothing => {}
            // The length may be there without the content.
            Kept::Names => bytes.resize(file.written.len(), 0),
            Kept::Halves => bytes.extend_from_slice(&unsynced[..unsynced.len() / 2]),
        }
        fs::write(full, bytes).unwrap();
    }
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), Options { publish_every: Duration::from_millis(1), ..options() }).unwrap();
    // For each moment (a number of changes) how many records were acknowledged by then.
    let acknowledged = Mutex::new(vec![(0, 0)]);
    for (i, more) in [1, 3, 250, 1, 1, 300, 2, 60].into_iter().scan(0, |from, more| {
        *from += more;
        Some((*from - more, more))
    }) {
        fill(&ledger, i, i + more);
        let changes = ledger.0.disk.journal.changes().len();
        acknowledged.lock().unwrap().push((changes, i + more));
        std::thread::sleep(Duration::from_millis(3));
    }
    ledger.close().unwrap();
    let changes = ledger.0.disk.journal.changes();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(changes.len() > 100, "only {} changes were noted", changes.len());
    // Short: every moment is met, but with one of the three states of the disk.
    let is_full = std::env::var("FANLIGHT_TORTURE").is_ok_and(|value| value == "full");
    for moment in 0..=changes.len() {
        let durable = acknowledged.iter().filter(|(at, _)| *at <= moment).map(|(_, count)| *count).max().unwrap();
        let states = [Kept::Nothing, Kept::Names, Kept::Halves];
        let chosen = if is_full { &states[..] } else { &states[moment % 3..=moment % 3] };
        for kept in chosen.iter().copied() {
            let after = tempfile::tempdir().unwrap();
            lay_out(&changes[..moment], kept, after.path());
            let place =
                format!("after {moment} changes, last {:?}, {kept:?}", moment.checked_sub(1).map(|i| &changes[i]));
            let ledger = Ledger::open(after.path(), options()).unwrap_or_else(|error| {
                panic!("{place}: {}", crate::error::in_words(&error));
            });
            let size = ledger.status().durable;
            assert!(size >= durable, "{place}: {durable} records were acknowledged, {size} are left");
            let mut read = Vec::new();
            while (read.len() as u64) < size {
                read.extend(ledger.read(read.len() as u64, 1000).unwrap());
            }
            assert!(read.iter().zip(0..).all(|(read, i)| *read == entry(i)), "{place}");
            fill(&ledger, size, size + 1);
            ledger.close().unwrap();
            assert_eq!(verified(after.path()).size, size + 1, "{place}");
        }
    }
}
