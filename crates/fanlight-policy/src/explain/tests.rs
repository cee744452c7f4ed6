//! What `fanlight policy explain` has to say.

use std::fmt::Write as _;

use fanlight_base::{Facts, limits};

use super::*;
use crate::samples::*;
use crate::{Guard, Pack};

const COMPANY: &str = r#"
@id("no-left-pad") @reason("{project} is not used here") @advice("use something else")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource in Fanlight::Project::"pkg:pypi/left-pad");
@id("people-first") @outcome("hold")
forbid (principal is Fanlight::Unidentified, action in Fanlight::Action::"packages:fetch", resource)
when { context has yanked_reason && context.yanked_reason like "*cve*" };
"#;

fn snapshot() -> Arc<Snapshot> {
    Guard::new(Pack::of_texts([("company.cedar", COMPANY)], &[]).unwrap()).snapshot()
}

#[test]
fn a_held_release_is_explained_policy_by_policy() {
    let facts = fresh().with("moon", "full");
    let attempt = Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &facts };
    let explanation = snapshot().explain(&attempt);
    let mut json = serde_json::to_value(&explanation).unwrap();
    json["decision"]["epoch"]["digest"] = "(digest)".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn what_failed_and_what_is_missing_is_told() {
    let facts = Facts::new().with("strength", "device-token").with("age_minutes", 5);
    let attempt = Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &facts };
    let explanation = snapshot().explain(&attempt);
    assert_eq!(explanation.decision.outcome, Outcome::Deny);
    let no_hash = explanation.policies.iter().find(|told| &*told.policy == "no-hash").unwrap();
    assert_eq!((no_hash.said, no_hash.decided), (Said::Failed, true));
    assert_eq!(no_hash.reason.as_deref(), Some("record does not have the attribute `hash`"));
    assert_eq!(no_hash.missing, ["hash"]);
    assert!(explanation.missing_facts.contains(&"hash") && !explanation.missing_facts.contains(&"yanked_reason"));
}

#[test]
fn the_explanation_is_of_the_decision_the_guard_gives() {
    let snapshot = snapshot();
    for facts in [old(), fresh(), old().with("project_status", "quarantined"), old().with("age_minutes", "?")] {
        let attempt = Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &facts };
        let (decision, explained) = (snapshot.decide(&attempt), snapshot.explain(&attempt).decision);
        assert_eq!((decision.outcome, &decision.policies), (explained.outcome, &explained.policies));
        assert_eq!(decision.reason(&facts), explained.reason);
    }
}

#[test]
fn those_that_decided_come_first() {
    let attempt = Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &fresh() };
    let told: Vec<_> = snapshot().explain(&attempt).policies.iter().map(|t| (t.policy.to_string(), t.said)).collect();
    assert_eq!(told[0], ("wait-and-see".into(), Said::Applies));
    assert_eq!(told[1], ("packages-allowed".into(), Said::Applies));
    assert!(told.contains(&("no-left-pad".into(), Said::HeadDoesNotFit)));
    assert!(told.contains(&("people-first".into(), Said::HeadDoesNotFit)));
    assert!(told.contains(&("quarantined".into(), Said::ConditionNotMet)));
}

#[test]
fn a_written_attempt_that_is_wrong_says_where() {
    let good = r#"{
  "principal": {"kind": "person", "id": "prs_a"},
  "action": "packages:fetch-file",
  "resource": {"kind": "Release", "id": "pkg:pypi/a@1"},
  "facts": {
    "age_minutes": 5
  }
}"#;
    assert!(OwnedAttempt::from_json(good).is_ok());
    let wrong = [
        ("cut", good[..60].to_owned()),
        ("no action", good.replace("\"action\": \"packages:fetch-file\",", "")),
        ("misspelt part", good.replace("\"resource\"", "\"resoruce\"")),
        ("unknown action", good.replace("fetch-file", "fetch-files")),
        ("wrong kind", good.replace("Release", "Ledger")),
        ("robot", good.replace("person", "robot")),
        ("kind is no text", good.replace("\"Release\"", "5")),
        ("text for a number", good.replace(": 5", ": \"5\"")),
        ("a half", good.replace(": 5", ": 5.5")),
        ("no time", good.replace("\"age_minutes\": 5", "\"available_at\": \"tomorrow\"")),
        ("a list", good.replace("\"age_minutes\": 5", "\"moon\": [1, 2]")),
        ("facts are a list", good.replace("{\n    \"age_minutes\": 5\n  }", "[5]")),
        ("not JSON", "attempt".to_owned()),
    ];
    let mut told = String::new();
    for (name, text) in wrong {
        let error = OwnedAttempt::from_json(&text).unwrap_err();
        let _ = writeln!(told, "{name}: {error}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_written_attempt_is_bounded() {
    let long = " ".repeat(usize::try_from(limits::ATTEMPT_BYTES).unwrap() + 1);
    let error = OwnedAttempt::from_json(&long).unwrap_err();
    assert!(matches!(error.fault, AttemptFault::TooLong(_)), "{error}");
}

#[test]
fn a_record_s_words_for_kinds_are_understood() {
    let text =
        r#"{"principal": {"kind": "unidentified"}, "action": "console:read-ledger", "resource": {"kind": "ledger"}}"#;
    let attempt = OwnedAttempt::from_json(text).unwrap();
    assert_eq!(
        (attempt.principal.kind(), attempt.resource.kind, &*attempt.resource.id),
        ("unidentified", "Ledger", "this")
    );
    assert!(attempt.facts.is_empty());
}
