//! People and their machines: led to the door by `use`, known by their token, named by `who`, erased when they ask.

use std::path::Path;
use std::time::Duration;

use fanlight_testkit::{Client, Clients, Node, Release, Request, Room, Run, State, Upstream, wait_for};
use fanlight_tests::{Browser, files_with, records_of};
use serde_json::json;

/// No file at all.
const NOWHERE: [std::path::PathBuf; 0] = [];

fn scene() -> (Upstream, State) {
    let upstream = Upstream::with([
        Release::new("demo", "1.0").requires("demo-part"),
        Release::new("demo-part", "1.0"),
        Release::new("demo", "2.0").seconds_old(3600),
    ]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

fn use_client(state: &State, client: &Client, room: &Room<'_>, more: &[&str]) -> Run {
    let name = if client.is_pip() { "pip" } else { "uv" };
    let args: Vec<_> = ["use", name].into_iter().chain(more.iter().copied()).collect();
    state.command(&args).at_home(&room.home())
}

fn config_file(client: &Client, room: &Room<'_>) -> std::path::PathBuf {
    room.home().join(if client.is_pip() { ".config/pip/pip.conf" } else { ".config/uv/uv.toml" })
}

/// Every file under a folder, with its bytes.
fn everything(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            all.extend(everything(&entry.path()));
        } else {
            all.push((entry.path(), std::fs::read(entry.path()).unwrap_or_default()));
        }
    }
    all.sort();
    all
}

