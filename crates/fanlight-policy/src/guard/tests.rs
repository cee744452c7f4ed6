//! Decisions by example; `tests/model.rs` has the properties, `tests/words.rs` the sentences.

use std::collections::HashSet;

use fanlight_base::{Fact, Facts, Principal, Resource, Strength};

use super::*;
use crate::samples::*;

mod advisories;
mod epochs;
mod exceptions;
mod model;
mod roles;
mod words;

fn guard(company: &str) -> Guard {
    Guard::new(Pack::of_texts([("company.cedar", company)], &[]).unwrap())
}

fn built_in() -> Guard {
    Guard::new(Pack::built_in())
}

fn fetch(guard: &Guard, facts: &Facts) -> Arc<Decision> {
    guard.decide(&Attempt { principal: &person(), action: FETCH, resource: &release(), facts })
}

fn on(guard: &Guard, principal: &Principal, action: Action, resource: &Resource, facts: &Facts) -> Arc<Decision> {
    guard.decide(&Attempt { principal, action, resource, facts })
}

/// Outcome and policies in one line.
fn said(decision: &Decision) -> String {
    format!("{} {}", decision.outcome.as_str(), decision.policies.join(" ")).trim().to_owned()
}

#[test]
fn an_old_release_is_allowed() {
    assert_eq!(said(&fetch(&built_in(), &old())), "allow packages-allowed");
}

#[test]
fn a_fresh_release_waits_from_its_publish_time() {
    let decision = fetch(&built_in(), &fresh());
    assert_eq!(said(&decision), "hold wait-and-see");
    assert_eq!(decision.until, Some(at("2026-11-22T01:02:03Z")));
}

#[test]
fn the_wait_ends_with_the_minute_the_cool_down_is_reached() {
    let guard = built_in();
    let aged = |minutes: i64| said(&fetch(&guard, &old().with("age_minutes", minutes)));
    assert_eq!(aged(10_079), "hold wait-and-see");
    assert_eq!(aged(10_080), "allow packages-allowed");
}

#[test]
fn without_a_believable_publish_time_a_release_waits_from_when_it_was_seen() {
    let guard = built_in();
    for publish_time in ["missing", "backdated", "a word nobody knows"] {
        let decision = fetch(&guard, &fresh().with("publish_time", publish_time));
        assert_eq!(said(&decision), "hold wait-and-see-first-seen", "{publish_time}");
        assert_eq!(decision.until, Some(at("2026-11-22T01:02:03Z")));
        assert!(fetch(&guard, &old().with("publish_time", publish_time)).is_allowed(), "{publish_time}");
    }
}

#[test]
fn a_quarantined_project_is_denied_whatever_its_age() {
    assert_eq!(said(&fetch(&built_in(), &old().with("project_status", "quarantined"))), "deny quarantined");
    assert_eq!(said(&fetch(&built_in(), &fresh().with("project_status", "quarantined"))), "deny quarantined");
    assert!(fetch(&built_in(), &old().with("project_status", "archived")).is_allowed());
}

#[test]
fn a_file_name_that_cannot_be_read_is_denied() {
    let unknown = Resource::new("Release", "pkg:pypi/requests@unknown");
    let facts = old().with("file_name_parsed", false);
    assert_eq!(said(&on(&built_in(), &person(), FETCH, &unknown, &facts)), "deny unparsable-file-name");
}

#[test]
fn a_file_without_a_hash_to_check_is_denied() {
    for hash in ["none", "other"] {
        assert_eq!(said(&fetch(&built_in(), &old().with("hash", hash))), "deny no-hash", "{hash}");
    }
}

#[test]
fn a_yanked_file_stays_as_the_upstream_has_it() {
    assert!(fetch(&built_in(), &old().with("yanked", true).with("yanked_reason", "broken")).is_allowed());
}

#[test]
fn metadata_is_judged_as_its_file_is() {
    let guard = built_in();
    for facts in [old(), fresh(), old().with("hash", "none"), old().with("project_status", "quarantined")] {
        let metadata = on(&guard, &person(), METADATA, &release(), &facts);
        assert_eq!(said(&metadata), said(&fetch(&guard, &facts)));
    }
}

#[test]
fn index_pages_and_faults_are_allowed_to_anybody() {
    let guard = built_in();
    assert!(on(&guard, &Principal::Unidentified, INDEX, &project(), &page()).is_allowed());
    let all = Resource::new("Project", "pkg:pypi/");
    assert!(on(&guard, &Principal::Unidentified, INDEX, &all, &page()).is_allowed());
    let fault = Action::new("packages:upstream-fault");
    let facts = Facts::new().with("ecosystem", "pypi").with("project", "requests").with("fault", "cut");
    assert!(on(&guard, &person(), fault, &project(), &facts).is_allowed());
}

