//! Reading the ledger: judged and recorded like any act, with a node and without; a copy is read by anybody, names sealed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use fanlight_testkit::{Release, State, Upstream, get, node::copy_folder, process::end_within, wait_for};
use fanlight_tests::records_of;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").seconds_old(60),
        Release::new("badlib", "1.0"),
    ]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

#[test]
fn what_is_read_is_recorded_before_it_is_shown_running_or_not() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    let output = state.home().join("all.jsonl");
    let read = || {
        for (command, reading, names) in [
            (&["ledger", "show"][..], "show", true),
            (&["ledger", "export"], "export", false),
            (&["ledger", "prove", "0"], "proof", false),
        ] {
            let before = state.records();
            let said = state.cli(command).ok();
            let after = state.records();
            assert_eq!(after.len(), before.len() + 1, "{said}");
            let record = &after[before.len()];
            assert_eq!(record["action"], "console:read-ledger", "{record}");
            assert_eq!(record["on"]["kind"], "Ledger", "{record}");
            assert_eq!(record["who"]["strength"], "state-folder", "{record}");
            assert_eq!(record["facts"]["reading"], reading, "{record}");
            assert_eq!(record["facts"]["opens_names"], names, "{record}");
            if reading == "export" {
                let given: Vec<Value> =
                    said.stdout.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
                assert_eq!(given, before, "what was there before it was asked for, and all of it");
            }
        }
        state.cli(&["ledger", "export", "-o", &output.display().to_string()]).ok().says("Wrote");
        state.cli(&["ledger", "export", "-o", &output.display().to_string()]).exits(3).says("exists already");
        std::fs::remove_file(&output).expect("the export");
    };
    read();
    // Who asked is named, with a node and without.
    state.cli(&["ledger", "show", "--who", "tester"]).ok().says("console:read-ledger");
    assert_eq!(node.stop(), Some(0));
    read();
    state.cli(&["ledger", "show", "--who", "tester", "--action", "console:"]).ok().says("console:read-ledger");
    let none = state.cli(&["ledger", "show", "--who", "nobody"]).ok();
    assert!(none.stdout.is_empty() && none.stderr.contains("None of the"), "{none}");
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn the_newest_that_fit_are_shown_however_far_back_they_are() {
    let (_upstream, state) = scene();
    let node = state.start();
    for _ in 0..3 {
        get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    }
    for _ in 0..2600 {
        get(&node.page("demo")).is(200);
    }
    let numbers = |args: &[&str]| -> Vec<u64> {
        let said = state.cli(&[&["ledger", "show", "--json"], args].concat()).ok();
        let lines = said.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line"));
        lines.map(|line| line["index"].as_u64().expect("a number")).collect()
    };
    let far = numbers(&["--action", "packages:fetch-file", "--limit", "2"]);
    assert_eq!(far.len(), 2, "{far:?}");
    assert_eq!(numbers(&["--action", "packages:fetch-file"]).len(), 3);
    assert_eq!(numbers(&["--action", "packages:", "--limit", "2000"]).len(), 2000);
    assert_eq!(numbers(&["--limit", "0"]), [0; 0]);
    assert_eq!(numbers(&["--since", "2020-01-01", "--limit", "100000"]).len(), state.records().len() - 1);
    assert_eq!(node.stop(), Some(0));
    assert_eq!(numbers(&["--action", "packages:fetch-file", "--limit", "2"]), far, "without a node the same");
}

#[test]
fn a_reading_that_cannot_be_recorded_or_is_refused_shows_nothing() {
    let (_upstream, state) = scene();
    let node = state.start();
    state.policy(
        "company.cedar",
        "@id(\"names-stay-sealed\")\n@outcome(\"deny\")\n@reason(\"nobody opens names here\")\n@advice(\"read an export\")\n\
         forbid (principal, action == Fanlight::Action::\"console:read-ledger\", resource)\n\
         when { context has opens_names && context.opens_names };\n",
    );
    wait_for("the policy", Duration::from_secs(5), || {
        (!records_of(&state, "node:policies-changed").is_empty()).then_some(())
    });
    let refused = || {
        let said = state.cli(&["ledger", "show"]).exits(1).says("nobody opens names here").says("try: read an export");
        assert_eq!(said.words().to_lowercase().matches("read an export").count(), 1, "{said}");
        assert!(said.stdout.is_empty(), "{said}");
        let last = records_of(&state, "console:read-ledger").pop().expect("a record");
        assert_eq!(last["decision"]["outcome"], "deny", "{last}");
        assert_eq!(last["decision"]["policies"][0], "names-stay-sealed", "{last}");
        state.cli(&["ledger", "export"]).ok();
    };
    refused();
    assert_eq!(node.stop(), Some(0));
    refused();
    // Policies that cannot be read allow nothing.
    state.policy("company.cedar", "permit (");
    let count = state.records().len();
    let said = state.cli(&["ledger", "show"]).exits(3).says("company.cedar:1");
    assert!(said.stdout.is_empty(), "{said}");
    assert_eq!(state.records().len(), count);
    // Without the database there is nobody to name and nothing to judge; it is not made anew.
    std::fs::remove_file(state.path().join("policies/company.cedar")).expect("the policy");
    std::fs::remove_file(state.path().join("fanlight.db")).expect("the database");
    let said = state.cli(&["ledger", "export"]).exits(3).says("cannot be recorded").says("as any copy");
    assert!(said.stdout.is_empty(), "{said}");
    assert!(!state.path().join("fanlight.db").exists());
}

