//! The tree is in order, and disorder would be found.

use super::*;

fn file(text: String) -> TextFile {
    TextFile { path: "crates/x/src/lib.rs".to_owned(), text }
}

#[test]
fn files_are_short_and_finished() {
    let found = check(&Repository::read().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_long_file_needs_a_reason() {
    assert!(judge(&file("x\n".repeat(LINES))).is_empty());
    assert_eq!(judge(&file("x\n".repeat(LINES + 1))).len(), 1);
    let reason = format!("//! A table.\n{REASON}it is one table.\n");
    assert!(judge(&file(reason + &"x\n".repeat(LINES))).is_empty());
}

#[test]
fn every_stub_is_found_with_its_line() {
    for stub in stubs() {
        let found = judge(&file(format!("fn a() {{}}\n// {stub}\n")));
        assert!(matches!(&found[..], [one] if one.starts_with("crates/x/src/lib.rs:2: ")), "{stub}: {found:?}");
    }
}
