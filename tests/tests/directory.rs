//! A company's directory says by SCIM who is here: as Entra and Okta send it, and by clients that nobody here wrote.

use std::time::Duration;

use fanlight_testkit::clients::python_tools;
use fanlight_testkit::{Answer, Node, Release, Request, Run, State, Upstream, wait_for};
use fanlight_tests::{Browser, files_with, records_of};
use serde_json::{Value, json};

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// No file at all.
const NOWHERE: [std::path::PathBuf; 0] = [];

/// A directory that shows the secret of the state folder.
struct Directory {
    url: String,
    secret: String,
}

impl Directory {
    fn of(state: &State, node: &Node) -> Self {
        let secret = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's secret");
        Self { url: format!("{}/scim/v2", node.url()), secret: secret.trim().to_owned() }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, &format!("{}/{path}", self.url));
        let request = request.header("Authorization", &format!("Bearer {}", self.secret));
        request.header("Content-Type", "application/scim+json; charset=utf-8")
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.request(method, path).body(body.to_string()).send()
    }

    fn patch(&self, path: &str, operations: &Value) -> Answer {
        let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        self.send("PATCH", path, &json!({ "schemas": [urn], "Operations": operations }))
    }

    /// Enters a person, and gives their id.
    #[track_caller]
    fn enter(&self, name: &str) -> String {
        id(&self.send("POST", "Users", &json!({ "userName": name, "externalId": format!("ext-{name}") })).is(201))
    }

    fn named(&self, name: &str) -> Value {
        self.get(&format!("Users?filter=userName%20eq%20%22{name}%22")).is(200).json()
    }
}

