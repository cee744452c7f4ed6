use proptest::prelude::*;

use super::*;

fn assert_rising(ecosystem: Ecosystem, texts: &[&str]) {
    let versions: Vec<_> = texts.iter().map(|text| Version::new(ecosystem, text)).collect();
    for (i, a) in versions.iter().enumerate() {
        for (j, b) in versions.iter().enumerate() {
            assert_eq!(a.cmp(b), i.cmp(&j), "{a} and {b}");
        }
    }
}

#[test]
fn python_versions_are_in_the_order_of_pep_440() {
    assert_rising(
        Ecosystem::PyPi,
        &[
            "not a version",
            "1.0.dev1",
            "1.0a1.dev2",
            "1.0a1",
            "1.0b2",
            "1.0rc1",
            "1.0",
            "1.0+local",
            "1.0.post1",
            "1!0",
        ],
    );
    assert_eq!(Version::new(Ecosystem::PyPi, "1.0"), Version::new(Ecosystem::PyPi, "v1.0.0"));
}

#[test]
fn semantic_versions_are_in_the_order_of_section_11() {
    let texts = ["1.0", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0"];
    assert_rising(Ecosystem::Npm, &texts);
    assert_rising(Ecosystem::Crates, &texts);
    for ecosystem in [Ecosystem::Npm, Ecosystem::Crates] {
        assert_eq!(Version::new(ecosystem, "1.0.0+a"), Version::new(ecosystem, "1.0.0+b"));
    }
}

#[test]
fn npm_counts_as_javascript_does() {
    let npm = |text| Version::new(Ecosystem::Npm, text);
    assert!(npm("9007199254740991.0.0").is_ordered());
    assert!(!npm("9007199254740992.0.0").is_ordered(), "over the largest safe integer");
    assert_eq!(npm("1.0.0-9007199254740992"), npm("1.0.0-9007199254740993"), "one floating-point number");
    assert_eq!(npm("v1.2.3"), npm("1.2.3"));
    let cargo = |text| Version::new(Ecosystem::Crates, text);
    assert!(cargo("1.0.0-9007199254740992") < cargo("1.0.0-9007199254740993"));
    assert!(!cargo("v1.2.3").is_ordered());
}

#[test]
fn an_end_of_a_range_may_leave_out_zeros() {
    for (text, whole) in [("1", "1.0.0"), ("1.2", "1.2.0"), ("1-rc.1", "1.0.0-rc.1"), ("v2.0", "2.0.0")] {
        assert_eq!(Version::end_of_range(Ecosystem::Crates, text).to_string(), whole);
        assert!(!Version::new(Ecosystem::Crates, text).is_ordered(), "a release is never called {text}");
    }
    assert!(!Version::end_of_range(Ecosystem::Npm, "latest").is_ordered());
}

#[test]
fn a_text_too_long_is_no_version() {
    let long = format!("1.{}", "0".repeat(limits::NAME_BYTES));
    assert!(!Version::new(Ecosystem::PyPi, &long).is_ordered());
}

fn any_version() -> impl Strategy<Value = String> {
    "[0-9]{1,3}(\\.[0-9]{1,20}){0,3}(-?(a|rc|dev|post|alpha\\.|beta)?[0-9]{0,20})?(\\+[a-z0-9.]{1,6})?"
}

proptest! {
    #[test]
    fn the_order_is_total(a in any_version(), b in any_version(), c in any_version()) {
        for ecosystem in [Ecosystem::PyPi, Ecosystem::Npm, Ecosystem::Crates] {
            let [a, b, c] = [&a, &b, &c].map(|text| Version::new(ecosystem, text));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(&a, &a.clone());
            if a <= b && b <= c {
                prop_assert!(a <= c, "{} <= {} <= {}", a, b, c);
            }
        }
    }

    #[test]
    fn any_text_is_read_and_shown(text in ".{0,300}") {
        for ecosystem in [Ecosystem::PyPi, Ecosystem::Npm, Ecosystem::Crates] {
            let version = Version::end_of_range(ecosystem, &text);
            prop_assert_eq!(Version::new(ecosystem, &version.to_string()), version);
        }
    }
}