fn leads_to_the_door_and_back(state: &State, node: &Node, client: &Client, existing: Option<&str>) {
    let room = client.room();
    let file = config_file(client, &room);
    if let Some(text) = existing {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a configuration of one's own");
    }
    let before = everything(&room.home());
    use_client(state, client, &room, &["--print"]).output().ok().says("index").says(node.address());
    assert_eq!(everything(&room.home()), before, "--print only shows");
    use_client(state, client, &room, &[]).output().ok().says(&file.display().to_string());
    let written = std::fs::read_to_string(&file).expect("a configuration");
    assert!(written.contains(node.address()) && written.contains("flk_"), "{written}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("a file").permissions());
    assert_eq!(mode & 0o077, 0, "a token is for its owner alone: {mode:o}");
    room.install_plainly(&["demo"]).ok().keeps_quiet_about("flk_");
    assert_eq!(room.installed("demo-part").as_deref(), Some("1.0"), "{}", client.name);
    room.clear();
    room.install_plainly(&["demo==2.0"]).fails().says("new releases wait 7 days here");
    // A second time is no harm, whatever the person is called, and one undo is still enough.
    use_client(state, client, &room, &["--person", "Åsa: 李雷"]).output().ok();
    room.clear();
    room.install_plainly(&["demo"]).ok();
    use_client(state, client, &room, &["--undo"]).output().ok();
    match existing {
        Some(text) => assert_eq!(std::fs::read_to_string(&file).expect("one's own again"), text, "{}", client.name),
        None => assert!(!file.exists(), "{}: {:?}", client.name, std::fs::read_to_string(&file)),
    }
}

#[test]
fn use_leads_every_client_to_the_door_and_undo_restores_byte_for_byte() {
    let (_upstream, state) = scene();
    let node = state.start();
    std::thread::scope(|scope| {
        for client in Clients::get().all() {
            let (state, node) = (&state, &node);
            scope.spawn(move || {
                leads_to_the_door_and_back(state, node, client, None);
                let own = if client.is_pip() {
                    "# mine\r\n[global]\ntimeout = 33\nindex-url=https://mirror.example/simple\n\n[install]\n  no-warn-script-location = true"
                } else {
                    "# mine\nindex-url   = \"https://mirror.example/simple\"\nconcurrent-downloads = 3"
                };
                leads_to_the_door_and_back(state, node, client, Some(own));
            });
        }
    });
    let who = wait_for("the downloads to be told of", Duration::from_secs(5), || {
        let who = state.cli(&["who", "pkg:pypi/demo@1.0", "--json"]).ok().json();
        (!who["fetched"].as_array()?.is_empty()).then_some(who)
    });
    for person in ["tester", "Åsa: 李雷"] {
        assert!(who["fetched"].as_array().is_some_and(|all| all.iter().any(|one| one["person"] == person)), "{who}");
    }
    assert!(who["fetched"][0]["machine"].is_string(), "{who}");
    state.cli(&["who", "pkg:pypi/demo@2.0"]).ok().says("tester").says("wait-and-see");
}

/// A token of somebody who is not the one running the node.
fn token(state: &State) -> String {
    token_of(state, "asha")
}

fn token_of(state: &State, person: &str) -> String {
    let out = state.cli(&["use", "pip", "--person", person]).ok();
    let file = state.home().join(".config/pip/pip.conf");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}:\n{out}", file.display()));
    let start = text.find("flk_").expect("a token in the configuration");
    text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn with_token(url: &str, token: &str) -> Request {
    Request::get(url).basic("asha", token)
}

#[test]
fn a_token_names_its_person_in_the_record_and_never_in_clear() {
    let (_upstream, state) = scene();
    let node = state.start();
    let token = token(&state);
    let answer = with_token(&node.page("demo"), &token).send().is(200);
    let record = fanlight_tests::record_of(&state, &answer);
    assert_eq!(record["who"]["kind"], "person", "{record}");
    assert_eq!(record["who"]["strength"], "device-token", "{record}");
    assert!(record["who"]["id"].as_str().is_some_and(|id| id.starts_with("prs_")), "{record}");
    assert!(!record.to_string().contains("asha"), "{record}");
    let records = state.records();
    let made = records.iter().find(|record| record["action"] == "console:issue-token").expect("a record of the token");
    assert_eq!(made["facts"]["person"], record["who"]["id"], "it says for whom the token was made: {made}");
    assert_eq!(files_with(&state.path().join("ledger"), b"asha"), NOWHERE, "no name in clear in the ledger");
    assert_eq!(files_with(&state.path(), token.as_bytes()), NOWHERE, "no token is kept in the state folder");
    let secret = token.split('_').nth(2).expect("a secret");
    assert_eq!(files_with(&state.path(), secret.as_bytes()), NOWHERE, "no secret is kept in the state folder");
    assert!(!node.stderr().contains(secret), "no secret in the log");
    let mut wrong = token.clone();
    wrong.pop();
    with_token(&node.page("demo"), &wrong).send().is(401).says("token");
}

#[test]
fn after_erase_nobody_can_read_the_name_and_the_proofs_hold() {
    let (_upstream, state) = scene();
    let node = state.start();
    // Long, because four letters are met by chance among the random bytes of a database.
    let name = "asha-whom-nobody-remembers";
    let token = token_of(&state, name);
    with_token(&node.file("demo", "demo-1.0-py3-none-any.whl"), &token).send().is(200);
    let named = |expected: bool| {
        wait_for("who to tell of it", Duration::from_secs(5), || {
            let who = state.cli(&["who", "pkg:pypi/demo@1.0", "--json"]).ok().json();
            let person = who["fetched"][0]["person"].as_str()?.to_owned();
            ((person == name) == expected).then_some(person)
        })
    };
    named(true);
    let before = state.records();
    assert_ne!(files_with(&state.path(), name.as_bytes()), NOWHERE, "it was there");
    state.cli(&["ledger", "erase", name]).ok();
    let pseudonym = named(false);
    assert!(pseudonym.starts_with("prs_"), "{pseudonym}");
    state.cli(&["ledger", "verify"]).ok();
    assert_eq!(state.records()[..before.len()], before[..], "not a byte of the ledger has changed");
    with_token(&node.page("demo"), &token).send().is(401);
    assert_eq!(node.stop(), Some(0));
    assert_eq!(files_with(&state.path(), name.as_bytes()), NOWHERE, "the name is nowhere in the state folder");
    state.cli(&["ledger", "erase", "nobody-known"]).fails().says("nobody-known");
}

#[test]
fn whoever_cannot_read_the_state_folder_cannot_ask_or_change() {
    let (_upstream, state) = scene();
    let node = state.start();
    let token = token(&state);
    for (method, path) in [
        ("GET", "status"),
        ("GET", "why?purl=pkg:pypi/demo"),
        ("GET", "who?purl=pkg:pypi/demo"),
        ("GET", "tokens"),
        ("POST", "tokens"),
        ("POST", "erase"),
        ("POST", "backup"),
        ("GET", "policies"),
        ("DELETE", "tokens/dev_x"),
    ] {
        let url = format!("{}/v1/{path}", node.url());
        let anonymous = Request::new(method, &url).send();
        assert!([401, 403].contains(&anonymous.status), "{method} {path}: {anonymous:?}");
        fanlight_tests::record_of(&state, &anonymous);
        if path == "status" || path.starts_with("why") {
            continue; // What every builder may: `roles.rs` has who may what.
        }
        let bearer = Request::new(method, &url).header("Authorization", &format!("Bearer {token}")).send();
        assert!([401, 403].contains(&bearer.status), "{method} {path} with a device token: {bearer:?}");
    }
}

#[test]
fn a_client_that_trusts_a_node_s_own_authority_trusts_whom_it_trusted_before() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let over_tls = || {
        let state = State::with_config(&State::config(&upstream, "7d", "[listen]\ntls = \"auto\"\n"));
        let node = state.start();
        assert!(node.url().starts_with("https://"), "{}", node.url());
        (state, node)
    };
    let ((state, _node), (other, elsewhere)) = (over_tls(), over_tls());
    let company = other.path().join("tls/ca.pem");
    Clients::get().each(|client| {
        let room = client.room();
        let variable = if client.is_pip() { "PIP_CERT" } else { "SSL_CERT_FILE" };
        use_client(&state, client, &room, &[]).env(variable, &company).output().ok();
        if client.is_pip() {
            room.install_plainly(&["demo"]).ok();
            room.clear();
            room.install_plainly(&["--index-url", &elsewhere.index(), "demo"]).ok();
        }
        let roots = config_file(client, &room).with_file_name("fanlight-roots.pem");
        let text = std::fs::read_to_string(roots).expect("the roots");
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2, "{text}");
        use_client(&state, client, &room, &["--undo"]).output().ok();
    });
}

