//! What is kept comes back in the order in which it was read, and each hit is new once.

use super::*;
use crate::store::tests::{at, fresh};

fn kept(id: &str, ms: i64) -> KeptAdvisory {
    KeptAdvisory { id: id.to_owned(), read: at(ms), record: format!("{id} of {ms}").into_bytes() }
}

#[tokio::test]
async fn records_come_back_in_parts_in_the_order_in_which_they_were_read() {
    let (dir, store) = fresh().await;
    store.keep_advisories("a", &[kept("X-1", 5), kept("X-2", 5), kept("X-3", 5)]).await.unwrap();
    store.keep_advisories("a", &[kept("X-1", 9)]).await.unwrap();
    store.keep_advisories("b", &[kept("X-1", 7)]).await.unwrap();
    store.close().await;
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = store.kept_advisories("a", after.as_ref(), 2).await.unwrap();
        let Some(last) = part.last() else { break };
        after = Some(last.clone());
        all.extend(part);
    }
    assert_eq!(all, [kept("X-2", 5), kept("X-3", 5), kept("X-1", 9)]);
    assert_eq!(store.advisory_sources().await.unwrap(), ["a", "b"]);
    store.forget_advisories("a").await.unwrap();
    assert_eq!(store.advisory_sources().await.unwrap(), ["b"]);
    assert_eq!(store.kept_advisories("b", None, 10).await.unwrap(), [kept("X-1", 7)]);
}

#[tokio::test]
async fn a_release_is_noted_once_for_an_advisory() {
    let (_dir, store) = fresh().await;
    let hit = |advisory: &str, ms| AdvisoryHit {
        advisory: advisory.to_owned(),
        resource: "pkg:pypi/evil@1.0".to_owned(),
        noticed: at(ms),
        seen: None,
    };
    let mut news = Vec::new();
    for hit in [hit("MAL-1", 5), hit("MAL-1", 6), hit("MAL-2", 7)] {
        news.push(store.note_advisory_hit(&hit).await.unwrap());
    }
    assert_eq!(news, [true, false, true]);
    assert_eq!(store.advisory_hits().await.unwrap(), [hit("MAL-2", 7), hit("MAL-1", 5)]);
    let seen = |who: &str, ms| SeenTo { at: at(ms), by: Some(PersonId::new(who)), because: "taken away".to_owned() };
    assert!(store.see_to_advisory_hit(&hit("MAL-1", 5), &seen("prs_1", 8)).await.unwrap());
    assert!(!store.see_to_advisory_hit(&hit("MAL-1", 5), &seen("prs_2", 9)).await.unwrap(), "the first stays");
    let seen_to = AdvisoryHit { seen: Some(seen("prs_1", 8)), ..hit("MAL-1", 5) };
    assert_eq!(store.advisory_hits().await.unwrap(), [hit("MAL-2", 7), seen_to]);
}
