//! What became of each file that was let through: the record tells it, and `who` says who has the file or may have it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fanlight_testkit::{Fault, Node, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{record_of, records_of};
use serde_json::Value;

const FILE: &str = "demo-1.0-py3-none-any.whl";
const AT_UPSTREAM: &str = "/files/demo/demo-1.0-py3-none-any.whl";
/// Far more than the buffers of a connection on loopback hold.
const LARGE: usize = 30_000_000;

fn demo(padding: usize) -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(padding)]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

/// The one event of what became of a file; waits for it, because a client can be gone before it is recorded.
#[track_caller]
fn delivery(state: &State) -> Value {
    wait_for("the delivery to be recorded", Duration::from_secs(10), || {
        let mut events = records_of(state, "packages:delivery");
        assert!(events.len() < 2, "{events:?}");
        events.pop()
    })
}

/// Asks for the file, reads that many bytes of the answer and goes away.
fn leave_after(node: &Node, bytes: usize) {
    let mut stream = TcpStream::connect(node.address()).expect("a connection");
    write!(stream, "GET /pypi/files/demo/{FILE} HTTP/1.1\r\nHost: {}\r\n\r\n", node.address()).expect("a request");
    let mut read = vec![0; bytes];
    stream.read_exact(&mut read).expect("the beginning of an answer");
}

/// What `who` says of the one caller there is.
#[track_caller]
fn who(state: &State, list: &str) -> Value {
    let who = state.cli(&["who", "demo", "--json"]).ok().json();
    let mut rows: Vec<Value> = ["fetched", "not_received"]
        .iter()
        .flat_map(|name| who[*name].as_array().cloned().unwrap_or_default())
        .collect();
    assert_eq!((rows.len(), who[list].as_array().map(Vec::len)), (1, Some(1)), "not in {list} alone: {who}");
    rows.remove(0)
}

#[test]
fn an_ordinary_download_costs_one_record() {
    let (upstream, state) = demo(300_000);
    let node = state.start();
    for _ in 0..3 {
        assert_eq!(get(&node.file("demo", FILE)).is(200).body, upstream.bytes("demo", FILE));
    }
    assert_eq!(node.stop(), Some(0));
    assert_eq!(records_of(&state, "packages:fetch-file").len(), 3);
    assert!(records_of(&state, "packages:delivery").is_empty());
}

#[test]
fn what_is_known_before_the_answer_is_recorded_before_it() {
    let (upstream, state) = demo(100_000);
    let node = state.start();
    let whole = upstream.bytes("demo", FILE);
    let url = node.file("demo", FILE);
    let tag = get(&url).is(200).header("etag").expect("a tag").to_owned();
    let asked = |name: &str, value: &str| Request::get(&url).header(name, value).send();
    upstream.add(&Release::new("broken", "1.0"));
    upstream.fault("/files/broken/broken-1.0-py3-none-any.whl", Fault::Status(500));
    let told = [
        (Request::new("HEAD", &url).send().is(200), "head", 0),
        (asked("If-None-Match", &tag).is(304), "unchanged", 0),
        (asked("If-None-Match", &format!("\"other\", W/{tag}")).is(304), "unchanged", 0),
        (asked("Range", "bytes=100-199").is(206), "part", 100),
        (asked("Range", "bytes=999999999-").is(416), "unsatisfiable", 0),
        (get(&node.file("broken", "broken-1.0-py3-none-any.whl")).is(502), "failed", 0),
    ];
    // Each is on disk when its answer is here, so nothing is waited for.
    let events = records_of(&state, "packages:delivery");
    assert_eq!(events.len(), told.len());
    for ((answer, how, bytes), event) in told.iter().zip(&events) {
        let decision = record_of(&state, answer);
        for same in ["request", "who", "on"] {
            assert_eq!(event[same], decision[same], "{event}\n{decision}");
        }
        assert_eq!((&event["facts"]["delivery"], &event["facts"]["bytes"]), (&(*how).into(), &(*bytes).into()));
        if *how != "failed" {
            assert_eq!(event["facts"]["of_bytes"], whole.len());
        }
    }
}

