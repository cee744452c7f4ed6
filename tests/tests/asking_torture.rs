//! Kills while people ask and reviewers answer: no request half made, no grant without its record, nothing lost that was told.
//!
//! Short by default; `FANLIGHT_TORTURE=full` runs fifty kills.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fanlight_testkit::{Node, Release, Request, State, Upstream, wait_for};
use fanlight_tests::{Over, records_of};
use serde_json::{Value, json};

const PEOPLE: usize = 12;
const VERSIONS: usize = 60;

fn kills() -> usize {
    if std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full") { 50 } else { 4 }
}

/// What was told with a good status.
#[derive(Default)]
struct Told {
    asked: Mutex<Vec<String>>,
    granted: Mutex<Vec<String>>,
}

fn operator(state: &State) -> String {
    let token = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    format!("Bearer {}", token.trim())
}

fn post(node: &Node, path: &str, authorization: &str, body: &Value) -> Option<(u16, Value)> {
    let request = Request::new("POST", &format!("{}{path}", node.url())).header("Authorization", authorization);
    let answer = request.body(body.to_string()).limit(Duration::from_secs(20)).try_send().ok()?;
    answer.complete.then(|| (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
}

fn read(node: &Node, path: &str, authorization: &str) -> Option<Value> {
    let request = Request::get(&format!("{}{path}", node.url())).header("Authorization", authorization);
    let answer = request.limit(Duration::from_secs(20)).try_send().ok().filter(|answer| answer.complete)?;
    serde_json::from_slice(&answer.body).ok()
}

/// Asks for one release after another until told to stop. Each person may ask thirty times.
fn ask(node: &Node, people: &[String], next: &AtomicUsize, stop: &AtomicBool, told: &Told) {
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(person) = people.get(number / 25) else { return };
        let purl = format!("pkg:pypi/load@1.{}", number % VERSIONS);
        let body = json!({"purl": purl, "because": format!("ask {number}")});
        if let Some((200, asked)) = post(node, "/v1/requests", person, &body) {
            told.asked.lock().expect("a lock").push(asked["request"]["id"].as_str().expect("an id").to_owned());
        }
    }
}

/// Grants what waits until told to stop.
fn grant(node: &Node, operator: &str, stop: &AtomicBool, told: &Told) {
    while !stop.load(Ordering::Relaxed) {
        let waiting = read(node, "/v1/requests", operator).unwrap_or_default();
        for request in waiting["requests"].as_array().into_iter().flatten() {
            let id = request["id"].as_str().expect("an id");
            let body = json!({"seconds": 7200, "for": "person"});
            if let Some((200, _)) = post(node, &format!("/v1/requests/{id}/grant"), operator, &body) {
                told.granted.lock().expect("a lock").push(id.to_owned());
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

#[track_caller]
fn all_is_whole(state: &State, node: &Node, told: &Told) {
    let operator = operator(state);
    let listed = read(node, "/v1/requests?state=all", &operator).expect("requests");
    let requests: HashMap<&str, &Value> = listed["requests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|request| (request["id"].as_str().expect("an id"), request))
        .collect();
    let exceptions = read(node, "/v1/exceptions", &operator).expect("exceptions");
    let exceptions: HashSet<&str> = exceptions["exceptions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|exception| exception["id"].as_str().expect("an id"))
        .collect();
    let recorded = |action: &str, fact: &str| -> HashSet<String> {
        let records = records_of(state, action).into_iter().filter(|record| record["decision"]["outcome"] == "allow");
        records.filter_map(|record| record["facts"][fact].as_str().map(str::to_owned)).collect()
    };
    let (asks, grants) = (recorded("console:ask", "request"), recorded("console:grant-request", "exception"));
    let mut answers = HashSet::new();
    for (id, request) in &requests {
        assert!(asks.contains(*id), "{id} was asked without a record");
        assert_eq!(request["judged"]["policies"][0], "wait-and-see", "{request}");
        match request["state"].as_str() {
            Some("waiting") => assert!(request["answer"].is_null(), "{request}"),
            Some("granted") => {
                let exception = request["answer"]["exception"]["id"].as_str().expect("an exception");
                assert!(answers.insert(exception), "one exception answers two: {request}");
                assert!(exceptions.contains(exception), "{request} has an exception that is not there");
            }
            other => panic!("{other:?}: {request}"),
        }
    }
    for exception in &exceptions {
        assert!(grants.contains(*exception), "{exception} was granted without a record");
        assert!(answers.contains(exception), "{exception} answers no request");
    }
    for id in told.asked.lock().expect("a lock").iter() {
        assert!(requests.contains_key(id.as_str()), "{id} was told to be asked for, and is not there");
    }
    for id in told.granted.lock().expect("a lock").iter() {
        assert_eq!(requests[id.as_str()]["state"], "granted", "{id} was told to be granted");
    }
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn every_request_is_whole_and_every_grant_recorded_whenever_the_node_is_killed() {
    let upstream = Upstream::start();
    for version in 0..VERSIONS {
        upstream.add(&Release::new("load", &format!("1.{version}")).seconds_old(3600));
    }
    let state = State::before(&upstream, "");
    let node = state.start();
    let people: Vec<String> = (0..PEOPLE)
        .map(|number| {
            let body = json!({"person": format!("person-{number}"), "machine": "laptop"});
            let (status, made) = post(&node, "/v1/tokens", &operator(&state), &body).expect("an answer");
            assert_eq!(status, 201, "{made}");
            format!("Bearer {}", made["token"].as_str().expect("a token"))
        })
        .collect();
    node.kill();
    let (told, next) = (Told::default(), AtomicUsize::new(0));
    for round in 0..kills() {
        let node = state.start();
        let (stop, operator) = (AtomicBool::new(false), operator(&state));
        std::thread::scope(|scope| {
            let _over = Over(&stop);
            for _ in 0..3 {
                scope.spawn(|| ask(&node, &people, &next, &stop, &told));
            }
            scope.spawn(|| grant(&node, &operator, &stop, &told));
            let so_far = told.granted.lock().expect("a lock").len();
            wait_for("a grant", Duration::from_secs(30), || {
                let is_over = next.load(Ordering::Relaxed) / 25 >= PEOPLE;
                (is_over || told.granted.lock().expect("a lock").len() > so_far).then_some(())
            });
            std::thread::sleep(Duration::from_millis(37 * (round as u64 % 7)));
            let _ = std::process::Command::new("kill").args(["-KILL", &node.pid().to_string()]).status();
        });
        node.kill();
        let node = state.start();
        all_is_whole(&state, &node, &told);
        node.kill();
    }
    let granted = told.granted.lock().expect("a lock").len();
    assert!(granted >= kills().min(20), "only {granted} grants");
}
