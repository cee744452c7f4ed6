//! Least privilege: what is granted against what was used, fewer that would do, and the proof over the record.

use std::time::Duration;

use fanlight_testkit::{State, wait_for};
use fanlight_tests::Browser;
use serde_json::{Value, json};

fn right<'r>(rights: &'r Value, person: &str, name: &str) -> &'r Value {
    let people = rights["people"].as_array().expect("people");
    let person = people.iter().find(|one| one["name"] == person).unwrap_or_else(|| panic!("{person} in {rights}"));
    let rights = person["rights"].as_array().expect("rights");
    rights.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {person}"))
}

#[test]
fn what_was_needed_stays_what_was_not_is_proposed_and_the_proposal_refuses_nothing() {
    let state = State::with_config("");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let cleo = Browser::invited(&state, &node, "cleo", Some("auditor"));
    state.cli(&["people", "role", "ben", "add", "mentor"]).ok();
    state.cli(&["people", "group", "cleo", "add", "sales"]).ok();
    asha.post("invitations", &json!({ "person": "dina" })).is(201);
    ben.post("quarantines", &json!({ "purl": "pkg:pypi/demo@1.0", "because": "a trial" })).is(200);
    cleo.get("status").is(200);
    let words = json!({ "title": "Bot", "headline": "Reads", "about": "It reads.", "successor": "ben" });
    let app = asha.post("apps", &words).is(201).json()["app"].clone();
    asha.post("keys", &json!({ "app": app, "label": "x", "scopes": ["api"], "days": 1 })).is(201);
    // Who is a builder or a reviewer sees nothing of it.
    ben.post("rights", &json!({})).is(403);
    let rights = state.cli(&["rights", "--json"]).ok().json();
    let (steward, reviewer, auditor) =
        (right(&rights, "asha", "steward"), right(&rights, "ben", "reviewer"), right(&rights, "cleo", "auditor"));
    assert_eq!((&steward["spare"], &steward["actions"]), (&json!(false), &json!(["console:invite"])), "{steward}");
    assert_eq!(
        (&reviewer["spare"], &reviewer["actions"]),
        (&json!(false), &json!(["console:quarantine"])),
        "{reviewer}"
    );
    assert_eq!((&auditor["spare"], &auditor["times"]), (&json!(true), &json!(0)), "everybody may see the status");
    assert_eq!(right(&rights, "ben", "mentor")["spare"], true);
    assert_eq!((&rights["keys"][0]["scopes"], &rights["keys"][0]["used"]), (&json!(["api"]), &json!([])));
    assert_eq!((&rights["proof"]["refused"], &rights["proof"]["allowed"]), (&json!(0), &rights["judged"]));
    let said = state.cli(&["rights"]).ok();
    let said = said.says("fanlight people role ben remove mentor").says("fanlight people role cleo remove auditor");
    let said = said.says("fanlight people group cleo remove sales").says("fanlight keys revoke key_");
    said.says("0 would be refused").says("fanlight rights --policy");
    // The policy that is written out leaves what was done, and takes the rest of the role.
    let policy = state.cli(&["rights", "--policy"]).ok().stdout;
    state.policy("least-privilege.cedar", &policy);
    let lift = json!({ "purl": "pkg:pypi/demo@1.0" });
    wait_for("the policy", Duration::from_secs(10), || {
        (ben.post("quarantines/lift", &lift).status == 403).then_some(())
    });
    ben.post("quarantines/lift", &lift).is(403).says("not-needed-1");
    ben.post("quarantines", &json!({ "purl": "pkg:pypi/demo@1.0", "because": "a trial" })).is(200);
    asha.post("invitations", &json!({ "person": "eve" })).is(201);
    // Asked again with it in force, it is written out again and not lost.
    assert_eq!(state.cli(&["rights", "--policy"]).ok().stdout, policy);
    std::fs::remove_file(state.path().join("policies/least-privilege.cedar")).expect("removed");
    wait_for("the policy to go", Duration::from_secs(10), || {
        (ben.post("quarantines/lift", &lift).status == 200).then_some(())
    });
    // Done as proposed, all that was done goes on.
    state.cli(&["people", "role", "ben", "remove", "mentor"]).ok();
    ben.post("quarantines", &json!({ "purl": "pkg:pypi/demo@1.0", "because": "a trial" })).is(200);
    assert_eq!(state.cli(&["rights", "--json"]).ok().json()["proof"]["refused"], 0);
}
