//! One set after the other, and the same set anew.

use super::*;

#[test]
fn a_renewed_epoch_has_the_same_set_and_remembers_nothing_of_before() {
    let guard = built_in();
    let before = guard.snapshot();
    let decided =
        before.decide(&Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &fresh() });
    let epoch = guard.renew();
    assert_eq!((before.epoch().number, epoch.number), (1, 2));
    assert_eq!(before.epoch().digest, epoch.digest);
    let now = fetch(&guard, &fresh());
    assert_eq!((said(&now), &now.epoch), (said(&decided), &epoch));
    assert!(!Arc::ptr_eq(&now, &decided));
}

#[test]
fn a_new_set_opens_an_epoch_and_leaves_the_old_snapshot_as_it_was() {
    let guard = built_in();
    let old_set = guard.snapshot();
    let own = r#"@id("stop") forbid (principal, action == Fanlight::Action::"packages:fetch-file", resource);"#;
    let epoch = guard.replace(Pack::of_texts([("company.cedar", own)], &[]).unwrap());
    assert_eq!((old_set.epoch().number, epoch.number), (1, 2));
    assert_ne!(old_set.epoch().digest, epoch.digest);
    assert_eq!(guard.snapshot().epoch(), &epoch);

    let attempt = Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &old() };
    let now = guard.decide(&attempt);
    assert_eq!((said(&now), &now.epoch), ("deny stop".into(), &epoch));
    assert_eq!(said(&old_set.decide(&attempt)), "allow packages-allowed");
}

#[test]
fn every_decision_is_by_the_set_it_names() {
    let stop = r#"@id("stop") forbid (principal, action == Fanlight::Action::"packages:fetch-file", resource);"#;
    let packs = [Pack::built_in(), Pack::of_texts([("company.cedar", stop)], &[]).unwrap()];
    let guard = Guard::new(packs[0].clone());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for age in 0..300 {
                    let decision = fetch(&guard, &old().with("age_minutes", 100_000 + age));
                    // Odd epochs are the built-in set, even ones the one that stops.
                    assert_eq!(decision.is_allowed(), decision.epoch.number % 2 == 1, "{decision:?}");
                }
            });
        }
        for round in 1..40 {
            guard.replace(packs[round % 2].clone());
        }
    });
    assert_eq!(guard.snapshot().epoch().number, 40);
}