#[track_caller]
fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// A token that pip shows in that person's name.
#[track_caller]
fn token_of(state: &State, name: &str) -> String {
    state.cli(&["use", "pip", "--person", name]).ok();
    let text = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let start = text.find("flk_").expect("a token");
    text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// As Entra says that somebody has left.
fn off() -> Value {
    json!([{ "op": "Replace", "path": "active", "value": "False" }])
}

#[test]
fn who_is_switched_off_has_nothing_that_is_good_any_more() {
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    let ben = directory.enter("ben");
    let browser = Browser::invited(&state, &node, "ben", Some("mentor"));
    let token = token_of(&state, "ben");
    let fetch = || Request::get(&node.page("demo")).basic("ben", &token).send();
    fetch().is(200);
    browser.get("people").is(200);
    directory.patch(&format!("Users/{ben}"), &off()).is(200).says("\"active\":false");
    fetch().is(401).says("revoked");
    browser.get("account").is(401);
    let mut again = browser;
    let code = again.codes.pop().expect("a code");
    again.try_login("ben", fanlight_tests::PASSWORD, &code).is(401);
    // Nor can anybody here give anything to who has left.
    state.cli(&["use", "pip", "--person", "ben"]).fails().says("this person has left");
    state.cli(&["people", "invite", "ben"]).fails().says("directory says that this person has left");
    state.cli(&["people", "role", "ben", "add", "reviewer"]).exits(1).says("has left").says("Invite them again first");
    state.cli(&["people", "list"]).ok().says("left 2");
    let record = records_of(&state, "directory:end-person").pop().expect("a record");
    assert_eq!((&record["on"]["id"], &record["decision"]["outcome"]), (&json!(ben), &json!("allow")), "{record}");
    // Back, under the same pseudonym, with nothing of what was before.
    directory.patch(&format!("Users/{ben}"), &json!([{ "op": "replace", "value": { "active": true } }])).is(200);
    fetch().is(401);
    state.cli(&["people", "list"]).ok().says("builder");
    Browser::invited(&state, &node, "ben", None).get("account").is(200);
    directory.request("DELETE", &format!("Users/{ben}")).send().is(204);
    directory.get(&format!("Users/{ben}")).is(404);
    assert_eq!(directory.enter("ben"), ben, "one pseudonym for life");
}

#[test]
fn whom_people_here_know_already_keeps_their_pseudonym_and_names_stay_sealed() {
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    let asha = Browser::first_steward(&state, &node, "asha");
    let known = asha.get("account").is(200).json()["person"].as_str().expect("a pseudonym").to_owned();
    assert_eq!(directory.named("asha")["totalResults"], 0, "a directory sees whom it sent");
    let mail = "asha.rao@corp.example";
    let said = json!({ "userName": "Asha", "emails": [{ "value": mail, "type": "work" }] });
    assert_eq!(id(&directory.send("POST", "Users", &said).is(201)), known);
    directory.send("POST", "Users", &said).is(409).says("uniqueness");
    assert_eq!(directory.named("ASHA")["Resources"][0]["userName"], "Asha");
    asha.get("account").is(200);
    // She is the last steward, and stays, however it is said.
    directory.patch(&format!("Users/{known}"), &off()).is(403).says("no steward would be left");
    directory.request("DELETE", &format!("Users/{known}")).send().is(403);
    let replaced = json!({ "userName": "Asha", "active": false });
    directory.send("PUT", &format!("Users/{known}"), &replaced).is(403);
    asha.get("people").is(200);
    assert_eq!(files_with(&state.path(), mail.as_bytes()), NOWHERE, "sealed");
    assert_eq!(files_with(&state.path().join("ledger"), b"Asha"), NOWHERE);
    state.cli(&["ledger", "erase", "asha", "--yes"]).exits(1);
    let ben = directory.enter("ben");
    state.cli(&["ledger", "erase", "ben", "--yes"]).ok();
    directory.get(&format!("Users/{ben}")).is(404);
    assert_ne!(directory.enter("ben"), ben, "who was erased is somebody new");
}

#[test]
fn a_group_of_the_directory_counts_for_policies_at_once() {
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    let (ben, cleo) = (directory.enter("ben"), directory.enter("cleo"));
    state.policy(
        "company.cedar",
        "@id(\"not-finance\") @outcome(\"deny\") @reason(\"not for finance\") forbid (principal in \
         Fanlight::Group::\"finance-team\", action == Fanlight::Action::\"packages:read-index\", resource);",
    );
    wait_for("the policy", Duration::from_secs(20), || {
        (!records_of(&state, "node:policies-changed").is_empty()).then_some(())
    });
    let token = token_of(&state, "ben");
    let may = || Request::get(&node.page("demo")).basic("ben", &token).send().status == 200;
    assert!(may());
    let made =
        directory.send("POST", "Groups", &json!({ "displayName": "Finance Team", "members": [{ "value": ben }] }));
    let group = format!("Groups/{}", id(&made.is(201)));
    assert!(!may(), "in force when the answer is there");
    state.cli(&["people", "group", "ben", "remove", "finance-team"]).exits(1).says("directory keeps this group");
    state.cli(&["people", "list"]).ok().says("finance-team");
    // Called otherwise, it is the same group to policies: nobody slips out by a new name.
    directory.patch(&group, &json!([{ "op": "Replace", "path": "displayName", "value": "Money" }])).is(204);
    assert!(!may());
    // As Entra and Okta take members out and put them in.
    directory.patch(&group, &json!([{ "op": "Remove", "path": "members", "value": [{ "value": ben }] }])).is(204);
    assert!(may());
    directory
        .patch(&group, &json!([{ "op": "Add", "path": "members", "value": [{ "value": ben }, { "value": cleo }] }]))
        .is(204);
    assert!(!may());
    let shown = directory.get(&group).is(200).json();
    assert_eq!((shown["members"].as_array().map(Vec::len), &shown["displayName"]), (Some(2), &json!("Money")));
    directory.patch(&group, &json!([{ "op": "remove", "path": format!("members[value eq \"{ben}\"]") }])).is(204);
    assert!(may());
    directory.send("PUT", &group, &json!({ "displayName": "Money", "members": [{ "value": ben }] })).is(200);
    assert!(!may());
    assert_eq!(directory.get(&format!("Users/{ben}")).is(200).json()["groups"][0]["display"], "Money");
    assert!(directory.get(&format!("Users/{cleo}")).is(200).json().get("groups").is_none());
    // Off and on again: the directory need not say the groups anew.
    directory.patch(&format!("Users/{ben}"), &off()).is(200);
    directory.patch(&format!("Users/{ben}"), &json!([{ "op": "replace", "path": "active", "value": true }])).is(200);
    let token = token_of(&state, "ben");
    let may = || Request::get(&node.page("demo")).basic("ben", &token).send().status == 200;
    assert!(!may());
    directory.request("DELETE", &group).send().is(204);
    assert!(may());
    for (group, status) in [
        (json!({ "displayName": "x", "members": [{ "value": "prs_nobody0000000000" }] }), 400),
        (json!({ "members": [] }), 400),
        (json!({ "displayName": "" }), 400),
    ] {
        directory.send("POST", "Groups", &group).is(status);
    }
    state.cli(&["people", "group", "cleo", "add", "sales"]).ok();
    directory.send("POST", "Groups", &json!({ "displayName": "Sales" })).is(409).says("There is a group sales here");
    // A restart knows it all.
    let group = format!(
        "Groups/{}",
        id(&directory
            .send("POST", "Groups", &json!({ "displayName": "Finance-Team", "members": [{ "value": ben }] }))
            .is(201))
    );
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    let page = Request::get(&node.page("demo")).basic("ben", &token).send();
    assert_eq!(page.status, 403, "{page:?}");
    Directory::of(&state, &node).get(&group).is(200).says(&ben);
}

#[test]
fn lists_are_paged_filtered_and_cut_and_versions_are_held_to() {
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    for n in 0..7 {
        let person = json!({
            "userName": format!("p{n}"), "title": if n % 2 == 0 { "Analyst" } else { "Clerk" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "IT" },
        });
        directory.send("POST", "Users", &person).is(201);
    }
    let list = |query: &str| directory.get(&format!("Users?{query}")).is(200).json();
    let names = |list: &Value| -> Vec<String> {
        let all = list["Resources"].as_array().expect("resources").iter();
        all.map(|one| one["userName"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let page = list("startIndex=3&count=2");
    assert_eq!(
        (names(&page), &page["totalResults"], &page["startIndex"]),
        (vec!["p2".to_owned(), "p3".to_owned()], &json!(7), &json!(3))
    );
    assert_eq!(list("count=0")["totalResults"], 7);
    let clerks = list("filter=title%20eq%20%22clerk%22&count=2&startIndex=2");
    assert_eq!((names(&clerks), &clerks["totalResults"]), (vec!["p3".to_owned(), "p5".to_owned()], &json!(3)));
    let odd = "filter=(userName%20sw%20%22p%22%20and%20not%20(title%20co%20%22ly%22))%20and%20userName%20ge%20%22p3%22";
    assert_eq!(names(&list(odd)), ["p3", "p5"]);
    let searched = directory.send(
        "POST",
        "Users/.search",
        &json!({ "filter": "title eq \"Clerk\"", "count": 1, "attributes": ["userName"] }),
    );
    let searched = searched.is(200).json();
    assert_eq!((names(&searched), &searched["totalResults"]), (vec!["p1".to_owned()], &json!(3)));
    directory.send("POST", "Groups", &json!({ "displayName": "p-group" })).is(201);
    let all = directory.send("POST", ".search", &json!({ "startIndex": 7, "count": 5 })).is(200).json();
    assert_eq!((&all["totalResults"], &all["Resources"][0]["userName"]), (&json!(8), &json!("p6")));
    assert_eq!(
        (all["Resources"].as_array().map(Vec::len), &all["Resources"][1]["displayName"]),
        (Some(2), &json!("p-group"))
    );
    let cut = list("attributes=title&count=1");
    let first = cut["Resources"][0].as_object().expect("a resource");
    assert_eq!(
        first.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        ["id", "schemas", "title"].into()
    );
    let path = format!("Users/{}", first["id"].as_str().expect("an id"));
    let answer = directory.get(&path).is(200);
    let tag = answer.header("etag").expect("a version").to_owned();
    assert_eq!(answer.json()["meta"]["version"], tag);
    directory.request("GET", &path).header("If-None-Match", &tag).send().is(304);
    let change = |tag: &str| {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "add", "path": "nickName", "value": tag }] });
        directory.request("PATCH", &path).header("If-Match", tag).body(body.to_string()).send()
    };
    change(&tag).is(200).says("nickName");
    change(&tag).is(412).says("read it again");
    directory.request("DELETE", &path).header("If-Match", &tag).send().is(412);
    for (query, kind) in
        [("filter=title", "invalidFilter"), ("count=many", "invalidValue"), ("attributes=a.b.c", "invalidPath")]
    {
        directory.get(&format!("Users?{query}")).is(400).says(kind);
    }
    directory
        .request("POST", "Users")
        .body("{\"userName\":\"a\",\"userName\":\"b\"}")
        .send()
        .is(400)
        .says("invalidSyntax");
    directory.request("POST", "Users").body(vec![b' '; 9 * 1024 * 1024]).send().is(413);
}

