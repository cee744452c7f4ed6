//! Advisories: what is malicious is stopped at once and everywhere, what is critical is held, a fix passes, and a feed
//! that is not well takes nothing away.

use std::time::{Duration, Instant};

use fanlight_testkit::{
    Advisory, Clients, Fault, Injection, Node, Release, Request, State, Upstream, advisory, get, wait_for,
};
use fanlight_tests::{listed, record_of, records_of};

/// A node before `upstream` that reads its feed of advisories from the folder beside its state, and VEX documents from
/// another one.
fn state(upstream: &Upstream, records: &[Advisory]) -> State {
    let state = State::before(upstream, "");
    state.advise(&Advisory::new("PYSEC-2026-1", "unrelated"));
    records.iter().for_each(|record| state.advise(record));
    let settings = format!(
        "[advisories]\nsources = [{:?}]\nvex = [{:?}]\n",
        state.feed().display().to_string(),
        state.home().join("vex").display().to_string()
    );
    std::fs::create_dir_all(state.home().join("vex")).expect("a folder for VEX documents");
    state.configure(&State::config(upstream, "7d", &settings));
    state
}

fn wheel(node: &Node, project: &str, version: &str) -> String {
    node.file(project, &format!("{project}-{version}-py3-none-any.whl"))
}

#[test]
fn what_is_malicious_is_denied_at_once_also_from_the_cache_and_by_hash_and_who_has_it_is_told() {
    let upstream = Upstream::with([Release::new("evil", "1.0"), Release::new("evil", "1.1").days_old(20)]);
    let state = state(&upstream, &[]);
    let node = state.start();
    let lock = format!("evil==1.1 --hash=sha256:{}\n", upstream.hash("evil", "evil-1.1-py3-none-any.whl"));
    let clients = Clients::get();
    let rooms: Vec<_> = clients.all().map(|client| (client, client.room())).collect();
    for (_, room) in &rooms {
        room.install_locked(&node.index(), &lock).ok();
    }
    state.cli(&["who", "MAL-2026-7"]).exits(1).says("No feed of advisories here knows MAL-2026-7");
    state.advise(
        &Advisory::new("MAL-2026-7", "evil").since("1.1").alias("GHSA-aaaa-bbbb-cccc").summary("steals tokens"),
    );
    // The answer comes when it counts.
    state.cli(&["advisories", "refresh"]).ok().says("pkg:pypi/evil@1.1").says("MAL-2026-7").says("steals tokens");
    let refused = get(&wheel(&node, "evil", "1.1")).is(403);
    assert!(refused.reason.contains("evil 1.1 is malicious (MAL-2026-7: steals tokens)"), "{}", refused.reason);
    assert!(refused.reason.contains("Use 1.0 instead"), "{}", refused.reason);
    let record = record_of(&state, &refused);
    assert_eq!(
        (&record["decision"]["outcome"], &record["decision"]["policies"][0]),
        (&"deny".into(), &"malicious".into())
    );
    get(&format!("{}.metadata", wheel(&node, "evil", "1.1"))).is(403);
    for (client, room) in &rooms {
        room.clear();
        room.install_locked(&node.index(), &lock).fails().says("MAL-2026-7").says("Use 1.0 instead");
        room.install(&node.index(), &["evil==1.1"]).fails().says("is malicious");
        room.install(&node.index(), &["evil"]).ok();
        assert_eq!(room.installed("evil").as_deref(), Some("1.0"), "{}", client.name);
    }
    // Told without being asked: in the log, in the ledger, in the status. Once.
    state.cli(&["advisories", "refresh"]).ok();
    let hits = records_of(&state, "packages:advisory-hit");
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(
        (&hits[0]["on"]["id"], &hits[0]["facts"]["advisory"]),
        (&"pkg:pypi/evil@1.1".into(), &"MAL-2026-7".into())
    );
    assert_eq!(hits[0]["facts"]["unidentified"], true);
    assert!(node.stderr().contains("is malicious; `fanlight who MAL-2026-7`"), "{}", node.stderr());
    state.cli(&["status"]).ok().says("1 malicious release received here");
    // Under each of its ids.
    for id in ["MAL-2026-7", "ghsa-aaaa-bbbb-cccc"] {
        let who = state.cli(&["who", id, "--json"]).ok().json();
        assert_eq!(who["advisory"]["releases"], serde_json::json!(["pkg:pypi/evil@1.1"]), "{who}");
        assert!(who["fetched"].as_array().is_some_and(|all| !all.is_empty()), "{who}");
        assert!(who["refused"].as_array().is_some_and(|all| !all.is_empty()), "{who}");
    }
    state.cli(&["who", "MAL-2026-7"]).ok().says("steals tokens").says("evil-1.1-py3-none-any.whl");
    state.cli(&["why", "evil==1.1"]).ok().says("MAL-2026-7").says("https://advisories.example/MAL-2026-7");
    node.is_healthy();
}

