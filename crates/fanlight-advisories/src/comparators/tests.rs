use proptest::prelude::*;

use crate::advisory::Reading;
use crate::ecosystem::{Ecosystem, Package};
use crate::feed::{Entry, EntryFault};
use crate::index::Advisories;
use crate::version::Version;

/// What is written of a flaw with this `affected` entry, for who asks about these versions.
fn written(affected: &[&str], asked: &[&str]) -> Option<String> {
    let (known, package, asked) = known(affected, asked);
    let project = known.project(&package).unwrap();
    let flaw = asked.iter().flat_map(|version| project.affecting(version)).next().unwrap();
    flaw.comparators(&asked)
}

fn known(affected: &[&str], asked: &[&str]) -> (Advisories, Package, Vec<Version>) {
    let record = |(number, fields): (usize, &&str)| -> Result<Entry, EntryFault> {
        let json = format!(
            r#"{{"id": "X-{number}", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-1"],
                "affected": [{{"package": {{"ecosystem": "npm", "name": "lib"}}, {fields}}}]}}"#
        );
        Ok(Entry { name: "record.json".to_owned(), bytes: json.into() })
    };
    let entries: Vec<_> = affected.iter().enumerate().map(record).collect();
    let reading = Reading { source: "feed".into(), at: "2026-01-02T00:00:00Z".parse().unwrap() };
    let known = Advisories::new().import(reading, entries).unwrap().advisories;
    let asked = asked.iter().map(|text| Version::new(Ecosystem::Npm, text)).collect();
    ((*known).clone(), Package::new(Ecosystem::Npm, "lib"), asked)
}

fn range(events: &str) -> String {
    format!(r#""ranges": [{{"type": "SEMVER", "events": [{events}]}}]"#)
}

#[test]
fn what_is_affected_is_told_in_node_semvers_words() {
    for (events, words) in [
        (r#"{"introduced": "0"}"#, ">=0"),
        (r#"{"introduced": "0"}, {"fixed": "1.2.0"}"#, "<1.2.0"),
        (r#"{"introduced": "1.0.0-rc.1"}, {"fixed": "1.2.0"}"#, ">=1.0.0-rc.1 <1.2.0"),
        (r#"{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}"#, ">=1.0.0 <=1.2.0"),
        (
            r#"{"introduced": "3.0.0"}, {"introduced": "0"}, {"fixed": "1.2.0"}, {"fixed": "3.1.0"}"#,
            "<1.2.0 || >=3.0.0 <3.1.0",
        ),
        (r#"{"introduced": "1.0.0"}, {"fixed": "9.0.0"}, {"limit": "2.0.0"}"#, ">=1.0.0 <2.0.0"),
        (r#"{"introduced": "1.1.0"}, {"limit": "2.0.0"}"#, ">=1.1.0 <2.0.0"),
    ] {
        assert_eq!(written(&[&range(events)], &["1.1.0"]).as_deref(), Some(words), "{events}");
    }
}

#[test]
fn all_records_of_a_flaw_count_and_what_both_say_is_said_once() {
    let one = range(r#"{"introduced": "0"}, {"fixed": "1.2.0"}"#);
    let more = format!(r#"{one}, "versions": ["1.0.0", "1.4.0", "1.4.0-rc.1", "no version"]"#);
    assert_eq!(written(&[&one, &more], &["1.1.0"]).as_deref(), Some("<1.2.0 || 1.4.0-rc.1 || 1.4.0"));
}

#[test]
fn what_has_no_order_cannot_be_told() {
    assert_eq!(written(&[r#""versions": ["no version"]"#], &["no version"]), None);
}

#[test]
fn a_list_without_end_is_cut_to_what_was_asked_about() {
    let listed: Vec<_> = (0..5000).map(|n| format!("\"1.{n}.0\"")).collect();
    let listed = format!(r#""versions": [{}]"#, listed.join(","));
    let words = written(&[&listed], &["1.7.0", "1.4999.0", "9.0.0"]);
    assert_eq!(words.as_deref(), Some("1.7.0 || 1.4999.0"));
}

proptest! {
    /// The words say the same as the index, version by version.
    #[test]
    fn the_words_and_the_index_agree(
        events in prop::collection::vec((0_usize..4, 0_u64..6, any::<bool>()), 1..8), asked in 0_u64..7, early: bool,
    ) {
        let kinds = ["introduced", "fixed", "last_affected", "limit"];
        // The schema of OSV allows one of the two in a range, and what is written must fit it.
        prop_assume!(!events.iter().any(|(kind, ..)| *kind == 1) || !events.iter().any(|(kind, ..)| *kind == 2));
        let version = |minor: u64, early: bool| format!("1.{minor}.0{}", if early { "-rc.1" } else { "" });
        let event = |(kind, minor, early): &(usize, u64, bool)| {
            format!(r#"{{"{}": "{}"}}"#, kinds[*kind], version(*minor, *early))
        };
        let events = events.iter().map(event).collect::<Vec<_>>().join(",");
        let (known, package, asked) = known(&[&range(&events)], &[&version(asked, early)]);
        let Some(project) = known.project(&package) else { return Ok(()) };
        let stretches: Vec<_> = known.named("CVE-1")[0].affected()[0].ranges().iter().flat_map(|r| r.stretches()).collect();
        let told = stretches.iter().any(|stretch| stretch.contains(&asked[0]));
        prop_assert_eq!(!project.affecting(&asked[0]).is_empty(), told, "{} {:?}", events, stretches);
    }
}
