//! Policies: checked, explained, changed while the node runs; a broken file never replaces a working set.

use std::time::Duration;

use fanlight_testkit::{Injection, Release, State, Upstream, get, wait_for};
use fanlight_tests::{listed, records_of, refuse};

const FILE: &str = "demo-1.0-py3-none-any.whl";

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(60)]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

#[test]
fn a_change_counts_within_a_second_and_a_broken_file_never_does() {
    let (_upstream, state) = scene();
    let node = state.start();
    let status = || get(&node.file("demo", FILE)).status;
    assert_eq!(status(), 200);
    state.policy("company.cedar", &refuse("demo"));
    let limit = Duration::from_millis(1500);
    wait_for("the new policy", limit, || (status() != 200).then_some(()));
    assert!(listed(&node, "demo", FILE)["yanked"].as_str().is_some_and(|why| why.contains("security withdrew it")));
    assert!(!records_of(&state, "node:policies-changed").is_empty());
    // Broken: the set in force stays, and the line is told.
    state.policy("company.cedar", "@id(\"x\")\npermit (principal, action, resource)\nwhen { context.nothing == };\n");
    wait_for("the fault to be recorded", Duration::from_secs(5), || {
        let refused = records_of(&state, "node:policies-refused");
        let told = refused.iter().any(|r| r["facts"]["fault"].as_str().is_some_and(|f| f.contains("company.cedar:3")));
        told.then_some(())
    });
    assert_ne!(status(), 200);
    state.cli(&["status"]).ok().says("company.cedar");
    node.is_healthy();
    // Gone: what the company refused is open again.
    std::fs::remove_file(state.path().join("policies/company.cedar")).expect("a policy file");
    wait_for("the policy to be gone", Duration::from_secs(5), || (status() == 200).then_some(()));
}

#[test]
fn a_ban_on_a_version_stops_every_file_of_it_however_its_name_is_written() {
    let upstream = Upstream::with([
        Release::new("ver", "1.0"),
        Release::new("ver", "1.0.0").only_sdist(),
        Release::new("ver", "2.0"),
    ]);
    let state = State::before(&upstream, "");
    state.policy(
        "company.cedar",
        "@id(\"no-ver\") forbid (principal, action in Fanlight::Action::\"packages:fetch\",\n  \
         resource == Fanlight::Release::\"pkg:pypi/ver@1.0\");\n",
    );
    let node = state.start();
    for file in ["ver-1.0-py3-none-any.whl", "ver-1.0.0.tar.gz"] {
        get(&node.file("ver", file)).is(403).says("no-ver");
    }
    get(&node.file("ver", "ver-2.0-py3-none-any.whl")).is(200);
    let why = state.cli(&["why", "ver==1.0.0", "--json"]).ok().json();
    assert_eq!(why["releases"].as_array().map(Vec::len), Some(1), "{why}");
}

#[test]
fn policies_that_cannot_be_recorded_are_not_in_force() {
    let (_upstream, state) = scene();
    let node = state.start();
    let metrics = || get(&format!("{}/metrics", node.url())).is(200).text();
    let epoch = || metrics().lines().find_map(|line| line.strip_prefix("fanlight_policy_epoch ")?.parse::<u64>().ok());
    assert_eq!(epoch(), Some(1));
    {
        let _fault = Injection::fail(&node, "fdatasync,fsync", "EIO", &[]);
        state.policy("company.cedar", &refuse("demo"));
        wait_for("the change to wait", Duration::from_secs(10), || {
            node.stderr().contains("policies wait").then_some(())
        });
        // Tried again and again, and never in force meanwhile.
        std::thread::sleep(Duration::from_millis(1200));
        assert_eq!(epoch(), Some(1), "in force without a record");
    }
    wait_for("the change to be in force", Duration::from_secs(10), || (epoch() == Some(2)).then_some(()));
    wait_for("the doors to open", Duration::from_secs(10), || {
        (get(&node.file("demo", FILE)).status == 403).then_some(())
    });
    let changes = records_of(&state, "node:policies-changed");
    let digest = state.cli(&["status", "--json"]).ok().json()["policies"]["digest"].clone();
    assert!(changes.iter().any(|change| change["facts"]["digest"] == digest), "{changes:?}");
    assert!(!node.stderr().contains("panicked"));
}

