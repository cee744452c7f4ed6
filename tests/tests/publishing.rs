//! Policies proposed, approved by somebody else, in force, brought back; and what stands in the way.

use std::time::Duration;

use fanlight_testkit::{Answer, Clients, Injection, Node, Release, Run, State, Upstream, get, wait_for};
use fanlight_tests::{Browser, records_of, refuse};
use serde_json::{Value, json};

const FILE: &str = "demo-1.0-py3-none-any.whl";

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("other", "1.0")]);
    let state = State::before(&upstream, "");
    state.policy("base.cedar", &refuse("other"));
    let node = state.start();
    (upstream, state, node)
}

fn file(name: &str, text: &str) -> Value {
    json!({ "name": name, "text": text })
}

/// The set of the scene with one more project refused.
fn more(project: &str) -> Vec<Value> {
    vec![file("base.cedar", &refuse("other")), file("more.cedar", &refuse(project))]
}

fn now(browser: &Browser) -> u64 {
    browser.get("policy-versions/now").is(200).json()["version"]["version"].as_u64().expect("a version")
}

fn propose(browser: &Browser, files: &[Value]) -> Answer {
    let base = now(browser);
    browser.post("policy-proposals", &json!({ "base": base, "because": "a trial", "files": files }))
}

#[track_caller]
fn proposed(browser: &Browser, files: &[Value]) -> String {
    propose(browser, files).is(201).json()["id"].as_str().expect("an id").to_owned()
}

fn approve(browser: &Browser, id: &str) -> Answer {
    browser.post(&format!("policy-proposals/{id}/approve"), &json!({}))
}

