//! Held, asked for, granted, installed, over: with the real clients, from the first refusal to the exception's end.

use std::time::{Duration, Instant};

use fanlight_testkit::clients::{JsClient, JsKind};
use fanlight_testkit::{Clients, Node, NpmRelease, Output, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{Browser, published_an_hour_ago, records_of, refuse};
use serde_json::{Value, json};

const NEW: &str = "demo-2.0-py3-none-any.whl";
const BECAUSE: &str = "the fix of our outage is in it";

struct Scene {
    _upstream: Upstream,
    state: State,
    node: Node,
    /// When the holds end by themselves.
    opens: String,
    /// The token in asha's settings.
    token: String,
}

fn scene() -> Scene {
    let (published, opens) = published_an_hour_ago();
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").published(published),
        Release::new("badlib", "1.0"),
    ]);
    upstream.add_npm(&NpmRelease::new("eager", "1.0.0"));
    upstream.add_npm(&NpmRelease::new("eager", "2.0.0").published(published));
    let state = State::before(&upstream, "");
    let node = state.start();
    let token = use_as(&state, "pip", "asha");
    Scene { _upstream: upstream, state, node, opens, token }
}

/// Leads a client as somebody; gives the token that they have from now on.
fn use_as(state: &State, client: &str, person: &str) -> String {
    state.cli(&["use", client, "--person", person]).ok();
    let file = if client == "npm" { ".npmrc" } else { ".config/pip/pip.conf" };
    let text = std::fs::read_to_string(state.home().join(file)).expect("settings");
    let token = text.split("flk_").nth(1).and_then(|rest| rest.split(['@', '\n']).next()).expect("a token");
    format!("flk_{}", token.trim())
}

/// The index with a token in its address, as `fanlight use` writes it.
fn index(node: &Node, token: &str) -> String {
    node.index().replace("http://", &format!("http://asha:{token}@"))
}

fn fetch(node: &Node, token: &str) -> u16 {
    Request::get(&node.file("demo", NEW)).basic("asha", token).send().status
}

impl Scene {
    /// A command of the builder's, who has nothing but their client's settings.
    fn builder(&self, args: &[&str]) -> Output {
        self.state.bare(args).output()
    }

    fn ask(&self, what: &str) -> Output {
        self.builder(&["ask", what, "--because", BECAUSE])
    }

    /// Asks, and gives the request's id.
    fn asked(&self, what: &str) -> String {
        id(&self.builder(&["ask", what, "--because", BECAUSE, "--json"]).ok().json()["request"])
    }

    fn grant(&self, id: &str, more: &[&str]) -> Output {
        self.state.cli(&[&["requests", "grant", id, "--until", "1h"], more].concat())
    }
}

fn id(request: &Value) -> String {
    request["id"].as_str().unwrap_or_else(|| panic!("no id in {request}")).to_owned()
}

