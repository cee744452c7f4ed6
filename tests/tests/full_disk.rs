//! A disk that is really full: a small one of its own for the state folder, in memory, where this test may mount one.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fanlight_testkit::{Node, Release, State, Upstream, get, wait_for};
use fanlight_tests::page;

/// Bytes of a release's file; some have room on the disk, all have not.
const FILE_BYTES: usize = 1_000_000;
const RELEASES: usize = 60;

/// A file system in memory. Unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// None where this process may not mount.
    fn mount(at: &Path) -> Option<Self> {
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m,mode=700", "fanlight-test"]).arg(at).output();
        match mount {
            Ok(out) if out.status.success() => Some(Self(at.to_owned())),
            Ok(out) => refused(&String::from_utf8_lossy(&out.stderr)),
            Err(error) => refused(&error.to_string()),
        }
    }

    /// Leaves no byte free. More of it goes to the end of one file.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::options().create(true).append(true).open(&path).expect("a file to fill the disk with");
        for piece in [vec![0; 1 << 20], vec![0; 4096], vec![0; 1]] {
            while file.write_all(&piece).is_ok() {}
        }
        path
    }
}

fn refused<T>(why: &str) -> Option<T> {
    eprintln!(
        "SKIPPED: nothing was tested of a full disk: this process may not mount one ({}); run it as root",
        why.trim()
    );
    None
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn file(n: usize) -> String {
    format!("heavy-1.{n}-py3-none-any.whl")
}

/// The ready answer's status.
fn ready(node: &Node) -> u16 {
    get(&format!("{}/readyz", node.url())).status
}

#[test]
fn a_full_disk_closes_the_doors_with_words_and_room_opens_them_without_a_restart() {
    let upstream = Upstream::start();
    for n in 0..RELEASES {
        upstream.add(&Release::new("heavy", &format!("1.{n}")).padded(FILE_BYTES));
    }
    let state = State::with_config("");
    let Some(disk) = Disk::mount(&state.path()) else { return };
    state.configure(&State::config(&upstream, "7d", ""));
    let node = state.start();
    let right = |n: usize| upstream.bytes("heavy", &file(n));
    let have = |n: usize| get(&node.file("heavy", &file(n)));
    page(&node, "heavy").is(200);
    let mut told = vec![have(0).is(200)];

    // People fetch more than the disk holds: what was used longest ago leaves, and the ledger keeps its room.
    for n in 1..RELEASES {
        let answer = have(n).is(200);
        assert!(answer.complete && answer.body == right(n), "release {n}: {} bytes", answer.body.len());
        told.push(answer);
    }
    let kept = state.blobs().len();
    assert!(kept > 5 && kept < RELEASES, "{kept} files are kept");
    assert_eq!(ready(&node), 200);

    // Others fill it: kept files give way, and the doors stay open or open again by themselves.
    disk.fill();
    let fewer =
        wait_for("kept files to give way", Duration::from_secs(10), || Some(state.blobs().len()).filter(|n| *n < kept));
    assert!(fewer > 0, "no more of them than need be");
    let open = wait_for("the doors to be open", Duration::from_secs(20), || {
        Some(page(&node, "heavy")).filter(|a| a.status == 200)
    });
    told.push(open);
    told.push(have(RELEASES - 1).is(200));

    for round in 0..2 {
        // There is nothing left that could give way.
        let filler = wait_for("the disk to be full for good", Duration::from_secs(60), || {
            let filler = disk.fill();
            state.blobs().is_empty().then_some(filler)
        });
        let filler_again = disk.fill();
        assert_eq!(filler, filler_again);
        // What the ledger has set aside for itself is used up first; then nothing is answered but why not.
        let refused = wait_for("the first refusal of a page", Duration::from_secs(60), || {
            for _ in 0..50 {
                let answer = page(&node, "heavy");
                if answer.status != 200 {
                    return Some(answer);
                }
                told.push(answer);
            }
            None
        });
        refused.is(503).says("record");
        have(0).is(503).says("record");
        have(RELEASES - 1).is(503);
        wait_for("readyz to turn red", Duration::from_secs(10), || (ready(&node) == 503).then_some(()));
        get(&format!("{}/readyz", node.url())).says("ledger");
        // Where every refusal leads to, it says why.
        let status = state.cli(&["status"]).exits(1);
        status.says("not ready").says("the ledger cannot be written").keeps_quiet_about("tell the steward");
        get(&format!("{}/healthz", node.url())).is(200);

        // The steward makes room.
        std::fs::remove_file(filler).expect("room");
        let again = wait_for("the doors to open again", Duration::from_secs(20), || {
            let answer = page(&node, "heavy");
            (answer.status == 200).then_some(answer)
        });
        told.push(again);
        wait_for("readyz to turn green", Duration::from_secs(10), || (ready(&node) == 200).then_some(()));
        // Cold files, and then kept ones.
        for n in [round, round] {
            let answer = wait_for("a file", Duration::from_secs(10), || Some(have(n)).filter(|a| a.status == 200));
            assert!(answer.complete && answer.body == right(n), "{} bytes", answer.body.len());
            told.push(answer);
        }
        node.is_healthy();
    }

    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify"]).ok();
    let records = state.records();
    let requests: HashSet<_> = records.iter().filter_map(|record| record["request"].as_str()).collect();
    for answer in &told {
        let id = answer.request_id().expect("every answer has an id");
        assert!(requests.contains(id), "request {id} was answered without record");
    }
    let wrong: Vec<_> = state.blobs().into_iter().filter(|(name, hash)| name != hash).collect();
    assert!(wrong.is_empty(), "files kept under another content's name: {wrong:?}");
    let left: Vec<_> = std::fs::read_dir(state.path().join("blobs/tmp")).expect("a folder").flatten().collect();
    assert!(left.is_empty(), "half-written files were left: {left:?}");
}
