//! Apps and the keys by which they and people call: what they may, whose they are, and how that ends.

use std::time::{Duration, Instant};

use fanlight_testkit::{Answer, Node, Release, Request, State, Upstream, get};
use fanlight_tests::{Browser, record_of, records_of};
use serde_json::{Value, json};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// Whoever shows this key as Bearer.
fn with_key(node: &Node, secret: &str, method: &str, path: &str) -> Request {
    Request::new(method, &format!("{}{path}", node.url())).header("Authorization", &format!("Bearer {secret}"))
}

fn read(node: &Node, secret: &str, path: &str) -> Answer {
    with_key(node, secret, "GET", path).send()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// An app of whoever is at the browser.
fn register(browser: &Browser, successor: &str) -> String {
    let words =
        json!({ "title": "Price list", "headline": "Makes it", "about": "Reads prices.", "successor": successor });
    text(&browser.post("apps", &words).is(201).json(), "app").to_owned()
}

/// A key for an app, or one's own: its name and its secret.
fn key(browser: &Browser, app: Option<&str>, scopes: &[&str]) -> (String, String) {
    let mut ask = json!({ "label": "a test", "scopes": scopes, "days": 1 });
    if let Some(app) = app {
        ask["app"] = app.into();
    }
    let made = browser.post("keys", &ask).is(201).json();
    (text(&made, "key").to_owned(), text(&made, "secret").to_owned())
}

#[test]
fn a_key_of_an_app_fetches_packages_as_bearer_and_as_password_and_is_named_in_the_record() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let app = register(&asha, "ben");
    let (id, secret) = key(&asha, Some(&app), &["packages"]);
    let wheel = node.file("demo", "demo-1.0-py3-none-any.whl");
    let answers = [
        Request::get(&wheel).basic("__token__", &secret).send().is(200),
        Request::get(&wheel).basic(&secret, "").send().is(200),
        Request::get(&wheel).header("Authorization", &format!("Bearer {secret}")).send().is(200),
        Request::get(&wheel).header("Authorization", &secret).send().is(200),
    ];
    let steward = text(&asha.get("account").is(200).json(), "person").to_owned();
    for answer in answers {
        let who = record_of(&state, &answer)["who"].clone();
        let said =
            (text(&who, "kind"), text(&who, "id"), text(&who, "key"), text(&who, "owner"), text(&who, "strength"));
        assert_eq!(said, ("app", app.as_str(), id.as_str(), steward.as_str(), "api-key"));
    }
    // Nobody finds the secret anywhere in the state.
    let secret = secret.split('_').nth(2).expect("a secret");
    assert_eq!(fanlight_tests::files_with(&state.path(), secret.as_bytes()), [] as [std::path::PathBuf; 0]);
}

#[test]
fn what_a_key_is_not_for_is_refused_with_the_scope_that_it_would_need() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let page = "/pypi/simple/demo/";
    for (scopes, path, status) in [
        (&["packages"][..], page, 200),
        (&["packages"], "/v1/status", 403),
        (&["packages"], "/v1/account", 403),
        (&["api:read"], page, 403),
        (&["api:read"], "/v1/status", 200),
        (&["api:read"], "/v1/people", 200),
        (&["api"], "/v1/people", 200),
        (&["api"], page, 403),
        (&["directory"], "/v1/people", 403),
        (&["packages", "api:read"], page, 200),
    ] {
        let (_, secret) = key(&asha, None, scopes);
        read(&node, &secret, path).is(status);
    }
    let (id, secret) = key(&asha, None, &["packages"]);
    let refused = read(&node, &secret, "/v1/people").is(403).says("is for packages, and this needs the scope api:read");
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"fanlight\", error=\"insufficient_scope\", scope=\"api:read\"")
    );
    let record = record_of(&state, &refused);
    assert_eq!((&record["action"], &record["facts"]["fault"]), (&"gate:enter".into(), &"beyond-scope".into()));
    assert_eq!((&record["who"]["key"], &record["facts"]["needed"]), (&id.as_str().into(), &"api:read".into()));
    // To read is not to change, and no key does what needs a second factor, not even a steward's own.
    let (_, reads) = key(&asha, None, &["api:read"]);
    let quarantine = json!({ "purl": "pkg:pypi/demo", "because": "a test" }).to_string();
    with_key(&node, &reads, "POST", "/v1/quarantines").body(quarantine.clone()).send().is(403);
    let (_, changes) = key(&asha, None, &["api"]);
    with_key(&node, &changes, "POST", "/v1/quarantines").body(quarantine).send().is(200);
    for (path, body) in [
        ("/v1/keys", json!({ "label": "x", "scopes": ["api"], "days": 1 })),
        ("/v1/roles", json!({ "person": "asha", "role": "auditor" })),
        ("/v1/erase", json!({ "person": "asha" })),
        ("/v1/backup", json!({ "file": "/tmp/none.tar" })),
    ] {
        let answer = with_key(&node, &changes, "POST", path).body(body.to_string()).send();
        answer.is(403).says("second-factor-by-people");
    }
    read(&node, &changes, "/v1/account").is(403);
}

