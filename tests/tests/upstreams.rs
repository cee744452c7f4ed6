//! Several upstreams of a door: whose own names are asked where, which upstream a project comes from, and that a stranger who
//! registers a name, or keeps an upstream from answering, puts nothing in its place.

use fanlight_testkit::clients::{JsClient, JsKind};
use fanlight_testkit::{Clients, CrateRelease, Fault, Node, NpmRelease, Release, Request, State, Upstream, get};
use fanlight_tests::{CargoRoom, page, record_of, records_of};
use serde_json::Value;

/// The company's own upstream with a login, and after it a public one on which a stranger publishes.
struct Scene {
    own: Upstream,
    open: Upstream,
    state: State,
}

/// What a stranger publishes under a name of the company's.
const LURE: &str = "99.0.0";

impl Scene {
    fn new() -> Self {
        let (own, open) = (Upstream::start(), Upstream::start());
        let state = State::with_config(&settings(&own, &open));
        Self { own, open, state }
    }

    /// Published in all three ecosystems; `npm` is its name there.
    fn publish(upstream: &Upstream, name: &str, npm: &str, version: &str) {
        upstream.add(&Release::new(name, version));
        upstream.add_npm(&NpmRelease::new(npm, version));
        upstream.add_crate(&CrateRelease::new(name, version));
    }

    /// What the public upstream was asked about a name.
    fn asked_in_public(&self, name: &str) -> Vec<String> {
        self.open.seen().into_iter().map(|seen| seen.path).filter(|path| path.contains(name)).collect()
    }
}

fn settings(own: &Upstream, open: &Upstream) -> String {
    let door = |door: &str, of: fn(&Upstream) -> String| {
        let own = of(own).replace("http://", "http://builder:hush@");
        format!("[packages.{door}]\nupstream = [{{ url = \"{own}\", private = true }}, \"{}\"]\n", of(open))
    };
    format!(
        "[packages]\nrefresh = \"1s\"\ncooldown = \"7d\"\nprivate = [\"acme-*\", \"@acme/*\"]\n{}{}{}",
        door("pypi", Upstream::simple_url),
        door("npm", Upstream::npm_url),
        door("cargo", Upstream::cargo_url),
    )
}

fn index(node: &Node) -> String {
    format!("{}/cargo/", node.url())
}

#[test]
fn a_private_name_comes_from_the_company_s_own_upstream_whatever_a_stranger_publishes() {
    let scene = Scene::new();
    Scene::publish(&scene.own, "acme-tool", "@acme/tool", "1.0.0");
    Scene::publish(&scene.open, "acme-tool", "@acme/tool", LURE);
    Scene::publish(&scene.open, "public", "public", "2.0.0");
    let node = scene.state.start();
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&node.index(), &["Acme_Tool"]).ok();
        assert_eq!(room.installed("acme-tool").as_deref(), Some("1.0.0"), "{}", client.name);
        room.install(&node.index(), &[&format!("acme-tool=={LURE}")]).fails();
        room.install(&node.index(), &["public"]).ok();
    }
    for client in JsClient::all() {
        let room = client.room(&node.registry());
        room.add("@acme/tool").ok();
        assert_eq!(room.installed("@acme/tool").as_deref(), Some("1.0.0"), "{}", client.name);
        room.add(&format!("@acme/tool@{LURE}")).fails();
        room.add("public").ok();
    }
    let room = CargoRoom::new("acme-tool = \"*\"\npublic = \"*\"", &index(&node));
    room.cargo(&["fetch"]).ok();
    assert!(room.locks("acme-tool", "1.0.0"), "{}", room.lock());

    assert_eq!(scene.asked_in_public("acme"), [""; 0], "nobody outside learns the name");
    // Each login stays where it belongs, also where files are fetched.
    assert!(scene.open.seen().iter().all(|seen| seen.authorization.is_empty()), "{:?}", scene.open.seen());
    assert!(scene.own.seen().iter().all(|seen| seen.authorization.starts_with("Basic ")), "{:?}", scene.own.seen());
    // The record says where it came from, without the login.
    let fetched = records_of(&scene.state, "packages:fetch-file");
    let of = |release: &str| fetched.iter().find(|record| record["on"]["id"] == release).expect("a record");
    let own = of("pkg:pypi/acme-tool@1.0.0");
    assert_eq!(
        (&own["facts"]["upstream"], &own["facts"]["private_upstream"]),
        (&scene.own.simple_url().into(), &true.into())
    );
    assert_eq!(of("pkg:npm/public@2.0.0")["facts"]["upstream"], scene.open.npm_url().as_str());
    scene.state.cli(&["status"]).ok().says("private").keeps_quiet_about("hush");
}