#[test]
fn from_the_first_refusal_to_the_installed_package_and_the_exceptions_end() {
    let scene = scene();
    let Scene { state, node, token, .. } = &scene;
    let clients: Vec<_> = Clients::get().all().collect();
    let (index, rooms) = (index(node, token), clients.iter().map(|client| client.room()).collect::<Vec<_>>());
    for room in &rooms {
        let refused = room.install(&index, &["demo==2.0"]).fails();
        let refused = refused.says(&format!("Held until {}", scene.opens)).says("new releases wait 7 days here");
        refused.says("Use 1.0 instead").says("or ask: fanlight ask demo==2.0");
        room.install(&index, &["demo"]).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("1.0"));
        room.clear();
    }
    scene.builder(&["why", "demo==2.0"]).ok().says("is held until").says("fanlight ask demo==2.0 --because");
    scene.builder(&["ask"]).ok().says("asked for nothing yet");
    let said = scene.ask("demo==2.0.0").ok().says("pkg:pypi/demo@2.0 is asked for").says("a reviewer will answer");
    said.says(&format!("held until {}", scene.opens))
        .says("Meanwhile you can have 1.0")
        .keeps_quiet_about("fanlight use");
    // Asking twice is asking once, and nobody sees what others ask.
    scene.ask("pkg:pypi/demo@2.0").ok().says("is asked for already");
    scene.builder(&["ask"]).ok().says("pkg:pypi/demo@2.0").says("waits").says("ask --withdraw req_");
    state.cli(&["ask"]).ok().says("asked for nothing yet");

    let listed = state.cli(&["requests"]).ok();
    let listed = listed.says("asha").says("pkg:pypi/demo@2.0").says("wait-and-see").says(BECAUSE);
    let request = listed.stdout.split_whitespace().find(|word| word.starts_with("req_")).expect("an id").to_owned();
    wait_for("the fetch to be told of", Duration::from_secs(5), || {
        (state.cli(&["who", "pkg:pypi/demo@1.0", "--json"]).code == Some(0)).then_some(())
    });
    let shown = state.cli(&["requests", "show", &request]).ok();
    let shown = shown.says(&format!("asha asks for pkg:pypi/demo@2.0: {BECAUSE}")).says("What stops it now");
    let shown = shown.says("by wait-and-see").says("1.0, the newest release of it that is allowed").says("nobody");
    let shown = shown.says("Policy wait-and-see (built-in/packages.cedar:").says("context.cooldown_minutes");
    shown.says("age_minutes").says("pkg:pypi/demo@1.0").says("1 caller").says("fanlight requests grant req_");

    let granted = state.cli(&["requests", "grant", &request, "--until", "12s", "--because", "looked at: a fix"]).ok();
    let ends = Instant::now() + Duration::from_secs(12);
    granted.says("passes for asha until").says("End it earlier with");
    let began = Instant::now();
    assert_eq!(fetch(node, token), 200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(get(&node.file("demo", NEW)).status, 403, "it is for asha alone");
    for room in &rooms {
        room.install(&index, &["demo==2.0"]).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("2.0"));
        room.clear();
    }
    let told = scene.builder(&["ask"]).ok().says("granted").says("looked at: a fix");
    told.keeps_quiet_about("ask --withdraw");

    std::thread::sleep(ends.saturating_duration_since(Instant::now()) + Duration::from_millis(900));
    assert_eq!(fetch(node, token), 403, "it has ended by itself");
    scene.builder(&["ask"]).ok().says("granted, ended");
    state.cli(&["requests"]).ok().says("No request waits");
    state.cli(&["requests", "list", "--all"]).ok().says("granted, ended");

    // All of it is on the record, the grant with the request it answers and without a name.
    let asks = records_of(state, "console:ask");
    assert_eq!((asks.len(), &asks[0]["facts"]["because"]), (2, &BECAUSE.into()), "{asks:?}");
    assert_eq!(
        (&asks[0]["on"]["id"], &asks[0]["facts"]["request"]),
        (&"pkg:pypi/demo@2.0".into(), &request.as_str().into())
    );
    assert_eq!(asks[0]["who"]["strength"], "device-token", "{}", asks[0]);
    let grant = records_of(state, "console:grant-request").pop().expect("a record of the grant");
    let facts = &grant["facts"];
    assert_eq!((&facts["request"], &facts["policies"]), (&request.as_str().into(), &"wait-and-see".into()), "{grant}");
    assert_eq!((&facts["own"], &facts["audience"]), (&false.into(), &asks[0]["who"]["id"]), "{grant}");
    let ended =
        wait_for("the end to be recorded", Duration::from_secs(5), || records_of(state, "node:exception-ended").pop());
    assert_eq!(ended["facts"]["exception"], facts["exception"], "{ended}");
}

#[test]
fn npm_is_told_how_to_ask_and_installs_what_is_granted() {
    let scene = scene();
    let Scene { state, node, .. } = &scene;
    let token = use_as(state, "npm", "asha");
    let Some(npm) = JsClient::all().iter().find(|client| client.kind == JsKind::Npm) else { return };
    let room = npm.room(&node.registry());
    let settings = room.read(".npmrc").unwrap_or_default();
    room.write(".npmrc", &format!("{settings}//{}/npm/:_authToken={token}\n", node.address()));
    let refused = room.add("eager@2.0.0").fails();
    refused.says(&format!("Held until {}", scene.opens)).says("or ask: fanlight ask pkg:npm/eager@2.0.0");
    let request = scene.asked("pkg:npm/eager@2.0.0");
    scene.grant(&request, &[]).ok().says("pkg:npm/eager@2.0.0 passes for asha");
    room.add("eager@2.0.0").ok();
    assert_eq!(room.installed("eager").as_deref(), Some("2.0.0"));
}