fn folder(state: &State) -> Vec<String> {
    let entries = std::fs::read_dir(state.path().join("policies")).expect("the folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

#[test]
fn what_one_proposes_another_approves_and_it_is_in_force_and_can_be_brought_back() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let Some(pip) = Clients::get().pip_machine.as_ref() else { return };
    let room = pip.room();
    room.install(&node.index(), &["demo==1.0"]).ok();
    room.clear();
    let id = proposed(&ben, &more("demo"));
    get(&node.file("demo", FILE)).is(200);
    let text = asha.get(&format!("policy-proposals/{id}")).is(200).json();
    assert_eq!(text["proposal"]["by"], "ben", "{text}");
    assert_eq!(text["changes"][0]["name"], "more.cedar", "{text}");
    assert_eq!(text["changes"][0]["what"], "added", "{text}");
    assert!(text["changes"][0]["diff"].as_str().is_some_and(|diff| diff.contains("+@id(\"no-demo\")")), "{text}");
    assert!(text.get("held").is_none(), "{text}");
    // A reviewer approves nothing, not even another's.
    approve(&ben, &id).is(403);
    let done = approve(&asha, &id).is(200).json();
    assert_eq!(
        (&done["state"], &done["answer"]["version"], &done["answer"]["by"]),
        (&json!("published"), &json!(2), &json!("asha"))
    );
    // At once: the answer came when it was in force.
    get(&node.file("demo", FILE)).is(403).says("no-demo");
    room.install(&node.index(), &["demo==1.0"]).fails().says("demo is not used here: security withdrew it");
    assert_eq!(folder(&state), ["base.cedar", "more.cedar"]);
    let versions = asha.get("policy-versions").is(200).json();
    let newest = &versions["versions"][0];
    assert_eq!(
        (&newest["by"], &newest["approved_by"], &newest["in_force"]),
        (&json!("ben"), &json!("asha"), &json!(true))
    );
    assert!(versions["versions"][1].get("by").is_none(), "{versions}");
    let published = records_of(&state, "console:publish-policies").pop().expect("a record");
    assert_eq!(
        (&published["facts"]["proposal"], &published["facts"]["set"]),
        (&json!(id), &newest["set"]),
        "{published}"
    );
    assert_eq!(records_of(&state, "node:policies-changed").pop().expect("a record")["facts"]["proposal"], json!(id));
    approve(&asha, &id).is(409).says("approved already");
    // And back, by the same way.
    let back =
        ben.post("policy-proposals", &json!({ "base": 2, "because": "too strict", "restores": 1 })).is(201).json();
    approve(&asha, back["id"].as_str().expect("an id")).is(200);
    room.install(&node.index(), &["demo==1.0"]).ok();
    assert_eq!(folder(&state), ["base.cedar"]);
    let third = asha.get("policy-versions/3?against=1").is(200).json();
    assert_eq!((&third["changes"], &third["version"]["because"]), (&json!([]), &json!("too strict")), "{third}");
}

#[test]
fn one_s_own_proposal_waits_for_another_as_long_as_there_is_one() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    // Nobody else could: a builder who can log in, and a steward who cannot.
    Browser::invited(&state, &node, "bela", None);
    state.cli(&["use", "pip", "--person", "cleo"]).ok();
    state.cli(&["people", "role", "cleo", "add", "steward"]).ok();
    let id = proposed(&asha, &more("demo"));
    approve(&asha, &id).is(200);
    assert_eq!(records_of(&state, "console:publish-policies")[0]["facts"]["another_could"], false);
    let dora = Browser::invited(&state, &node, "dora", Some("steward"));
    let id = proposed(&asha, &[]);
    approve(&asha, &id).is(403).says("is your own").says("Ask another steward");
    let held = asha.get(&format!("policy-proposals/{id}")).is(200).json()["held"]["policies"].clone();
    assert_eq!(held, json!(["another-approves"]));
    get(&node.file("demo", FILE)).is(403);
    approve(&dora, &id).is(200);
    get(&node.file("demo", FILE)).is(200);
    let outcomes: Vec<_> = records_of(&state, "console:publish-policies")
        .into_iter()
        .map(|record| record["decision"]["outcome"].as_str().expect("an outcome").to_owned())
        .collect();
    assert_eq!(outcomes, ["allow", "hold", "allow"]);
    // Nor by a machine of one's own, or of the other's: a second factor is shown by people.
    let id = proposed(&asha, &more("demo"));
    let made = dora.post("keys", &json!({ "label": "mine", "scopes": ["api"], "days": 1 })).is(201);
    let secret = made.json()["secret"].as_str().expect("a secret").to_owned();
    let by_key = fanlight_testkit::Request::new("POST", &format!("{}/v1/policy-proposals/{id}/approve", node.url()));
    by_key.header("Authorization", &format!("Bearer {secret}")).body("{}").send().is(403);
    // Taken back by who made it, and by nobody else.
    dora.request("DELETE", &format!("policy-proposals/{id}")).send().is(404);
    asha.request("DELETE", &format!("policy-proposals/{id}")).send().is(200);
    approve(&dora, &id).is(409).says("taken back");
}