#[test]
fn an_attempt_at_the_console_that_does_not_say_how_the_caller_is_known_is_the_weakest() {
    let guard = built_in();
    let node = Resource::new("Node", "this");
    let unsaid = on(&guard, &person(), STATUS, &node, &Facts::new());
    assert_eq!(
        (said(&unsaid), unsaid.policies.len()),
        ("deny console-for-known-callers".into(), 1),
        "an attempt that does not say is the weakest"
    );
    assert_eq!(
        unsaid.reason(&Facts::new()),
        "nobody knows who asks, and the node is read and changed by callers it knows"
    );
}

#[test]
fn only_the_node_does_what_the_node_does() {
    let (guard, node) = (built_in(), Resource::new("Node", "this"));
    assert_eq!(said(&on(&guard, &Principal::Node, START, &node, &Facts::new())), "allow node-itself");
    let facts = Facts::new().with("strength", "state-folder");
    assert_eq!(said(&on(&guard, &person(), START, &node, &facts)), "deny");
}

#[test]
fn a_project_named_by_the_company_is_denied_with_all_its_releases() {
    let guard = guard(
        r#"@id("no-left") forbid (principal, action in Fanlight::Action::"packages",
           resource in Fanlight::Project::"pkg:pypi/left");"#,
    );
    let file = |id: &str| said(&on(&guard, &person(), FETCH, &Resource::new("Release", id), &old()));
    assert_eq!(file("pkg:pypi/left@1.0"), "deny no-left");
    assert_eq!(file("pkg:pypi/left@2.0%2Blocal"), "deny no-left");
    assert_eq!(file("pkg:pypi/left-pad@1.0"), "allow packages-allowed");
    let left = Resource::new("Project", "pkg:pypi/left");
    assert_eq!(said(&on(&guard, &person(), INDEX, &left, &page())), "deny no-left");
}

#[test]
fn all_projects_of_an_ecosystem_are_below_its_purl() {
    let guard = guard(
        r#"@id("no-pypi") forbid (principal, action in Fanlight::Action::"packages",
           resource in Fanlight::Project::"pkg:pypi/");"#,
    );
    assert_eq!(said(&fetch(&guard, &old())), "deny no-pypi");
    assert_eq!(said(&on(&guard, &person(), INDEX, &project(), &page())), "deny no-pypi");
    let other = Resource::new("Release", "pkg:cargo/serde@1.0.0");
    assert_eq!(said(&on(&guard, &person(), FETCH, &other, &old())), "allow packages-allowed");
}

#[test]
fn the_latest_end_counts_and_a_hold_without_one_does_not_end() {
    let own = r#"@id("a-hold") @outcome("hold") @until("available_at")
        forbid (principal, action == Fanlight::Action::"packages:fetch-file", resource) when { context.yanked };"#;
    let decision = fetch(&guard(own), &fresh().with("yanked", true));
    assert_eq!(said(&decision), "hold a-hold wait-and-see");
    assert_eq!(decision.until, Some(at("2026-11-22T01:02:03Z")));

    let endless = own.replace("@until(\"available_at\")", "");
    let decision = fetch(&guard(&endless), &fresh().with("yanked", true));
    assert_eq!((said(&decision), decision.until), ("hold a-hold wait-and-see".into(), None));
    assert_eq!(decision.reason(&old()), "the company's policy a-hold holds this");
}

#[test]
fn a_hold_without_a_permit_is_a_deny() {
    let own = r#"@id("waits") @outcome("hold") forbid (principal, action in Fanlight::Action::"packages", resource);"#;
    assert_eq!(said(&fetch(&guard(own), &old())), "hold waits");
    let disabled = ["packages-allowed".to_owned()];
    let guard = Guard::new(Pack::of_texts([("company.cedar", own)], &disabled).unwrap());
    assert_eq!(said(&fetch(&guard, &old())), "deny");
    assert_eq!(said(&fetch(&guard, &fresh())), "deny");
}

