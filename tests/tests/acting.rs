//! In an incident: a release is stopped everywhere at once, or let through for a time, and everybody sees it.

use std::time::{Duration, Instant};

use fanlight_testkit::{Advisory, Clients, Node, NpmRelease, Release, State, Upstream, get, wait_for};
use fanlight_tests::{listed, page, record_of, records_of};
use serde_json::json;

const DEMO: &str = "demo-1.0-py3-none-any.whl";
const NEW: &str = "demo-2.0-py3-none-any.whl";

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([
        Release::new("demo", "0.9"),
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").seconds_old(3600),
        Release::new("other", "1.0"),
    ]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

/// Waits until the projection knows that somebody has the file.
#[track_caller]
fn is_known_to_be_fetched(state: &State, purl: &str) {
    wait_for("the fetch to be told of", Duration::from_secs(5), || {
        let who = state.cli(&["who", purl, "--json"]);
        (who.code == Some(0)).then_some(())
    });
}

fn status(node: &Node, file: &str) -> u16 {
    get(&node.file("demo", file)).status
}

#[test]
fn a_quarantine_stops_a_release_at_once_also_from_the_cache_and_lists_who_has_it() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", DEMO)).is(200);
    page(&node, "demo").is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/demo@1.0");
    // Written another way, it is the same version.
    let done = state.cli(&["quarantine", "demo==1.0.0", "--because", "it reads tokens", "--json"]).ok().json();
    let began = Instant::now();
    assert_eq!(done["already"], false, "{done}");
    let refused = get(&node.file("demo", DEMO));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(refused.status, 403, "a cached file");
    let refused =
        refused.says("quarantined here since").says("by the steward").says("it reads tokens").says("Use 0.9 instead");
    get(&node.file("demo", &format!("{DEMO}.metadata"))).is(403);
    assert!(listed(&node, "demo", DEMO)["yanked"].as_str().is_some_and(|why| why.contains("it reads tokens")));
    let record = record_of(&state, &refused);
    assert_eq!(record["decision"]["policies"][0], "quarantined-here", "{record}");
    assert_eq!(record["facts"]["quarantined_by"], "steward", "{record}");
    // Who has it is listed with the stop, and again where it is stopped again.
    let again = state.cli(&["quarantine", "pkg:pypi/demo@1.0.0"]).ok();
    again.says("quarantined already").says("unidentified").says(DEMO);
    let list = state.cli(&["quarantine", "--list"]).ok();
    list.says("pkg:pypi/demo@1.0.0").says("it reads tokens").says("tester");
    state.cli(&["status"]).ok().says("stopped").says("fanlight quarantine --list");
    state.cli(&["why", "pkg:pypi/demo@1.0"]).ok().says("quarantined-here").says("it reads tokens");
    let made = records_of(&state, "console:quarantine");
    assert_eq!(
        (&made[0]["on"]["id"], &made[0]["facts"]["because"]),
        (&"pkg:pypi/demo@1.0.0".into(), &"it reads tokens".into())
    );
    assert!(made[0]["who"]["sealed"].is_object(), "who did it is sealed: {}", made[0]);
    // What else there is passes as before.
    assert_eq!(status(&node, "demo-0.9-py3-none-any.whl"), 200);
    state.cli(&["quarantine", "--lift", "pkg:pypi/demo@1.0"]).exits(1).says("is not quarantined here");
    state.cli(&["quarantine", "--lift", "demo==1.0.0"]).ok().says("is not quarantined any more");
    assert_eq!(status(&node, DEMO), 200);
    state.cli(&["quarantine", "--list"]).ok().says("Nothing is quarantined");
    assert_eq!(records_of(&state, "console:lift-quarantine").len(), 2);
}