#[test]
fn what_has_a_fault_a_hostile_name_or_too_much_is_no_proposal() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let broken = [
        file("base.cedar", &refuse("other")),
        file("x.cedar", "@id(\"x\")\npermit (principal, action, resource)\nwhen { context.nothing == };\n"),
    ];
    propose(&asha, &broken).is(422).says("x.cedar:3:");
    let checked = asha.post("policy-check", &json!({ "files": broken })).is(200).json();
    assert_eq!(
        (&checked["good"], &checked["faults"][0]["file"], &checked["faults"][0]["line"]),
        (&json!(false), &json!("x.cedar"), &json!(3))
    );
    let checked = asha.post("policy-check", &json!({ "files": more("demo") })).is(200).json();
    assert_eq!((&checked["good"], &checked["policies"]), (&json!(true), &json!(2)));
    // The id of a built-in policy stays taken, so that none can be put aside by this.
    propose(&asha, &[file("x.cedar", &refuse("demo").replace("no-demo", "another-approves"))])
        .is(422)
        .says("another-approves");
    let outside = state.path().join("x.cedar");
    for name in [
        "../x.cedar",
        "/tmp/x.cedar",
        "a/b.cedar",
        "..\\x.cedar",
        "a\u{0}.cedar",
        ".x.cedar",
        "x.txt",
        "",
        "-x.cedar",
        &format!("{}.cedar", "x".repeat(200)),
    ] {
        propose(&asha, &[file(name, "")]).is(400).says("no name of a policy file");
    }
    assert!(!outside.exists());
    propose(&asha, &[file("a.cedar", ""), file("A.cedar", "")]).is(400).says("two files");
    propose(&asha, &[file("a.cedar", &"// x\n".repeat(220_000))]).is(400).says("over");
    propose(&asha, &(0..1001).map(|n| file(&format!("{n}.cedar"), "")).collect::<Vec<_>>()).is(400).says("over");
    propose(&asha, &[file("a.cedar", &"// xxxxxxx\n".repeat(700_000))]).is(400);
    propose(&asha, &[file("base.cedar", &refuse("other"))]).is(409).says("what is in force");
    asha.post("policy-proposals", &json!({ "base": 1, "because": "x" })).is(400).says("Either");
    asha.post("policy-proposals", &json!({ "base": 1, "because": "x", "restores": 7 })).is(404).says("No version");
    for because in ["", "two\nlines", &"x".repeat(301)] {
        asha.post("policy-proposals", &json!({ "base": 1, "because": because, "files": [] })).is(400).says("one line");
    }
    asha.get("policy-versions/7").is(404);
    asha.get("policy-versions/now?against=x").is(400);
    asha.get("policy-proposals?state=odd").is(400);
    assert_eq!(folder(&state), ["base.cedar"]);
    assert!(records_of(&state, "console:publish-policies").is_empty());
    node.is_healthy();
}

#[test]
fn a_proposal_made_on_what_is_not_in_force_any_more_is_a_conflict() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let (first, second) = (proposed(&ben, &more("demo")), proposed(&ben, &more("third")));
    approve(&asha, &first).is(200);
    approve(&asha, &second).is(409).says("made on version 1, and version 2 is in force");
    assert_eq!(asha.get("policy-proposals").is(200).json()["proposals"][0]["outdated"], true);
    ben.post("policy-proposals", &json!({ "base": 1, "because": "x", "files": [] }))
        .is(409)
        .says("version 2 is in force");
    asha.post(&format!("policy-proposals/{second}/refuse"), &json!({ "because": "made anew" })).is(200);
    // An edit in the folder is a version, too, and a broken one is in nobody's way but has to be mended.
    let third = proposed(&ben, &more("third"));
    state.policy("more.cedar", "permit (");
    wait_for("the fault", Duration::from_secs(5), || {
        (!records_of(&state, "node:policies-refused").is_empty()).then_some(())
    });
    approve(&asha, &third).is(409).says("something else than what is in force");
    state.policy("more.cedar", &refuse("fourth"));
    wait_for("the edit to be a version", Duration::from_secs(5), || (now(&asha) == 3).then_some(()));
    approve(&asha, &third).is(409).says("version 3 is in force");
    get(&node.file("demo", FILE)).is(200);
}

#[test]
fn where_the_node_may_not_write_the_files_are_put_there_by_hand_and_count_as_proposed() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let id = proposed(&ben, &more("demo"));
    {
        let _fault =
            Injection::fail(&node, "mkdir,mkdirat", "EROFS", &[&state.path().join("policies/.fanlight-set.new")]);
        approve(&asha, &id).is(409).says("may not write into the policy folder").says("--output DIR");
    }
    get(&node.file("demo", FILE)).is(200);
    let waits = asha.get(&format!("policy-proposals/{id}")).is(200).json();
    assert_eq!((&waits["proposal"]["state"], waits["proposal"].get("answer")), (&json!("waiting"), None));
    for written in waits["files"].as_array().expect("files") {
        state.policy(written["name"].as_str().expect("a name"), written["text"].as_str().expect("a text"));
    }
    wait_for("the proposal to be published", Duration::from_secs(5), || {
        let proposal = asha.get(&format!("policy-proposals/{id}")).is(200).json()["proposal"].clone();
        (proposal["state"] == "published").then_some(proposal)
    });
    assert_eq!(asha.get("policy-versions").is(200).json()["versions"][0]["by"], "ben");
    // A file that is kept elsewhere is not written over.
    let folder = state.path().join("policies");
    std::fs::rename(folder.join("more.cedar"), state.path().join("elsewhere.txt")).expect("moved");
    std::os::unix::fs::symlink("../elsewhere.txt", folder.join("more.cedar")).expect("a link");
    let id = proposed(&ben, &[]);
    approve(&asha, &id).is(409).says("is a link").says("--output DIR");
    assert!(state.path().join("elsewhere.txt").exists());
}

