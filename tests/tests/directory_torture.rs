//! Kills while a directory brings people in, gives them roles and ends them: nobody is half here, nobody who left comes in, nobody has a
//! role without its record.
//!
//! Short by default; `FANLIGHT_TORTURE=full` runs fifty kills.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fanlight_testkit::{Node, Request, State, wait_for};
use fanlight_tests::{Over, records_of};
use serde_json::{Value, json};

fn kills() -> usize {
    if std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full") { 50 } else { 4 }
}

/// Somebody who was told to be here.
#[derive(Clone)]
struct Here {
    id: String,
    /// A token of their machine, and whether they were told to be a mentor.
    token: Option<String>,
    mentor: bool,
    /// What was asked of them last and not answered: it may be either.
    unsure: bool,
    left: bool,
}

/// What was told with a good status, by name.
#[derive(Default)]
struct Told {
    people: Mutex<HashMap<String, Here>>,
    left: AtomicUsize,
}

impl Told {
    fn change(&self, name: &str, change: impl FnOnce(&mut Here)) {
        self.people.lock().expect("a lock").get_mut(name).map(change).expect("somebody known");
    }
}

fn operator(state: &State) -> String {
    let token = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    format!("Bearer {}", token.trim())
}

fn send(request: &Request) -> Option<(u16, Value)> {
    let answer = request.try_send().ok().filter(|answer| answer.complete)?;
    Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
}

/// Brings people in one after the other, has each make a token and be a mentor, and ends every other, until told to stop.
fn come_and_go(node: &Node, thread: usize, operator: &str, stop: &AtomicBool, told: &Told) {
    let ask = |method: &str, path: &str, body: &Value| {
        let request = Request::new(method, &format!("{}{path}", node.url())).header("Authorization", operator);
        send(&request.body(body.to_string()).limit(Duration::from_secs(20)))
    };
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("p{}-{thread}-{number}", node.pid());
        let Some((201, made)) = ask("POST", "/scim/v2/Users", &json!({ "userName": name })) else { continue };
        let id = made["id"].as_str().expect("an id").to_owned();
        let here = Here { id: id.clone(), token: None, mentor: false, unsure: false, left: false };
        told.people.lock().expect("a lock").insert(name.clone(), here);
        if let Some((201, made)) = ask("POST", "/v1/tokens", &json!({ "person": name, "machine": "load" })) {
            told.change(&name, |here| here.token = made["token"].as_str().map(str::to_owned));
        }
        if let Some((200, _)) = ask("POST", "/v1/roles", &json!({ "person": name, "role": "mentor" })) {
            told.change(&name, |here| here.mentor = true);
        }
        if number % 2 == 0 {
            continue;
        }
        told.change(&name, |here| here.unsure = true);
        let off = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": { "active": false } }],
        });
        if let Some((200, _)) = ask("PATCH", &format!("/scim/v2/Users/{id}"), &off) {
            told.change(&name, |here| (here.unsure, here.left) = (false, true));
            told.left.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Holds what is there against what was told. The tokens of those who were looked at before are shown again at the end alone: what is
/// told in one round changes in no other, and each is a record.
#[track_caller]
fn all_is_whole(state: &State, node: &Node, told: &Told, looked_at: &mut HashSet<String>, is_last: bool) {
    let people = Request::get(&format!("{}/v1/people", node.url())).header("Authorization", &operator(state));
    let people = people.send().is(200).json();
    let recorded = |action: &str| -> HashSet<String> {
        let records = records_of(state, action).into_iter().filter(|record| record["decision"]["outcome"] == "allow");
        records.filter_map(|record| record["on"]["id"].as_str().map(str::to_owned)).collect()
    };
    let (brought, ended, promoted) =
        (recorded("directory:keep-person"), recorded("directory:end-person"), recorded("console:give-role"));
    let mut known = HashMap::new();
    for person in people["people"].as_array().expect("people") {
        let id = person["person"].as_str().expect("an id");
        // Whoever runs the node is known without a directory.
        let by_directory = person["name"].as_str().is_none_or(|name| name != "tester");
        assert!(!by_directory || brought.contains(id), "{person} came without a record");
        assert!(person["left"].is_null() || ended.contains(id), "{person} left without a record");
        let roles = person["roles"].as_array().expect("roles");
        assert!(roles.is_empty() || promoted.contains(id), "{person} is a mentor without a record");
        assert!(person["left"].is_null() || roles.is_empty(), "{person} left and has a role");
        known.insert(id.to_owned(), person.clone());
    }
    for (name, here) in told.people.lock().expect("a lock").iter() {
        let person = known.get(&here.id).unwrap_or_else(|| panic!("{name} was told to be here and is not known"));
        assert_eq!(person["name"], json!(name));
        if here.unsure {
            continue;
        }
        assert_eq!(!person["left"].is_null(), here.left, "{person}");
        assert!(!here.mentor || here.left || person["roles"] == json!(["mentor"]), "{person} was told to be a mentor");
        let is_due = looked_at.insert(name.clone()) || is_last;
        if let Some(token) = here.token.as_ref().filter(|_| is_due) {
            let page = Request::get(&format!("{}/v1/requests/own", node.url()));
            let status = page.header("Authorization", &format!("Bearer {token}")).send().status;
            assert_eq!(status, if here.left { 401 } else { 200 }, "{person}");
        }
    }
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn nobody_is_half_here_and_nobody_who_left_comes_in_whenever_the_node_is_killed() {
    let state = State::with_config("");
    let node = state.start();
    let address = node.address().to_owned();
    node.kill();
    let start = || state.start_with(&state.command(&["up", "--listen", &address]));
    let (told, mut looked_at) = (Told::default(), HashSet::new());
    for round in 0..kills() {
        let node = start();
        let (stop, operator) = (AtomicBool::new(false), operator(&state));
        std::thread::scope(|scope| {
            let _over = Over(&stop);
            for thread in 0..3 {
                let (node, operator, stop, told) = (&node, &operator, &stop, &told);
                scope.spawn(move || come_and_go(node, thread, operator, stop, told));
            }
            let so_far = told.left.load(Ordering::Relaxed);
            wait_for("people to leave", Duration::from_secs(30), || {
                (told.left.load(Ordering::Relaxed) > so_far + 3).then_some(())
            });
            std::thread::sleep(Duration::from_millis(23 * (round as u64 % 7)));
            let _ = std::process::Command::new("kill").args(["-KILL", &node.pid().to_string()]).status();
        });
        node.kill();
        let node = start();
        all_is_whole(&state, &node, &told, &mut looked_at, round + 1 == kills());
        node.kill();
    }
    assert!(told.left.load(Ordering::Relaxed) >= kills(), "hardly anybody left");
}
