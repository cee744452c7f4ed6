//! Files: fetched once, checked while they stream, kept by content, refused whole when they are not what they should be.

use std::time::Duration;

use bytes::Bytes;
use fanlight_testkit::{Clients, Fault, Release, Request, State, Upstream, get};
use fanlight_tests::{page, record_of, records_of};

const FILE: &str = "demo-1.0-py3-none-any.whl";
const AT_UPSTREAM: &str = "/files/demo/demo-1.0-py3-none-any.whl";

fn demo(padding: usize) -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(padding)]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

#[test]
fn twenty_clients_asking_for_a_cold_file_cost_one_fetch() {
    let (upstream, state) = demo(2_000_000);
    let node = state.start();
    upstream.fault(AT_UPSTREAM, Fault::Slow(200_000, Duration::from_millis(50)));
    let whole = upstream.bytes("demo", FILE);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let answer = get(&node.file("demo", FILE)).is(200);
                assert!(answer.complete && answer.body == whole, "{} bytes", answer.body.len());
            });
        }
    });
    assert_eq!(upstream.count(AT_UPSTREAM), 1);
    let fetches = records_of(&state, "packages:fetch-file");
    assert_eq!(fetches.len(), 20, "each client has its record");
}

#[test]
fn part_of_a_file_can_be_asked_for_cold_and_warm() {
    let (upstream, state) = demo(100_000);
    let node = state.start();
    let whole = upstream.bytes("demo", FILE);
    let part = |range: &str| Request::get(&node.file("demo", FILE)).header("Range", range).send();
    let cold = part("bytes=100-199").is(206);
    assert_eq!(cold.body, whole[100..200]);
    assert_eq!(cold.header("content-range"), Some(format!("bytes 100-199/{}", whole.len()).as_str()));
    assert_eq!(part("bytes=-50").is(206).body, whole[whole.len() - 50..]);
    assert_eq!(part("bytes=100000-").is(206).body, whole[100_000..]);
    let beyond = part("bytes=999999999-").is(416);
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{}", whole.len()).as_str()));
    // A range that cannot be read is ignored (RFC 9110, section 14.2); several ranges may be answered as a whole.
    assert_eq!(part("bytes=zebra").is(200).body, whole);
    let tag = get(&node.file("demo", FILE)).is(200).header("etag").expect("an etag").to_owned();
    Request::get(&node.file("demo", FILE)).header("If-None-Match", &tag).send().is(304);
    let other =
        Request::get(&node.file("demo", FILE)).header("Range", "bytes=0-9").header("If-Range", "\"other\"").send();
    assert_eq!(other.is(200).body.len(), whole.len());
    assert_eq!(upstream.count(AT_UPSTREAM), 1, "one fetch serves every range");
}

#[test]
fn a_file_that_does_not_match_its_hash_is_never_stored_nor_given_whole() {
    let (upstream, state) = demo(300_000);
    let node = state.start();
    let mut wrong = upstream.bytes("demo", FILE).to_vec();
    wrong[150_000] ^= 1;
    upstream.fault(AT_UPSTREAM, Fault::Bytes(Bytes::from(wrong)));
    Clients::get().each(|client| {
        client.room().install(&node.index(), &["demo==1.0"]).fails();
    });
    let answer = get(&node.file("demo", FILE));
    assert!(answer.status != 200 || !answer.complete, "a wrong file was given as whole");
    assert!(state.blobs().iter().all(|(name, hash)| name == hash), "{:?}", state.blobs());
    let faults = records_of(&state, "packages:upstream-fault");
    assert!(
        faults.iter().any(|record| record["facts"]["fault"].as_str().is_some_and(|f| f.contains("SHA-256"))),
        "{faults:?}"
    );
    upstream.heal(AT_UPSTREAM);
    assert_eq!(get(&node.file("demo", FILE)).is(200).body, upstream.bytes("demo", FILE));
}

#[test]
fn a_cut_file_is_an_error_and_never_a_short_file() {
    let (upstream, state) = demo(300_000);
    let node = state.start();
    upstream.fault(AT_UPSTREAM, Fault::CutAfter(100_000));
    let answer = get(&node.file("demo", FILE));
    assert!(answer.status != 200 || !answer.complete, "a cut file was given as whole");
    Clients::get().each(|client| {
        client.room().install(&node.index(), &["demo==1.0"]).fails();
    });
    // Some clients got the metadata, which was whole; the file was not, and is not there.
    let hash = upstream.hash("demo", FILE);
    assert!(state.blobs().iter().all(|(name, of)| name == of && *name != hash), "{:?}", state.blobs());
    upstream.heal(AT_UPSTREAM);
    assert!(get(&node.file("demo", FILE)).is(200).complete);
    assert!(state.blobs().iter().any(|(name, of)| name == of && *name == hash), "{:?}", state.blobs());
}

#[test]
fn a_file_of_another_size_than_stated_is_refused() {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(1000).with_wrong_size(10)]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", FILE)).is(403).says("its index says 10");
    let faults = records_of(&state, "packages:upstream-fault");
    assert!(faults.iter().any(|record| record["facts"].to_string().contains("its index says 10")), "{faults:?}");
    Clients::get().each(|client| {
        client.room().install(&node.index(), &["demo==1.0"]).fails().says("where its index says 10");
    });
}

