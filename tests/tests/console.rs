//! The console as people have it: the real binary in the system's Chromium, by the stories in `web/e2e`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_testkit::{Node, Release, Request, Run, State, Upstream, get};
use serde_json::{Value, json};

/// How long one story may take.
const LIMIT: Duration = Duration::from_secs(180);

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../web").canonicalize().expect("the folder web")
}

/// Where an executable of one of these names is.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
}

/// What a story is told of a node.
struct Told {
    url: String,
    is_built: bool,
}

impl Told {
    fn of(node: &Node) -> Self {
        let is_built = get(&format!("{}/", node.url())).is(200).text().contains("/assets/");
        Self { url: node.url().to_owned(), is_built }
    }
}

/// What a story needs on this machine, or what is missing, in a line.
fn ready(told: &Told) -> Option<(PathBuf, PathBuf)> {
    let built = told.is_built;
    let modules = web().join("node_modules/playwright-core").is_dir();
    let (js, chromium) = (found(&["node"]), found(&["chromium", "chromium-browser", "google-chrome"]));
    let missing = match (&js, &chromium) {
        (None, _) => "Node.js is not on this machine",
        (_, None) => "Chromium is not on this machine",
        _ if !modules || !built => "the console was not built: make web, then build again",
        _ => return js.zip(chromium),
    };
    // Where everything is tried, nothing may be left out unseen.
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    eprintln!("the console was not tried in a browser: {missing}");
    None
}

/// Plays one of the stories before a node.
fn play(story: &str, node: &Node, more: &Value) {
    play_told(story, &Told::of(node), more);
}

fn play_told(story: &str, told: &Told, more: &Value) {
    let Some((js, chromium)) = ready(told) else { return };
    let mut scene = json!({ "url": told.url, "chromium": chromium, "screens": web().join("../target/screens") });
    scene.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let played = Run::new(js)
        .args(["--test", "--test-reporter=spec", &format!("e2e/{story}.test.js")])
        .folder(&web())
        .env("FANLIGHT_SCENE", scene.to_string())
        .limit(LIMIT)
        .output();
    assert_eq!(played.code, Some(0), "{}", played.words());
}

fn link(state: &State) -> String {
    state.cli(&["steward-link", "--json"]).ok().json()["link"].as_str().expect("a link").to_owned()
}

#[test]
fn the_first_steward_comes_in_and_sees_how_things_stand() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = node.file("demo", "demo-1.0-py3-none-any.whl");
    get(&file).is(200);
    get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
    play("opens", &node, &json!({ "links": { "asha": link(&state) }, "file": file }));
    node.is_healthy();
}

fn invited(state: &State, name: &str, role: Option<&str>) -> String {
    let mut args = vec!["people", "invite", name, "--json"];
    args.extend(role.iter().flat_map(|role| ["--role", role]));
    state.cli(&args).ok().json()["link"].as_str().expect("a link").to_owned()
}

#[test]
fn what_is_held_is_asked_for_granted_and_let_through() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    let links = json!({
        "asha": link(&state),
        "ben": invited(&state, "ben", None),
        "kim": invited(&state, "kim", Some("reviewer")),
    });
    let scene = json!({
        "links": links,
        "file": node.file("demo", "demo-1.0-py3-none-any.whl"),
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
        } else {
            node = Some(state.start_with(&state.command(&["up", "--listen", &address])));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").expect("an answer");
    }
}

#[test]
fn a_steward_reads_proves_leads_and_outlives_a_node() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = node.file("demo", "demo-1.0-py3-none-any.whl");
    get(&file).is(200);
    get(&node.file("demo", "demo-2.0-py3-none-any.whl")).is(403);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let helper = format!("http://{}", listener.local_addr().expect("an address"));
    invited(&state, "ben", None);
    let scene = json!({ "links": { "asha": link(&state) }, "file": file, "helper": helper });
    let told = Told::of(&node);
    std::thread::scope(|scope| {
        scope.spawn(|| obey(&listener, &state, node));
        let _over = Over(listener.local_addr().expect("an address"));
        play_told("steward", &told, &scene);
    });
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
}
