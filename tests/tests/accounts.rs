//! Accounts: the first steward, logging in, sessions, the second factor shown anew, leaving.

use std::time::Duration;

use fanlight_testkit::{Node, Release, Request, Run, State, Upstream, get, wait_for};
use fanlight_tests::browser::{cookie_of, welcome};
use fanlight_tests::{Browser, PASSWORD, files_with, record_of, records_of};
use serde_json::{Value, json};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

#[test]
fn the_first_start_prints_a_link_and_whoever_opens_it_is_the_first_steward() {
    let (_upstream, state, node) = scene();
    let said = wait_for("the banner", Duration::from_secs(5), || {
        let said = node.stderr();
        said.contains("/welcome#flw_").then_some(said)
    });
    let at = said.find("/welcome#").expect("a link");
    let secret: String = said[at + 9..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let asha = Browser::join(&node, &format!("x#{secret}"), "asha");
    assert_eq!(asha.codes.len(), 10);
    let account = asha.get("account").is(200).json();
    assert_eq!((&account["name"], &account["roles"]), (&json!("asha"), &json!(["steward"])));
    asha.get("people").is(200);
    // Once, and nobody else is the first.
    let again = Request::new("POST", &format!("{}/v1/welcome", node.url())).header("Origin", node.url());
    again.body(json!({ "link": secret }).to_string()).send().is(401).says("opened before");
    state.cli(&["steward-link"]).exits(1).says("There is a steward already");
    let joined = records_of(&state, "account:join");
    let joined = joined.last().expect("a record");
    assert_eq!((&joined["facts"]["role"], &joined["who"]["kind"]), (&json!("steward"), &json!("unidentified")));
    assert!(!joined.to_string().contains("asha"), "{joined}");
    // Nothing that opens anything lies in the state folder in clear.
    for needle in [PASSWORD, secret.as_str(), asha.codes[0].as_str(), asha.cookie.as_deref().expect("a cookie")] {
        let needle = needle.rsplit('=').next().unwrap_or(needle);
        assert!(files_with(&state.path(), needle.as_bytes()).is_empty(), "{needle} is kept");
    }
    node.stop();
    let node = state.start();
    drop(node);
    assert_eq!(records_of(&state, "node:first-link").len(), 1, "a node with a steward makes no link");
}

#[test]
fn name_password_and_code_log_in_and_nobody_learns_which_was_wrong() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let known = asha.cookie.take();
    let code = asha.app.code(1);
    let wrongs =
        [("nobody", PASSWORD, code.as_str()), ("asha", "another password", &code), ("asha", PASSWORD, "000000")];
    let mut answers = wrongs.map(|(name, password, code)| {
        let mut answer = asha.try_login(name, password, code).is(401).json();
        answer["request"].take();
        answer
    });
    let asked = asha.get("account").is(401);
    assert_eq!(
        asked.header("www-authenticate"),
        Some("Session realm=\"fanlight\""),
        "no dialogue of the browser's own"
    );
    assert_eq!(answers[0]["type"], "urn:fanlight:problem:wrong-login");
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    answers[0].take();
    let answer = asha.try_login(" asha ", PASSWORD, &code).is(200);
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        cookie.starts_with("fanlight-session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_ne!(cookie_of(&answer), known, "each login has a secret of its own");
    let record = record_of(&state, &answer);
    assert_eq!((&record["action"], &record["who"]["strength"]), (&json!("account:log-in"), &json!("stepped-up")));
    // A code is good once, and so is a recovery code.
    asha.try_login("asha", PASSWORD, &code).is(401);
    let recovery = asha.codes[0].clone();
    asha.try_login("asha", PASSWORD, &recovery.to_uppercase()).is(200);
    asha.try_login("asha", PASSWORD, &recovery).is(401);
    let failures: Vec<_> = records_of(&state, "account:log-in");
    let wrong = failures.iter().filter(|record| record["decision"]["policies"][0] == "wrong-login").count();
    assert_eq!(wrong, 5, "each failure is a record");
    for record in failures {
        assert!(!record.to_string().contains("asha") && !record.to_string().contains(&code), "{record}");
    }
}

#[test]
fn guesses_are_slowed_down_for_known_and_unknown_names_alike() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    asha.cookie = None;
    let tries = |name: &str| {
        let all: Vec<u16> = (0..7).map(|_| asha.try_login(name, "wrong wrong wrong", "000000").status).collect();
        (all.iter().filter(|status| **status == 401).count(), *all.last().expect("a try"))
    };
    assert_eq!(tries("nobody"), tries("asha"));
    let slow = asha.try_login("asha", PASSWORD, &asha.app.code(1)).is(429);
    assert!(slow.header("retry-after").and_then(|text| text.parse::<u64>().ok()).is_some_and(|wait| wait > 0));
    slow.says("too many wrong tries");
    // Who is logged in is not touched by it, and another name from there is not either.
    let ben = Browser::invited(&state, &node, "ben", None);
    ben.get("account").is(200);
}

