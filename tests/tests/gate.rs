//! What gets no further than the gate: each way has its words, its status, its request's id and its record, and no record
//! holds what a client may have put into an address.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use fanlight_testkit::{Answer, Node, Release, Request, State, Upstream, get, wire};
use fanlight_tests::{record_of, records_of};
use serde_json::{Value, json};

fn scene(more: &str) -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("good", "1.0")]);
    let state = State::before(&upstream, more);
    let node = state.start();
    (upstream, state, node)
}

fn raw(node: &Node, bytes: &str) -> Answer {
    wire::raw(node.address(), bytes.as_bytes(), Duration::from_secs(20), false).expect("an answer")
}

/// What a person is told and what is recorded are one.
#[track_caller]
fn told_and_recorded(state: &State, answer: &Answer, fault: &str, status: u16) -> Value {
    assert_eq!(answer.status, status, "{fault}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{fault}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:fanlight:problem:{fault}"));
    assert_eq!(problem["request"].as_str(), answer.request_id(), "{fault}");
    assert_eq!(problem["policies"], json!([fault]));
    let record = record_of(state, answer);
    assert_eq!(record["action"], "gate:enter", "{record}");
    assert_eq!(record["facts"]["fault"], fault, "{record}");
    assert_eq!(record["on"], json!({"kind": "Node", "id": "this"}));
    assert_eq!(record["decision"]["outcome"], "deny", "{record}");
    assert_eq!(record["decision"]["policies"], json!([fault]), "{record}");
    let reason = record["decision"]["reason"].as_str().expect("a reason");
    answer.clone().says(reason).says(record["decision"]["advice"].as_str().expect("advice"));
    record
}

