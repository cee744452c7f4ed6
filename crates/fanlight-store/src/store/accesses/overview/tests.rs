use fanlight_base::{DeviceId, PersonId, Purl};

use super::*;
use crate::store::tests::{at, fresh};
use crate::{AccessRow, Having, PROJECTS, Part, ProjectRow};

fn row(index: u64, second: i64, person: Option<&str>, release: (&str, &str), outcome: &str) -> AccessRow {
    let purl = Purl::pypi(release.0, Some(release.1));
    AccessRow {
        record_index: index,
        time: at(second * 1000),
        action: "packages:fetch-file".into(),
        outcome: outcome.into(),
        principal_kind: if person.is_some() { "person" } else { "unidentified" }.into(),
        person: person.map(PersonId::new),
        device: person.map(|person| DeviceId::new(person.replace("prs", "dev"))),
        resource: purl.as_str().into(),
        project: Some(Purl::pypi(release.0, None).as_str().into()),
        file: None,
        digest: None,
        policy: (outcome != "allow").then(|| if outcome == "hold" { "wait-and-see" } else { "malicious" }.into()),
        reason: (outcome != "allow").then(|| format!("reason {index}")),
        until: None,
        request: None,
    }
}

async fn scene() -> (tempfile::TempDir, Store) {
    let (dir, store) = fresh().await;
    let metadata =
        AccessRow { action: "packages:fetch-metadata".into(), ..row(7, 130, Some("prs_1"), ("rich", "1.0"), "allow") };
    let rows = [
        row(0, 5, None, ("old", "1.0"), "deny"),
        row(1, 100, Some("prs_1"), ("rich", "1.0"), "allow"),
        row(2, 109, Some("prs_2"), ("rich", "2.0"), "hold"),
        row(3, 119, Some("prs_1"), ("rich", "2.0"), "hold"),
        row(4, 120, Some("prs_1"), ("rich", "2.0"), "hold"),
        row(5, 121, None, ("evil", "1.0"), "deny"),
        row(6, 122, None, ("evil", "1.0"), "deny"),
        metadata,
    ];
    store.apply(&rows, &[], 8).await.unwrap();
    (dir, store)
}

#[tokio::test]
async fn what_passed_and_was_stopped_is_counted_by_span_and_outcome() {
    let (_dir, store) = scene().await;
    let counted = store.counted(at(100_000), 10_000).await.unwrap();
    let counted: Vec<_> = counted.iter().map(|one| (one.span, one.outcome.as_str(), one.times)).collect();
    // The metadata let through at 130 is no file that passed.
    assert_eq!(counted, [(0, "allow", 1), (0, "hold", 1), (1, "hold", 1), (2, "deny", 2), (2, "hold", 1)]);
}

#[tokio::test]
async fn what_is_stopped_most_comes_first_with_its_latest_words() {
    let (_dir, store) = scene().await;
    let stopped = store.most_stopped(at(100_000), "", 10).await.unwrap();
    let told: Vec<_> =
        stopped.iter().map(|one| (one.resource.as_str(), one.times, one.callers, one.reason.as_str())).collect();
    assert_eq!(told, [("pkg:pypi/rich@2.0", 3, 2, "reason 4"), ("pkg:pypi/evil@1.0", 2, 1, "reason 6")]);
    assert_eq!(store.most_stopped(at(100_000), "", 1).await.unwrap().len(), 1);
    let found = store.most_stopped(at(100_000), "evil", 10).await.unwrap();
    assert_eq!(found.iter().map(|one| one.times).collect::<Vec<_>>(), [2]);
    let policies = store.policy_stops(at(0)).await.unwrap();
    let told: Vec<_> = policies.iter().map(|one| (one.policy.as_str(), one.held, one.denied)).collect();
    assert_eq!(told, [("malicious", 0, 3), ("wait-and-see", 3, 0)]);
}

#[tokio::test]
async fn projects_are_known_by_the_last_time_they_were_asked_for() {
    let (_dir, store) = scene().await;
    let listed = async |having: &[Having], wanted: &str| -> Vec<ProjectRow> {
        let part = Part { wanted: wanted.into(), having: having.to_vec(), most: 9, after: None };
        store.listed(&PROJECTS, &part).await.unwrap().into_iter().map(|(_, row)| row).collect()
    };
    let purls = |rows: &[ProjectRow]| rows.iter().map(|row| row.purl.clone()).collect::<Vec<_>>();
    let all = listed(&[], "").await;
    assert_eq!(purls(&all), ["pkg:pypi/rich", "pkg:pypi/evil", "pkg:pypi/old"]);
    assert_eq!((all[0].allowed, all[0].stopped, all[0].last), (1, 3, at(130_000)));
    assert_eq!(store.accessed_projects().await.unwrap(), ["pkg:pypi/evil", "pkg:pypi/old", "pkg:pypi/rich"]);
    // The same batch again, and one that overlaps it: nothing is counted twice.
    let again = [row(6, 122, None, ("evil", "1.0"), "deny"), row(8, 140, None, ("fine", "1.0"), "allow")];
    store.apply(&again, &[], 9).await.unwrap();
    store.apply(&again, &[], 9).await.unwrap();
    let all = listed(&[], "").await;
    assert_eq!(purls(&all), ["pkg:pypi/fine", "pkg:pypi/rich", "pkg:pypi/evil", "pkg:pypi/old"]);
    assert_eq!((all[0].allowed, all[2].stopped), (1, 2));
    assert_eq!(purls(&listed(&[Having::Stopped], "").await), ["pkg:pypi/rich", "pkg:pypi/evil", "pkg:pypi/old"]);
    assert_eq!(purls(&listed(&[Having::Stopped], "ev").await), ["pkg:pypi/evil"]);
    assert_eq!(listed(&[Having::PurlsOf("pkg:npm/".into())], "").await, []);
    assert_eq!(listed(&[Having::PurlsOf("pkg:pypi/".into()), Having::Stopped], "").await.len(), 3);
}

#[tokio::test]
async fn a_mark_is_another_when_something_came() {
    let (_dir, store) = fresh().await;
    assert_eq!(store.marks().await.unwrap(), (0, 0, 0));
    store.apply(&[row(4, 1, None, ("rich", "1.0"), "allow")], &[], 5).await.unwrap();
    assert_eq!(store.marks().await.unwrap(), (5, 0, 0));
}