#[test]
fn every_client_shows_why_a_wrong_file_was_not_given_and_asks_once() {
    let (upstream, state) = demo(1000);
    let node = state.start();
    let mut wrong = upstream.bytes("demo", FILE).to_vec();
    wrong[500] ^= 1;
    upstream.fault(AT_UPSTREAM, Fault::Bytes(Bytes::from(wrong)));
    for client in Clients::get().all() {
        upstream.forget();
        let said = client.room().install(&node.index(), &["demo==1.0"]).fails();
        said.says("does not match the SHA-256 in the index").says("Whoever runs that index can say why");
        assert_eq!(upstream.count(AT_UPSTREAM), 1, "{} asked again", client.name);
    }
    get(&node.file("demo", FILE)).is(403).says("SHA-256");
    // What may be better in a moment is still a failure that clients try again.
    upstream.fault(AT_UPSTREAM, Fault::Status(500));
    get(&node.file("demo", FILE)).is(502);
}

#[test]
fn whoever_finds_too_many_files_on_their_way_is_told_to_try_again_and_when() {
    use std::io::Write as _;
    // fanlight_base::limits::FLIGHTS
    const FLIGHTS: usize = 64;
    let upstream = Upstream::start();
    for n in 0..=FLIGHTS {
        upstream.add(&Release::new("many", &format!("1.{n}")).padded(1000));
    }
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = |n: usize| format!("many-1.{n}-py3-none-any.whl");
    page(&node, "many").is(200);
    let asked: Vec<_> = (0..FLIGHTS)
        .map(|n| {
            upstream.fault(&format!("/files/many/{}", file(n)), Fault::StallAfter(10));
            let mut stream = std::net::TcpStream::connect(node.address()).expect("a connection");
            let head = format!("GET /pypi/files/many/{} HTTP/1.1\r\nHost: {}\r\n\r\n", file(n), node.address());
            stream.write_all(head.as_bytes()).expect("a request");
            stream
        })
        .collect();
    fanlight_testkit::wait_for("every flight to have begun", Duration::from_secs(10), || {
        (upstream.seen().iter().filter(|seen| seen.path.starts_with("/files/")).count() == FLIGHTS).then_some(())
    });
    let busy = get(&node.file("many", &file(FLIGHTS))).is(503).says("64 other files are on their way");
    assert_eq!(busy.header("retry-after"), Some("5"));
    busy.says("Try again in a moment");
    assert!(records_of(&state, "packages:upstream-fault").is_empty(), "it was not asked, so it is not to blame");
    // Whoever is silent is given up on, and its turn goes to others.
    fanlight_testkit::wait_for("a turn", Duration::from_secs(60), || {
        (get(&node.file("many", &file(FLIGHTS))).status == 200).then_some(())
    });
    drop(asked);
}

#[test]
fn a_file_without_hash_is_refused_with_words() {
    let upstream = Upstream::with([Release::new("demo", "1.0").without_hash()]);
    let state = State::before(&upstream, "");
    let node = state.start();
    get(&node.file("demo", FILE)).says("no SHA-256");
    assert_eq!(upstream.count(AT_UPSTREAM), 0);
}

#[test]
fn a_file_whose_name_says_nothing_is_refused_with_words() {
    let upstream = Upstream::with([Release::new("demo", "1.0").file_named("demo.zip")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let refused = get(&node.file("demo", "demo.zip")).says("does not say which release");
    assert_eq!(record_of(&state, &refused)["on"]["id"], "pkg:pypi/demo@unknown");
}

#[test]
fn a_file_once_stored_is_not_fetched_again() {
    let (upstream, state) = demo(10_000);
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    let metadata = get(&node.file("demo", &format!("{FILE}.metadata"))).is(200);
    assert!(metadata.text().contains("Name: demo"));
    assert_eq!(record_of(&state, &metadata)["action"], "packages:fetch-metadata");
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    get(&node.file("demo", FILE)).is(200);
    assert_eq!(upstream.count(AT_UPSTREAM), 1);
    assert!(state.blobs().iter().all(|(name, hash)| name == hash));
}

#[test]
fn the_least_used_file_leaves_when_the_cache_is_full() {
    let upstream = Upstream::start();
    for n in 0..6 {
        upstream.add(&Release::new("heavy", &format!("1.{n}")).padded(1_000_000));
    }
    let config = State::config(&upstream, "7d", "").replace("[packages]", "[packages]\ncache_size = \"3MB\"");
    let state = State::with_config(&config);
    let node = state.start();
    for n in 0..6 {
        get(&node.file("heavy", &format!("heavy-1.{n}-py3-none-any.whl"))).is(200);
        // The first file stays in use.
        get(&node.file("heavy", "heavy-1.0-py3-none-any.whl")).is(200);
    }
    fanlight_testkit::wait_for("the cache to shrink", Duration::from_secs(10), || {
        (state.blobs().len() <= 3).then_some(())
    });
    assert_eq!(upstream.count("/files/heavy/heavy-1.0-py3-none-any.whl"), 1, "the one in use stayed");
    page(&node, "heavy").is(200);
    get(&node.file("heavy", "heavy-1.1-py3-none-any.whl")).is(200);
}
