//! Bad input, from both sides: each gets an error that names the input and the limit, and the node goes on unharmed.

use std::time::Duration;

use bytes::Bytes;
use fanlight_testkit::{Fault, Node, Release, Request, State, Upstream, get, wire};
use fanlight_tests::{page, record_of, records_of};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("good", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// The node still does its work, and nothing wrong was kept.
#[track_caller]
fn unharmed(node: &Node, state: &State) {
    node.is_healthy();
    get(&node.file("good", "good-1.0-py3-none-any.whl")).is(200);
    assert!(state.blobs().iter().all(|(name, hash)| name == hash), "{:?}", state.blobs());
    state.cli(&["ledger", "verify"]).ok();
}

#[test]
fn an_upstream_that_refuses_a_project_never_seen_is_told_with_its_status() {
    let (upstream, state, node) = scene();
    upstream.add(&Release::new("teapot", "1.0"));
    upstream.fault("/simple/teapot/", Fault::Status(418));
    let refused = page(&node, "teapot")
        .is(403)
        .says("refuses the project")
        .says("teapot")
        .says("418")
        .says("Whoever runs that index");
    assert_eq!(record_of(&state, &refused)["facts"]["upstream_state"], "failed");
    upstream.heal("/simple/teapot/");
    fanlight_testkit::wait_for("the page after the refusal", Duration::from_secs(10), || {
        (page(&node, "teapot").status == 200).then_some(())
    });
    unharmed(&node, &state);
}

#[test]
fn a_bad_page_is_an_error_that_says_what_was_wrong_with_it() {
    let table: &[(&str, Fault, &[&str])] = &[
        ("cut", Fault::CutAfter(50), &["cut", "broke"]),
        ("circle", Fault::Circle, &["circle", "redirect", "5"]),
        ("broken", Fault::Status(500), &["broken", "500"]),
        ("picture", Fault::ContentType("image/png"), &["picture", "image/png"]),
        ("garbled", Fault::Bytes(Bytes::from_static(b"{\"name\": \"garbled\", \"files\": [{]}")), &["garbled", "JSON"]),
        ("emptied", Fault::Bytes(Bytes::new()), &["emptied"]),
        ("wrongly-typed", Fault::Bytes(Bytes::from_static(b"{\"files\": 7}")), &["wrongly-typed", "files"]),
        ("binary", Fault::Bytes(Bytes::from_static(b"\xff\xfe\0\0{}")), &["binary"]),
        ("giant", Fault::Giant(200), &["giant", "67108864"]),
        ("bomb", Fault::Bomb(200), &["bomb", "67108864"]),
        ("elsewhere", Fault::Redirect("ftp://upstream.example/x".into()), &["elsewhere", "redirect"]),
        ("inward", Fault::Redirect("file:///etc/passwd".into()), &["inward", "redirect"]),
    ];
    let (upstream, state, node) = scene();
    for (name, fault, words) in table {
        upstream.add(&Release::new(name, "1.0"));
        upstream.fault(&format!("/simple/{name}/"), fault.clone());
        let answer = page(&node, name);
        assert!([502, 504].contains(&answer.status), "{name}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
        for word in *words {
            let answer = answer.clone().says(word);
            assert!(answer.reason.len() <= 200 && answer.reason.bytes().all(|b| (b' '..=b'~').contains(&b)), "{name}");
        }
        upstream.heal(&format!("/simple/{name}/"));
        // The failure was not kept in the page's place.
        fanlight_testkit::wait_for("the page after the fault", Duration::from_secs(10), || {
            (page(&node, name).status == 200).then_some(())
        });
    }
    let faults = records_of(&state, "packages:upstream-fault");
    for (name, ..) in table {
        let purl = format!("pkg:pypi/{name}");
        assert!(faults.iter().any(|record| record["on"]["id"] == purl.as_str()), "no record of {name}'s fault");
    }
    unharmed(&node, &state);
}

#[test]
fn a_bad_page_does_not_replace_a_good_one() {
    let (upstream, state, node) = scene();
    for (n, fault) in [
        Fault::CutAfter(50),
        Fault::Circle,
        Fault::Status(502),
        Fault::ContentType("image/png"),
        Fault::Bytes(Bytes::from_static(b"nonsense")),
        Fault::Bomb(100),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("kept-{n}");
        upstream.add(&Release::new(&name, "1.0"));
        page(&node, &name).is(200);
        upstream.fault(&format!("/simple/{name}/"), fault.clone());
        std::thread::sleep(Duration::from_millis(1200));
        let file = format!("kept_{n}-1.0-py3-none-any.whl");
        assert!(page(&node, &name).is(200).text().contains(&file), "{fault:?}");
    }
    unharmed(&node, &state);
}

#[test]
fn an_upstream_that_falls_silent_is_given_up_on_in_time() {
    let (upstream, state, node) = scene();
    for name in ["mute", "stalling", "halting"] {
        upstream.add(&Release::new(name, "1.0").padded(100_000));
    }
    upstream.fault("/simple/mute/", Fault::Delay(Duration::from_secs(300)));
    upstream.fault("/simple/stalling/", Fault::StallAfter(20));
    upstream.fault("/files/halting/halting-1.0-py3-none-any.whl", Fault::StallAfter(50_000));
    std::thread::scope(|scope| {
        for name in ["mute", "stalling"] {
            let node = &node;
            scope.spawn(move || {
                let answer = Request::get(&node.page(name)).limit(Duration::from_secs(70)).send();
                assert_eq!(answer.status, 504, "{answer:?}");
                answer.says(name).says("seconds");
            });
        }
        scope.spawn(|| {
            let file = node.file("halting", "halting-1.0-py3-none-any.whl");
            let answer = Request::get(&file).limit(Duration::from_secs(70)).send();
            assert!(answer.status != 200 || !answer.complete, "a halted file was given as whole");
        });
        // Others are served meanwhile.
        scope.spawn(|| get(&node.file("good", "good-1.0-py3-none-any.whl")).is(200));
    });
    unharmed(&node, &state);
}

#[test]
fn names_that_lead_out_of_the_door_are_refused() {
    let (upstream, state, node) = scene();
    std::fs::write(state.home().join("private"), "top secret").expect("a file to steal");
    for target in [
        "/pypi/simple/../../etc/passwd",
        "/pypi/simple/..%2f..%2fetc%2fpasswd/",
        "/pypi/simple/%2e%2e/",
        "/pypi/simple/a%00b/",
        "/pypi/simple/a%0d%0ax-evil:%20yes/",
        "/pypi/simple/%ff%fe/",
        "/pypi/files/good/..%2f..%2f..%2fhome%2fprivate",
        "/pypi/files/good/%2e%2e/%2e%2e/fanlight.toml",
        "/pypi/files/..%2f/fanlight.toml",
        "/pypi/files/good/good-1.0%0a.whl",
        "/pypi/files/good/good-1.0-py3-none-any.whl%00.txt",
    ] {
        let answer = get(&format!("{}{target}", node.url()));
        assert!((400..500).contains(&answer.status), "{target}: {answer:?}");
        assert!(answer.header("x-evil").is_none(), "{target}");
        assert!(!answer.text().contains("top secret") && !answer.text().contains("[packages]"), "{target}: {answer:?}");
        assert!(answer.request_id().is_some(), "{target}: every answer has its id");
    }
    let long = "a".repeat(300);
    get(&node.page(&long)).is(400).says("255");
    assert!(
        upstream.seen().iter().all(|seen| !seen.path.contains("..") && !seen.path.contains("%2")),
        "{:?}",
        upstream.seen()
    );
    unharmed(&node, &state);
}

#[test]
fn an_upstream_that_lists_hostile_names_poisons_nothing() {
    let (upstream, state, node) = scene();
    upstream.add(&Release::new("hostile", "1.0"));
    for name in
        ["../../../etc/cron.d/x.whl", "hostile-1.0\r\nx: y.whl", "a\u{0}b-1.0.tar.gz", "<script>-1.0.tar.gz", ".."]
    {
        upstream.add(&Release::new("hostile", "1.0").file_named(name));
    }
    let page = page(&node, "hostile").is(200);
    assert!(page.text().contains("hostile-1.0-py3-none-any.whl"), "the good file is listed");
    assert!(!page.text().contains("cron.d"), "{}", page.text());
    let html = get(&node.page("hostile")).is(200).text();
    assert!(!html.contains("<script>"), "{html}");
    assert!(!html.contains("cron.d"), "{html}");
    unharmed(&node, &state);
}

#[test]
fn a_head_without_end_is_refused_at_its_limit() {
    let (_upstream, state, node) = scene();
    let endless = format!("GET /pypi/simple/good/ HTTP/1.1\r\nHost: x\r\nX-Long: {}", "a".repeat(200_000));
    let answer = wire::raw(node.address(), endless.as_bytes(), Duration::from_secs(15), false).expect("an answer");
    assert!([400, 431].contains(&answer.status), "{answer:?}");
    let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET /pypi/simple/good/ HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    let answer = wire::raw(node.address(), many.as_bytes(), Duration::from_secs(15), false).expect("an answer");
    assert!([400, 431].contains(&answer.status), "{answer:?}");
    let slow = b"GET /pypi/simple/good/ HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let answer = wire::raw(node.address(), slow, Duration::from_secs(20), false);
    // It hears why, or finds the connection closed; it is not kept waiting.
    assert!(answer.map_or_else(|error| error.kind() == std::io::ErrorKind::UnexpectedEof, |a| a.status == 408));
    let nonsense = wire::raw(node.address(), b"\x16\x03\x01\x02\0hello", Duration::from_secs(15), false);
    assert!(nonsense.map_or(true, |answer| answer.status == 400));
    unharmed(&node, &state);
}

#[test]
fn a_bad_token_is_told_so_and_recorded() {
    let (_upstream, state, node) = scene();
    for (user, password) in [("tester", "flk_abc_def_00000000"), ("tester", "password"), ("", "")] {
        let answer = Request::get(&node.page("good")).basic(user, password).send().is(401).says("token");
        assert!(answer.header("www-authenticate").is_some_and(|value| value.starts_with("Basic")), "{answer:?}");
        assert!(!answer.text().contains("def_00000000"), "the token is not repeated: {}", answer.text());
        fanlight_tests::record_of(&state, &answer);
    }
    for header in ["Basic !!!", "Bearer flk_x", "Digest a=b"] {
        let answer = Request::get(&node.page("good")).header("Authorization", header).send();
        assert!([400, 401].contains(&answer.status), "{header}: {answer:?}");
    }
    unharmed(&node, &state);
}

#[test]
fn a_bad_purl_is_named() {
    let (_upstream, state, node) = scene();
    for bad in ["pkg:pypi", "pkg:pypi/", "pkg:pypi/a%00b", "http://x/y", ""] {
        state.cli(&["why", bad]).exits(2);
        state.cli(&["who", bad]).exits(2);
    }
    state.cli(&["why", "pkg:pypi"]).says("pkg:pypi").says("purl");
    state.cli(&["who", &format!("pkg:pypi/{}", "a".repeat(2000))]).exits(2).says("1024");
    unharmed(&node, &state);
}

#[test]
fn methods_that_change_things_are_refused() {
    let (_upstream, state, node) = scene();
    for method in ["POST", "PUT", "DELETE", "PATCH", "BREW"] {
        let answer = Request::new(method, &node.page("good")).send();
        assert!([400, 405].contains(&answer.status), "{method}: {answer:?}");
    }
    if let Ok(answer) = Request::new("POST", &node.page("good")).body(vec![b'x'; 2_000_000]).try_send() {
        assert!(answer.status >= 400, "{answer:?}");
    }
    unharmed(&node, &state);
}