#[test]
fn people_and_machines_who_have_what_is_malicious_are_counted() {
    let upstream = Upstream::with([Release::new("evil", "1.0")]);
    let state = state(&upstream, &[]);
    let node = state.start();
    state.cli(&["use", "pip", "--person", "asha"]).ok();
    let pip = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let token = &pip[pip.find("flk_").expect("a token in pip's settings")..];
    let token: String = token.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    Request::get(&wheel(&node, "evil", "1.0")).basic("asha", &token).send().is(200);
    state.advise(&Advisory::new("MAL-2026-8", "evil"));
    let shown = state.cli(&["advisories", "refresh", "--json"]).ok().json();
    let hit = &shown["hits"][0];
    assert_eq!(
        (&hit["people"], &hit["machines"], &hit["unidentified"]),
        (&1.into(), &1.into(), &false.into()),
        "{shown}"
    );
    state.cli(&["who", "MAL-2026-8"]).ok().says("asha");
    // No release is left to use instead.
    let reason = get(&wheel(&node, "evil", "1.0")).is(403).reason;
    assert!(reason.contains("Use another package"), "{reason}");
    // Taken back by its database: open again, and the notice says so.
    state.advise(&Advisory::new("MAL-2026-8", "evil").withdrawn().changed_on(2));
    state.cli(&["advisories", "refresh"]).ok().says("taken back since");
    get(&wheel(&node, "evil", "1.0")).is(200);
}

#[test]
fn what_is_malicious_and_seen_to_is_no_news_any_more_and_the_line_in_the_sand_is_by_advisory_too() {
    let upstream = Upstream::with([Release::new("evil", "1.0"), Release::new("fine", "1.0")]);
    let state = state(&upstream, &[]);
    let node = state.start();
    get(&wheel(&node, "evil", "1.0")).is(200);
    get(&wheel(&node, "fine", "1.0")).is(200);
    state.advise(&Advisory::new("MAL-2026-8", "evil").alias("GHSA-aaaa-bbbb-cccc"));
    state.cli(&["advisories", "refresh"]).ok().says("fanlight advisories acknowledge MAL-2026-8");
    state.cli(&["status"]).ok().says("1 malicious release received here");
    let seen_to = |id: &str, words: &str| state.cli(&["advisories", "acknowledge", id, "--because", words]);
    seen_to("PYSEC-2026-1", "nothing").exits(1).says("Nothing that PYSEC-2026-1 calls malicious was received here");
    seen_to("GHSA-aaaa-bbbb-cccc", "taken off both machines").ok().says("and seen to").says("tester");
    seen_to("MAL-2026-8", "again").ok().says("taken off both machines").keeps_quiet_about("again");
    state.cli(&["status"]).ok().keeps_quiet_about("malicious release");
    let hit = &state.cli(&["advisories", "status", "--json"]).ok().json()["hits"][0];
    assert_eq!((&hit["seen"]["by"], &hit["seen"]["because"]), (&"tester".into(), &"taken off both machines".into()));
    let records = records_of(&state, "console:acknowledge");
    assert_eq!(records[1]["facts"]["advisory"], "GHSA-aaaa-bbbb-cccc", "{records:?}");
    assert_eq!(records[1]["facts"]["because"], "taken off both machines", "{records:?}");
    // Since a time, and not of what else was fetched.
    let since = |id: &str, time: &str| state.cli(&["who", id, "--since", time]);
    since("GHSA-aaaa-bbbb-cccc", "1h")
        .ok()
        .says("pkg:pypi/evil@1.0")
        .keeps_quiet_about("fine")
        .says("1 file, by 1 caller");
    state
        .cli(&["who", "MAL-2026-8", "--since", "2h", "--until", "2020-01-01"])
        .exits(1)
        .says("Nobody received anything");
    since("PYSEC-2026-1", "1h").exits(1).says("Nobody received anything");
    since("CVE-2026-9999", "1h").exits(1).says("No feed of advisories here knows CVE-2026-9999");
    let asked = records_of(&state, "console:read-people");
    assert!(asked.iter().any(|record| record["facts"]["advisory"] == "MAL-2026-8"), "{asked:?}");
}