#[test]
fn a_grave_act_asks_for_a_second_factor_that_was_shown_lately() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let give = |browser: &Browser| browser.post("roles", &json!({ "person": "ben", "role": "mentor" }));
    give(&asha).is(200);
    node.stop();
    // Ten minutes go by.
    let later = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); \
                 c.execute('UPDATE sessions SET second_factor_ms = second_factor_ms - 600000'); c.commit()";
    let store = state.path().join("fanlight.db");
    Run::new("python3").args(["-c", later]).args([store.as_os_str()]).output().ok();
    let node = state.start();
    let mut asha = asha.at(&node);
    asha.get("people").is(200);
    let refused = give(&asha).is(403).says("second factor that was shown within the last 10 minutes");
    assert_eq!(record_of(&state, &refused)["who"]["strength"], "session");
    assert_eq!(asha.get("account").json().get("fresh_until"), None);
    asha.post("step-up", &json!({ "code": "000000" })).is(401);
    let before = asha.cookie.clone();
    let code = asha.codes.pop().expect("a recovery code");
    asha.cookie = cookie_of(&asha.post("step-up", &json!({ "code": code })).is(200));
    assert_ne!(asha.cookie, before, "another secret at each step up");
    give(&asha).is(200);
    let old = Browser { cookie: before, ..asha };
    old.get("account").is(401);
}

#[test]
fn an_invitation_is_seen_until_it_is_opened_and_shows_nothing_that_opens_it() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let link = state.cli(&["people", "invite", "ben", "--role", "steward", "--json"]).ok().json();
    let card = || asha.post("people/card", &json!({ "person": "ben" })).is(200).json();
    let open = card()["invitation"].clone();
    assert_eq!(open["role"], "steward");
    // Kept to the millisecond.
    let [kept, told] = [&open["until"], &link["until"]].map(|time| time.as_str().expect("a time")[..19].to_owned());
    assert_eq!(kept, told);
    assert!(open["by"].as_str().is_some_and(|by| by.starts_with("prs_")), "{open}");
    state
        .cli(&["people", "logins", "ben"])
        .ok()
        .says("ben cannot log in")
        .says("An invitation to ben, as steward, is open until");
    // Another takes its place; opened, it is none any more.
    let ben = Browser::invited(&state, &node, "ben", Some("auditor"));
    assert!(card()["invitation"].is_null());
    ben.get("people").is(200);
    let again = asha.post("invitations", &json!({ "person": "ben" })).is(201).json();
    assert!(again["link"].is_string());
    let open = card()["invitation"].clone();
    assert_eq!((&open["role"], open["by"].is_string()), (&Value::Null, true), "{open}");
    assert!(!open.to_string().contains("flw_"));
}

#[test]
fn somebody_who_leaves_is_out_at_once() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let mut ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    state.cli(&["use", "pip", "--person", "ben"]).ok();
    let text = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let start = text.find("flk_").expect("a token");
    let token: String = text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let fetch = || Request::get(&node.page("demo")).basic("__token__", &token).send().status;
    assert_eq!((ben.get("account").status, fetch()), (200, 200));
    state.cli(&["leaver", "ben", "--dry-run"]).ok().says("If ben leaves").says("reviewer");
    assert_eq!((ben.get("account").status, fetch()), (200, 200), "a dry run ends nothing");
    state.cli(&["leaver", "ben"]).ok().says("ben has left").says("reviewer");
    ben.get("account").is(401).says("session is over");
    assert_eq!(fetch(), 401);
    ben.cookie = None;
    let code = ben.codes[0].clone();
    ben.try_login("ben", PASSWORD, &code).is(401);
    state.cli(&["leaver", "asha", "--dry-run"]).exits(1).says("last steward");
    state.cli(&["leaver", "asha"]).exits(1).says("no steward would be left");
    asha.get("account").is(200);
}

