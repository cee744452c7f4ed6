//! Kills and failing disks: what a client was told is in the ledger, and what is kept is right, whatever happens.
//!
//! Short by default; `FANLIGHT_TORTURE=full` runs a hundred kills.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanlight_testkit::{Injection, Node, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::page;

const PROJECTS: usize = 5;
const VERSIONS: usize = 40;

fn kills() -> usize {
    if std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full") { 100 } else { 5 }
}

/// Small, seeded randomness; the seed is printed so that a failure can be told apart from another.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let seed = u64::from(now.subsec_nanos()) | 1;
        eprintln!("seed {seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn scene() -> (Upstream, State) {
    let upstream = Upstream::start();
    for project in 0..PROJECTS {
        for version in 0..VERSIONS {
            upstream.add(&Release::new(&format!("load-{project}"), &format!("1.{version}")).padded(20_000));
        }
    }
    // Some that are refused: their records count as much.
    upstream.add(&Release::new("load-0", "2.0").seconds_old(60));
    let state = State::before(&upstream, "");
    (upstream, state)
}

/// What clients were told: a request's id and the action its record must have.
type Told = Mutex<Vec<(String, &'static str)>>;

/// Asks for pages and files until told to stop; keeps the id of every answer whose head came.
fn load(node: &Node, upstream: &Upstream, stop: &AtomicBool, told: &Told, start: u64) {
    let mut n = start;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let project = n % PROJECTS as u64;
        let name = format!("load-{project}");
        let file = format!("load_{project}-1.{}-py3-none-any.whl", (n / 3) % VERSIONS as u64);
        let (url, action) = match n % 4 {
            0 => (node.page(&name), "packages:read-index"),
            1 => (node.file("load-0", "load_0-2.0-py3-none-any.whl"), "packages:fetch-file"),
            2 => (node.file(&name, &format!("{file}.metadata")), "packages:fetch-metadata"),
            _ => (node.file(&name, &file), "packages:fetch-file"),
        };
        let Ok(answer) = Request::get(&url).limit(Duration::from_secs(20)).try_send() else { continue };
        if n % 4 == 3 && answer.status == 200 && answer.complete {
            assert!(answer.body == upstream.bytes(&name, &file), "{file}: wrong bytes were handed out");
        }
        let id = answer.request_id().expect("every answer has an id").to_owned();
        told.lock().expect("a lock").push((id, action));
    }
}

#[track_caller]
fn nothing_was_lost(state: &State, told: &Told) {
    let records = state.records();
    let mut actions: HashMap<&str, HashSet<&str>> = HashMap::new();
    for record in &records {
        if let (Some(request), Some(action)) = (record["request"].as_str(), record["action"].as_str()) {
            actions.entry(request).or_default().insert(action);
        }
    }
    for (id, action) in told.lock().expect("a lock").iter() {
        let known = actions.get(id.as_str());
        assert!(
            known.is_some_and(|known| known.contains(action)),
            "request {id} ({action}) was answered without record: {known:?}"
        );
    }
    state.cli(&["ledger", "verify"]).ok();
    let wrong: Vec<_> = state.blobs().into_iter().filter(|(name, hash)| name != hash).collect();
    assert!(wrong.is_empty(), "files kept under another content's name: {wrong:?}");
}

#[test]
fn every_answer_has_its_record_whenever_the_node_is_killed() {
    let (upstream, state) = scene();
    let (told, mut dice) = (Told::default(), Dice::new());
    for round in 0..kills() {
        let node = state.start();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let (node, upstream, stop, told) = (&node, &upstream, &stop, &told);
                let start = dice.below(10_000) + worker;
                scope.spawn(move || load(node, upstream, stop, told, start));
            }
            // From the first answer on, so that each kill meets a node at work however busy the machine is.
            let so_far = told.lock().expect("a lock").len();
            wait_for("an answer", Duration::from_secs(20), || {
                (told.lock().expect("a lock").len() > so_far).then_some(())
            });
            std::thread::sleep(Duration::from_millis(dice.below(500)));
            let _ = std::process::Command::new("kill").args(["-KILL", &node.pid().to_string()]).status();
            stop.store(true, Ordering::Relaxed);
        });
        node.kill();
        if round % 10 == 9 || round + 1 == kills() {
            // Offline first: what the kill left must read without a start in between.
            nothing_was_lost(&state, &told);
        }
        let node = state.start();
        nothing_was_lost(&state, &told);
        node.kill();
    }
    let count = told.lock().expect("a lock").len();
    assert!(count >= kills() * 5, "only {count} answers under load");
}

#[test]
fn a_failing_disk_closes_the_doors_with_words_and_opens_them_again() {
    let (upstream, state) = scene();
    let node = state.start();
    page(&node, "load-1").is(200);
    get(&node.file("load-1", "load_1-1.0-py3-none-any.whl")).is(200);
    for (calls, error) in [("fdatasync,fsync", "EIO"), ("fallocate,fdatasync,fsync,pwrite64", "ENOSPC")] {
        let told = Told::default();
        {
            let _fault = Injection::fail(&node, calls, error, &[]);
            // Nothing may be answered from now on but refusals that say why.
            let refused = wait_for("the first refusal", Duration::from_secs(10), || {
                let answer = page(&node, "load-1");
                (answer.status == 503).then_some(answer)
            });
            refused.says("record");
            get(&node.file("load-1", "load_1-1.0-py3-none-any.whl")).is(503);
            get(&node.file("load-2", "load_2-1.0-py3-none-any.whl")).is(503);
            wait_for("readyz to turn red", Duration::from_secs(5), || {
                (get(&format!("{}/readyz", node.url())).status == 503).then_some(())
            });
            get(&format!("{}/readyz", node.url())).says("ledger");
            get(&format!("{}/healthz", node.url())).is(200);
        }
        let again = wait_for("the doors to open again", Duration::from_secs(10), || {
            let answer = page(&node, "load-1");
            (answer.status == 200).then_some(answer)
        });
        told.lock().expect("a lock").push((again.request_id().expect("an id").to_owned(), "packages:read-index"));
        let file = wait_for("files to be served again", Duration::from_secs(10), || {
            let answer = get(&node.file("load-2", "load_2-1.0-py3-none-any.whl"));
            (answer.status == 200).then_some(answer)
        });
        assert_eq!(file.body, upstream.bytes("load-2", "load_2-1.0-py3-none-any.whl"));
        told.lock().expect("a lock").push((file.request_id().expect("an id").to_owned(), "packages:fetch-file"));
        nothing_was_lost(&state, &told);
        // The database's one writing connection may be waited for 10 seconds before it is tried anew.
        wait_for("the index over the records to catch up", Duration::from_secs(30), || {
            (state.cli(&["status", "--json"]).ok().json()["projection_behind"] == 0).then_some(())
        });
        node.is_healthy();
    }
    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify"]).ok();
}