#[test]
fn who_has_what_an_advisory_is_about_is_told_once_however_its_version_is_written() {
    let upstream = Upstream::with([Release::new("spelled", "1.0.0")]);
    let state = state(&upstream, &[]);
    let node = state.start();
    get(&wheel(&node, "spelled", "1.0.0")).is(200);
    assert_eq!(node.stop(), Some(0));
    // Another upstream writes the same version shorter, and so do the records from then on.
    let other = Upstream::with([Release::new("spelled", "1.0").only_sdist()]);
    let settings = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(&other, "0s", &settings));
    let node = state.start();
    wait_for("the other upstream's page", Duration::from_secs(10), || {
        (get(&node.file("spelled", "spelled-1.0.tar.gz")).status == 200).then_some(())
    });
    state.advise(&Advisory::new("GHSA-aaaa-bbbb-cccc", "spelled"));
    state.cli(&["advisories", "refresh"]).ok();
    let who = state.cli(&["who", "GHSA-aaaa-bbbb-cccc", "--json"]).ok().json();
    let of: Vec<_> = who["fetched"].as_array().expect("rows").iter().map(|row| row["release"].as_str()).collect();
    assert_eq!(of, [Some("pkg:pypi/spelled@1.0"), Some("pkg:pypi/spelled@1.0.0")], "{who}");
}

#[test]
fn a_critical_flaw_is_held_where_there_is_something_better_and_else_told() {
    let upstream = Upstream::with([
        Release::new("holey", "1.0").days_old(60),
        Release::new("holey", "2.0").days_old(30),
        Release::new("lonely", "1.0").days_old(60),
        Release::new("mild", "1.0").days_old(60),
        Release::new("mild", "2.0").days_old(30),
    ]);
    let records = [
        Advisory::new("GHSA-hhhh-0000-0001", "holey").fixed("2.0").critical().summary("anybody can run code in it"),
        Advisory::new("GHSA-hhhh-0000-0002", "lonely").critical(),
        Advisory::new("GHSA-hhhh-0000-0003", "mild").fixed("2.0").medium(),
    ];
    let state = state(&upstream, &records);
    let node = state.start();
    let held = get(&wheel(&node, "holey", "1.0")).is(403);
    assert!(held.reason.starts_with("Held for review: holey 1.0 has a critical flaw"), "{}", held.reason);
    assert!(held.reason.contains("GHSA-hhhh-0000-0001: anybody can run code in it"), "{}", held.reason);
    assert!(held.reason.contains("Use 2.0 instead"), "{}", held.reason);
    let facts = &record_of(&state, &held)["facts"];
    assert_eq!(
        (&facts["severity"], &facts["score_tenths"], &facts["fixed_in"]),
        (&"critical".into(), &98.into(), &"2.0".into())
    );
    assert!(listed(&node, "holey", "holey-1.0-py3-none-any.whl")["yanked"].is_string());
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["holey==1.0"]).fails().says("GHSA-hhhh-0000-0001");
        room.install(&node.index(), &["holey", "lonely", "mild==1.0"]).ok();
        assert_eq!(room.installed("holey").as_deref(), Some("2.0"), "{}", client.name);
    });
    state.cli(&["why", "lonely==1.0"]).ok().says("is allowed").says("critical (9.8)").says("GHSA-hhhh-0000-0002");
    state.cli(&["why", "mild==1.0"]).ok().says("is allowed").says("medium").says("2.0");
    let why = state.cli(&["why", "holey", "--json"]).ok().json();
    assert_eq!(why["releases"][0]["fixes"], serde_json::json!(["GHSA-hhhh-0000-0001"]), "{why}");
}

