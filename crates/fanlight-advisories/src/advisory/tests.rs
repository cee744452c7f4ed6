use proptest::prelude::*;

use super::*;
use crate::ecosystem::Ecosystem;
use crate::range::Event;
use crate::severity::Level;

pub fn reading(source: &str, at: &str) -> Arc<Reading> {
    Arc::new(Reading { source: source.into(), at: at.parse().unwrap() })
}

fn built(json: &str) -> Built {
    Draft::read(json.as_bytes()).unwrap().build(&reading("feed", "2026-11-01T00:00:00Z")).unwrap()
}

fn refusal(json: &str) -> String {
    let built = Draft::read(json.as_bytes()).and_then(|draft| draft.build(&reading("feed", "2026-11-01T00:00:00Z")));
    built.unwrap_err().to_string()
}

const WHOLE: &str = r#"{
  "schema_version": "1.7.5", "id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-02T03:04:05.678Z",
  "published": "2026-01-01T00:00:00Z", "withdrawn": null, "aliases": ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc", "CVE-2026-1"],
  "related": ["CVE-2025-9"], "summary": "One line\nand another", "details": "Long.",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
               {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}],
  "affected": [
    {"package": {"ecosystem": "PyPI", "name": "Some_Project", "purl": "pkg:pypi/some-project"},
     "ranges": [{"type": "GIT", "repo": "https://git.example/a", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]}],
     "versions": ["1.0", "1.4", "2.0", "legacy one"]},
    {"package": {"ecosystem": "Go", "name": "example.org/some"}, "ranges": []}],
  "references": [{"type": "WEB", "url": "https://example.org"}], "credits": null,
  "database_specific": {"severity": "LOW", "deep": [[[{"a": 1e999}]]], "cwe_ids": ["CWE-79"]}
}"#;

