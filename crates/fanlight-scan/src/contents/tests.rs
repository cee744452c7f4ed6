//! What is told of archives, right and broken ones.

use std::io::Cursor;

use super::*;
use crate::archive::making::{tgz_of, zip_of};

fn is_manifest(path: &str) -> bool {
    path.ends_with("package.json")
}

fn read(bytes: Vec<u8>) -> Contents {
    contents(&mut Cursor::new(bytes), "a.tgz", is_manifest).unwrap()
}

#[test]
fn each_file_is_told_with_its_size_and_what_tells_its_content_from_another() {
    let files = [("package/package.json", "{\"license\": \"MIT\"}"), ("package/index.js", "one\n")];
    for bytes in [tgz_of(&files), zip_of(&files)] {
        let held = read(bytes);
        assert!(held.is_whole);
        assert_eq!(held.files.keys().collect::<Vec<_>>(), ["package/index.js", "package/package.json"]);
        assert_eq!(held.files["package/index.js"].bytes, 4);
        assert_eq!(held.texts.into_iter().collect::<Vec<_>>(), [(files[0].0.to_owned(), files[0].1.to_owned())]);
    }
    let other = read(tgz_of(&[files[0], ("package/index.js", "two\n")]));
    let same = read(tgz_of(&files));
    assert_ne!(other.files["package/index.js"], same.files["package/index.js"]);
    assert_eq!(other.files["package/package.json"], same.files["package/package.json"]);
}

#[test]
fn what_is_broken_or_no_archive_is_not_whole() {
    let good = tgz_of(&[("package/index.js", &"words ".repeat(10_000))]);
    assert!(!read(good[..good.len() / 2].to_vec()).is_whole);
    assert!(!read(b"no archive at all".to_vec()).is_whole);
}

#[test]
fn of_a_long_text_only_the_beginning_is_kept() {
    let long = "x".repeat(CONTENTS_TEXT_BYTES + 1);
    let held = read(tgz_of(&[("package/package.json", &long)]));
    assert_eq!(held.texts["package/package.json"].len(), CONTENTS_TEXT_BYTES);
    assert_eq!(held.files["package/package.json"].bytes, long.len() as u64);
}
