//! What `fanlight up` refuses before it touches anything: folders that are not its own, variables that name nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use fanlight_testkit::{Release, State, Upstream};

/// Names, permissions and bytes of everything under a folder, itself included.
fn everything(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        let mode = path.metadata().expect("its permissions").permissions().mode();
        let bytes = std::fs::read(&path).unwrap_or_default();
        all.insert(path.display().to_string(), (mode, bytes));
        left.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
    }
    all
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_left_as_it_is() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let theirs = state.home().join("theirs");
    std::fs::create_dir_all(theirs.join("photos")).expect("a folder");
    for (name, text) in [("photos/1.jpg", "a"), ("letter.txt", "b"), ("fanlight.toml", "")] {
        std::fs::write(theirs.join(name), text).expect("a file");
    }
    std::fs::set_permissions(&theirs, std::fs::Permissions::from_mode(0o1777)).expect("open to all");
    let before = everything(&theirs);
    let place = theirs.to_str().expect("a path");
    let said = state.bare(&["up", "--listen", "127.0.0.1:0", "--state", place]).output().exits(3);
    said.says(place).says("letter.txt, photos").says("nothing in it was touched").says("--state");
    assert_eq!(everything(&theirs), before);

    // What a steward lays out before the first start is none of somebody else's, and a state may hold more.
    state.policy("company.cedar", "");
    std::fs::create_dir(state.path().join("lost+found")).expect("as at the top of a file system");
    assert_eq!(state.start().stop(), Some(0));
    std::fs::write(state.path().join("note.txt"), "mine").expect("a note");
    assert_eq!(state.start().stop(), Some(0));
}

#[test]
fn a_misspelt_variable_stops_the_start_with_what_was_meant() {
    let state = State::with_config("");
    let up = |name: &str, value: &str| state.command(&["up", "--listen", "127.0.0.1:0"]).env(name, value).output();
    up("FANLIGHT_STAT", "/srv/fanlight").exits(3).says("FANLIGHT_STAT:").says("did you mean FANLIGHT_STATE?");
    up("FANLIGHT_COOLDOWN", "0").exits(3).says("did you mean FANLIGHT_PACKAGES__COOLDOWN?");
    up("FANLIGHT_LISTEN", "127.0.0.1:7071").exits(3).says("FANLIGHT_LISTEN__ADDRESS");
    assert!(!state.path().join("ledger").exists(), "nothing was started");
}

#[test]
fn config_says_that_an_upstream_which_is_not_set_is_the_one_found() {
    let state = State::with_config("");
    let said = state.cli(&["config"]).ok();
    said.says("packages.pypi.upstream").says("the one found").says("fanlight status");
}

#[test]
fn a_ledger_that_cannot_be_looked_into_is_not_called_missing() {
    let state = State::with_config("");
    // The superuser may look everywhere, but into no circle of links.
    let ledger = state.path().join("ledger");
    std::os::unix::fs::symlink("ledger", &ledger).expect("a link to itself");
    for args in [&["ledger", "verify"][..], &["ledger", "show"], &["ledger", "erase", "asha"]] {
        let said = state.cli(args).exits(3).says("cannot be looked into").says("symbolic links").says("the user");
        assert!(!said.stderr.contains("there is no ledger"), "{said}");
    }
}