#[test]
fn an_app_may_what_its_owner_may_and_not_more_from_one_request_to_the_next() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let app = register(&ben, "asha");
    let (_, secret) = key(&ben, Some(&app), &["api", "packages"]);
    read(&node, &secret, "/v1/people").is(200);
    read(&node, &secret, "/v1/keys/own").is(403).says("no policy permits");
    state.cli(&["people", "role", "ben", "remove", "reviewer"]).ok();
    read(&node, &secret, "/v1/people").is(403);
    read(&node, &secret, "/v1/status").is(200);
    // What is forbidden to the owner by name is forbidden to the app.
    let owner = text(&ben.get("account").is(200).json(), "person").to_owned();
    state.policy(
        "company.cedar",
        &format!(
            "@id(\"not-for-ben\")\n@outcome(\"deny\")\n@reason(\"not for ben\")\nforbid (principal == Fanlight::Person::\"{owner}\", \
             action in Fanlight::Action::\"packages\", resource);\n"
        ),
    );
    fanlight_testkit::wait_for("the policy", Duration::from_secs(10), || {
        (read(&node, &secret, "/pypi/simple/demo/").status == 403).then_some(())
    });
    get(&node.page("demo")).is(200);
    // Handed over, it has the new owner's rights, and no key that was made before.
    asha.post(&format!("apps/{app}/hand-over"), &json!({ "owner": "asha", "successor": "ben" })).is(200);
    read(&node, &secret, "/pypi/simple/demo/").is(401).says("was revoked");
    ben.post("keys", &json!({ "app": app, "label": "x", "scopes": ["packages"], "days": 1 })).is(403);
    let (_, anew) = key(&asha, Some(&app), &["packages"]);
    read(&node, &anew, "/pypi/simple/demo/").is(200);
}

#[test]
fn nobody_reaches_the_apps_and_keys_of_another() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let cleo = Browser::invited(&state, &node, "cleo", Some("mentor"));
    let app = register(&asha, "ben");
    let (id, _) = key(&asha, Some(&app), &["packages"]);
    let (own, _) = key(&asha, None, &["packages"]);
    for other in [&ben, &cleo] {
        other.post(&format!("apps/{app}/change"), &json!({ "title": "Mine" })).is(403);
        other.post(&format!("apps/{app}/hand-over"), &json!({ "owner": other.name, "successor": "asha" })).is(403);
        other.request("DELETE", &format!("apps/{app}")).send().is(403);
        other.request("DELETE", &format!("keys/{id}")).send().is(403);
        other.request("DELETE", &format!("keys/{own}")).send().is(403);
        other.post("keys", &json!({ "app": app, "label": "x", "scopes": ["packages"], "days": 1 })).is(403);
        // In somebody else's name nobody registers.
        let words = json!({ "title": "A", "headline": "B", "about": "C.", "owner": "asha", "successor": other.name });
        other.post("apps", &words).is(403);
        assert_eq!(other.get("keys/own").is(200).json()["keys"], json!([]));
    }
    // Who has it next sees it, and nothing of its keys.
    assert_eq!(text(&ben.get("apps/own").is(200).json()["apps"][0], "app"), app);
    assert_eq!(cleo.get("apps/own").is(200).json()["apps"], json!([]));
    ben.get("apps").is(403);
    assert_eq!(text(&cleo.get("apps").is(200).json()["apps"][0]["owner"], "name"), "asha");
    assert!(cleo.get("keys").is(200).text().contains(&id));
    // What nobody asked for is not taken.
    let more = json!({ "label": "x", "scopes": ["packages"], "days": 1, "person": "ben" });
    asha.post("keys", &more).is(400);
}