#[test]
fn a_quarantined_project_is_refused_to_every_client_by_hash_too_and_after_a_start() {
    let (upstream, state) = scene();
    let node = state.start();
    let clients = Clients::get();
    state.cli(&["quarantine", "demo", "--because", "its owner's account was taken over"]).ok();
    node.kill();
    let node = state.start();
    let sha256 = listed(&node, "demo", DEMO)["hashes"]["sha256"].as_str().expect("a hash").to_owned();
    let pinned = state.home().join("pinned.txt");
    std::fs::write(&pinned, format!("demo==1.0 --hash=sha256:{sha256}\n")).expect("a file of requirements");
    let pinned = pinned.display().to_string();
    clients.each(|client| {
        client.room().install(&node.index(), &["demo==1.0"]).fails().says("quarantined here");
        client.room().install(&node.index(), &["--require-hashes", "-r", &pinned]).fails().says("quarantined here");
        client.room().install(&node.index(), &["other"]).ok();
    });
    assert_eq!(upstream.count(&format!("/files/demo/{DEMO}")), 0, "what is stopped is not even fetched");
    state.cli(&["quarantine", "--lift", "pkg:pypi/demo@1.0"]).exits(1).says("The whole project is");
}

#[test]
fn quarantines_and_reviews_outlive_a_restore_on_the_running_node() {
    let (_upstream, state) = scene();
    let node = state.start();
    let backup = state.home().join("backup.tar").display().to_string();
    state.cli(&["quarantine", "demo==1.0"]).ok().says("pkg:pypi/demo@1.0 is quarantined");
    state.cli(&["review", "demo==2.0", "--verdict", "needs-care", "--because", "seen before the backup"]).ok();
    state.cli(&["review", "demo==0.9", "--verdict", "safe", "--because", "seen before the backup"]).ok();
    state.cli(&["backup", &backup]).ok();
    state.cli(&["quarantine", "other", "--because", "found after the backup"]).ok();
    state.cli(&["review", "demo==0.9", "--verdict", "unsafe", "--because", "seen after the backup"]).ok();
    state.cli(&["restore", &backup, "--yes"]).ok();
    wait_for("the restored state to serve", Duration::from_secs(20), || {
        (get(&format!("{}/readyz", node.url())).status == 200).then_some(())
    });
    assert_eq!(status(&node, DEMO), 403);
    get(&node.file("other", "other-1.0-py3-none-any.whl")).is(403).says("found after the backup");
    get(&node.file("demo", "demo-0.9-py3-none-any.whl")).is(403).says("seen after the backup");
    // The ledger has a new key: what the old one signed is handed out signed with the new one.
    let file = state.home().join("reviews.json").display().to_string();
    let key = state.path().join("ledger/key.pub").display().to_string();
    state.cli(&["review", "--export", &file]).ok().says("2 reviews");
    let (_other_upstream, partner) = scene();
    let _partner_node = partner.start();
    partner.cli(&["review", "--import", &file, "--key", &key]).ok().says("2 of them new");
    // Without the running node's knowledge the backup's own stays.
    let again = State::with_config("");
    std::fs::remove_dir_all(again.path()).expect("an empty place");
    again.cli(&["restore", &backup]).ok();
    let _node = again.start();
    let list = again.cli(&["quarantine", "--list", "--json"]).ok().json();
    assert_eq!(list["quarantines"].as_array().map(Vec::len), Some(1), "{list}");
}