#[test]
fn who_says_what_each_may_have() {
    let (_upstream, state) = demo(100_000);
    let node = state.start();
    let url = node.file("demo", FILE);
    Request::new("HEAD", &url).send().is(200);
    assert_eq!(who(&state, "not_received")["received"], "asked-only");
    state.cli(&["who", "demo"]).ok().says("Nobody received").says("asked only");
    Request::get(&url).header("Range", "bytes=0-999").send().is(206);
    Request::get(&url).header("Range", "bytes=2000-2499").send().is(206);
    let said = state.cli(&["who", "demo", "--json"]).ok().json();
    assert_eq!(said["fetched"][0]["received"], "part", "{said}");
    assert_eq!((&said["fetched"][0]["bytes"], &said["fetched"][0]["times"]), (&1500.into(), &2.into()), "{said}");
    state.cli(&["who", "demo"]).ok().says("received in part (1.5 KB of 1").says("in whole or in part");
    let why = state.cli(&["why", "demo", "--json"]).ok().json();
    assert_eq!(why["you_got"].as_array().map(Vec::len), Some(2), "asking is not getting: {why}");
    let tag = get(&url).is(200).header("etag").expect("a tag").to_owned();
    Request::get(&url).header("If-None-Match", &tag).send().is(304);
    state.cli(&["who", "demo"]).ok().says("had it already").says("1 caller received pkg:pypi/demo");
    // Nobody asked for it: the answer is no.
    state.cli(&["who", "no-such-thing"]).exits(1).says("Nobody received");
    assert_eq!(state.cli(&["who", "no-such-thing", "--json"]).exits(1).json()["fetched"], serde_json::json!([]));
}

#[test]
fn a_kept_file_that_is_cut_half_way_is_a_part() {
    let (_upstream, state) = demo(LARGE);
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    assert!(records_of(&state, "packages:delivery").is_empty());
    leave_after(&node, 1000);
    let event = delivery(&state);
    assert_eq!(event["facts"]["delivery"], "cut", "{event}");
    let bytes = event["facts"]["bytes"].as_u64().expect("bytes");
    assert!(bytes > 0 && bytes < LARGE as u64, "{event}");
    state.cli(&["who", "demo"]).ok().says("received in part (").says("30 MB)");
}

#[test]
fn a_part_that_is_cut_counts_what_went_out_of_it() {
    let (_upstream, state) = demo(LARGE);
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    let mut stream = TcpStream::connect(node.address()).expect("a connection");
    let head =
        format!("GET /pypi/files/demo/{FILE} HTTP/1.1\r\nHost: {}\r\nRange: bytes=1000-\r\n\r\n", node.address());
    stream.write_all(head.as_bytes()).expect("a request");
    stream.read_exact(&mut [0; 1000]).expect("the beginning of an answer");
    drop(stream);
    let events = wait_for("the cut to be recorded", Duration::from_secs(10), || {
        let events = records_of(&state, "packages:delivery");
        (events.len() == 2).then_some(events)
    });
    let bytes = |n: usize| events[n]["facts"]["bytes"].as_u64().expect("bytes");
    assert_eq!((&events[0]["facts"]["delivery"], &events[1]["facts"]["delivery"]), (&"part".into(), &"cut".into()));
    assert!(bytes(1) < bytes(0), "{events:?}");
    let who = state.cli(&["who", "demo", "--json"]).ok().json();
    let part = who["fetched"].as_array().and_then(|rows| rows.iter().find(|row| row["received"] == "part")).cloned();
    assert_eq!(part.expect("a part")["bytes"], bytes(1));
}

#[test]
fn a_file_that_the_upstream_breaks_off_is_a_part() {
    // Smaller files wait for the scan, and so for their end.
    let (upstream, state) = demo(34_000_000);
    let node = state.start();
    upstream.fault(AT_UPSTREAM, Fault::CutAfter(600_000));
    let answer = get(&node.file("demo", FILE)).is(200);
    assert!(!answer.complete);
    let event = delivery(&state);
    assert_eq!(event["facts"]["delivery"], "cut", "{event}");
    assert!(event["facts"]["bytes"].as_u64().is_some_and(|bytes| bytes >= answer.body.len() as u64), "{event}");
    assert_eq!(who(&state, "fetched")["received"], "part");
}

