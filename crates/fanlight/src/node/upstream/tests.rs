//! What is kept and recorded of an upstream that was found: no password and no path in clear.

use fanlight_config::Sources;

use super::*;
use crate::node::{Built, build, claim};

const FILE: &str = "/folders/ada.lovelace/pip/pip.conf";

#[tokio::test(flavor = "multi_thread")]
async fn a_found_password_is_kept_sealed_and_a_settings_path_is_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let sources = Sources { state: Some(state.clone()), config: None, env: vec![], flags: vec![] };
    let config = Config::load(sources).unwrap();
    let claim = claim::take(&config.state).unwrap();
    let reload: super::super::Reload = std::sync::Arc::new(|_| Config::load(Sources::default()));
    let Built { gate, board, doors, store, .. } = build(&config, &claim.run, &reload).await.unwrap();

    let door = &**doors.of("pypi").unwrap();
    let keys = Keys::of(door);
    let from = Provenance::PipSettings { file: Some(FILE.to_owned()) };
    let url = Url::parse("https://ada:p%3Ass%40word@upstream.example/simple/").unwrap();
    let known = Known { url, from: from.to_string(), kind: kind(&from).to_owned() };
    assert!(kept(&keys, &store, gate.identity()).await.unwrap().is_none());
    keep(&known, &keys, &store, gate.identity()).await.unwrap();
    assert_eq!(store.setting(keys.url).await.unwrap().unwrap(), "https://upstream.example/simple/");
    let sealed = store.setting(&keys.login).await.unwrap().unwrap();
    assert!(!sealed.is_empty() && !sealed.contains("ada") && !sealed.contains("word"), "{sealed}");
    let again = kept(&keys, &store, gate.identity()).await.unwrap().unwrap();
    assert!(again == known, "{} is kept of {}", again.url, known.url);

    let before = gate.ledger().status().durable;
    tell(again, &std::sync::Arc::default(), &Places { store: &store, gate: &gate, board: &board }, door).await.unwrap();
    let records = gate.ledger().read(before, 10).unwrap();
    assert_eq!(records.len(), 1);
    let record = String::from_utf8(records[0].clone()).unwrap();
    assert!(record.contains("pip-settings") && record.contains("https://upstream.example/simple/"), "{record}");
    assert!(!record.contains("ada") && !record.contains("word"), "{record}");
    assert!(board.upstream("pypi").found.contains(FILE), "whoever reads the status is told the file");
}