/// Changes the database of a node beside it.
fn sql(state: &State, text: &str) {
    let run =
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1], timeout=20); c.executescript(sys.argv[2]); c.commit()";
    let store = state.path().join("fanlight.db");
    Run::new("python3").args(["-c", run]).args([store.as_os_str(), text.as_ref()]).output().ok();
}

#[test]
fn an_approval_that_neither_counted_nor_could_be_taken_back_is_taken_back_by_itself() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let id = proposed(&ben, &more("demo"));
    let state_of = || asha.get(&format!("policy-proposals/{id}")).is(200).json()["proposal"]["state"].clone();
    // The folder fails, and then the database.
    sql(
        &state,
        "CREATE TRIGGER no_way_back BEFORE UPDATE ON policy_proposals WHEN OLD.state = 'approved' AND NEW.state = 'waiting' \
         BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    {
        let _fault =
            Injection::fail(&node, "mkdir,mkdirat", "EROFS", &[&state.path().join("policies/.fanlight-set.new")]);
        approve(&asha, &id).is(409).says("may not write into the policy folder");
    }
    assert_eq!(state_of(), json!("approved"));
    approve(&asha, &id).is(409);
    sql(&state, "DROP TRIGGER no_way_back");
    wait_for("the proposal to wait again", Duration::from_secs(10), || (state_of() == json!("waiting")).then_some(()));
    approve(&asha, &id).is(200);
    get(&node.file("demo", FILE)).is(403).says("no-demo");
}

#[test]
fn one_person_leaves_room_for_the_proposals_of_others() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let filled = |number: usize, bytes: usize| {
        let text = format!("// {number}{}\n{}", "x".repeat(bytes), refuse("other"));
        [file("base.cedar", &text)]
    };
    // By bytes: five of nearly a MiB each are too many.
    let big: Vec<String> = (0..4).map(|number| proposed(&ben, &filled(number, 950_000))).collect();
    propose(&ben, &filled(4, 950_000)).is(429).says("more than 4 MiB of new text").says("Withdraw one of yours");
    for id in &big {
        ben.request("DELETE", &format!("policy-proposals/{id}")).send().is(200);
    }
    // By number.
    for number in 0..10 {
        proposed(&ben, &filled(number, 10));
    }
    let refused = propose(&ben, &filled(10, 10)).is(429).says("10 proposals of yours wait");
    assert!(refused.header("retry-after").is_some());
    proposed(&asha, &more("demo"));
}

