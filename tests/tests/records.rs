//! Every record a node writes is what `docs/record.schema.json` says, judged by a validator that is not ours.

use std::collections::BTreeSet;
use std::path::Path;

use fanlight_testkit::{
    Advisory, Fault, Hooks, KeyKind, Node, Release, Request, SoftPasskey, State, Upstream, get, wait_for,
};
use fanlight_tests::browser::cookie_of;
use fanlight_tests::{Browser, PASSWORD, page, records_of, refuse};
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/record.schema.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

fn validator() -> Validator {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema), "the schema is no JSON Schema");
    jsonschema::draft202012::new(&schema).expect("a schema of draft 2020-12")
}

/// The actions that the policy schema knows, the groups of actions left out.
fn schema_actions() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/fanlight.cedarschema");
    let text = std::fs::read_to_string(&path).expect("the schema of policies");
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    let declared = text.split(" action ").skip(1).filter_map(|rest| {
        rest.split_once(" appliesTo ").filter(|(head, _)| {
            // A group ends before anything is applied to.
            !head.contains(';')
        })
    });
    let names =
        declared.flat_map(|(head, _)| head.split(" in ").next().unwrap_or_default().split('"').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

/// A node's life with something of every kind in it. What each step answers is for other tests.
fn an_eventful_life() -> Vec<Value> {
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").seconds_old(3600),
        Release::new("badlib", "1.0"),
        Release::new("timeless", "1.0").without_time(),
        Release::new("broken", "1.0"),
        Release::new("odd", "1.0").file_named("odd.zip"),
        // Its hold ends by itself in half a minute.
        Release::new("soon", "1.0").seconds_old(7 * 86_400 - 30),
    ]);
    let hooks = Hooks::start();
    let state = State::before(&upstream, "");
    let feed = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    let feed = format!("{feed}[tell]\nwebhook = \"{}\"\n", hooks.url());
    state.configure(&State::config(&upstream, "7d", &feed));
    // A feed that is not there is a fault.
    let node = state.start();
    state.policy("company.cedar", &refuse("badlib"));
    wait_for("the policy", std::time::Duration::from_secs(20), || {
        (!records_of(&state, "node:policies-changed").is_empty()).then_some(())
    });
    somebody_asks(&state, &hooks);
    page(&node, "demo").is(200);
    get(&node.index());
    get(&node.page("no-such-project")).is(404);
    let wheel = |project: &str, version: &str| node.file(project, &format!("{project}-{version}-py3-none-any.whl"));
    get(&wheel("demo", "1.0")).is(200);
    get(&format!("{}.metadata", wheel("demo", "1.0"))).is(200);
    for refused in [wheel("demo", "2.0"), wheel("badlib", "1.0"), wheel("timeless", "1.0"), node.file("odd", "odd.zip")]
    {
        assert_ne!(get(&refused).status, 200, "{refused}");
    }
    Request::new("HEAD", &wheel("demo", "1.0")).send().is(200);
    upstream.fault("/files/broken/broken-1.0-py3-none-any.whl", Fault::CutAfter(10));
    get(&wheel("broken", "1.0"));
    Request::get(&node.page("demo")).basic("x", "flk_not_a_token").send().is(401);
    get(&format!("{}/v1/status", node.url()));
    let audit = format!("{}/npm/-/npm/v1/security/advisories/bulk", node.url());
    Request::new("POST", &audit).body(r#"{"demo":["1.0.0"]}"#).send();
    for command in [
        &["status"][..],
        &["why", "demo"],
        &["scan", "pkg:pypi/demo@1.0"],
        &["who", "demo"],
        &["use", "pip"],
        &["use", "pip", "--undo"],
        &["quarantine", "demo==1.0", "--because", "a trial"],
        &["quarantine", "--lift", "demo==1.0"],
        &["review", "demo==1.0", "--verdict", "needs-care", "--because", "a trial"],
        &["break-glass", "demo==2.0", "--because", "a trial", "--for", "1s", "--everybody"],
        &["ledger", "show"],
        &["ledger", "erase", "tester"],
        &["ledger", "erase", "unidentified"],
    ] {
        state.cli(command).ok();
    }
    let glass = ["break-glass", "demo==2.0", "--because", "a trial", "--for", "1h", "--everybody", "--json"];
    wait_for("the exception's end", std::time::Duration::from_secs(5), || {
        (!records_of(&state, "node:exception-ended").is_empty()).then_some(())
    });
    let made = state.cli(&glass).ok().json();
    get(&wheel("demo", "2.0")).is(200);
    state.cli(&["break-glass", "--end", made["id"].as_str().expect("an id")]).ok();
    let theirs = State::with_config("");
    let their_node = theirs.start();
    theirs.cli(&["review", "demo==1.0", "--verdict", "unsafe", "--because", "a trial"]).ok();
    let (file, key) = (theirs.home().join("reviews.json"), theirs.path().join("ledger/key.pub"));
    let (file, key) = (file.display().to_string(), key.display().to_string());
    theirs.cli(&["review", "--export", &file]).ok();
    state.cli(&["review", "--import", &file, "--key", &key]).ok();
    drop(their_node);
    // Somebody has it when the advisory comes.
    state.advise(&Advisory::new("MAL-2026-1", "demo"));
    for command in [
        &["advisories", "refresh"][..],
        &["advisories", "status"],
        &["config", "--running"],
        &["who", "MAL-2026-1"],
        &["advisories", "acknowledge", "MAL-2026-1", "--because", "a trial"],
    ] {
        state.cli(command).ok();
    }
    state.advise(&Advisory::new("MAL-2026-1", "demo").withdrawn().changed_on(1));
    state.cli(&["advisories", "refresh"]).ok();
    let operator = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    let policies = Request::get(&format!("{}/v1/policies", node.url()));
    policies.header("Authorization", &format!("Bearer {}", operator.trim())).send().is(200);
    get(&wheel("demo", "1.0")).is(200);
    people_come_and_go(&state, &node);
    a_directory_speaks(&node, operator.trim());
    policies_are_proposed(&node, operator.trim());
    state.policy("company.cedar", "permit (");
    wait_for("the broken policy", std::time::Duration::from_secs(20), || {
        (!records_of(&state, "node:policies-refused").is_empty()).then_some(())
    });
    wait_for("a request to be over", std::time::Duration::from_secs(60), || {
        (!records_of(&state, "node:request-over").is_empty()).then_some(())
    });
    let backup = state.home().join("backup.tar").display().to_string();
    state.cli(&["backup", &backup]).ok();
    state.cli(&["restore", "/no/such/backup.tar", "--yes"]).fails();
    assert_eq!(node.stop(), Some(0));
    let mut records = state.records();
    let again = State::with_config("");
    std::fs::remove_dir_all(again.path()).expect("an empty place");
    again.cli(&["restore", &backup]).ok();
    records.extend(again.records());
    records
}

