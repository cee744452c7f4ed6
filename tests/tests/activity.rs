//! The record a page at a time: found by who, what, when and how it was decided, all of it, once, the newest first.

use fanlight_testkit::{Node, Release, Request, State, Upstream};
use fanlight_tests::Browser;
use serde_json::{Value, json};

/// Leafs through all that fits.
#[track_caller]
fn all(asha: &Browser, ask: &Value) -> Vec<Value> {
    let (mut found, mut before): (Vec<Value>, Option<u64>) = (Vec::new(), None);
    for _ in 0..100 {
        let mut ask = ask.clone();
        if let Some(before) = before {
            ask["before"] = before.into();
        }
        let page = asha.post("ledger/page", &ask).is(200).json();
        let lines = page["lines"].as_array().expect("lines");
        assert!(lines.len() as u64 <= ask["limit"].as_u64().unwrap_or(50));
        found.extend(lines.iter().cloned());
        before = page["next"].as_u64();
        if before.is_none() {
            let numbers: Vec<u64> = found.iter().map(|line| line["index"].as_u64().expect("a number")).collect();
            assert!(numbers.is_sorted_by(|a, b| a > b), "the newest first, and none twice: {numbers:?}");
            return found;
        }
    }
    panic!("it never ends");
}

fn outcome(line: &Value) -> &str {
    line["record"]["decision"]["outcome"].as_str().expect("an outcome")
}

fn scene() -> (Upstream, State, Node, Browser) {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(60)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    (upstream, state, node, asha)
}

#[test]
fn every_record_is_on_one_page_and_those_that_fit_are_all_found() {
    let (_upstream, state, node, asha) = scene();
    let url = format!("{}/pypi/simple/demo/", node.url());
    for _ in 0..2 {
        Request::get(&url).send().is(200);
    }
    // Several chunks, most of which have nothing of what is looked for.
    for _ in 0..700 {
        asha.get("status").is(200);
    }
    let shown = state.cli(&["ledger", "show", "--limit", "5000", "--json"]).ok();
    let shown = shown.stdout.lines().count() as u64;
    let whole = all(&asha, &json!({ "limit": 200 }));
    let newest = whole[0]["index"].as_u64().expect("a number");
    assert!(newest >= 700 && shown >= 700, "{newest} {shown}");
    // Each page leaves a record of its own, after those that it shows.
    assert_eq!(whole.len() as u64, newest + 1, "every record once");
    assert_eq!(whole.last().expect("the first")["index"], 0);

    let reads = all(&asha, &json!({ "action": "packages:read-index" }));
    assert_eq!(reads.len(), whole.iter().filter(|line| line["record"]["action"] == "packages:read-index").count());
    assert!(reads.len() >= 2, "{reads:?}");
    assert_eq!(all(&asha, &json!({ "action": "packages:", "on": "demo" })).len(), reads.len());
    assert_eq!(all(&asha, &json!({ "on": "pkg:pypi/demo", "outcome": "allow", "limit": 1 })).len(), reads.len());
    assert!(all(&asha, &json!({ "on": "pkg:pypi/other" })).is_empty());
    let hers = all(&asha, &json!({ "who": "asha", "action": "console:read-status" }));
    assert_eq!(hers.len(), 700);
    assert_eq!(hers[0]["opened"]["person"], "asha", "{}", hers[0]);
    let denied = all(&asha, &json!({ "outcome": "deny" }));
    assert!(denied.iter().all(|line| outcome(line) == "deny"));

    let time = whole[400]["record"]["time"].as_str().expect("a time");
    let (since, until) = (all(&asha, &json!({ "since": time })), all(&asha, &json!({ "until": time })));
    assert!(since.iter().all(|line| line["record"]["time"].as_str() >= Some(time)));
    let before = whole.iter().filter(|line| line["record"]["time"].as_str() < Some(time)).count();
    assert_eq!(until.len(), before);
    assert!(all(&asha, &json!({ "since": "2099-01-01T00:00:00Z" })).is_empty());
}

#[test]
fn what_was_marked_is_there_after_a_kill_and_goes_on() {
    let (_upstream, state, node, asha) = scene();
    for _ in 0..300 {
        asha.get("status").is(200);
    }
    node.kill();
    let node = state.start();
    let asha = asha.at(&node);
    for _ in 0..300 {
        asha.get("status").is(200);
    }
    assert_eq!(all(&asha, &json!({ "action": "console:read-status", "who": "asha", "limit": 200 })).len(), 600);
    node.is_healthy();
}

#[test]
fn what_cannot_be_looked_for_is_said() {
    let (_upstream, _state, _node, asha) = scene();
    asha.post("ledger/page", &json!({ "limit": 0 })).is(400).says("1 to 200");
    asha.post("ledger/page", &json!({ "limit": 201 })).is(400).says("1 to 200");
    asha.post("ledger/page", &json!({ "on": "" })).is(400).says("1 to 300 characters");
    asha.post("ledger/page", &json!({ "who": "x".repeat(301) })).is(400).says("1 to 300 characters");
    asha.post("ledger/page", &json!({ "outcome": "perhaps" })).is(400);
    asha.post("ledger/page", &json!({ "before": 9_007_199_254_740_991_u64 })).is(200);
}