#[test]
fn a_request_is_refused_with_words_withdrawn_or_granted_to_all_who_wait() {
    let scene = scene();
    let Scene { state, node, token, .. } = &scene;
    let request = scene.asked("demo==2.0");
    state
        .cli(&["requests", "refuse", &request, "--because", "use 1.0 until Friday"])
        .ok()
        .says("asha, who will be told");
    let told = scene.builder(&["ask"]).ok().says("refused").says("use 1.0 until Friday");
    told.keeps_quiet_about("waits");
    state.cli(&["requests", "refuse", &request, "--because", "again"]).exits(1).says("was refused already");
    scene.grant(&request, &[]).exits(1).says("was refused already");
    assert_eq!(fetch(node, token), 403);
    // Another one can be asked, and taken back.
    let again = scene.asked("demo==2.0");
    assert_ne!(request, again);
    scene.builder(&["ask", "--withdraw", &again]).ok().says("not asked for any more");
    scene.builder(&["ask", "--withdraw", &again]).exits(1).says("No request of yours");
    scene.grant(&again, &[]).exits(1).says("taken back");

    let first = scene.asked("demo==2.0");
    let other = use_as(state, "pip", "bela");
    let second = scene.ask("demo==2.0").ok().says("1 other person waits");
    // Nobody takes back what is another's.
    scene.builder(&["ask", "--withdraw", &first]).exits(1).says("No request of yours");
    second.keeps_quiet_about("asha");
    state.cli(&["requests", "show", &first]).ok().says("bela").says("--for everybody answers all of them");
    let done = scene.grant(&first, &["--for", "everybody"]).ok();
    done.says("passes for everybody").says("the answer to 1 request beside");
    assert_eq!((fetch(node, &other), get(&node.file("demo", NEW)).status), (200, 200));
    state.cli(&["requests"]).ok().says("No request waits");
    scene.builder(&["ask"]).ok().says("granted").says(BECAUSE);
    // What came of earlier requests is told with the next one.
    assert_eq!(records_of(state, "console:grant-request").len(), 3);
}

#[test]
fn nobody_grants_their_own_and_who_is_not_known_cannot_ask() {
    let scene = scene();
    let Scene { state, node, .. } = &scene;
    let own = state.cli(&["ask", "demo==2.0", "--because", BECAUSE]).ok().says("fanlight use");
    drop(own);
    let listed = state.cli(&["requests", "list", "--json"]).ok().json();
    let own = id(&listed["requests"][0]);
    state.cli(&["requests", "show", &own]).ok().says("your own request");
    scene.grant(&own, &[]).exits(1).says("nobody grants their own").says("break-glass");
    // Nor by way of somebody else's.
    let other = scene.asked("demo==2.0");
    scene.grant(&other, &["--for", "everybody"]).exits(1).says("nobody grants their own");
    assert_eq!(get(&node.file("demo", NEW)).status, 403);
    scene.grant(&other, &[]).ok();
    assert_eq!(get(&node.file("demo", NEW)).status, 403);
    let refused: Vec<Value> = records_of(state, "console:grant-request");
    assert_eq!(refused[0]["decision"]["policies"][0], "another-grants", "{}", refused[0]);
    assert_eq!(refused.len(), 3);

    let url = |path: &str| format!("{}/v1/requests{path}", node.url());
    let body = format!("{{\"purl\": \"pkg:pypi/demo@2.0\", \"because\": \"{BECAUSE}\"}}");
    let nobody = Request::new("POST", &url("")).header("Content-Type", "application/json").body(body.as_bytes());
    nobody.send().is(401).says("obody knows who asks").says("fanlight use pip");
    // A device token asks, and answers nothing and reads nobody else's.
    let as_asha = |method: &str, path: &str| Request::new(method, &url(path)).basic("asha", &scene.token);
    as_asha("GET", "").send().is(403);
    let other = as_asha("GET", &format!("/{own}")).send().is(403).text();
    assert!(!other.contains(BECAUSE), "{other}");
    let grant = b"{\"seconds\": 3600, \"for\": \"everybody\"}";
    as_asha("POST", &format!("/{own}/grant")).body(grant).send().is(403);
    as_asha("POST", &format!("/{own}/grant")).body(b"{\"seconds\": 3600}").send().is(403);
    as_asha("POST", &format!("/{own}/refuse")).body(b"{\"because\": \"no\"}").send().is(403);
    as_asha("DELETE", &format!("/own/{own}")).send().is(404);
    as_asha("GET", "/own").send().is(200).says("demo");
}

