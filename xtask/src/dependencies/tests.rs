//! The tree names no dependency in vain and gives a reason for each; the search would notice.

use super::*;

#[test]
fn every_dependency_is_used_and_has_its_reason() {
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
    let found = unused(&repository);
    assert!(found.contains(&"xtask does not use cargo_metadata".to_owned()), "{found:?}");
    assert!(found.contains(&"xtask does not use tempfile".to_owned()), "{found:?}");
}

#[test]
fn a_dependency_without_reason_and_a_reason_without_dependency_are_found() {
    let mut repository = Repository::read().unwrap();
    let document = repository.files.iter_mut().find(|file| file.path == REASONS).unwrap();
    document.text = document.text.replace("| `tokio` |", "| `left-pad` |");
    let found = without_reason(&repository);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("tokio") && found[1].contains("left-pad"), "{found:?}");
}

#[test]
fn a_version_listed_for_nobody_is_found() {
    let mut repository = Repository::read().unwrap();
    let manifest = repository.files.iter_mut().find(|file| file.path == "Cargo.toml").unwrap();
    manifest.text = manifest.text.replace("[workspace.dependencies]\n", "[workspace.dependencies]\nleft-pad = \"1\"\n");
    assert_eq!(listed_in_vain(&repository), ["Cargo.toml lists left-pad, which no crate takes"]);
}
