//! What a start notices and tells, and what it mends.

use std::path::PathBuf;

use super::*;
use crate::error::PublishError;
use crate::note::NoteError;
use crate::tail::TailError;
use crate::tile::{Kind, Tile};

/// A closed ledger of `size` entries.
fn closed(size: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    fill(&ledger, 0, size);
    ledger.close().unwrap();
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn grow(dir: &Path, from: u64, to: u64) {
    let ledger = Ledger::open(dir, options()).unwrap();
    fill(&ledger, from, to);
    ledger.close().unwrap();
}

fn refused(dir: &Path) -> OpenError {
    match Ledger::open(dir, options()) {
        Err(error) => error,
        Ok(_) => panic!("it opened"),
    }
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir.join("tail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn every_file_that_is_gone_is_told_at_the_next_start() {
    for file in [
        "key",
        "key.pub",
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ] {
        let dir = closed(300);
        fs::remove_file(dir.path().join(file)).unwrap();
        match refused(dir.path()) {
            OpenError::Missing { file: named } => assert_eq!(named, file),
            other => panic!("{file}: {other}"),
        }
    }
    let dir = closed(300);
    segments(dir.path()).iter().for_each(|segment| fs::remove_file(segment).unwrap());
    assert!(matches!(refused(dir.path()), OpenError::Missing { file } if file == "tail/"));
}

#[test]
fn a_ledger_whose_key_is_gone_is_not_begun_anew_over_its_entries() {
    // Nothing is left but records in the tail: still not nothing.
    let dir = closed(0);
    let ledger = Ledger::open(dir.path(), Options { publish_every: Duration::from_secs(3600), ..options() }).unwrap();
    fill(&ledger, 0, 1);
    until("the first publication", || ledger.status().published == 1);
    fill(&ledger, 1, 3);
    let copied = tempfile::tempdir().unwrap();
    copy(dir.path(), copied.path());
    for gone in ["key", "checkpoint", "key.pub"] {
        fs::remove_file(copied.path().join(gone)).unwrap();
    }
    fs::remove_dir_all(copied.path().join("tile")).unwrap();
    assert!(matches!(refused(copied.path()), OpenError::Missing { file } if file == "key"));
}

#[test]
fn a_creation_that_was_cut_short_is_done_again() {
    for cut in [&["key"][..], &["key", "tail/0000000000000001"], &["key", "tail/0000000000000001", "key.pub"]] {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path(), options()).unwrap();
        // Leave it as the creation does: before the first start's own segment.
        ledger.close().unwrap();
        for segment in segments(dir.path()) {
            fs::rename(segment, dir.path().join("tail/0000000000000001")).unwrap();
        }
        cut.iter().for_each(|file| fs::remove_file(dir.path().join(file)).unwrap());
        grow(dir.path(), 0, 10);
        assert_eq!(verified(dir.path()).size, 10);
    }
}

#[test]
fn a_checkpoint_that_went_back_is_told() {
    let dir = closed(300);
    let old = fs::read(dir.path().join("checkpoint")).unwrap();
    grow(dir.path(), 300, 310);
    fs::write(dir.path().join("checkpoint"), old).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::WentBack { found: 300, published: 310 }));
}

#[test]
fn an_older_tail_beside_a_newer_checkpoint_is_told() {
    let dir = closed(300);
    let old = tempfile::tempdir().unwrap();
    copy(&dir.path().join("tail"), old.path());
    grow(dir.path(), 300, 310);
    fs::remove_dir_all(dir.path().join("tail")).unwrap();
    copy(old.path(), &dir.path().join("tail"));
    assert!(matches!(refused(dir.path()), OpenError::Tail(TailError::Behind { end: 300, published: 310 })));
}

#[test]
fn a_changed_edge_is_told() {
    let dir = closed(300);
    for tile in crate::tile::partials(300) {
        let path = dir.path().join(tile.path());
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        changed[5] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(matches!(refused(dir.path()), OpenError::Disagrees { size: 300, .. }), "{}", tile.path());
        fs::write(&path, bytes).unwrap();
    }
    let path = dir.path().join("key.pub");
    let other = crate::note::SigningKey::generate("fanlight/test/00000001").unwrap().0;
    fs::write(path, other.verifier().to_string()).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Key { file: "key.pub", source: NoteError::Key(_) }));
}

#[test]
fn a_file_of_another_history_is_never_overwritten() {
    let dir = closed(250);
    let foreign = dir.path().join(Tile::full(Kind::Entries, 0).path());
    fs::write(&foreign, b"another history").unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    fill(&ledger, 250, 260);
    until("the refusal", || ledger.status().failing.is_some());
    assert!(ledger.status().failing.unwrap().contains("tile/entries/000 is there already with other bytes"));
    assert!(matches!(ledger.append(entry(260)), Err(AppendError::Failing { .. })));
    assert_eq!(fs::read(&foreign).unwrap(), b"another history");
    assert!(ledger.close().is_err());
    drop(ledger);
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::Publish(PublishError::OtherBytes { .. })), "{error}");
    fs::remove_file(foreign).unwrap();
    grow(dir.path(), 260, 261);
    assert_eq!(verified(dir.path()).size, 261);
}