#[test]
fn whatever_a_company_permits_nobody_unknown_reads_the_node_and_no_device_changes_it() {
    let open = r#"@id("open") permit (principal, action, resource);"#;
    let by = |strength: &str, action: &'static str, resource: &Resource| {
        let facts = Facts::new().with("strength", strength);
        said(&on(&guard(open), &person(), Action::new(action), resource, &facts))
    };
    let node = Resource::new("Node", "this");
    assert_eq!(by("none", "console:read-status", &node), "deny console-for-known-callers");
    assert_eq!(by("none", "console:backup", &node), "deny console-for-known-callers");
    assert_eq!(by("device-token", "console:backup", &node), "deny console-changed-by-login");
    assert_eq!(by("device-token", "console:read-status", &node), "allow console-for-builders open");
    assert_eq!(by("state-folder", "console:backup", &node), "allow console-for-operators open");
}

#[test]
fn what_cannot_be_judged_is_denied_by_name() {
    let without = |name: &str| {
        let mut facts = Facts::new();
        old().iter().filter(|(known, _)| *known != name).for_each(|(known, fact)| {
            facts.set(known.to_owned(), fact.clone());
        });
        facts
    };
    let decision = fetch(&built_in(), &without("hash"));
    assert_eq!(said(&decision), "deny no-hash");
    assert_eq!(
        decision.reason(&Facts::new()),
        "policy no-hash could not be judged, so this is refused: record does not have the attribute `hash`"
    );

    let own = r#"@id("too-big") forbid (principal, action == Fanlight::Action::"packages:fetch-file", resource)
        when { context.age_minutes * 1000000 < 5 };"#;
    let decision = fetch(&guard(own), &old().with("age_minutes", i64::MAX));
    assert_eq!(said(&decision), "deny too-big");
    assert!(decision.reason(&Facts::new()).contains("overflow"), "{}", decision.reason(&Facts::new()));
}

#[test]
fn a_permit_that_cannot_be_judged_is_denied_too() {
    let own = r#"@id("more") permit (principal, action == Fanlight::Action::"packages:fetch-file", resource)
        when { context.age_minutes + 1 > 5 };"#;
    let decision = fetch(&guard(own), &old().with("age_minutes", i64::MAX));
    assert_eq!(said(&decision), "deny more");
}

#[test]
fn an_attempt_that_the_schema_does_not_allow_is_denied_in_words() {
    let guard = built_in();
    let reason = |decision: Arc<Decision>| {
        assert_eq!(said(&decision), "deny");
        decision.reason(&Facts::new())
    };
    let unknown = Action::new("packages:burn");
    assert_eq!(
        reason(on(&guard, &person(), unknown, &release(), &old())),
        "the policy schema knows no action packages:burn"
    );
    assert_eq!(
        reason(on(&guard, &person(), FETCH, &project(), &old())),
        "packages:fetch-file cannot be tried on a Project"
    );
    assert_eq!(
        reason(fetch(&guard, &old().with("age_minutes", "young {release}"))),
        "the fact age_minutes of packages:fetch-file is not a whole number"
    );
}

#[test]
fn a_fact_that_the_schema_does_not_have_changes_nothing() {
    assert_eq!(said(&fetch(&built_in(), &old().with("moon", "full"))), "allow packages-allowed");
}

#[test]
fn facts_that_no_policy_looks_at_share_one_decision() {
    let guard = built_in();
    let first = fetch(&guard, &old());
    let same =
        old().with("instead", "none yet").with("file", "other.whl").with("version", "9").with("age_minutes", 100_000);
    assert!(Arc::ptr_eq(&first, &fetch(&guard, &same)));
    let elsewhere = Resource::new("Release", "pkg:pypi/other@1.0");
    assert!(Arc::ptr_eq(&first, &on(&guard, &Principal::Unidentified, FETCH, &elsewhere, &old())));
    assert!(!Arc::ptr_eq(&first, &fetch(&guard, &old().with("age_minutes", 100_001))));
}

#[test]
fn a_policy_on_the_caller_keeps_callers_apart() {
    let own = r#"@id("people-only") forbid (principal is Fanlight::Unidentified,
        action == Fanlight::Action::"packages:fetch-file", resource);"#;
    let guard = guard(own);
    assert_eq!(said(&fetch(&guard, &old())), "allow packages-allowed");
    assert_eq!(said(&on(&guard, &Principal::Unidentified, FETCH, &release(), &old())), "deny people-only");
    assert_eq!(said(&fetch(&guard, &old())), "allow packages-allowed");
}

#[test]
fn a_policy_on_a_release_keeps_releases_apart() {
    let own = r#"@id("not-this") forbid (principal, action == Fanlight::Action::"packages:fetch-file",
        resource == Fanlight::Release::"pkg:pypi/requests@2.32.0");"#;
    let guard = guard(own);
    let other = Resource::new("Release", "pkg:pypi/requests@2.32.1");
    assert_eq!(said(&on(&guard, &person(), FETCH, &other, &old())), "allow packages-allowed");
    assert_eq!(said(&fetch(&guard, &old())), "deny not-this");
}