#[test]
fn a_whole_record_is_read() {
    let Built { advisory, notes } = built(WHOLE);
    assert_eq!((advisory.id(), advisory.aliases().collect::<Vec<_>>()), ("GHSA-aaaa-bbbb-cccc", vec!["CVE-2026-1"]));
    assert_eq!((advisory.summary(), advisory.kind()), ("One line", Kind::Vulnerability));
    assert_eq!((advisory.more(), advisory.is_reviewed()), (Some("https://example.org"), true));
    assert_eq!(advisory.modified().to_string(), "2026-01-02T03:04:05.678Z");
    assert_eq!((advisory.published().is_some(), advisory.withdrawn()), (true, None));
    assert_eq!(&*advisory.reading().source, "feed");
    let [affected] = advisory.affected() else { panic!("one project of a known ecosystem") };
    assert_eq!(affected.package(), &Package::new(Ecosystem::PyPi, "some-project"));
    assert_eq!(affected.severity().unwrap().to_string(), "high (7.5)", "a vector counts before a word");
    assert_eq!(affected.ranges().len(), 1, "commits are not compared");
    let kept: Vec<_> = affected.versions().iter().map(ToString::to_string).collect();
    assert_eq!(kept, ["2.0"], "what a range contains is not kept twice");
    for (version, expected) in [("0.1", true), ("1.4.9", true), ("1.5", false), ("2.0.0", true), ("2.0+cpu", true)] {
        assert_eq!(affected.contains(&Version::new(Ecosystem::PyPi, version)), expected, "{version}");
    }
    assert!(affected.contains(&Version::new(Ecosystem::PyPi, "legacy one")));
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn where_more_is_to_be_read_is_an_address_and_the_database_s_own_page_first() {
    let more = |references: &str| {
        let text = record(&format!(r#""references": {references}"#));
        built(&text).advisory.more().map(str::to_owned)
    };
    let page = |kind: &str, url: &str| format!(r#"{{"type": "{kind}", "url": "{url}"}}"#);
    let all = ["WEB https://a.example/", "FIX https://b.example/", "ADVISORY https://c.example/x?y=1"];
    let all: Vec<_> = all.iter().filter_map(|one| one.split_once(' ')).map(|(kind, url)| page(kind, url)).collect();
    assert_eq!(more(&format!("[{}]", all.join(","))).as_deref(), Some("https://c.example/x?y=1"));
    for none in ["javascript:alert(1)", "https://a.example/\\u001b[2J", "https://a.example/ b", "", "ftp://a.example/"]
    {
        assert_eq!(more(&format!("[{}]", page("ADVISORY", none))), None, "{none}");
    }
    for odd in ["null", "{}", "[1]", r#"[{"type": 1}]"#] {
        assert_eq!(more(odd), None, "{odd} is passed over, and the record counts");
    }
}

#[test]
fn whether_anybody_but_its_author_has_looked_at_it_is_believed_where_it_says_no() {
    let reviewed = |said: &str| built(&record(&format!(r#""database_specific": {said}"#))).advisory.is_reviewed();
    assert!(!reviewed(r#"{"github_reviewed": false}"#));
    for other in [r#"{"github_reviewed": true}"#, r#"{"github_reviewed": "no"}"#, "{}", "null"] {
        assert!(reviewed(other), "{other}");
    }
}

fn record(fields: &str) -> String {
    format!(r#"{{"id": "X-1", "modified": "2026-01-01T00:00:00Z", {fields}}}"#)
}

fn about_npm(fields: &str) -> String {
    record(&format!(r#""affected": [{{"package": {{"ecosystem": "npm", "name": "@a/b"}}, {fields}}}]"#))
}

#[test]
fn what_is_no_record_is_refused_with_its_reason() {
    for (json, expected) in [
        ("", "not an OSV record"),
        ("[]", "not an OSV record"),
        ("{}", "not an OSV record"),
        (r#"{"id": 5, "modified": "2026-01-01T00:00:00Z"}"#, "not an OSV record"),
        (r#"{"id": "", "modified": "2026-01-01T00:00:00Z"}"#, "\"\" is no id of an advisory"),
        (r#"{"id": "A B", "modified": "2026-01-01T00:00:00Z"}"#, "\"A B\" is no id of an advisory"),
        (r#"{"id": "A-1", "modified": "yesterday"}"#, "modified is \"yesterday\", which is not a time in RFC 3339"),
        (&record(r#""withdrawn": "soon""#), "withdrawn is \"soon\", which is not a time in RFC 3339"),
        (&record(r#""schema_version": "2.0.0""#), "of schema version \"2.0.0\"; version 1 is read here"),
        (&record(r#""affected": {}"#), "not an OSV record"),
    ] {
        assert_eq!(refusal(json), expected, "{json}");
    }
    assert_eq!(
        refusal(&" ".repeat(limits::ADVISORY_BYTES + 1)),
        "a record has at most 4194304 bytes, this one has 4194305"
    );
}

#[test]
fn lists_have_an_end_and_depth_too() {
    let many = |count: usize| record(&format!(r#""aliases": [{}]"#, vec![r#""A-1""#; count].join(",")));
    assert_eq!(built(&many(limits::ADVISORY_ALIASES)).advisory.aliases().count(), 1);
    let error = Draft::read(many(limits::ADVISORY_ALIASES + 1).as_bytes()).err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("a list has over 200 entries"), "{cause}");
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    built(&record(&format!(r#""unknown": {}"#, deep(100_000))));
    built(&record(&format!(r#""database_specific": {}"#, deep(100_000))));
    assert_eq!(refusal(&record(&format!(r#""affected": {}"#, deep(100_000)))), "not an OSV record");
}

#[test]
fn many_versions_are_not_compared_with_many_events() {
    let record = |versions: usize, ranges: usize| {
        let versions: Vec<_> = (0..versions).map(|n| format!("\"1.0.{n}\"")).collect();
        let events: Vec<_> =
            (1..=ranges).map(|n| format!(r#"{{"introduced": "{n}.0.0"}}, {{"fixed": "{n}.1.0"}}"#)).collect();
        let (versions, events) = (versions.join(","), events.join(","));
        built(&about_npm(&format!(
            r#""versions": [{versions}], "ranges": [{{"type": "SEMVER", "events": [{events}]}}]"#
        )))
    };
    let kept = |built: &Built| built.advisory.affected()[0].versions().len();
    assert_eq!(kept(&record(1_000, 1_000)), 0, "the range contains them all");
    let many = record(40_000, 2_500);
    assert_eq!(kept(&many), 40_000, "two hundred million comparisons are not made");
    assert!(many.advisory.affected()[0].contains(&Version::new(Ecosystem::Npm, "1.0.39999")));
}

#[test]
fn malice_is_told_by_id_alias_weakness_or_category() {
    let kind = |json: &str| built(json).advisory.kind();
    assert_eq!(kind(r#"{"id": "MAL-2026-1", "modified": "2026-01-01T00:00:00Z"}"#), Kind::Malicious);
    assert_eq!(kind(&record(r#""aliases": ["MAL-2026-1"]"#)), Kind::Malicious);
    assert_eq!(kind(&record(r#""database_specific": {"cwe_ids": ["CWE-79", "CWE-506"]}"#)), Kind::Malicious);
    assert_eq!(kind(&about_npm(r#""database_specific": {"categories": ["malicious"]}"#)), Kind::Malicious);
    assert_eq!(
        kind(&record(r#""aliases": ["NORMAL-1"], "database_specific": {"cwe_ids": "CWE-506"}"#)),
        Kind::Vulnerability
    );
}

#[test]
fn what_is_no_flaw_is_a_notice() {
    let informational = |value: &str| about_npm(&format!(r#""database_specific": {{"informational": {value}}}"#));
    assert_eq!(built(&informational(r#""unmaintained""#)).advisory.kind(), Kind::Notice);
    assert_eq!(built(&informational("null")).advisory.kind(), Kind::Vulnerability);
}

#[test]
fn the_newest_vector_counts_then_a_word() {
    let level = |json: &str| {
        let Built { advisory, notes } = built(json);
        (
            advisory.affected()[0].severity().map(|severity| (severity.level(), severity.score().is_some())),
            notes.iter().filter(|note| note.contains("vector")).count(),
        )
    };
    let v3 = r#"{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}"#;
    let v4 = r#"{"type": "CVSS_V4", "score": "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}"#;
    let broken = r#"{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}"#;
    let word = r#""database_specific": {"severity": "MODERATE"}"#;
    assert_eq!(level(&about_npm(&format!(r#""severity": [{v3}, {v4}]"#))), (Some((Level::High, true)), 0));
    assert_eq!(level(&about_npm(&format!(r#""severity": [{v3}, {broken}]"#))), (Some((Level::Critical, true)), 1));
    assert_eq!(level(&about_npm(&format!(r#""severity": [{broken}], {word}"#))), (Some((Level::Medium, false)), 1));
    assert_eq!(level(&about_npm(r#""database_specific": {"severity": 5, "cvss": ["a"]}"#)), (None, 0));
    let of_record =
        format!(r#""severity": [{v3}], "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}, {word}}}]"#);
    assert_eq!(
        level(&record(&of_record)).0,
        Some((Level::Critical, true)),
        "the record's vector before the project's word"
    );
}

#[test]
fn a_part_that_is_wrong_is_noted_and_the_rest_counts() {
    let json = r#"{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "aliases": ["not an id", "CVE-1"], "affected": [
        {"package": {"ecosystem": "npm", "name": "a\u202eb"}, "versions": ["1.0.0"]},
        {"package": {"ecosystem": "crates.io", "name": "a"}, "ranges": [
            {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "trunk"}]}]},
        {"package": {"ecosystem": "PyPI", "name": "nothing"}, "ranges": [{"type": "GIT", "events": []}]}]}"#;
    let Built { advisory, notes } = built(json);
    assert_eq!(
        notes,
        [
            "\"not an id\" is no id; left out of the aliases",
            "\"ab\" is no name of a project; left out",
            "a: a range ends at \"trunk\", which is no version by SemVer 2.0",
            "nothing: neither versions nor a range of versions; nothing can be told of its releases",
        ]
    );
    assert_eq!(advisory.aliases().collect::<Vec<_>>(), ["CVE-1"]);
    let open = &advisory.affected()[0];
    assert_eq!(open.ranges()[0].events(), [Event::Introduced(Some(Version::new(Ecosystem::Crates, "1.0.0")))]);
    assert!(!advisory.affected()[1].contains(&Version::new(Ecosystem::PyPi, "1.0")));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Advisory::read(&bytes, &reading("feed", "2026-11-01T00:00:00Z"));
    }

    #[test]
    fn dropping_listed_versions_that_a_range_contains_changes_nothing(
        listed in prop::collection::vec((0..9_u8, 0..3_u8), 0..8), from in 0..9_u8, to in 0..9_u8, v in (0..9_u8, 0..3_u8),
    ) {
        let text = |(a, b): (u8, u8)| format!("{a}.{b}.0");
        let versions: Vec<_> = listed.iter().map(|version| format!("\"{}\"", text(*version))).collect();
        let json = about_npm(&format!(
            r#""versions": [{}], "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "{from}.0.0"}}, {{"fixed": "{to}.0.0"}}]}}]"#,
            versions.join(",")
        ));
        let expected = listed.contains(&v) || (from <= v.0 && (v.0 < to || from > to));
        let asked = Version::new(Ecosystem::Npm, &text(v));
        prop_assert_eq!(built(&json).advisory.affected()[0].contains(&asked), expected);
    }
}
