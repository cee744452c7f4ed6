use proptest::prelude::*;

use super::*;

fn score(vector: &str) -> String {
    Severity::of_vector(vector).unwrap_or_else(|| panic!("{vector} was not read")).to_string()
}

#[test]
fn scores_are_those_of_the_published_examples() {
    // FIRST, "CVSS v3.1 Examples": CVE-2013-1937, -2013-0375, -2014-3566, -2012-1516, -2009-0783, -2012-0384, -2014-0160,
    // -2014-6271.
    for (vector, expected) in [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "medium (6.1)"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "medium (6.4)"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "low (3.1)"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", "critical (9.9)"),
        ("CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", "medium (4.2)"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "high (8.8)"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "high (7.5)"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "critical (9.8)"),
    ] {
        assert_eq!(score(vector), expected, "{vector}");
    }
    // FIRST, "CVSS v4.0 Examples": CVE-2022-41741, -2020-3549, -2023-3089, -2014-0160 and -2021-44228.
    for (vector, expected) in [
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "high (7.3)"),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "high (7.7)"),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", "high (8.3)"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A", "high (8.7)"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "critical (10.0)"),
    ] {
        assert_eq!(score(vector), expected, "{vector}");
    }
}

#[test]
fn no_impact_is_no_severity() {
    assert_eq!(score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"), "none (0.0)");
    assert_eq!(score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N"), "none (0.0)");
}

#[test]
fn a_vector_that_is_not_whole_says_nothing() {
    for broken in [
        "",
        "9.8",
        "CVSS:3.1",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
        "CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
        "AV:N/AC:L/Au:N/C:P/I:P/A:P",
    ] {
        assert_eq!(Severity::of_vector(broken), None, "{broken}");
    }
}

#[test]
fn a_feeds_word_is_read_in_any_case() {
    assert_eq!(Level::of_word("MODERATE"), Some(Level::Medium));
    assert_eq!(Level::of_word(" Critical "), Some(Level::Critical));
    assert_eq!(Level::of_word("UNKNOWN"), None);
    assert!(Level::Low < Level::Medium && Level::High < Level::Critical);
}

fn metric(name: &'static str, values: &'static str) -> impl Strategy<Value = String> {
    proptest::sample::select(values.split(',').collect::<Vec<_>>()).prop_map(move |value| format!("/{name}:{value}"))
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in "(CVSS:[34]\\.[01])?(/?(AV|AC|AT|PR|UI|S|C|I|A|VC|VI|VA|SC|SI|SA|E|MSI|MAV|CR):[A-Z]){0,14}.{0,8}") {
        let _ = Severity::of_vector(&text);
    }

    #[test]
    fn more_impact_is_never_less_severe(
        base in (metric("AV", "N,A,L,P"), metric("AC", "L,H"), metric("PR", "N,L,H"), metric("UI", "N,R"), metric("S", "U,C")),
        (c, i, a) in (0..3_usize, 0..3_usize, 0..3_usize),
    ) {
        let level = ["N", "L", "H"];
        let with = |c: usize| {
            let (av, ac, pr, ui, s) = &base;
            let vector = format!("CVSS:3.1{av}{ac}{pr}{ui}{s}/C:{}/I:{}/A:{}", level[c], level[i], level[a]);
            Severity::of_vector(&vector).and_then(|severity| severity.score())
        };
        prop_assert!(with(c).is_some());
        prop_assert!(with(0) <= with(c) && with(c) <= with(2));
    }
}
