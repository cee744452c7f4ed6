//! What counts as the repository.

use super::*;

#[test]
fn without_git_the_folders_are_walked_and_what_is_built_is_left_out() {
    let top = tempfile::tempdir().unwrap();
    for path in ["a.rs", "crates/b/src/lib.rs", "target/debug/c.rs", "bench/.work/d.rs", ".ci/run"] {
        let path = top.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    assert_eq!(walked(top.path()), [".ci/run", "a.rs", "crates/b/src/lib.rs"]);
}

#[test]
fn the_repository_is_read_whole() {
    let repository = Repository::read().unwrap();
    for path in ["Cargo.toml", "xtask/src/main.rs", ".ci/run", "policies/packages.cedar"] {
        assert!(repository.files.iter().any(|file| file.path == path), "{path} is not among the files");
    }
    let names: Vec<_> = repository.packages.iter().map(|package| package.name.as_str()).collect();
    assert!(names.contains(&"fanlight") && names.contains(&"xtask"), "{names:?}");
}