#[test]
fn the_line_in_the_sand_tells_what_everybody_received_since() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", DEMO)).is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/demo@1.0");
    // A time has milliseconds at least.
    std::thread::sleep(Duration::from_millis(20));
    let line =
        state.records().last().and_then(|record| record["time"].as_str().map(str::to_owned)).expect("a record's time");
    std::thread::sleep(Duration::from_millis(20));
    state.cli(&["use", "pip"]).ok();
    let pip = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let token = pip.split("flk_").nth(1).and_then(|rest| rest.split('@').next()).expect("a token");
    for (project, file) in
        [("demo", "demo-0.9-py3-none-any.whl"), ("other", "other-1.0-py3-none-any.whl"), ("demo", NEW)]
    {
        fanlight_testkit::Request::get(&node.file(project, file)).basic("x", &format!("flk_{token}")).send();
    }
    get(&node.file("other", "other-1.0-py3-none-any.whl")).is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/other@1.0");
    let said = state.cli(&["who", "--since", &line]).ok();
    let said = said.says("tester on ").says("unidentified").says("pkg:pypi/demo@0.9").says("3 files, by 2 callers");
    said.keeps_quiet_about("demo@1.0").keeps_quiet_about("demo@2.0");
    state.cli(&["who", "--since", "1h"]).ok().says("pkg:pypi/demo@1.0").says("4 files, by 2 callers");
    let json = state.cli(&["who", "other", "--since", &line, "--json"]).ok().stdout;
    let rows: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 2, "{json}");
    assert_eq!((&rows[0]["person"], &rows[1]["person"]), (&"tester".into(), &serde_json::Value::Null), "{json}");
    let listed = listed(&node, "other", "other-1.0-py3-none-any.whl");
    let sha256 = listed["hashes"]["sha256"].as_str().expect("a hash");
    assert_eq!(rows[0]["digest"], format!("sha256:{sha256}"), "{json}");
    state.cli(&["who", "demo==1.0.0", "--since", "1h", "--until", &line]).ok().says("1 file, by 1 caller");
    state.cli(&["who", "--since", "1h", "--until", "2020-01-01"]).exits(1).says("Nobody received anything");
    state.cli(&["who", "--since", "soon"]).exits(2).says("not a time");
    // By a fact in the records, with a node and without.
    state.cli(&["review", "other==1.0", "--verdict", "needs-care", "--because", "it is unmaintained"]).ok();
    get(&node.file("other", "other-1.0-py3-none-any.whl")).is(200);
    let by_fact = |fact: &str| state.cli(&["who", "--fact", fact]);
    by_fact("review_here=needs").ok().says("unidentified").says("pkg:pypi/other@1.0").says("do not have the fact");
    by_fact("review_here=unsafe").exits(1);
    state.cli(&["who", "demo", "--fact", "review_here"]).exits(1);
    state.cli(&["who", "other==1.0.0", "--fact", "review_here"]).ok().says("pkg:pypi/other@1.0");
    assert_eq!(node.stop(), Some(0));
    by_fact("review_here").ok().says("pkg:pypi/other@1.0");
}

#[test]
fn a_bill_of_materials_is_what_other_programs_accept_and_what_was_delivered() {
    let (_upstream, state) = scene();
    let node = state.start();
    get(&node.file("demo", DEMO)).is(200);
    get(&node.file("demo", NEW)).is(403);
    fanlight_testkit::Request::new("HEAD", &node.file("other", "other-1.0-py3-none-any.whl")).send().is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/demo@1.0");
    let bill = state.cli(&["sbom", "--person", "unidentified"]).ok();
    let json = bill.json();
    assert_eq!(json["components"].as_array().map(Vec::len), Some(1), "{json}");
    assert_eq!(json["components"][0]["purl"], "pkg:pypi/demo@1.0", "{json}");
    let file = &json["components"][0]["components"][0];
    let listed = listed(&node, "demo", DEMO);
    assert_eq!((&file["name"], &file["hashes"][0]["content"]), (&DEMO.into(), &listed["hashes"]["sha256"]), "{json}");
    let out = state.home().join("bill.spdx.json");
    let name = out.display().to_string();
    state.cli(&["sbom", "--format", "spdx", "--output", &name]).ok().says("1 release");
    state.cli(&["sbom", "--format", "spdx", "--output", &name]).exits(3).says("exists already");
    // Whose was read stands in the record, by pseudonym.
    let holders: Vec<_> =
        records_of(&state, "console:read-people").iter().map(|record| record["facts"]["holder"].clone()).collect();
    assert_eq!(holders.iter().filter(|holder| *holder == "unidentified").count(), 1, "{holders:?}");
    let led = state.cli(&["use", "pip", "--json"]).ok().json();
    state.cli(&["sbom", "--machine", led["machine"].as_str().expect("a machine")]).ok();
    let last = records_of(&state, "console:read-people").pop().expect("a record");
    assert_eq!(last["facts"]["machine"], led["device"], "{last}");
    state.cli(&["sbom", "--person", "nobody"]).exits(1).says("Nobody of that name");
    state.cli(&["sbom", "--machine", "nowhere"]).exits(1).says("No machine of that name");
    let nothing = state.cli(&["sbom", "--since", "2100-01-01"]).ok();
    let Some(validators) = fanlight_testkit::Validators::get() else { return };
    validators.cyclonedx(&bill.stdout);
    validators.cyclonedx(&nothing.stdout);
    validators.spdx(&std::fs::read_to_string(&out).expect("a bill"));
    validators.spdx(&state.cli(&["sbom", "--since", "2100-01-01", "--format", "spdx"]).ok().stdout);
}