#[test]
fn a_set_that_would_lock_everybody_out_is_neither_proposed_nor_published() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let cleo = Browser::invited(&state, &node, "cleo", Some("steward"));
    let forbids = |action: &str, but: &str| {
        let text = format!(
            "@id(\"closed\") @outcome(\"deny\") @reason(\"closed\") @advice(\"ask\")\nforbid (principal, action == \
             Fanlight::Action::\"{action}\", resource) unless {{ {but} }};\n"
        );
        [file("base.cedar", &refuse("other")), file("closed.cedar", &text)]
    };
    let nobody = "principal in Fanlight::Group::\"nobody\"";
    for (action, words) in [
        ("console:propose-policies", "nobody who can log in could propose a change"),
        ("console:publish-policies", "nobody who can log in could approve it"),
        ("account:log-in", "nobody who has an account here could log in"),
    ] {
        let refused = propose(&ben, &forbids(action, nobody)).is(422).says(words).says("whoever runs the node can");
        assert_eq!(refused.json()["type"], "urn:fanlight:problem:locks-out");
    }
    // Somebody is left for it, until they leave it: then it is not published any more.
    let person =
        |browser: &Browser| browser.get("account").is(200).json()["person"].as_str().expect("an id").to_owned();
    let only_cleo = format!("principal == Fanlight::Person::\"{}\"", person(&cleo));
    let id = proposed(&ben, &forbids("console:publish-policies", &only_cleo));
    state.cli(&["people", "role", "cleo", "remove", "steward"]).ok();
    approve(&asha, &id).is(422).says("could approve it");
    state.cli(&["people", "role", "cleo", "add", "steward"]).ok();
    approve(&asha, &id).is(200);
    // And there is a way back.
    let back = ben.post("policy-proposals", &json!({ "base": 2, "because": "back", "restores": 1 })).is(201).json();
    let back = back["id"].as_str().expect("an id");
    approve(&asha, back).is(403).says("closed");
    approve(&cleo, back).is(200);
}

#[test]
fn a_proposal_whose_answer_was_lost_is_not_made_again_under_its_key() {
    let (_upstream, state, node) = scene();
    let ben = {
        Browser::first_steward(&state, &node, "asha");
        Browser::invited(&state, &node, "ben", Some("reviewer"))
    };
    let under = |because: &str| {
        let ask = json!({ "base": 1, "because": because, "files": more("demo") });
        let post = ben.request("POST", "policy-proposals").header("Idempotency-Key", "0123456789abcdef");
        post.body(ask.to_string()).send()
    };
    let first = under("a trial").is(201).json();
    // The database fails where the answer is made: what was done is not known to the key.
    sql(&state, "DELETE FROM idempotency");
    let again = under("a trial").is(201);
    assert_eq!(again.header("idempotency-replayed"), None);
    assert_eq!(again.json(), first);
    assert_eq!(under("a trial").is(201).header("idempotency-replayed"), Some("true"));
    sql(&state, "DELETE FROM idempotency");
    under("something else").is(409).says("a key of its own");
    let all = ben.get("policy-proposals?state=all").is(200).json();
    assert_eq!(all["proposals"].as_array().map(Vec::len), Some(1), "{all}");
}