#[test]
fn a_copy_is_read_by_anybody_and_names_stay_sealed_in_it() {
    let (_upstream, state) = scene();
    let node = state.start();
    state.cli(&["status"]).ok();
    state.cli(&["ledger", "show"]).ok().says("tester");
    assert_eq!(node.stop(), Some(0));
    let (auditor, count) = (State::with_config(""), state.records().len());
    let copy = auditor.home().join("audit");
    copy_folder(&state.path().join("ledger"), &copy);
    std::fs::remove_file(copy.join("key")).expect("the private key stays where it is");
    let copy = copy.display().to_string();
    let listing = || {
        let mut names: Vec<_> = std::fs::read_dir(&copy).expect("the copy").flatten().map(|e| e.file_name()).collect();
        names.sort();
        names
    };
    let before = listing();
    let run = |args: &[&str]| auditor.bare(args).output();
    run(&["ledger", "show", &copy])
        .ok()
        .says("console:read-status")
        .says("prs_")
        .says("sealed")
        .keeps_quiet_about("tester");
    assert_eq!(run(&["ledger", "export", &copy]).ok().stdout.lines().count(), count);
    run(&["ledger", "prove", "1", &copy]).ok().says("c2sp.org/tlog-proof@v1");
    run(&["ledger", "prove", "99999", &copy]).exits(1).says("99999");
    run(&["ledger", "verify", &copy]).ok();
    run(&["ledger", "show", "--follow", &copy]).exits(2).says("--follow");
    run(&["ledger", "show", "/no/such/folder"]).exits(3).says("/no/such/folder");
    assert_eq!(listing(), before, "nothing is written into it");
    assert_eq!(state.records().len(), count);
}

/// `fanlight ledger show --follow --json`, and its lines as they come.
struct Follower {
    child: Child,
    lines: Receiver<Value>,
    said: Receiver<String>,
}

impl Follower {
    fn of(state: &State) -> Self {
        let mut command = state.command(&["ledger", "show", "--follow", "--json", "--limit", "1"]).command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).expect("JSON lines"));
            }
        });
        let (sender, said) = channel();
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        std::thread::spawn(move || err.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, said }
    }

    /// Waits for a record of that action; gives the numbers of all that came until then, that one last.
    #[track_caller]
    fn until(&self, action: &str) -> Vec<u64> {
        let mut numbers = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(15));
            let line = line.unwrap_or_else(|_| panic!("{action} did not come after {numbers:?}"));
            numbers.push(line["index"].as_u64().expect("a number"));
            if line["record"]["action"] == action {
                return numbers;
            }
        }
    }

    #[track_caller]
    fn says(&self, words: &str) {
        let line = self.said.recv_timeout(Duration::from_secs(15)).expect("words on standard error");
        assert!(line.contains(words), "{line}");
    }

    /// Presses Ctrl-C; gives the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")).expect("a process id");
        kill_process(pid, Signal::INT).expect("it runs");
        end_within(&mut self.child, Duration::from_secs(10)).expect("it ends when told to")
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn who_follows_sees_each_record_once_over_every_end_of_the_node_and_ends_it_well() {
    let (_upstream, state) = scene();
    let node = state.start();
    let follower = Follower::of(&state);
    let mut seen = follower.until("console:read-ledger");
    get(&node.page("demo")).is(200);
    seen.extend(follower.until("packages:read-index"));
    // Somebody who follows does not keep the node from ending, and its last record comes when it is back.
    assert_eq!(node.stop(), Some(0));
    follower.says("The node ended; waiting");
    let node = state.start();
    seen.extend(follower.until("node:stop"));
    seen.extend(follower.until("node:start"));
    // Killed, too.
    node.kill();
    follower.says("The node ended; waiting");
    let node = state.start();
    seen.extend(follower.until("node:start"));
    get(&node.page("demo")).is(200);
    seen.extend(follower.until("packages:read-index"));
    let first = seen[0];
    assert_eq!(seen, (first..first + seen.len() as u64).collect::<Vec<_>>(), "each once, none left out");
    assert_eq!(follower.interrupt(), Some(0), "Ctrl-C is how one ends it");
    // Each start of the node was asked once.
    assert_eq!(records_of(&state, "console:read-ledger").len(), 3);
    node.is_healthy();
}

