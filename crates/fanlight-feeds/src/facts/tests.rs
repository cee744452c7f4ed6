//! What is said of releases, by example, for each ecosystem.

use std::sync::Arc;

use fanlight_advisories::feed::Entry;
use fanlight_advisories::{Advisories, Ecosystem, Reading, Statements};
use fanlight_base::Fact;

use super::*;

const AT: &str = "2026-11-22T00:00:00Z";

pub(crate) fn record(id: &str, ecosystem: &str, name: &str, events: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2026-01-01T00:00:00Z", "summary": "about {id}", "affected": [{{
            "package": {{"ecosystem": "{ecosystem}", "name": "{name}"}},
            "ranges": [{{"type": "SEMVER", "events": [{events}]}}]}}]{more}}}"#
    )
}

fn from(introduced: &str, fixed: &str) -> String {
    let fixed = if fixed.is_empty() { String::new() } else { format!(r#", {{"fixed": "{fixed}"}}"#) };
    format!(r#"{{"introduced": "{introduced}"}}{fixed}"#)
}

const CRITICAL: &str = r#", "database_specific": {"severity": "CRITICAL"}"#;
const LOW: &str = r#", "database_specific": {"severity": "LOW"}"#;

pub(crate) fn snapshot(records: &[String], vex: &[&str]) -> Snapshot {
    let reading = Reading { source: "feed".into(), at: AT.parse().unwrap() };
    let entries = records.iter().map(|record| Ok(Entry { name: "r.json".into(), bytes: record.clone().into_bytes() }));
    let advisories = Advisories::new().import(reading.clone(), entries).unwrap().advisories;
    let reading = Arc::new(reading);
    let documents = vex.iter().map(|text| Document::read(text.as_bytes(), &reading).unwrap());
    Snapshot { advisories, statements: Arc::new(Statements::default().with(documents).0) }
}

/// `1.0` has waited, `1.0*` has not, `1.0-` is withdrawn, `1.0@` has an attestation.
fn listing(texts: &str) -> Vec<Listed> {
    let one = |text: &str| Listed {
        version: text.trim_end_matches(['*', '-', '@']).to_owned(),
        age_minutes: 0,
        waited: !text.contains('*'),
        yanked: text.ends_with('-'),
        attested: text.contains('@'),
    };
    texts.split_whitespace().map(one).collect()
}

fn told(snapshot: &Snapshot, ecosystem: Ecosystem, version: &str, releases: &str) -> Facts {
    let (package, attested) = (Package::new(ecosystem, "lib"), version.contains('@'));
    let read = Version::new(ecosystem, version.trim_end_matches('@'));
    let mut facts = Facts::new();
    let Some(project) = snapshot.advisories.project(&package) else { return facts };
    let all = candidates(&package, listing(releases));
    let question = Question { snapshot, project, package: &package, version: &read, attested };
    question.tell(|| &all, &mut facts);
    facts
}

fn text(facts: &Facts, name: &str) -> String {
    match facts.get(name) {
        None => "missing".to_owned(),
        Some(Fact::Text(text)) => text.to_string(),
        Some(Fact::Bool(yes)) => yes.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

fn lib(id: &str, introduced: &str, fixed: &str, more: &str) -> String {
    record(id, "npm", "lib", &from(introduced, fixed), more)
}

#[test]
fn the_worst_speaks_and_all_are_named() {
    let records = [
        lib("GHSA-1", "0", "2.0.0", LOW),
        lib("GHSA-2", "0", "1.5.0", CRITICAL),
        lib("GHSA-3", "0", "", r#", "database_specific": {}"#),
    ];
    let snapshot = snapshot(&records, &[]);
    let facts = told(&snapshot, Ecosystem::Npm, "1.0.0", "1.0.0 1.5.0");
    let said =
        ["advisory", "advisory_summary", "advisories", "severity", "severity_after_vex", "fixed_in", "malicious"]
            .map(|name| text(&facts, name));
    assert_eq!(said, ["GHSA-2", "about GHSA-2", "GHSA-2, GHSA-3, GHSA-1", "critical", "critical", "1.5.0", "missing"]);
    assert_eq!(text(&told(&snapshot, Ecosystem::Npm, "3.0.0", "3.0.0"), "severity"), "unknown");
}

#[test]
fn malice_comes_before_any_severity_and_holds_for_every_ecosystem() {
    for (ecosystem, name) in [(Ecosystem::PyPi, "PyPI"), (Ecosystem::Npm, "npm"), (Ecosystem::Crates, "crates.io")] {
        let records = [
            record("GHSA-1", name, "lib", &from("0", "2.0.0"), CRITICAL),
            record("MAL-1", name, "lib", &from("1.0.0", "1.0.1"), ""),
        ];
        let snapshot = snapshot(&records, &[]);
        let facts = told(&snapshot, ecosystem, "1.0.0", "1.0.0 2.0.0");
        assert_eq!(["malicious", "advisory"].map(|name| text(&facts, name)), ["true", "MAL-1"], "{name}");
        let other = told(&snapshot, ecosystem, "1.0.1", "1.0.0 2.0.0");
        assert_eq!(["malicious", "advisory"].map(|name| text(&other, name)), ["missing", "GHSA-1"], "{name}");
    }
}

#[test]
fn better_is_what_can_be_had_and_is_affected_less_badly() {
    let records =
        [lib("GHSA-1", "0", "2.0.0", CRITICAL), lib("GHSA-2", "2.0.0", "", LOW), lib("MAL-1", "3.0.0", "4.0.0", "")];
    let snapshot = snapshot(&records, &[]);
    let better =
        |version: &str, releases: &str| text(&told(&snapshot, Ecosystem::Npm, version, releases), "better_exists");
    for (version, releases, expected) in [
        ("1.0.0", "1.0.0", "false"),
        ("1.0.0", "1.0.0 1.1.0", "false"),
        ("1.0.0", "1.0.0 2.1.0", "true"),
        ("1.0.0", "1.0.0 2.1.0*", "false"),
        ("1.0.0", "1.0.0 2.1.0-", "false"),
        ("1.0.0", "1.0.0 3.0.0", "false"),
        ("1.0.0", "1.0.0 2.1.0-rc.1", "false"),
        ("1.0.0-rc.1", "1.0.0-rc.1 2.1.0-rc.1", "true"),
        // The fix itself does not wait.
        ("1.0.0", "1.0.0 2.0.0*", "true"),
        ("2.1.0", "1.0.0 2.1.0", "false"),
        ("3.0.0", "1.0.0 2.1.0 3.0.0", "missing"),
    ] {
        assert_eq!(better(version, releases), expected, "{version} of {releases}");
    }
}

#[test]
fn a_fix_is_what_a_reviewed_advisory_names_and_what_replaces_something_affected() {
    let own = r#", "database_specific": {"github_reviewed": false}"#;
    let reviewed = r#", "database_specific": {"github_reviewed": true, "severity": "HIGH"}"#;
    let records = [lib("GHSA-1", "1.0.0", "1.2.0", reviewed), lib("GHSA-2", "0", "1.3.0", own)];
    let snapshot = snapshot(&records, &[]);
    let said = |version: &str, releases: &str| {
        let facts = told(&snapshot, Ecosystem::Npm, version, releases);
        ["fixes", "replaces", "replaces_affected", "provenance_weaker"].map(|name| text(&facts, name))
    };
    assert_eq!(said("1.2.0", "1.1.0 1.2.0*"), ["GHSA-1", "1.1.0", "true", "false"]);
    assert_eq!(said("1.2.0", "0.9.0 1.2.0*"), ["GHSA-1", "0.9.0", "false", "false"], "it was not affected");
    assert_eq!(said("1.2.0", "1.1.0* 1.2.0*"), ["GHSA-1", "missing", "false", "missing"], "nothing has waited");
    assert_eq!(said("1.2.0", "1.0.0 1.1.0@ 1.2.0*"), ["GHSA-1", "1.1.0", "true", "true"]);
    assert_eq!(said("1.2.0@", "1.0.0 1.1.0@ 1.2.0*"), ["GHSA-1", "1.1.0", "true", "false"]);
    assert_eq!(said("1.2.0", "1.1.0 1.1.5-rc.1 1.1.6- 1.2.0*"), ["GHSA-1", "1.1.0", "true", "false"]);
    for not_named in ["1.1.0", "1.2.1", "1.3.0"] {
        assert_eq!(said(not_named, "1.1.0 1.3.0*")[0], "missing", "{not_named}");
    }
}

#[test]
fn vex_takes_back_flaws_and_no_malice() {
    let vex = |flaw: &str, status: &str| {
        format!(
            r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example/{flaw}", "author": "us",
            "timestamp": "2026-02-01T00:00:00Z", "version": 1, "statements": [{{"vulnerability": {{"name": "{flaw}"}},
            "products": [{{"@id": "pkg:npm/lib@1.0.0"}}], "status": "{status}", "justification": "component_not_present"}}]}}"#
        )
    };
    let records = [lib("GHSA-1", "0", "2.0.0", CRITICAL), lib("GHSA-2", "0", "2.0.0", LOW)];
    let taken_back = snapshot(&records, &[&vex("GHSA-1", "not_affected")]);
    let facts = told(&taken_back, Ecosystem::Npm, "1.0.0", "1.0.0 2.0.0*");
    let said = ["severity", "severity_after_vex", "vex_not_affected", "advisory"].map(|name| text(&facts, name));
    assert_eq!(said, ["critical", "low", "GHSA-1", "GHSA-2"]);
    // A fix of what does not affect what one has is none that is waited for; the other flaw still is.
    let both = snapshot(&records, &[&vex("GHSA-1", "not_affected"), &vex("GHSA-2", "fixed")]);
    let facts = told(&both, Ecosystem::Npm, "2.0.0", "1.0.0 2.0.0*");
    assert_eq!(text(&facts, "replaces_affected"), "false");
    let facts = told(&both, Ecosystem::Npm, "1.0.0", "1.0.0 2.0.0*");
    assert_eq!(["severity_after_vex", "better_exists"].map(|name| text(&facts, name)), ["missing", "missing"]);
    let malice = snapshot(&[lib("MAL-1", "0", "", "")], &[&vex("MAL-1", "not_affected")]);
    let facts = told(&malice, Ecosystem::Npm, "1.0.0", "1.0.0");
    assert_eq!(["malicious", "vex_not_affected"].map(|name| text(&facts, name)), ["true", "missing"]);
}

#[test]
fn a_line_for_a_refusal_is_cut_at_a_word() {
    assert_eq!(line("steals tokens."), "steals tokens");
    assert_eq!(line(""), "no summary is given");
    let long = line(&"word ".repeat(40));
    assert!(long.ends_with("word...") && long.len() <= LINE, "{long}");
    let letters = line(&"ü".repeat(100));
    assert!(letters.ends_with("ü...") && letters.len() <= LINE, "{letters}");
    let ids: Vec<_> = (0..10).map(|n| format!("X-{n}")).collect();
    assert!(named(ids.iter().map(String::as_str)).ends_with("X-7 and 2 more"));
}
