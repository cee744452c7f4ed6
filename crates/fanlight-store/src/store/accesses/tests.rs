//! The projection: applied once however often, asked in the ways `who` and `why` do.

use std::time::Instant;

use fanlight_base::{DeviceId, PersonId, Purl};
use proptest::prelude::*;

use super::*;
use crate::DeviceRow;
use crate::store::tests::{at, fresh};

const FETCH: &str = "packages:fetch-file";

fn row(index: u64, person: Option<&str>, version: &str, outcome: &str) -> AccessRow {
    AccessRow {
        record_index: index,
        time: at(1000 + i64::try_from(index).unwrap()),
        action: FETCH.into(),
        outcome: outcome.into(),
        principal_kind: if person.is_some() { "person" } else { "unidentified" }.into(),
        person: person.map(PersonId::new),
        device: person.map(|p| DeviceId::new(p.replace("prs", "dev"))),
        resource: Purl::pypi("requests", Some(version)).as_str().into(),
        project: Some("pkg:pypi/requests".into()),
        file: Some(format!("requests-{version}.tar.gz")),
        policy: Some(if outcome == "allow" { "packages-allowed" } else { "wait-and-see" }.into()),
        reason: (outcome != "allow").then(|| "too young".into()),
        until: (outcome == "hold").then(|| at(99_000)),
        request: Some(format!("{index:016x}")),
        digest: Some(format!("{index:064x}")),
    }
}

fn of<'a>(purl: &'a Purl, outcomes: &'a [&'a str]) -> Accesses<'a> {
    Accesses { of: Some(purl), actions: &[FETCH], outcomes, ..Accesses::default() }
}

/// What became of the access of that index, as the event `index` tells it.
fn delivery(index: u64, access: u64, how: &str, bytes: u64) -> Delivery {
    Delivery {
        record_index: index,
        request: format!("{access:016x}"),
        resource: Purl::pypi("requests", Some("2.0")).as_str().into(),
        how: how.into(),
        bytes,
        of: Some(100),
    }
}

async fn two_people(store: &Store) {
    for (id, name) in [("1", "ada"), ("2", "bob")] {
        let person = PersonId::new(format!("prs_{id}"));
        store.create_person(&person, name, at(1)).await.unwrap();
        let device = DeviceRow {
            id: DeviceId::new(format!("dev_{id}")),
            person,
            machine: Some(format!("{name}'s laptop")),
            secret_sha256: [0; 32],
            created: at(1),
            last_used: None,
            revoked: None,
        };
        store.insert_device(&device).await.unwrap();
    }
}

#[tokio::test]
async fn rows_come_back_as_they_went_in_newest_first() {
    let (_dir, store) = fresh().await;
    let rows: Vec<AccessRow> =
        (0..10).map(|n| row(n, None, "2.0", if n % 2 == 0 { "allow" } else { "hold" })).collect();
    store.apply(&rows, &[], 10).await.unwrap();
    let mut recent: Vec<AccessRow> = store.recent(100).await.unwrap().into_iter().map(|shown| shown.access).collect();
    recent.reverse();
    assert_eq!(recent, rows);
    let page = store.accesses(Accesses { before: Some(4), ..Accesses::default() }, 2).await.unwrap();
    assert_eq!(page.iter().map(|shown| shown.access.record_index).collect::<Vec<_>>(), [3, 2]);
}

