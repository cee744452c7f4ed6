//! One's password changed, and passwords that are not taken because they were in a breach elsewhere.

use fanlight_testkit::{Node, Release, Request, Run, State, Upstream};
use fanlight_tests::browser::welcome;
use fanlight_tests::{Browser, PASSWORD, files_with, record_of};
use serde_json::json;

const ANOTHER: &str = "pewter llama yawning Thursday";

fn scene(more: &str) -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, more);
    let node = state.start();
    (upstream, state, node)
}

#[test]
fn a_password_is_changed_by_the_one_before_and_ends_the_other_sessions() {
    let (_upstream, state, node) = scene("");
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let elsewhere = asha.cookie.take().expect("a cookie");
    asha.log_in();
    let change = |current: &str, new: &str| asha.post("account/password", &json!({ "current": current, "new": new }));
    change("something else", ANOTHER).is(401).says("not the password that you have now");
    change(PASSWORD, "short").is(422).says("fewer than 12 characters");
    change(PASSWORD, "passwordpassword").is(422).says("easy to guess");
    let answer = change(PASSWORD, ANOTHER).is(200);
    assert_eq!(answer.json(), json!({ "sessions": 1 }));
    let record = record_of(&state, &answer);
    assert_eq!((&record["action"], &record["on"]["kind"]), (&json!("account:change-password"), &json!("Person")));
    assert!(files_with(&state.path(), ANOTHER.as_bytes()).is_empty(), "a password is kept");
    asha.get("account").is(200);
    Request::get(&format!("{}/v1/account", node.url())).header("Cookie", &elsewhere).send().is(401);
    change(PASSWORD, ANOTHER).is(401);
    let code = asha.codes.last().expect("a code").clone();
    asha.try_login("asha", PASSWORD, &code).is(401);
    asha.try_login("asha", ANOTHER, &code).is(200);
}

#[test]
fn a_stolen_session_changes_no_password() {
    let (_upstream, state, node) = scene("");
    let asha = Browser::first_steward(&state, &node, "asha");
    node.stop();
    // Ten minutes go by.
    let later = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); \
                 c.execute('UPDATE sessions SET second_factor_ms = second_factor_ms - 600000'); c.commit()";
    Run::new("python3").args(["-c", later]).args([state.path().join("fanlight.db").as_os_str()]).output().ok();
    let node = state.start();
    let asha = asha.at(&node);
    let change = |current: &str| asha.post("account/password", &json!({ "current": current, "new": ANOTHER }));
    change(PASSWORD).is(403).says("second factor that was shown within the last 10 minutes");
    // And nobody guesses there what cannot be guessed at the login.
    change("a guess a guess").is(403);
    let code = asha.codes.last().expect("a code").clone();
    asha.try_login("asha", PASSWORD, &code).is(200);
}

#[test]
fn guesses_at_the_password_that_holds_are_slowed_down() {
    let (_upstream, state, node) = scene("");
    let asha = Browser::first_steward(&state, &node, "asha");
    let change = |current: &str| asha.post("account/password", &json!({ "current": current, "new": ANOTHER })).status;
    let statuses: Vec<u16> = (0..7).map(|_| change("a guess a guess")).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(change(PASSWORD), 429);
    let login = asha.try_login("asha", PASSWORD, asha.codes.last().expect("a code")).status;
    assert_eq!(login, 429, "it is one count");
}

#[test]
fn a_breached_password_is_not_taken_and_a_list_that_is_none_stops_the_start() {
    let list = tempfile::NamedTempFile::new().expect("a file");
    let make = "import hashlib,sys; words = [sys.argv[1]] + ['x%d' % n for n in range(2000)]; \
                print('\\n'.join(sorted(hashlib.sha1(w.encode()).hexdigest().upper() + ':3' for w in words)))";
    let made = Run::new("python3").args(["-c", make, PASSWORD]).output().ok();
    std::fs::write(list.path(), made.stdout).expect("a list");
    let setting = format!("[login]\nbreached_passwords = {:?}\n", list.path().display().to_string());
    let (_upstream, state, node) = scene(&setting);
    let made = state.cli(&["steward-link", "--json"]).ok().json();
    let secret = made["link"].as_str().and_then(|link| link.rsplit_once('#')).expect("a link").1.to_owned();
    let (app, ticket) = welcome(&node, &secret);
    let join = |password: &str| {
        let body =
            json!({ "link": secret, "name": "asha", "password": password, "ticket": ticket, "code": app.code(0) });
        let post = Request::new("POST", &format!("{}/v1/welcome/join", node.url())).header("Origin", node.url());
        post.body(body.to_string()).send()
    };
    join(PASSWORD).is(422).says("was in a breach elsewhere");
    join(ANOTHER).is(201);
    node.stop();
    std::fs::write(list.path(), "not a list\n").expect("another file");
    state.cli(&["up"]).fails().says("login.breached_passwords").says("at byte 0");
}
