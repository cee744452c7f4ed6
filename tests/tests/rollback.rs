//! The ledger's folder put back to an earlier state, cut or taken away under the node: what a start says and leaves as it is.

use std::path::Path;
use std::time::Duration;

use fanlight_testkit::node::copy_folder;
use fanlight_testkit::{Release, State, Upstream, get, wait_for};
use fanlight_tests::page;

const FILE: &str = "demo-1.0-py3-none-any.whl";

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

/// What of a ledger tells whether anything was signed or written.
fn signed(ledger: &Path) -> String {
    std::fs::read_to_string(ledger.join("checkpoint")).expect("a checkpoint")
}

#[track_caller]
fn does_not_start(state: &State, words: &str) {
    let said = state.cli(&["up", "--listen", "127.0.0.1:0"]).exits(3).says(words);
    let said = said.says("nothing was changed").says("put the newest ledger back").says("restore a backup");
    assert!(said.stdout.is_empty(), "{said}");
}

#[test]
fn a_ledger_that_was_put_back_is_told_and_never_continued() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    assert_eq!(node.stop(), Some(0));
    let (ledger, old, new) = (state.path().join("ledger"), state.home().join("old"), state.home().join("new"));
    copy_folder(&ledger, &old);

    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    assert_eq!(node.stop(), Some(0));
    std::fs::rename(&ledger, &new).expect("the ledger, set aside");
    copy_folder(&old, &ledger);
    for _ in 0..2 {
        does_not_start(&state, "it went back");
    }
    // Nor does a command without a node sign on.
    let said = state.cli(&["ledger", "show"]).exits(3).says("it went back");
    assert!(said.stdout.is_empty(), "{said}");
    assert_eq!(signed(&ledger), signed(&old), "nothing was signed over it");
    // A check of the whole state tells it, though the older copy holds by itself; of the folder alone it says it cannot.
    let said = state.cli(&["ledger", "verify"]).exits(1).says("it went back").says("put the newest ledger back");
    assert!(!said.stdout.contains("Good"), "{said}");
    let told = state.cli(&["ledger", "verify", "--json"]).exits(1).json();
    assert_eq!((&told["good"], &told["ledgers"][0]["good"]), (&false.into(), &false.into()), "{told}");
    assert!(told["known"][0]["differs"].as_str().is_some_and(|differs| differs.contains("it went back")), "{told}");
    let alone = |more: &[&str]| {
        let args = [&["ledger", "verify", ledger.to_str().expect("a path")], more].concat();
        state.bare(&args).output()
    };
    alone(&[]).ok().says("cannot be told from a folder alone");
    // Whoever kept a checkpoint elsewhere can tell.
    let kept = new.join("checkpoint");
    let kept = kept.to_str().expect("a path");
    alone(&["--checkpoint", kept]).exits(1).says("it went back").says(kept);
    alone(&["--checkpoint", old.join("checkpoint").to_str().expect("a path")])
        .ok()
        .says("continues what the checkpoint");
    alone(&["--checkpoint", old.join("key.pub").to_str().expect("a path")]).exits(3).says("does not hold a checkpoint");

    // Taken away altogether: no other one is made in its place.
    std::fs::remove_dir_all(&ledger).expect("no ledger");
    does_not_start(&state, "it is gone");
    assert!(!ledger.exists(), "not even a folder is made");
    state.cli(&["ledger", "verify"]).exits(1).says("it is gone");
    assert_eq!(state.cli(&["ledger", "verify", "--json"]).exits(1).json()["good"], false);

    // The newest one put back, all goes on.
    std::fs::rename(&new, &ledger).expect("the newest ledger");
    let node = state.start();
    page(&node, "demo").is(200);
    state.cli(&["ledger", "verify"]).ok().says("the database of its state knows");
    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify", "--checkpoint", old.join("checkpoint").to_str().expect("a path")]).ok();
}

#[test]
fn another_history_of_the_same_name_and_key_is_told_however_long() {
    let (_upstream, state) = scene();
    let node = state.start();
    page(&node, "demo").is(200);
    assert_eq!(node.stop(), Some(0));
    let other = State::with_config(&std::fs::read_to_string(state.path().join("fanlight.toml")).expect("settings"));
    let (ours, theirs) = (state.path().join("ledger"), other.path().join("ledger"));
    // The same ledger went on elsewhere, and is brought back.
    copy_folder(&ours, &theirs);
    std::fs::copy(state.path().join("root.key"), other.path().join("root.key")).expect("the root key");
    let node = other.start();
    for _ in 0..9 {
        get(&node.file("demo", FILE)).is(200);
    }
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    page(&node, "demo").is(200);
    assert_eq!(node.stop(), Some(0));
    std::fs::remove_dir_all(&ours).expect("no ledger");
    copy_folder(&theirs, &ours);
    does_not_start(&state, "it is another history");
    state.cli(&["ledger", "verify"]).exits(1).says("it is another history");
    assert_eq!(signed(&ours), signed(&theirs), "nothing was signed over it");
}