#[test]
fn what_somebody_asked_for_who_left_is_granted_to_nobody() {
    let scene = scene();
    let request = scene.asked("demo==2.0");
    let waiting = || scene.state.cli(&["requests", "list", "--json"]).ok().json();
    assert_eq!(waiting()["requests"].as_array().expect("a list").len(), 1);
    Browser::first_steward(&scene.state, &scene.node, "kim");
    scene.state.cli(&["leaver", "asha"]).ok();
    assert_eq!(waiting()["requests"].as_array().expect("a list").len(), 0);
    scene.grant(&request, &[]).exits(1);
    scene.state.cli(&["requests", "show", &request]).ok().says("Who asked for it has left");
    assert!(
        records_of(&scene.state, "console:grant-request").iter().all(|record| record["facts"]["exception"].is_null())
    );
}

#[test]
fn only_what_is_stopped_and_may_be_lifted_can_be_asked_for() {
    let scene = scene();
    let Scene { state, .. } = &scene;
    scene.ask("demo==1.0").exits(1).says("Nothing stops pkg:pypi/demo@1.0 for you now");
    scene.ask("demo==77").exits(1).says("does not list").says("The newest that is allowed is 1.0");
    scene.ask("nosuch==1").exits(1);
    scene.ask("demo").exits(2).says("write its version");
    scene.ask("pkg:gem/rails@7").exits(2).says("no door");
    scene.builder(&["ask", "demo==2.0"]).exits(2).says("--because");
    scene.builder(&["ask", "demo==2.0", "--because", &"x".repeat(301)]).exits(2).says("300 characters");
    scene.builder(&["ask", "demo==2.0", "--because", "two\nlines"]).exits(2).says("one line");
    state.cli(&["quarantine", "badlib", "--because", "it reads tokens"]).ok();
    let never = scene.ask("badlib==1.0").exits(1).says("cannot be asked for").says("it reads tokens");
    never.says("no exception lifts what stops it");
    // Nor is it offered to be asked for.
    let refused = get(&scene.node.file("badlib", "badlib-1.0-py3-none-any.whl")).is(403).text();
    assert!(!refused.contains("fanlight ask"), "{refused}");
    state.cli(&["why", "badlib==1.0"]).ok().keeps_quiet_about("fanlight ask");
    state.cli(&["why", "demo==2.0"]).ok().says("fanlight ask demo==2.0 --because");
    // What comes between an ask and its answer counts.
    let request = scene.asked("demo==2.0");
    state.cli(&["quarantine", "demo==2.0", "--because", "found out meanwhile"]).ok();
    let shown = state.cli(&["requests", "show", &request]).ok();
    shown.says("No exception lifts what stops it now").says("found out meanwhile");
    scene.grant(&request, &[]).exits(1).says("No exception lifts").says("found out meanwhile");
    state.cli(&["requests", "grant", &request, "--until", "91d"]).exits(2).says("90 days");
    state.cli(&["requests", "grant", "req_none", "--until", "1h"]).exits(1).says("No request of that id");
    state.cli(&["requests", "show", "req_none"]).exits(1).says("No request of that id");
    assert!(
        state.cli(&["break-glass", "--list", "--json"]).ok().json()["exceptions"].as_array().is_some_and(Vec::is_empty)
    );
}

#[test]
fn one_person_asks_so_often_and_no_more() {
    let scene = scene();
    for _ in 0..30 {
        let request = scene.asked("demo==2.0");
        scene.builder(&["ask", "--withdraw", &request]).ok();
    }
    scene.ask("demo==2.0").exits(1).says("as often as may be").says("Ask again later");
    use_as(&scene.state, "pip", "bela");
    scene.ask("demo==2.0").ok();
}

