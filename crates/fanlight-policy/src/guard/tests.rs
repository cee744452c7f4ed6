//! Decisions: by example, by property, and told in words.

use fanlight_base::{Facts, PersonId, Principal, Resource, Timestamp};

use super::*;

pub(crate) const FETCH: Action = Action::new("packages:fetch-file");

/// The facts of an ordinary old release.
pub(crate) fn old() -> Facts {
    Facts::new()
        .with("strength", "device-token")
        .with("ecosystem", "pypi")
        .with("project", "requests")
        .with("release", "pkg:pypi/requests@2.32.0")
        .with("version", "2.32.0")
        .with("file", "requests-2.32.0-py3-none-any.whl")
        .with("age_minutes", 100_000)
        .with("cooldown_minutes", 10_080)
        .with("counted_from", "published")
        .with("publish_time", "stated")
        .with("available_at", "2026-11-22T01:02:03Z".parse::<Timestamp>().unwrap())
        .with("yanked", false)
        .with("project_status", "active")
        .with("file_name_parsed", true)
        .with("hash", "sha256")
        .with("instead", "2.31.0")
}

pub(crate) fn person() -> Principal {
    Principal::Person { id: PersonId::new("prs_abcdefghijklmnop"), device: None }
}

pub(crate) fn release() -> Resource {
    Resource::new("Release", "pkg:pypi/requests@2.32.0")
}

fn decide(guard: &Guard, facts: &Facts) -> Arc<Decision> {
    guard.decide(&Attempt { principal: &person(), action: FETCH, resource: &release(), facts })
}

#[test]
fn an_old_release_is_allowed() {
    let guard = Guard::new(Pack::built_in());
    let decision = decide(&guard, &old());
    assert_eq!(decision.outcome, Outcome::Allow, "{decision:?}");
    assert_eq!(*decision.policies, ["packages-allowed".into()]);
}

#[test]
fn a_fresh_release_is_held_until_its_wait_ends() {
    let guard = Guard::new(Pack::built_in());
    let decision = decide(&guard, &old().with("age_minutes", 4320));
    assert_eq!(decision.outcome, Outcome::Hold);
    assert_eq!(*decision.policies, ["wait-and-see".into()]);
    assert_eq!(decision.until, Some("2026-11-22T01:02:03Z".parse().unwrap()));
}