#[test]
fn sessions_are_listed_ended_and_do_not_come_back_with_a_restore() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let first = asha.cookie.clone();
    asha.cookie = None;
    asha.log_in();
    let account = asha.get("account").is(200).json();
    let sessions = account["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), 2, "{account}");
    assert_eq!(account["recovery_codes"], 9);
    let other = sessions.iter().find(|one| one["current"] == false).expect("the other");
    let id = other["session"].as_str().expect("an id");
    asha.request("DELETE", &format!("account/sessions/{id}")).send().is(200);
    let old = Browser { cookie: first, ..Browser::invited(&state, &node, "ben", None) };
    old.get("account").is(401);
    let file = state.home().join("backup.tar");
    state.cli(&["backup", file.to_str().expect("a path")]).ok();
    state.cli(&["people", "sessions", "asha"]).ok().says("another program");
    state.cli(&["restore", file.to_str().expect("a path"), "--yes"]).ok();
    wait_for("the node to have gone over", Duration::from_secs(20), || {
        (state.cli(&["people", "list"]).code == Some(0)).then_some(())
    });
    asha.get("account").is(401).says("session is over");
    asha.cookie = None;
    asha.log_in();
    asha.post("logout", &json!({})).is(200);
    asha.get("account").is(401);
}

#[test]
fn weak_passwords_wrong_codes_and_taken_names_make_no_account() {
    let (_upstream, state, node) = scene();
    let made = state.cli(&["steward-link", "--json"]).ok().json();
    let secret = made["link"].as_str().and_then(|link| link.rsplit_once('#')).expect("a link").1.to_owned();
    let (app, ticket) = welcome(&node, &secret);
    let join = |name: &str, password: &str, ticket: &str, code: &str| {
        Request::new("POST", &format!("{}/v1/welcome/join", node.url()))
            .header("Origin", node.url())
            .body(
                json!({ "link": secret, "name": name, "password": password, "ticket": ticket, "code": code })
                    .to_string(),
            )
            .send()
    };
    join("asha", "short", &ticket, &app.code(0)).is(422).says("fewer than 12 characters");
    join("asha", "passwordpassword", &ticket, &app.code(0)).is(422).says("easy to guess");
    join("asha", PASSWORD, &ticket, "000000").is(422).says("code is wrong");
    join("", PASSWORD, &ticket, &app.code(0)).is(422).says("name must be");
    join("prs_x", PASSWORD, &ticket, &app.code(0)).is(422).says("neither");
    join("asha", PASSWORD, "AAAA", &app.code(0)).is(401);
    join("asha", PASSWORD, &ticket, &app.code(0)).is(201);
    join("ben", PASSWORD, &ticket, &app.code(1)).is(401);
}

#[test]
fn the_pages_are_plain_and_closed() {
    let (_upstream, _state, node) = scene();
    for (path, kind) in [
        ("login", "text/html"),
        ("welcome", "text/html"),
        ("account", "text/html"),
        ("pages/fanlight.css", "text/css"),
        ("pages/fanlight.js", "text/javascript"),
        ("pages/passkeys.js", "text/javascript"),
        ("pages/login.js", "text/javascript"),
        ("pages/welcome.js", "text/javascript"),
        ("pages/account.js", "text/javascript"),
    ] {
        let page = get(&format!("{}/{path}", node.url())).is(200);
        assert!(page.header("content-type").is_some_and(|value| value.starts_with(kind)), "{path}");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let text = page.text();
        for outside in ["http://", "https://", " style=", " onclick", "<style", "<script>", "innerHTML"] {
            assert!(!text.contains(outside), "{path} has {outside}");
        }
    }
}