#[test]
fn reviews_go_from_one_company_to_another_and_count_as_policy_says() {
    let (_upstream, acme) = scene();
    let acme_node = acme.start();
    assert_eq!(status(&acme_node, DEMO), 200);
    let review = |state: &State, verdict: &str| {
        state.cli(&["review", "demo==1.0", "--verdict", verdict, "--because", "it reads tokens"])
    };
    review(&acme, "unsafe").ok().says("reviewed as unsafe");
    let refused = get(&acme_node.file("demo", DEMO)).is(403).says("was reviewed here as unsafe: it reads tokens");
    assert_eq!(record_of(&acme, &refused)["decision"]["outcome"], "hold");
    let file = acme.home().join("reviews.json").display().to_string();
    acme.cli(&["review", "--export", &file]).ok().says("1 review");
    let key = acme.path().join("ledger/key.pub").display().to_string();
    // Elsewhere it is the community's voice, and counts as that company's policy says.
    let (_other_upstream, state) = scene();
    let node = state.start();
    let wrong = state.path().join("ledger/key.pub").display().to_string();
    state.cli(&["review", "--import", &file, "--key", &wrong]).fails();
    state.cli(&["review", "--import", &file, "--key", &key]).ok().says("1 of them new");
    state.cli(&["review", "--import", &file, "--key", &key]).ok().says("0 of them new");
    let passed = get(&node.file("demo", DEMO)).is(200);
    let facts = record_of(&state, &passed)["facts"].clone();
    assert_eq!((&facts["community_unsafe"], &facts["review_here"]), (&1.into(), &serde_json::Value::Null), "{facts}");
    let policy = "@id(\"others-warn\")\n@outcome(\"hold\")\n@reason(\"{community_unsafe} other companies warn\")\n\
                  forbid (principal, action in Fanlight::Action::\"packages:fetch\", resource)\n\
                  when { context has community_unsafe && context.community_unsafe > 0 };\n";
    state.policy("company.cedar", policy);
    wait_for("the policy", Duration::from_secs(5), || (status(&node, DEMO) == 403).then_some(()));
    state.cli(&["review", "--list"]).ok().says("unsafe").says("it reads tokens").says("fanlight/");
    // Withdrawn there, and taken over again, it is gone here.
    review(&acme, "withdrawn").ok();
    assert_eq!(status(&acme_node, DEMO), 200);
    let later = acme.home().join("later.json").display().to_string();
    acme.cli(&["review", "--export", &later]).ok();
    state.cli(&["review", "--import", &later, "--key", &key]).ok().says("1 of them new");
    assert_eq!(status(&node, DEMO), 200);
    // The older file brings nothing back.
    state.cli(&["review", "--import", &file, "--key", &key]).ok().says("0 of them new");
    assert_eq!(status(&node, DEMO), 200);
    let forged = std::fs::read_to_string(&file).expect("a file").replace("unsafe", "safe");
    std::fs::write(acme.home().join("forged.json"), forged).expect("a file");
    let forged = acme.home().join("forged.json").display().to_string();
    state.cli(&["review", "--import", &forged, "--key", &key]).fails().says("nothing was taken over");
    state.cli(&["review", "demo", "--verdict", "safe", "--because", "x"]).exits(2).says("one release");
}