#[test]
fn a_fix_passes_the_cool_down_and_nothing_else_does() {
    let hour = 3600;
    let upstream = Upstream::with([
        Release::new("holey", "1.0").days_old(60),
        Release::new("holey", "1.1").seconds_old(hour),
        Release::new("holey", "1.2").seconds_old(hour),
        // Its advisory is the publisher's own, which nobody has looked at.
        Release::new("own", "1.0").days_old(60),
        Release::new("own", "1.1").seconds_old(hour),
        // What one gets without the fix is not affected.
        Release::new("calm", "1.0").days_old(60),
        Release::new("calm", "2.0").days_old(30),
        Release::new("calm", "2.1").seconds_old(hour),
    ]);
    let records = [
        Advisory::new("GHSA-ffff-0000-0001", "holey").fixed("1.1").critical(),
        Advisory::new("GHSA-ffff-0000-0002", "own").fixed("1.1").critical().reviewed(false),
        Advisory::new("GHSA-ffff-0000-0003", "calm").fixed("2.0").critical(),
    ];
    let state = state(&upstream, &records);
    let node = state.start();
    let passed = get(&wheel(&node, "holey", "1.1")).is(200);
    let facts = &record_of(&state, &passed)["facts"];
    assert_eq!((&facts["fixes"], &facts["replaces"]), (&"GHSA-ffff-0000-0001".into(), &"1.0".into()), "{facts}");
    assert_eq!((&facts["replaces_affected"], &facts["provenance_weaker"]), (&true.into(), &false.into()), "{facts}");
    for (project, version) in [("holey", "1.2"), ("own", "1.1"), ("calm", "2.1")] {
        get(&wheel(&node, project, version)).says("new releases wait 7 days here");
    }
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["holey"]).ok();
        assert_eq!(room.installed("holey").as_deref(), Some("1.1"), "{}", client.name);
        room.install(&node.index(), &["holey==1.0"]).fails().says("Use 1.1 instead");
    });
    // A company that does not want that says so in a policy of its own.
    state.policy(
        "company.cedar",
        "@id(\"fixes-wait-too\")\n@outcome(\"hold\")\n@reason(\"{project} {version} is new, and fixes wait here, too\")\n\
         @until(\"available_at\")\n\
         forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\n\
         when { context.age_minutes < context.cooldown_minutes };\n",
    );
    wait_for("the company's policy", Duration::from_secs(5), || {
        (get(&wheel(&node, "holey", "1.1")).status == 403).then_some(())
    });
}

