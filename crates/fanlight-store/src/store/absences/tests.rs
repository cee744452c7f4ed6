//! Absences: noted for one upstream, bounded, the oldest gone first.

use crate::store::tests::{at, fresh};

const UPSTREAM: &str = "http://upstream.example/simple/";

#[tokio::test]
async fn the_newest_look_that_found_nothing_is_known_for_its_upstream_and_outlives_a_start() {
    let (dir, store) = fresh().await;
    assert_eq!(store.absence("pypi", "nosuch", UPSTREAM).await.unwrap(), None);
    for ms in [5, 9] {
        store.note_absence("pypi", "nosuch", UPSTREAM, at(ms)).await.unwrap();
    }
    store.close().await;
    let store = crate::Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    assert_eq!(store.absence("pypi", "nosuch", UPSTREAM).await.unwrap(), Some(at(9)));
    assert_eq!(store.absence("npm", "nosuch", UPSTREAM).await.unwrap(), None);
    assert_eq!(store.absence("pypi", "nosuch", "http://other.example/").await.unwrap(), None);
}

#[tokio::test]
async fn a_flood_of_names_keeps_so_many_and_the_newest() {
    let (_dir, store) = fresh().await;
    store.limit_absences(20);
    for n in 0..100 {
        store.note_absence("pypi", &format!("name-{n}"), UPSTREAM, at(n)).await.unwrap();
    }
    let mut kept = Vec::new();
    for n in 0..100 {
        if store.absence("pypi", &format!("name-{n}"), UPSTREAM).await.unwrap().is_some() {
            kept.push(n);
        }
    }
    assert!((18..=20).contains(&kept.len()), "{kept:?}");
    assert_eq!(kept, (100 - kept.len() as i64..100).collect::<Vec<_>>());
}