#[test]
fn a_look_at_a_release_tells_what_is_known_and_what_is_not() {
    let (upstream, state) = scene();
    upstream.add(&Release::new("demo", "1.1").days_old(400).file_named("demo-1.1-py3-none-any.whl"));
    let node = state.start();
    get(&node.file("demo", DEMO)).is(200);
    get(&node.file("demo", "demo-0.9-py3-none-any.whl")).is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/demo@0.9");
    state.cli(&["review", "demo==1.0", "--verdict", "needs-care", "--because", "it is unmaintained"]).ok();
    let said = state.cli(&["look", "demo==1.0.0"]).ok();
    let said = said.says("pkg:pypi/demo@1.0 is allowed").says("4 releases").says("Against 0.9").says("The same files");
    let said = said.says("by 1 caller").says("needs-care").says("it is unmaintained").says("pkg:pypi/demo@0.9");
    let said = said.says("Not known").says("Who published it, and whether that changed: its index does not tell");
    said.says("MIT (demo-1.0-py3-none-any.whl says so; nobody checked it)");
    // The newest that is allowed, where no version is named; what is held says so.
    state.cli(&["look", "demo"]).ok().says("pkg:pypi/demo@1.1 is allowed").says("by nobody yet");
    state.cli(&["look", "demo==2.0"]).ok().says("is held: demo 2.0 was published");
    state.cli(&["quarantine", "demo==2.0", "--because", "it reads tokens"]).ok();
    let look = state.cli(&["look", "demo==2.0", "--json"]).ok().json();
    assert_eq!(look["known"]["quarantined_because"], "it reads tokens", "{look}");
    assert_eq!((&look["previous"]["version"], &look["history"]["releases"]), (&"1.1".into(), &4.into()), "{look}");
    // What is in no cache is not fetched to look.
    state.cli(&["look", "demo==1.1"]).ok().says("it is not in this node's cache, and nothing is fetched to look");
    state.cli(&["look", "demo==77"]).exits(1).says("does not list");
    state.cli(&["look", "nosuch"]).exits(1);
}

#[test]
fn a_look_tells_who_published_it_and_what_is_different_inside() {
    let by = |name: &str| json!({"name": name, "email": "nobody@example.test"});
    let release = |version: &str, publisher: &str, days: i64| {
        NpmRelease::new("demo", version).days_old(days).with("license", json!("MIT")).with("_npmUser", by(publisher))
    };
    let upstream = Upstream::with([]);
    upstream.add_npm(&release("1.0.0", "mara", 90).with("maintainers", json!([by("mara"), by("oli")])));
    upstream.add_npm(&release("1.1.0", "mara", 60).with("maintainers", json!([by("mara"), by("oli")])));
    let source = json!({"type": "git", "url": "git+https://code.example.test/demo.git"});
    let newest = release("1.2.0", "eve", 30).with("maintainers", json!([by("mara"), by("eve")]));
    upstream.add_npm(&newest.with("repository", source).padded(2_000));
    let state = State::before(&upstream, "");
    let node = state.start();
    let tarball = |version: &str| format!("{}/npm/demo/-/demo-{version}.tgz", node.url());
    let look = || state.cli(&["look", "pkg:npm/demo@1.2.0"]).ok();
    look().says("no two files of one kind are in this node's cache").says("it is not in this node's cache");
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        get(&tarball(version)).is(200);
    }
    is_known_to_be_fetched(&state, "pkg:npm/demo@1.2.0");
    let said = look().says("MIT (its index says so").says("https://code.example.test/demo.git");
    let said = said.says("eve, who published none of its releases before; others were published by mara");
    let said = said.says("eve, mara; new: eve; no longer: oli");
    let said = said.says("Against 1.1.0").says("new: package/data.bin").says("package/package.json (");
    said.keeps_quiet_about("Who published it");
    let json = state.cli(&["look", "pkg:npm/demo@1.0.0", "--json"]).ok().json();
    assert_eq!(
        json["publishing"],
        json!({"by": "mara", "before": 0, "others": ["eve"],
        "maintainers": ["mara", "oli"], "joined": [], "left": []}),
        "{json}"
    );
    let in_use: Vec<_> = json["here"]["in_use"].as_array().expect("rows").iter().collect();
    assert!(
        in_use.iter().any(|one| one["release"] == "pkg:npm/demo@1.2.0"
            && one["outcome"] == "allow"
            && one["flaws"] == json!([])),
        "{json}"
    );
}