#[test]
fn a_node_does_not_start_on_a_broken_set() {
    let (_upstream, state) = scene();
    state.policy("company.cedar", "permit (principal, action, resource) when { ");
    state.cli(&["up", "--listen", "127.0.0.1:0"]).exits(3).says("company.cedar:1");
}

#[test]
fn check_says_what_is_wrong_and_where() {
    let (_upstream, state) = scene();
    state.policy("company.cedar", &refuse("demo"));
    let folder = state.path().join("policies").display().to_string();
    state.bare(&["policy", "check", &folder]).output().ok();
    let table = [
        ("permit (principal, action, resource)\nwhen { ", ""),
        ("@id(\"a\")\npermit (principal, action == Fanlight::Action::\"packages:fly\", resource);", "packages:fly"),
        (
            "@id(\"a\")\nforbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\nwhen { context.agemin < 3 };",
            "agemin",
        ),
        ("@id(\"a\")\n@outcome(\"explode\")\n@reason(\"x\")\nforbid (principal, action, resource);", "explode"),
        ("@id(\"wait-and-see\")\npermit (principal, action, resource);", "wait-and-see"),
        ("@id(\"a\")\npermit (principal, action, resource);\n@id(\"a\")\npermit (principal, action, resource);", "a"),
    ];
    for (text, word) in table {
        state.policy("company.cedar", text);
        state.bare(&["policy", "check", &folder]).output().exits(1).says("company.cedar:").says(word);
        let json = state.bare(&["policy", "check", &folder, "--json"]).output().exits(1).json();
        assert!(json.to_string().contains("company.cedar"), "{json}");
    }
    state.bare(&["policy", "check", "/no/such/folder"]).output().exits(3).says("/no/such/folder");
}

#[test]
fn explain_tells_how_an_attempt_would_be_judged() {
    let (_upstream, state) = scene();
    state.policy("company.cedar", &refuse("demo"));
    let attempt = r#"{
        "principal": {"kind": "unidentified"},
        "action": "packages:fetch-file",
        "resource": {"kind": "Release", "id": "pkg:pypi/demo@1.0"},
        "facts": {"ecosystem": "pypi", "project": "demo", "release": "pkg:pypi/demo@1.0",
            "age_minutes": 99999, "cooldown_minutes": 10080, "counted_from": "published", "publish_time": "stated",
            "available_at": "2026-01-01T00:00:00Z", "yanked": false, "project_status": "active",
            "file_name_parsed": true, "hash": "sha256"}
    }"#;
    let file = state.home().join("attempt.json");
    std::fs::write(&file, attempt).expect("an attempt");
    let name = file.display().to_string();
    state.cli(&["policy", "explain", &name]).ok().says("deny").says("no-demo").says("demo is not used here");
    let json = state.cli(&["policy", "explain", &name, "--json"]).ok().json();
    assert!(json.to_string().contains("no-demo"), "{json}");
    std::fs::write(&file, attempt.replace("fetch-file", "fly")).expect("an attempt");
    state.cli(&["policy", "explain", &name]).exits(2).says("packages:fly");
    state.cli(&["policy", "explain", "/no/such.json"]).exits(3).says("/no/such.json");
}

#[test]
fn what_the_settings_leave_out_is_left_out_by_check_and_explain_and_named() {
    let (upstream, state) = scene();
    let disable = "[policies]\ndisable = [\"wait-and-see\"]\n";
    state.configure(&State::config(&upstream, "7d", disable));
    let attempt = state.home().join("attempt.json");
    std::fs::write(&attempt, example(&state)).expect("an attempt");
    let attempt = attempt.display().to_string();
    // Ten minutes old, so that only the policy left out would hold it.
    state.cli(&["policy", "explain", &attempt]).ok().says("is allowed").says("policies.disable: wait-and-see");
    let folder = state.path().join("policies");
    std::fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.display().to_string();
    state.cli(&["policy", "explain", &attempt, "--policies", &folder]).ok().says("is allowed");
    let explained = state.cli(&["policy", "explain", &attempt, "--json"]).ok().json();
    assert_eq!(explained["disabled"][0], "wait-and-see", "{explained}");
    state.cli(&["policy", "check", &folder]).ok().says("policies.disable: wait-and-see");
    assert_eq!(state.cli(&["policy", "check", &folder, "--json"]).ok().json()["disabled"][0], "wait-and-see");
    // A node would not start with a name that no built-in policy has, so it does not pass here either.
    state.configure(&State::config(&upstream, "7d", "[policies]\ndisable = [\"wait-and-sea\"]\n"));
    state.cli(&["policy", "check", &folder]).exits(1).says("wait-and-sea");
    state.configure("");
    state.cli(&["policy", "explain", &attempt]).ok().says("is held by wait-and-see");
}

