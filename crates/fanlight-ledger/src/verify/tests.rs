use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::SystemClock;

use super::*;
use crate::ledger::{Ledger, Options};
use crate::merkle;
use crate::note::SigningKey;
use crate::tile::{self, Kind, Tile};

const SIZE: u64 = 256 * 3 + 20;

fn entry(i: u64) -> Vec<u8> {
    format!("{{\"record\":{i}}}").into_bytes()
}

/// A closed ledger of `size` entries.
fn ledger(size: u64) -> (tempfile::TempDir, VerifierKey) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        origin: "fanlight/test/00000001".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: Duration::from_secs(1),
    };
    let ledger = Ledger::open(dir.path(), options).unwrap();
    let receipts: Vec<_> = (0..size).map(|i| ledger.append(entry(i)).unwrap()).collect();
    assert!(receipts.into_iter().all(|receipt| receipt.wait().is_ok()));
    ledger.close().unwrap();
    (dir, ledger.key().clone())
}

fn files(dir: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(dir, &path, found) } else { found.push(path.strip_prefix(dir).unwrap().to_owned()) }
    }
}

/// The files whose loss or change must be noticed: all but the lock and the private key, which prove nothing.
fn public_files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    files(dir, dir, &mut found);
    let mut names: Vec<String> = found.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    names.retain(|name| name != "lock" && name != "key");
    names.sort();
    names
}

fn flawed(dir: &Path, key: &VerifierKey) -> BTreeSet<String> {
    match verify(dir, key, |_| {}) {
        Err(VerifyError::Flawed(flaws)) => flaws.iter().map(|flaw| flaw.file).collect(),
        other => panic!("it was found good or unreadable: {other:?}"),
    }
}

/// The tail's folder stands for a missing segment, since nobody knows the name of a file that is not there.
fn names(file: &str, found: &BTreeSet<String>) -> bool {
    found.contains(file) || file.starts_with("tail/") && found.contains("tail/")
}

#[test]
fn a_whole_ledger_verifies_and_tells_its_progress() {
    let (dir, key) = ledger(SIZE);
    let mut seen = Vec::new();
    let verified = verify(dir.path(), &key, |progress| seen.push(progress)).unwrap();
    assert_eq!((verified.size, verified.tail, verified.torn), (SIZE, 0, None));
    assert_eq!(seen.last(), Some(&Progress { done: SIZE, total: SIZE }));
    let leaves: Vec<Hash> = (0..SIZE).map(|i| merkle::leaf_hash(&entry(i))).collect();
    assert_eq!(verified.root, merkle::root_of(&leaves));
}

#[test]
fn an_empty_ledger_verifies() {
    let (dir, key) = ledger(0);
    assert_eq!(verify(dir.path(), &key, |_| {}).unwrap().root, merkle::empty_root());
}

#[test]
fn every_file_that_is_deleted_is_named() {
    let (dir, key) = ledger(SIZE);
    let all = public_files(dir.path());
    assert_eq!(all.len(), 12, "{all:?}");
    for file in all {
        let path = dir.path().join(&file);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let found = flawed(dir.path(), &key);
        assert!(names(&file, &found), "{file} was deleted, named were {found:?}");
        assert_eq!(found.len(), 1, "{file} was deleted, named were {found:?}");
        fs::write(&path, bytes).unwrap();
    }
    verify(dir.path(), &key, |_| {}).unwrap();
}

