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

#[test]
fn other_files_in_a_folder_take_no_documents_place_and_too_many_documents_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..limits::VEX_DOCUMENTS {
        fs::write(folder.path().join(format!("{n:05}.txt")), "").unwrap();
    }
    fs::write(folder.path().join("z.json"), document("z")).unwrap();
    let reread = || Documents::new(vec![folder.path().to_owned()]).reread(NOW.parse().unwrap()).unwrap();
    assert_eq!(counts(&reread()), [(1, 1, 0)]);
    for n in 0..limits::VEX_DOCUMENTS {
        let name = |end: &str| folder.path().join(format!("{n:05}.{end}"));
        fs::rename(name("txt"), name("json")).unwrap();
    }
    let full = reread();
    let told = full.faults().find(|fault| fault.contains("has 10001 documents; the first 10000 by name are read"));
    assert!(told.is_some() && !full.read.keys().any(|file| file.ends_with("z.json")));
}