/// Somebody asks for what is held, and is told in all ways.
fn somebody_asks(state: &State, hooks: &Hooks) {
    state.cli(&["use", "pip", "--person", "bela"]).ok();
    let ask = |what: &str| {
        let asked = state.bare(&["ask", what, "--because", "a trial", "--json"]).output().ok().json();
        asked["request"]["id"].as_str().expect("an id").to_owned()
    };
    ask("soon==1.0");
    let told = |action: &str| {
        wait_for(action, std::time::Duration::from_secs(20), || (!records_of(state, action).is_empty()).then_some(()));
    };
    told("node:told");
    // The receiver wants no more.
    hooks.answer_with(&["410 Gone"]);
    let request = ask("demo==2.0");
    told("node:not-told");
    state.bare(&["ask", "--withdraw", &request]).output().ok();
    let request = ask("demo==2.0");
    state.cli(&["requests", "refuse", &request, "--because", "a trial"]).ok();
    let request = ask("demo==2.0");
    state.cli(&["requests"]).ok();
    state.cli(&["requests", "grant", &request, "--until", "1h"]).ok();
    state.bare(&["ask"]).output().ok();
    state.cli(&["use", "pip", "--undo"]).ok();
}

/// Somebody becomes the first steward, another is invited, given rights, and leaves.
fn people_come_and_go(state: &State, node: &Node) {
    let mut asha = Browser::first_steward(state, node, "asha");
    Browser::invited(state, node, "ben", None);
    asha.cookie = None;
    asha.log_in();
    let account = asha.get("account").is(200).json();
    let session = account["sessions"].as_array().expect("sessions").iter().find(|one| one["current"] == false);
    let session = session.and_then(|one| one["session"].as_str()).expect("the session from before").to_owned();
    asha.request("DELETE", &format!("account/sessions/{session}")).send().is(200);
    let code = asha.codes.pop().expect("a recovery code");
    asha.cookie = cookie_of(&asha.post("step-up", &json!({ "code": code })).is(200));
    let mut passkey = SoftPasskey::new(KeyKind::Es256, &asha.url.replace("127.0.0.1", "localhost"));
    asha.post("login/passkey/question", &json!({})).is(200);
    let offer = asha.post("account/passkeys/offer", &json!({})).is(200).json();
    let made = asha.post("account/passkeys", &passkey.make(&offer, "phone")).is(201).json();
    let passkey = made["passkey"].as_str().expect("an id");
    asha.request("DELETE", &format!("account/passkeys/{passkey}")).send().is(200);
    asha.post("account/password", &json!({ "current": PASSWORD, "new": "pewter llama yawning Thursday" })).is(200);
    asha.post("logout", &json!({})).is(200);
    let staff = state.home().join("staff.csv");
    std::fs::write(&staff, "name,groups\nemil,staff\n").expect("a list");
    let staff = staff.display().to_string();
    for command in [
        &["people", "role", "ben", "add", "mentor"][..],
        &["people", "role", "ben", "remove", "mentor"],
        &["people", "group", "ben", "add", "finance"],
        &["people", "group", "ben", "remove", "finance"],
        &["people", "sessions", "ben", "--end"],
        &["people", "logins", "ben", "--end", "password"],
        &["people", "import", &staff],
        &["rights"],
    ] {
        state.cli(command).ok();
    }
    asked_twice(state, node);
    apps_and_keys(state, node);
    state.cli(&["leaver", "ben"]).ok();
}