#[test]
fn refusals_say_what_the_company_uses_instead() {
    let (published, _) = published_an_hour_ago();
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").published(published),
        Release::new("badlib", "1.0"),
        Release::new("fresh", "1.0").published(published),
    ]);
    let more = "[packages.alternatives]\n\"pkg:pypi/dem*\" = \"goodlib\"\nbadlib = \"newlib\"\nfresh = \"stale\"\n";
    let state = State::before(&upstream, more);
    state.policy("company.cedar", &refuse("badlib"));
    let node = state.start();
    for client in Clients::get().all() {
        let refused = client.room().install(&node.index(), &["demo==2.0"]).fails();
        refused.says("Use 1.0 or goodlib instead").says("fanlight why demo");
    }
    let file =
        |project: &str, version: &str| get(&node.file(project, &format!("{project}-{version}-py3-none-any.whl")));
    file("badlib", "1.0").is(403).says("use goodlib instead; here newlib is used instead");
    file("fresh", "1.0").is(403).says("Use stale instead");
    // It stops nothing by itself.
    file("demo", "1.0").is(200);
    state.cli(&["why", "demo==2.0"]).ok().says("Use 1.0 or goodlib instead");
    use_as(&state, "pip", "asha");
    let asked = state.bare(&["ask", "demo==2.0", "--because", BECAUSE, "--json"]).output().ok().json();
    assert_eq!(asked["instead"], "1.0 or goodlib", "{asked}");
    let shown = state.cli(&["requests", "show", &id(&asked["request"])]).ok();
    shown.says("goodlib, which the company uses instead of it");
    let refused = State::with_config("[packages.alternatives]\ndemo = \"one, or another\"\n");
    refused.cli(&["up", "--listen", "127.0.0.1:0"]).fails().says("has to be 1 to 80 bytes");
}

#[test]
fn a_grant_for_a_group_reaches_who_is_in_it_and_nobody_else() {
    let scene = scene();
    let first = scene.asked("demo==2.0");
    let (asha, bela) = (scene.token.clone(), use_as(&scene.state, "npm", "bela"));
    scene.grant(&first, &["--for", "group:finance"]).exits(1).says("Nobody is in a group of that name");
    scene.state.cli(&["people", "group", "bela", "add", "finance"]).ok();
    scene.grant(&first, &["--for", "group:finance"]).exits(1).says("not in the group finance");
    scene.state.cli(&["people", "group", "asha", "add", "finance"]).ok();
    scene.grant(&first, &["--for", "group:finance"]).ok().says("passes for the group finance");
    assert_eq!((fetch(&scene.node, &asha), fetch(&scene.node, &bela)), (200, 200));
    // Who leaves the group has it no more, and a stranger never had.
    scene.state.cli(&["people", "group", "asha", "remove", "finance"]).ok();
    assert_eq!((fetch(&scene.node, &asha), fetch(&scene.node, &bela)), (403, 200));
    assert_eq!(get(&scene.node.file("demo", NEW)).status, 403);
    let granted = records_of(&scene.state, "console:grant-request").pop().expect("a record");
    assert_eq!(granted["facts"]["audience"], "group:finance", "{granted}");
    let passed = records_of(&scene.state, "packages:fetch-file").pop().expect("a record");
    assert!(passed.get("within").is_none(), "nobody known is in nothing: {passed}");
    scene.state.cli(&["break-glass", "demo==2.0", "--group", "nobody-is", "--because", "x", "--for", "1h"]).exits(1);
    scene.state.cli(&["break-glass", "--list"]).ok().says("group:finance");
}

#[test]
fn nobody_grants_themselves_by_a_group_or_an_app_of_theirs() {
    let scene = scene();
    let request = scene.asked("demo==2.0");
    let _steward = Browser::first_steward(&scene.state, &scene.node, "cleo");
    let reviewer = Browser::invited(&scene.state, &scene.node, "dana", Some("reviewer"));
    for person in ["asha", "dana"] {
        scene.state.cli(&["people", "group", person, "add", "finance"]).ok();
    }
    let grant = |whom: Value| {
        let body = json!({ "seconds": 3600, "for": whom });
        reviewer.post(&format!("requests/{request}/grant"), &body)
    };
    grant(json!({ "group": "finance" })).is(403).says("nobody grants their own");
    let break_glass = |whom: Value| {
        let body = json!({ "purl": "pkg:pypi/demo@2.0", "because": "x", "seconds": 3600, "audience": whom });
        reviewer.post("exceptions", &body)
    };
    break_glass(json!({ "group": "finance" })).is(403).says("nobody widens their own rights");
    let layers = json!({
        "title": "Month end", "headline": "Closes the month", "about": "It closes the month.", "successor": "asha",
    });
    let app = reviewer.post("apps", &layers);
    let app = app.is(201).json()["app"].as_str().expect("an id").to_owned();
    break_glass(json!({ "app": app })).is(403).says("nobody widens their own rights");
    break_glass(json!({ "app": "app_aaaaaaaaaaaaaaaa" })).is(404).says("No app of that id");
    grant(json!({ "app": app })).is(403);
    grant(json!("person")).is(200);
}
