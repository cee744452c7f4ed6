//! Exceptions: what they let pass, for whom, and what never gives way.

use super::*;
use crate::exceptions::{Exception, Exceptions};

const COMPANY: &str = r#"
@id("no-requests") @outcome("deny") @reason("not here")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource in Fanlight::Project::"pkg:pypi/requests");
@id("never-old") @outcome("deny") @lift("never") @reason("never")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource) when { context.yanked };
"#;

fn exception(thing: &str, person: Option<&str>, policies: &[&str]) -> Exception {
    Exception {
        id: "exc_1".into(),
        thing: thing.into(),
        whom: person.map_or(fanlight_base::Whom::Everybody, fanlight_base::Whom::of_word),
        policies: policies.iter().map(|id| Arc::from(*id)).collect(),
    }
}

fn excepting(company: &str, exceptions: impl IntoIterator<Item = Exception>) -> Guard {
    let pack = Pack::of_texts([("company.cedar", company)], &[]).unwrap();
    Guard::with(pack, exceptions.into_iter().collect(), Directory::new())
}

#[test]
fn an_exception_lifts_the_policies_it_names_and_the_decision_says_so() {
    for thing in ["pkg:pypi/requests@2.32.0", "pkg:pypi/requests"] {
        let guard = excepting("", [exception(thing, None, &["wait-and-see"])]);
        let decision = fetch(&guard, &fresh());
        assert_eq!(said(&decision), "allow packages-allowed", "{thing}");
        let excepted = decision.excepted.as_ref().expect("an exception");
        assert_eq!((&*excepted.by[0], &*excepted.lifted[0]), ("exc_1", "wait-and-see"));
        // Remembered or not, the same.
        assert_eq!(fetch(&guard, &fresh()), decision);
        assert_eq!(said(&fetch(&guard, &old())), "allow packages-allowed");
        assert!(fetch(&guard, &old()).excepted.is_none(), "nothing had to be lifted");
    }
}

#[test]
fn what_an_exception_does_not_name_goes_on_stopping() {
    let guard = excepting(COMPANY, [exception("pkg:pypi/requests", None, &["no-requests"])]);
    let stopped = fetch(&guard, &fresh());
    assert_eq!((said(&stopped), &stopped.excepted), ("hold wait-and-see".into(), &None));
    let both = excepting(COMPANY, [exception("pkg:pypi/requests", None, &["no-requests", "wait-and-see"])]);
    assert_eq!(said(&fetch(&both, &fresh())), "allow packages-allowed");
    let other = Resource::new("Release", "pkg:pypi/other@1.0");
    assert_eq!(said(&on(&both, &person(), FETCH, &other, &fresh())), "hold wait-and-see");
}

#[test]
fn a_policy_that_never_gives_way_does_not_for_an_exception_that_names_it() {
    let guard = excepting(COMPANY, [exception("pkg:pypi/requests", None, &["never-old", "no-requests", "no-hash"])]);
    assert_eq!(said(&fetch(&guard, &old().with("yanked", true))), "deny never-old");
    assert_eq!(said(&fetch(&guard, &old().with("hash", "none"))), "deny no-hash");
    assert!(fetch(&guard, &old()).is_allowed());
}

#[test]
fn an_exception_for_a_person_is_for_nobody_else() {
    let guard = excepting("", [exception("pkg:pypi/requests", Some("prs_abcdefghijklmnop"), &["wait-and-see"])]);
    assert!(fetch(&guard, &fresh()).is_allowed());
    for other in
        [Principal::Unidentified, Principal::Person { id: fanlight_base::PersonId::new("prs_2"), device: None }]
    {
        assert_eq!(said(&on(&guard, &other, FETCH, &release(), &fresh())), "hold wait-and-see", "{other:?}");
    }
    // Who is told apart by an exception shares no page with the others.
    let audience = |who: &Principal| guard.snapshot().audience(FETCH, who, Strength::DeviceToken);
    assert_ne!(audience(&person()), audience(&Principal::Unidentified));
    let everybody = built_in();
    let audience = |who: &Principal| everybody.snapshot().audience(FETCH, who, Strength::DeviceToken);
    assert_eq!(audience(&person()), audience(&Principal::Unidentified));
}

#[test]
fn nothing_passes_that_no_policy_permits_and_no_other_door_takes_exceptions() {
    let guard = Guard::with(
        Pack::of_texts([], &["packages-allowed".to_owned()]).unwrap(),
        [exception("pkg:pypi/requests", None, &["wait-and-see"])].into_iter().collect(),
        Directory::new(),
    );
    assert_eq!(said(&fetch(&guard, &fresh())), "deny");
    let closed = r#"@id("shut") forbid (principal, action in Fanlight::Action::"console", resource);"#;
    let guard = excepting(closed, [exception("pkg:pypi/requests", None, &["shut"])]);
    let facts = Facts::new().with("strength", "state-folder");
    let packages = Action::new("console:read-packages");
    assert_eq!(said(&on(&guard, &person(), packages, &project(), &facts)), "deny shut");
}

#[test]
fn exceptions_come_and_go_with_an_epoch_each_and_outlive_a_change_of_policies() {
    let guard = built_in();
    let all = || [exception("pkg:pypi/requests", None, &["wait-and-see"])].into_iter().collect::<Exceptions>();
    assert_eq!(guard.except(all()).number, 2);
    assert!(fetch(&guard, &fresh()).is_allowed());
    guard.replace(Pack::built_in());
    assert_eq!(guard.renew().number, 4);
    assert!(fetch(&guard, &fresh()).is_allowed());
    guard.except(Exceptions::default());
    assert_eq!(said(&fetch(&guard, &fresh())), "hold wait-and-see");
}

#[test]
fn a_decision_names_the_weaker_policies_beside_those_that_decide() {
    let decision = fetch(&excepting(COMPANY, []), &fresh());
    assert_eq!(said(&decision), "deny no-requests");
    assert_eq!(decision.beside.iter().map(|id| &**id).collect::<Vec<_>>(), ["wait-and-see"]);
}

#[test]
fn a_quarantine_here_stops_whatever_its_age_and_says_who_since_when_and_why() {
    let facts = old()
        .with("quarantined_since", at("2026-11-22T01:02:00Z"))
        .with("quarantined_by", "steward")
        .with("quarantined_because", "it reads tokens");
    let decision = fetch(&built_in(), &facts);
    assert_eq!(said(&decision), "deny quarantined-here");
    assert_eq!(
        decision.reason(&facts),
        "requests 2.32.0 is quarantined here since 2026-11-22 01:02 UTC by the steward: it reads tokens"
    );
}

#[test]
fn what_can_be_asked_for_is_what_nothing_stops_that_never_gives_way() {
    assert!(fetch(&built_in(), &fresh()).liftable);
    assert!(!fetch(&built_in(), &old()).liftable, "nothing stops it");
    assert!(!fetch(&built_in(), &fresh().with("hash", "none")).liftable, "one of two gives way");
    let facts = Facts::new().with("strength", "device-token");
    let status = Action::new("console:grant-request");
    let refused = on(&built_in(), &person(), status, &release(), &facts.with("own", true).with("request", "req_1"));
    assert!(said(&refused).contains("another-grants") && !refused.liftable, "{refused:?}");
}