/// A call is made, and made again under the same key.
fn asked_twice(state: &State, node: &Node) {
    let operator = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's token");
    for _ in 0..2 {
        Request::new("POST", &format!("{}/v1/groups", node.url()))
            .header("Authorization", &format!("Bearer {}", operator.trim()))
            .header("Idempotency-Key", "0123456789abcdef")
            .body(json!({ "person": "ben", "group": "finance" }).to_string())
            .send()
            .is(200);
    }
}

/// An app is registered, calls by its key, changes hands and ends.
fn apps_and_keys(state: &State, node: &Node) {
    let words = ["--title", "A", "--headline", "B", "--about", "C.", "--successor", "ben", "--json"];
    let app = state.cli(&[&["apps", "register"][..], &words].concat()).ok().json();
    let app = app["app"].as_str().expect("an id").to_owned();
    let key = |scope: &str| {
        state.cli(&["keys", "make", "--app", &app, "--for", scope, "--label", "a trial", "--json"]).ok().json()
    };
    let (packages, reads) = (key("packages"), key("api:read"));
    let secret = |key: &Value| key["secret"].as_str().expect("a secret").to_owned();
    Request::get(&node.page("demo")).basic("x", &secret(&packages)).send().is(200);
    let status = format!("{}/v1/status", node.url());
    let bearer = |key: &Value| Request::get(&status).header("Authorization", &format!("Bearer {}", secret(key))).send();
    bearer(&reads).is(200);
    bearer(&packages).is(403);
    let form = |path: &str, body: &str| {
        let request = Request::new("POST", &format!("{}{path}", node.url())).basic("x", &secret(&reads));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body).send().is(200)
    };
    let token = form("/oauth/token", "grant_type=client_credentials").json()["access_token"].clone();
    let token = format!("token={}", token.as_str().expect("a token"));
    form("/oauth/introspect", &token);
    form("/oauth/revoke", &token);
    for command in [
        &["apps", "list"][..],
        &["apps", "list", "--all"],
        &["keys", "list", "--all"],
        &["apps", "change", &app, "--headline", "D"],
        &["keys", "revoke", reads["key"].as_str().expect("a name")],
        &["apps", "hand-over", &app, "ben", "--successor", "asha"],
        &["apps", "end", &app],
    ] {
        state.cli(command).ok();
    }
}

