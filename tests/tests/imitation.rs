//! Names and numbers that imitate are held, with words about what was perhaps meant, until somebody has looked.

use fanlight_testkit::{Clients, Release, State, Upstream, get};
use fanlight_tests::{listed, record_of};

#[test]
fn a_young_project_named_almost_like_a_known_one_is_held_until_it_is_reviewed() {
    let upstream = Upstream::with([
        Release::new("reqeusts", "1.0").days_old(40),
        Release::new("flaska", "1.0").days_old(400),
        Release::new("flaska", "1.1").days_old(20),
        Release::new("warehouse-tool", "1.0").days_old(20),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = "reqeusts-1.0-py3-none-any.whl";
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&node.index(), &["flaska"]).ok();
        room.install(&node.index(), &["reqeusts==1.0"]).fails().says("reqeusts is named almost like requests");
    }
    let refused = get(&node.file("reqeusts", file)).says("If you meant requests, use that");
    assert!([403, 451].contains(&refused.status), "{refused:?}");
    let record = record_of(&state, &refused);
    assert_eq!((&record["decision"]["outcome"], &record["facts"]["name_near"]), (&"hold".into(), &"requests".into()));
    let entry = listed(&node, "reqeusts", file);
    assert!(entry["yanked"].as_str().is_some_and(|why| why.contains("only 40 days old")), "{entry}");
    state.cli(&["review", "reqeusts==1.0", "--verdict", "safe", "--because", "the shop's own queue library"]).ok();
    get(&node.file("reqeusts", file)).is(200);
    // What the company itself names counts as known from the next start on.
    get(&node.file("warehouse-tool", "warehouse-tool-1.0-py3-none-any.whl")).is(404);
    get(&node.file("warehouse-tool", "warehouse_tool-1.0-py3-none-any.whl")).is(200);
    assert_eq!(node.stop(), Some(0));
    let list = state.home().join("known.txt");
    std::fs::write(&list, "pkg:pypi/warehouse-tools # ours\n").expect("a list");
    let settings = format!("popular = [{:?}]\n", list.display().to_string());
    state.configure(&State::config(&upstream, "7d", "").replace("[packages]\n", &format!("[packages]\n{settings}")));
    let node = state.start();
    get(&node.file("warehouse-tool", "warehouse_tool-1.0-py3-none-any.whl")).says("almost like warehouse-tools");
    assert_eq!(node.stop(), Some(0));
    std::fs::write(&list, "warehouse-tools\n").expect("a list");
    state.cli(&["up"]).fails().says("known.txt: \"warehouse-tools\" is no purl of a project");
}

#[test]
fn a_number_far_from_those_before_is_held_and_ranges_take_what_was_before() {
    let upstream = Upstream::with([
        Release::new("acme-billing", "1.2.3").days_old(100),
        Release::new("acme-billing", "99.9.9").days_old(30),
        Release::new("yearly", "2.0").days_old(100),
        Release::new("yearly", "2026.1").days_old(30),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&node.index(), &["acme-billing", "yearly"]).ok();
        assert_eq!(room.installed("acme-billing").as_deref(), Some("1.2.3"), "{}", client.name);
        assert_eq!(room.installed("yearly").as_deref(), Some("2026.1"), "{}", client.name);
    }
    let refused = get(&node.file("acme-billing", "acme_billing-99.9.9-py3-none-any.whl"));
    refused.says("99.9.9 is far from the version of acme-billing before it (1.2.3)").says("Use 1.2.3 instead");
}