#[test]
fn a_key_that_is_revoked_is_refused_within_a_second_under_load() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let (id, secret) = key(&asha, None, &["packages"]);
    let page = node.page("demo");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let last_good = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut last_good = Instant::now();
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        let began = Instant::now();
                        if Request::get(&page).basic("x", &secret).send().status == 200 {
                            last_good = began;
                        }
                    }
                    last_good
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300));
        asha.request("DELETE", &format!("keys/{id}")).send().is(200);
        let revoked = Instant::now();
        std::thread::sleep(Duration::from_millis(500));
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let last_good = callers.into_iter().map(|caller| caller.join().expect("a caller")).max().expect("some");
        last_good.saturating_duration_since(revoked)
    });
    assert_eq!(last_good, Duration::ZERO, "no request that began after the revocation was answered");
    Request::get(&page).basic("x", &secret).send().is(401).says("was revoked");
}

#[test]
fn the_apps_of_who_leaves_go_to_their_successors_or_wait_for_a_mentor() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let cleo = Browser::invited(&state, &node, "cleo", Some("mentor"));
    let (first, second) = (register(&ben, "asha"), register(&ben, "asha"));
    let (_, of_app) = key(&ben, Some(&first), &["packages", "api:read"]);
    let (_, own) = key(&ben, None, &["packages", "api"]);
    read(&node, &of_app, "/v1/status").is(200);
    let said = state.cli(&["leaver", "ben", "--dry-run"]).ok().says("a test").says("Their apps go on");
    assert_eq!(said.stdout.matches("Price list  asha").count(), 2, "{}", said.stdout);
    let left = state.cli(&["leaver", "ben", "--json"]).ok().json();
    assert_eq!(left["keys"], json!(["a test"]));
    let mut apps: Vec<_> = left["apps"].as_array().expect("apps").iter().collect();
    apps.sort_by_key(|app| app["keys"].as_u64());
    assert_eq!((text(apps[1], "app"), text(apps[1], "successor_name")), (&*first, "asha"));
    assert_eq!((&apps[0]["keys"], &apps[1]["keys"]), (&json!(0), &json!(1)));
    read(&node, &own, "/pypi/simple/demo/").is(401).says("was revoked");
    read(&node, &of_app, "/pypi/simple/demo/").is(200);
    read(&node, &of_app, "/v1/status").is(403);
    let apps = asha.get("apps/own").is(200).json();
    let mut now: Vec<_> = apps["apps"].as_array().expect("apps").iter().map(|app| text(app, "app")).collect();
    now.sort_unstable();
    let mut expected = [first.as_str(), second.as_str()];
    expected.sort_unstable();
    assert_eq!(now, expected);
    // Without a successor it is nobody's, until a mentor gives it to somebody.
    Browser::invited(&state, &node, "dana", Some("steward"));
    state.cli(&["leaver", "asha", "--dry-run"]).ok().says("nobody: who answers requests is told");
    state.cli(&["leaver", "asha"]).ok();
    state.cli(&["apps", "list", "--orphans"]).ok().says("nobody").says(&first);
    read(&node, &of_app, "/pypi/simple/demo/").is(200);
    cleo.post(&format!("apps/{first}/hand-over"), &json!({ "owner": "cleo", "successor": "dana" })).is(200);
    let apps = cleo.get("apps").is(200).json();
    let owned = apps["apps"].as_array().expect("apps").iter().find(|app| text(app, "app") == first).expect("the app");
    assert_eq!(text(&owned["owner"], "name"), "cleo");
    assert!(owned.get("orphaned").is_none(), "{owned}");
}

#[test]
fn an_app_without_its_three_layers_of_words_and_a_successor_is_none() {
    let (_upstream, state, node) = scene();
    state.cli(&["people", "invite", "ben"]).ok();
    let register = |title: &str, headline: &str, about: &str, successor: &str| {
        let words = ["--title", title, "--headline", headline, "--about", about, "--successor", successor];
        state.cli(&[&["apps", "register"][..], &words].concat())
    };
    register("A", "B", "One. Two. Three. Four.", "ben").fails().says("at most 3 sentences, this is 4");
    register("", "B", "One.", "ben").fails().says("title is one line of 1 to 60 characters");
    register("A", &"b".repeat(121), "One.", "ben").fails().says("headline is one line of 1 to 120 characters");
    register("A", "B", "One.", "nobody-here").exits(1).says("Nobody of that name is known");
    register("A", "B", "One.", "tester").exits(1).says("somebody else than the owner");
    let said = register("Price list", "Makes it", "One. Two. Three.", "ben").ok();
    said.says("Price list is registered").says("owner tester, successor ben");
    assert_eq!(state.cli(&["apps", "list", "--json"]).ok().json()["apps"].as_array().map(Vec::len), Some(1));
    node.is_healthy();
}

