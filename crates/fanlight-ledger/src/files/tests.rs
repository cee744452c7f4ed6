use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanlight_base::SystemClock;

use super::*;
use crate::ledger::{Ledger, Options};
use crate::proof::check_proof;
use crate::verify::verify;

fn options(origin: &str, publish_every: Duration) -> Options {
    Options { origin: origin.to_owned(), clock: Arc::new(SystemClock), publish_every }
}

fn entry(i: u64) -> Vec<u8> {
    format!("{{\"record\":{i}}}").into_bytes()
}

#[test]
fn a_backup_made_while_a_node_writes_verifies_and_can_be_continued() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options("fanlight/test/1", Duration::from_millis(5))).unwrap();
    let (writer, is_done) = (ledger.clone(), Arc::new(AtomicBool::new(false)));
    let done = Arc::clone(&is_done);
    let thread = std::thread::spawn(move || {
        let mut i = 0;
        while !done.load(Ordering::Relaxed) {
            assert_eq!(writer.append(entry(i)).unwrap().wait(), Ok(i));
            i += 1;
        }
    });
    for round in 0..8 {
        while ledger.status().durable < round * 100 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let durable = ledger.status().durable;
        let copied = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let full = copied.path().join(path);
            fs::create_dir_all(full.parent().unwrap())?;
            fs::write(full, bytes)
        };
        assert!(super::copy(dir.path(), write).unwrap() >= durable);
        assert!(!copied.path().join("key").exists(), "a backup has no private key");
        let verified = verify(copied.path(), ledger.key(), |_| {}).unwrap();
        assert!(verified.size + verified.tail >= durable, "what was durable before is in it");
        let next = tempfile::tempdir().unwrap();
        let options = options(&format!("fanlight/test/next-{round}"), Duration::from_secs(1));
        let next =
            Ledger::continue_from(next.path(), copied.path(), options, |before| before.signed.clone().into_bytes());
        assert_eq!(next.unwrap().status().durable, 1);
    }
    is_done.store(true, Ordering::Relaxed);
    thread.join().unwrap();
}

#[test]
fn a_range_gives_its_entries_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options("fanlight/test/1", Duration::from_secs(3600))).unwrap();
    let receipts: Vec<_> = (0..600).map(|i| ledger.append(entry(i)).unwrap()).collect();
    assert!(receipts.into_iter().all(|receipt| receipt.wait().is_ok()));
    let files = LogFiles::open(dir.path()).unwrap();
    for range in [0..0, 0..1, 255..257, 250..600, 599..600, 600..700] {
        let read: Vec<_> = files.entries(range.clone()).map(Result::unwrap).collect();
        let wanted: Vec<_> = range.filter(|i| *i < 600).map(|i| (i, entry(i))).collect();
        assert_eq!(read, wanted);
    }
}

#[test]
fn a_proof_is_given_only_for_what_is_under_a_checkpoint_and_holds() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options("fanlight/test/1", Duration::from_secs(3600))).unwrap();
    assert_eq!(ledger.append(entry(0)).unwrap().wait(), Ok(0));
    while ledger.status().published < 1 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(ledger.append(entry(1)).unwrap().wait(), Ok(1));
    let files = LogFiles::open(dir.path()).unwrap();
    assert_eq!(check_proof(&files.prove(0).unwrap(), ledger.key()).unwrap().entry, entry(0));
    assert!(matches!(files.prove(1), Err(FilesError::NotYetPublished { index: 1 })));
    assert!(matches!(files.prove(2), Err(FilesError::NoEntry { index: 2, size: 2 })));
    ledger.close().unwrap();
    let stranger = crate::note::SigningKey::generate("fanlight/test/1").unwrap().0;
    let refused = LogFiles::open_with_key(dir.path(), stranger.verifier());
    assert!(matches!(refused, Err(FilesError::Checkpoint(_))));
    // An entry changed on disk is not proved.
    fs::write(dir.path().join("tile/entries/000.p/2"), [&[0, 1, b'x'], &[0, 1, b'y'][..]].concat()).unwrap();
    let files = LogFiles::open(dir.path()).unwrap();
    assert!(matches!(files.prove(0), Err(FilesError::Disagrees { .. })));
}