#[test]
fn a_flood_of_calls_leaves_few_records_and_all_of_them_are_counted_in_it() {
    let (_upstream, state, node) = scene("");
    let address = node.address().to_owned();
    let call = format!("GET /v1/login/ways HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    // All are asked before the first is heard: each waits for its record.
    let at_once = |calls: usize| -> Vec<u16> {
        let asked = (0..calls).map(|_| {
            let mut socket = std::net::TcpStream::connect(&address).expect("a connection");
            socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
            socket.write_all(call.as_bytes()).expect("sent");
            socket
        });
        let asked: Vec<_> = asked.collect();
        let heard = asked.into_iter().map(|mut socket| {
            let mut answer = String::new();
            socket.read_to_string(&mut answer).expect("an answer");
            let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
            let status = status.unwrap_or_else(|| panic!("no status in {answer}"));
            assert!(status == 200 || (status == 429 && answer.contains("\r\nretry-after: ")), "{answer}");
            status
        });
        heard.collect()
    };
    let began = std::time::Instant::now();
    let (mut refused, mut rounds) = (0, 0);
    while refused < 1_000 {
        refused += at_once(400).into_iter().filter(|status| *status == 429).count();
        rounds += 1;
        assert!(rounds < 60, "{refused} were refused in {rounds} rounds");
    }
    let seconds = began.elapsed().as_secs();
    let records = records_of(&state, "gate:enter");
    let counted: i64 = records.iter().map(|record| record["facts"]["calls"].as_i64().expect("a count")).sum();
    assert_eq!(counted, i64::try_from(refused).expect("a number"), "{records:?}");
    // One at once and one a second; in between nobody may have asked too often, and then the next is a first one.
    assert!(records.len() as u64 <= 2 * (seconds + 1), "{} records in {seconds} seconds", records.len());
    let first = &records[0];
    assert_eq!((&first["facts"]["fault"], &first["facts"]["calls"]), (&json!("too-often"), &json!(1)));
    assert_eq!(first["facts"]["attempted"], "account:ask-how");
    assert_eq!(first["decision"]["reason"], "more than 1000 calls came at once, or 100 a second in the long run");
}

#[test]
fn whatever_the_gate_refuses_is_told_and_recorded() {
    let (_upstream, state, node) = scene("");
    let (url, host) = (node.url().to_owned(), node.address().to_owned());
    let page = node.page("good");
    let head = |line: &str, host: &str| raw(&node, &format!("{line}\r\n{host}Connection: close\r\n\r\n"));
    let unknown = {
        let start = format!("flk_{}_{}", "a".repeat(16), "0".repeat(64));
        format!("{start}_{:08x}", crc32(start.as_bytes()))
    };
    for (fault, status, answer) in [
        ("no-such-path", 404, get(&format!("{url}/asha@acme.example/flk_secret?token=flk_secret"))),
        ("no-such-path", 404, Request::new("ASHA-S-SECRET", &format!("{url}/nowhere")).send()),
        ("wrong-method", 405, Request::new("DELETE", &page).send()),
        ("undecodable-path", 400, get(&format!("{url}/pypi/simple/%ff%fe/"))),
        ("misdirected", 421, head("GET /pypi/simple/good/ HTTP/1.1", "Host: asha.rebound.example\r\n")),
        ("no-host", 400, head("GET /pypi/simple/good/ HTTP/1.1", "")),
        ("two-hosts", 400, head("GET /pypi/simple/good/ HTTP/1.1", &format!("Host: {host}\r\nHost: {host}\r\n"))),
        ("cross-site", 403, Request::get(&page).header("Sec-Fetch-Site", "cross-site").send()),
        ("unreadable-credentials", 401, Request::get(&page).header("Authorization", "Basic !!!").send()),
        ("broken-token", 401, Request::get(&page).basic("x", &unknown.replace("flk_a", "flk_b")).send()),
        ("unknown-token", 401, Request::get(&page).basic("x", &unknown).send()),
        ("no-token", 401, Request::get(&page).header("X-Forwarded-For", "203.0.113.9").send()),
        ("no-token", 401, Request::get(&page).header("Via", "1.1 proxy").send()),
        ("head-too-large", 431, head("GET / HTTP/1.1", &format!("Host: {host}\r\nX-Long: {}\r\n", "a".repeat(20_000)))),
        ("head-too-large", 431, head("GET / HTTP/1.1", &"X: y\r\n".repeat(101))),
        ("head-too-slow", 408, raw(&node, "GET /asha@acme.example HTTP/1.1\r\nHost: x\r\nX-Slow: ")),
        ("malformed-head", 400, raw(&node, "GET / HTTP/1.1\r\nasha@acme.example\r\n\r\n")),
    ] {
        let record = told_and_recorded(&state, &answer, fault, status);
        assert_eq!(record["facts"]["loopback"], true, "{record}");
        assert_eq!(record["who"]["kind"], "unidentified", "{record}");
        assert!(record["who"]["sealed"].is_object(), "the caller's address is sealed: {record}");
        // What is sealed is random letters, among which any word may stand.
        let mut open = record.clone();
        open["who"]["sealed"].take();
        let clear = open.to_string().to_lowercase();
        for private in ["asha", "secret", "acme", "rebound", "127.0.0.1", "flk_"] {
            assert!(!clear.contains(private), "{private} is in {record}");
        }
    }
    // Those that were recorded are all there are: nothing else was refused, and nothing twice.
    assert_eq!(records_of(&state, "gate:enter").len(), 17);
    let metrics = get(&format!("{url}/metrics")).is(200).text();
    assert!(metrics.contains("fanlight_requests_seconds_count{action=\"gate:enter\",status=\"431\"} 2"), "{metrics}");
    state.cli(&["ledger", "verify"]).ok();
}

/// The checksum of a token (CRC-32 of ISO-HDLC), written out so that this test needs no more of the product than its door.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_limit_that_a_head_meets_is_named() {
    let (_upstream, state, node) = scene("");
    let endless = format!("GET /pypi/simple/good/ HTTP/1.1\r\nHost: x\r\nX-Long: {}", "a".repeat(200_000));
    let answer = raw(&node, &endless);
    told_and_recorded(&state, &answer, "head-too-large", 431);
    assert!(answer.reason.starts_with("The request's head has more than the 16384 bytes or 100 headers"), "{answer:?}");
    let id = answer.request_id().expect("an id").to_owned();
    assert!(node.stderr().lines().any(|line| line.contains(&id)), "no log line has the id {id}: {}", node.stderr());
    // A client that was served before on the same connection hears the same.
    let then = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\nGET / HTTP/7\r\n\r\n", node.address());
    let mut stream = std::net::TcpStream::connect(node.address()).expect("a connection");
    std::io::Write::write_all(&mut stream, then.as_bytes()).expect("sent");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stream, &mut text).expect("two answers");
    assert!(
        text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("ok\nHTTP/1.1 400 What came is no HTTP"),
        "{text}"
    );
}

