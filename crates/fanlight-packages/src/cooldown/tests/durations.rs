//! Patterns.

use fanlight_base::Purl;

use super::*;

fn waits(overrides: &[(&str, u64)]) -> Cooldowns {
    let overrides =
        overrides.iter().map(|(pattern, days)| ((*pattern).to_owned(), DAY * u32::try_from(*days).unwrap()));
    Cooldowns::new(WEEK, overrides).unwrap()
}

fn days(waits: &Cooldowns, purl: &str) -> u64 {
    waits.for_project(&purl.parse::<Purl>().unwrap()).as_secs() / 86_400
}

#[test]
fn the_longest_matching_pattern_wins() {
    let waits = waits(&[("acme-*", 1), ("acme-internal-*", 0), ("*", 14), ("pkg:npm/acme-*", 30), ("Foo_Bar", 2)]);
    assert_eq!(days(&waits, "pkg:pypi/acme-tool"), 1);
    assert_eq!(days(&waits, "pkg:pypi/acme-tool@1.0"), 1);
    assert_eq!(days(&waits, "pkg:pypi/acme-internal-tool"), 0);
    assert_eq!(days(&waits, "pkg:npm/acme-tool"), 30);
    assert_eq!(days(&waits, "pkg:npm/acme-internal-tool"), 0);
    assert_eq!(days(&waits, "pkg:pypi/foo.bar"), 2);
    assert_eq!(days(&waits, "pkg:pypi/requests"), 14);
}

#[test]
fn without_a_match_the_default_counts() {
    let waits = waits(&[("acme-*", 1), ("pkg:pypi/b?", 2), ("Acme.*.x", 3)]);
    assert_eq!(days(&waits, "pkg:pypi/acme"), 7);
    assert_eq!(days(&waits, "pkg:pypi/b"), 7);
    assert_eq!(days(&waits, "pkg:pypi/bc"), 2);
    assert_eq!(days(&waits, "pkg:npm/bc"), 7);
    assert_eq!(days(&waits, "pkg:pypi/acme-a-x"), 3);
    assert_eq!(waits.default_wait(), WEEK);
}

#[test]
fn of_two_equally_long_patterns_the_stricter_wins() {
    for overrides in [[("acme-*", 1), ("*-tool", 9)], [("*-tool", 9), ("acme-*", 1)]] {
        assert_eq!(days(&waits(&overrides), "pkg:pypi/acme-tool"), 9);
    }
}

#[test]
fn what_is_no_pattern_says_so() {
    for bad in ["", "a b", "foo@1.0", "pkg:", "pkg:pypi", "pkg:pypi/", "pkg:pypi/foo@1", "[a-z]", "a\n", "ä"] {
        let error = Cooldowns::new(WEEK, [(bad.to_owned(), DAY)]).unwrap_err();
        assert_eq!(error.pattern, bad);
    }
}

#[test]
fn many_stars_cost_little() {
    let waits = waits(&[(&"*a".repeat(200), 1)]);
    let name = format!("{}b", "a".repeat(250));
    let start = std::time::Instant::now();
    assert_eq!(days(&waits, &format!("pkg:pypi/{name}")), 7);
    assert!(start.elapsed() < Duration::from_secs(1));
}
