//! Passkeys: an account made by one, logging in by one, one as a second factor; copies, false pages and answers shown twice.

use std::time::Duration;

use fanlight_testkit::{Answer, KeyKind, Node, Release, Request, Run, SoftPasskey, State, Upstream, wait_for};
use fanlight_tests::browser::cookie_of;
use fanlight_tests::{Browser, PASSWORD, record_of, records_of};
use serde_json::{Value, json};

const ANOTHER: &str = "pewter llama yawning Thursday";

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// Where people open the node on this machine.
fn origin(node: &Node) -> String {
    format!("http://localhost:{}", node.address().rsplit_once(':').expect("a port").1)
}

fn post(node: &Node, cookie: Option<&str>, path: &str, body: &Value) -> Answer {
    let request = Request::new("POST", &format!("{}/v1/{path}", node.url())).header("Origin", node.url());
    let request = cookie.into_iter().fold(request, |request, cookie| request.header("Cookie", cookie));
    request.body(body.to_string()).send()
}

fn question(node: &Node) -> Value {
    post(node, None, "login/passkey/question", &json!({})).is(200).json()
}

fn log_in(node: &Node, passkey: &SoftPasskey) -> Answer {
    post(node, None, "login/passkey", &passkey.show(&question(node)))
}

/// A passkey on a browser that has the node's page open.
fn passkey(node: &Node, kind: KeyKind) -> SoftPasskey {
    SoftPasskey::new(kind, &origin(node))
}

fn secret_of(made: &Value) -> String {
    made["link"].as_str().and_then(|link| link.rsplit_once('#')).expect("a link").1.to_owned()
}

/// Somebody who makes an account by a link and a passkey alone.
fn join(node: &Node, secret: &str, name: &str, passkey: &mut SoftPasskey) -> Answer {
    let welcome = post(node, None, "welcome", &json!({ "link": secret })).is(200).json();
    let made = passkey.make(&welcome["passkey"], "phone");
    post(node, None, "welcome/join", &json!({ "link": secret, "name": name, "passkey": made }))
}

fn first_steward(state: &State, node: &Node) -> SoftPasskey {
    let secret = secret_of(&state.cli(&["steward-link", "--json"]).ok().json());
    let mut passkey = passkey(node, KeyKind::Es256);
    join(node, &secret, "asha", &mut passkey).is(201);
    passkey
}

/// The id of somebody's first passkey.
fn first_of(browser: &Browser) -> String {
    let account = browser.get("account").is(200).json();
    account["passkeys"][0]["passkey"].as_str().expect("a passkey").to_owned()
}

/// Adds one to an account.
fn add(browser: &Browser, passkey: &mut SoftPasskey, name: &str) -> Answer {
    let offer = browser.post("account/passkeys/offer", &json!({})).is(200).json();
    browser.post("account/passkeys", &passkey.make(&offer, name))
}