#[test]
fn who_is_known_is_recorded_by_name_also_where_nothing_is_found() {
    let (_upstream, state, node) = scene("");
    state.cli(&["use", "pip"]).ok();
    let conf = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let token = &conf[conf.find("flk_").expect("a token")..];
    let token = token[..token.find('@').expect("an address behind it")].to_owned();
    let answer = Request::get(&format!("{}/nowhere", node.url())).basic("__token__", &token).send();
    let record = told_and_recorded(&state, &answer, "no-such-path", 404);
    assert_eq!((&record["who"]["kind"], &record["who"]["strength"]), (&json!("person"), &json!("device-token")));
    // A revoked token finds less, and is told so.
    let device = record["who"]["device"].as_str().expect("a machine").to_owned();
    state.cli(&["use", "pip", "--undo"]).ok();
    let answer = Request::get(&node.page("good")).basic("__token__", &token).send();
    let record = told_and_recorded(&state, &answer, "revoked-token", 401);
    assert_eq!(record["facts"]["attempted"], "packages:read-index", "{record}");
    assert!(!record.to_string().contains(&device), "{record}");
}

#[test]
fn a_company_says_it_in_its_own_words_and_cannot_open_what_is_not_there() {
    let (_upstream, state, node) = scene("[policies]\ndisable = [\"no-such-path\", \"misdirected\"]\n");
    state.policy(
        "gate.cedar",
        "@id(\"ask-us\") @reason(\"this is not where packages are\") @advice(\"ask the platform team\")\n\
         forbid (principal, action == Fanlight::Action::\"gate:enter\", resource)\n\
         when { context.fault == \"no-such-path\" };\n\
         @id(\"come-in\") permit (principal, action == Fanlight::Action::\"gate:enter\", resource);\n",
    );
    let nowhere = format!("{}/nowhere", node.url());
    fanlight_testkit::wait_for("the company's words", Duration::from_secs(5), || {
        get(&nowhere).reason.contains("Ask the platform team").then_some(())
    });
    let record = record_of(&state, &get(&nowhere).is(404).says("This is not where packages are."));
    assert_eq!(record["decision"]["policies"], json!(["ask-us"]));
    let foreign = raw(&node, "GET /healthz HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n");
    assert_eq!(foreign.status, 421, "{foreign:?}");
    assert_eq!(record_of(&state, &foreign)["decision"]["outcome"], "deny");
}

#[test]
fn a_name_from_the_settings_is_answered_and_others_are_told_of_the_setting() {
    let (_upstream, state, node) = scene("[listen]\nnames = [\"fanlight.acme.example\"]\n");
    let asked = |host: &str| {
        raw(&node, &format!("GET /pypi/simple/good/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    };
    for host in ["localhost", "127.0.0.1:1", "[::1]:7070", node.address()] {
        asked(host).is(200);
    }
    // Known, but not loopback's: whoever asks for it came from elsewhere, and needs a token.
    for host in ["fanlight.acme.example", "FANLIGHT.acme.example:443"] {
        told_and_recorded(&state, &asked(host), "no-token", 401);
    }
    for host in ["acme.example", "x.fanlight.acme.example", "fanlight.acme.example.rebound.example"] {
        asked(host).is(421).says("listen.names");
    }
    state.cli(&["config"]).ok().says("fanlight.acme.example");
    let wrong = state.command(&["up", "--listen", "127.0.0.1:0"]).env("FANLIGHT_LISTEN__NAMES", "http://x").output();
    wrong.exits(3).says("FANLIGHT_LISTEN__NAMES").says("listen.names");
}
