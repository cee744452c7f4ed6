//! `npm audit` and its like through the door: answered from this node's own advisories, and from nowhere else.

use std::time::Duration;

use fanlight_testkit::clients::{JsClient, JsKind, JsRoom};
use fanlight_testkit::{Advisory, Node, NpmRelease, Request, State, Upstream, wait_for};
use fanlight_tests::{record_of, records_of};
use serde_json::{Value, json};

fn upstream() -> Upstream {
    let upstream = Upstream::start();
    for release in [
        NpmRelease::new("top", "1.0.0").requires("weak", "^1.0.0"),
        NpmRelease::new("weak", "1.0.0"),
        NpmRelease::new("weak", "1.2.0"),
        // Published as the fix, three hours ago.
        NpmRelease::new("weak", "1.2.1").published(jiff::Timestamp::now() - jiff::SignedDuration::from_hours(3)),
        NpmRelease::new("@acme/part", "3.1.0"),
    ] {
        upstream.add_npm(&release);
    }
    upstream
}

fn flaws() -> [Advisory; 2] {
    let traversal = Advisory::npm("GHSA-aaaa-bbbb-cccc", "weak").fixed("1.2.1").medium().summary("reads any file");
    [traversal.reviewed(true), Advisory::npm("GHSA-dddd-eeee-ffff", "@acme/part").since("4.0.0")]
}

fn state(upstream: &Upstream, records: &[Advisory]) -> State {
    let state = State::before(upstream, "");
    records.iter().for_each(|record| state.advise(record));
    let feeds = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(upstream, "7d", &feeds));
    state
}

/// A project with what somebody installed before the flaw was known.
fn project<'a>(client: &'a JsClient, upstream: &Upstream, node: &Node) -> JsRoom<'a> {
    let room = client.room(&upstream.npm_url());
    room.write(
        "package.json",
        &json!({"name": "mine", "version": "1.0.0", "private": true, "dependencies": {"weak": "1.2.0", "@acme/part": "^3.0.0"}})
            .to_string(),
    );
    room.command(&["install"]).ok();
    let manifest = room.read("package.json").expect("a manifest").replace("\"1.2.0\"", "\"^1.0.0\"");
    room.write("package.json", &manifest);
    for lock in ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"] {
        if let Some(text) = room.read(lock) {
            let text = text.replace("\"weak\": \"1.2.0\"", "\"weak\": \"^1.0.0\"");
            let text = text.replace("specifier: 1.2.0", "specifier: ^1.0.0");
            room.write(
                lock,
                &text
                    .replace("\"weak@npm:1.2.0\"", "\"weak@npm:^1.0.0\"")
                    .replace("weak: \"npm:1.2.0\"", "weak: \"npm:^1.0.0\""),
            );
        }
    }
    room.lead_to(&node.registry());
    room
}

#[test]
fn every_client_is_told_of_the_flaws_that_this_node_knows_and_npm_takes_the_fix() {
    let upstream = upstream();
    let state = state(&upstream, &flaws());
    let node = state.start();
    for client in JsClient::all().iter().filter(|client| client.kind != JsKind::YarnClassic) {
        let room = project(client, &upstream, &node);
        let told = room.audit().exits(1).says("weak").says("<1.2.1").says("reads any file");
        let told = told.says("https://advisories.example/GHSA-aaaa-bbbb-cccc");
        told.says("moderate").keeps_quiet_about("@acme/part");
        if client.kind == JsKind::Npm {
            room.command(&["audit", "fix"]).ok().says("found 0 vulnerabilities");
            assert_eq!(room.installed("weak").as_deref(), Some("1.2.1"), "the fix, which does not wait");
            room.audit().ok().says("found 0 vulnerabilities");
        }
    }
    let asked = upstream.seen();
    assert!(!asked.iter().any(|seen| seen.path.contains("security")), "the upstream learns nothing: {asked:?}");
    let records = records_of(&state, "packages:audit");
    let first = records.first().expect("a record");
    assert_eq!(first["on"], json!({"kind": "Project", "id": "pkg:npm/"}));
    let facts = &first["facts"];
    assert_eq!((&facts["audit"], &facts["releases"], &facts["flaws"]), (&"answered".into(), &2.into(), &1.into()));
}