#[test]
fn a_machine_without_a_node_is_led_to_one_elsewhere_by_a_key_that_a_builder_makes() {
    let (_upstream, state) = scene();
    let node = state.start();
    Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let key = |scope: &str| {
        let made = ben.post("keys", &json!({ "label": "my laptop", "scopes": [scope], "days": 1 })).is(201).json();
        made["secret"].as_str().expect("a secret").to_owned()
    };
    let Some(client) = &Clients::get().pip_machine else { return };
    let (room, laptop) = (client.room(), State::with_config(""));
    let config = config_file(client, &room);
    let lead = |key: &str, args: &[&str]| use_client(&laptop, client, &room, args).env("FANLIGHT_KEY", key).output();
    let at = ["--at", node.url()];
    lead("flk_0123456789abcdef_no_key", &at).fails();
    lead(&key("api:read"), &at).fails().says("packages");
    lead(&key("packages"), &["--at", "http://fanlight.example:7070"]).fails().says("in clear");
    assert!(!config.exists(), "nothing is written for a key that is not good");
    lead(&key("packages"), &at).ok().says("pip goes through Fanlight now").says("flk_");
    room.install_plainly(&["demo==1.0"]).ok();
    let fetched = records_of(&state, "packages:fetch-file").pop().expect("a record");
    assert_eq!(
        (&fetched["who"]["kind"], &fetched["who"]["strength"]),
        (&json!("person"), &json!("api-key")),
        "{fetched}"
    );
    assert!(records_of(&state, "console:issue-token").is_empty(), "no steward had to make anything");
    lead("", &["--undo"]).ok().says("The key stays good until").says("fanlight keys revoke key_");
    assert!(!config.exists());
}
