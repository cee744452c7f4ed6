//! The commands that look: why, who, ledger; for people and for programs.

use fanlight_testkit::{Release, State, Upstream, get, node::copy_folder, wait_for};
use fanlight_tests::{Browser, page, refuse};
use serde_json::json;
use std::time::Duration;

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([
        Release::new("eager", "1.0"),
        Release::new("eager", "2.0").seconds_old(3600),
        Release::new("badlib", "1.0"),
    ]);
    let state = State::before(&upstream, "");
    state.policy("company.cedar", &refuse("badlib"));
    (upstream, state)
}

#[test]
fn why_tells_what_is_held_by_which_policy_until_when_and_what_instead() {
    let (upstream, state) = scene();
    let node = state.start();
    get(&node.file("eager", "eager-1.0-py3-none-any.whl")).is(200);
    let said = state.cli(&["why", "eager"]).ok();
    said.says("2.0").says("wait-and-see").says("new releases wait 7 days here").says("1.0").says("UTC");
    state.cli(&["why", "pkg:pypi/badlib@1.0"]).ok().says("no-badlib").says("use goodlib instead");
    let why = state.cli(&["why", "Eager", "--json"]).ok().json();
    assert_eq!(why["newest_allowed"], "1.0", "{why}");
    assert_eq!(why["newest"], "2.0", "{why}");
    assert_eq!(why["releases"][0]["outcome"], "hold", "{why}");
    assert_eq!(why["releases"][0]["policies"][0], "wait-and-see", "{why}");
    assert_eq!(why["releases"][1]["outcome"], "allow", "{why}");
    wait_for("the download to be told of", Duration::from_secs(5), || {
        let why = state.cli(&["why", "pkg:pypi/eager@1.0", "--json"]).ok().json();
        (why["you_got"][0]["version"] == "1.0").then_some(())
    });
    state.cli(&["why", "no-such-project"]).exits(1).says("no-such-project");
    state.cli(&["why", "pkg:pypi/eager@77"]).exits(1).says("77");
    state.cli(&["why", "PKG:PyPI/Badlib@1.0"]).ok().says("no-badlib");
    state.cli(&["why", "pkg:pypi/a%2Fb"]).exits(2).says("cannot be the name of a Python project");
    assert!(upstream.seen().iter().all(|seen| !seen.path.contains("a/b")), "{:?}", upstream.seen());
    state.cli(&["why", "pkg:gem/rails"]).exits(2).says("no door for \"gem\" packages");
    node.kill();
    state.cli(&["why", "eager"]).exits(3).says("fanlight up");
}

#[test]
fn why_of_a_release_that_is_allowed_in_part_says_which_files_and_what_a_client_gets() {
    let upstream = Upstream::with([Release::new("part", "1.0")]);
    upstream.add(&Release::new("part", "2.0").only_sdist());
    upstream.add(&Release::new("part", "2.0").seconds_old(3600));
    let state = State::before(&upstream, "");
    let node = state.start();
    let (old, new) = ("part-2.0.tar.gz", "part-2.0-py3-none-any.whl");
    let said = state.cli(&["why", "part"]).ok();
    let said = said.says("2.0 is the newest, and allowed in part");
    said.says(&format!("1 of its 2 files, {new}, is held until"))
        .says(&format!("A client that can use it gets 2.0 by {old}"))
        .says("in part");
    let said = state.cli(&["why", "part==2.0"]).ok();
    let said = said.says("part 2.0 is allowed in part").says(&format!("gets 2.0 by {old}")).says("another file of 2.0");
    assert!(!said.stdout.contains("Use 2.0 instead"), "{said}");
    // The door says so, too.
    get(&node.file("part", new)).is(403).says("Use another file of 2.0 instead");
    get(&node.file("part", old)).is(200);
}

#[test]
fn an_action_that_no_record_can_bear_is_a_usage_error() {
    let (_upstream, state) = scene();
    let said = state.cli(&["ledger", "show", "--action", "nope"]).exits(2);
    said.says("there is no such action").says("packages:");
    state.cli(&["ledger", "show", "--action", "fetch-file"]).exits(2).says("did you mean packages:fetch-file?");
}

#[test]
fn who_tells_who_fetched_it_and_who_was_refused() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("eager", "eager-1.0-py3-none-any.whl")).is(200);
    get(&node.file("eager", "eager-2.0-py3-none-any.whl"));
    wait_for("the records to be told of", Duration::from_secs(5), || {
        let who = state.cli(&["who", "pkg:pypi/eager@1.0", "--json"]).ok().json();
        (who["fetched"][0]["file"] == "eager-1.0-py3-none-any.whl").then_some(())
    });
    let who = state.cli(&["who", "pkg:pypi/eager@2.0", "--json"]).ok().json();
    assert_eq!(who["refused"][0]["outcome"], "hold", "{who}");
    assert_eq!(who["refused"][0]["policy"], "wait-and-see", "{who}");
    assert_eq!(who["fetched"].as_array().map(Vec::len), Some(0), "{who}");
    state.cli(&["who", "pkg:pypi/eager@1.0"]).ok().says("unidentified");
    state.cli(&["who", "pkg:pypi/eager"]).ok().says("eager@1.0").says("eager@2.0");
    node.is_healthy();
}

