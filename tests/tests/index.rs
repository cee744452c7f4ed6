//! Index pages: both forms, what an upstream says about its releases, and what is served when it says nothing.

use std::time::{Duration, Instant};

use fanlight_testkit::{Answer, Clients, Fault, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{JSON, listed, page, record_of, records_of};

#[test]
fn a_page_comes_in_the_form_asked_for() {
    let upstream = Upstream::with([Release::new("Two.Forms", "1.0").requires_python(">=3.6").with_sdist()]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let json = page(&node, "two-forms").is(200);
    assert!(json.header("content-type").is_some_and(|kind| kind.starts_with(JSON)), "{:?}", json.headers);
    let entry = listed(&node, "two-forms", "two_forms-1.0-py3-none-any.whl");
    let hash = upstream.hash("two-forms", "two_forms-1.0-py3-none-any.whl");
    assert_eq!(entry["hashes"]["sha256"], hash.as_str());
    assert_eq!(entry["requires-python"], ">=3.6");
    assert!(entry["core-metadata"]["sha256"].is_string(), "{entry}");
    assert!(entry["size"].as_u64().is_some_and(|size| size > 100), "{entry}");
    for accept in ["text/html", "*/*", "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"] {
        let html = Request::get(&node.page("two-forms")).header("Accept", accept).send().is(200);
        let text = html.text();
        assert!(text.contains(&format!("#sha256={hash}")), "{accept}: {text}");
        assert!(text.contains("data-requires-python=\"&gt;=3.6\""), "{text}");
        assert!(text.contains("two_forms-1.0.tar.gz"), "{text}");
    }
    let best = Request::get(&node.page("two-forms")).header("Accept", &format!("text/html;q=0.5, {JSON};q=0.9")).send();
    assert_eq!(best.json()["name"], "two-forms");
    Request::get(&node.page("two-forms")).header("Accept", "image/png").send().is(406);
    // A name that is not in its normal form means the same project (PEP 503 leaves redirecting to the index).
    let other = Request::get(&node.page("Two.Forms")).header("Accept", JSON).send().is(200).json();
    assert_eq!(other["name"], "two-forms");
    assert_eq!(record_of(&state, &json)["action"], "packages:read-index");
    assert_eq!(Request::new("HEAD", &node.page("two-forms")).send().is(200).body.len(), 0);
}

#[test]
fn a_yanked_release_stays_yanked_and_a_pin_still_gets_it() {
    let upstream =
        Upstream::with([Release::new("sorry", "1.0"), Release::new("sorry", "1.1").yanked("breaks on Mondays")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    assert_eq!(listed(&node, "sorry", "sorry-1.1-py3-none-any.whl")["yanked"], "breaks on Mondays");
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["sorry"]).ok();
        assert_eq!(room.installed("sorry").as_deref(), Some("1.0"), "{}", client.name);
        room.clear();
        room.install(&node.index(), &["sorry==1.1"]).ok().says("breaks on Mondays");
        assert_eq!(room.installed("sorry").as_deref(), Some("1.1"), "{}", client.name);
    });
}

#[test]
fn a_quarantined_project_is_denied_with_words() {
    let upstream = Upstream::with([Release::new("sick", "1.0")]);
    upstream.set_status("sick", "quarantined", "malware reported");
    let state = State::before(&upstream, "");
    let node = state.start();
    let refused = get(&node.file("sick", "sick-1.0-py3-none-any.whl")).says("quarantined by its own index");
    assert_eq!(record_of(&state, &refused)["decision"]["outcome"], "deny");
    assert_eq!(page(&node, "sick").json()["project-status"]["status"], "quarantined");
    Clients::get().each(|client| {
        client.room().install(&node.index(), &["sick==1.0"]).fails().says("quarantined by its own index");
    });
}

#[test]
fn a_status_that_nobody_knows_is_passed_on_and_seen_by_policies() {
    let upstream = Upstream::with([Release::new("odd", "1.0")]);
    upstream.set_status("odd", "suspended", "under review");
    let state = State::before(&upstream, "");
    let node = state.start();
    let answer = page(&node, "odd").is(200);
    assert_eq!(answer.json()["project-status"]["status"], "suspended");
    assert_eq!(record_of(&state, &answer)["facts"]["status"], "suspended");
    let html = get(&node.page("odd")).is(200).text();
    assert!(html.contains(r#"<meta name="pypi:project-status" content="suspended">"#), "{html}");
    // No policy is against it, so it installs as from the index itself.
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["odd"]).ok();
        assert_eq!(room.installed("odd").as_deref(), Some("1.0"), "{}", client.name);
    });
    let file = get(&node.file("odd", "odd-1.0-py3-none-any.whl")).is(200);
    assert_eq!(record_of(&state, &file)["facts"]["project_status"], "suspended");
    state.policy(
        "company.cedar",
        "@id(\"only-known-statuses\") @outcome(\"deny\") @reason(\"{project} is {project_status} upstream\")\n\
         forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\n\
         unless { [\"active\", \"archived\", \"deprecated\"].contains(context.project_status) };\n",
    );
    wait_for("the policy", Duration::from_secs(5), || {
        let refused = get(&node.file("odd", "odd-1.0-py3-none-any.whl"));
        (refused.status != 200).then(|| refused.says("odd is suspended upstream"))
    });
}

