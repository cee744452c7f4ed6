//! Kills while keys are made and revoked and tokens ended: no key without its record, no revoked one alive, none that was told lost.
//!
//! Short by default; `FANLIGHT_TORTURE=full` runs fifty kills.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanlight_testkit::{Node, Request, State, wait_for};
use fanlight_tests::{Browser, Over, records_of};
use serde_json::{Value, json};

fn kills() -> usize {
    if std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full") { 50 } else { 4 }
}

/// What was told with a good status.
#[derive(Default)]
struct Told {
    /// Keys by name and secret.
    made: Mutex<Vec<(String, String)>>,
    /// Keys, by name.
    revoked: Mutex<HashSet<String>>,
    /// Keys whose end was asked for and not answered: they may be either.
    unsure: Mutex<HashSet<String>>,
    /// Tokens with the key that they are of.
    ended: Mutex<Vec<(String, String)>>,
}

fn operator(state: &State) -> String {
    let token = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    format!("Bearer {}", token.trim())
}

fn send(request: &Request) -> Option<(u16, Value)> {
    let answer = request.try_send().ok().filter(|answer| answer.complete)?;
    Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
}

fn form(node: &Node, path: &str, (id, secret): &(String, String), body: &str) -> Option<(u16, Value)> {
    let request = Request::new("POST", &format!("{}{path}", node.url())).basic(id, secret);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
    send(&request.limit(Duration::from_secs(20)))
}

/// Makes keys, gets a token for each and ends it, and revokes nearly every key, until told to stop: a
/// holder has at most fifty that are good.
fn come_and_go(node: &Node, app: &str, operator: &str, stop: &AtomicBool, told: &Told) {
    let request = |method: &str, path: &str| {
        let request = Request::new(method, &format!("{}{path}", node.url())).header("Authorization", operator);
        request.limit(Duration::from_secs(20))
    };
    while !stop.load(Ordering::Relaxed) {
        let ask = json!({ "app": app, "label": "load", "scopes": ["api:read"], "days": 1 });
        let Some((201, made)) = send(&request("POST", "/v1/keys").body(ask.to_string())) else { continue };
        let text = |name: &str| made[name].as_str().expect("text").to_owned();
        let key = (text("key"), text("secret"));
        told.made.lock().expect("a lock").push(key.clone());
        if let Some((200, answer)) = form(node, "/oauth/token", &key, "grant_type=client_credentials") {
            let token = answer["access_token"].as_str().expect("a token").to_owned();
            if let Some((200, _)) = form(node, "/oauth/revoke", &key, &format!("token={token}")) {
                told.ended.lock().expect("a lock").push((token, key.0.clone()));
            }
        }
        let is_to_go = told.made.lock().expect("a lock").len() % 64 != 1;
        if is_to_go {
            match send(&request("DELETE", &format!("/v1/keys/{}", key.0))) {
                Some((200, _)) => told.revoked.lock().expect("a lock").insert(key.0),
                _ => told.unsure.lock().expect("a lock").insert(key.0),
            };
        }
    }
}

/// Holds what is there against what was told. The secrets of those looked at before are shown again at the end alone: what is told in
/// one round changes in no other, and each is a record. Keys that a kill left good are ended: a holder has at most fifty.
#[track_caller]
fn all_is_whole(state: &State, node: &Node, told: &Told, looked_at: &mut HashSet<String>, is_last: bool) {
    let keys = Request::get(&format!("{}/v1/keys", node.url())).header("Authorization", &operator(state));
    let keys = keys.send().is(200).json();
    let records = |action: &str| -> HashSet<String> {
        let records = records_of(state, action).into_iter().filter(|record| record["decision"]["outcome"] == "allow");
        records.filter_map(|record| record["facts"]["key"].as_str().map(str::to_owned)).collect()
    };
    let (made, revoked) = (records("console:make-key"), records("console:revoke-key"));
    for key in keys["keys"].as_array().expect("keys") {
        let id = key["key"].as_str().expect("a name");
        assert!(made.contains(id), "{id} was made without a record");
        assert!(key["revoked"].is_null() || revoked.contains(id), "{id} was revoked without a record");
    }
    let status = |secret: &str| {
        let request = Request::get(&format!("{}/v1/status", node.url()));
        request.header("Authorization", &format!("Bearer {secret}")).send().status
    };
    let (ended, unsure) = (told.revoked.lock().expect("a lock"), told.unsure.lock().expect("a lock"));
    let made = told.made.lock().expect("a lock");
    for (id, secret) in made.iter().filter(|(id, _)| !unsure.contains(id)) {
        if !looked_at.insert(id.clone()) && !is_last {
            continue;
        }
        let expected = if ended.contains(id) { 401 } else { 200 };
        assert_eq!(status(secret), expected, "{id}, told to be {}", if expected == 200 { "made" } else { "revoked" });
    }
    for (token, of) in told.ended.lock().expect("a lock").iter() {
        if looked_at.insert(token.clone()) || is_last {
            assert_eq!(status(token), 401, "a token of {of} that was told to be ended");
        }
    }
    let is_told = |id: &str| made.iter().any(|(made, _)| made == id) && !unsure.contains(id);
    for key in keys["keys"].as_array().expect("keys").iter().filter(|key| key["revoked"].is_null()) {
        let id = key["key"].as_str().expect("a name");
        if !is_told(id) {
            let end = Request::new("DELETE", &format!("{}/v1/keys/{id}", node.url()));
            end.header("Authorization", &operator(state)).send().is(200);
        }
    }
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn no_key_is_half_made_and_none_that_ended_lives_whenever_the_node_is_killed() {
    let state = State::with_config("");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let words = json!({ "title": "Load", "headline": "Makes load", "about": "Only load.", "successor": "ben" });
    let app = asha.post("apps", &words).is(201).json()["app"].as_str().expect("an app").to_owned();
    let address = node.address().to_owned();
    node.kill();
    let start = || state.start_with(&state.command(&["up", "--listen", &address]));
    let (told, mut looked_at) = (Told::default(), HashSet::new());
    for round in 0..kills() {
        let node = start();
        let (stop, operator) = (AtomicBool::new(false), operator(&state));
        std::thread::scope(|scope| {
            let _over = Over(&stop);
            for _ in 0..3 {
                scope.spawn(|| come_and_go(&node, &app, &operator, &stop, &told));
            }
            let so_far = told.ended.lock().expect("a lock").len();
            wait_for("a token to end", Duration::from_secs(30), || {
                (told.ended.lock().expect("a lock").len() > so_far + 3).then_some(())
            });
            std::thread::sleep(Duration::from_millis(29 * (round as u64 % 7)));
            let _ = std::process::Command::new("kill").args(["-KILL", &node.pid().to_string()]).status();
        });
        node.kill();
        let node = start();
        all_is_whole(&state, &node, &told, &mut looked_at, round + 1 == kills());
        node.kill();
    }
    assert!(told.revoked.lock().expect("a lock").len() >= kills(), "hardly anything was revoked");
}
