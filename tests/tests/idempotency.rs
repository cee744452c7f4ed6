//! Calls under an `Idempotency-Key`: made once, answered as often as they are asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use fanlight_testkit::{Answer, Node, Release, State, Upstream, wait_for};
use fanlight_tests::{Browser, record_of, records_of};
use serde_json::{Value, json};

const KEY: &str = "7d0f6f0e-9b1c-4c58-8f5e-0f5b3f0c9a01";
const OTHER: &str = "7d0f6f0e-9b1c-4c58-8f5e-0f5b3f0c9a02";
fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

fn ask(label: &str) -> Value {
    json!({ "label": label, "scopes": ["packages"], "days": 1 })
}

fn under(browser: &Browser, key: &str, path: &str, body: &Value) -> Answer {
    browser.request("POST", path).header("Idempotency-Key", key).body(body.to_string()).send()
}

fn keys(browser: &Browser) -> usize {
    browser.get("keys/own").is(200).json()["keys"].as_array().expect("keys").len()
}

#[test]
fn a_call_that_comes_again_is_not_made_again_and_has_the_same_answer() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let first = under(&asha, KEY, "keys", &ask("one")).is(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = under(&asha, KEY, "keys", &ask("one")).is(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), first.json(), "the secret is told again to who has the key");
    assert_eq!(keys(&asha), 1);
    // The repetition is in the record, as one about the node.
    let record = record_of(&state, &again);
    assert_eq!(record["action"], "console:repeat");
    assert_eq!(record["facts"]["call"], "console:make-key");

    // Nothing else may be asked under it, and another key is another call.
    let other = under(&asha, KEY, "keys", &ask("two")).is(409).json();
    assert!(other["detail"].as_str().expect("words").starts_with("Something else was asked"), "{other}");
    under(&asha, OTHER, "keys", &ask("one")).is(201);
    assert_eq!(keys(&asha), 2);

    // Another person's call under the same key is theirs.
    let ben = Browser::invited(&state, &node, "ben", None);
    let theirs = under(&ben, KEY, "keys", &ask("one")).is(201);
    assert_ne!(theirs.json()["secret"], first.json()["secret"]);

    // The answer lies sealed: nobody finds the secret in the state.
    let secret = first.json()["secret"].as_str().expect("a secret").split('_').nth(2).expect("a part").to_owned();
    assert_eq!(fanlight_tests::files_with(&state.path(), secret.as_bytes()), [] as [std::path::PathBuf; 0]);
}

#[test]
fn a_call_that_takes_no_body_is_the_same_call_with_any() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let refresh = |body: &Value| under(&asha, KEY, "advisories/refresh", body).is(200);
    let first = refresh(&json!({}));
    assert_eq!(first.header("idempotency-replayed"), None);
    for body in [json!({}), json!({ "what": "ever" })] {
        let again = refresh(&body);
        assert_eq!((again.header("idempotency-replayed"), again.json()), (Some("true"), first.json()));
    }
    under(&asha, KEY, "keys", &ask("one")).is(409).says("Something else was asked");
}

#[test]
fn what_was_refused_may_be_tried_again_under_the_same_key() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let quarantine = json!({ "purl": "pkg:pypi/demo@1.0", "because": "a test" });
    under(&ben, KEY, "quarantines", &quarantine).is(403);
    asha.post("roles", &json!({ "person": "ben", "role": "reviewer" })).is(200);
    let made = under(&ben, KEY, "quarantines", &quarantine);
    assert!(made.header("idempotency-replayed").is_none(), "a refusal is not kept: {}", made.text());
    made.is(200);
    assert_eq!(under(&ben, KEY, "quarantines", &quarantine).header("idempotency-replayed"), Some("true"));
}

#[test]
fn a_key_that_is_none_is_refused_in_words() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    for bad in ["short", "with a space in it somewhere", &"x".repeat(129), ""] {
        let refused = under(&asha, bad, "keys", &ask("one")).is(400).json();
        assert!(refused["detail"].as_str().expect("words").contains("16 to 128 visible ASCII"), "{refused}");
    }
    let twice = asha.request("POST", "keys").header("Idempotency-Key", KEY).header("Idempotency-Key", OTHER);
    twice.body(ask("one").to_string()).send().is(400);
    assert_eq!(keys(&asha), 0);
}

#[test]
fn of_many_at_the_same_time_one_is_made() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let ask = || {
            let answer = under(&asha, KEY, "keys", &ask("one"));
            (answer.status, answer.json())
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let made: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
    assert!(!made.is_empty() && made.iter().all(|one| one.1 == made[0].1), "{answers:?}");
    assert!(answers.iter().all(|(status, _)| [201, 409].contains(status)), "{answers:?}");
    assert_eq!(keys(&asha), 1);
}

#[test]
fn a_call_whose_body_had_not_come_when_the_node_died_was_not_begun() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    // All but the body's last byte has come when the node ends.
    let body = ask("one").to_string();
    let cookie = asha.cookie.clone().expect("a cookie");
    let mut wire = TcpStream::connect(node.address()).expect("a connection");
    let head = format!(
        "POST /v1/keys HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n\
         Idempotency-Key: {KEY}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        node.address(),
        node.url(),
        body.len()
    );
    wire.write_all(head.as_bytes()).expect("written");
    // The node asks for the body (RFC 9110, section 10.1.1), and begins the call when it has come.
    let mut goes_on = [0; 25];
    wire.read_exact(&mut goes_on).expect("an answer");
    assert_eq!(goes_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    wire.write_all(&body.as_bytes()[..body.len() - 1]).expect("written");
    node.kill();
    let node = state.start();
    let asha = asha.at(&node);
    assert_eq!(keys(&asha), 0);
    under(&asha, KEY, "keys", &ask("one")).is(201);
    under(&asha, KEY, "keys", &ask("one")).is(201);
    assert_eq!(keys(&asha), 1);
    under(&asha, OTHER, "keys", &ask("one")).is(201);
}

#[test]
fn a_call_that_the_node_died_in_is_not_made_again_and_says_so() {
    // A feed whose server takes the connection and never answers: who has it read waits.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let feed = format!("http://{}/all.zip", silent.local_addr().expect("an address"));
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    state.configure(&State::config(&upstream, "7d", &format!("[advisories]\nsources = [{feed:?}]\n")));
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let cookie = asha.cookie.clone().expect("a cookie");
    let mut wire = TcpStream::connect(node.address()).expect("a connection");
    let call = format!(
        "POST /v1/advisories/refresh HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nCookie: {cookie}\r\n\
         Idempotency-Key: {KEY}\r\nContent-Length: 2\r\n\r\n{{}}",
        node.address(),
        node.url(),
    );
    wire.write_all(call.as_bytes()).expect("written");
    wait_for("the call to be recorded", Duration::from_secs(10), || {
        (!records_of(&state, "console:refresh-advisories").is_empty()).then_some(())
    });
    let again = |browser: &Browser| under(browser, KEY, "advisories/refresh", &json!({})).is(409);
    let meanwhile = again(&asha);
    assert_eq!(meanwhile.header("retry-after"), Some("1"));
    assert!(meanwhile.text().contains("is under way"), "{}", meanwhile.text());
    node.kill();
    let node = state.start();
    let refused = again(&asha.at(&node));
    assert!(refused.text().contains("look whether it was done"), "{}", refused.text());
    assert_eq!(records_of(&state, "console:refresh-advisories").len(), 1);
}
