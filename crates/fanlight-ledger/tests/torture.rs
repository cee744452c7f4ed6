//! The ledger under violence: killed at random moments, and with every one of its file operations failing for a while.
//! Short by default; `FANLIGHT_TORTURE=full` runs 100 kills and every fault at many places.
//!
//! Both run the example `ledger-drill` as a process of its own, which says what was acknowledged. Whatever happens to it:
//! all that was acknowledged is there at its index, and the ledger verifies.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

#[path = "torture/drill.rs"]
mod drill;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

use drill::{Drill, check_everything, is_full};

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(std::time::Instant::now()) % below
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    let kills = if is_full() { 100 } else { 8 };
    for round in 0..kills {
        let publish_ms = [1, 5, 20, 1000][round % 4];
        let mut drill = Drill::start(&["--writers", "16", "--publish-ms", &publish_ms.to_string()], dir.path(), None);
        // From within the opening, over the first checkpoints, to the middle of it all.
        std::thread::sleep(Duration::from_micros([2_000, 20_000, 100_000, 300_000][round % 4] + random(100_000)));
        acknowledged.extend(drill.kill().acknowledged);
        check_everything(dir.path(), &acknowledged);
    }
    assert!(acknowledged.len() > 1000, "only {} records were acknowledged: the drill did not run", acknowledged.len());
}

/// The system calls through which the ledger changes files. `openat` comes on top; there the fault also meets reads and,
/// in the first calls of the process, the loader: then the drill does not even start, which is a refusal too.
const OPERATIONS: [&str; 9] =
    ["write", "fdatasync", "fsync", "rename", "unlink", "mkdir", "rmdir", "ftruncate", "fallocate"];

/// Injects a fault into calls `from` to `to` of one kind (counted by thread) and checks what must hold whatever fails.
fn inject(call: &str, error: &str, from: u32, to: u32) {
    let dir = tempfile::tempdir().unwrap();
    let place = format!("{error} at {call} {from} to {to}");
    // A ledger with some history first, so that the fault also meets replay, full tiles and old segments.
    let before = Drill::start(&["--until", "600"], dir.path(), None).finish();
    check_everything(dir.path(), &before.acknowledged);
    let fault = format!("inject={call}:error={error}:when={from}..{to}");
    let during = Drill::start(&["--until", "300", "--seconds", "20"], dir.path(), Some(&fault)).finish();
    let mut acknowledged = before.acknowledged;
    acknowledged.extend(during.acknowledged);
    if during.is_opened {
        // The fault may also meet the closing; then that says so, and what was acknowledged is there all the same.
        let has_ended =
            during.is_closed || during.last.starts_with("not closed what is durable could not be published");
        assert!(has_ended, "{place}: it did not go on to the end: {:?}", during.last);
        assert!(during.since_refusal >= 300, "{place}: it did not go on after: {:?}", during.last);
    } else {
        assert!(!during.errors.is_empty(), "{place}: it did not open and did not say why");
    }
    check_everything(dir.path(), &acknowledged);
    // And without the fault everything goes on.
    let after = Drill::start(&["--until", "50"], dir.path(), None).finish();
    assert!(after.is_closed, "{place}: it does not open afterwards: {}", after.errors);
    acknowledged.extend(after.acknowledged);
    check_everything(dir.path(), &acknowledged);
}

fn inject_everywhere(error: &str, spans: &[(u32, u32)]) {
    if !drill::has_strace() {
        return;
    }
    for call in OPERATIONS.into_iter().chain(["openat"]) {
        for (from, to) in spans {
            inject(call, error, *from, *to);
        }
    }
}

#[test]
fn a_disk_that_fails_is_refused_and_survived() {
    let short: &[(u32, u32)] = &[(1, 1), (3, 30)];
    let full: &[(u32, u32)] = &[(1, 1), (2, 2), (3, 3), (4, 4), (5, 8), (6, 60), (9, 9), (12, 40), (30, 90), (50, 51)];
    inject_everywhere("EIO", if is_full() { full } else { short });
}

#[test]
fn a_full_disk_is_refused_and_survived() {
    let short: &[(u32, u32)] = &[(4, 40)];
    let full: &[(u32, u32)] = &[(1, 1), (2, 2), (3, 3), (4, 4), (5, 8), (6, 60), (9, 9), (12, 40), (30, 90), (50, 51)];
    inject_everywhere("ENOSPC", if is_full() { full } else { short });
}

#[test]
fn while_the_disk_fails_nothing_is_acknowledged_and_the_reason_is_told() {
    if !drill::has_strace() {
        return;
    }
    for (call, error, words) in [
        ("fdatasync", "EIO", "Input/output error"),
        ("write", "ENOSPC", "No space left on device"),
        ("write", "EROFS", "Read-only"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let before = Drill::start(&["--until", "50"], dir.path(), None).finish();
        // From the twentieth call of each thread on for good: the drill can only end by its time.
        let fault = format!("inject={call}:error={error}:when=20+");
        let during = Drill::start(&["--seconds", "2"], dir.path(), Some(&fault)).finish();
        assert!(during.is_opened, "{}", during.errors);
        let last = during.last_refusal.expect("it refused");
        assert!(last.contains(words) && last.contains("since"), "{last:?} does not say why or since when");
        assert_eq!(during.since_refusal, 0, "after the disk failed for good nothing may be acknowledged");
        let mut acknowledged = before.acknowledged;
        acknowledged.extend(during.acknowledged);
        drop(Drill::start(&["--until", "10"], dir.path(), None).finish());
        check_everything(dir.path(), &acknowledged);
    }
}
