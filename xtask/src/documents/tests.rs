//! The documents point at what is there, and a dead pointer would be found.

use super::*;

#[test]
fn links_lead_somewhere_and_named_tests_exist() {
    let found = check(&Repository::read().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_dead_link_is_found_from_where_it_stands() {
    let paths = BTreeSet::from(["README.md", "docs/cli.md", "docs/a/b.md"]);
    let file = |text: &str| TextFile { path: "docs/cli.md".to_owned(), text: text.to_owned() };
    let good = "[x](../README.md#top) [y](a/b.md) [z](#here) [w](https://upstream.example/x) [v](a)";
    assert_eq!(dead_links(&file(good), &paths), Vec::<String>::new());
    assert_eq!(dead_links(&file("[x](README.md)\n[y](b.md)"), &paths).len(), 2);
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let repository = Repository::read().unwrap();
    let text = "`a_test_that_is_not_there_is_found`, `page_modes`, ``, `no_such_test_anywhere_at_all`".to_owned();
    let found = tests_that_are_not(&TextFile { path: CLAIMS.to_owned(), text }, &repository);
    assert_eq!(found, [format!("{CLAIMS}: there is no test no_such_test_anywhere_at_all")]);
}
