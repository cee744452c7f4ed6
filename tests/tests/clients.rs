//! The matrix: client x (range, exact pin, lock with hashes) x (allowed, held, denied, gone), and the words a person
//! sees in each place, as far as each client shows any.

use fanlight_testkit::{Client, Clients, Node, Output, Release, State, Upstream};
use fanlight_tests::{published_an_hour_ago, records_of, refuse};

struct Scene {
    upstream: Upstream,
    node: Node,
    state: State,
    opens: String,
}

fn scene() -> Scene {
    let (published, opens) = published_an_hour_ago();
    let upstream = Upstream::with([
        Release::new("calm", "1.0").requires("calm-part"),
        Release::new("calm-part", "3.1").with_sdist(),
        Release::new("eager", "1.0"),
        Release::new("eager", "2.0").published(published),
        Release::new("badlib", "1.0"),
        Release::new("fading", "1.0"),
        Release::new("fading", "2.0"),
        Release::new("gone", "1.0"),
    ]);
    let state = State::before(&upstream, "");
    state.policy("company.cedar", &refuse("badlib"));
    let node = state.start();
    Scene { upstream, node, state, opens }
}

impl Scene {
    fn lock(&self, project: &str, version: &str) -> String {
        let hash = self.upstream.hash(project, &Release::new(project, version).wheel_name());
        format!("{project}=={version} --hash=sha256:{hash}\n")
    }
}

fn holds_words(scene: &Scene, said: Output) {
    said.fails()
        .says(&format!("until {}", scene.opens))
        .says("eager 2.0 was published")
        .says("new releases wait 7 days here")
        .says("Use 1.0 instead")
        .says("fanlight why eager");
}

fn denies_words(said: Output) {
    said.fails().says("badlib is not used here: security withdrew it").says("use goodlib instead");
}

fn allowed(scene: &Scene, client: &Client) {
    let room = client.room();
    room.install(&scene.node.index(), &["calm>=1"]).ok();
    assert_eq!(room.installed("calm-part").as_deref(), Some("3.1"), "{}", client.name);
    room.clear();
    room.install(&scene.node.index(), &["calm==1.0"]).ok();
    room.clear();
    let lock = scene.lock("calm", "1.0") + &scene.lock("calm-part", "3.1");
    room.install_locked(&scene.node.index(), &lock).ok();
    room.clear();
    room.sync(&scene.node.index(), &lock).ok();
    assert_eq!(room.installed("calm").as_deref(), Some("1.0"), "{}", client.name);
}

fn held(scene: &Scene, client: &Client) {
    let room = client.room();
    // The older release, without a word about the newer one.
    let range = room.install(&scene.node.index(), &["eager>=1"]).ok();
    range.keeps_quiet_about("yanked").keeps_quiet_about("wait").keeps_quiet_about("warning");
    assert_eq!(room.installed("eager").as_deref(), Some("1.0"), "{}", client.name);
    room.clear();
    holds_words(scene, room.install(&scene.node.index(), &["eager==2.0"]));
    holds_words(scene, room.install_locked(&scene.node.index(), &scene.lock("eager", "2.0")));
    holds_words(scene, room.sync(&scene.node.index(), &scene.lock("eager", "2.0")));
    assert_eq!(room.installed("eager"), None, "{}", client.name);
}

fn denied(scene: &Scene, client: &Client) {
    let room = client.room();
    // In a range pip never tells why it left a release out; uv repeats the reason the index gives.
    let range = room.install(&scene.node.index(), &["badlib"]).fails();
    if client.is_pip() {
        range.says("No matching distribution found for badlib");
    } else {
        range.says("badlib is not used here: security withdrew it");
    }
    denies_words(room.install(&scene.node.index(), &["badlib==1.0"]));
    denies_words(room.install_locked(&scene.node.index(), &scene.lock("badlib", "1.0")));
    denies_words(room.sync(&scene.node.index(), &scene.lock("badlib", "1.0")));
    assert_eq!(room.installed("badlib"), None, "{}", client.name);
}

/// Gone before this client came: a project taken away, and one release of a project that stays.
fn gone(scene: &Scene, client: &Client, locks: &[String; 2]) {
    let room = client.room();
    let words = if client.is_pip() { "No matching distribution found for gone" } else { "gone was not found" };
    room.install(&scene.node.index(), &["gone"]).fails().says(words);
    room.install(&scene.node.index(), &["gone==1.0"]).fails().says(words);
    room.install_locked(&scene.node.index(), &locks[0]).fails().says(words);
    room.install(&scene.node.index(), &["fading"]).ok();
    assert_eq!(room.installed("fading").as_deref(), Some("1.0"), "{}", client.name);
    let words =
        if client.is_pip() { "No matching distribution found for fading==2.0" } else { "no version of fading==2.0" };
    room.install(&scene.node.index(), &["fading==2.0"]).fails().says(words);
    room.install_locked(&scene.node.index(), &locks[1]).fails().says(words);
    room.sync(&scene.node.index(), &locks[1]).fails().says(words);
}

#[test]
fn every_client_gets_what_is_allowed_and_is_told_why_not() {
    let scene = scene();
    // The node has seen what goes away, so that nothing of it may linger.
    fanlight_tests::page(&scene.node, "gone").is(200);
    fanlight_tests::page(&scene.node, "fading").is(200);
    let locks = [scene.lock("gone", "1.0"), scene.lock("fading", "2.0")];
    scene.upstream.remove_project("gone");
    scene.upstream.remove("fading", "2.0");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    Clients::get().each(|client| {
        allowed(&scene, client);
        held(&scene, client);
        denied(&scene, client);
        gone(&scene, client, &locks);
    });
    scene.node.is_healthy();
    scene.state.cli(&["ledger", "verify"]).ok();
}

/// PEP 658: a resolver that looks at several releases fetches their metadata, and of the archives only the one that it takes.
#[test]
fn a_resolution_fetches_metadata_and_no_archive_that_is_not_taken() {
    let upstream = Upstream::with([
        Release::new("part", "1.0"),
        Release::new("whole", "1.0").requires("part"),
        Release::new("whole", "2.0").requires("part>=2"),
        Release::new("whole", "3.0").requires("part>=3"),
    ]);
    for client in Clients::get().all() {
        let state = State::before(&upstream, "");
        let node = state.start();
        let room = client.room();
        room.install(&node.index(), &["whole"]).ok();
        assert_eq!(room.installed("whole").as_deref(), Some("1.0"), "{}", client.name);
        let of = |action: &str| -> Vec<String> {
            let records = records_of(&state, action);
            let mut on: Vec<_> =
                records.iter().filter_map(|record| record["on"]["id"].as_str().map(str::to_owned)).collect();
            on.sort();
            on.dedup();
            on
        };
        let looked_at = of("packages:fetch-metadata");
        for version in ["1.0", "2.0", "3.0"] {
            assert!(looked_at.contains(&format!("pkg:pypi/whole@{version}")), "{}: {looked_at:?}", client.name);
        }
        assert_eq!(of("packages:fetch-file"), ["pkg:pypi/part@1.0", "pkg:pypi/whole@1.0"], "{}", client.name);
    }
}