#[test]
fn a_look_tells_every_flaw_of_the_project_and_what_in_use_here_is_free_of_it() {
    let (upstream, state) = scene();
    let advisory = |id: &str| Advisory::new(id, "demo").summary("it lets words in");
    state.advise(&advisory("GHSA-aaaa-bbbb-cccc").fixed("1.0").alias("CVE-2026-1").medium());
    state.advise(&advisory("GHSA-dddd-eeee-ffff").withdrawn());
    let sources = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(&upstream, "7d", &sources));
    let node = state.start();
    get(&node.file("demo", DEMO)).is(200);
    get(&node.file("demo", "demo-0.9-py3-none-any.whl")).is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/demo@0.9");
    let said = state.cli(&["look", "demo==1.0"]).ok().says("Advisories about any release of it");
    let said =
        said.says("GHSA-aaaa-bbbb-cccc").says("medium vulnerability").says("not affected").says("it lets words in");
    said.says("GHSA-dddd-eeee-ffff").says("taken back 20");
    let json = state.cli(&["look", "demo==0.9", "--json"]).ok().json();
    let flaw = &json["flaws"][0];
    assert_eq!((&flaw["id"], &flaw["affects_it"]), (&"GHSA-aaaa-bbbb-cccc".into(), &true.into()), "{json}");
    assert_eq!(
        (&flaw["affected"], &flaw["newest"], &flaw["fixed_in"]),
        (&1.into(), &"0.9".into(), &json!(["1.0"])),
        "{json}"
    );
    let back = &json["flaws"][1];
    assert_eq!((&back["id"], &back["affects_it"]), (&"GHSA-dddd-eeee-ffff".into(), &false.into()), "{json}");
    assert!(back["withdrawn"].is_string() && flaw["withdrawn"].is_null(), "{json}");
    let in_use = json["here"]["in_use"].as_array().expect("rows");
    let free: Vec<_> =
        in_use.iter().filter(|one| one["flaws"] == json!([])).map(|one| one["release"].as_str()).collect();
    assert_eq!(free, [Some("pkg:pypi/demo@1.0")], "{json}");
}

#[test]
fn a_look_tells_what_the_company_uses_instead_and_how_that_stands_here() {
    let (upstream, state) = scene();
    upstream.add_npm(&NpmRelease::new("dates", "1.0.0").days_old(40));
    let alternatives = "[packages.alternatives]\n\"pkg:pypi/demo\" = \"pkg:pypi/other or pkg:npm/dates\"\n\
                        \"pkg:pypi/other\" = \"the standard library\"\n";
    state.configure(&State::config(&upstream, "7d", alternatives));
    let node = state.start();
    get(&node.file("other", "other-1.0-py3-none-any.whl")).is(200);
    is_known_to_be_fetched(&state, "pkg:pypi/other@1.0");
    state.cli(&["review", "other==1.0", "--verdict", "safe", "--because", "read it all"]).ok();
    let said = state.cli(&["look", "demo==1.0"]).ok().says("What your company uses instead");
    said.says("pkg:pypi/other or pkg:npm/dates").says("1 caller").says("nobody yet");
    let json = state.cli(&["look", "demo==1.0", "--json"]).ok().json();
    assert_eq!(
        json["instead"]["packages"],
        json!([
            {"purl": "pkg:pypi/other", "callers": 1, "newest_allowed": "1.0", "reviewed": "safe"},
            {"purl": "pkg:npm/dates", "callers": 0, "newest_allowed": "1.0.0"},
        ]),
        "{json}"
    );
    let words = state.cli(&["look", "other==1.0", "--json"]).ok().json();
    assert_eq!(words["instead"], json!({"words": "the standard library", "packages": []}), "{words}");
    assert!(state.cli(&["look", "pkg:npm/dates", "--json"]).ok().json()["instead"].is_null());
}