#[test]
fn people_come_in_and_log_in_by_a_passkey_alone() {
    let (_upstream, state, node) = scene();
    for (kind, name) in [(KeyKind::Es256, "asha"), (KeyKind::Ed25519, "ben")] {
        let made = match name {
            "asha" => state.cli(&["steward-link", "--json"]),
            name => state.cli(&["people", "invite", name, "--role", "steward", "--json"]),
        };
        let mut passkey = passkey(&node, kind);
        let joined = join(&node, &secret_of(&made.ok().json()), name, &mut passkey).is(201);
        assert_eq!(joined.json()["recovery_codes"], json!([]), "they would open nothing without a password");
        let answer = log_in(&node, &passkey).is(200);
        let record = record_of(&state, &answer);
        assert_eq!(record["facts"]["by"], "passkey");
        assert_eq!(record["who"]["strength"], "stepped-up", "a passkey is two factors");
        let cookie = cookie_of(&answer).expect("a cookie");
        let account = Request::get(&format!("{}/v1/account", node.url())).header("Cookie", &cookie).send().is(200);
        let account = account.json();
        assert_eq!((&account["name"], &account["has_password"]), (&json!(name), &json!(false)));
        assert_eq!(account["passkeys"][0]["name"], "phone");
        // What asks for a fresh second factor takes it.
        let group = json!({ "person": name, "group": "finance" });
        post(&node, Some(&cookie), "groups", &group).is(403).says("nobody widens their own rights");
        // Its only way in stays.
        let id = account["passkeys"][0]["passkey"].as_str().expect("an id");
        let remove = Request::new("DELETE", &format!("{}/v1/account/passkeys/{id}", node.url()));
        remove.header("Origin", node.url()).header("Cookie", &cookie).send().is(409).says("only way to log in");
        // By name and password nobody comes in there.
        post(&node, None, "login", &json!({ "name": name, "password": "", "code": "" })).is(401);
        let change = json!({ "current": "", "new": ANOTHER });
        post(&node, Some(&cookie), "account/password", &change).is(422).says("without a password");
    }
    state.cli(&["steward-link"]).exits(1).says("There is a steward already");
}

#[test]
fn one_way_to_log_in_ends_with_the_sessions_and_the_others_go_on() {
    let (_upstream, state, node) = scene();
    let stolen = first_steward(&state, &node);
    let mut ben = Browser::invited(&state, &node, "ben", Some("steward"));
    let mut phone = passkey(&node, KeyKind::Es256);
    add(&ben, &mut phone, "phone").is(201);
    let of_asha = cookie_of(&log_in(&node, &stolen).is(200)).expect("a cookie");
    let card = |name: &str| state.cli(&["people", "logins", name, "--json"]).ok().json();
    let id = |name: &str| card(name)["passkeys"][0]["passkey"].as_str().expect("a passkey").to_owned();
    let end = |name: &str, way: &str| state.cli(&["people", "logins", name, "--end", way]);

    // Of ben two ways: the phone goes, and with it his session; the password opens as before.
    end("ben", &id("ben")).ok().says("1 session ended").says("as they did otherwise");
    ben.get("account").is(401);
    log_in(&node, &phone).is(401);
    ben.log_in();
    ben.get("account").is(200);
    end("ben", "pky_aaaaaaaaaaaaaaaa").exits(1).says("has no such way to log in");
    end("ben", "provider:acme").exits(1).says("has no such way");
    end("ben", "totp").exits(2).says("the id of a passkey");
    state.cli(&["people", "logins", "ben"]).ok().says("password and authenticator app, 9 recovery codes left");

    // A session of another steward, with a fresh second factor, ends asha's only key: nothing is left to her.
    let of_her = id("asha");
    let ended = ben.post("people/logins/end", &json!({ "person": "asha", "way": of_her })).is(200);
    assert_eq!(ended.json(), json!({ "way": of_her, "sessions": 2, "can_log_in": false }));
    assert_eq!(record_of(&state, &ended)["facts"]["login"], of_her.as_str());
    Request::get(&format!("{}/v1/account", node.url())).header("Cookie", &of_asha).send().is(401);
    log_in(&node, &stolen).is(401);
    assert_eq!(card("asha")["can_log_in"], false);
    state.cli(&["people", "logins", "asha"]).ok().says("cannot log in: `fanlight people invite asha`");

    // She is a steward still, and nobody but ben could log in: his password stays.
    end("ben", "password").exits(1).says("no steward would be left");
    ben.get("account").is(200);
    let invited = state.cli(&["people", "invite", "asha", "--json"]).ok().json();
    let mut another = passkey(&node, KeyKind::Es256);
    join(&node, &secret_of(&invited), "asha", &mut another).is(201);
    end("ben", "password").ok().says("They have no other way: `fanlight people invite ben`");
    ben.get("account").is(401);
    let again = json!({ "name": "ben", "password": PASSWORD, "code": ben.app.code(60) });
    post(&node, None, "login", &again).is(401);
}

