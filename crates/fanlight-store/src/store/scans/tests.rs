use super::*;
use crate::digest::Sha256;
use crate::store::tests::{at, fresh};

fn row(content: &[u8], rules: &str, ms: i64) -> ScanRow {
    ScanRow {
        digest: Sha256::of(content).into(),
        rules: rules.to_owned(),
        file: "demo-1.0.tar.gz".to_owned(),
        grade: "high".to_owned(),
        words: "collects private data and sends it away (setup.py:3)".to_owned(),
        scanned: at(ms),
    }
}

#[tokio::test]
async fn the_latest_scan_of_a_content_stays_and_outlives_a_start() {
    let (dir, store) = fresh().await;
    store.keep_scan(&row(b"one", "1", 1), "{}").await.unwrap();
    store.keep_scan(&row(b"two", "1", 2), "{}").await.unwrap();
    store.keep_scan(&row(b"one", "2", 3), "{\"a\":1}").await.unwrap();
    store.close().await;
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    assert_eq!(store.scans(10).await.unwrap(), [row(b"one", "2", 3), row(b"two", "1", 2)]);
    assert_eq!(store.scans(1).await.unwrap().len(), 1);
    assert_eq!(store.scan_report(&Sha256::of(b"one").into()).await.unwrap().as_deref(), Some("{\"a\":1}"));
    assert_eq!(store.scan_report(&Sha256::of(b"three").into()).await.unwrap(), None);
}
