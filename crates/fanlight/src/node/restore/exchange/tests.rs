//! Every state that a cut can leave, finished and taken back.

use super::*;

const TIME: &str = "replaced-20261122T101112Z";

/// An old state, and a new one prepared beside it. Each file says which of both it is of.
fn scene() -> tempfile::TempDir {
    let state = tempfile::tempdir().unwrap();
    let at = |name: &str| state.path().join(name);
    for (folder, says) in [(at(""), "old"), (at(WORK), "new")] {
        for name in ["ledger", "policies"] {
            fs::create_dir_all(folder.join(name)).unwrap();
            fs::write(folder.join(name).join("a"), says).unwrap();
        }
        for name in ["fanlight.db", ROOT_KEY] {
            fs::write(folder.join(name), says).unwrap();
        }
    }
    // What only one of them has, and what is not exchanged.
    fs::write(at("fanlight.db-wal"), "old").unwrap();
    fs::write(at("restoring/fanlight.toml"), "new").unwrap();
    fs::create_dir(at("restoring/clients")).unwrap();
    fs::create_dir(at("blobs")).unwrap();
    state
}

fn says(folder: &Path) -> Vec<(String, String)> {
    let files = ["fanlight.db", "fanlight.db-wal", ROOT_KEY, "fanlight.toml", "policies/a", "ledger/a"];
    let read = |name: &&str| Some(((*name).to_owned(), fs::read_to_string(folder.join(name)).ok()?));
    files.iter().filter_map(read).collect()
}

#[track_caller]
fn is_whole(state: &Path, which: &str) {
    let (all, only) = if which == "old" { (5, "fanlight.db-wal") } else { (5, "fanlight.toml") };
    let found = says(state);
    assert!(found.iter().all(|(_, says)| says == which), "{which}: {found:?}");
    assert!(found.len() == all && found.iter().any(|(name, _)| name == only), "{found:?}");
    assert!(state.join("blobs").is_dir());
}

#[track_caller]
fn is_clean(state: &Path) {
    for name in [PLAN, "restore.new", WORK] {
        assert!(!is_there(&state.join(name)), "{name} is left over");
    }
}

#[test]
fn states_are_exchanged_and_the_old_one_is_kept() {
    let state = scene();
    let exchange = Exchange::begin(state.path(), TIME.to_owned(), Endings::default()).unwrap();
    is_whole(state.path(), "new");
    assert_eq!(says(&exchange.replaced()).len(), 5);
    exchange.done().unwrap();
    is_whole(state.path(), "new");
    is_clean(state.path());
    assert_eq!(says(&state.path().join(TIME)).len(), 5);
    assert!(Exchange::settle(state.path()).unwrap().is_none());
    assert_ne!(replaced_name(state.path(), "2026-11-22T10:11:12Z".parse().unwrap()), TIME, "a name is used once");
}

#[test]
fn an_exchange_is_taken_back() {
    let state = scene();
    let exchange = Exchange::begin(state.path(), TIME.to_owned(), Endings::default()).unwrap();
    // The new state was opened, and left its log behind.
    fs::write(state.path().join("fanlight.db-wal"), "new").unwrap();
    exchange.undo().unwrap();
    is_whole(state.path(), "old");
    is_clean(state.path());
    assert!(!is_there(&state.path().join(TIME)));
}

#[test]
fn what_was_never_decided_on_is_removed() {
    let state = scene();
    fs::write(state.path().join("restore.new"), "{").unwrap();
    assert!(Exchange::settle(state.path()).unwrap().is_none());
    is_whole(state.path(), "old");
    is_clean(state.path());
}

/// The plan as it is on disk at a stage, without any move.
fn planned(state: &Path, stage: Stage) {
    let (aside, install) = (names_in(state), names_in(&state.join(WORK)));
    let plan = Plan { stage, replaced: TIME.to_owned(), aside, install, endings: Endings::default() };
    Exchange { state: state.to_owned(), plan }.write_plan().unwrap();
    fs::create_dir_all(state.join(TIME)).unwrap();
}

/// The moves of an exchange in their order, each from and to.
fn moves(state: &Path) -> Vec<(PathBuf, PathBuf)> {
    let (aside, install) = (names_in(state), names_in(&state.join(WORK)));
    let aside = aside.into_iter().map(|name| (state.join(&name), state.join(TIME).join(&name)));
    let install = install.into_iter().map(|name| (state.join(WORK).join(&name), state.join(&name)));
    aside.chain(install).collect()
}

#[test]
fn a_cut_after_any_move_is_finished_by_the_next_start() {
    let all = moves(scene().path()).len();
    for done in 0..=all {
        let state = scene();
        let moves = moves(state.path());
        planned(state.path(), Stage::Forth);
        moves.iter().take(done).for_each(|(from, to)| fs::rename(from, to).unwrap());
        // A start makes the folder of policies before it looks for what was cut.
        fs::create_dir_all(state.path().join("policies")).unwrap();
        let exchange = Exchange::settle(state.path()).unwrap().expect("an exchange");
        is_whole(state.path(), "new");
        // Cut again, before the new state has served.
        drop(exchange);
        let exchange = Exchange::settle(state.path()).unwrap().expect("an exchange");
        is_whole(state.path(), "new");
        exchange.done().unwrap();
        is_clean(state.path());
        assert_eq!(says(&state.path().join(TIME)).len(), 5, "after {done} moves");
    }
}

#[test]
fn a_cut_while_it_is_taken_back_is_finished_by_the_next_start() {
    let all = moves(scene().path()).len();
    for done in 0..=all {
        let state = scene();
        let moves = moves(state.path());
        planned(state.path(), Stage::Back);
        moves.iter().for_each(|(from, to)| fs::rename(from, to).unwrap());
        fs::create_dir_all(state.path().join("policies")).unwrap();
        moves.iter().rev().take(done).for_each(|(from, to)| {
            fs::rename(to, from).unwrap();
        });
        fs::create_dir_all(state.path().join("policies")).unwrap();
        assert!(Exchange::settle(state.path()).unwrap().is_none());
        is_whole(state.path(), "old");
        is_clean(state.path());
    }
}

#[test]
fn a_plan_of_something_else_moves_nothing() {
    for (part, other) in [(TIME, "../x"), (TIME, "ledger"), ("root.key", "../../x")] {
        let state = scene();
        planned(state.path(), Stage::Forth);
        let plan = fs::read_to_string(state.path().join(PLAN)).unwrap();
        fs::write(state.path().join(PLAN), plan.replacen(part, other, 1)).unwrap();
        assert!(Exchange::settle(state.path()).is_err(), "{other}");
        is_whole(state.path(), "old");
    }
}