#[test]
fn an_answer_counts_once_and_for_its_own_question() {
    let (_upstream, state, node) = scene();
    let passkey = first_steward(&state, &node);
    let try_with = |answer: &Value| post(&node, None, "login/passkey", answer);
    let answer = passkey.show(&question(&node));
    try_with(&answer).is(200);
    try_with(&answer).is(401).says("the passkey is wrong");
    // Signed for another question.
    let (mut mixed, other) = (passkey.show(&question(&node)), question(&node));
    mixed["ticket"] = other["ticket"].clone();
    try_with(&mixed).is(401);
    for ticket in ["", "AAAA"] {
        mixed["ticket"] = json!(ticket);
        try_with(&mixed).is(401);
    }
    let records = records_of(&state, "account:log-in");
    assert_eq!(records.iter().filter(|record| record["decision"]["outcome"] == "deny").count(), 4);
}

#[test]
fn a_false_page_and_an_authenticator_that_verifies_nobody_open_nothing() {
    let (_upstream, state, node) = scene();
    let mut asha = first_steward(&state, &node);
    asha.flags = 1;
    log_in(&node, &asha).is(401);
    asha.flags = 5;
    for elsewhere in ["https://evil.example", "http://localhost:1", node.url()] {
        asha.origin = elsewhere.to_owned();
        log_in(&node, &asha).is(401);
    }
    asha.origin = origin(&node);
    log_in(&node, &asha).is(200);
    let mut ben = passkey(&node, KeyKind::Es256);
    ben.flags = 1;
    let invited = secret_of(&state.cli(&["people", "invite", "ben", "--json"]).ok().json());
    join(&node, &invited, "ben", &mut ben).is(422).says("did not verify who was there");
    ben.flags = 5;
    join(&node, &invited, "ben", &mut ben).is(201);
}

#[test]
fn a_copy_of_a_passkey_is_told_and_let_in_nowhere() {
    let (_upstream, state, node) = scene();
    let passkey = first_steward(&state, &node);
    passkey.count.set(7);
    log_in(&node, &passkey).is(200);
    // Whoever has a copy of it from before counts on from there.
    passkey.count.set(3);
    let answer = log_in(&node, &passkey).is(401).says("there is a copy of this passkey");
    let record = record_of(&state, &answer);
    assert_eq!((&record["facts"]["fault"], &record["on"]["kind"]), (&json!("copied-passkey"), &json!("Person")));
}

#[test]
fn passkeys_are_added_with_a_fresh_second_factor_shown_as_one_and_removed() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let mut hers = passkey(&node, KeyKind::Ed25519);
    let offer = asha.post("account/passkeys/offer", &json!({})).is(200).json();
    let made = hers.make(&offer, "blue key");
    let answer = asha.post("account/passkeys", &made).is(201);
    assert_eq!(record_of(&state, &answer)["action"], "account:add-login");
    asha.post("account/passkeys", &made).is(422).says("did not ask for it lately");
    let handle = hers.handle.clone();
    add(&asha, &mut hers, "again").is(422).says("known here already");
    hers.handle = handle;
    // An offer to somebody else is no offer to her.
    let ben = Browser::invited(&state, &node, "ben", None);
    let offer = ben.post("account/passkeys/offer", &json!({})).is(200).json();
    let mut his = passkey(&node, KeyKind::Es256);
    asha.post("account/passkeys", &his.make(&offer, "not hers")).is(422);
    add(&ben, &mut his, "his").is(201);
    // It is a second factor of hers, and nobody else's is.
    let before = asha.cookie.clone();
    asha.post("step-up", &json!({ "passkey": his.show(&question(&node)) })).is(401);
    asha.cookie = cookie_of(&asha.post("step-up", &json!({ "passkey": hers.show(&question(&node)) })).is(200));
    assert_ne!(asha.cookie, before, "another secret at each step up");
    log_in(&node, &hers).is(200);
    let id = first_of(&asha);
    ben.request("DELETE", &format!("account/passkeys/{id}")).send().is(404);
    asha.request("DELETE", &format!("account/passkeys/{id}")).send().is(200);
    log_in(&node, &hers).is(401);
    assert_eq!(asha.get("account").json()["passkeys"], json!([]));
}