#[test]
fn vex_takes_a_flaw_back_and_never_malice() {
    let upstream = Upstream::with([
        Release::new("holey", "1.0").days_old(60),
        Release::new("holey", "2.0").days_old(30),
        Release::new("evil", "1.0"),
    ]);
    let records = [
        Advisory::new("GHSA-vvvv-0000-0001", "holey").fixed("2.0").critical().alias("CVE-2026-1"),
        Advisory::new("MAL-2026-9", "evil"),
    ];
    let state = state(&upstream, &records);
    let node = state.start();
    get(&wheel(&node, "holey", "1.0")).is(403);
    let vex = |name: &str, text: &str| std::fs::write(state.home().join("vex").join(name), text).expect("a document");
    vex("a.json", &advisory::not_affected("CVE-2026-1", "pkg:pypi/holey@1.0"));
    vex("b.json", &advisory::not_affected("MAL-2026-9", "pkg:pypi/evil@1.0"));
    state.cli(&["advisories", "refresh"]).ok().says("VEX documents");
    let passed = get(&wheel(&node, "holey", "1.0")).is(200);
    let facts = &record_of(&state, &passed)["facts"];
    assert_eq!((&facts["severity"], &facts["vex_not_affected"]), (&"critical".into(), &"GHSA-vvvv-0000-0001".into()));
    assert!(facts["severity_after_vex"].is_null(), "{facts}");
    get(&wheel(&node, "evil", "1.0")).is(403).says("MAL-2026-9");
    state.cli(&["why", "holey==1.0"]).ok().says("security@acme.example").says("vulnerable_code_not_in_execute_path");
    // A document that is broken now is known as it was, and the fault is told.
    vex("a.json", "{");
    state.cli(&["advisories", "refresh"]).exits(1).says("a.json");
    get(&wheel(&node, "holey", "1.0")).is(200);
    std::fs::remove_file(state.home().join("vex/a.json")).expect("a document");
    state.cli(&["advisories", "refresh"]).ok();
    get(&wheel(&node, "holey", "1.0")).is(403);
}

#[test]
fn a_feed_that_is_down_or_broken_takes_nothing_away_and_a_start_without_it_knows_all() {
    let upstream = Upstream::with([Release::new("evil", "1.0"), Release::new("worse", "1.0")]);
    let evil = Advisory::new("MAL-2026-10", "evil");
    upstream.put_feed("all", advisory::feed([&evil]));
    let state = State::before(&upstream, "");
    let settings = format!("[advisories]\nsources = [{:?}]\nrefresh = \"1h\"\n", upstream.feed_url("all"));
    state.configure(&State::config(&upstream, "7d", &settings));
    let node = state.start();
    let denied = |node: &Node| get(&wheel(node, "evil", "1.0")).is(403).says("MAL-2026-10");
    denied(&node);
    state.cli(&["advisories", "status"]).ok().says("good").says(&upstream.feed_url("all"));
    // Asked only whether it has changed.
    state.cli(&["advisories", "refresh"]).ok();
    let path = "/feeds/all.zip";
    assert!(upstream.seen().iter().any(|seen| seen.path == path && seen.conditional && seen.status == 304));
    // It has something new, which does not come through.
    upstream.put_feed("all", advisory::feed([&evil, &Advisory::new("MAL-2026-11", "worse")]));
    for (fault, word) in [
        (Fault::Status(503), "unreachable"),
        (Fault::CutAfter(30), "unreachable"),
        (Fault::Bytes("no archive".into()), "malformed"),
        (Fault::Bytes(advisory::feed([])), "malformed"),
    ] {
        upstream.fault(path, fault);
        state.cli(&["advisories", "refresh"]).exits(1).says(word).says("what is known of it stays");
        denied(&node);
    }
    state.cli(&["status"]).ok().says(&format!("{} is malformed", upstream.feed_url("all")));
    let refused = records_of(&state, "node:advisories-refused");
    assert!(refused.len() >= 3 && refused.iter().all(|record| record["facts"]["fault"].is_string()), "{refused:?}");
    // Without the feed, a start knows what was read; and what is broken never came in.
    assert_eq!(node.stop(), Some(0));
    upstream.fault(path, Fault::Status(500));
    let node = state.start();
    denied(&node);
    let shown = state.cli(&["advisories", "status", "--json"]).exits(1).json();
    assert_eq!((&shown["records"], &shown["feeds"][0]["state"]), (&1.into(), &"unreachable".into()), "{shown}");
    get(&wheel(&node, "worse", "1.0")).is(200);
    upstream.heal(path);
    state.cli(&["advisories", "refresh"]).ok().says("MAL-2026-11");
    get(&wheel(&node, "worse", "1.0")).is(403);
    let changed = records_of(&state, "node:advisories-changed");
    assert_eq!(changed.last().map(|record| &record["facts"]["new"]), Some(&1.into()), "{changed:?}");
}

