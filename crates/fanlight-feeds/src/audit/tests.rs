//! What is told of what is installed: everything that affects it, and nothing that somebody has taken back.

use super::*;
use crate::facts::tests::{record, snapshot};

const HIGH: &str = r#", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
    "references": [{"type": "ADVISORY", "url": "https://advisories.example/X-1"}]"#;

fn asked(purl: &str, versions: &[&str]) -> Asked {
    let versions = versions.iter().map(|text| (*text).to_owned()).collect();
    Asked { project: purl.parse().unwrap(), versions }
}

#[test]
fn a_flaw_is_told_once_for_all_the_versions_that_it_affects() {
    let records = [
        record("X-1", "npm", "@acme/lib", r#"{"introduced": "1.0.0"}, {"fixed": "1.5.0"}"#, HIGH),
        record("X-2", "npm", "@acme/lib", r#"{"introduced": "9.0.0"}"#, ""),
        record("MAL-1", "npm", "@acme/lib", r#"{"introduced": "1.1.0"}, {"last_affected": "1.1.0"}"#, ""),
    ];
    let flaws = of_project(&snapshot(&records, &[]), &asked("pkg:npm/%40acme/lib", &["1.0.0", "1.1.0", "2.0.0"]));
    let by_id = |id: &str| flaws.iter().find(|flaw| flaw.id == id);
    let high = by_id("X-1").unwrap();
    assert_eq!(
        (&*high.affects, high.severity, high.fixed.as_deref()),
        (">=1.0.0 <1.5.0", Severity::High, Some("1.5.0"))
    );
    assert_eq!(high.met, ["1.0.0", "1.1.0"]);
    assert_eq!(high.score.as_ref().map(|(tenths, _)| *tenths), Some(75));
    assert_eq!(high.more.as_deref(), Some("https://advisories.example/X-1"));
    let malicious = by_id("MAL-1").unwrap();
    assert_eq!((malicious.severity, &*malicious.met), (Severity::Critical, &["1.1.0".to_owned()][..]));
    assert!(by_id("X-2").is_none(), "{flaws:?}");
}

#[test]
fn what_a_vex_document_takes_back_is_not_told_for_the_versions_that_it_names() {
    let records = [record("X-1", "npm", "lib", r#"{"introduced": "0"}"#, HIGH)];
    let vex = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example/1", "author": "a",
        "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "X-1"},
        "products": [{"@id": "pkg:npm/lib@1.0.0"}], "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path"}]}"#;
    let snapshot = snapshot(&records, &[vex]);
    assert_eq!(of_project(&snapshot, &asked("pkg:npm/lib", &["1.0.0"])), []);
    let left = of_project(&snapshot, &asked("pkg:npm/lib", &["1.0.0", "1.1.0"]));
    assert_eq!(left[0].met, ["1.1.0"]);
}
