//! Every command leaves the record that docs/cli.md says it leaves.

use std::collections::BTreeSet;
use std::time::Duration;

use fanlight_testkit::{Release, State, Upstream, get, wait_for};
use fanlight_tests::{Browser, refuse};
use serde_json::Value;

/// The actions of records, without doubles.
fn actions(records: &[Value]) -> BTreeSet<String> {
    records.iter().filter_map(|record| record["action"].as_str().map(str::to_owned)).collect()
}

/// What the guide says each command leaves: the actions named under `Record:` in its section.
fn told() -> Vec<(String, BTreeSet<String>)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let guide = std::fs::read_to_string(&path).expect("the guide");
    let sections = guide.split("\n### `fanlight ").skip(1);
    sections
        .map(|section| {
            let heading = section.split('`').next().expect("a heading");
            let words = heading.split(' ').take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
            let name = words.collect::<Vec<_>>().join(" ");
            let said = section.split("\nRecord: ").nth(1).unwrap_or_else(|| panic!("{name}: the guide says no record"));
            let paragraph = said.split("\n\n").next().expect("a paragraph");
            let named = paragraph.split('`').skip(1).step_by(2).filter(|word| word.contains(':'));
            let named: BTreeSet<String> = named.map(str::to_owned).collect();
            assert!(!named.is_empty() || paragraph.starts_with("none. "), "{name}: neither a record nor why none");
            (name, named)
        })
        .collect()
}