#[test]
fn a_kill_in_the_middle_leaves_the_old_set_or_the_new_one() {
    let (_upstream, state, mut node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let mut ben = Browser::invited(&state, &node, "ben", Some("reviewer"));
    let policies = state.path().join("policies");
    let at = |name: &str| policies.join(name);
    let mut seen = std::collections::BTreeSet::new();
    for (step, (calls, path)) in [
        ("mkdir,mkdirat", at(".fanlight-set.new")),
        ("rename,renameat,renameat2", at(".fanlight-set.new")),
        ("openat", at(".base.cedar.new")),
        ("rename,renameat,renameat2", at(".base.cedar.new")),
        ("openat", at(".more.cedar.new")),
        ("unlink,unlinkat", at("less.cedar")),
        ("rename,renameat,renameat2", at(".fanlight-set")),
    ]
    .into_iter()
    .enumerate()
    {
        // Three files: one changes, one comes, one goes.
        let old = (format!("// {step}\n{}", refuse("other")), refuse("less"));
        let files = [file("base.cedar", &old.0), file("less.cedar", &old.1)];
        let id = proposed(&ben, &files);
        approve(&asha, &id).is(200);
        let new = format!("// new {step}\n{}", refuse("other"));
        let id = proposed(&ben, &[file("base.cedar", &new), file("more.cedar", &refuse("demo"))]);
        let _cut = Injection::kill(&node, calls, 1, &[&path]);
        let answer = asha.request("POST", &format!("policy-proposals/{id}/approve")).body("{}").try_send();
        assert!(!answer.is_ok_and(|answer| answer.complete && answer.status == 200), "{calls}: not killed");
        node.kill();
        node = state.start();
        (asha, ben) = (asha.at(&node), ben.at(&node));
        let is_new = match folder(&state).iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["base.cedar", "less.cedar"] => false,
            ["base.cedar", "more.cedar"] => true,
            ref mixed => panic!("{calls} {path:?}: {mixed:?}"),
        };
        let base = std::fs::read_to_string(at("base.cedar")).expect("a file");
        assert_eq!(base, if is_new { new } else { old.0 }, "{calls} {path:?}");
        assert_eq!(get(&node.file("demo", FILE)).status == 403, is_new, "{calls} {path:?}");
        let state_of = asha.get(&format!("policy-proposals/{id}")).is(200).json()["proposal"]["state"].clone();
        assert_eq!(state_of, if is_new { "published" } else { "waiting" }, "{calls} {path:?}");
        let version = asha.get("policy-versions/now").is(200).json();
        assert_eq!(version["version"]["proposal"] == json!(id), is_new, "{version}");
        // Who had it published is in the record, wherever it was cut.
        let told = records_of(&state, "node:policies-changed");
        let told = told.iter().find(|record| record["facts"]["proposal"] == json!(id));
        assert_eq!(told.is_some(), is_new, "{calls} {path:?}: {told:?}");
        if let Some(told) = told {
            assert_eq!(told["facts"]["approved_by"], asha.get("account").is(200).json()["person"], "{told}");
            assert_eq!(
                (&version["version"]["by"], &version["version"]["approved_by"]),
                (&json!("ben"), &json!("asha"))
            );
        }
        seen.insert(is_new);
        if !is_new {
            approve(&asha, &id).is(200);
        }
    }
    assert_eq!(seen.len(), 2, "cut before it counts, and after");
}

#[test]
fn a_set_is_tried_over_the_record_and_on_an_attempt_before_it_is_proposed() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    get(&node.file("demo", FILE)).is(200);
    get(&node.file("other", "other-1.0-py3-none-any.whl")).is(403);
    let simulate =
        |files: &[Value]| asha.post("policies/simulate", &json!({ "files": files, "hours": 1 })).is(200).json();
    let stricter = simulate(&more("demo"));
    assert_eq!(
        (&stricter["otherwise"], &stricter["changes"][0]["on"]),
        (&json!(1), &json!("pkg:pypi/demo@1.0")),
        "{stricter}"
    );
    assert_eq!(stricter["changes"][0]["after"]["policies"], json!(["no-demo"]), "{stricter}");
    // What the set lacks goes: that is what a set is, and the difference to one policy that is tried beside the others.
    let looser = simulate(&[]);
    assert_eq!((&looser["changed"]["deny -> allow"], &looser["faults"]), (&json!(1), &json!([])), "{looser}");
    asha.post("policies/simulate", &json!({ "text": "", "files": [], "hours": 1 })).is(400);
    asha.post("policies/simulate", &json!({ "hours": 1 })).is(400).says("Either");
    let attempt = r#"{
        "principal": {"kind": "unidentified"}, "action": "packages:fetch-file",
        "resource": {"kind": "Release", "id": "pkg:pypi/demo@1.0"},
        "facts": {"ecosystem": "pypi", "project": "demo", "release": "pkg:pypi/demo@1.0", "version": "1.0", "age_minutes": 99999,
            "cooldown_minutes": 10080, "counted_from": "published", "publish_time": "stated", "available_at": "2026-01-01T00:00:00Z",
            "yanked": false, "project_status": "active", "file_name_parsed": true, "hash": "sha256"}}"#;
    let explain = |ask: Value| asha.post("policy-explain", &ask);
    let now = explain(json!({ "attempt": attempt })).is(200).json();
    assert_eq!((&now["outcome"], &now["decided_by"]), (&json!("allow"), &json!(["packages-allowed"])), "{now}");
    let then = explain(json!({ "attempt": attempt, "files": more("demo") })).is(200).json();
    assert_eq!(
        (&then["outcome"], &then["policies"][0]["policy"], &then["policies"][0]["said"]),
        (&json!("deny"), &json!("no-demo"), &json!("applies"))
    );
    explain(json!({ "attempt": "{\n\"principal\": 5" })).is(400).says("line 2");
    explain(json!({ "attempt": attempt, "files": [file("x.cedar", "permit (")] })).is(422).says("x.cedar:1");
}

