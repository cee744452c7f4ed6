//! The table holds for the tree, and would notice.

use super::*;

fn allowed() -> (Vec<&'static str>, Vec<Edge<'static>>) {
    let names = ALLOWED.iter().map(|(name, _)| *name).collect();
    let edges = ALLOWED.iter().flat_map(|(from, row)| row.iter().map(|to| Edge { from, to, dev: false })).collect();
    (names, edges)
}

#[test]
fn the_tree_has_only_the_edges_the_table_allows() {
    let found = check(&Repository::read().unwrap());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_the_table_does_not_allow_is_found() {
    let (names, edges) = allowed();
    assert_eq!(judge(&names, &edges), Vec::<String>::new());
    for (from, to, dev) in [
        ("fanlight-base", "fanlight-store", false),
        ("fanlight-policy", "fanlight-net", true),
        ("fanlight-packages", "fanlight-testkit", false),
        ("fanlight-gate", "sqlx", false),
    ] {
        let mut edges = edges.clone();
        edges.push(Edge { from, to, dev });
        let found = judge(&names, &edges);
        assert!(matches!(&found[..], [one] if one.contains(from) && one.contains(to)), "{from} {to}: {found:?}");
    }
    let mut with_testkit = edges.clone();
    with_testkit.push(Edge { from: "fanlight-net", to: TESTKIT, dev: true });
    assert_eq!(judge(&names, &with_testkit), Vec::<String>::new());
}

#[test]
fn a_crate_without_a_row_and_a_permission_without_use_are_found() {
    let (mut names, mut edges) = allowed();
    names.push("fanlight-new");
    edges.retain(|edge| (edge.from, edge.to) != ("fanlight-identity", "fanlight-store"));
    let found = judge(&names, &edges);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("fanlight-new") && found[1].contains("fanlight-identity"), "{found:?}");
}

#[test]
fn no_row_lets_a_crate_use_one_that_comes_after_it() {
    let place = |name: &str| ALLOWED.iter().position(|(known, _)| *known == name);
    for (from, row) in ALLOWED {
        assert!(row.iter().all(|to| place(to) < place(from)), "{from} is above something it uses");
    }
}

#[test]
fn the_table_in_the_document_is_the_table_here() {
    let repository = Repository::read().unwrap();
    let document = repository.files.iter().find(|file| file.path == "ARCHITECTURE.md").unwrap();
    for (name, row) in ALLOWED.iter().filter(|(name, _)| name.starts_with("fanlight")) {
        let line = document.text.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let line = line.unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {name}"));
        let uses = line.trim_end_matches(" |").rsplit_once("| ").unwrap().1;
        let mut said: Vec<_> = uses.split(", ").filter(|word| *word != "nothing").collect();
        said.sort_unstable();
        let short = |name: &str| name.trim_start_matches("fanlight-").to_owned();
        let mut here: Vec<_> = row.iter().map(|name| short(name)).collect();
        here.sort_unstable();
        assert_eq!(said, here, "{name}");
    }
}
