//! What people read.

use std::fmt::Write as _;

use fanlight_base::{limits, words};

use super::*;

fn refusals() -> Vec<(&'static str, Facts)> {
    vec![
        ("fresh", fresh()),
        ("published a minute ago", old().with("age_minutes", 1)),
        ("nothing older is allowed", fresh().with("instead", "none yet")),
        ("no publish time", fresh().with("publish_time", "missing").with("counted_from", "first-seen")),
        ("backdated", fresh().with("publish_time", "backdated").with("counted_from", "first-seen")),
        ("quarantined", old().with("project_status", "quarantined")),
        ("unreadable name", old().with("file_name_parsed", false).with("file", "requests-latest.zip")),
        ("no hash", old().with("hash", "none")),
    ]
}

#[test]
fn each_refusal_says_why_and_what_to_do() {
    let guard = built_in();
    let mut told = String::new();
    for (name, facts) in refusals() {
        let decision = fetch(&guard, &facts);
        let _ = writeln!(told, "{name}: {}", said(&decision));
        let _ = writeln!(told, "  {}", decision.reason(&facts));
        let _ = writeln!(told, "  {}", decision.advice(&facts).unwrap_or_default());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_reason_fits_on_the_line_a_client_shows() {
    let guard = built_in();
    for (name, facts) in refusals() {
        let reason = fetch(&guard, &facts).reason(&facts);
        assert!(reason.len() <= 150, "{name} takes {} bytes", reason.len());
        assert_eq!(words::one_line_ascii(&reason, limits::REASON_PHRASE_BYTES), reason, "{name}");
        assert!(!reason.contains("unknown"), "{name} names a fact that is not there: {reason}");
    }
}
