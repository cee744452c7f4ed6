use proptest::prelude::*;

use super::Written::{Fixed, Introduced, LastAffected, Limit};
use super::*;

fn range(ecosystem: Ecosystem, events: &[Written<'_>]) -> Range {
    Range::read(ecosystem, events, false).range.unwrap()
}

/// Which of these versions are affected, as text.
fn affected(ecosystem: Ecosystem, events: &[Written<'_>], of: &str) -> String {
    let range = range(ecosystem, events);
    let inside = of.split(' ').filter(|text| range.contains(&Version::new(ecosystem, text)));
    inside.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_schemas_own_examples_hold() {
    let semver = |events: &[Written<'_>], of| affected(Ecosystem::Crates, events, of);
    assert_eq!(semver(&[Introduced("0")], "0.0.0-0 0.0.1 9.9.9"), "0.0.0-0 0.0.1 9.9.9");
    assert_eq!(semver(&[Introduced("0"), Fixed("1.0.2")], "0.1.0 1.0.2-rc.1 1.0.2 2.0.0"), "0.1.0 1.0.2-rc.1");
    let two = [Introduced("1.0.0"), Fixed("1.0.2"), Introduced("3.0.0"), Fixed("3.2.5")];
    assert_eq!(semver(&two, "0.9.9 1.0.0 1.0.1 1.0.2 2.0.0 3.0.0 3.2.4 3.2.5"), "1.0.0 1.0.1 3.0.0 3.2.4");
    let last = [Introduced("0"), LastAffected("2.1.214")];
    assert_eq!(affected(Ecosystem::PyPi, &last, "2.1.213 2.1.214 2.1.215"), "2.1.213 2.1.214");
}

#[test]
fn events_may_come_in_any_order() {
    let mixed = [Fixed("3.2.5"), Introduced("3.0.0"), Fixed("1.0.2"), Introduced("1.0.0")];
    assert_eq!(affected(Ecosystem::Npm, &mixed, "0.9.9 1.0.1 1.0.2 3.1.0 3.2.5"), "1.0.1 3.1.0");
}

#[test]
fn events_at_one_version_keep_the_records_order() {
    let of = "1.9.9 2.0.0 2.0.1 3.0.0";
    let never_fixed = [Introduced("1.0.0"), Fixed("2.0.0"), Introduced("2.0.0"), Fixed("3.0.0")];
    assert_eq!(affected(Ecosystem::Crates, &never_fixed, of), "1.9.9 2.0.0 2.0.1");
    let fixed_where_it_came = [Introduced("2.0.0"), Fixed("2.0.0")];
    assert_eq!(affected(Ecosystem::Crates, &fixed_where_it_came, of), "");
}

#[test]
fn any_limit_above_the_version_is_enough() {
    let of = "1.0.0 2.0.0 3.0.0";
    assert_eq!(affected(Ecosystem::Crates, &[Introduced("0"), Limit("2.0.0")], of), "1.0.0");
    assert_eq!(affected(Ecosystem::Crates, &[Introduced("0"), Limit("2.0.0"), Limit("3.0.0")], of), "1.0.0 2.0.0");
    assert_eq!(affected(Ecosystem::Crates, &[Introduced("0"), Limit("2.0.0"), Limit("*")], of), of);
}

#[test]
fn a_local_build_shares_the_fate_of_its_public_version() {
    let of = "2.0 2.0+cu117 2.0.post1 2.1";
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("0"), LastAffected("2.0")], of), "2.0 2.0+cu117");
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("0"), Fixed("2.0+cu117")], of), "2.0");
}

#[test]
fn what_is_no_version_is_affected_from_the_beginning_only() {
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("0"), Fixed("1.0")], "2004d 0.5 1.0"), "2004d 0.5");
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("0.1"), Fixed("1.0")], "2004d 0.5 1.0"), "0.5");
}

#[test]
fn a_fix_ends_something() {
    let fixed = |events: &[Written<'_>]| {
        let range = range(Ecosystem::Crates, events);
        range.fixed().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(fixed(&[Introduced("0"), Fixed("1.0.0"), Introduced("2.0.0"), Fixed("2.1.0")]), ["1.0.0", "2.1.0"]);
    assert_eq!(fixed(&[Introduced("0"), Fixed("1.0.0"), Fixed("1.1.0")]), ["1.0.0"]);
    assert_eq!(fixed(&[Fixed("1.0.0"), Introduced("2.0.0")]), Vec::<String>::new());
    assert_eq!(fixed(&[Introduced("2.0.0"), Fixed("2.0.0")]), Vec::<String>::new());
    assert_eq!(fixed(&[Introduced("1.0.0"), LastAffected("1.5.0"), Fixed("2.0.0")]), Vec::<String>::new());
}

#[test]
fn an_end_that_cannot_be_read_hides_nothing() {
    let events = [Introduced("0"), Fixed("2019-09-12")];
    let listed = Range::read(Ecosystem::PyPi, &events, true);
    assert_eq!((listed.range, listed.unread.as_deref()), (None, Some("2019-09-12")), "the list decides");
    assert_eq!(affected(Ecosystem::PyPi, &events, "1.0 9.0"), "1.0 9.0", "without a list the range has no end");
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("trunk"), Fixed("2.0")], "1.0 2.0"), "1.0");
    assert_eq!(affected(Ecosystem::PyPi, &[Introduced("0"), Limit("trunk")], "1.0 2.0"), "1.0 2.0");
}

/// The schema's pseudocode word for word, over small numbers.
fn by_the_schema(v: u8, events: &[(u8, u8)]) -> bool {
    let limits: Vec<_> = events.iter().filter(|(kind, _)| *kind == 3).collect();
    if !limits.is_empty() && !limits.iter().any(|(_, at)| v < *at) {
        return false;
    }
    let mut sorted: Vec<_> = events.iter().filter(|(kind, _)| *kind != 3).collect();
    sorted.sort_by_key(|(_, at)| *at);
    let mut vulnerable = false;
    for (kind, at) in sorted {
        vulnerable = match kind {
            0 if v >= *at => true,
            1 if v >= *at => false,
            2 if v > *at => false,
            _ => vulnerable,
        };
    }
    vulnerable
}

proptest! {
    #[test]
    fn evaluation_is_that_of_the_schema(events in prop::collection::vec((0..4_u8, 0..12_u8), 0..9), v in 0..14_u8) {
        for ecosystem in [Ecosystem::PyPi, Ecosystem::Npm, Ecosystem::Crates] {
            let texts: Vec<_> = events.iter().map(|(_, at)| format!("{at}.0.0")).collect();
            let written: Vec<_> = events.iter().zip(&texts).map(|((kind, _), text)| match kind {
                0 => Introduced(text),
                1 => Fixed(text),
                2 => LastAffected(text),
                _ => Limit(text),
            }).collect();
            let version = Version::new(ecosystem, &format!("{v}.0.0"));
            prop_assert_eq!(range(ecosystem, &written).contains(&version), by_the_schema(v, &events));
        }
    }
}
