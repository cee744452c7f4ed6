//! Whoever holds a request's body back until they were logged out, lost their key, left or lost a role, has nothing from it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fanlight_testkit::{Node, Release, State, Upstream};
use fanlight_tests::{Browser, records_of};
use serde_json::{Value, json};

/// A request whose body is still to come, and for which the node waits.
struct Held {
    stream: TcpStream,
    body: String,
}

impl Held {
    /// Sends the head; by the `100 Continue` that comes back the caller was let in, and the body is waited for.
    fn begin(node: &Node, path: &str, shows: &str, body: &Value) -> Self {
        let body = body.to_string();
        let mut stream = TcpStream::connect(node.address()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let head = format!(
            "POST /v1/{path} HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\n{shows}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
            node.address(),
            node.url(),
            body.len(),
        );
        stream.write_all(head.as_bytes()).expect("the head");
        let mut said = [0; 25];
        stream.read_exact(&mut said).expect("an interim answer");
        assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    /// Sends the body, and gives the answer.
    fn end(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).expect("the body");
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

#[test]
fn what_ended_while_a_body_was_on_its_way_lets_nobody_act() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let invite = json!({ "person": "mallory", "role": "steward" });
    let of = |browser: &Browser| format!("Cookie: {}", browser.cookie.as_deref().expect("a cookie"));
    let key = |browser: &Browser| {
        let ask = json!({ "scopes": ["api"], "label": "x", "days": 1 });
        let made = browser.post("keys", &ask).is(201).json();
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        (text("key"), format!("Authorization: Bearer {}", text("secret")))
    };
    // A body that nobody waits for long is as good as ever.
    let held = Held::begin(&node, "groups", &of(&asha), &json!({ "person": "ben", "group": "finance" }));
    let ben = Browser::invited(&state, &node, "ben", Some("steward"));
    assert!(held.end().starts_with("HTTP/1.1 200"), "she is logged in");

    let held = Held::begin(&node, "invitations", &of(&ben), &invite);
    asha.post("people/logins/end", &json!({ "person": "ben", "way": "password" })).is(200);
    let answer = held.end();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("session-over"), "{answer}");

    let ben = Browser::invited(&state, &node, "ben", Some("steward"));
    let (id, shows) = key(&ben);
    let quarantine = json!({ "purl": "pkg:pypi/demo", "because": "x" });
    let held = Held::begin(&node, "quarantines", &shows, &quarantine);
    ben.request("DELETE", &format!("keys/{id}")).send().is(200);
    let answer = held.end();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("revoked-token"), "{answer}");

    let held = Held::begin(&node, "invitations", &of(&ben), &invite);
    state.cli(&["people", "role", "ben", "remove", "steward"]).ok();
    let answer = held.end();
    assert!(answer.starts_with("HTTP/1.1 403"), "the policies are those of now: {answer}");

    let held = Held::begin(&node, "account/password", &of(&ben), &json!({ "current": "x", "new": "y" }));
    state.cli(&["leaver", "ben"]).ok();
    assert!(held.end().starts_with("HTTP/1.1 401"));

    assert_eq!(records_of(&state, "console:quarantine"), Vec::<Value>::new());
    let of_ben = ben_id(&state);
    let invites = records_of(&state, "console:invite");
    let allowed = invites.iter().filter(|record| record["decision"]["outcome"] == "allow");
    assert!(allowed.clone().count() > 0 && allowed.clone().all(|record| record["who"]["id"] != of_ben.as_str()));
}

/// Ben's pseudonym.
fn ben_id(state: &State) -> String {
    let people = state.cli(&["people", "list", "--json"]).ok().json();
    let people = people["people"].as_array().expect("people").clone();
    let ben = people.iter().find(|one| one["name"] == "ben").expect("ben");
    ben["person"].as_str().expect("a pseudonym").to_owned()
}