#[test]
fn the_ledger_can_be_shown_proved_and_exported_running_or_not() {
    let (_upstream, state) = scene();
    let node = state.start();
    for _ in 0..5 {
        page(&node, "eager").is(200);
    }
    let look = || {
        let shown = state.cli(&["ledger", "show"]).ok();
        shown.says("packages:read-index").says("pkg:pypi/eager");
        let count = state.records().len();
        assert!(count >= 6, "{count} records");
        state.cli(&["ledger", "verify"]).ok().says(&count.to_string());
        // A record is under a checkpoint within a second or so.
        let proof = wait_for("a proof", Duration::from_secs(5), || {
            let out = state.cli(&["ledger", "prove", "3"]);
            (out.code == Some(0)).then_some(out)
        });
        assert!(proof.stdout.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
        assert!(proof.stdout.contains("\nindex 3\n"), "{proof}");
    };
    look();
    assert_eq!(node.stop(), Some(0));
    look();
    state.cli(&["ledger", "prove", "99999"]).exits(1).says("99999");
    state.cli(&["ledger", "prove", "three"]).exits(2).says("whole number");
    state.cli(&["ledger", "export", "--from", "three"]).exits(2).says("whole number");
    let first = &state.records()[0];
    for field in ["v", "time", "node", "action", "who", "on", "decision", "epoch"] {
        assert!(!first[field].is_null(), "{field}: {first}");
    }
}

#[test]
fn whoever_changes_the_ledger_is_found_out() {
    let (_upstream, state) = scene();
    let node = state.start();
    for _ in 0..300 {
        page(&node, "eager").is(200);
    }
    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify"]).ok();
    let ledger = state.path().join("ledger");
    let kept = state.home().join("kept");
    copy_folder(&ledger, &kept);
    let mut files = Vec::new();
    every_file(&ledger, &mut files);
    let mut caught = 0;
    for file in files.iter().filter(|file| file.metadata().is_ok_and(|m| m.len() > 0)) {
        let name = file.strip_prefix(&ledger).expect("under the ledger").display().to_string();
        if name == "lock" || name.starts_with("tmp") || name.ends_with("key") {
            continue;
        }
        let mut bytes = std::fs::read(file).expect("a file of the ledger");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x01;
        std::fs::write(file, &bytes).expect("a file to change");
        state.cli(&["ledger", "verify"]).fails().says(name.split('/').next_back().expect("a name"));
        std::fs::remove_file(file).expect("a file to remove");
        let gone = state.cli(&["ledger", "verify"]);
        assert_ne!(gone.code, Some(0), "{name} is gone and nobody noticed:\n{gone}");
        std::fs::copy(kept.join(&name), file).expect("a file to put back");
        caught += 1;
    }
    assert!(caught >= 3, "{files:?}");
    state.cli(&["ledger", "verify"]).ok();
}

fn every_file(folder: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            every_file(&entry.path(), into);
        } else {
            into.push(entry.path());
        }
    }
}

#[test]
fn the_settings_of_the_running_node_are_those_it_started_with_and_show_no_secret() {
    let settings = |cooldown: &str| {
        format!(
            "[packages]\ncooldown = \"{cooldown}\"\n[packages.pypi]\nupstream = \"http://mira:hunter2@127.0.0.1:9/simple/\"\n"
        )
    };
    let state = State::with_config(&settings("5d"));
    let node = state.start_with(&state.command(&["up", "--listen", "127.0.0.1:0"]).env("FANLIGHT_SESSION__IDLE", "3h"));
    state.configure(&settings("6d"));
    let (read, running) =
        (state.cli(&["config", "--json"]).ok().json(), state.cli(&["config", "--running", "--json"]).ok());
    assert!(!running.stdout.contains("hunter2") && !running.stdout.contains("mira"), "{running}");
    let running = running.json();
    assert_eq!(
        (&read["packages.cooldown"]["value"], &running["packages.cooldown"]["value"]),
        (&json!("6d"), &json!("5d"))
    );
    assert_eq!(running["session.idle"]["value"], json!("3h"));
    let from = running["session.idle"]["from"].as_str().expect("a source");
    assert!(from.contains("FANLIGHT_SESSION__IDLE"), "{from}");
    // Over the API, with what each is for; and to nobody who may not.
    let told = Browser::first_steward(&state, &node, "asha").get("settings").is(200).json();
    assert_eq!(told["settings"].as_array().map(Vec::len), read.as_object().map(|all| all.len()), "{told}");
    assert!(!told.to_string().contains("hunter2"), "{told}");
    Browser::invited(&state, &node, "ben", Some("reviewer")).get("settings").is(403);
    state.cli(&["config", "--running"]).ok().says("session.idle");
}

#[test]
fn commands_say_what_to_do_when_there_is_no_state() {
    let state = State::with_config("");
    std::fs::remove_dir_all(state.path()).expect("no state");
    for args in [&["ledger", "verify"][..], &["ledger", "export"], &["why", "x"], &["who", "pkg:pypi/x@1"], &["status"]]
    {
        state.cli(args).exits(3).says("fanlight up");
    }
}
