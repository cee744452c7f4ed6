//! The tree names no dependency in vain, and the search would notice.

use super::*;

#[test]
fn every_dependency_is_used() {
    let found = check(&Repository::read().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_name_counts_only_as_a_word_of_its_own() {
    assert!(names("use http::Request;", "http"));
    assert!(names("http", "http"));
    assert!(!names("use http_body::Body; let https = xhttp;", "http"));
}

#[test]
fn a_dependency_nobody_names_is_found() {
    let mut repository = Repository::read().unwrap();
    repository.files.retain(|file| !file.path.starts_with("xtask/src/"));
    let found = check(&repository);
    assert!(found.contains(&"xtask does not use cargo_metadata".to_owned()), "{found:?}");
    assert!(found.contains(&"xtask does not use tempfile".to_owned()), "{found:?}");
}
