//! What is kept comes back as it was; what cannot be read of it is told and takes nothing with it.

use fanlight_advisories::{Ecosystem, Package, Version};

use super::*;
use crate::facts::tests::record;
use crate::source::Place;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("fanlight.db")).await.unwrap();
    (folder, store)
}

async fn kept(store: &Store, source: &str, read: &str, records: Vec<(String, String)>) {
    let (store, source, read) = (store.clone(), source.to_owned(), at(read));
    let kept = tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let mut aside = Aside::new(&folder.path().join("feeds"));
        for (id, record) in records {
            aside.put(&id, record.as_bytes());
        }
        keep(&store, &source, read, aside)?;
        Ok::<_, KeepError>(std::fs::read_dir(folder.path().join("feeds")).unwrap().count())
    });
    assert_eq!(kept.await.unwrap().unwrap(), 0, "nothing stays of what was set aside");
}

fn about(id: &str, name: &str) -> (String, String) {
    (id.to_owned(), record(id, "npm", name, r#"{"introduced": "0"}"#, ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn records_outlive_their_feed_with_the_time_at_which_they_were_read() {
    let (_folder, store) = store().await;
    let many = (0..CHUNK * 2 + 3).map(|n| about(&format!("X-{n}"), &format!("p{n}"))).collect();
    kept(&store, "/a", "2026-11-20T00:00:00Z", many).await;
    kept(&store, "/a", "2026-11-21T00:00:00Z", vec![about("X-1", "p1")]).await;
    kept(&store, "/b", "2026-11-21T00:00:00Z", vec![about("X-1", "other"), ("X-2".into(), "{".into())]).await;
    kept(&store, "/gone", "2026-11-21T00:00:00Z", vec![about("X-9", "gone")]).await;
    let sources = Source::all(["/a", "/b", "/new"].map(|path| Place::Path(path.into())));
    let state = FeedState { good: Some(at("2026-11-21T00:00:00Z")), ..FeedState::default() }.kept();
    keep_state(&store, &sources[0], &state).await.unwrap();
    let (known, states) = restore(&store, &sources).await.unwrap();
    let counts: Vec<_> = known.sources().map(|(name, source)| (name.to_owned(), source.records)).collect();
    assert_eq!(counts, [("/a".to_owned(), CHUNK * 2 + 3), ("/b".to_owned(), 1)]);
    let of_a = |id: &str| known.named(id).into_iter().find(|record| *record.reading().source == *"/a").unwrap().clone();
    assert_eq!(of_a("X-0").reading().at, at("2026-11-20T00:00:00Z"));
    assert_eq!(of_a("X-1").reading().at, at("2026-11-21T00:00:00Z"));
    let package = Package::new(Ecosystem::Npm, "other");
    let affecting = known.project(&package).unwrap().affecting(&Version::new(Ecosystem::Npm, "1.0.0")).len();
    assert_eq!(affecting, 1);
    assert_eq!(states[&sources[0].name].good, Some(at("2026-11-21T00:00:00Z")));
    assert_eq!(store.advisory_sources().await.unwrap(), ["/a", "/b"], "what is not in the settings is forgotten");
}

#[test]
fn a_record_unpacks_to_what_it_was_and_a_broken_one_to_nothing() {
    let record = "{\"id\": \"X-1\"}".repeat(100);
    let mut packing = Packing::default();
    let small = packing.packed(record.as_bytes());
    assert!(small.len() < record.len() / 4);
    assert_eq!(packing.unpacked(&small).as_deref(), Some(record.as_bytes()));
    assert_eq!(packing.unpacked(b"\xff\xff\xff"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_could_not_be_set_aside_are_told_and_none_is_kept() {
    let (folder, store) = store().await;
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "a file").unwrap();
    let (own, read) = (store.clone(), at("2026-11-20T00:00:00Z"));
    let told = tokio::task::spawn_blocking(move || {
        let mut aside = Aside::new(&taken);
        aside.put("X-1", b"{}");
        keep(&own, "/a", read, aside).map_err(|error| with_causes(&error))
    });
    let told = told.await.unwrap().unwrap_err();
    assert!(told.starts_with("new records could not be set aside in a file until they count: "), "{told}");
    assert!(store.advisory_sources().await.unwrap().is_empty());
}
