//! Rights used and spare.

use fanlight_base::Role;
use serde_json::json;

use super::*;

fn record(person: &str, action: &str, kind: &str, strength: &str) -> String {
    json!({
        "v": 1, "time": "2026-11-22T10:00:00.000Z", "node": "fanlight/host/0123abcd", "action": action,
        "who": { "kind": "person", "id": person, "strength": strength, "key": "key_a" },
        "on": { "kind": kind, "id": "this" }, "facts": { "strength": strength },
        "decision": { "outcome": "allow", "policies": ["x"] },
    })
    .to_string()
}

fn directory() -> Directory {
    let mut directory = Directory::new();
    for (person, roles) in [
        ("prs_a", &[Role::Steward, Role::Reviewer][..]),
        ("prs_b", &[Role::Reviewer, Role::Mentor]),
        ("prs_c", &[Role::Auditor]),
        ("prs_d", &[Role::Steward]),
    ] {
        roles.iter().for_each(|role| directory.give(&PersonId::new(person), *role));
    }
    directory.join(&PersonId::new("prs_b"), "nobody-asks");
    directory
}

#[test]
fn what_was_not_needed_is_spare_and_the_rest_proves_enough() {
    let mut rights = Rights::new(Pack::built_in(), directory());
    let records = [
        record("prs_a", "console:backup", "Node", "stepped-up"),
        record("prs_a", "console:quarantine", "Node", "session"),
        record("prs_b", "console:read-people", "Node", "session"),
        record("prs_c", "console:read-ledger", "Ledger", "session"),
        record("prs_c", "console:backup", "Node", "state-folder"),
        record("prs_d", "console:read-status", "Node", "session"),
        "no record".to_owned(),
    ];
    records.iter().for_each(|record| rights.read(record));
    assert_eq!((rights.judged, rights.left), (6, 0));
    let Report { people: uses, keys, policy, mut proof } = rights.report();
    let of = |person: &str, right: Right| uses[&PersonId::new(person)][&right].clone();
    let spare = |person: &str, role| of(person, Right::Role(role)).spare;
    // A steward's role opens all that a reviewer's does: the larger is needed for the backup, so the smaller is spare.
    assert_eq!((spare("prs_a", Role::Steward), spare("prs_a", Role::Reviewer)), (false, true));
    assert_eq!(of("prs_a", Right::Role(Role::Steward)).actions, BTreeSet::from(["console:backup"]));
    // Either of two would do: one goes, the one that opens more, and one stays.
    assert_eq!((spare("prs_b", Role::Reviewer), spare("prs_b", Role::Mentor)), (true, false));
    assert!(of("prs_b", Right::Group("nobody-asks".into())).spare);
    assert_eq!((spare("prs_c", Role::Auditor), spare("prs_d", Role::Steward)), (false, true));
    assert_eq!(of("prs_c", Right::Role(Role::Auditor)).times, 1, "the state folder's secret needs no role");
    assert_eq!(keys["key_a"].scopes, BTreeSet::from([Scope::ApiRead, Scope::Api]));
    records.iter().for_each(|record| proof.read(record));
    assert_eq!((proof.allowed, proof.refused), (6, 0));
    // Of the roles that are kept, what was not done is taken; a steward's stay whole.
    let pack = Pack::built_in().and("least-privilege.cedar", &policy).unwrap();
    let judge = |record: &str| {
        let snapshot = judging(&pack, directory());
        let (attempt, ..) = attempted(record, &snapshot).unwrap();
        snapshot.decide(&attempt.unwrap().attempt()).is_allowed()
    };
    assert!(judge(&record("prs_c", "console:read-ledger", "Ledger", "session")));
    assert!(!judge(&record("prs_c", "console:read-policies", "Policies", "session")), "{policy}");
    assert!(judge(&record("prs_a", "console:restore", "Node", "stepped-up")) && !policy.contains("prs_a"));
    assert!(judge(&record("prs_b", "console:ask", "Node", "session")), "what is one's own stays");
}

#[test]
fn what_cannot_be_judged_again_and_the_last_steward_propose_nothing() {
    let mut directory = Directory::new();
    directory.give(&PersonId::new("prs_d"), Role::Steward);
    let mut rights = Rights::new(Pack::built_in(), directory);
    rights.read(&record("prs_d", "console:long-gone", "Node", "session"));
    rights.read(&record("prs_e", "console:backup", "Node", "stepped-up"));
    rights.read(&record("prs_d", "console:read-status", "Node", "session").replace("allow", "deny"));
    assert_eq!((rights.judged, rights.left), (0, 2), "unknown, and refused today");
    let uses = rights.report().people;
    assert!(!uses[&PersonId::new("prs_d")][&Right::Role(Role::Steward)].spare, "somebody has to answer for the node");
}

#[test]
fn somebody_who_did_more_than_is_kept_is_proposed_nothing() {
    let mut rights = Rights::new(Pack::built_in(), directory());
    for n in 0..=limits::RIGHTS_ATTEMPTS {
        let one = record("prs_b", "console:read-people", "Node", "session");
        rights.read(&one.replace("\"this\"", &format!("\"{n}\"")));
    }
    let uses = rights.report().people;
    assert!(uses[&PersonId::new("prs_b")].values().all(|used| !used.spare));
}
