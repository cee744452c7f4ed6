//! Ledgers before the present one: continued, forked, cut, exchanged, taken away.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::SystemClock;
use fanlight_ledger::{Ledger, Options};

use super::*;

fn options(origin: &str) -> Options {
    Options { origin: origin.to_owned(), clock: Arc::new(SystemClock), publish_every: Duration::from_millis(10) }
}

fn fill(folder: &Path, origin: &str, records: u64) {
    let ledger = Ledger::open(folder, options(origin)).unwrap();
    for n in 0..records {
        ledger.append(format!("{{\"n\":{n}}}").into_bytes()).unwrap().wait().unwrap();
    }
    ledger.close().unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fanlight_ledger::files::copy(from, |name, bytes| {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::write(path, bytes)
    })
    .unwrap();
}

/// A state with two ledgers before its present one.
fn scene() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let at = |name: &str| state.path().join(name);
    fill(&at("ledger-earlier/1"), "fanlight/1", 20);
    continued(&at("ledger-earlier/2"), &at("ledger-earlier/1"), "fanlight/2");
    fill(&at("ledger-earlier/2"), "unused", 3);
    continued(&at("ledger"), &at("ledger-earlier/2"), "fanlight/3");
    state
}

fn continued(folder: &Path, before: &Path, origin: &str) {
    let clock: fanlight_base::clock::SharedClock = Arc::new(SystemClock);
    let first = |before: &_| super::super::restore::first_record(origin, &clock, before);
    Ledger::continue_from(folder, before, options(origin), first).unwrap().close().unwrap();
}

fn broken(state: &Path) -> Vec<String> {
    let broken = check(&ledgers(state)).unwrap();
    broken
        .iter()
        .map(|broken| format!("{}: {}", broken.ledger.strip_prefix(state).unwrap().display(), broken.what))
        .collect()
}

#[test]
fn ledgers_that_continue_one_another_are_one_line() {
    let state = scene();
    assert_eq!(ledgers(state.path()).len(), 3);
    assert_eq!(broken(state.path()), [""; 0]);
}

#[test]
fn an_earlier_ledger_that_went_on_or_was_cut_is_named() {
    let state = scene();
    let first = state.path().join("ledger-earlier/1");
    copy(&first, &state.path().join("kept"));
    fill(&first, "unused", 1);
    let words =
        "ledger-earlier/2: it continues fanlight/1 after a checkpoint of 20 records, but the one that is there has 21";
    assert_eq!(broken(state.path()), [words]);
    // As it was again, and then without its last records: made of an older copy of itself.
    fs::remove_dir_all(&first).unwrap();
    fs::rename(state.path().join("kept"), &first).unwrap();
    assert_eq!(broken(state.path()), [""; 0]);
    let older = tempfile::tempdir().unwrap();
    fill(&older.path().join("l"), "fanlight/1", 7);
    let key = fs::read(first.join("key.pub")).unwrap();
    fs::remove_dir_all(&first).unwrap();
    copy(&older.path().join("l"), &first);
    assert_ne!(fs::read(first.join("key.pub")).unwrap(), key);
    assert_eq!(
        broken(state.path()),
        ["ledger-earlier/2: its first record names another key of fanlight/1 than the one that is there"]
    );
}

#[test]
fn a_cut_ledger_under_its_own_key_is_named() {
    let state = tempfile::tempdir().unwrap();
    let (first, second) = (state.path().join("ledger-earlier/1"), state.path().join("ledger"));
    fill(&first, "fanlight/1", 7);
    copy(&first, &state.path().join("older"));
    fill(&first, "unused", 5);
    continued(&second, &first, "fanlight/2");
    fs::remove_dir_all(&first).unwrap();
    fs::rename(state.path().join("older"), &first).unwrap();
    let words = "ledger: it continues fanlight/1 after a checkpoint of 12 records, but the one that is there has 7";
    assert_eq!(broken(state.path()), [words]);
}

#[test]
fn a_forked_ledger_of_the_same_length_is_named() {
    let state = tempfile::tempdir().unwrap();
    let (first, second) = (state.path().join("ledger-earlier/1"), state.path().join("ledger"));
    fill(&first, "fanlight/1", 7);
    // Two histories under one key: what the folder's owner can make.
    let fork = state.path().join("fork");
    copy(&first, &fork);
    fs::copy(first.join("key"), fork.join("key")).unwrap();
    fill(&first, "unused", 1);
    let ledger = Ledger::open(&fork, options("unused")).unwrap();
    ledger.append(b"{\"n\":\"another\"}".to_vec()).unwrap().wait().unwrap();
    ledger.close().unwrap();
    continued(&second, &first, "fanlight/2");
    fs::remove_dir_all(&first).unwrap();
    fs::rename(&fork, &first).unwrap();
    let words = "ledger: it continues another history of fanlight/1 than the one that is there";
    assert_eq!(broken(state.path()), [words]);
}

#[test]
fn an_exchanged_a_missing_and_a_new_ledger_are_named() {
    let state = scene();
    let at = |name: &str| state.path().join(name);
    fs::rename(at("ledger-earlier/1"), at("kept")).unwrap();
    assert_eq!(
        broken(state.path()),
        ["ledger-earlier/2: its first record names fanlight/1 as the ledger before it, which is gone"]
    );
    fill(&at("ledger-earlier/1"), "fanlight/other", 20);
    assert_eq!(
        broken(state.path()),
        ["ledger-earlier/2: its first record names fanlight/1 as the ledger before it, but fanlight/other is there"]
    );
    fs::remove_dir_all(at("ledger-earlier/1")).unwrap();
    fs::rename(at("kept"), at("ledger-earlier/1")).unwrap();
    fs::remove_dir_all(at("ledger")).unwrap();
    fill(&at("ledger"), "fanlight/new", 2);
    assert_eq!(broken(state.path()), ["ledger: its first record names no ledger before it, but fanlight/2 is there"]);
}