/// The attempt that the help shows.
fn example(state: &State) -> String {
    let help = state.bare(&["policy", "explain", "--help"]).output().ok().stdout;
    let rest = help.split_once("<<'ATTEMPT'\n").expect("an example").1;
    rest.split_once("\n  ATTEMPT").expect("its end").0.to_owned()
}

#[test]
fn the_example_in_the_help_works_as_it_stands() {
    let (_upstream, state) = scene();
    let said = state.cli(&["policy", "explain", "-"]);
    said.exits(2).says("policy explain --help");
    let example = example(&state);
    let said = state.command(&["policy", "explain", "-"]).input(&example).output().ok();
    said.says("is held by wait-and-see").keeps_quiet_about("this attempt has not");
}

#[test]
fn simulate_tells_what_changed_policies_would_have_decided_otherwise_running_or_not() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
    state.cli(&["use", "pip"]).ok();
    let changed = state.home().join("changed");
    std::fs::create_dir_all(&changed).expect("a folder");
    let folder = changed.display().to_string();
    let simulate = |more: &[&str]| state.cli(&[&["policy", "simulate", &folder], more].concat());
    simulate(&[]).exits(0).says("would have been decided otherwise");
    std::fs::write(changed.join("company.cedar"), refuse("demo")).expect("a policy file");
    let look = || {
        let said = simulate(&[]).exits(1);
        said.says("2 of the ").says("allow -> deny").says("hold -> deny").says("no-demo").says("demo is not used here");
        let json = simulate(&["--json"]).exits(1).json();
        assert_eq!(json["otherwise"], 2, "{json}");
        let change = &json["changes"][1];
        assert_eq!(change["on"], "pkg:pypi/demo@1.0", "{json}");
        assert_eq!(
            (&change["before"]["outcome"], &change["after"]["outcome"]),
            (&"allow".into(), &"deny".into()),
            "{json}"
        );
        assert_eq!(change["after"]["policies"][0], "no-demo", "{json}");
        assert!(json["names"].as_object().is_some_and(|names| names.values().any(|name| name == "tester")), "{json}");
    };
    look();
    // Nothing was put in force.
    get(&node.file("demo", FILE)).is(200);
    assert_eq!(node.stop(), Some(0));
    let copy = state.home().join("copy");
    fanlight_testkit::node::copy_folder(&state.path().join("ledger"), &copy);
    let from = state.records().len();
    let ledger = copy.display().to_string();
    let copied = simulate(&["--ledger", &ledger, "--json"]).exits(1).json();
    assert_eq!((&copied["otherwise"], &copied["names"]), (&3.into(), &serde_json::json!({})), "{copied}");
    assert_eq!(state.records().len(), from, "the reading of a copy leaves no record");
    // A fact that the records do not have is told.
    let later = "@id(\"no-theft\")\n@reason(\"x\")\nforbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\n\
                 when { context has yanked_reason && context.yanked_reason == \"theft\" };\n";
    std::fs::write(changed.join("company.cedar"), later).expect("a policy file");
    simulate(&[]).exits(0).says("yanked_reason").says("3 of 3").says("no-theft");
    simulate(&["--since", "2020-01-01"]).exits(0);
    std::fs::write(changed.join("company.cedar"), "permit (").expect("a policy file");
    simulate(&[]).exits(3).says("company.cedar:1").says("policy check");
}
