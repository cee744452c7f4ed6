//! The console as people have it: the real binary in the system's Chromium, by the stories in `web/e2e`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use fanlight_testkit::clients::node_tools;
use fanlight_testkit::{Node, Release, Request, Run, State, Upstream, get};
use fanlight_tests::Told;
use serde_json::{Value, json};

/// Plays one of the stories before a node.
fn play(story: &str, node: &Node, more: &Value) {
    Told::of(node).play(story, more);
}

fn link(state: &State) -> String {
    state.cli(&["steward-link", "--json"]).ok().json()["link"].as_str().expect("a link").to_owned()
}

#[test]
fn the_first_steward_comes_in_and_sees_how_things_stand() {
    let names = ["tables", "charts", "parser", "forms"];
    let others =
        names.into_iter().flat_map(|name| [Release::new(name, "1.4"), Release::new(name, "1.5").seconds_old(86_400)]);
    let demo = [Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)];
    let upstream = Upstream::with(demo.into_iter().chain(others));
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = |name: &str, version: &str| node.file(name, &format!("{name}-{version}-py3-none-any.whl"));
    get(&file("demo", "1.0")).is(200);
    get(&file("demo", "2.0")).is(403);
    state.cli(&["quarantine", "pkg:pypi/forms", "--because", "its newest release reads tokens"]).ok();
    // What comes through of each, and what is stopped.
    let more: Vec<_> = names
        .into_iter()
        .enumerate()
        .flat_map(|(at, name)| std::iter::repeat_n(file(name, "1.4"), 3 * (at + 1)).chain([file(name, "1.5")]))
        .collect();
    let scene = json!({ "links": { "asha": link(&state) }, "file": file("demo", "1.0"), "more": more });
    play("opens", &node, &scene);
    node.is_healthy();
}

fn invited(state: &State, name: &str, role: Option<&str>) -> String {
    let mut args = vec!["people", "invite", name, "--json"];
    args.extend(role.iter().flat_map(|role| ["--role", role]));
    state.cli(&args).ok().json()["link"].as_str().expect("a link").to_owned()
}

#[test]
fn what_is_held_is_asked_for_granted_and_let_through() {
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").seconds_old(3600),
        Release::new("late", "1.0").seconds_old(3600),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    let links = json!({
        "asha": link(&state),
        "ben": invited(&state, "ben", None),
        "kim": invited(&state, "kim", Some("reviewer")),
        "mia": invited(&state, "mia", None),
        "lea": invited(&state, "lea", Some("reviewer")),
    });
    let scene = json!({
        "links": links,
        "file": node.file("demo", "demo-1.0-py3-none-any.whl"),
        "late": node.file("late", "late-1.0-py3-none-any.whl"),
        "held": node.file("demo", "demo-2.0-py3-none-any.whl"),
    });
    play("round", &node, &scene);
    node.is_healthy();
}

/// Ends the obeying, also where the story fails.
struct Over(SocketAddr);

impl Drop for Over {
    fn drop(&mut self) {
        let _ = TcpStream::connect(self.0).and_then(|mut stream| stream.write_all(b"POST /over HTTP/1.1\r\n\r\n"));
    }
}

/// Has every second factor shown ten minutes ago.
fn ten_minutes_go_by(state: &State) {
    let later = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); \
                 c.execute('UPDATE sessions SET second_factor_ms = second_factor_ms - 600000'); c.commit()";
    let store = state.path().join("fanlight.db");
    Run::new("python3").args(["-c", later]).args([store.as_os_str()]).output().ok();
}

/// What a newcomer types: their client led to the door, and something installed by it.
fn first_install(state: &State) {
    state.cli(&["use", "pip"]).ok();
    let site = tempfile::tempdir().expect("a folder");
    let pip =
        Run::new("python3").at_home(&state.home()).args(["-m", "pip", "install", "--no-compile", "demo", "--target"]);
    pip.args([site.path()]).output().ok();
}

/// Ends the node and starts it again at the same address, as a story asks for it.
fn obey(listener: &TcpListener, state: &State, node: Node) {
    let address = node.address().to_owned();
    let mut node = Some(node);
    for stream in listener.incoming() {
        let mut stream = stream.expect("a story");
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).expect("what is asked for");
        if line.contains("/over") {
            return;
        }
        if line.contains("/kill") {
            node.take().expect("a node").kill();
        } else if line.contains("/install") {
            first_install(state);
        } else {
            if line.contains("/later") {
                node.take().expect("a node").stop();
                ten_minutes_go_by(state);
            }
            node = Some(state.start_with(&state.command(&["up", "--listen", &address])));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").expect("an answer");
    }
}

/// Plays a story that has the node ended and started again.
fn with_helper(state: &State, node: Node, story: &str, mut scene: Value) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    scene["helper"] = json!(format!("http://{address}"));
    let told = Told::of(&node);
    std::thread::scope(|scope| {
        scope.spawn(|| obey(&listener, state, node));
        let _over = Over(address);
        told.play(story, &scene);
    });
}

#[test]
fn a_steward_reads_proves_leads_and_outlives_a_node() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = node.file("demo", "demo-1.0-py3-none-any.whl");
    get(&file).is(200);
    get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
    invited(&state, "ben", None);
    let scene = json!({ "links": { "asha": link(&state) }, "file": file });
    with_helper(&state, node, "steward", scene);
}

