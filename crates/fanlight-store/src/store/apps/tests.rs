use super::*;
use crate::store::tests::{at, fresh};
use crate::{CallerKeyRow, KeyHolder};

pub(crate) fn app(id: &str, owner: &str, successor: Option<&str>) -> AppRow {
    let words = |word: &str| word.to_owned();
    AppRow {
        id: AppId::new(id),
        layers: Layers { title: words("Price list"), headline: words("Makes it"), about: words("Reads prices.") },
        owner: Some(PersonId::new(owner)),
        successor: successor.map(PersonId::new),
        registered: at(10),
        by: Some(PersonId::new(owner)),
        orphaned: None,
        ended: None,
    }
}

async fn with_people() -> (tempfile::TempDir, Store) {
    let (dir, store) = fresh().await;
    for (id, name) in [("prs_1", "asha"), ("prs_2", "ben"), ("prs_3", "cleo")] {
        store.create_person(&PersonId::new(id), name, at(1)).await.unwrap();
    }
    (dir, store)
}

#[tokio::test]
async fn an_app_is_kept_changed_and_ended_with_its_keys() {
    let (_dir, store) = with_people().await;
    let row = app("app_1", "prs_1", Some("prs_2"));
    store.insert_app(&row).await.unwrap();
    assert_eq!(store.app(&row.id).await.unwrap().as_ref(), Some(&row));
    let layers = Layers { title: "Prices".into(), ..row.layers.clone() };
    assert!(store.change_app(&row.id, &layers, Some(&PersonId::new("prs_3")), row.owner.as_ref()).await.unwrap());
    let key = CallerKeyRow::of_test(1, KeyHolder::App(row.id.clone()), "packages");
    assert!(store.insert_caller_key(&key, row.owner.as_ref(), 9).await.unwrap());
    assert!(store.end_app(&row.id, at(50)).await.unwrap());
    assert!(!store.end_app(&row.id, at(60)).await.unwrap());
    assert!(
        !store.change_app(&row.id, &layers, Some(&PersonId::new("prs_3")), row.owner.as_ref()).await.unwrap(),
        "it has ended"
    );
    assert_eq!(store.caller_key("key_1").await.unwrap().unwrap().revoked, Some(at(50)));
    let kept = store.apps().await.unwrap();
    assert_eq!((kept[0].layers.title.as_str(), kept[0].ended), ("Prices", Some(at(50))));
    assert!(store.apps_of(&PersonId::new("prs_1")).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_app_that_changes_hands_keeps_no_key_and_is_changed_by_its_owner_alone() {
    let (_dir, store) = with_people().await;
    let row = app("app_1", "prs_1", Some("prs_2"));
    store.insert_app(&row).await.unwrap();
    let (ben, cleo) = (PersonId::new("prs_2"), PersonId::new("prs_3"));
    let key = |number| CallerKeyRow::of_test(number, KeyHolder::App(row.id.clone()), "packages");
    assert!(store.insert_caller_key(&key(1), row.owner.as_ref(), 9).await.unwrap());
    assert!(!store.hand_over_app(&row.id, &cleo, &ben, Some(&ben), at(39)).await.unwrap(), "it is not of ben");
    assert_eq!(store.caller_key("key_1").await.unwrap().unwrap().revoked, None);
    assert!(store.hand_over_app(&row.id, &cleo, &ben, row.owner.as_ref(), at(40)).await.unwrap());
    assert_eq!(store.caller_key("key_1").await.unwrap().unwrap().revoked, Some(at(40)));
    // Whoever was judged as its owner before has nothing to say any more.
    assert!(!store.insert_caller_key(&key(2), row.owner.as_ref(), 9).await.unwrap());
    assert!(!store.change_app(&row.id, &row.layers, Some(&ben), row.owner.as_ref()).await.unwrap());
    assert!(!store.hand_over_app(&row.id, &ben, &cleo, row.owner.as_ref(), at(41)).await.unwrap());
    assert!(store.insert_caller_key(&key(2), Some(&cleo), 9).await.unwrap());
}

#[tokio::test]
async fn the_apps_of_who_leaves_go_to_successors_or_to_nobody_and_their_own_keys_end() {
    let (_dir, store) = with_people().await;
    let (asha, ben) = (PersonId::new("prs_1"), PersonId::new("prs_2"));
    for row in [
        app("app_1", "prs_1", Some("prs_2")),
        app("app_2", "prs_1", None),
        app("app_3", "prs_3", Some("prs_1")),
        app("app_4", "prs_1", Some("prs_1")),
    ] {
        store.insert_app(&row).await.unwrap();
    }
    store.insert_caller_key(&CallerKeyRow::of_test(1, KeyHolder::Person(asha.clone()), "api"), None, 9).await.unwrap();
    store
        .insert_caller_key(&CallerKeyRow::of_test(2, KeyHolder::App(AppId::new("app_1")), "api"), Some(&asha), 9)
        .await
        .unwrap();
    store.end_account(&asha, at(70)).await.unwrap();
    let now: Vec<_> =
        store.apps().await.unwrap().into_iter().map(|app| (app.owner, app.successor, app.orphaned)).collect();
    let expected = [
        (Some(ben), None, None),
        (None, None, Some(at(70))),
        (Some(PersonId::new("prs_3")), None, None),
        (None, None, Some(at(70))),
    ];
    assert_eq!(now, expected);
    for key in store.caller_keys().await.unwrap() {
        assert_eq!(key.revoked, Some(at(70)), "{}", key.id);
    }
    // Erased, it is the same.
    store.erase("prs_2", at(80)).await.unwrap();
    assert_eq!(store.app(&AppId::new("app_1")).await.unwrap().unwrap().orphaned, Some(at(80)));
}

#[tokio::test]
async fn who_leaves_may_have_copied_a_key_so_it_fetches_packages_for_two_weeks_and_no_longer() {
    let (_dir, store) = with_people().await;
    let asha = PersonId::new("prs_1");
    store.insert_app(&app("app_1", "prs_1", Some("prs_2"))).await.unwrap();
    let year = at(10) + std::time::Duration::from_secs(365 * 24 * 3600);
    let key = |number, until| CallerKeyRow {
        until,
        ..CallerKeyRow::of_test(number, KeyHolder::App(AppId::new("app_1")), "packages api")
    };
    for (number, until) in [(1, year), (2, at(1_000))] {
        assert!(store.insert_caller_key(&key(number, until), Some(&asha), 9).await.unwrap());
    }
    store.end_account(&asha, at(70)).await.unwrap();
    let kept = async |id: &str| {
        let key = store.caller_key(id).await.unwrap().unwrap();
        (key.scopes.to_string(), key.until, key.revoked)
    };
    assert_eq!(kept("key_1").await, ("packages".to_owned(), at(70) + limits::LEFT_KEY_TIME, None));
    assert_eq!(kept("key_2").await, ("packages".to_owned(), at(1_000), None), "no end is moved further away");
}
