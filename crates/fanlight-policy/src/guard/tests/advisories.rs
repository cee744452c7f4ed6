//! What the built-in policies make of what advisories say.

use super::*;

fn said_of(facts: &Facts) -> String {
    said(&fetch(&built_in(), facts))
}

#[test]
fn malice_is_denied_whatever_else_is_known() {
    let malicious = fresh().with("malicious", true).with("replaces_affected", true);
    assert_eq!(said_of(&malicious), "deny malicious");
    assert_eq!(said_of(&malicious.with("vex_not_affected", "MAL-1")), "deny malicious");
    assert_eq!(said_of(&old().with("malicious", false)), "allow packages-allowed");
}

#[test]
fn a_critical_flaw_is_held_without_an_end_where_there_is_something_better() {
    let critical = old().with("severity", "critical").with("severity_after_vex", "critical");
    let better = critical.clone().with("better_exists", true);
    let decision = fetch(&built_in(), &better);
    assert_eq!((said(&decision).as_str(), decision.until), ("hold critical-flaw", None));
    for passes in [
        critical.clone(),
        critical.with("better_exists", false),
        better.with("severity_after_vex", "high"),
        old().with("severity", "critical").with("better_exists", true),
    ] {
        assert_eq!(said_of(&passes), "allow packages-allowed", "{passes:?}");
    }
}

#[test]
fn a_fix_passes_the_wait_unless_it_is_weaker_or_its_time_was_made_up() {
    let fix = fresh().with("replaces_affected", true).with("provenance_weaker", false);
    assert_eq!(said_of(&fix), "allow packages-allowed");
    assert_eq!(said_of(&fix.clone().with("publish_time", "missing")), "allow packages-allowed");
    for (held, by) in [
        (fix.clone().with("replaces_affected", false), "wait-and-see"),
        (fix.clone().with("provenance_weaker", true), "wait-and-see"),
        (fix.clone().with("publish_time", "missing").with("provenance_weaker", true), "wait-and-see-first-seen"),
        (fix.with("publish_time", "backdated"), "wait-and-see-first-seen"),
    ] {
        assert_eq!(said_of(&held), format!("hold {by}"), "{held:?}");
    }
}
