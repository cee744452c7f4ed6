//! Looks: kept, confirmed, and their pages dropped for room in the right order.

use crate::Look;
use crate::store::tests::{at, fresh};

fn look(project: &str, ms: i64, bytes: usize) -> Look {
    Look {
        ecosystem: "pypi".into(),
        project: project.into(),
        upstream: "http://upstream.example/simple/".into(),
        looked_at: at(ms),
        etag: Some("\"1\"".into()),
        last_modified: Some("Sun, 22 Nov 2026 01:02:03 GMT".into()),
        content_type: "application/vnd.pypi.simple.v1+json".into(),
        body: vec![b'x'; bytes],
        sightings: b"{\"a\":1}".to_vec(),
    }
}

#[tokio::test]
async fn the_last_look_is_kept_as_it_was() {
    let (dir, store) = fresh().await;
    let first = look("requests", 1, 100);
    store.save_look(&first).await.unwrap();
    assert_eq!(store.look("pypi", "requests").await.unwrap(), Some(first.clone()));
    assert_eq!(store.look("npm", "requests").await.unwrap(), None);
    let second = Look { etag: None, body: vec![0, 255, 10], looked_at: at(2), ..first };
    store.save_look(&second).await.unwrap();
    assert!(store.touch_look("pypi", "requests", at(3)).await.unwrap());
    assert!(store.touch_look("pypi", "requests", at(2)).await.unwrap(), "a clock that went back takes no look back");
    assert!(!store.touch_look("pypi", "flask", at(3)).await.unwrap());
    let touched = Look { looked_at: at(3), ..second };
    assert_eq!(store.look("pypi", "requests").await.unwrap(), Some(touched));
    assert_eq!(store.kept_page_bytes(), 3);
    store.close().await;
    let again = crate::Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    assert_eq!(again.kept_page_bytes(), 3);
}

#[tokio::test]
async fn pages_looked_at_longest_ago_lose_their_bytes_first_and_keep_their_sightings() {
    let (_dir, store) = fresh().await;
    store.limit_pages(1000);
    for (n, project) in ["a", "b", "c"].into_iter().enumerate() {
        store.save_look(&look(project, n as i64, 300)).await.unwrap();
    }
    store.touch_look("pypi", "a", at(50)).await.unwrap();
    store.save_look(&look("d", 60, 300)).await.unwrap();
    let mut kept = Vec::new();
    for project in ["a", "b", "c", "d"] {
        let look = store.look("pypi", project).await.unwrap().unwrap();
        assert_eq!(look.sightings, b"{\"a\":1}");
        assert_eq!(look.etag.is_some(), !look.body.is_empty(), "no conditional request without a page");
        if !look.body.is_empty() {
            kept.push(project);
        }
    }
    assert_eq!(kept, ["a", "c", "d"]);
    assert_eq!(store.kept_page_bytes(), 900);
    // One page over the limit by itself is not kept either, and is no reason to go round for ever.
    store.save_look(&look("huge", 70, 5000)).await.unwrap();
    assert_eq!(store.kept_page_bytes(), 0);
}
