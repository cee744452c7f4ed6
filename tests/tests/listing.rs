//! Lists over the API, a page at a time.

use fanlight_testkit::{Node, Release, State, Upstream};
use fanlight_tests::Browser;
use serde_json::{Value, json};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

fn names<'v>(page: &'v Value, list: &str, name: &str) -> Vec<&'v str> {
    page[list].as_array().expect("a list").iter().map(|one| one[name].as_str().expect("a text")).collect()
}

/// All pages of a list, `limit` at a time.
fn pages(browser: &Browser, path: &str, limit: usize) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut after = String::new();
    loop {
        let page = browser.get(&format!("{path}?limit={limit}{after}")).is(200).json();
        let next = page["next"].as_str().map(|next| format!("&after={next}"));
        pages.push(page);
        match next {
            Some(next) => after = next,
            None => return pages,
        }
    }
}

#[test]
fn people_machines_apps_and_keys_are_listed_a_page_at_a_time() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let csv = state.path().join("staff.csv");
    let lines: String = (0..7).map(|number| format!("Person {number},\n")).collect();
    std::fs::write(&csv, format!("name,groups\n{lines}")).expect("written");
    state.cli(&["people", "import", csv.to_str().expect("a path")]).ok();
    let all = asha.get("people").is(200).json();
    assert!(all.get("next").is_none(), "without a limit all of it comes");
    for limit in [1, 3, 8, 1000] {
        let pages = pages(&asha, "people", limit);
        let together: Vec<_> = pages.iter().flat_map(|page| names(page, "people", "name")).collect();
        assert_eq!(together, names(&all, "people", "name"), "by {limit}");
        assert_eq!(pages.len(), together.len().div_ceil(limit), "by {limit}");
    }
    assert_eq!(names(&asha.get("people?q=pErSoN%203").is(200).json(), "people", "name"), ["Person 3"]);
    for number in 0..3 {
        let ask = json!({ "label": format!("key {number}"), "scopes": ["packages"], "days": 1 });
        asha.post("keys", &ask).is(201);
    }
    let pages = pages(&asha, "keys/own", 2);
    let labels: Vec<_> = pages.iter().flat_map(|page| names(page, "keys", "label")).collect();
    assert_eq!(labels, ["key 2", "key 1", "key 0"]);
    assert_eq!(names(&asha.get("keys?q=KEY%201").is(200).json(), "keys", "label"), ["key 1"]);
}

#[test]
fn requests_are_listed_a_page_at_a_time_and_what_is_asked_wrongly_is_said() {
    let upstream = Upstream::with((0..5).map(|number| Release::new("demo", &format!("{}.0", number + 1)).days_old(1)));
    let state = State::with_cooldown(&upstream, "7d");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    for number in 1..=5 {
        let ask = json!({ "purl": format!("pkg:pypi/demo@{number}.0"), "because": "a test" });
        ben.post("requests", &ask).is(200);
    }
    for (browser, path) in [(&asha, "requests"), (&ben, "requests/own")] {
        let pages = pages(browser, path, 2);
        let purls: Vec<_> = pages.iter().flat_map(|page| names(page, "requests", "purl")).collect();
        assert_eq!(purls, [5, 4, 3, 2, 1].map(|number| format!("pkg:pypi/demo@{number}.0")), "{path}");
        assert_eq!(pages.len(), 3);
        let found = browser.get(&format!("{path}?q=DEMO%403")).is(200).json();
        assert_eq!(names(&found, "requests", "purl"), ["pkg:pypi/demo@3.0"]);
    }
    for (path, status) in [
        ("requests?limit=0", 400),
        ("requests?limit=1001", 400),
        ("requests?after=req_0000000000000000", 404),
        ("people?after=prs_0000000000000000", 404),
        ("people?limit=many", 400),
    ] {
        let refused = asha.get(path).is(status).json();
        assert!(refused["detail"].as_str().is_some_and(|words| words.contains('`')), "{path}: {refused}");
    }
}