#[tokio::test]
async fn who_names_each_person_and_machine_once_with_each_outcome() {
    let (_dir, store) = fresh().await;
    two_people(&store).await;
    let mut rows: Vec<AccessRow> = (0..100).map(|n| row(n, Some("prs_1"), "2.0", "allow")).collect();
    rows.push(row(100, Some("prs_2"), "2.0", "hold"));
    rows.push(row(101, None, "2.0", "allow"));
    rows.push(row(102, Some("prs_2"), "1.0", "allow"));
    rows.push(AccessRow { action: "packages:read-index".into(), ..row(103, Some("prs_2"), "2.0", "allow") });
    rows.push(AccessRow { principal_kind: "node".into(), ..row(104, None, "2.0", "allow") });
    rows.push(row(105, Some("prs_lost"), "2.0", "allow"));
    store.apply(&rows, &[], 106).await.unwrap();
    store.erase("prs_2", at(5000)).await.unwrap();

    let release = Purl::pypi("requests", Some("2.0"));
    let who = store.who(of(&release, &[]), 100).await.unwrap();
    let said: Vec<_> =
        who.iter().map(|f| (f.person.clone(), f.machine.as_deref(), f.outcome.as_str(), f.times)).collect();
    let person = PersonId::new;
    assert_eq!(
        said,
        [
            (Person::Unknown { id: person("prs_lost") }, None, "allow", 1),
            (Person::Node, None, "allow", 1),
            (Person::Unidentified, None, "allow", 1),
            (Person::Erased { id: person("prs_2") }, None, "hold", 1),
            (Person::Named { id: person("prs_1"), name: "ada".into() }, Some("ada's laptop"), "allow", 100),
        ]
    );
    assert_eq!((who[4].first, who[4].last), (at(1000), at(1099)));
    assert_eq!(store.who(of(&release, &[]), 2).await.unwrap().len(), 2);
    let project = store.who(of(&Purl::pypi("requests", None), &[]), 100).await.unwrap();
    assert_eq!(project.len(), 6, "the other release too");
    assert!(store.who(of(&Purl::pypi("flask", None), &[]), 100).await.unwrap().is_empty());
    let held = store.who(of(&release, &["hold", "deny"]), 100).await.unwrap();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!((held[0].reason.as_deref(), held[0].until), (Some("too young"), Some(at(99_000))));
    assert_eq!(held[0].file.as_deref(), Some("requests-2.0.tar.gz"));
}

#[tokio::test]
async fn nobody_is_hidden_by_the_requests_of_others() {
    let (_dir, store) = fresh().await;
    two_people(&store).await;
    // A person who asked once, first of all, then a crowd nobody knows, then a person who asks for many names.
    let mut rows = vec![row(0, Some("prs_1"), "2.0", "allow"), row(1, None, "2.0", "allow")];
    let named = |n: u64, person| AccessRow { file: Some(format!("{n}.whl")), ..row(n, person, "2.0", "allow") };
    rows.extend((2..1100).map(|n| named(n, None)));
    rows.extend((1100..1200).map(|n| named(n, Some("prs_2"))));
    rows.extend((1200..1300).map(|n| named(n, None)));
    store.apply(&rows, &[], 1300).await.unwrap();
    let release = Purl::pypi("requests", Some("2.0"));

    let who = store.who(of(&release, &["allow"]), 3).await.unwrap();
    let said: Vec<_> = who.iter().map(|f| (f.person.clone(), f.last)).collect();
    let named = |id: &str, name: &str| Person::Named { id: PersonId::new(id), name: name.into() };
    assert_eq!(
        said,
        [(Person::Unidentified, at(2299)), (named("prs_2", "bob"), at(2199)), (named("prs_1", "ada"), at(1000)),]
    );
    let who = store.who(of(&release, &["allow"]), 50).await.unwrap();
    assert_eq!(who.iter().filter(|f| f.person == Person::Unidentified).count(), 1, "people come first");
    let two = store.who(of(&release, &["allow"]), 2).await.unwrap();
    assert!(two.iter().all(|f| f.person != Person::Unidentified), "{two:?}");
}

#[tokio::test]
async fn got_is_what_was_let_through() {
    let (_dir, store) = fresh().await;
    two_people(&store).await;
    let rows = [
        row(0, Some("prs_1"), "1.0", "allow"),
        row(1, Some("prs_1"), "2.0", "hold"),
        row(2, Some("prs_2"), "1.5", "allow"),
    ];
    store.apply(&rows, &[], 3).await.unwrap();
    let project = Purl::pypi("requests", None);
    let indexes = |got: Vec<ShownAccess>| got.into_iter().map(|s| s.access.record_index).collect::<Vec<_>>();
    assert_eq!(indexes(store.got(&project, None, &[FETCH], 10).await.unwrap()), [2, 0]);
    assert_eq!(indexes(store.got(&project, Some(&PersonId::new("prs_1")), &[FETCH], 10).await.unwrap()), [0]);
    assert!(indexes(store.got(&project, None, &["packages:fetch-metadata"], 10).await.unwrap()).is_empty());
}

