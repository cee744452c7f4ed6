//! Lists over the API, a page at a time.

use fanlight_testkit::{Node, Release, State, Upstream, get};
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

#[test]
fn people_are_found_by_role_and_group_a_page_at_a_time() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let csv = state.path().join("staff.csv");
    let lines: String = (0..120)
        .map(|number| format!("Person {number},{}\n", if number % 40 == 7 { "finance-eu" } else { "sales" }))
        .collect();
    std::fs::write(&csv, format!("name,groups\n{lines}")).expect("written");
    state.cli(&["people", "import", csv.to_str().expect("a path")]).ok();
    state.cli(&["people", "role", "Person 90", "add", "reviewer"]).ok();
    let found = |query: &str| {
        let page = asha.get(&format!("people?{query}")).is(200).json();
        // Who became known in the same moment stands in no order that is told.
        let mut names: Vec<_> = names(&page, "people", "name").into_iter().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(found("role=reviewer"), ["Person 90"]);
    assert_eq!(found("role=steward&limit=1"), ["asha"]);
    assert_eq!(found("group=FINANCE"), ["Person 47", "Person 7", "Person 87"]);
    assert_eq!(found("group=sales&role=reviewer&q=90"), ["Person 90"]);
    assert_eq!(found("group=finance&role=reviewer").len(), 0);
    assert_eq!(found("role=builder"), found(""), "everybody is one");
    let first = asha.get("people?group=finance&limit=2").is(200).json();
    let next = first["next"].as_str().expect("there is more");
    let rest = found(&format!("group=finance&limit=2&after={next}"));
    assert!(rest.len() == 1 && !names(&first, "people", "name").contains(&rest[0].as_str()), "{rest:?} after {first}");
    // Whose role was taken is not found by it, nor who left.
    state.cli(&["people", "role", "Person 90", "remove", "reviewer"]).ok();
    state.cli(&["leaver", "Person 7"]).ok();
    assert_eq!((found("role=reviewer").len(), found("group=finance").len()), (0, 2));
    assert!(!found("role=builder").contains(&"Person 7".to_owned()), "who left is none any more");
    asha.get("people?role=king").is(400).says("A role is");
    // The same on the command line.
    state.cli(&["people", "list", "--group", "finance", "--search", "47"]).ok().says("Person 47");
    state.cli(&["people", "list", "--role", "auditor"]).ok().says("Nobody fits.");
    state.cli(&["people", "list", "--role", "king"]).exits(2).says("they are mentor, reviewer");
}

#[test]
fn projects_are_listed_a_page_at_a_time_and_by_what_happened() {
    let upstream = Upstream::with((0..5).map(|number| Release::new(&format!("demo{number}"), "1.0").days_old(30)));
    upstream.add(&Release::new("fresh", "1.0").days_old(1));
    let state = State::with_cooldown(&upstream, "7d");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    for number in 0..5 {
        get(&node.file(&format!("demo{number}"), &format!("demo{number}-1.0-py3-none-any.whl"))).is(200);
    }
    get(&node.file("fresh", "fresh-1.0-py3-none-any.whl")).is(403);
    let all = ["fresh", "demo4", "demo3", "demo2", "demo1", "demo0"].map(|name| format!("pkg:pypi/{name}"));
    for limit in [1, 4, 6] {
        let pages = pages(&asha, "projects", limit);
        let together: Vec<_> = pages.iter().flat_map(|page| names(page, "projects", "purl")).collect();
        assert_eq!(together, all, "by {limit}");
    }
    let found = |query: &str| asha.get(&format!("projects?{query}")).is(200).json();
    assert_eq!(names(&found("stopped=true"), "projects", "purl"), ["pkg:pypi/fresh"]);
    assert_eq!(names(&found("q=DEMO3"), "projects", "purl"), ["pkg:pypi/demo3"]);
    assert_eq!(names(&found("ecosystem=pypi&q=fr"), "projects", "purl"), ["pkg:pypi/fresh"]);
    assert_eq!(names(&found("ecosystem=npm"), "projects", "purl").len(), 0);
    let told = &found("stopped=true")["projects"][0];
    assert_eq!((&told["allowed"], &told["stopped"]), (&json!(0), &json!(1)));
    for (path, status) in
        [("projects?stopped=maybe", 400), ("projects?ecosystem=..", 400), ("projects?after=pkg:pypi/demo1", 404)]
    {
        asha.get(path).is(status);
    }
    // What was stopped most is searched, and the numbers stay those of all.
    for (q, count) in [("FRESH%201.0", 1), ("fr%C3%A9sh", 0), ("frxsh", 0), ("pypi", 0)] {
        let page = asha.get(&format!("overview?q={q}")).is(200).json();
        assert_eq!(names(&page, "stopped", "purl").len(), count, "{q}");
        assert_eq!(
            names(&found(&format!("q={}", q.trim_end_matches("%201.0"))), "projects", "purl").len(),
            count,
            "{q}"
        );
    }
    let [with, without] = ["fresh", "other"].map(|q| asha.get(&format!("overview?q={q}")).is(200).json());
    assert_eq!(names(&with, "stopped", "purl"), ["pkg:pypi/fresh@1.0"]);
    assert_eq!(names(&without, "stopped", "purl").len(), 0);
    assert_eq!((&with["total"], &with["total"]["held"]), (&without["total"], &json!(1)));
}
