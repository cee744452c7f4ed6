//! What is handed over to be kept, and what it means when it comes back.

use super::*;

fn kept(known: &Advisories, entries: Vec<Result<Entry, EntryFault>>) -> (Arc<Advisories>, Vec<(String, Vec<u8>)>) {
    let mut kept = Vec::new();
    let import =
        known.import_and_keep(reading("feed"), entries, |id, record| kept.push((id.to_owned(), record))).unwrap();
    (import.advisories, kept)
}

#[test]
fn what_is_new_or_changed_is_kept_and_means_the_same_when_it_comes_back() {
    let all = range(&[("introduced", "0"), ("fixed", "2.0.0")]);
    let elsewhere = entry(
        r#"{"id": "GO-1", "modified": "2026-01-01T00:00:00Z", "affected": [{"package":
        {"ecosystem": "Go", "name": "lib"}}]}"#,
    );
    let (first, one) = kept(&Advisories::new(), vec![lib("X-1", 1, "", &all), lib("X-2", 1, "", &all), elsewhere]);
    let ids: Vec<_> = one.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["X-1", "X-2"], "what is about other ecosystems is not");
    let later = range(&[("introduced", "0"), ("fixed", "3.0.0")]);
    let (second, two) = kept(&first, vec![lib("X-1", 2, "", &later), lib("X-2", 1, "", &later)]);
    let ids: Vec<_> = two.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["X-1"]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let rows = one.into_iter().map(|(_, record)| (at("2026-03-01T00:00:00Z"), record));
    let rows = rows.chain(two.into_iter().map(|(_, record)| (at("2026-03-02T00:00:00Z"), record)));
    let again =
        Advisories::new().restore(&"feed".into(), rows.chain([(at("2026-03-03T00:00:00Z"), b"{".to_vec())])).unwrap();
    assert_eq!((again.report.read, again.report.refused), (3, 1));
    assert_eq!(state(&again.advisories), state(&second));
    let read = |id: &str| again.advisories.named(id)[0].reading().at.to_string();
    assert_eq!((read("X-1"), read("X-2")), ("2026-03-02T00:00:00Z".into(), "2026-03-01T00:00:00Z".into()));
}

#[test]
fn nothing_kept_is_no_error() {
    let again = Advisories::new().restore(&"feed".into(), []).unwrap();
    assert!(again.advisories.is_empty());
}