#[test]
fn every_file_that_is_changed_is_named_and_no_other() {
    let (dir, key) = ledger(SIZE);
    for file in public_files(dir.path()) {
        let path = dir.path().join(&file);
        let bytes = fs::read(&path).unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 2] {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            for changed in [changed, bytes[..at].to_vec(), [bytes.as_slice(), b"!"].concat()] {
                if file.starts_with("tail/") && changed.len() > bytes.len() {
                    continue; // what follows the tail's last frame is a torn write, not damage
                }
                fs::write(&path, &changed).unwrap();
                let found = flawed(dir.path(), &key);
                assert!(names(&file, &found), "{file} was changed at {at}, named were {found:?}");
                assert_eq!(found.len(), 1, "{file} was changed at {at}, named were {found:?}");
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    verify(dir.path(), &key, |_| {}).unwrap();
}

/// The bundle with one entry exchanged for another of the same length.
fn forge(dir: &Path, tile: Tile) -> (PathBuf, Vec<u8>) {
    let path = dir.join(tile.path());
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    (path, bytes)
}

#[test]
fn a_bundle_and_its_tile_changed_together_are_named() {
    let (dir, key) = ledger(SIZE);
    let bundle = Tile::full(Kind::Entries, 1);
    let (path, bytes) = forge(dir.path(), bundle);
    fs::write(path, &bytes).unwrap();
    let hashes: Vec<Hash> = tile::decode_entries(&bytes, 256).unwrap().into_iter().map(merkle::leaf_hash).collect();
    let level_0 = Tile::full(Kind::Level(0), 1);
    fs::write(dir.path().join(level_0.path()), tile::encode_hashes(&hashes)).unwrap();
    assert!(flawed(dir.path(), &key).contains(&level_0.path()), "the tile above has another hash for it");
}

#[test]
fn a_log_rewritten_throughout_is_given_away_by_the_signed_root() {
    let (dir, key) = ledger(20);
    let (bundle, level_0) = (tile::partials(20)[0], tile::partials(20)[1]);
    let (path, bytes) = forge(dir.path(), bundle);
    fs::write(path, &bytes).unwrap();
    let hashes: Vec<Hash> = tile::decode_entries(&bytes, 20).unwrap().into_iter().map(merkle::leaf_hash).collect();
    fs::write(dir.path().join(level_0.path()), tile::encode_hashes(&hashes)).unwrap();
    assert_eq!(flawed(dir.path(), &key), BTreeSet::from([CHECKPOINT.to_owned()]));
    // And signed anew with another key it is that key's log, not this one's.
    let (other, _) = SigningKey::generate(key.name()).unwrap();
    let checkpoint = Checkpoint::new(key.name(), 20, merkle::root_of(&hashes)).sign(&other).unwrap();
    fs::write(dir.path().join(CHECKPOINT), checkpoint.to_string()).unwrap();
    fs::write(dir.path().join(PUBLIC_KEY_FILE), other.verifier().to_string()).unwrap();
    assert_eq!(flawed(dir.path(), &key), BTreeSet::from([CHECKPOINT.to_owned(), PUBLIC_KEY_FILE.to_owned()]));
}

#[test]
fn a_signed_size_that_no_disk_holds_ends_the_verification() {
    let (dir, _) = ledger(20);
    let (key, _) = SigningKey::generate("fanlight/test/00000001").unwrap();
    for size in [1 << 40, u64::MAX] {
        let checkpoint = Checkpoint::new(key.verifier().name(), size, [0; 32]).sign(&key).unwrap();
        fs::write(dir.path().join(CHECKPOINT), checkpoint.to_string()).unwrap();
        let Err(VerifyError::Flawed(flaws)) = verify(dir.path(), key.verifier(), |_| {}) else { panic!("it holds") };
        assert!(flaws.unlisted() > 0);
    }
}

#[test]
fn an_older_checkpoint_in_the_newest_ones_place_is_named() {
    let (dir, key) = ledger(SIZE);
    let older = fs::read(dir.path().join(CHECKPOINT)).unwrap();
    let options =
        Options { origin: String::new(), clock: Arc::new(SystemClock), publish_every: Duration::from_secs(1) };
    let ledger = Ledger::open(dir.path(), options).unwrap();
    ledger.append(entry(SIZE)).unwrap().wait().unwrap();
    ledger.close().unwrap();
    fs::write(dir.path().join(CHECKPOINT), older).unwrap();
    assert!(flawed(dir.path(), &key).contains(CHECKPOINT));
}

#[test]
fn verifying_while_a_node_writes_finds_nothing_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        origin: "fanlight/test/00000001".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: Duration::from_millis(20),
    };
    let ledger = Ledger::open(dir.path(), options).unwrap();
    let (writer, is_done) = (ledger.clone(), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let done = Arc::clone(&is_done);
    let thread = std::thread::spawn(move || {
        let mut i = 0;
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            writer.append(entry(i)).unwrap().wait().unwrap();
            i += 1;
        }
    });
    for _ in 0..20 {
        let verified = verify(dir.path(), ledger.key(), |_| {});
        assert!(verified.is_ok(), "{}", verified.unwrap_err());
        let files = crate::files::LogFiles::open(dir.path()).unwrap();
        let read: Vec<Vec<u8>> = files.entries(0..u64::MAX).map(|entry| entry.unwrap().1).collect();
        assert!(read.iter().zip(0..).all(|(read, i)| *read == entry(i)));
    }
    is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    thread.join().unwrap();
}