#[test]
fn a_million_records_are_scrolled_without_a_stutter() {
    let state = State::before(&Upstream::start(), "");
    let node = state.start();
    play("million", &node, &json!({ "links": { "asha": link(&state) } }));
}

/// People of a large company.
const COMPANY: usize = 50_000;

#[test]
fn fifty_thousand_people_are_listed_found_and_scrolled() {
    let state = State::before(&Upstream::start(), "");
    let node = state.start();
    let scene = json!({ "links": { "asha": link(&state) }, "last": format!("person {COMPANY}") });
    let mut list = String::from("name,groups\n");
    for number in 1..=COMPANY {
        // A few are in a group that nobody else is in, far from where the list begins.
        let group = if number > COMPANY - 3 { "night-shift".to_owned() } else { format!("team-{}", number % 200) };
        writeln!(list, "person {number},{group}").expect("memory");
    }
    let file = state.path().join("staff.csv");
    std::fs::write(&file, list).expect("a file");
    let begin = Instant::now();
    state.cli(&["people", "import", file.to_str().expect("a path")]).ok();
    eprintln!("{COMPANY} people taken over in {:.1} s", begin.elapsed().as_secs_f64());
    play("company", &node, &scene);
    node.is_healthy();
}

/// One version, so that a change of theirs is a change of ours and not a surprise.
const LIGHTHOUSE: &[&str] = &["lighthouse@13.5.0"];

#[test]
fn the_pages_are_quick_open_to_everybody_and_well_made() {
    let Some(tool) = node_tools("lighthouse", LIGHTHOUSE) else { return };
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    play("lighthouse", &node, &json!({ "links": { "asha": link(&state) }, "lighthouse": tool }));
}

#[test]
fn a_policy_is_published_by_a_second_person_and_rolled_back() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let links = json!({ "asha": link(&state), "ben": invited(&state, "ben", Some("steward")) });
    let file = node.file("demo", "demo-1.0-py3-none-any.whl");
    play("policies", &node, &json!({ "links": links, "file": file }));
    node.is_healthy();
}

#[test]
fn a_newcomer_sees_their_first_package_after_a_few_clicks() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let scene = json!({ "links": { "asha": link(&state) } });
    with_helper(&state, node, "newcomer", scene);
}

#[test]
fn a_passkey_is_shown_anew_where_an_act_is_grave() {
    let state = State::before(&Upstream::start(), "");
    let node = state.start();
    invited(&state, "ben", None);
    let scene = json!({ "links": { "asha": link(&state) } });
    with_helper(&state, node, "passkey", scene);
}

#[test]
fn people_come_by_a_list_and_an_act_is_done_once() {
    let state = State::before(&Upstream::start(), "");
    let node = state.start();
    let scene = json!({ "links": { "asha": link(&state) } });
    with_helper(&state, node, "people", scene);
}

#[test]
fn every_state_of_every_page_is_open_to_everybody() {
    let upstream = Upstream::with([
        Release::new("demo", "0.9"),
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").seconds_old(3600),
    ]);
    for look in ["light", "dark", "phone"] {
        let state = State::before(&upstream, "");
        let node = state.start();
        get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
        get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
        invited(&state, "ben", None);
        play("states", &node, &json!({ "links": { "asha": link(&state) }, "look": look }));
        node.is_healthy();
    }
}

#[test]
fn every_page_is_walked_by_the_keys_alone() {
    // With nothing in it, and with something in every list.
    let bare = State::before(&Upstream::start(), "");
    let node = bare.start();
    play("keys", &node, &json!({ "links": { "asha": link(&bare) } }));
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
    invited(&state, "ben", None);
    state.cli(&["quarantine", "pkg:pypi/forms", "--because", "its newest release reads tokens"]).ok();
    state
        .cli(&["break-glass", "pkg:pypi/demo@2.0", "--for", "1h", "--everybody", "--because", "the line stands still"])
        .ok();
    play("keys", &node, &json!({ "links": { "asha": link(&state) } }));
    node.is_healthy();
}

#[test]
fn what_a_browser_has_is_not_sent_again_and_its_policy_is_strict() {
    let state = State::before(&Upstream::start(), "");
    let node = state.start();
    let page = get(&format!("{}/activity", node.url())).is(200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-"), "{policy}");
    let tag = page.header("etag").expect("a validator").to_owned();
    let again = Request::new("GET", &format!("{}/activity", node.url())).header("If-None-Match", &tag).send();
    assert_eq!((again.status, again.text().as_str()), (304, ""));
    assert_eq!(get(&format!("{}/nowhere", node.url())).status, 404);

    // The page says what its view needs, and each of it comes packed, to be kept for good.
    let Some(needs) = page.header("link") else { return };
    assert!(needs.contains("rel=modulepreload"), "{needs}");
    for need in needs.split(", ") {
        let path = need.trim_start_matches('<').split('>').next().expect("an address");
        let file = Request::new("GET", &format!("{}{path}", node.url())).header("Accept-Encoding", "br").send().is(200);
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{path}");
        assert_eq!(file.header("content-encoding"), Some("br"), "{path}");
    }
}