#[tokio::test]
async fn who_tells_what_each_may_have_of_the_file() {
    let (_dir, store) = fresh().await;
    two_people(&store).await;
    let rows: Vec<AccessRow> = (0..12).map(|n| row(n, Some("prs_1"), "2.0", "allow")).collect();
    let events = [
        delivery(20, 1, "unchanged", 0),
        delivery(21, 2, "part", 40),
        // Announced whole in parts, and cut on the way.
        delivery(22, 3, "part", 50),
        delivery(23, 3, "cut", 30),
        // A part that is the whole.
        delivery(24, 4, "part", 100),
        delivery(25, 5, "head", 0),
        delivery(26, 6, "unsatisfiable", 0),
        delivery(27, 7, "failed", 0),
        delivery(28, 8, "cut", 0),
        delivery(29, 9, "a word of a later version", 0),
        Delivery { of: None, ..delivery(30, 10, "cut", 5) },
        // About another thing than the access of that request, and before it: neither is believed.
        Delivery { resource: "pkg:pypi/other@1".into(), ..delivery(31, 11, "failed", 0) },
        delivery(0, 0, "failed", 0),
    ];
    store.apply(&rows, &events, 32).await.unwrap();
    let release = Purl::pypi("requests", Some("2.0"));
    let who = store.who(of(&release, &["allow"]), 100).await.unwrap();
    let mut said: Vec<_> = who.iter().map(|f| (f.received, f.times)).collect();
    said.sort_unstable();
    let kinds = [
        (Received::Whole, 4),
        (Received::Already, 1),
        (Received::Part, 3),
        (Received::AskedOnly, 2),
        (Received::Nothing, 2),
    ];
    assert_eq!(said, kinds);
    let parts = who.iter().find(|f| f.received == Received::Part).unwrap();
    assert_eq!((parts.bytes, parts.of), (Some(75), Some(100)), "what went out in parts is added up");
    let got = store.got(&Purl::pypi("requests", None), None, &[FETCH], 100).await.unwrap();
    assert_eq!(got.len(), 8, "who surely has nothing of it got nothing");
}

#[tokio::test]
async fn whoever_may_have_it_is_not_hidden_by_asking_later() {
    let (_dir, store) = fresh().await;
    two_people(&store).await;
    let rows: Vec<AccessRow> =
        (0..6).map(|n| row(n, Some(["prs_1", "prs_2"][n as usize % 2]), "2.0", "allow")).collect();
    let events: Vec<Delivery> = (2..6).map(|n| delivery(10 + n, n, "head", 0)).collect();
    store.apply(&rows, &events, 20).await.unwrap();
    let release = Purl::pypi("requests", Some("2.0"));
    let who = store.who(of(&release, &["allow"]), 2).await.unwrap();
    assert_eq!(
        who.iter().map(|f| (f.received, f.last)).collect::<Vec<_>>(),
        [(Received::Whole, at(1001)), (Received::Whole, at(1000))]
    );
}

#[tokio::test]
async fn rows_and_cursor_change_together() {
    let (_dir, store) = fresh().await;
    store.apply(&[row(0, None, "1.0", "allow")], &[], 1).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE UPDATE ON projections BEGIN SELECT RAISE(ABORT, 'trap'); END";
    sqlx::query(trap).execute(store.writer().unwrap()).await.unwrap();
    assert!(store.apply(&[row(1, None, "1.0", "allow")], &[], 2).await.is_err());
    assert_eq!((store.recent(10).await.unwrap().len(), store.cursor().await.unwrap()), (1, 1));
    sqlx::query("DROP TRIGGER trap").execute(store.writer().unwrap()).await.unwrap();
    store.apply(&[], &[], 5).await.unwrap();
    assert_eq!(store.cursor().await.unwrap(), 5, "records that are no accesses move the cursor too");
}

