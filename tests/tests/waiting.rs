//! Wait and see: fresh releases are held, holds end by themselves, and both clocks count.

use std::time::{Duration, Instant};

use fanlight_testkit::{Clients, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{JSON, listed, page, record_of};

const WEEK: i64 = 7 * 86_400;

#[test]
fn a_hold_ends_by_itself_for_every_client() {
    let upstream = Upstream::with([Release::new("eager", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let clients = Clients::get();
    upstream.add(&Release::new("eager", "2.0").seconds_old(WEEK - 15));
    let opens = Instant::now() + Duration::from_secs(15);
    let rooms: Vec<_> = clients.all().map(|client| (client, client.room())).collect();
    std::thread::scope(|scope| {
        for (_, room) in &rooms {
            scope.spawn(|| room.install(&node.index(), &["eager==2.0"]).fails().says("new releases wait 7 days here"));
        }
    });
    assert!(Instant::now() < opens, "the machine is too slow to see the hold before it ended");
    std::thread::sleep(opens.saturating_duration_since(Instant::now()) + Duration::from_secs(1));
    for (client, room) in &rooms {
        room.install(&node.index(), &["eager"]).ok();
        assert_eq!(room.installed("eager").as_deref(), Some("2.0"), "{}", client.name);
    }
}

#[test]
fn the_page_changes_its_tag_when_a_hold_ends_and_the_layers_agree() {
    let release = Release::new("eager", "2.0").seconds_old(WEEK - 5);
    let file = release.wheel_name();
    let upstream = Upstream::with([Release::new("eager", "1.0"), release]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let held = page(&node, "eager").is(200);
    let tag = held.header("etag").expect("an etag").to_owned();
    assert!(held.header("cache-control").is_some_and(|value| value.contains("no-cache")), "{:?}", held.headers);
    let again =
        |tag: &str| Request::get(&node.page("eager")).header("Accept", JSON).header("If-None-Match", tag).send();
    again(&tag).is(304);
    let entry = listed(&node, "eager", &file);
    assert!(entry["yanked"].as_str().is_some_and(|why| why.contains("new releases wait")), "{entry}");
    assert!(entry["upload-time"].is_string(), "{entry}");
    let refused = get(&node.file("eager", &file));
    assert!([403, 451].contains(&refused.status), "{refused:?}");
    assert!(refused.reason.contains("new releases wait 7 days here"), "{}", refused.reason);
    assert_eq!(record_of(&state, &refused)["decision"]["outcome"], "hold");
    get(&node.file("eager", &format!("{file}.metadata"))).says("new releases wait").is(refused.status);
    assert_eq!(upstream.count(&format!("/files/eager/{file}")), 0, "what is held is not even fetched");
    let opened = wait_for("the hold's end", Duration::from_secs(15), || {
        let answer = again(&tag);
        (answer.status == 200).then_some(answer)
    });
    assert_ne!(opened.header("etag"), Some(tag.as_str()));
    assert_eq!(listed(&node, "eager", &file)["yanked"], false);
    get(&node.file("eager", &file)).is(200);
    get(&node.file("eager", &format!("{file}.metadata"))).is(200);
}

#[test]
fn a_package_may_have_a_cool_down_of_its_own() {
    let upstream =
        Upstream::with([Release::new("ours", "1.0").seconds_old(80), Release::new("theirs", "1.0").seconds_old(80)]);
    let state = State::before(&upstream, "[packages.cooldown_for]\n\"pkg:pypi/ou*\" = \"0\"\n");
    let node = state.start();
    get(&node.file("ours", "ours-1.0-py3-none-any.whl")).is(200);
    get(&node.file("theirs", "theirs-1.0-py3-none-any.whl")).says("was published 1 minute ago");
}

#[test]
fn a_release_without_a_publish_time_waits_from_when_it_was_first_seen() {
    let upstream = Upstream::with([Release::new("timeless", "1.0").without_time()]);
    let state = State::with_cooldown(&upstream, "1m");
    let node = state.start();
    page(&node, "timeless").is(200);
    let file = node.file("timeless", "timeless-1.0-py3-none-any.whl");
    get(&file).says("first seen here").says("publish time: missing");
    wait_for("the end of the wait", Duration::from_secs(80), || (get(&file).status == 200).then_some(()));
}

#[test]
fn a_backdated_release_waits_from_when_it_was_first_seen() {
    let upstream = Upstream::with([Release::new("sly", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    page(&node, "sly").is(200);
    upstream.add(&Release::new("sly", "1.1").days_old(20));
    let answer = wait_for("the new release to be seen", Duration::from_secs(10), || {
        page(&node, "sly");
        let answer = get(&node.file("sly", "sly-1.1-py3-none-any.whl"));
        (answer.status != 404).then_some(answer)
    });
    let record = record_of(&state, &answer.says("first seen here").says("publish time: backdated"));
    assert_eq!(record["facts"]["publish_time"], "backdated", "{record}");
    assert_eq!(record["facts"]["counted_from"], "first-seen", "{record}");
    // What was there from the start keeps the upstream's clock.
    get(&node.file("sly", "sly-1.0-py3-none-any.whl")).is(200);
    // A restart does not forget.
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    get(&node.file("sly", "sly-1.1-py3-none-any.whl")).says("publish time: backdated");
}

#[test]
fn a_name_that_was_asked_for_in_vain_and_then_appears_with_an_old_time_waits() {
    let upstream = Upstream::with([Release::new("other", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let clients = Clients::get();
    clients.each(|client| {
        client.room().install(&node.index(), &["nosuch"]).fails();
    });
    page(&node, "nosuch").is(404);
    // A start in between does not forget.
    node.kill();
    let node = state.start();
    upstream.add(&Release::new("nosuch", "1.0").days_old(300));
    let answer = wait_for("the new project to be seen", Duration::from_secs(10), || {
        let answer = get(&node.file("nosuch", "nosuch-1.0-py3-none-any.whl"));
        (answer.status != 404).then_some(answer)
    });
    let record = record_of(&state, &answer.says("first seen here").says("publish time: backdated"));
    assert_eq!(record["facts"]["publish_time"], "backdated", "{record}");
    clients.each(|client| {
        let room = client.room();
        room.install(&node.index(), &["nosuch==1.0"]).fails().says("first seen here");
        assert_eq!(room.installed("nosuch"), None, "{}", client.name);
    });
    // A name that nobody asked for before is believed.
    upstream.add(&Release::new("unasked", "1.0").days_old(300));
    get(&node.file("unasked", "unasked-1.0-py3-none-any.whl")).is(200);
}

#[test]
fn a_publisher_who_moves_the_time_back_gains_nothing() {
    let upstream = Upstream::with([Release::new("mover", "1.0"), Release::new("mover", "2.0").seconds_old(600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("mover", "mover-2.0-py3-none-any.whl")).says("new releases wait");
    upstream.add(&Release::new("mover", "2.0").days_old(90));
    std::thread::sleep(Duration::from_millis(1500));
    page(&node, "mover").is(200);
    get(&node.file("mover", "mover-2.0-py3-none-any.whl")).says("new releases wait");
}
