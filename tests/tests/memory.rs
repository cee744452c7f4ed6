//! What the node holds in memory: bounded in bytes, whatever an upstream lists and however many ask.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use fanlight_testkit::{Fault, Node, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{JSON, page, record_of, records_of};

/// The most memory the node ever had, in megabytes.
fn peak(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).expect("a running node");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak of memory");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("kilobytes") / 1024
}

fn list(node: &Node) -> Request {
    Request::get(&format!("{}/pypi/simple/", node.url())).header("Accept", JSON).limit(Duration::from_secs(60))
}

/// A page of that many files, a kilobyte each as the upstream writes them.
fn large_page(name: &str, files: usize) -> Bytes {
    let mut text = format!(r#"{{"meta":{{"api-version":"1.4"}},"name":"{name}","files":["#);
    for n in 0..files {
        let separator = if n == 0 { "" } else { "," };
        let file = format!("{name}-1.{n}-py3-none-any.whl");
        let _ = write!(
            text,
            r#"{separator}{{"filename":"{file}","url":"http://127.0.0.1:1/packages/{n:064x}/{file}","size":1,"hashes":{{"sha256":"{n:064x}"}},"requires-python":">=3.8","upload-time":"2024-01-01T00:00:00Z","_private":"{}"}}"#,
            "x".repeat(400)
        );
    }
    text.push_str("]}");
    text.into()
}

#[test]
fn however_many_ask_for_the_list_of_projects_it_is_fetched_and_written_once() {
    let upstream = Upstream::with([Release::new("one", "1.0")]);
    let names: Vec<_> = (0..400_000).map(|n| format!(r#"{{"name":"project-number-{n}"}}"#)).collect();
    let body = format!(r#"{{"meta":{{"api-version":"1.4"}},"projects":[{}]}}"#, names.join(","));
    upstream.fault("/simple/", Fault::Bytes(body.into()));
    let state = State::with_config(&format!(
        "[packages]\nrefresh = \"1h\"\n[packages.pypi]\nupstream = \"{}\"\n",
        upstream.simple_url()
    ));
    let node = state.start();
    let before = peak(&node);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let answer = list(&node).send().is(200);
                assert!(
                    answer.body.len() > 10_000_000 && answer.body.ends_with(b"{\"name\":\"project-number-399999\"}]}")
                );
            });
        }
    });
    assert_eq!(upstream.count("/simple/"), 1);
    let grown = peak(&node) - before;
    // What came, its names, the page written from them; at most twice that with what the system's allocator keeps.
    assert!(grown < 150, "{grown} MB for a list of 13 MB");
    let html = Request::get(&format!("{}/pypi/simple/", node.url())).header("Accept", "text/html").send().is(200);
    assert!(html.text().contains("<a href=\"project-number-7/\">"));
    assert_eq!(upstream.count("/simple/"), 1, "the other form needs no other look");
}

#[test]
fn the_list_of_projects_is_confirmed_and_outlives_a_dead_upstream() {
    let upstream = Upstream::with([Release::new("one", "1.0"), Release::new("two", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let first = list(&node).send().is(200);
    assert!(first.text().contains("\"two\""));
    let etag = first.header("etag").expect("an ETag").to_owned();
    list(&node).header("If-None-Match", &etag).send().is(304);
    assert_eq!(record_of(&state, &first)["facts"]["upstream_state"], "fresh");
    // After the refresh time the upstream is asked only for what changed.
    wait_for("an unchanged list", Duration::from_secs(5), || {
        list(&node).header("If-None-Match", &etag).send().is(304);
        upstream.seen().iter().any(|seen| seen.path == "/simple/" && seen.status == 304).then_some(())
    });
    upstream.add(&Release::new("three", "1.0"));
    wait_for("the new project on the list", Duration::from_secs(5), || {
        list(&node).header("If-None-Match", &etag).send().text().contains("\"three\"").then_some(())
    });
    upstream.stop();
    let stale = wait_for("the stale list", Duration::from_secs(10), || {
        let answer = list(&node).send().is(200);
        (record_of(&state, &answer)["facts"]["upstream_state"] == "stale").then_some(answer)
    });
    assert!(stale.text().contains("\"three\""));
    assert!(!records_of(&state, "packages:upstream-fault").is_empty());
}

#[test]
fn projects_in_memory_are_bounded_in_bytes_and_come_back_from_the_store() {
    const PROJECTS: usize = 100;
    let upstream = Upstream::start();
    let name = |n: usize| format!("large-{n}");
    for n in 0..PROJECTS {
        upstream.add(&Release::new(&name(n), "1.0"));
        upstream.fault(&format!("/simple/{}/", name(n)), Fault::Bytes(large_page(&format!("large_{n}"), 2000)));
    }
    let state = State::with_config(&format!(
        "[packages]\nrefresh = \"1h\"\nmemory = \"16MiB\"\n[packages.pypi]\nupstream = \"{}\"\n",
        upstream.simple_url()
    ));
    let node = state.start();
    let before = peak(&node);
    let pages: Vec<_> = (0..PROJECTS).map(|n| page(&node, &name(n)).is(200).body).collect();
    let grown = peak(&node) - before;
    // A hundred times two megabytes and more would not fit; what is under way for one page, and what the allocator keeps of
    // it on each thread, comes on top.
    assert!(grown < 150, "{grown} MB with room for 16");
    for n in [0, PROJECTS / 2, PROJECTS - 1] {
        assert!(page(&node, &name(n)).is(200).body == pages[n], "page {n} differs when it comes back");
        assert_eq!(upstream.count(&format!("/simple/{}/", name(n))), 1, "what is kept is not asked for again");
    }
    // What the node says of itself, after what the last page let go of.
    let metrics = get(&format!("{}/metrics", node.url())).is(200).text();
    let held = metrics.lines().find_map(|line| line.strip_prefix("fanlight_projects_memory_bytes "));
    let held: u64 = held.expect("a count of the bytes").parse().expect("a number");
    assert!((1_000_000..24_000_000).contains(&held), "{held} bytes held with room for 16 MiB");
}