#[test]
fn a_backup_brings_back_neither_a_passkey_that_was_removed_nor_a_password_that_was_changed() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let mut lost = passkey(&node, KeyKind::Es256);
    add(&asha, &mut lost, "lost").is(201);
    let file = state.home().join("backup.tar").display().to_string();
    state.cli(&["backup", &file]).ok();
    asha.request("DELETE", &format!("account/passkeys/{}", first_of(&asha))).send().is(200);
    asha.post("account/password", &json!({ "current": PASSWORD, "new": ANOTHER })).is(200);
    state.cli(&["restore", &file, "--yes"]).ok();
    wait_for("the node to have gone over", Duration::from_secs(20), || {
        (state.cli(&["people", "list"]).code == Some(0)).then_some(())
    });
    log_in(&node, &lost).is(401);
    asha.cookie = None;
    let code = asha.codes.pop().expect("a code");
    asha.try_login("asha", PASSWORD, &code).is(401);
    asha.try_login("asha", ANOTHER, &code).is(200);
}

#[test]
fn a_node_that_is_reached_by_an_address_alone_says_that_it_has_no_passkeys() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "[login]\naddress = \"http://127.0.0.1:1\"\n");
    let node = state.start();
    let secret = secret_of(&state.cli(&["steward-link", "--json"]).ok().json());
    let welcome = post(&node, None, "welcome", &json!({ "link": secret })).is(200).json();
    assert_eq!(welcome.get("passkey"), None);
    post(&node, None, "login/passkey/question", &json!({})).is(409).says("login.address");
}

/// Chromium, where this machine has it.
fn chromium() -> Option<&'static str> {
    let is_there = |name: &&&str| std::process::Command::new(**name).arg("--version").output().is_ok();
    let found = ["chromium", "chromium-browser", "google-chrome"].iter().find(is_there).copied();
    if found.is_none() {
        eprintln!("missing: Chromium, so that passkeys are not tried in a real browser");
        assert!(std::env::var("CI").is_err(), "CI runs with Chromium");
    }
    found
}

#[test]
fn a_real_browser_makes_a_passkey_on_the_node_s_pages_and_logs_in_by_it() {
    let Some(chromium) = chromium() else { return };
    let (_upstream, state, node) = scene();
    let made = state.cli(&["steward-link", "--json"]).ok().json();
    let link = made["link"].as_str().expect("a link");
    assert!(link.starts_with(&format!("{}/welcome#", origin(&node))), "a passkey needs a name: {link}");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/passkeys.mjs");
    // Helpers of the browser's may write into it after its end, so whoever removes it does not mind what is left.
    let profile = tempfile::tempdir().expect("a folder");
    let folder = profile.path().to_str().expect("a path");
    let args = ["--experimental-websocket", "--no-warnings", script, chromium, link, folder];
    let seen = Run::new("node").own_env().args(args).limit(Duration::from_secs(90)).output().ok().json();
    assert_eq!(seen["picture"], 2, "the picture for the app is drawn, light and dark: {seen}");
    assert_eq!(seen["hash"], "", "the link's secret leaves the address at once");
    let says =
        |page: &str, words: &str| assert!(seen[page].as_str().is_some_and(|text| text.contains(words)), "{seen}");
    says("welcome", "asha, you have an account and are logged in.");
    says("account", "You are asha: steward.");
    says("again", "You are asha: steward.");
    assert_eq!(
        seen["errors"],
        json!([]),
        "the browser has nothing to complain about, its policy for content least of all"
    );
    let ways = records_of(&state, "account:log-in");
    assert_eq!(ways.last().expect("a record")["facts"]["by"], "passkey");
}