#[tokio::test]
async fn thousands_of_rows_a_second_are_applied() {
    let (_dir, store) = fresh().await;
    let rows: Vec<AccessRow> = (0..10_000).map(|n| row(n, Some("prs_1"), &format!("{}.0", n % 50), "allow")).collect();
    let start = Instant::now();
    for batch in rows.chunks(1000) {
        store.apply(batch, &[], batch.last().unwrap().record_index + 1).await.unwrap();
    }
    let rate = 10_000.0 / start.elapsed().as_secs_f64();
    println!("{rate:.0} rows a second");
    assert_eq!(store.cursor().await.unwrap(), 10_000);
    // Without optimisation and beside other tests; optimised it is ten times as many and more.
    assert!(rate > 1000.0, "{rate:.0} rows a second");
    let start = Instant::now();
    let who = store.who(of(&Purl::pypi("requests", Some("7.0")), &[]), 100).await.unwrap();
    println!("who in {:?}", start.elapsed());
    assert_eq!(who[0].times, 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// However the records are cut into batches, and whichever batches come twice after a crash, the projection is the same.
    /// Every third access is followed by an event about the access before it, which may stand in the batch before.
    #[test]
    fn batches_may_be_cut_anyhow_and_come_twice(cuts in prop::collection::vec((1_u64..300, any::<bool>()), 1..4)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_dir, store) = fresh().await;
            let mut next = 0;
            for (size, twice) in cuts {
                let is_event = |n: u64| n % 3 == 2;
                let (events, accesses): (Vec<u64>, Vec<u64>) = (next..next + size).partition(|n| is_event(*n));
                let batch: Vec<AccessRow> = accesses.iter().map(|n| row(*n, None, "2.0", "allow")).collect();
                let events: Vec<Delivery> = events.iter().map(|n| delivery(*n, n - 2, "part", *n)).collect();
                next += size;
                for _ in 0..=usize::from(twice) {
                    store.apply(&batch, &events, next).await.unwrap();
                }
            }
            prop_assert_eq!(store.cursor().await.unwrap(), next);
            let all = store.recent(10_000).await.unwrap();
            let indexes: Vec<u64> = all.iter().rev().map(|shown| shown.access.record_index).collect();
            prop_assert_eq!(indexes, (0..next).filter(|n| n % 3 != 2).collect::<Vec<_>>());
            for shown in &all {
                let index = shown.access.record_index;
                let told = (index % 3 == 0 && index + 2 < next).then_some(index + 2);
                prop_assert_eq!(shown.bytes, told, "{}", index);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn projects_and_the_releases_somebody_may_have_are_listed_once_each() {
    let (_dir, store) = fresh().await;
    assert!(store.accessed_projects().await.unwrap().is_empty());
    let other = AccessRow { project: Some("pkg:npm/%40acme/tool".into()), ..row(9, None, "1.0", "deny") };
    let rows = [row(0, None, "1.0", "allow"), row(1, Some("prs_1"), "1.0", "allow"), row(2, None, "2.0", "allow")];
    let refused = [row(3, None, "3.0", "hold"), row(4, None, "4.0", "allow"), other];
    store.apply(&[&rows[..], &refused[..]].concat(), &[], 10).await.unwrap();
    // Of 4.0 nothing but the head was asked for.
    let asked = Delivery { resource: refused[1].resource.clone(), ..delivery(11, 4, "head", 0) };
    store.apply(&[], &[asked], 12).await.unwrap();
    assert_eq!(store.accessed_projects().await.unwrap(), ["pkg:npm/%40acme/tool", "pkg:pypi/requests"]);
    let released = store.released_to_somebody("pkg:pypi/requests").await.unwrap();
    assert_eq!(released, ["pkg:pypi/requests@1.0", "pkg:pypi/requests@2.0"]);
    assert!(store.released_to_somebody("pkg:npm/%40acme/tool").await.unwrap().is_empty());
}