#[test]
fn a_list_is_taken_over_wholly_or_not_at_all_and_says_before_what_it_changes() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let emil = Browser::invited(&state, &node, "emil", None);
    Directory::of(&state, &node).enter("zoe");
    let file = state.home().join("staff.csv");
    let path = file.display().to_string();
    let list = |text: &str| std::fs::write(&file, text).expect("a list");
    let import = |more: &[&str]| state.cli(&[&["people", "import", &path], more].concat());
    list("name;groups\nasha;x\n");
    import(&[]).fails().says("no column `name`");
    // Each line that cannot be is named, and nothing is done.
    list("name,groups,active,office\nasha,Fin,,\nzoe,x,,\n,x,,\ndina,sales,,Rome\nASHA,,no,\n");
    import(&["--dry-run"])
        .exits(1)
        .says("line 2")
        .says("line 3: The company's directory keeps")
        .says("line 4")
        .says("line 6")
        .says("office");
    import(&[]).exits(1).says("4 lines cannot be taken, the first is line 2");
    state.cli(&["people", "list"]).ok().keeps_quiet_about("dina");
    list("name,groups,active\ndina,sales;eu,yes\nben,sales,\nemil,,no\nasha,,\n");
    let dry = import(&["--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["new"], &dry["leaving"], &dry["unchanged"]), (&json!(["dina"]), &json!(["emil"]), &json!(1)));
    assert_eq!(dry["joins"].as_array().map(Vec::len), Some(3));
    emil.get("account").is(200);
    let from = state.records().len();
    import(&[]).ok().says("1 new people").says("emil");
    emil.get("account").is(401);
    state.cli(&["people", "list"]).ok().says("eu, sales").says("dina");
    let mut moved: Vec<_> =
        state.records()[from..].iter().map(|record| record["action"].as_str().unwrap_or_default().to_owned()).collect();
    moved.sort();
    let expected = [
        "console:end-person",
        "console:import-people",
        "console:join-group",
        "console:join-group",
        "console:join-group",
    ];
    assert_eq!(moved[..5], expected, "each right that moves has its own record");
    assert_eq!(import(&["--json"]).ok().json()["unchanged"], 4);
    list("name,groups,active\ndina,eu,\nemil,,\nasha,,no\n");
    import(&[]).exits(1).says("No steward would be left");
    // Nor do two stewards go together.
    state.cli(&["people", "role", "dina", "add", "steward"]).ok();
    list("name,active\ndina,no\nasha,no\n");
    import(&[]).exits(1).says("ine 3 cannot be taken: No steward would be left");
    state.cli(&["people", "role", "dina", "remove", "steward"]).ok();
    list("name,groups\ndina,eu\nemil,\n");
    let again = import(&["--json"]).ok().json();
    assert_eq!((&again["back"], &again["leaves"][0]["group"]), (&json!(["emil"]), &json!("sales")));
    // Nobody widens their own rights by a list.
    let own = json!({ "csv": "name,groups\nasha,admins\n" });
    asha.post("people/import", &own).is(403).says("widens their own rights");
    asha.post("people/import/preview", &own).is(200);
}

/// Every way in, and who may: a steward who has just shown a second factor, an auditor where nothing is changed, and nobody
/// else; each answer has its record.
#[test]
fn each_role_speaks_for_the_directory_as_far_as_it_may() {
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    let steward = Browser::first_steward(&state, &node, "asha");
    let person = directory.enter("zoe");
    let token = token_of(&state, "asha");
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "add", "path": "title", "value": "x" }] });
    let routes: Vec<(&str, String, Value)> = vec![
        ("GET", "Users".into(), Value::Null),
        ("GET", format!("Users/{person}"), Value::Null),
        ("GET", "Groups".into(), Value::Null),
        ("GET", "Groups/grp_none".into(), Value::Null),
        ("GET", "Schemas".into(), Value::Null),
        ("GET", "Schemas/urn:ietf:params:scim:schemas:core:2.0:User".into(), Value::Null),
        ("GET", "ResourceTypes".into(), Value::Null),
        ("GET", "ResourceTypes/User".into(), Value::Null),
        ("GET", "ServiceProviderConfig".into(), Value::Null),
        ("GET", "Nothing/here".into(), Value::Null),
        ("POST", ".search".into(), json!({})),
        ("POST", "Users/.search".into(), json!({})),
        ("POST", "Groups/.search".into(), json!({})),
        ("POST", "Users".into(), json!({})),
        ("PUT", format!("Users/{person}"), json!({ "userName": "zoe" })),
        ("PATCH", format!("Users/{person}"), patch.clone()),
        ("POST", "Groups".into(), json!({})),
        ("PUT", "Groups/grp_none".into(), json!({})),
        ("PATCH", "Groups/grp_none".into(), patch),
        ("DELETE", "Groups/grp_none".into(), Value::Null),
        ("DELETE", format!("Users/{person}"), Value::Null),
    ];
    let asked = |browser: &Browser, method: &str, path: &str, body: &Value| {
        let request = Request::new(method, &format!("{}/scim/v2/{path}", node.url()));
        let request = request.header("Origin", node.url()).header("Sec-Fetch-Site", "same-origin");
        let request = request.header("Cookie", browser.cookie.as_deref().expect("a cookie"));
        if body.is_null() { request.send() } else { request.body(body.to_string()).send() }
    };
    for role in ["builder", "mentor", "reviewer", "auditor"] {
        let browser = Browser::invited(&state, &node, role, Some(role).filter(|role| *role != "builder"));
        for (method, path, body) in &routes {
            let may = role == "auditor" && (*method == "GET" || path.ends_with(".search"));
            let answer = asked(&browser, method, path, body);
            assert_eq!(answer.status != 403, may, "{method} {path} by a {role}: {answer:?}");
        }
    }
    for (method, path, body) in &routes {
        let with_token = Request::new(method, &format!("{}/scim/v2/{path}", node.url())).basic("asha", &token);
        assert_eq!(with_token.body(body.to_string()).send().status, 403, "{method} {path} by a device token");
    }
    for (method, path, body) in &routes {
        let answer = asked(&steward, method, path, body);
        assert!(![401, 403].contains(&answer.status) && answer.status < 500, "{method} {path}: {answer:?}");
        fanlight_tests::record_of(&state, &answer);
    }
    // Nobody puts themselves into a group, this way neither.
    let own = id(&directory.send("POST", "Users", &json!({ "userName": "asha" })).is(201));
    let group = json!({ "displayName": "Admins", "members": [{ "value": own }] });
    asked(&steward, "POST", "Groups", &group).is(403).says("widens their own rights");
}

