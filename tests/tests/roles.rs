//! Roles and groups: what each opens at the console, who gives them, and what does not come back.

use std::time::Duration;

use fanlight_testkit::{Node, Release, Request, State, Upstream, wait_for};
use fanlight_tests::{record_of, records_of};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// A device token of that person.
fn token(state: &State, node: &Node, person: &str) -> String {
    let secret = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's secret");
    let made = Request::new("POST", &format!("{}/v1/tokens", node.url()))
        .header("Authorization", &format!("Bearer {secret}"))
        .body(format!("{{\"person\":\"{person}\",\"machine\":\"m\"}}"))
        .send()
        .is(201);
    made.json()["token"].as_str().expect("a token").to_owned()
}

fn ask(node: &Node, token: &str, method: &str, path: &str) -> u16 {
    let url = format!("{}/v1/{path}", node.url());
    Request::new(method, &url).header("Authorization", &format!("Bearer {token}")).body("{}").send().status
}

#[test]
fn a_role_opens_what_it_says_to_a_device_token_and_nothing_more() {
    let (_upstream, state, node) = scene();
    let token = token(&state, &node, "asha");
    // Which roles read it; nobody changes anything with a device token, whatever their role.
    let reads = [
        ("status", "bmras"),
        ("why?purl=pkg:pypi/demo", "bmras"),
        ("quarantines", "bmras"),
        ("reviews", "bmras"),
        ("who?of=pkg:pypi/demo", "mras"),
        ("tokens", "mras"),
        ("people", "mras"),
        ("exceptions", "mras"),
        ("policies", "ras"),
        ("advisories", "ras"),
        ("settings", "as"),
        ("ledger/proof/0", ""),
    ];
    let changes =
        ["tokens", "erase", "backup", "restore", "roles", "roles/take", "groups", "groups/leave", "quarantines"];
    let mut had: Option<&str> = None;
    for role in ["builder", "mentor", "reviewer", "auditor", "steward"] {
        // So that a steward who leaves the role is not the last.
        if let Some(before) = had.replace(role).filter(|before| *before != "builder") {
            state.cli(&["people", "role", "asha", "remove", before]).ok().says("asha is builder");
        }
        if role != "builder" {
            state.cli(&["people", "role", "asha", "add", role]).ok().says(&format!("asha is {role} and in no group."));
        }
        for (path, who) in reads {
            let status = ask(&node, &token, "GET", path);
            let may = who.contains(&role[..1]);
            assert_eq!(status, if may { 200 } else { 403 }, "{path} by a {role}");
        }
        for path in changes {
            assert_eq!(ask(&node, &token, "POST", path), 403, "{path} by a {role}");
        }
    }
    let mut given = records_of(&state, "console:give-role");
    given.retain(|record| record["decision"]["outcome"] == "allow");
    assert_eq!(given.len(), 4, "{given:?}");
    assert_eq!(given[0]["on"]["kind"], "Person");
    assert_eq!(given[0]["facts"]["role"], "mentor");
    assert_eq!(given[0]["who"]["strength"], "state-folder");
    assert!(!given[0].to_string().contains("asha"), "a record names nobody: {}", given[0]);
}

#[test]
fn a_builder_sees_what_they_got_and_not_who_else_did() {
    let (_upstream, state, node) = scene();
    let (asha, ben) = (token(&state, &node, "asha"), token(&state, &node, "ben"));
    let url = node.file("demo", "demo-1.0-py3-none-any.whl");
    Request::get(&url).basic("__token__", &asha).send().is(200);
    let got = |token: &str| {
        let url = format!("{}/v1/why?purl=pkg:pypi/demo", node.url());
        let answer = Request::get(&url).header("Authorization", &format!("Bearer {token}")).send().is(200).json();
        answer["you_got"].as_array().expect("what was got").len()
    };
    wait_for("the download to be told of", Duration::from_secs(5), || (got(&asha) == 1).then_some(()));
    assert_eq!(got(&ben), 0);
    state.cli(&["people", "role", "ben", "add", "mentor"]).ok();
    assert_eq!(got(&ben), 1);
}

#[test]
fn the_last_steward_stays() {
    let (_upstream, state, node) = scene();
    token(&state, &node, "asha");
    token(&state, &node, "ben");
    state.cli(&["people", "role", "asha", "add", "steward"]).ok();
    let refused = state.cli(&["people", "role", "asha", "remove", "steward"]);
    refused.exits(1).says("no steward would be left").says("Make somebody else a steward first");
    state.cli(&["ledger", "erase", "asha", "--yes"]).exits(1).says("no steward would be left");
    state.cli(&["people", "role", "ben", "add", "steward"]).ok();
    state.cli(&["people", "role", "asha", "remove", "steward"]).ok().says("asha is builder");
    state.cli(&["people", "list"]).ok().says("steward").says("ben");
}

#[test]
fn a_group_is_for_policies_to_ask_for() {
    let (_upstream, state, node) = scene();
    let token = token(&state, &node, "asha");
    state.policy(
        "finance.cedar",
        r#"@id("not-for-finance") @outcome("deny") @reason("finance does not use demo")
           forbid (principal in Fanlight::Group::"finance", action in Fanlight::Action::"packages:fetch", resource);"#,
    );
    let fetch = || Request::get(&node.file("demo", "demo-1.0-py3-none-any.whl")).basic("__token__", &token).send();
    fetch().is(200);
    state.cli(&["people", "group", "asha", "add", "finance"]).ok().says("in the group finance");
    wait_for("the policy to count", Duration::from_secs(5), || (fetch().status == 403).then_some(()));
    let refused = fetch();
    assert_eq!(record_of(&state, &refused)["decision"]["policies"][0], "not-for-finance");
    state.cli(&["people", "group", "asha", "remove", "finance"]).ok().says("in no group");
    fetch().is(200);
    for bad in ["Finance", "a b", "a_b", ""] {
        state.cli(&["people", "group", "asha", "add", bad]).says("small letters");
    }
    state.cli(&["people", "group", "nobody", "add", "finance"]).exits(1).says("Nobody of that name");
    state.cli(&["people", "role", "asha", "add", "builder"]).exits(2).says("is a builder");
}

#[test]
fn a_role_that_was_taken_does_not_come_back_with_a_restore() {
    let (_upstream, state, node) = scene();
    token(&state, &node, "asha");
    state.cli(&["people", "role", "asha", "add", "mentor"]).ok();
    state.cli(&["people", "group", "asha", "add", "finance"]).ok();
    let file = state.home().join("backup.tar");
    state.cli(&["backup", file.to_str().expect("a path")]).ok();
    state.cli(&["people", "role", "asha", "remove", "mentor"]).ok();
    state.cli(&["people", "group", "asha", "remove", "finance"]).ok();
    state.cli(&["restore", file.to_str().expect("a path"), "--yes"]).ok();
    let people = wait_for("the node to have gone over", Duration::from_secs(20), || {
        let out = state.cli(&["people", "list", "--json"]);
        (out.code == Some(0)).then(|| out.json())
    });
    let asha = people["people"].as_array().expect("people").iter().find(|one| one["name"] == "asha").expect("asha");
    assert_eq!((&asha["roles"], &asha["groups"]), (&serde_json::json!([]), &serde_json::json!([])));
}
