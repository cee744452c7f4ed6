//! People, devices and sealing keys: what stands, what is forgotten.

use fanlight_base::{DeviceId, PersonId};

use crate::store::tests::{at, fresh};
use crate::{DeviceRow, ErasedRows, Store, StoreError};

fn device(id: &str, person: &PersonId, machine: &str) -> DeviceRow {
    DeviceRow {
        id: DeviceId::new(id),
        person: person.clone(),
        machine: Some(machine.to_owned()),
        secret_sha256: [7; 32],
        created: at(5),
        last_used: None,
        revoked: None,
    }
}

#[tokio::test]
async fn a_name_is_one_person_whoever_makes_it_first() {
    let (_dir, store) = fresh().await;
    let first = store.create_person(&PersonId::new("prs_1"), "ada", at(1)).await.unwrap();
    let second = store.create_person(&PersonId::new("prs_2"), "ada", at(2)).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(store.person_by_name("ada").await.unwrap(), Some(first.clone()));
    assert_eq!(store.person(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.person_by_name("' OR '1'='1").await.unwrap(), None);
    assert_eq!(store.people().await.unwrap(), [first]);
}

#[tokio::test]
async fn a_device_is_kept_used_and_revoked_once() {
    let (_dir, store) = fresh().await;
    let ada = store.create_person(&PersonId::new("prs_1"), "ada", at(1)).await.unwrap().id;
    let made = device("dev_1", &ada, "laptop");
    store.insert_device(&made).await.unwrap();
    assert!(store.insert_device(&made).await.is_err(), "an id is given once");
    assert!(
        store.insert_device(&device("dev_2", &PersonId::new("prs_9"), "x")).await.is_err(),
        "its person must exist"
    );
    let uses = [(made.id.clone(), at(90)), (DeviceId::new("dev_gone"), at(91)), (made.id.clone(), at(80))];
    store.touch_last_used(&uses).await.unwrap();
    assert!(store.revoke_device(&made.id, at(100)).await.unwrap());
    assert!(!store.revoke_device(&made.id, at(200)).await.unwrap());
    assert!(!store.revoke_device(&DeviceId::new("dev_gone"), at(200)).await.unwrap());
    let now = DeviceRow { last_used: Some(at(90)), revoked: Some(at(100)), ..made };
    assert_eq!(store.device(&now.id).await.unwrap(), Some(now.clone()));
    assert_eq!(store.devices().await.unwrap(), [now]);
}

#[tokio::test]
async fn a_key_is_made_once_and_destroyed_for_good() {
    let (_dir, store) = fresh().await;
    let first = store.insert_sealing_key("prs_1/2026-11", "prs_1", b"wrapped").await.unwrap().unwrap();
    let second = store.insert_sealing_key("prs_1/2026-11", "prs_1", b"another").await.unwrap().unwrap();
    assert_eq!((first.wrapped.as_slice(), &first), (b"wrapped".as_slice(), &second));
    store.insert_sealing_key("prs_2/2026-11", "prs_2", b"of another").await.unwrap();
    assert_eq!(store.erase("prs_1", at(9)).await.unwrap(), ErasedRows { keys: 1, devices: 0 });
    let destroyed = store.insert_sealing_key("prs_1/2026-11", "prs_1", b"again").await.unwrap().unwrap();
    assert_eq!((destroyed.wrapped.as_slice(), destroyed.destroyed), (b"".as_slice(), Some(at(9))));
    assert_eq!(store.any_sealing_key().await.unwrap().unwrap().name, "prs_2/2026-11");
}

async fn erased_ada(store: &Store) -> PersonId {
    let ada = store.create_person(&PersonId::new("prs_1"), "Ada-Lovelace-of-London", at(1)).await.unwrap().id;
    store.insert_device(&device("dev_1", &ada, "Analytical-Engine")).await.unwrap();
    store.insert_device(&device("dev_2", &ada, "Analytical-Engine-2")).await.unwrap();
    store.revoke_device(&DeviceId::new("dev_2"), at(3)).await.unwrap();
    store.insert_sealing_key("prs_1/2026-11", "prs_1", b"the-wrapped-key-of-november").await.unwrap();
    assert_eq!(store.erase("prs_1", at(9)).await.unwrap(), ErasedRows { keys: 1, devices: 1 });
    ada
}

#[tokio::test]
async fn an_erased_person_stays_as_a_pseudonym_only() {
    let (_dir, store) = fresh().await;
    let ada = erased_ada(&store).await;
    let row = store.person(&ada).await.unwrap().unwrap();
    assert_eq!((row.name, row.erased), (None, Some(at(9))));
    let devices = store.devices().await.unwrap();
    assert!(devices.iter().all(|d| d.machine.is_none() && d.revoked.is_some()));
    assert_eq!(store.erase("prs_1", at(10)).await.unwrap(), ErasedRows::default());
    assert_eq!(store.insert_sealing_key("prs_1/2026-12", "prs_1", b"late").await.unwrap(), None);
    let again = store.create_person(&PersonId::new("prs_2"), "Ada-Lovelace-of-London", at(11)).await.unwrap();
    assert_eq!(again.id.as_str(), "prs_2");
}

#[tokio::test]
async fn what_was_erased_is_in_no_file_of_the_database() {
    let (dir, store) = fresh().await;
    let folder = dir.path().to_owned();
    let found = move |needle: &str| {
        std::fs::read_dir(&folder).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
        })
    };
    store.create_person(&PersonId::new("prs_0"), "Mary-Somerville", at(0)).await.unwrap();
    erased_ada(&store).await;
    for gone in ["Ada-Lovelace-of-London", "Analytical-Engine", "the-wrapped-key-of-november"] {
        assert!(!found(gone), "{gone} is still on disk");
    }
    assert!(found("Mary-Somerville"), "the search finds what is there");
}

#[tokio::test]
async fn a_person_is_erased_wholly_or_not_at_all() {
    let (_dir, store) = fresh().await;
    let ada = store.create_person(&PersonId::new("prs_1"), "ada", at(1)).await.unwrap().id;
    store.insert_sealing_key("prs_1/2026-11", "prs_1", b"key").await.unwrap();
    // The last of the erasure's steps is made to fail.
    let trap = "CREATE TRIGGER trap BEFORE UPDATE ON people BEGIN SELECT RAISE(ABORT, 'trap'); END";
    sqlx::query(trap).execute(store.writer().unwrap()).await.unwrap();
    assert!(matches!(store.erase("prs_1", at(9)).await, Err(StoreError::Sql { .. })));
    assert_eq!(store.sealing_key("prs_1/2026-11").await.unwrap().unwrap().destroyed, None);
    assert_eq!(store.person(&ada).await.unwrap().unwrap().name.as_deref(), Some("ada"));
}