fn named(id: &str) -> Principal {
    Principal::Person { id: fanlight_base::PersonId::new(id), device: None }
}

/// How many audiences these callers are, on fetching.
fn audiences(policy: &str) -> usize {
    let snapshot = guard(&format!("@id(\"own\") {policy}")).snapshot();
    let callers = [
        (named("prs_a"), Strength::DeviceToken),
        (named("prs_b"), Strength::DeviceToken),
        (named("prs_c"), Strength::DeviceToken),
        (named("prs_c"), Strength::StateFolder),
        (Principal::Unidentified, Strength::None),
    ];
    let of = |action| callers.iter().map(|(who, how)| snapshot.audience(action, who, *how)).collect::<HashSet<_>>();
    assert_eq!(of(INDEX).len(), 1, "an action the policy is not about is left alone");
    of(FETCH).len()
}

#[test]
fn the_built_in_packages_pack_has_one_audience_for_all() {
    let snapshot = built_in().snapshot();
    for known in crate::known_actions().filter(|known| known.groups.contains("packages")) {
        let of = |who: &Principal, how| snapshot.audience(known.action, who, how);
        assert_eq!(of(&person(), Strength::DeviceToken), of(&Principal::Unidentified, Strength::None));
    }
    let unknown = |who: &Principal| snapshot.audience(Action::new("packages:burn"), who, Strength::None);
    assert_ne!(unknown(&named("prs_a")), unknown(&named("prs_b")), "what is not known is not shared");
}

#[test]
fn only_callers_whom_policies_can_tell_apart_are_audiences_of_their_own() {
    let fetch = r#"action == Fanlight::Action::"packages:fetch-file""#;
    for (policy, expected) in [
        (format!("forbid (principal, {fetch}, resource) when {{ context.yanked }};"), 1),
        (format!("forbid (principal is Fanlight::Person, {fetch}, resource);"), 2),
        (format!("forbid (principal, {fetch}, resource) when {{ principal is Fanlight::Person }};"), 2),
        (format!("forbid (principal == Fanlight::Person::\"prs_a\", {fetch}, resource);"), 3),
        (format!("forbid (principal == Fanlight::Person::\"prs_z\", {fetch}, resource);"), 2),
        (format!("forbid (principal, {fetch}, resource) when {{ context.strength == \"none\" }};"), 3),
        (
            format!(
                "forbid (principal is Fanlight::Person, {fetch}, resource)
                 when {{ [Fanlight::Person::\"prs_a\", Fanlight::Person::\"prs_b\"].contains(principal) }};"
            ),
            4,
        ),
    ] {
        assert_eq!(audiences(&policy), expected, "{policy}");
    }
}

#[test]
fn callers_that_no_policy_names_share_remembered_decisions_and_the_named_one_does_not() {
    let own = r#"@id("not-a") forbid (principal == Fanlight::Person::"prs_a",
        action == Fanlight::Action::"packages:fetch-file", resource);"#;
    let guard = guard(own);
    let ask = |who: &Principal| on(&guard, who, FETCH, &release(), &old());
    let (b, a, c) = (ask(&named("prs_b")), ask(&named("prs_a")), ask(&named("prs_c")));
    assert_eq!((said(&a).as_str(), said(&b).as_str()), ("deny not-a", "allow packages-allowed"));
    assert!(Arc::ptr_eq(&b, &c), "one judgement for all who are not named");
    assert_eq!(said(&ask(&Principal::Unidentified)), "allow packages-allowed");
}

#[test]
fn what_is_remembered_is_bounded_in_bytes() {
    let remembered = Remembered::new();
    let decision = fetch(&built_in(), &old());
    for n in 0..40_000 {
        let text = Fact::from(format!("{n:01000}").as_str());
        let asked = remember::Asked {
            action: FETCH,
            principal: ("Person", "prs_a"),
            resource: ("Release", "pkg:pypi/a@1"),
            caller: None,
            within: Vec::new(),
            by_resource: false,
            facts: &[Some(&text)],
        };
        remembered.put(&asked, &decision);
    }
    assert!(remembered.bytes() <= fanlight_base::limits::REMEMBERED_DECISIONS_BYTES, "{remembered:?}");
    assert!(remembered.bytes() > fanlight_base::limits::REMEMBERED_DECISIONS_BYTES / 2, "{remembered:?}");
}