#[test]
fn who_follows_before_a_node_runs_waits_for_it() {
    let (_upstream, state) = scene();
    assert_eq!(state.start().stop(), Some(0));
    let follower = Follower::of(&state);
    follower.until("node:stop");
    follower.says("No node runs on");
    let _node = state.start();
    follower.until("node:start");
    assert_eq!(follower.interrupt(), Some(0));
}

#[test]
fn verify_tells_of_every_ledger_of_a_state_to_programs_too() {
    let (_upstream, state) = scene();
    let node = state.start();
    let backup = state.home().join("backup.tar").display().to_string();
    state.cli(&["backup", &backup]).ok();
    assert_eq!(node.stop(), Some(0));
    let other = State::with_config("");
    std::fs::remove_dir_all(other.path()).expect("an empty place");
    other.cli(&["restore", &backup]).ok();
    let verified = other.cli(&["ledger", "verify", "--json"]).ok().json();
    assert_eq!(verified["good"], true, "{verified}");
    let ledgers = verified["ledgers"].as_array().expect("ledgers");
    assert_eq!(ledgers.len(), 2, "{verified}");
    let restored = &records_of(&other, "node:restored")[0];
    assert_eq!(ledgers[0]["origin"], restored["facts"]["earlier_origin"], "{verified}");
    assert_eq!(ledgers[1]["origin"], restored["node"], "{verified}");
    assert_eq!(verified["chain"], serde_json::json!([]), "{verified}");
    for ledger in ledgers {
        assert_eq!(ledger["good"], true, "{verified}");
        assert!(ledger["records"].as_u64() >= ledger["signed"].as_u64() && ledger["root"].is_string(), "{verified}");
    }
    // An export has both, in order, read from the files as through a node.
    let exported = |state: &State| state.cli(&["ledger", "export"]).ok().stdout;
    let alone = exported(&other);
    assert!(alone.contains("\"node:start\"") && alone.contains("\"node:restored\""), "{alone}");
    other.configure("[packages.pypi]\nupstream = \"http://127.0.0.1:9/simple/\"\n");
    let node = other.start();
    assert!(exported(&other).starts_with(&alone));
    assert_eq!(node.stop(), Some(0));
    // One that is gone is missed by the one that continued it.
    let earlier = other.path().join("ledger-earlier");
    std::fs::rename(&earlier, other.path().join("aside")).expect("the earlier ledger, taken away");
    let verified = other.cli(&["ledger", "verify", "--json"]).exits(1).json();
    assert_eq!((&verified["good"], &verified["ledgers"][0]["good"]), (&false.into(), &true.into()), "{verified}");
    assert!(verified["chain"][0]["what"].as_str().is_some_and(|what| what.contains("which is gone")), "{verified}");
    other.cli(&["ledger", "verify"]).exits(1).says("do not continue one another");
    std::fs::rename(other.path().join("aside"), &earlier).expect("the earlier ledger, put back");
    // A flaw in the earlier one is told, with its file, and the present one still holds.
    let checkpoint = other.path().join("ledger-earlier/1/checkpoint");
    let text = std::fs::read_to_string(&checkpoint).expect("a checkpoint");
    std::fs::write(&checkpoint, text.replacen("fanlight/", "fanlighs/", 1)).expect("a change");
    let verified = other.cli(&["ledger", "verify", "--json"]).exits(1).json();
    assert_eq!(verified["good"], false, "{verified}");
    assert_eq!(verified["ledgers"][0]["flaws"][0]["file"], "checkpoint", "{verified}");
    assert_eq!(verified["ledgers"][1]["good"], true, "{verified}");
    // The key beside it is one of its files.
    std::fs::write(other.path().join("ledger/key.pub"), "no key").expect("a change");
    let verified = other.cli(&["ledger", "verify", "--json"]).exits(1).json();
    assert_eq!(verified["ledgers"][1]["flaws"][0]["file"], "key.pub", "{verified}");
    other.cli(&["ledger", "verify"]).exits(1).says("key.pub").says("--key FILE");
}
