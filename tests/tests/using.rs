//! `fanlight use` by several at once, and from several state folders.

use std::collections::BTreeSet;
use std::path::PathBuf;

use fanlight_testkit::{Release, Request, State, Upstream};
use fanlight_tests::records_of;

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

fn settings(state: &State) -> PathBuf {
    state.home().join(".config/pip/pip.conf")
}

/// A page asked for as pip would, with the name and the token of its settings.
fn page_with(state: &State) -> Request {
    let text = std::fs::read_to_string(settings(state)).expect("pip's settings");
    let address = text.lines().find_map(|line| line.strip_prefix("index-url = http://")).expect("an index-url");
    let (user, place) = address.rsplit_once('@').expect("a user");
    let (name, token) = user.split_once(':').expect("a token");
    Request::get(&format!("http://{place}demo/")).basic(name, token)
}

#[test]
fn however_many_use_it_at_once_one_token_lives_and_undo_ends_it() {
    let (_upstream, state) = scene();
    let node = state.start();
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for number in 0..6 {
                let state = &state;
                // One of them goes back meanwhile; it may have come before the first.
                let undo = number == 5;
                scope.spawn(move || {
                    let said = state.cli(if undo { &["use", "pip", "--undo"] } else { &["use", "pip"] });
                    assert!(said.code == Some(0) || (undo && said.stderr.contains("nothing to put back")), "{said}");
                });
            }
        });
    }
    state.cli(&["use", "pip"]).ok();
    let living = page_with(&state);
    living.send().is(200);
    state.cli(&["use", "pip", "--undo"]).ok().says("The token is ended");
    living.send().is(401);
    assert!(!settings(&state).exists());
    let devices = |action| -> BTreeSet<String> {
        records_of(&state, action).iter().map(|record| record["on"]["id"].to_string()).collect()
    };
    let (made, ended) = (devices("console:issue-token"), devices("console:revoke-token"));
    assert_eq!((made.len(), &made), (16, &ended), "each token that was made was ended");
    assert_eq!(state.cli(&["status", "--json"]).ok().json()["devices"], 0);
    node.is_healthy();
}

#[test]
fn what_a_state_folder_that_is_gone_left_behind_is_taken_out_with_words() {
    let (upstream, state) = scene();
    let (file, own) = (settings(&state), "[global]\nindex-url = https://own.example/simple/\ntimeout = 9\n");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(&file, own).expect("a person's settings");
    let node = state.start();
    state.cli(&["use", "pip"]).ok();
    assert_eq!(node.stop(), Some(0));
    std::fs::remove_dir_all(state.path()).expect("the state, deleted");

    std::fs::create_dir_all(state.path()).expect("another");
    state.configure(&State::config(&upstream, "7d", ""));
    // Another node leads it to itself, and puts no mark into another's.
    let node = state.start();
    let said = state.cli(&["use", "pip"]).ok().says("Until now another state folder led it");
    let text = std::fs::read_to_string(&file).expect("pip's settings");
    assert_eq!((text.matches("# >>> fanlight").count(), text.matches("flk_").count()), (1, 1), "{said}\n{text}");
    state.cli(&["use", "pip", "--undo"]).ok().says("The token is ended");
    assert_eq!(std::fs::read_to_string(&file).expect("pip's settings"), own);
    // And without another that leads it, what the one that is gone wrote is taken out.
    state.cli(&["use", "pip"]).ok();
    assert_eq!(node.stop(), Some(0));
    std::fs::remove_dir_all(state.path().join("clients")).expect("no notes");
    let said = state.cli(&["use", "pip", "--undo"]).ok();
    said.says("is taken out").says("another state folder").says("--state ITS-FOLDER");
    assert_eq!(std::fs::read_to_string(&file).expect("pip's settings"), own);
    state.cli(&["use", "pip", "--undo"]).exits(3).says("was not written by `fanlight use pip`");

    // Where a mark was changed nothing is done, and which lines are meant is said.
    std::fs::write(&file, text.replace("# <<< fanlight\n", "")).expect("a mark taken away");
    let said = state.cli(&["use", "pip", "--undo"]).exits(3).says("a mark that Fanlight set was changed");
    said.says("lines 2, 3 and 4").says("the file was not changed");
}
