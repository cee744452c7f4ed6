//! Attempts that tests start from.

use fanlight_base::{Action, Facts, PersonId, Principal, Resource, Timestamp};

pub(crate) const FETCH: Action = Action::new("packages:fetch-file");
pub(crate) const METADATA: Action = Action::new("packages:fetch-metadata");
pub(crate) const INDEX: Action = Action::new("packages:read-index");
pub(crate) const STATUS: Action = Action::new("console:read-status");
pub(crate) const START: Action = Action::new("node:start");

/// The facts of an ordinary old release, asked for with a device token.
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
        .with("available_at", at("2026-11-22T01:02:03Z"))
        .with("yanked", false)
        .with("project_status", "active")
        .with("file_name_parsed", true)
        .with("hash", "sha256")
        .with("instead", "2.31.0")
        .with("why", "requests")
}

/// The facts of a release of three days ago.
pub(crate) fn fresh() -> Facts {
    old().with("age_minutes", 4320)
}

/// The facts of an index page.
pub(crate) fn page() -> Facts {
    Facts::new()
        .with("strength", "none")
        .with("ecosystem", "pypi")
        .with("project", "requests")
        .with("upstream_state", "fresh")
        .with("files", 30)
        .with("held", 1)
        .with("denied", 0)
        .with("format", "json")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn person() -> Principal {
    Principal::Person { id: PersonId::new("prs_abcdefghijklmnop"), device: None }
}

pub(crate) fn release() -> Resource {
    Resource::new("Release", "pkg:pypi/requests@2.32.0")
}

pub(crate) fn project() -> Resource {
    Resource::new("Project", "pkg:pypi/requests")
}
