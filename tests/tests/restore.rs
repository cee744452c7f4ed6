//! A running node taken back to a backup: what it has then, what it keeps, what it refuses, and whatever cuts it short.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_testkit::{Fault, Injection, Node, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{page, records_of, refuse};
use serde_json::Value;

const FILE: &str = "demo-1.0-py3-none-any.whl";

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(400_000), Release::new("later", "1.0")]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

fn backup(state: &State, name: &str) -> String {
    let file = state.home().join(name).display().to_string();
    state.cli(&["backup", &file]).ok();
    file
}

/// From now on the state differs from its backup: the company refuses demo.
fn refuse_demo(state: &State, node: &Node) {
    state.policy("company.cedar", &refuse("demo"));
    wait_for("the new policy", Duration::from_secs(5), || (get(&node.file("demo", FILE)).status != 200).then_some(()));
}

fn origin(state: &State) -> String {
    state.cli(&["status", "--json"]).ok().json()["origin"].as_str().expect("an origin").to_owned()
}

/// The token that a client's settings hold, as curl would send it.
fn token_in(settings: &Path) -> String {
    let text = std::fs::read_to_string(settings).expect("the client's settings");
    let from = text.find("flk_").expect("a token");
    text[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn with_token(node: &Node, token: &str) -> u16 {
    Request::get(&node.page("demo")).header("Authorization", &format!("Bearer {token}")).send().status
}

#[track_caller]
fn nothing_is_left_over(state: &State) {
    for name in ["restoring", "restore.json", "restore.new"] {
        assert!(!state.path().join(name).exists(), "{name} is left over");
    }
}

#[test]
fn a_running_node_goes_back_and_keeps_what_it_had() {
    let (upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    state.cli(&["use", "pip"]).ok();
    let before = token_in(&state.home().join(".config/pip/pip.conf"));
    let file = backup(&state, "a.tar");
    let old = origin(&state);

    // Since then: another token, the first one ended, somebody erased, a policy, a file.
    state.cli(&["use", "uv", "--person", "asha"]).ok();
    let after = token_in(&state.home().join(".config/uv/uv.toml"));
    assert_eq!((with_token(&node, &before), with_token(&node, &after)), (200, 200));
    state.cli(&["use", "pip", "--undo"]).ok();
    get(&node.file("later", "later-1.0-py3-none-any.whl")).is(200);
    refuse_demo(&state, &node);

    let told = state.cli(&["restore", &file, "--yes", "--json"]).ok().json();
    assert_eq!(told["address"], node.url(), "the address stays, port 0 or not");
    assert_eq!((&told["tokens_ended"], &told["tokens_kept_ended"]), (&Value::from(1), &Value::from(1)), "{told}");
    let new = told["origin"].as_str().expect("an origin").to_owned();
    assert_eq!((origin(&state), told["earlier_origin"].as_str()), (new.clone(), Some(old.as_str())));
    node.is_healthy();
    assert!(node.more_stdout().is_empty(), "one line on standard output, whatever is restored");
    assert!(node.stderr().contains(&new), "{}", node.stderr());
    nothing_is_left_over(&state);

    // Policies, people and files are those of the backup; no token comes back that was taken away.
    assert_eq!((with_token(&node, &before), with_token(&node, &after)), (401, 401));
    get(&node.file("demo", FILE)).is(200);
    assert_eq!(upstream.count(&format!("/files/demo/{FILE}")), 1, "cached files stay");

    // The line of ledgers: the backup's, continued by the new one, which tells of the one that was replaced.
    let restored = records_of(&state, "node:restored");
    assert_eq!(restored.len(), 2, "{restored:?}");
    assert_eq!(restored[0]["facts"]["earlier_origin"], old.as_str());
    assert_eq!(restored[1]["facts"]["replaced_origin"], old.as_str());
    let kept = PathBuf::from(told["replaced"].as_str().expect("a folder"));
    assert_eq!(kept.parent(), Some(state.path().as_path()));
    let checkpoint = std::fs::read_to_string(kept.join("ledger/checkpoint")).expect("the replaced ledger");
    assert_eq!(restored[1]["facts"]["replaced_checkpoint"], checkpoint.as_str());
    assert!(kept.join("policies/company.cedar").exists() && kept.join("fanlight.db").exists());
    state.cli(&["ledger", "verify", &kept.join("ledger").display().to_string()]).ok().says(&old);
    // Who asked for it is in the ledger that ended with it, before the end.
    let kept = kept.display().to_string();
    let lines = state.bare(&["ledger", "export", "--state", &kept]).output().ok().stdout;
    let actions: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a record")["action"].clone())
        .filter(|action| action != "console:read-status")
        .collect();
    assert_eq!(actions[actions.len() - 2..], ["console:restore", "node:stop"], "{actions:?}");

    // Asked for the first time since the restore, `who` tells of what the backup knew and of nothing after it.
    wait_for("who to tell", Duration::from_secs(5), || {
        let who = state.cli(&["who", "pkg:pypi/demo@1.0", "--json"]).ok().json();
        (who["fetched"][0]["times"].as_u64() >= Some(2)).then_some(())
    });
    let who = state.cli(&["who", "pkg:pypi/later@1.0", "--json"]).exits(1).json();
    assert_eq!(who["fetched"], Value::Array(vec![]), "{who}");
    state.cli(&["ledger", "verify"]).ok();
    // And again, from a backup of the restored node, and over a start.
    let again = backup(&state, "b.tar");
    state.cli(&["restore", &again, "--yes"]).ok().says("replaced-").says("back at");
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    page(&node, "demo").is(200);
    state.cli(&["ledger", "verify"]).ok();
    // Taken away or exchanged, an earlier ledger is missed.
    let earlier = |name: &str| state.path().join("ledger-earlier").join(name);
    assert!(earlier("1").is_dir() && earlier("2").is_dir());
    std::fs::rename(earlier("1"), state.home().join("kept")).expect("a folder");
    state.cli(&["ledger", "verify"]).exits(1).says("which is gone").says(&old);
    state.cli(&["ledger", "verify", &earlier("2").display().to_string()]).ok();
    fanlight_testkit::node::copy_folder(&PathBuf::from(kept).join("ledger"), &earlier("1"));
    state.cli(&["ledger", "verify"]).exits(1).says("do not continue one another").says("checkpoint");
}

#[test]
fn over_tls_it_goes_back_under_the_same_authority_and_waits_for_nobody() {
    let (upstream, state) = scene();
    let settings = format!("[listen]\ntls = \"auto\"\n[packages.pypi]\nupstream = \"{}\"\n", upstream.simple_url());
    state.configure(&settings);
    let node = state.start();
    let authority = || std::fs::read(state.path().join("tls/ca.pem")).expect("a root certificate");
    let (before, file) = (authority(), backup(&state, "a.tar"));
    for _ in 0..3 {
        let began = std::time::Instant::now();
        let told = state.cli(&["restore", &file, "--yes", "--json"]).ok().json();
        assert_eq!(told["address"], node.url());
        assert!(began.elapsed() < Duration::from_secs(15), "it waited for a connection: {:?}", began.elapsed());
    }
    assert_eq!(authority(), before);
    assert!(!node.stderr().contains("cut connections"), "{}", node.stderr());
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn who_was_erased_after_the_backup_stays_erased() {
    let (_upstream, state) = scene();
    let node = state.start();
    state.cli(&["use", "pip", "--person", "asha"]).ok();
    let token = token_in(&state.home().join(".config/pip/pip.conf"));
    assert_eq!(with_token(&node, &token), 200);
    let file = backup(&state, "a.tar");
    state.cli(&["ledger", "erase", "asha"]).ok();
    state.cli(&["restore", &file, "--yes"]).ok().says("1 person erased after the backup stayed erased");
    assert_eq!(with_token(&node, &token), 401);
    let shown = state.cli(&["ledger", "show", "--limit", "500"]).ok();
    assert!(!shown.stdout.contains("asha"), "{shown}");
    state.cli(&["ledger", "erase", "asha"]).exits(1);
}

#[test]
fn a_backup_that_is_not_good_changes_nothing() {
    let (_upstream, state) = scene();
    let node = state.start();
    let file = backup(&state, "good.tar");
    let old = origin(&state);
    let at = |name: &str| state.home().join(name);
    let text = |path: PathBuf| path.display().to_string();
    let good = std::fs::read(&file).expect("the backup");

    let secrets = "root:x:0:0:secret of another file\n".repeat(40);
    std::fs::write(at("foreign.tar"), secrets).expect("a file");
    std::fs::write(at("cut.tar"), &good[..good.len() / 2]).expect("a file");
    std::fs::write(at("empty.tar"), vec![0; 1024]).expect("a file");
    // One byte of a record changed: the tree of hashes tells.
    let mut forged = good.clone();
    let place = good.windows(10).rposition(|bytes| bytes == b"node:start").expect("a record");
    forged[place + 5] = b'S';
    std::fs::write(at("forged.tar"), forged).expect("a file");
    // Settings with which no node starts.
    let config = std::fs::read_to_string(state.path().join("fanlight.toml")).expect("settings");
    state.configure(&format!("{config}\n[packages.nothing]\na = 1\n"));
    backup(&state, "unset.tar");
    state.configure(&config);

    for (name, words) in [
        ("foreign.tar", "cannot be read"),
        ("cut.tar", ""),
        ("empty.tar", "holds no database"),
        ("forged.tar", "ledger"),
        ("unset.tar", "packages.nothing"),
        ("nowhere.tar", "no such file"),
    ] {
        let said = state.cli(&["restore", &text(at(name)), "--yes"]).exits(3).says("nothing was changed").says(words);
        said.keeps_quiet_about("secret");
        node.is_healthy();
        nothing_is_left_over(&state);
    }
    // Nobody is at a terminal to be asked.
    state.cli(&["restore", &file]).exits(2).says("--yes");
    assert_eq!(origin(&state), old);
    assert_eq!(records_of(&state, "console:restore").len(), 6, "each was recorded");
    let kept = std::fs::read_dir(state.path()).expect("the state").flatten();
    assert!(kept.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("replaced-")));
}

#[test]
fn while_it_goes_over_it_is_alive_and_not_ready() {
    let (upstream, state) = scene();
    let node = state.start();
    let file = backup(&state, "a.tar");
    upstream.fault(&format!("/files/demo/{FILE}"), Fault::Slow(40_000, Duration::from_millis(200)));
    let url = node.file("demo", FILE);
    let download = std::thread::spawn(move || get(&url));
    wait_for("the download to begin", Duration::from_secs(10), || {
        (upstream.count(&format!("/files/demo/{FILE}")) == 1).then_some(())
    });
    std::thread::scope(|scope| {
        let restoring = scope.spawn(|| state.cli(&["restore", &file, "--yes"]).ok());
        let ready = format!("{}/readyz", node.url());
        // A connection that was just taken when the node begins to go over is closed without an answer.
        let is_red = || Request::get(&ready).try_send().is_ok_and(|answer| answer.status == 503);
        wait_for("readyz to turn red", Duration::from_secs(20), || is_red().then_some(()));
        get(&ready).is(503).says("restored");
        get(&format!("{}/healthz", node.url())).is(200);
        page(&node, "later").is(503).says("backup");
        restoring.join().expect("the restore");
    });
    // What was under way was finished first.
    let answer = download.join().expect("an answer").is(200);
    assert!(answer.complete && answer.body == upstream.bytes("demo", FILE), "{} bytes came", answer.body.len());
    node.is_healthy();
    page(&node, "later").is(200);
}

#[test]
fn a_cut_at_any_moment_leaves_the_old_state_or_the_new_one() {
    let is_full = std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full");
    let stride = if is_full { 1 } else { 4 };
    let (mut last, mut nth) = (false, 1);
    while !last {
        assert!(nth < 60, "it does not come to an end");
        let (_upstream, state) = scene();
        let node = state.start();
        page(&node, "demo").is(200);
        let file = backup(&state, "a.tar");
        let old = origin(&state);
        refuse_demo(&state, &node);
        let names = ["restore.json", "restore.new", "restoring"];
        let moved = ["fanlight.db", "root.key", "fanlight.toml", "policies", "ledger", "ledger-earlier"];
        let mut paths: Vec<_> = names.iter().chain(&moved).map(|name| state.path().join(name)).collect();
        paths.extend(moved.iter().map(|name| state.path().join("restoring").join(name)));
        let paths: Vec<_> = paths.iter().map(PathBuf::as_path).collect();
        // The first of these calls in a restore makes the plan; those before it that make the new state are others.
        let killing = Injection::kill(&node, "rename,renameat,renameat2,unlink", nth, &paths);
        let restored = state.cli(&["restore", &file, "--yes"]);
        last = restored.code == Some(0);
        drop(killing);
        node.kill();
        if !last {
            restored.exits(3).says("node");
        }
        let node = state.start();
        nothing_is_left_over(&state);
        let (now, answer) = (origin(&state), get(&node.file("demo", FILE)).status);
        let is_old = now == old;
        assert_eq!(answer == 200, !is_old, "cut {nth}: a part of each ({now}, {answer})");
        let records = state.records();
        assert_eq!(records.iter().any(|record| record["action"] == "node:restored"), !is_old, "cut {nth}");
        assert_eq!(state.path().join("policies/company.cedar").exists(), is_old, "cut {nth}");
        state.cli(&["ledger", "verify"]).ok();
        node.is_healthy();
        assert_eq!(node.stop(), Some(0));
        nth += if last { 0 } else { stride };
    }
    assert!(nth > 10, "only {nth} moments were tried");
}