#[test]
fn an_html_only_upstream_is_read_and_its_releases_wait_from_first_seen() {
    let upstream = Upstream::with([
        Release::new("plain", "1.0").requires_python(">=3"),
        Release::new("plain", "1.1").yanked("oops"),
    ]);
    upstream.html_only(true);
    let state = State::before(&upstream, "");
    let node = state.start();
    let entry = listed(&node, "plain", "plain-1.0-py3-none-any.whl");
    assert!(entry["yanked"].as_str().is_some_and(|why| why.contains("first seen here")), "{entry}");
    assert_eq!(entry["hashes"]["sha256"], upstream.hash("plain", "plain-1.0-py3-none-any.whl").as_str());
    assert_eq!(entry["requires-python"], ">=3");
    assert_eq!(node.stop(), Some(0));
    // What no longer waits is listed as the upstream has it.
    state.configure(&State::config(&upstream, "0s", ""));
    let node = state.start();
    assert_eq!(listed(&node, "plain", "plain-1.0-py3-none-any.whl")["yanked"], false);
    assert_eq!(listed(&node, "plain", "plain-1.1-py3-none-any.whl")["yanked"], "oops");
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["plain"]).ok();
        assert_eq!(room.installed("plain").as_deref(), Some("1.0"), "{}", client.name);
    });
}

#[test]
fn two_thousand_files_are_one_page_and_install() {
    let upstream = Upstream::start();
    upstream.add_many("big", 2000);
    let state = State::before(&upstream, "");
    let node = state.start();
    assert_eq!(page(&node, "big").json()["files"].as_array().map(Vec::len), Some(2000));
    let before = upstream.count("/simple/big/");
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| page(&node, "big").is(200));
        }
    });
    assert!(upstream.count("/simple/big/") <= before + 3, "pages are kept between requests");
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["big"]).ok();
        assert_eq!(room.installed("big").as_deref(), Some("1.1999"), "{}", client.name);
    });
}