#[test]
fn break_glass_lets_through_what_is_held_for_a_time_and_says_so_everywhere() {
    let (_upstream, state) = scene();
    let node = state.start();
    let clients = Clients::get();
    assert_eq!(status(&node, NEW), 403);
    let args = ["break-glass", "demo==2.0", "--because", "it fixes the outage", "--for", "6s", "--everybody", "--json"];
    let made = state.cli(&args).ok().json();
    let ends = Instant::now() + Duration::from_secs(6);
    assert_eq!((&made["purl"], &made["policies"][0]), (&"pkg:pypi/demo@2.0".into(), &"wait-and-see".into()), "{made}");
    let used = get(&node.file("demo", NEW)).is(200);
    let record = record_of(&state, &used);
    assert_eq!(record["decision"]["excepted"]["by"][0], made["id"], "{record}");
    assert_eq!(record["decision"]["excepted"]["lifted"][0], "wait-and-see", "{record}");
    assert_eq!(listed(&node, "demo", NEW)["yanked"], false);
    let said = state.cli(&["status"]).ok();
    said.says("EXCEPTION").says("pkg:pypi/demo@2.0").says("it fixes the outage").says("everybody").says("tester");
    let room = clients.all().next().map(|client| (client, client.room()));
    if let Some((_, room)) = &room {
        room.install(&node.index(), &["demo==2.0"]).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("2.0"));
    }
    std::thread::sleep(ends.saturating_duration_since(Instant::now()) + Duration::from_millis(900));
    get(&node.file("demo", NEW)).is(403).says("new releases wait");
    assert!(listed(&node, "demo", NEW)["yanked"].is_string());
    state.cli(&["status"]).ok().keeps_quiet_about("EXCEPTION");
    state.cli(&["break-glass", "--list"]).ok().says("ended").says("it fixes the outage");
    let ended =
        wait_for("the end to be recorded", Duration::from_secs(5), || records_of(&state, "node:exception-ended").pop());
    assert_eq!(ended["facts"]["exception"], made["id"], "{ended}");
}

#[test]
fn break_glass_is_for_the_one_it_names_and_can_be_ended() {
    let (_upstream, state) = scene();
    let node = state.start();
    state.cli(&["use", "pip"]).ok();
    let pip = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("pip's settings");
    let token = pip.split("flk_").nth(1).and_then(|rest| rest.split('@').next()).expect("a token");
    let token = format!("flk_{token}");
    let as_tester = || {
        let file = node.file("demo", NEW);
        fanlight_testkit::Request::get(&file).basic("fanlight", &token).send().status
    };
    let made = state.cli(&["break-glass", "demo==2.0", "--because", "a trial", "--for", "1h", "--json"]).ok().json();
    assert_eq!(made["audience"], "tester", "{made}");
    assert_eq!((as_tester(), status(&node, NEW)), (200, 403));
    // The state folder remembers it over a start.
    node.kill();
    let node = state.start();
    let file = node.file("demo", NEW);
    fanlight_testkit::Request::get(&file).basic("fanlight", &token).send().is(200);
    state.cli(&["break-glass", "--end", made["id"].as_str().expect("an id")]).ok().says("has ended");
    fanlight_testkit::Request::get(&file).basic("fanlight", &token).send().is(403);
    state.cli(&["break-glass", "--end", made["id"].as_str().expect("an id")]).exits(1);
}