#[test]
fn the_command_line_proposes_shows_approves_and_goes_back() {
    let (_upstream, state, node) = scene();
    let folder = state.home().join("policies");
    let at = folder.display().to_string();
    state.cli(&["policy", "show", "now", "--output", &at]).ok().says("Wrote 1 file");
    state.cli(&["policy", "show", "now", "--output", &at]).exits(3).says("exists already");
    state.cli(&["policy", "propose", &at, "--because", "nothing new"]).exits(1).says("what is in force as version 1");
    std::fs::write(folder.join("more.cedar"), "@id(\"x\")\npermit (\n").expect("a policy");
    state.cli(&["policy", "propose", &at, "--because", "x"]).exits(1).says("more.cedar:").says("fanlight policy check");
    std::fs::write(folder.join("more.cedar"), refuse("demo")).expect("a policy");
    let made = state.cli(&["policy", "propose", &at, "--because", "demo was withdrawn"]).ok();
    let made = made.says("on version 1").says("added more.cedar (+6 -0 lines)").says("fanlight policy approve prp_");
    let id = made.stdout.split_whitespace().find_map(|word| word.strip_suffix(',').filter(|id| id.starts_with("prp_")));
    let id = id.expect("an id").to_owned();
    state.cli(&["policy", "proposals"]).ok().says(&id).says("waiting").says("demo was withdrawn");
    let shown = state.cli(&["policy", "show", &id]).ok();
    shown
        .says("tester proposes: demo was withdrawn")
        .says("+@id(\"no-demo\")")
        .says("Approve it: fanlight policy approve");
    state.cli(&["policy", "approve", &id]).ok().says("in force as version 2").says("fanlight policy rollback 1");
    get(&node.file("demo", FILE)).is(403);
    state.cli(&["policy", "approve", &id]).exits(1).says("approved already");
    state.cli(&["policy", "proposals"]).ok().says("No proposal waits");
    state.cli(&["policy", "proposals", "--all"]).ok().says("published as 2");
    state
        .cli(&["policy", "history"])
        .ok()
        .says("the folder")
        .says("tester")
        .says("demo was withdrawn")
        .says("In force from");
    state.cli(&["policy", "diff", "1"]).ok().says("+++ more.cedar");
    state.cli(&["policy", "diff", "2", "2"]).ok().says("They do not differ");
    state.cli(&["policy", "show", "2"]).ok().says("Version 2, in force now").says("approved by tester");
    state.cli(&["policy", "show", "9"]).exits(1).says("No version of that number");
    let back = state.cli(&["policy", "rollback", "1", "--because", "it is mended", "--json"]).ok().json();
    state
        .cli(&["policy", "refuse", back["id"].as_str().expect("an id"), "--because", "not yet"])
        .ok()
        .says("refused to tester");
    let back = state.cli(&["policy", "rollback", "1", "--because", "it is mended", "--json"]).ok().json();
    state.cli(&["policy", "approve", back["id"].as_str().expect("an id")]).ok().says("version 3");
    get(&node.file("demo", FILE)).is(200);
    // Its own rights are no reason to be told less: the record has who it was.
    let told = records_of(&state, "console:publish-policies").pop().expect("a record");
    assert_eq!((&told["who"]["strength"], &told["facts"]["restores"]), (&json!("state-folder"), &json!(1)));
    assert_eq!(told["facts"]["proposed_by_self"], true, "{told}");
}