#[test]
fn a_client_that_is_gone_before_the_first_byte_received_nothing() {
    let (upstream, state) = demo(300_000);
    let node = state.start();
    upstream.fault(AT_UPSTREAM, Fault::StallAfter(0));
    let mut stream = TcpStream::connect(node.address()).expect("a connection");
    write!(stream, "GET /pypi/files/demo/{FILE} HTTP/1.1\r\nHost: {}\r\n\r\n", node.address()).expect("a request");
    wait_for("the upstream to be asked", Duration::from_secs(10), || (upstream.count(AT_UPSTREAM) == 1).then_some(()));
    drop(stream);
    let event = delivery(&state);
    assert_eq!((&event["facts"]["delivery"], &event["facts"]["bytes"]), (&"cut".into(), &0.into()), "{event}");
    assert_eq!(who(&state, "not_received")["received"], "nothing");
}

#[test]
fn a_kill_in_the_middle_of_a_transfer_counts_as_received() {
    let (_upstream, state) = demo(LARGE);
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    let mut stream = TcpStream::connect(node.address()).expect("a connection");
    write!(stream, "GET /pypi/files/demo/{FILE} HTTP/1.1\r\nHost: {}\r\n\r\n", node.address()).expect("a request");
    stream.read_exact(&mut [0; 1000]).expect("the beginning of an answer");
    node.kill();
    let _node = state.start();
    let row = who(&state, "fetched");
    assert_eq!((&row["received"], &row["times"]), (&"whole".into(), &2.into()), "nobody who may have it is missed");
}

#[test]
fn head_of_a_cold_file_is_answered_from_the_index() {
    let upstream =
        Upstream::with([Release::new("demo", "1.0").padded(100_000), Release::new("demo", "2.0").seconds_old(3600)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let head = |file: &str| Request::new("HEAD", &node.file("demo", file)).send();
    let answer = head(FILE).is(200);
    let size = upstream.bytes("demo", FILE).len().to_string();
    assert_eq!((answer.header("content-length"), answer.header("accept-ranges")), (Some(&*size), Some("bytes")));
    assert_eq!(answer.header("etag"), Some(&*format!("\"{}\"", upstream.hash("demo", FILE))));
    let held = head("demo-2.0-py3-none-any.whl").is(403);
    assert_eq!(record_of(&state, &held)["decision"]["outcome"], "hold", "it is judged like any other");
    assert_eq!(upstream.count(AT_UPSTREAM), 0, "nothing was fetched for it");
}

#[test]
fn head_promises_neither_length_nor_ranges_where_the_size_is_not_known() {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(100_000)]);
    upstream.html_only(true);
    let state = State::with_cooldown(&upstream, "0s");
    let node = state.start();
    let head = || Request::new("HEAD", &node.file("demo", FILE)).send().is(200);
    let cold = head();
    assert_eq!((cold.header("content-length"), cold.header("accept-ranges")), (None, None));
    assert_eq!(upstream.count(AT_UPSTREAM), 0);
    let whole = get(&node.file("demo", FILE)).is(200).body.len().to_string();
    let warm = head();
    assert_eq!((warm.header("content-length"), warm.header("accept-ranges")), (Some(&*whole), Some("bytes")));
}

#[test]
fn the_projection_made_anew_says_the_same() {
    let (_upstream, state) = demo(100_000);
    let node = state.start();
    let url = node.file("demo", FILE);
    Request::new("HEAD", &url).send().is(200);
    Request::get(&url).header("Range", "bytes=0-999").send().is(206);
    get(&url).is(200);
    let before = state.cli(&["who", "demo", "--json"]).ok().json();
    assert_eq!(before["fetched"].as_array().map(Vec::len), Some(2), "{before}");
    assert_eq!(node.stop(), Some(0));
    for file in ["fanlight.db", "fanlight.db-wal", "fanlight.db-shm"] {
        let _ = std::fs::remove_file(state.path().join(file));
    }
    let _node = state.start();
    let after = wait_for("the projection", Duration::from_secs(10), || {
        let who = state.cli(&["who", "demo", "--json"]).json();
        (who["behind"] == 0 && who["fetched"] == before["fetched"]).then_some(who)
    });
    assert_eq!(after["not_received"], before["not_received"]);
}
