//! Words and small moves that several black-box stories share. The stories themselves are in `tests/`.

mod authority;
pub mod browser;
mod cargo_room;
pub mod stories;

pub use authority::Authority;
pub use browser::{Browser, PASSWORD};
pub use cargo_room::CargoRoom;
pub use stories::Told;

use fanlight_testkit::{Answer, Node, Request, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The JSON form of an index page.
pub const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// A company policy that refuses everything of one project.
pub fn refuse(project: &str) -> String {
    format!(
        "@id(\"no-{project}\")\n@outcome(\"deny\")\n@reason(\"{{project}} is not used here: security withdrew it\")\n\
         @advice(\"use goodlib instead\")\n\
         forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\n\
         when {{ context.project == \"{project}\" }};\n"
    )
}

/// A time an hour ago for a fresh release, and the text of when its hold of seven days ends. On a whole minute, so that the
/// end reads the same however it is rounded.
///
/// # Panics
/// When the clock is out of its mind.
pub fn published_an_hour_ago() -> (Timestamp, String) {
    let minute = Timestamp::now().as_second() / 60 * 60 - 3600;
    let published = Timestamp::from_second(minute).expect("a minute");
    (published, (published + SignedDuration::from_hours(7 * 24)).strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// A project's page as JSON, whatever its status.
pub fn page(node: &Node, project: &str) -> Answer {
    Request::get(&node.page(project)).header("Accept", JSON).send()
}

/// A file's entry on a project's page.
///
/// # Panics
/// When the page does not list it.
#[track_caller]
pub fn listed(node: &Node, project: &str, file: &str) -> Value {
    let page = page(node, project).is(200).json();
    let found = page["files"].as_array().and_then(|files| files.iter().find(|entry| entry["filename"] == file));
    found.cloned().unwrap_or_else(|| panic!("{file} is not on the page: {page}"))
}

/// The records of one action.
pub fn records_of(state: &State, action: &str) -> Vec<Value> {
    state.records().into_iter().filter(|record| record["action"] == action).collect()
}

/// The record that belongs to an answer.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn record_of(state: &State, answer: &Answer) -> Value {
    let id = answer.request_id().unwrap_or_else(|| panic!("no x-request-id in {:?}", answer.headers)).to_owned();
    let found = state.records().into_iter().find(|record| record["request"] == id.as_str());
    found.unwrap_or_else(|| panic!("no record of request {id}"))
}

/// The files under a folder that hold these bytes somewhere.
pub fn files_with(folder: &std::path::Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files_with(&entry.path(), needle));
        } else if std::fs::read(entry.path()).unwrap_or_default().windows(needle.len()).any(|window| window == needle) {
            found.push(entry.path());
        }
    }
    found
}

/// Tells threads that they are over when it is dropped, so that a test that fails does not wait for them.
pub struct Over<'a>(pub &'a std::sync::atomic::AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