#[test]
fn commands_on_another_machine_ask_the_node_that_one_is_logged_in_to() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let (id, secret) = key(&asha, None, &["api"]);
    let away = State::with_config("");
    let login = |address: &str, key: &str| away.bare(&["login", address]).env("FANLIGHT_KEY", key).output();
    away.bare(&["people", "list"]).output().fails().says("no node runs");
    login(node.url(), "not a key").exits(2).says("begins with flk_");
    login("http://192.0.2.1:7070", &secret).fails().says("would go over the network in clear");
    let wrong = format!("{}_00000000", &secret[..secret.len() - 9]);
    login(node.url(), &wrong).fails().says("not a whole Fanlight token");
    away.bare(&["people", "list"]).output().fails().says("no node runs");
    login(node.url(), &secret).ok().says("Logged in to").keeps_quiet_about(&secret);
    let file = away.home().join(".config/fanlight/login.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).expect("the login").permissions());
    assert_eq!(mode & 0o777, 0o600);
    away.bare(&["people", "list"]).output().ok().says("asha");
    away.bare(&["quarantine", "demo", "--because", "a test"]).output().ok();
    let record = fanlight_tests::records_of(&state, "console:quarantine").pop().expect("a record");
    assert_eq!((text(&record["who"], "key"), text(&record["who"], "strength")), (id.as_str(), "api-key"));
    // What needs a second factor is not done so.
    away.bare(&["people", "role", "asha", "add", "auditor"]).output().exits(1);
    // A state folder that is named is what is asked.
    away.cli(&["people", "list"]).fails().says("no node runs");
    asha.request("DELETE", &format!("keys/{id}")).send().is(200);
    away.bare(&["people", "list"]).output().fails().says("was revoked");
    away.bare(&["logout"]).output().ok().says("gone from this machine");
    away.bare(&["people", "list"]).output().fails().says("no node runs");
}

#[test]
fn a_restore_brings_back_no_key_that_ended() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let (app, over) = (register(&asha, "ben"), register(&asha, "ben"));
    let (id, revoked) = key(&asha, Some(&app), &["packages"]);
    let (_, handed_over) = key(&asha, Some(&app), &["packages", "api:read"]);
    let (_, own) = key(&asha, None, &["packages"]);
    let (_, of_ended) = key(&asha, Some(&over), &["packages"]);
    let backup = state.home().join("backup.tar").display().to_string();
    state.cli(&["backup", &backup]).ok();
    asha.request("DELETE", &format!("keys/{id}")).send().is(200);
    asha.request("DELETE", &format!("apps/{over}")).send().is(200);
    asha.post(&format!("apps/{app}/hand-over"), &json!({ "owner": "ben", "successor": "asha" })).is(200);
    state.cli(&["restore", &backup, "--yes"]).ok();
    fanlight_testkit::wait_for("the node", Duration::from_secs(30), || {
        let answer = with_key(&node, &own, "GET", "/pypi/simple/demo/").try_send().ok()?;
        (answer.status == 200).then_some(())
    });
    read(&node, &handed_over, "/v1/status").is(401).says("was revoked");
    read(&node, &revoked, "/pypi/simple/demo/").is(401).says("was revoked");
    read(&node, &of_ended, "/pypi/simple/demo/").is(401).says("was revoked");
}