#[test]
fn only_the_newest_checkpoints_partial_tiles_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    for i in 0..300 {
        fill(&ledger, i, i + 1);
    }
    ledger.close().unwrap();
    // A crash may leave others behind; the next start removes them.
    let stray = dir.path().join("tile/0/000.p");
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("7"), b"left over").unwrap();
    grow(dir.path(), 300, 301);
    let mut found = Vec::new();
    let mut folders = vec![dir.path().join("tile")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    let mut found: Vec<_> =
        found.iter().map(|path| path.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned()).collect();
    found.sort();
    let kept = ["tile/0/000", "tile/0/001.p/45", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/45"];
    assert_eq!(found, kept);
}

#[test]
fn what_the_tail_held_is_published_before_anything_new() {
    let dir = tempfile::tempdir().unwrap();
    let slow = || Options { publish_every: Duration::from_secs(3600), ..options() };
    let ledger = Ledger::open(dir.path(), slow()).unwrap();
    fill(&ledger, 0, 1);
    until("the first publication", || ledger.status().published == 1);
    fill(&ledger, 1, 700);
    // As a kill leaves it: a copy while the process runs.
    let copied = tempfile::tempdir().unwrap();
    copy(dir.path(), copied.path());
    let files = LogFiles::open(copied.path()).unwrap();
    assert_eq!((files.checkpoint().size, files.size()), (1, 700));
    assert!(files.entries(0..u64::MAX).zip(0..).all(|(read, i)| read.unwrap() == (i, entry(i))));
    assert_eq!(verified(copied.path()).tail, 699);
    let ledger = Ledger::open(copied.path(), slow()).unwrap();
    assert_eq!((ledger.status().durable, ledger.status().published), (700, 700));
    assert_eq!(segments(copied.path()).len(), 1);
}

#[test]
fn a_torn_last_write_is_cut_and_damage_before_it_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), Options { publish_every: Duration::from_secs(3600), ..options() }).unwrap();
    fill(&ledger, 0, 1);
    until("the first publication", || ledger.status().published == 1);
    until("the segment after it", || segments(dir.path()).len() == 2);
    for i in 1..20 {
        fill(&ledger, i, i + 1);
    }
    let newest = segments(dir.path()).pop().unwrap();
    let bytes = fs::read(&newest).unwrap();
    let with = |bytes: &[u8]| {
        let copied = tempfile::tempdir().unwrap();
        copy(dir.path(), copied.path());
        fs::write(copied.path().join("tail").join(newest.file_name().unwrap()), bytes).unwrap();
        copied
    };
    let torn = with(&bytes[..bytes.len() - 3]);
    assert_eq!(Ledger::open(torn.path(), options()).unwrap().status().durable, 19);
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    assert!(matches!(refused(with(&damaged).path()), OpenError::Tail(TailError::Damaged { .. })));
}

#[test]
fn after_a_restore_the_ledger_continues_under_a_new_origin_that_names_the_old() {
    let dir = closed(300);
    let restored = tempfile::tempdir().unwrap();
    copy(dir.path(), restored.path());
    // The original went on after the backup: the two histories must never meet under one origin.
    grow(dir.path(), 300, 400);
    let next = tempfile::tempdir().unwrap();
    let first = |continuation: &crate::Continuation| {
        assert_eq!((continuation.checkpoint.size, continuation.unpublished), (300, 0));
        format!("{{\"continues\":{:?}}}", continuation.signed).into_bytes()
    };
    let same = Ledger::continue_from(next.path(), restored.path(), options(), first);
    assert!(matches!(same, Err(OpenError::Origin(_))), "the same origin would be two logs of one name");
    let ledger = Ledger::continue_from(next.path(), restored.path(), named("fanlight/test/00000002"), first).unwrap();
    assert_eq!(ledger.status().origin, "fanlight/test/00000002");
    assert_eq!(ledger.status().durable, 1);
    let record = String::from_utf8(ledger.read(0, 1).unwrap().remove(0)).unwrap();
    assert!(record.contains("fanlight/test/00000001\\n300\\n"), "{record}");
    ledger.close().unwrap();
    drop(ledger);
    let again = Ledger::continue_from(next.path(), restored.path(), named("fanlight/test/00000003"), first);
    assert!(matches!(again, Err(OpenError::NotEmpty { size: 1, .. })));
    assert_eq!(verified(restored.path()).size, 300, "the earlier ledger stays as it was");
    assert_eq!(verified(next.path()).size, 1);
}

#[test]
fn a_cosignature_beside_the_checkpoint_is_kept_until_the_next_one() {
    let dir = closed(5);
    let path = dir.path().join("checkpoint");
    let mut signed = crate::checkpoint::Signed::parse(&fs::read_to_string(&path).unwrap()).unwrap();
    let witness = crate::note::SigningKey::generate("witness.example/w1").unwrap().0;
    let cosigned = witness.sign(signed.note().danger_unverified_text()).unwrap();
    signed.note_mut().add_signature(cosigned.signatures()[0].clone());
    fs::write(&path, signed.to_string()).unwrap();
    drop(Ledger::open(dir.path(), options()).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), signed.to_string());
    verified(dir.path());
    let proof = LogFiles::open(dir.path()).unwrap().prove(2).unwrap();
    assert!(proof.contains("witness.example/w1"), "a proof carries the witness's line too");
}