#[test]
fn a_node_that_knows_nothing_says_so_and_never_that_nothing_is_wrong() {
    let upstream = upstream();
    // A feed that knows Python alone knows nothing of npm's packages.
    let python = state(&upstream, &[Advisory::new("PYSEC-2026-1", "unrelated")]);
    for (state, words) in [
        (State::before(&upstream, ""), "No feed of advisories is set here"),
        (python, "No feed of advisories here knows anything of these packages' ecosystem yet"),
    ] {
        let node = state.start();
        for client in JsClient::all().iter().filter(|client| client.kind != JsKind::YarnClassic) {
            let room = client.room(&node.registry());
            // What is installed is not disturbed by it.
            room.add("weak@1.2.0").ok().keeps_quiet_about("advisories");
            let told = room.audit().fails().says(words);
            told.says("advisories.sources").keeps_quiet_about("found 0").keeps_quiet_about("No known");
        }
        let refused = ask(&node, "-/npm/v1/security/advisories/bulk", &json!({"weak": ["1.2.0"]}), 403);
        assert!(refused["error"].as_str().is_some_and(|told| told.contains(words)), "{refused}");
    }
}

fn ask(node: &Node, path: &str, body: &Value, status: u16) -> Value {
    let request = Request::new("POST", &format!("{}{path}", node.registry()));
    request.header("content-type", "application/json").body(body.to_string()).send().is(status).json()
}

#[test]
fn old_clients_are_answered_in_their_own_form_and_what_is_no_audit_is_refused() {
    let upstream = upstream();
    let state = state(&upstream, &flaws());
    let node = state.start();
    let lock = json!({"name": "mine", "version": "1.0.0", "requires": {"top": "^1.0.0"}, "dependencies": {
        "top": {"version": "1.0.0", "requires": {"weak": "^1.0.0"}, "dependencies": {"weak": {"version": "1.0.0"}}},
    }});
    for path in ["-/npm/v1/security/audits/quick", "-/npm/v1/security/audits"] {
        let answer = ask(&node, path, &lock, 200);
        let advisories = answer["advisories"].as_object().expect("advisories");
        let (_, flaw) = advisories.iter().next().expect("one of them");
        assert_eq!((&flaw["module_name"], &flaw["patched_versions"]), (&"weak".into(), &">=1.2.1".into()));
        assert_eq!(flaw["findings"], json!([{"version": "1.0.0", "paths": ["top>weak"]}]));
        assert_eq!(answer["metadata"]["vulnerabilities"]["moderate"], 1);
    }
    let bulk = format!("{}-/npm/v1/security/advisories/bulk", node.registry());
    let refused = Request::new("POST", &bulk).body("nonsense").send().is(400).says("it is no JSON object");
    assert_eq!(record_of(&state, &refused)["facts"]["audit"], "unread");
    let gzip = Request::new("POST", &bulk).header("content-encoding", "gzip").body("nonsense").send();
    gzip.is(400).says("not the gzip that it says it is");
    let large = Request::new("POST", &bulk).body(vec![b' '; 9 << 20]).limit(Duration::from_secs(20)).send();
    large.is(413).says("at most 8388608 bytes");
    state.policy(
        "no-audits.cedar",
        "@id(\"no-audits\") @outcome(\"deny\") @reason(\"audits are asked elsewhere\") @advice(\"ask security\")\n\
         forbid (principal, action == Fanlight::Action::\"packages:audit\", resource);",
    );
    let denied = || Request::new("POST", &bulk).body("{}").send();
    let answer =
        wait_for("the policy", Duration::from_secs(10), || Some(denied()).filter(|answer| answer.status == 403));
    answer.says("audits are asked elsewhere");
}