#[test]
fn what_a_feed_says_does_not_count_after_a_crash_either_where_it_could_not_be_recorded() {
    let upstream = Upstream::with([Release::new("evil", "1.0"), Release::new("worse", "1.0")]);
    let evil = Advisory::new("MAL-2026-14", "evil");
    upstream.put_feed("all", advisory::feed([&evil]));
    let state = State::before(&upstream, "");
    let settings = format!("[advisories]\nsources = [{:?}]\nrefresh = \"1s\"\n", upstream.feed_url("all"));
    state.configure(&State::config(&upstream, "7d", &settings));
    let node = state.start();
    get(&wheel(&node, "evil", "1.0")).is(403);
    let reads = || upstream.seen().iter().filter(|seen| seen.path == "/feeds/all.zip" && seen.status == 200).count();
    let before = reads();
    // The ledger's calls and not the database's, which would take what is new.
    let fault = Injection::fail(&node, "fdatasync", "EIO", &[]);
    upstream.put_feed("all", advisory::feed([&evil, &Advisory::new("MAL-2026-15", "worse")]));
    // Read twice: the first reading has ended by then.
    wait_for("the feed to be read", Duration::from_secs(60), || (reads() >= before + 2).then_some(()));
    node.kill();
    drop(fault);
    upstream.fault("/feeds/all.zip", Fault::Status(500));
    let node = state.start();
    get(&wheel(&node, "evil", "1.0")).is(403);
    get(&wheel(&node, "worse", "1.0")).is(200);
    // Whether its record stands is the disk's to say: one that was written and whose sync failed may have come down.
    upstream.heal("/feeds/all.zip");
    wait_for("the feed to count", Duration::from_secs(60), || {
        (get(&wheel(&node, "worse", "1.0")).status == 403).then_some(())
    });
}

#[test]
fn a_feed_that_hangs_does_not_keep_a_node_from_starting_and_feeds_are_read_by_themselves() {
    let upstream = Upstream::with([Release::new("evil", "1.0")]);
    upstream.put_feed("all", advisory::feed([&Advisory::new("MAL-2026-12", "evil")]));
    upstream.fault("/feeds/all.zip", Fault::StallAfter(10));
    let state = State::before(&upstream, "");
    let settings = format!("[advisories]\nsources = [{:?}]\nrefresh = \"1s\"\n", upstream.feed_url("all"));
    state.configure(&State::config(&upstream, "7d", &settings));
    let began = Instant::now();
    let node = state.start();
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    get(&wheel(&node, "evil", "1.0")).is(200);
    state.cli(&["advisories", "status"]).exits(1).says("not read yet");
    upstream.heal("/feeds/all.zip");
    // The reading that hangs is given up on in time, and the next one succeeds.
    wait_for("the feed to be read", Duration::from_secs(60), || {
        (get(&wheel(&node, "evil", "1.0")).status == 403).then_some(())
    });
    wait_for("who has it to be told", Duration::from_secs(10), || {
        (!records_of(&state, "packages:advisory-hit").is_empty()).then_some(())
    });
}

#[test]
fn a_feed_taken_out_of_the_settings_is_forgotten() {
    let upstream = Upstream::with([Release::new("evil", "1.0")]);
    let state = state(&upstream, &[Advisory::new("MAL-2026-13", "evil")]);
    let node = state.start();
    get(&wheel(&node, "evil", "1.0")).is(403);
    assert_eq!(node.stop(), Some(0));
    state.configure(&State::config(&upstream, "7d", ""));
    let node = state.start();
    get(&wheel(&node, "evil", "1.0")).is(200);
    state
        .cli(&["advisories", "status"])
        .ok()
        .says("No feed of advisories is in the settings")
        .says("advisories.sources");
}