/// Policies are proposed, taken back, refused and published.
fn policies_are_proposed(node: &Node, secret: &str) {
    let send = |method: &str, path: &str, body: &Value| {
        let request = Request::new(method, &format!("{}/v1/{path}", node.url()));
        request.header("Authorization", &format!("Bearer {secret}")).body(body.to_string()).send()
    };
    let base = send("GET", "policy-versions/now", &Value::Null).is(200).json()["version"]["version"].clone();
    let propose = || {
        let made =
            send("POST", "policy-proposals", &json!({ "base": base, "because": "a trial", "files": [] })).is(201);
        made.json()["id"].as_str().expect("an id").to_owned()
    };
    send("DELETE", &format!("policy-proposals/{}", propose()), &Value::Null).is(200);
    send("POST", &format!("policy-proposals/{}/refuse", propose()), &json!({ "because": "a trial" })).is(200);
    send("POST", &format!("policy-proposals/{}/approve", propose()), &json!({})).is(200);
}

/// A directory sends a person and a group, and takes both back.
fn a_directory_speaks(node: &Node, secret: &str) {
    let send = |method: &str, path: &str, body: &Value| {
        let request = Request::new(method, &format!("{}/scim/v2/{path}", node.url()));
        request.header("Authorization", &format!("Bearer {secret}")).body(body.to_string()).send()
    };
    let id = |made: &fanlight_testkit::Answer| made.json()["id"].as_str().expect("an id").to_owned();
    let person = id(&send("POST", "Users", &json!({ "userName": "dina" })).is(201));
    let members = json!([{ "value": person }]);
    let group = id(&send("POST", "Groups", &json!({ "displayName": "Sales", "members": members })).is(201));
    send("GET", "Users", &Value::Null).is(200);
    send("DELETE", &format!("Groups/{group}"), &Value::Null).is(204);
    send("DELETE", &format!("Users/{person}"), &Value::Null).is(204);
}

#[test]
fn every_record_of_an_eventful_life_is_as_the_published_schema_says() {
    let validator = validator();
    let records = an_eventful_life();
    for record in &records {
        let faults: Vec<_> =
            validator.iter_errors(record).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{record}\n{}", faults.join("\n"));
    }
    let actions: BTreeSet<_> =
        records.iter().filter_map(|record| record["action"].as_str().map(str::to_owned)).collect();
    // What a door may do and nobody ever does needs no name; what is done and has none could not be judged.
    assert_eq!(
        actions,
        schema_actions(),
        "left: recorded in this life; right: what policies/fanlight.cedarschema knows"
    );
    let outcomes: BTreeSet<_> = records.iter().filter_map(|record| record["decision"]["outcome"].as_str()).collect();
    assert_eq!(outcomes, BTreeSet::from(["allow", "deny", "hold"]));
}

#[test]
fn what_is_no_record_does_not_pass_the_schema() {
    let validator = validator();
    let good = json!({
        "v": 1, "time": "2026-11-22T10:00:00.000Z", "node": "fanlight/host/0123abcd", "request": "00000000000000ff",
        "action": "packages:fetch-file",
        "who": {"kind": "person", "id": "prs_0123456789abcdef", "strength": "device-token"},
        "on": {"kind": "Release", "id": "pkg:pypi/demo@2.0"},
        "facts": {"age_minutes": 60, "yanked": false, "project": "demo"},
        "decision": {"outcome": "hold", "policies": ["wait-and-see"], "reason": "too new",
            "until": "2026-11-29T10:00:00.000Z"},
        "epoch": {"number": 1, "digest": "0123456789abcdef"},
    });
    assert!(validator.is_valid(&good), "{good}");
    for (place, value) in [
        ("/v", json!(2)),
        ("/time", json!("2026-11-22T10:00:00Z")),
        ("/request", json!(255)),
        ("/action", json!("fetch")),
        ("/who/name", json!("Asha")),
        ("/who/kind", json!("app")),
        ("/who/owner", json!("prs_0123456789abcdef")),
        ("/who/strength", json!("none")),
        ("/who/id", Value::Null),
        ("/on/kind", json!("Planet")),
        ("/facts/age_minutes", json!(1.5)),
        ("/facts/project", json!(["demo"])),
        ("/facts/Loud", json!(true)),
        ("/decision/outcome", json!("maybe")),
        ("/decision/outcome", json!("allow")),
        ("/decision/reason", Value::Null),
        ("/epoch/digest", json!("xyz")),
        ("/more", json!(1)),
    ] {
        let mut record = good.clone();
        let (parent, name) = place.rsplit_once('/').expect("a place");
        let object = record.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        // Null stands for: taken out.
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.to_owned(), value.clone());
        }
        assert!(!validator.is_valid(&record), "{place} = {value} passed");
    }
}