/// A key of an app of whoever is at the browser.
fn key_of(browser: &Browser, successor: &str) -> String {
    let words = json!({ "title": "Directory", "headline": "Says who is here", "about": "Our company's.", "successor": successor });
    let app = browser.post("apps", &words).is(201).json()["app"].clone();
    let ask = json!({ "app": app, "label": "a test", "scopes": ["directory"], "days": 1 });
    browser.post("keys", &ask).is(201).json()["secret"].as_str().expect("a key").to_owned()
}

#[test]
fn a_directory_calls_by_a_key_that_is_good_for_nothing_else() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let directory = Directory { secret: key_of(&asha, "ben"), ..Directory::of(&state, &node) };
    let cleo = directory.enter("cleo");
    directory.send("POST", "Groups", &json!({ "displayName": "Sales", "members": [{ "value": cleo }] })).is(201);
    directory.patch(&format!("Users/{cleo}"), &off()).is(200);
    directory.named("cleo");
    let elsewhere = |path: &str| {
        let request = Request::get(&format!("{}{path}", node.url()));
        request.header("Authorization", &format!("Bearer {}", directory.secret)).send()
    };
    elsewhere("/v1/people").is(403).says("is for");
    elsewhere("/pypi/simple/demo/").is(403);
    // It acts for its owner: she widens her own rights this way neither, and is the last steward.
    let own = directory.enter("asha");
    directory.send("POST", "Groups", &json!({ "displayName": "It", "members": [{ "value": own }] })).is(403);
    directory.patch(&format!("Users/{own}"), &off()).is(403);
    // Whose owner is no steward speaks for no directory.
    let builders = Directory { secret: key_of(&ben, "asha"), ..Directory::of(&state, &node) };
    builders.get("Users").is(403).says("no policy permits").says("Policies permit it to stewards and auditors");
    builders.send("POST", "Users", &json!({ "userName": "dora" })).is(403);
}

/// Programs of others, one version each, so that a new check of theirs is a change of ours and not a surprise.
const WANTED: &[&str] = &["scim2-client==0.13.2", "scim2-tester==0.5.2", "scim2-cli==0.6.0"];

#[test]
fn a_client_that_nobody_here_wrote_finds_nothing_against_it() {
    let Some(tools) = python_tools("scim2", WANTED) else { return };
    let (_upstream, state, node) = scene();
    let directory = Directory::of(&state, &node);
    let tried = Run::new(tools.join("bin/scim"))
        .at_home(&state.home())
        .args(["--url", &directory.url, "--header", &format!("Authorization: Bearer {}", directory.secret), "test"])
        .limit(Duration::from_secs(120))
        .output();
    assert_eq!(tried.code, Some(0), "{}", tried.words());
    assert!(!tried.words().contains("ERROR") && tried.words().contains("SUCCESS"), "{}", tried.words());
    node.is_healthy();
}
