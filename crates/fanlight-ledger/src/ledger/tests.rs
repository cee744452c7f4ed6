use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::SystemClock;

use super::{Ledger, Options};
use crate::error::{AppendError, OpenError};
use crate::files::LogFiles;
use crate::proof::check_proof;
use crate::verify::{Verified, verify};

fn options() -> Options {
    named("fanlight/test/00000001")
}

fn named(origin: &str) -> Options {
    Options { origin: origin.to_owned(), clock: Arc::new(SystemClock), publish_every: Duration::from_millis(5) }
}

fn entry(i: u64) -> Vec<u8> {
    format!("{{\"record\":{i}}}").into_bytes()
}

/// Appends entries `from..to` and waits until all are durable.
fn fill(ledger: &Ledger, from: u64, to: u64) {
    let receipts: Vec<_> = (from..to).map(|i| ledger.append(entry(i)).unwrap()).collect();
    for (i, receipt) in (from..to).zip(receipts) {
        assert_eq!(receipt.wait().unwrap(), i);
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} did not happen within 20 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn verified(dir: &Path) -> Verified {
    let key = LogFiles::open(dir).unwrap().key().clone();
    verify(dir, &key, |_| {}).unwrap()
}

#[test]
fn what_is_appended_is_durable_published_proved_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    fill(&ledger, 0, 1000);
    assert_eq!(ledger.status().durable, 1000);
    assert_eq!(*ledger.durable().borrow(), 1000);
    until("publication", || ledger.status().published == 1000);
    fill(&ledger, 1000, 1010);
    let mut read = Vec::new();
    while read.len() < 1010 {
        let more = ledger.read(read.len() as u64, 300).unwrap();
        assert!(!more.is_empty() && more.len() <= 300);
        read.extend(more);
    }
    assert!((0..1010).zip(&read).all(|(i, read)| *read == entry(i)));
    assert!(ledger.read(1010, 10).unwrap().is_empty());
    ledger.close().unwrap();
    assert_eq!(ledger.append(entry(0)).unwrap_err(), AppendError::Closed);

    let files = LogFiles::open(dir.path()).unwrap();
    assert_eq!((files.checkpoint().size, files.size()), (1010, 1010));
    for i in [0, 255, 256, 511, 1008, 1009] {
        let proved = check_proof(&files.prove(i).unwrap(), files.key()).unwrap();
        assert_eq!((proved.index, proved.entry), (i, entry(i)));
    }
    let verified = verified(dir.path());
    assert_eq!((verified.size, verified.tail), (1010, 0));
}

#[test]
fn a_ledger_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut size = 0;
    for more in [0, 1, 255, 1, 300, 5, 0, 700] {
        let ledger = Ledger::open(dir.path(), named("fanlight/other/is-not-used")).unwrap();
        assert_eq!(ledger.status().durable, size);
        fill(&ledger, size, size + more);
        size += more;
        ledger.close().unwrap();
        assert_eq!(verified(dir.path()).size, size);
    }
}

#[test]
fn many_records_at_once_are_published_with_all_their_files() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    let size = 256 * 40 + 3;
    fill(&ledger, 0, size);
    ledger.close().unwrap();
    assert_eq!(verified(dir.path()).size, size);
    let files = LogFiles::open(dir.path()).unwrap();
    assert!(files.entries(0..size).zip(0..).all(|(read, i)| read.unwrap() == (i, entry(i))));
    for earlier in [1, 256, 300, size - 1, size] {
        assert!(files.prove_consistency(earlier).unwrap().is_some());
    }
}

#[test]
fn more_than_may_wait_is_answered_busy_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    let (mut receipts, mut is_busy) = (Vec::new(), false);
    let large = |i: u64| {
        let mut entry = entry(i);
        entry.resize(fanlight_base::limits::RECORD_BYTES, b' ');
        entry
    };
    while !is_busy && receipts.len() < 100_000 {
        match ledger.append(large(receipts.len() as u64)) {
            Ok(receipt) => receipts.push(receipt),
            Err(AppendError::Busy { waiting }) => is_busy = waiting > 0,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(is_busy, "the queue has no end");
    for (i, receipt) in (0..).zip(receipts) {
        assert_eq!(receipt.wait(), Ok(i));
    }
    let too_long = ledger.append(vec![0; fanlight_base::limits::RECORD_BYTES + 1]);
    assert!(matches!(too_long, Err(AppendError::TooLong { .. })));
}

#[test]
fn a_second_process_is_kept_out_and_told_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path(), options()).unwrap();
    let Err(OpenError::Locked { pid, .. }) = Ledger::open(dir.path(), options()) else { panic!("it was let in") };
    assert_eq!(pid, Some(std::process::id()));
    drop(ledger);
    drop(Ledger::open(dir.path(), options()).unwrap());
}

#[test]
fn the_private_key_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(dir.path(), options()).unwrap());
    let mode = fs::metadata(dir.path().join("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

mod open;
mod power;