#[test]
fn a_changed_upstream_is_seen_within_the_refresh_time() {
    let upstream = Upstream::with([Release::new("moving", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    page(&node, "moving").is(200);
    upstream.add(&Release::new("moving", "1.1").seconds_old(10));
    std::thread::sleep(Duration::from_millis(1100));
    wait_for("the new release on the page", Duration::from_secs(2), || {
        page(&node, "moving").text().contains("moving-1.1").then_some(())
    });
    assert!(upstream.seen().iter().any(|seen| seen.conditional), "the second look asks only for what changed");
    std::thread::sleep(Duration::from_millis(1100));
    page(&node, "moving").is(200);
    wait_for("an unchanged page", Duration::from_secs(5), || {
        std::thread::sleep(Duration::from_millis(300));
        page(&node, "moving");
        upstream.seen().iter().any(|seen| seen.status == 304).then_some(())
    });
}

#[test]
fn while_the_upstream_is_silent_old_pages_and_files_wait_only_a_moment() {
    let upstream = Upstream::with([Release::new("known", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = node.file("known", "known-1.0-py3-none-any.whl");
    page(&node, "known").is(200);
    get(&file).is(200);
    upstream.fault("/simple/known/", Fault::Delay(Duration::from_secs(60)));
    std::thread::sleep(Duration::from_millis(1200));
    let within = |limit: u64, what: &str, ask: &dyn Fn() -> Answer| {
        let began = Instant::now();
        let answer = ask().is(200);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(limit), "{what} took {took:?}");
        assert_eq!(record_of(&state, &answer)["facts"]["upstream_state"], "stale", "{what}");
    };
    // The first waits its moment, whoever comes while the look goes on does not.
    within(9, "the page", &|| page(&node, "known"));
    within(2, "the page again", &|| page(&node, "known"));
    within(2, "the file", &|| get(&file));
    assert!(!records_of(&state, "packages:upstream-fault").is_empty());
    assert_eq!(node.stop(), Some(0));
    // After a start what is known comes from disk, and waits no longer.
    let node = state.start();
    within(9, "the page after a start", &|| page(&node, "known"));
    within(2, "the file after a start", &|| get(&node.file("known", "known-1.0-py3-none-any.whl")));
}

#[test]
fn while_the_upstream_is_down_old_pages_serve_and_new_ones_say_why_not() {
    let upstream = Upstream::with([Release::new("known", "1.0"), Release::new("unknown", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    page(&node, "known").is(200);
    get(&node.file("known", "known-1.0-py3-none-any.whl")).is(200);
    upstream.stop();
    std::thread::sleep(Duration::from_millis(1500));
    let stale = wait_for("the stale page", Duration::from_secs(10), || {
        let answer = page(&node, "known").is(200);
        (record_of(&state, &answer)["facts"]["upstream_state"] == "stale").then_some(answer)
    });
    assert!(stale.text().contains("known-1.0"));
    get(&node.file("known", "known-1.0-py3-none-any.whl")).is(200);
    let never = page(&node, "unknown");
    assert!([502, 503, 504].contains(&never.status), "{never:?}");
    assert!(never.clone().says("upstream").text().contains(never.request_id().unwrap()), "the error names the request");
    assert!(!records_of(&state, "packages:upstream-fault").is_empty());
    // The page outlives the node that fetched it.
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    page(&node, "known").is(200);
    upstream.restart();
    wait_for("the upstream's return to be noticed", Duration::from_secs(15), || {
        (page(&node, "unknown").status == 200).then_some(())
    });
    node.is_healthy();
}

#[test]
fn a_project_the_upstream_does_not_have_is_not_found_and_recorded() {
    let upstream = Upstream::with([Release::new("here", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let absent = page(&node, "nowhere").is(404);
    assert_eq!(record_of(&state, &absent)["facts"]["upstream_state"], "absent");
    get(&node.file("here", "here-9.9-py3-none-any.whl")).is(404).says("here-9.9-py3-none-any.whl");
    get(&format!("{}/no/such/door", node.url())).is(404);
}

#[test]
fn an_upstream_that_answers_five_hundred_is_not_believed() {
    let upstream = Upstream::with([Release::new("flaky", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    page(&node, "flaky").is(200);
    upstream.fault("/simple/flaky/", Fault::Status(500));
    std::thread::sleep(Duration::from_millis(1500));
    assert!(page(&node, "flaky").is(200).text().contains("flaky-1.0"));
    upstream.heal("/simple/flaky/");
}

#[test]
fn a_login_page_under_status_200_is_a_fault_and_takes_nothing_away() {
    const LOGIN: &[u8] = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><a href=\"/help\">Help</a>
        <form action=\"/login\" method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\">
        <button>Sign in</button></form></body></html>";
    let upstream = Upstream::with([Release::new("known", "1.0"), Release::new("unknown", "1.0")]);
    upstream.html_only(true);
    let state = State::with_cooldown(&upstream, "0s");
    let node = state.start();
    page(&node, "known").is(200);
    for path in ["/simple/known/", "/simple/unknown/", "/simple/"] {
        upstream.fault(path, Fault::Bytes(bytes::Bytes::from_static(LOGIN)));
    }
    let stale = wait_for("the login page to be met", Duration::from_secs(10), || {
        let answer = page(&node, "known").is(200);
        (record_of(&state, &answer)["facts"]["upstream_state"] == "stale").then_some(answer)
    });
    assert!(stale.text().contains("known-1.0"));
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["known==1.0"]).ok();
        // Not "from versions: none", which would be an answer.
        room.install(&node.index(), &["unknown"]).fails();
    });
    page(&node, "unknown").is(502).says("looks like a login page").says("packages.pypi.upstream");
    get(&format!("{}/pypi/simple/", node.url())).is(502).says("looks like a login page");
    let faults = records_of(&state, "packages:upstream-fault");
    let told = |purl: &str| {
        let of = faults.iter().find(|record| record["on"]["id"] == purl).expect("a record of the fault");
        assert!(of["facts"]["fault"].as_str().is_some_and(|words| words.contains("login page")), "{of}");
    };
    told("pkg:pypi/known");
    told("pkg:pypi/unknown");
    state.cli(&["status"]).says("login page");
}

#[test]
fn what_the_upstream_took_away_does_not_come_back_when_it_is_down() {
    const FILE: &str = "gone-1.0-py3-none-any.whl";
    let upstream = Upstream::with([Release::new("gone", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    page(&node, "gone").is(200);
    get(&node.file("gone", FILE)).is(200);
    upstream.remove_project("gone");
    wait_for("the removal to be seen", Duration::from_secs(10), || (page(&node, "gone").status == 404).then_some(()));
    get(&node.file("gone", FILE)).is(404);
    upstream.stop();
    std::thread::sleep(Duration::from_millis(1500));
    let still_gone = |node: &fanlight_testkit::Node| {
        for address in [node.page("gone"), node.file("gone", FILE)] {
            let answer = get(&address);
            assert_ne!(answer.status, 200, "{address} came back");
        }
    };
    still_gone(&node);
    node.kill();
    still_gone(&state.start());
}

#[test]
fn a_refusal_of_the_upstream_takes_nothing_away() {
    const FILE: &str = "known-1.0-py3-none-any.whl";
    let upstream = Upstream::with([Release::new("known", "1.0"), Release::new("unknown", "1.0")]);
    let state = State::with_cooldown(&upstream, "0s");
    let node = state.start();
    page(&node, "known").is(200);
    get(&node.file("known", FILE)).is(200);
    let goes_on = |status: u16, words: &str| {
        upstream.fault("/simple/known/", Fault::Status(status));
        wait_for(words, Duration::from_secs(10), || {
            let answer = page(&node, "known").is(200);
            let met = records_of(&state, "packages:upstream-fault").iter().any(|record| {
                record["on"]["id"] == "pkg:pypi/known" && record["facts"]["fault"].to_string().contains(words)
            });
            (met && record_of(&state, &answer)["facts"]["upstream_state"] == "stale").then_some(())
        });
        let file = get(&node.file("known", FILE)).is(200);
        assert_eq!(record_of(&state, &file)["facts"]["upstream_state"], "stale");
    };
    // What a proxy, a firewall or a limit on the way sends, once; then a fault that nobody takes for an answer.
    for status in [403, 451, 429, 400] {
        goes_on(status, &status.to_string());
    }
    goes_on(500, "500");
    // What was known outlives a restart in the middle of it.
    upstream.fault("/simple/known/", Fault::Status(403));
    node.kill();
    let node = state.start();
    std::thread::sleep(Duration::from_millis(1500));
    let kept = page(&node, "known").is(200);
    assert_eq!(record_of(&state, &kept)["facts"]["upstream_state"], "stale");
    Clients::get().each(|client| {
        let room = client.room();
        room.install(&node.index(), &["known==1.0"]).ok();
    });
    // Of what was never seen, people are told as far as their client tells anything, and no client asks for ever.
    upstream.fault("/simple/unknown/", Fault::Status(403));
    Clients::get().each(|client| {
        let said = client.room().install(&node.index(), &["unknown"]).fails();
        if client.is_pip() {
            said.says("No matching distribution found for unknown").keeps_quiet_about("502");
        } else {
            said.says("refuses the project").says("403");
        }
    });
    page(&node, "unknown").is(403).says("The upstream refuses the project").says("403");
    state.cli(&["why", "unknown"]).fails().says("refuses the project").says("403");
    // Only gone is gone.
    upstream.fault("/simple/known/", Fault::Status(410));
    wait_for("the end", Duration::from_secs(10), || (page(&node, "known").status == 404).then_some(()));
    get(&node.file("known", FILE)).is(404);
}