#[test]
fn a_private_name_that_no_private_upstream_has_is_refused_in_words_and_asked_nowhere_else() {
    let scene = Scene::new();
    Scene::publish(&scene.open, "acme-ghost", "@acme/ghost", LURE);
    let node = scene.state.start();
    let words = "is a private name here (acme-* in packages.private), and no private upstream has it";
    for client in Clients::get().all() {
        let said = client.room().install(&node.index(), &["acme-ghost"]).fails();
        if client.is_pip() {
            // It shows nothing of a page that is refused.
            said.says("No matching distribution found for acme-ghost");
        }
    }
    for client in JsClient::all() {
        let said = client.room(&node.registry()).add("@acme/ghost").fails();
        if matches!(client.kind, JsKind::Npm | JsKind::Yarn) {
            said.says("is a private name here (@acme/* in packages.private)").says("a public one is not asked for it");
        }
    }
    CargoRoom::new("acme-ghost = \"*\"", &index(&node)).cargo(&["fetch"]).fails().says(words);
    let refused = page(&node, "acme-ghost").is(403).says(words).says("take it out of packages.private");
    assert_eq!(record_of(&scene.state, &refused)["facts"]["upstream_state"], "absent");
    scene.state.cli(&["why", "acme-ghost"]).fails().says(words);
    assert_eq!(scene.asked_in_public("ghost"), [""; 0]);
}

#[test]
fn a_private_name_without_any_private_upstream_is_asked_nowhere() {
    let open = Upstream::start();
    Scene::publish(&open, "acme-tool", "@acme/tool", LURE);
    let state = State::before(&open, "");
    let node = state.start();
    page(&node, "acme-tool").is(200);
    drop(node);
    open.forget();
    // What was known before the name was reserved is not served either.
    let config = State::config(&open, "7d", "").replacen("[packages]\n", "[packages]\nprivate = [\"acme-*\"]\n", 1);
    state.configure(&config);
    let node = state.start();
    let told = page(&node, "acme-tool").is(403).says("no private upstream is set, so nobody is asked for it");
    told.says("packages.pypi.upstream = [{ url");
    get(&node.file("acme-tool", "acme_tool-99.0.0-py3-none-any.whl")).is(403);
    assert!(open.seen().is_empty(), "{:?}", open.seen());
}

fn versions(node: &Node, project: &str) -> Value {
    page(node, project).is(200).json()["versions"].clone()
}

#[test]
fn a_project_comes_from_the_first_upstream_that_has_it_and_stays_there() {
    let scene = Scene::new();
    scene.open.add(&Release::new("common", "1.0"));
    scene.own.add(&Release::new("inner", "1.0"));
    let mut node = scene.state.start();
    for _ in 0..2 {
        assert_eq!(versions(&node, "common"), serde_json::json!(["1.0"]));
        assert_eq!(versions(&node, "inner"), serde_json::json!(["1.0"]));
        assert!(scene.asked_in_public("inner").is_empty(), "the first that has it is enough");
        // Somebody publishes under that name elsewhere: nothing changes, in this run and after a start.
        scene.open.add(&Release::new("inner", "99.0"));
        scene.own.add(&Release::new("common", "99.0"));
        scene.own.forget();
        std::thread::sleep(std::time::Duration::from_millis(1200));
        assert_eq!(versions(&node, "common"), serde_json::json!(["1.0"]));
        assert_eq!(versions(&node, "inner"), serde_json::json!(["1.0"]));
        assert_eq!(scene.own.count("/simple/common/"), 0, "it is known where it comes from");
        drop(node);
        node = scene.state.start();
    }
    // Where it comes from it is taken away: then it is gone, and nobody else takes its place.
    scene.own.remove_project("inner");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    page(&node, "inner").is(404).says("has no project");
    assert!(scene.asked_in_public("inner").is_empty());
}

#[test]
fn an_upstream_that_fails_is_not_passed_over_for_the_next() {
    let scene = Scene::new();
    scene.open.add(&Release::new("inner", LURE));
    scene.open.add(&Release::new("common", "1.0"));
    scene.own.add(&Release::new("inner", "1.0"));
    let node = scene.state.start();
    versions(&node, "common");
    let path = "/simple/inner/";
    for (fault, status) in [
        (Fault::Status(503), 502),
        (Fault::Status(403), 403),
        (Fault::Refused(451, "blocked"), 403),
        (Fault::CutAfter(3), 502),
        (Fault::Bytes("<html><form><input type=password></form></html>".into()), 502),
    ] {
        scene.own.fault(path, fault.clone());
        // Longer than a failed upstream is left alone.
        std::thread::sleep(std::time::Duration::from_millis(1200));
        let answer = Request::get(&node.page("inner")).send();
        assert_eq!(answer.status, status, "{fault:?}: {answer:?}");
        assert!(scene.asked_in_public("inner").is_empty(), "{fault:?}");
    }
    scene.own.stop();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    page(&node, "inner").is(502);
    assert!(scene.asked_in_public("inner").is_empty());
    // What comes from the other goes on.
    assert_eq!(versions(&node, "common"), serde_json::json!(["1.0"]));
    // Well again, and it says that it has none: only now the next is asked.
    scene.own.remove_project("inner");
    scene.own.heal(path);
    scene.own.restart();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert_eq!(versions(&node, "inner"), serde_json::json!([LURE]));
}
