//! Argon2id: against other programs' strings, with growing cost, and for nobody.

use std::time::{Duration, Instant};

use super::*;

fn password(typed: &str) -> Password {
    Password::read(typed).unwrap()
}

/// Made by the reference implementation's command: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e`,
/// whose output stands in its own test suite.
const REFERENCE: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

#[test]
fn a_string_of_the_reference_implementation_is_read_and_raised() {
    let hasher = Hasher::new(Cost::TINY, 2).unwrap();
    assert_eq!(hasher.check(&password("passwore"), Some(REFERENCE)).unwrap(), Check::Wrong);
    let Check::Right { upgrade: Some(kept) } = hasher.check(&password("password"), Some(REFERENCE)).unwrap() else {
        panic!("the right password at another cost is right, and kept anew");
    };
    assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{kept}");
    assert_eq!(hasher.check(&password("password"), Some(&kept)).unwrap(), Check::Right { upgrade: None });
}

#[test]
fn two_of_the_same_password_have_nothing_in_common() {
    let hasher = Hasher::new(Cost::TINY, 1).unwrap();
    assert_ne!(hasher.hash(&password("same")).unwrap(), hasher.hash(&password("same")).unwrap());
}

#[test]
fn the_named_costs_are_those_of_their_sources() {
    assert_eq!(phc(Cost::RFC_9106_SECOND, &[0; 16], &[0; 32]).split('$').nth(3).unwrap(), "m=65536,t=3,p=4");
    assert_eq!(phc(Cost::OWASP_LEAST, &[0; 16], &[0; 32]).split('$').nth(3).unwrap(), "m=19456,t=2,p=1");
    assert!(Cost::RFC_9106_SECOND.within(Cost::LARGEST) && Cost::OWASP_LEAST.within(Cost::LARGEST));
}

#[test]
fn nobody_is_checked_for_as_long_as_somebody() {
    let hasher = Hasher::new(Cost::OWASP_LEAST, 1).unwrap();
    let kept = hasher.hash(&password("right")).unwrap();
    let one = |kept: Option<&str>| {
        let start = Instant::now();
        assert_eq!(hasher.check(&password("wrong"), kept).unwrap(), Check::Wrong);
        start.elapsed()
    };
    // The fastest of each, by turns: what a machine is busy with besides only adds.
    let (mut somebody, mut nobody) = (Duration::MAX, Duration::MAX);
    let is_alike = (0..40).any(|_| {
        (somebody, nobody) = (somebody.min(one(Some(&kept))), nobody.min(one(None)));
        nobody > somebody / 2 && nobody < somebody * 2
    });
    assert!(is_alike, "{somebody:?} {nobody:?}");
    assert!(nobody > Duration::from_millis(1), "the work is really done: {nobody:?}");
}

#[test]
fn no_more_hashes_are_under_way_than_may_be() {
    let hasher = Hasher::new(Cost::TINY, 2).unwrap();
    let (first, second) = (hasher.turn().unwrap(), hasher.turn().unwrap());
    assert!(matches!(hasher.hash(&password("a")), Err(HashError::Busy)));
    assert!(matches!(hasher.check(&password("a"), None), Err(HashError::Busy)));
    drop((first, second));
    assert!(hasher.hash(&password("a")).is_ok(), "a refused one gives its place back as well");
}

#[test]
fn a_kept_string_cannot_ask_for_more_than_the_largest_cost() {
    let hasher = Hasher::new(Cost::TINY, 1).unwrap();
    let changed = |from: &str, to: &str| REFERENCE.replace(from, to);
    for kept in [
        changed("m=65536", "m=4194304"),
        changed("t=2", "t=4294967295"),
        changed("p=1", "p=255"),
        changed("argon2id", "argon2d"),
        changed("v=19", "v=16"),
        changed("t=2,", ""),
        changed("p=1", "p=1,p=1"),
        changed("PPc", "PP"),
        format!("{REFERENCE}$"),
        String::new(),
        "x".repeat(1000),
    ] {
        assert!(matches!(hasher.check(&password("password"), Some(&kept)), Err(HashError::Kept)), "{kept}");
    }
}