#[test]
fn what_an_app_fetched_and_was_refused_is_for_its_owner_and_whoever_sees_who_has_what() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("fresh", "1.0").seconds_old(60)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let cleo = Browser::invited(&state, &node, "cleo", None);
    let app = register(&ben, "asha");
    let (_, secret) = key(&ben, Some(&app), &["packages"]);
    let fetch = |project: &str| {
        let wheel = node.file(project, &format!("{project}-1.0-py3-none-any.whl"));
        Request::get(&wheel).basic("x", &secret).send().status
    };
    assert_eq!((fetch("demo"), fetch("fresh")), (200, 403));
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    let path = format!("apps/{app}/used");
    for browser in [&ben, &asha] {
        let used = browser.get(&path).is(200).json();
        assert_eq!(used["packages"].as_array().map(Vec::len), Some(1), "{used}");
        assert_eq!(used["packages"][0]["release"], "pkg:pypi/demo@1.0", "{used}");
        assert_eq!(used["refused"][0]["release"], "pkg:pypi/fresh@1.0", "{used}");
        assert_eq!(used["refused"][0]["policy"], "wait-and-see", "{used}");
    }
    cleo.get(&path).is(403);
    cleo.get("apps/app_aaaaaaaaaaaaaaaa/used").is(404);
    // The same as a bill of materials, by id and by title, for whoever sees who has what.
    let bill = state.cli(&["sbom", "--app", &app]).ok();
    let json = bill.json();
    assert_eq!(json["metadata"]["component"]["name"], format!("software of {app}"), "{json}");
    assert_eq!(json["components"][0]["purl"], "pkg:pypi/demo@1.0", "{json}");
    assert_eq!(json["components"].as_array().map(Vec::len), Some(1), "{json}");
    let spdx = state.cli(&["sbom", "--app", "Price list", "--format", "spdx"]).ok();
    state.cli(&["sbom", "--person", "ben"]).ok();
    // The record says whose, by pseudonym: the app's, and ben's.
    let holders: Vec<_> =
        records_of(&state, "console:read-people").iter().map(|record| record["facts"]["holder"].clone()).collect();
    let holders = &holders[holders.len() - 3..];
    assert!(holders[0] == *app && holders[1] == *app, "{holders:?}");
    assert!(holders[2].as_str().is_some_and(|ben| ben.starts_with("prs_") && ben.len() == 20), "{holders:?}");
    state.cli(&["sbom", "--app", "Price lists"]).exits(1).says("No app of that id or title");
    state.cli(&["sbom", "--app", &app, "--person", "asha"]).exits(2);
    if let Some(validators) = fanlight_testkit::Validators::get() {
        validators.cyclonedx(&bill.stdout);
        validators.spdx(&spdx.stdout);
    }
}

#[test]
fn a_person_s_card_says_how_they_log_in_and_no_secret() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let mut ben = Browser::invited(&state, &node, "ben", None);
    state.cli(&["use", "pip", "--person", "cleo"]).ok();
    ben.log_in();
    key(&ben, None, &["packages"]);
    let card = |name: &str| asha.post("people/card", &json!({ "person": name })).is(200).json();
    let (of_ben, of_cleo) = (card("ben"), card("cleo"));
    assert_eq!(
        (&of_ben["person"]["name"], &of_ben["can_log_in"], &of_ben["has_totp"]),
        (&json!("ben"), &json!(true), &json!(true))
    );
    assert_eq!(
        (&of_ben["passkeys"], &of_ben["sessions"], &of_ben["keys"]),
        (&json!([]), &json!(1), &json!(1)),
        "{of_ben}"
    );
    assert_eq!(of_ben["recovery_codes"], json!(ben.codes.len()), "{of_ben}");
    assert!(of_ben["last_login"].as_str() > of_ben["account_since"].as_str(), "{of_ben}");
    assert_eq!((&of_cleo["can_log_in"], &of_cleo["machines"]), (&json!(false), &json!(1)), "{of_cleo}");
    assert!(of_cleo.get("last_login").is_none(), "{of_cleo}");
    for secret in ["secret", "hash", "$argon2", "sha256"] {
        assert!(!of_ben.to_string().contains(secret), "{of_ben}");
    }
    ben.post("people/card", &json!({ "person": "asha" })).is(403);
    asha.post("people/card", &json!({ "person": "nobody" })).is(404);
}

#[test]
fn nobody_has_more_apps_than_one_may_and_those_of_others_do_not_count() {
    let upstream = Upstream::with([]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let words =
        |successor: &str| json!({ "title": "Prices", "headline": "x", "about": "Reads.", "successor": successor });
    for _ in 0..500 {
        asha.post("apps", &words("ben")).is(201);
    }
    asha.post("apps", &words("ben")).is(409).says("at most 500 apps");
    // Their successor has none of them yet; but nobody is given more than they may have.
    let app = ben.post("apps", &words("asha")).is(201).json()["app"].as_str().expect("an app").to_owned();
    let to_asha = json!({ "owner": "asha", "successor": "ben" });
    ben.post(&format!("apps/{app}/hand-over"), &to_asha).is(409).says("at most 500 apps");
}