#[test]
fn a_kill_is_no_rollback_and_a_restore_goes_on() {
    let (_upstream, state) = scene();
    for _ in 0..4 {
        let node = state.start();
        get(&node.file("demo", FILE)).is(200);
        node.kill();
    }
    // Without a node, too, the ledger goes on, and the next start knows of it.
    state.cli(&["ledger", "show"]).ok();
    let node = state.start();
    let file = state.home().join("a.tar").display().to_string();
    state.cli(&["backup", &file]).ok();
    page(&node, "demo").is(200);
    state.cli(&["restore", &file, "--yes"]).ok();
    page(&node, "demo").is(200);
    node.kill();
    let node = state.start();
    page(&node, "demo").is(200);
    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn of_an_incomplete_last_write_verify_claims_nothing() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "[ledger]\npublish_every = \"1m\"\n");
    let node = state.start();
    let newest = wait_for("records in the newest segment", Duration::from_secs(20), || {
        get(&node.file("demo", FILE)).is(200);
        let folder = std::fs::read_dir(state.path().join("ledger/tail")).expect("the tail");
        let newest = folder.flatten().map(|entry| entry.path()).max().expect("a segment");
        // More than its header.
        newest.metadata().is_ok_and(|there| there.len() > 200).then_some(newest)
    });
    node.kill();
    let file = std::fs::File::options().write(true).open(&newest).expect("the newest segment");
    let length = file.metadata().expect("its length").len();
    file.set_len(length - 5).expect("a cut");
    // The database may know already of the record that was cut; the files do not.
    let ledger = state.path().join("ledger");
    let ledger = ledger.to_str().expect("a path");
    let said = state.bare(&["ledger", "verify", ledger]).output().ok();
    said.says("the last write is incomplete").says("cannot be told from these files alone");
    let told = state.bare(&["ledger", "verify", "--json", ledger]).output().ok().json();
    assert_eq!(told["ledgers"][0]["torn"], true);
}

#[test]
fn a_replaced_ledger_is_checked_and_missed_when_it_is_gone() {
    let (_upstream, state) = scene();
    let node = state.start();
    let file = state.home().join("a.tar").display().to_string();
    state.cli(&["backup", &file]).ok();
    get(&node.file("demo", FILE)).is(200);
    let told = state.cli(&["restore", &file, "--yes", "--json"]).ok().json();
    assert_eq!(node.stop(), Some(0));
    let old = told["earlier_origin"].as_str().expect("an origin").to_owned();
    let replaced = Path::new(told["replaced"].as_str().expect("a folder")).join("ledger");
    let verified = || state.cli(&["ledger", "verify", "--json"]).json();

    let whole = state.cli(&["ledger", "verify"]).ok();
    assert_eq!(whole.stdout.matches("Good: ").count(), 3, "the earlier, the present and the replaced one: {whole}");
    let here = verified()["replaced"][0].clone();
    assert_eq!((&here["origin"], &here["here"]), (&old.clone().into(), &true.into()), "{here}");

    let kept = state.home().join("kept");
    std::fs::rename(&replaced, &kept).expect("the replaced ledger, taken away");
    let last = here["records"].as_u64().expect("a number") - 1;
    let said = state.cli(&["ledger", "verify"]).ok();
    said.says(&format!("{old}, up to record {last}, was replaced by a restore and is not here"));
    assert_eq!(verified()["replaced"][0]["here"], false);

    // An older copy in its place: under the same name and key, and good by itself.
    copy_folder(&state.path().join("ledger-earlier/1"), &replaced);
    state.cli(&["ledger", "verify"]).exits(1).says(&format!("it replaced {old} after a checkpoint of"));
    assert_eq!(verified()["good"], false);

    // One that was changed.
    std::fs::remove_dir_all(&replaced).expect("the older copy");
    std::fs::rename(&kept, &replaced).expect("the replaced ledger");
    state.cli(&["ledger", "verify"]).ok();
    std::fs::write(replaced.join("checkpoint"), "nothing").expect("a checkpoint");
    state.cli(&["ledger", "verify"]).exits(1).says("does not hold").says("replaced-");
}