#[test]
fn break_glass_sets_aside_only_what_it_names_and_what_gives_way() {
    let (_upstream, state) = scene();
    let node = state.start();
    let glass = |what: &str, more: &[&str]| {
        state.cli(&[&["break-glass", what, "--because", "a trial", "--for", "1h", "--everybody"], more].concat())
    };
    glass("demo==1.0", &[]).exits(1).says("Nothing stops pkg:pypi/demo@1.0 now");
    glass("demo==77", &[]).exits(1).says("does not list");
    glass("demo==2.0", &["--policy", "no-hash"]).exits(1).says("no exception lifts it");
    glass("demo==2.0", &["--policy", "no-such-policy"]).exits(1).says("No policy of that id");
    state.cli(&["break-glass", "demo==2.0", "--because", "x", "--for", "30d"]).exits(2).says("7 days");
    state.cli(&["break-glass", "demo==2.0", "--for", "1h"]).exits(2).says("--because");
    glass("demo==2.0", &["--person", "nobody"]).exits(2);
    let one = ["break-glass", "demo==2.0", "--because", "a trial", "--for", "1h", "--person", "nobody"];
    state.cli(&one).exits(1).says("Nobody of that name is known here");
    // A reason that comes later is not lifted by what was made before.
    glass("demo==2.0", &[]).ok().says("past wait-and-see");
    assert_eq!(status(&node, NEW), 200);
    state.cli(&["quarantine", "demo==2.0", "--because", "it reads tokens"]).ok();
    get(&node.file("demo", NEW)).is(403).says("it reads tokens");
    glass("demo==2.0", &[]).exits(1).says("quarantined-here, which no exception lifts").says("quarantine --lift");
}

#[test]
fn break_glass_past_a_named_policy_means_the_release_however_its_version_is_written() {
    let (_upstream, state) = scene();
    let node = state.start();
    assert_eq!(status(&node, NEW), 403);
    let glass = |what: &str| {
        let named = ["--for", "1h", "--everybody", "--policy", "wait-and-see", "--json"];
        state.cli(&[&["break-glass", what, "--because", "a trial"], &named[..]].concat()).ok().json()
    };
    assert_eq!(glass("demo==2.0.0")["purl"], "pkg:pypi/demo@2.0");
    assert_eq!(status(&node, NEW), 200);
    // Of what no page lists yet only the typed text is known.
    assert_eq!(glass("demo==77.0")["purl"], "pkg:pypi/demo@77.0");
    assert_eq!(glass("nosuch==1.0")["purl"], "pkg:pypi/nosuch@1.0");
}

#[test]
fn names_of_people_are_for_those_who_may_read_of_people() {
    let (_upstream, state) = scene();
    let _node = state.start();
    state.cli(&["quarantine", "other", "--because", "a trial"]).ok();
    let glass = ["break-glass", "demo==2.0", "--because", "a trial", "--for", "1h"];
    state.cli(&glass).ok();
    let names = || {
        let (status, list) =
            (state.cli(&["status", "--json"]).ok(), state.cli(&["quarantine", "--list", "--json"]).ok());
        let (status, list) = (status.json(), list.json());
        let one = &status["exceptions"][0];
        [&one["audience"], &one["by"], &list["quarantines"][0]["by"]].map(|name| name.as_str().map(str::to_owned))
    };
    assert!(names().iter().all(|name| name.as_deref() == Some("tester")), "{:?}", names());
    let policy = "@id(\"nobody-reads-of-people\")\n@outcome(\"deny\")\n@reason(\"people are private here\")\n\
                  forbid (principal, action == Fanlight::Action::\"console:read-people\", resource);\n";
    state.policy("company.cedar", policy);
    let hidden = wait_for("the policy", Duration::from_secs(5), || {
        Some(names()).filter(|names| names.iter().flatten().all(|name| name.starts_with("prs_")))
    });
    assert!(hidden.iter().all(Option::is_some), "that there is somebody is told: {hidden:?}");
}
