//! Documents come, change, break and go.

use super::*;

const NOW: &str = "2026-11-22T00:00:00Z";

fn document(id: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "{id}", "author": "us",
        "timestamp": "2026-02-01T00:00:00Z", "version": 1, "statements": [{{"vulnerability": {{"name": "CVE-1"}},
        "products": [{{"@id": "pkg:npm/lib@1.0.0"}}], "status": "fixed"}}]}}"#
    )
}

fn counts(documents: &Documents) -> Vec<(u64, u64, usize)> {
    documents.shown().iter().map(|vex| (vex.documents, vex.statements, vex.faults.len())).collect()
}

#[test]
fn a_broken_document_is_known_as_it_was_and_a_removed_one_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("a.json"), document("a")).unwrap();
    fs::write(file("notes.txt"), "not one").unwrap();
    let (now, elsewhere) = (NOW.parse().unwrap(), file("elsewhere"));
    let first = Documents::new(vec![folder.path().to_owned(), elsewhere]).reread(now).unwrap();
    assert_eq!(counts(&first), [(1, 1, 0), (0, 0, 1)]);
    assert!(first.reread(now).is_none(), "nothing looks changed");
    fs::write(file("a.json"), "{").unwrap();
    fs::write(file("b.json"), document("b")).unwrap();
    let broken = first.reread(now).unwrap();
    assert_eq!(counts(&broken), [(2, 2, 1), (0, 0, 1)]);
    assert_eq!(broken.statements().documents().count(), 2);
    fs::remove_file(file("a.json")).unwrap();
    let removed = broken.reread(now).unwrap();
    assert_eq!(counts(&removed), [(1, 1, 0), (0, 0, 1)]);
    // The whole place cannot be read: what was known of it stays.
    let gone = tempfile::tempdir().unwrap();
    let place = gone.path().join("vex");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("a.json"), document("a")).unwrap();
    let read = Documents::new(vec![place.clone()]).reread(now).unwrap();
    fs::rename(&place, gone.path().join("moved")).unwrap();
    assert_eq!(counts(&read.reread(now).unwrap()), [(1, 1, 2)]);
}