/// A proposal, and what the command does with it.
fn policies_change(state: &State, home: &std::path::Path, command: &str) {
    let folder = home.join(command.replace(' ', "-"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = format!("// {command}\n{}", refuse("badlib"));
    std::fs::write(folder.join("company.cedar"), text).expect("a policy");
    let made = ["policy", "propose", &folder.display().to_string(), "--because", "a trial", "--json"];
    let made = state.cli(&made).ok().json();
    let id = made["id"].as_str().expect("an id");
    match command {
        "policy approve" => drop(state.cli(&["policy", "approve", id]).ok()),
        "policy refuse" => drop(state.cli(&["policy", "refuse", id, "--because", "a trial"]).ok()),
        "policy withdraw" => drop(state.cli(&["policy", "withdraw", id]).ok()),
        "policy rollback" => {
            state.cli(&["policy", "approve", id]).ok();
            state.cli(&["policy", "rollback", "1", "--because", "a trial"]).ok();
        }
        _ => {}
    }
}

#[test]
fn every_command_leaves_the_record_that_the_guide_says() {
    let releases =
        [Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(60), Release::new("badlib", "1.0")];
    let upstream = Upstream::with(releases);
    let state = State::before(&upstream, "");
    state.policy("company.cedar", &refuse("badlib"));
    let mut node = Some(state.start());
    let home = state.home();
    let (backup, attempt) = (home.join("b.tar").display().to_string(), home.join("attempt.json").display().to_string());
    let example = r#"{"principal": {"kind": "unidentified"}, "action": "console:read-status",
        "resource": {"kind": "Node", "id": "this"}, "facts": {}}"#;
    std::fs::write(&attempt, example).expect("an attempt");
    let policies = state.path().join("policies").display().to_string();
    for (name, expected) in told() {
        let runs: &[&[&str]] = match name.as_str() {
            "up" => {
                drop(node.take());
                let from = state.records().len();
                assert_eq!(state.start().stop(), Some(0));
                assert_eq!(actions(&state.records()[from..]), expected, "up");
                node = Some(state.start());
                continue;
            }
            "restore" => {
                let other = State::with_config("");
                std::fs::remove_dir_all(other.path()).expect("an empty place");
                other.cli(&["restore", &backup]).ok();
                let mut left = actions(&other.records()[..]);
                left.retain(|action| action == "node:restored");
                // What a running node is asked is recorded before anything else is done about it.
                let from = state.records().len();
                state.cli(&["restore", "/no/such/backup.tar", "--yes"]).fails();
                left.extend(actions(&state.records()[from..]));
                assert_eq!(left, expected, "restore");
                continue;
            }
            "break-glass" => {
                let from = state.records().len();
                let glass = |time: &str| {
                    let named = ["--because", "a trial", "--policy", "wait-and-see", "--for", time, "--json"];
                    state.cli(&[&["break-glass", "demo"][..], &named].concat()).ok().json()
                };
                let made = glass("1h");
                state.cli(&["break-glass", "--end", made["id"].as_str().expect("an id")]).ok();
                glass("1s");
                state.cli(&["break-glass", "--list"]).ok();
                wait_for("the exception's end", Duration::from_secs(5), || {
                    (actions(&state.records()[from..]) == expected).then_some(())
                });
                continue;
            }
            "ask" | "requests show" | "requests grant" | "requests refuse" => {
                let person = if name == "requests refuse" { "bela" } else { "asha" };
                state.cli(&["use", "pip", "--person", person]).ok();
                let asking = state.records().len();
                let asked = ["ask", "badlib==1.0", "--because", "a trial", "--json"];
                let asked = state.bare(&asked).output().ok().json();
                let id = asked["request"]["id"].as_str().expect("an id");
                let from = if name == "ask" { asking } else { state.records().len() };
                match name.as_str() {
                    "ask" => {
                        state.bare(&["ask"]).output().ok();
                        state.bare(&["ask", "--withdraw", id]).output().ok()
                    }
                    "requests show" => state.cli(&["requests", "show", id]).ok(),
                    "requests grant" => state.cli(&["requests", "grant", id, "--until", "1h"]).ok(),
                    _ => state.cli(&["requests", "refuse", id, "--because", "a trial"]).ok(),
                };
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "policy proposals" => &[&["policy", "proposals"], &["policy", "proposals", "--all"]],
            "policy history" => &[&["policy", "history"]],
            "policy diff" => &[&["policy", "diff", "1"]],
            "policy show" => &[&["policy", "show", "now"]],
            "policy propose" | "policy approve" | "policy refuse" | "policy withdraw" | "policy rollback" => {
                let from = state.records().len();
                policies_change(&state, &home, &name);
                let mut left = actions(&state.records()[from..]);
                if !["policy propose", "policy rollback"].contains(&name.as_str()) {
                    // They have to be proposed first.
                    left.retain(|action| !["console:propose-policies", "console:read-policies"].contains(&&**action));
                }
                if name == "policy rollback" {
                    left.retain(|action| !["console:publish-policies", "node:policies-changed"].contains(&&**action));
                }
                assert_eq!(left, expected, "{name}");
                continue;
            }
            "apps change" | "apps hand-over" | "apps end" | "keys make" | "keys revoke" => {
                state.cli(&["people", "invite", "asha"]).ok();
                let words = ["--title", "A", "--headline", "B", "--about", "C.", "--successor", "asha", "--json"];
                let app = state.cli(&[&["apps", "register"][..], &words].concat()).ok().json();
                let app = app["app"].as_str().expect("an id").to_owned();
                let make = ["keys", "make", "--app", &app, "--for", "packages", "--label", "a test", "--json"];
                let from = if name == "keys make" { state.records().len() } else { usize::MAX };
                let key = state.cli(&make).ok().json()["key"].as_str().expect("a name").to_owned();
                let from = from.min(state.records().len());
                let command: Vec<&str> = match name.as_str() {
                    "apps change" => vec!["apps", "change", &app, "--title", "D"],
                    "apps hand-over" => vec!["apps", "hand-over", &app, "asha", "--successor", "tester"],
                    "apps end" => vec!["apps", "end", &app],
                    "keys revoke" => vec!["keys", "revoke", &key],
                    // It was made above.
                    _ => Vec::new(),
                };
                if !command.is_empty() {
                    state.cli(&command).ok();
                }
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "login" => {
                let made = state.cli(&["keys", "make", "--for", "api:read", "--label", "a test", "--json"]).ok().json();
                let from = state.records().len();
                let address = node.as_ref().expect("a node").url().to_owned();
                let login = state.bare(&["login", &address]);
                login.env("FANLIGHT_KEY", made["secret"].as_str().expect("a key")).output().ok();
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "logout" => {
                let from = state.records().len();
                state.bare(&["logout"]).output().ok().says("gone from this machine");
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "apps list" => &[&["apps", "list"], &["apps", "list", "--all"], &["apps", "list", "--orphans"]],
            "apps register" => {
                state.cli(&["people", "invite", "asha"]).ok();
                &[&["apps", "register", "--title", "A", "--headline", "B", "--about", "C.", "--successor", "asha"]]
            }
            "keys list" => &[&["keys", "list"], &["keys", "list", "--all"]],
            "people invite" => {
                let from = state.records().len();
                Browser::invited(&state, node.as_ref().expect("a node"), "cleo", None);
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "requests list" => &[&["requests", "list"]],
            "steward-link" => &[&["steward-link"]],
            "people sessions" => &[&["people", "sessions", "cleo"], &["people", "sessions", "cleo", "--end"]],
            "people logins" => &[&["people", "logins", "cleo"], &["people", "logins", "cleo", "--end", "password"]],
            "leaver" => &[&["leaver", "cleo", "--dry-run"], &["leaver", "cleo"]],
            "people import" => {
                let file = home.join("staff.csv");
                std::fs::write(&file, "name,groups,active\ndina,sales,\nemil,,no\n").expect("a list");
                state.cli(&["use", "pip", "--person", "emil"]).ok();
                let from = state.records().len();
                let file = file.display().to_string();
                state.cli(&["people", "import", &file, "--dry-run"]).ok();
                state.cli(&["people", "import", &file]).ok();
                std::fs::write(&file, "name,groups\ndina,\n").expect("a list");
                state.cli(&["people", "import", &file]).ok();
                assert_eq!(actions(&state.records()[from..]), expected, "{name}");
                continue;
            }
            "rights" => &[&["rights"]],
            "people list" => &[&["people", "list"]],
            "people role" => {
                &[&["people", "role", "asha", "add", "mentor"], &["people", "role", "asha", "remove", "mentor"]]
            }
            "people group" => {
                &[&["people", "group", "asha", "add", "finance"], &["people", "group", "asha", "remove", "finance"]]
            }
            "advisories acknowledge" => &[&["advisories", "acknowledge", "MAL-2026-1", "--because", "a trial"]],
            "quarantine" => &[
                &["quarantine", "demo", "--because", "a trial"],
                &["quarantine", "--list"],
                &["quarantine", "--lift", "demo"],
            ],
            "review" => {
                let from = state.records().len();
                let file = home.join("reviews.json").display().to_string();
                state.cli(&["review", "demo==1.0", "--verdict", "safe", "--because", "read it all"]).ok();
                state.cli(&["review", "--export", &file]).ok();
                let other = State::with_config("");
                let _node = other.start();
                other.cli(&["review", "demo==1.0", "--verdict", "safe", "--because", "read it, too"]).ok();
                let theirs = home.join("theirs.json").display().to_string();
                other.cli(&["review", "--export", &theirs]).ok();
                let key = other.path().join("ledger/key.pub").display().to_string();
                state.cli(&["review", "--import", &theirs, "--key", &key]).ok();
                assert_eq!(actions(&state.records()[from..]), expected, "review");
                continue;
            }
            "scan" => {
                let wheel = home.join("demo-1.0-py3-none-any.whl");
                let served = node.as_ref().expect("a node").file("demo", "demo-1.0-py3-none-any.whl");
                std::fs::write(&wheel, get(&served).is(200).body).expect("a wheel");
                let from = state.records().len();
                state.cli(&["scan", &wheel.display().to_string()]).ok();
                assert_eq!(state.records().len(), from, "what is at hand is nobody's matter");
                state.cli(&["scan", "pkg:pypi/demo@1.0"]).ok();
                assert_eq!(actions(&state.records()[from..]), expected, "scan");
                continue;
            }
            "sbom" => &[&["sbom"], &["sbom", "--person", "unidentified", "--format", "spdx"]],
            "use" => &[&["use", "pip", "--print"], &["use", "pip"], &["use", "pip", "--undo"]],
            "why" => &[&["why", "demo"]],
            "look" => &[&["look", "demo"]],
            "who" => &[&["who", "demo"], &["who", "--fact", "publish_time=stated"]],
            "advisories status" => &[&["advisories", "status"]],
            "advisories refresh" => &[&["advisories", "refresh"]],
            "ledger show" => &[&["ledger", "show"]],
            "ledger verify" => &[&["ledger", "verify"]],
            "ledger prove" => &[&["ledger", "prove", "0"]],
            "ledger export" => &[&["ledger", "export"]],
            "ledger erase" => &[&["ledger", "erase", "unidentified"]],
            "policy check" => &[&["policy", "check", &policies]],
            "policy simulate" => &[&["policy", "simulate", &policies]],
            "policy explain" => &[&["policy", "explain", &attempt]],
            "config" => &[&["config"], &["config", "--running"]],
            "status" => &[&["status"]],
            "backup" => &[&["backup", &backup]],
            "completions" => &[&["completions", "bash"]],
            other => panic!("fanlight {other} is not run here: say how, and what record it leaves"),
        };
        let from = state.records().len();
        for run in runs {
            // 1 is an answer, too: nobody fetched it.
            let said = state.cli(run);
            assert!([Some(0), Some(1)].contains(&said.code), "{said}");
        }
        assert_eq!(actions(&state.records()[from..]), expected, "{name}, with a node");
        if !name.starts_with("ledger") {
            continue;
        }
        // Those that need no node leave the same without one.
        assert_eq!(node.take().expect("a node").stop(), Some(0));
        let from = state.records().len();
        for run in runs {
            state.cli(run).ok();
        }
        assert_eq!(actions(&state.records()[from..]), expected, "{name}, without a node");
        node = Some(state.start());
    }
    drop(node);
}
