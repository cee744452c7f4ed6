//! Who has what: by person, machine and time, and nobody who has nothing.

use super::*;
use crate::store::accesses::{AccessRow, Delivery};
use crate::store::tests::{at, fresh};

fn row(index: u64, person: Option<&str>, version: &str) -> AccessRow {
    AccessRow {
        record_index: index,
        time: at(1_000 * i64::try_from(index).unwrap()),
        action: FETCH.to_owned(),
        outcome: "allow".to_owned(),
        principal_kind: if person.is_some() { "person" } else { "unidentified" }.to_owned(),
        person: person.map(PersonId::new),
        device: None,
        resource: format!("pkg:pypi/demo@{version}"),
        project: Some("pkg:pypi/demo".to_owned()),
        file: Some(format!("demo-{version}.whl")),
        digest: Some("ab".repeat(32)),
        policy: Some("packages-allowed".to_owned()),
        reason: None,
        until: None,
        request: Some(format!("{index:016x}")),
    }
}

async fn asked(store: &Store, ask: Holdings) -> Vec<(Person, String, Received, u64)> {
    let (sender, mut rows) = mpsc::channel(1);
    let (store, asked) = (store.clone(), ask);
    let asking = tokio::spawn(async move { store.holdings(&asked, &sender).await });
    let mut found = Vec::new();
    while let Some(row) = rows.recv().await {
        assert_eq!(row.digest, Some("ab".repeat(32)));
        found.push((row.person, row.release, row.received, row.times));
    }
    asking.await.unwrap().unwrap();
    found
}

#[tokio::test]
async fn holdings_are_by_caller_and_time_and_leave_out_what_was_not_received() {
    let (_dir, store) = fresh().await;
    store.create_person(&PersonId::new("prs_1"), "bo", at(0)).await.unwrap();
    let refused = AccessRow { outcome: "hold".to_owned(), ..row(6, Some("prs_1"), "2.0") };
    let metadata = AccessRow { action: "packages:fetch-metadata".to_owned(), ..row(7, Some("prs_1"), "3.0") };
    let rows = [
        row(1, None, "1.0"),
        row(2, Some("prs_1"), "1.0"),
        row(3, Some("prs_1"), "1.0"),
        row(4, None, "2.0"),
        row(5, Some("prs_1"), "4.0"),
        refused,
        metadata,
    ];
    let asked_only = Delivery {
        record_index: 8,
        request: format!("{:016x}", 4),
        resource: "pkg:pypi/demo@2.0".to_owned(),
        how: "head".to_owned(),
        bytes: 0,
        of: None,
    };
    store.apply(&rows, &[asked_only], 9).await.unwrap();
    let bo = || Person::Named { id: PersonId::new("prs_1"), name: "bo".to_owned() };
    let (one, four) = (|| "pkg:pypi/demo@1.0".to_owned(), || "pkg:pypi/demo@4.0".to_owned());
    let whole = Received::Whole;
    let all = asked(&store, Holdings::default()).await;
    assert_eq!(all, [(bo(), one(), whole, 2), (bo(), four(), whole, 1), (Person::Unidentified, one(), whole, 1)]);
    let late = Holdings { since: Some(at(3_000)), ..Holdings::default() };
    assert_eq!(asked(&store, late).await, [(bo(), one(), whole, 1), (bo(), four(), whole, 1)]);
    let early = Holdings { since: Some(at(1_000)), until: Some(at(2_000)), ..Holdings::default() };
    assert_eq!(asked(&store, early).await, [(Person::Unidentified, one(), whole, 1)]);
    let nobody =
        Holdings { who: Some(Holder::Unidentified), project: "pkg:pypi/demo".parse().ok(), ..Holdings::default() };
    assert_eq!(asked(&store, nobody).await.len(), 1);
    let of = Holdings {
        who: Some(Holder::Person(PersonId::new("prs_1"))),
        releases: vec![four(), "pkg:pypi/demo@4".to_owned()],
        ..Holdings::default()
    };
    assert_eq!(asked(&store, of).await, [(bo(), four(), whole, 1)]);
    assert_eq!(store.releases_asked_for(&"pkg:pypi/demo".parse().unwrap()).await.unwrap().len(), 4);
    let machine = Holdings { machine: Some("nowhere".to_owned()), ..Holdings::default() };
    assert!(asked(&store, machine).await.is_empty());
}

#[tokio::test]
async fn a_project_is_in_use_where_enough_have_it() {
    let (_dir, store) = fresh().await;
    let of = |index: u64, project: &str, person: Option<&str>, outcome: &str| AccessRow {
        project: Some(format!("pkg:pypi/{project}")),
        outcome: outcome.to_owned(),
        ..row(index, person, "1.0")
    };
    let rows = [
        of(0, "two", Some("prs_a"), "allow"),
        of(1, "two", Some("prs_a"), "allow"),
        of(2, "two", Some("prs_b"), "allow"),
        of(3, "three", Some("prs_a"), "allow"),
        of(4, "three", Some("prs_b"), "mask"),
        of(5, "three", None, "allow"),
        of(6, "refused", Some("prs_a"), "deny"),
        of(7, "refused", Some("prs_b"), "hold"),
    ];
    store.apply(&rows, &[], 8).await.unwrap();
    assert_eq!(store.projects_in_use(2, 10).await.unwrap(), ["pkg:pypi/three", "pkg:pypi/two"]);
    assert_eq!(store.projects_in_use(3, 10).await.unwrap(), ["pkg:pypi/three"]);
    assert_eq!(store.projects_in_use(2, 1).await.unwrap(), ["pkg:pypi/three"]);
    let after = async |after: &str, limit| store.projects_used_after(after, limit).await.unwrap();
    let all = after("", 10).await;
    assert!(all.is_sorted() && all.contains(&"pkg:pypi/two".to_owned()), "{all:?}");
    assert!(!all.contains(&"pkg:pypi/refused".to_owned()), "{all:?}");
    assert_eq!(after("", 1).await, all[..1]);
    assert_eq!(after(&all[0], 10).await, all[1..]);
    assert_eq!(after(&all[all.len() - 1], 10).await, [] as [&str; 0]);
}
