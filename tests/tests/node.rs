//! A node's life: starting, refusing to start, settings, draining, backup.

use std::time::Duration;

use fanlight_testkit::{Fault, Release, Request, Run, State, Upstream, get};
use fanlight_tests::{page, records_of};

fn one() -> (Upstream, State) {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(400_000)]);
    let state = State::before(&upstream, "");
    (upstream, state)
}

#[test]
fn it_says_where_it_is_and_how_it_is() {
    let (_upstream, state) = one();
    let node = state.start();
    assert!(node.url().starts_with("http://127.0.0.1:"), "{}", node.url());
    get(&format!("{}/healthz", node.url())).is(200);
    get(&format!("{}/readyz", node.url())).is(200);
    page(&node, "demo").is(200);
    let metrics = get(&format!("{}/metrics", node.url())).is(200).text();
    assert!(metrics.contains("# TYPE") && metrics.contains("fanlight_"), "{metrics}");
    let banner = node.stderr();
    assert!(banner.contains("fanlight use pip") && banner.contains(&state.path().display().to_string()), "{banner}");
    assert!(node.more_stdout().is_empty(), "one line on standard output, no more");
    let status = state.cli(&["status", "--json"]).ok().json();
    assert_eq!(status["address"], node.url());
    assert_eq!(status["ready"], true);
    assert_eq!(status["upstreams"][0]["ecosystem"], "pypi");
    state.cli(&["status"]).ok().says(node.url());
    // The program that runs says so in its record.
    assert_eq!(records_of(&state, "node:start").len(), 1);
    assert_eq!(node.stop(), Some(0));
    assert_eq!(records_of(&state, "node:stop").len(), 1, "the ledger is read offline too");
    state.cli(&["status"]).exits(3).says("no node");
}

#[test]
fn a_second_start_on_the_same_state_says_so() {
    let (_upstream, state) = one();
    let node = state.start();
    let second = state.cli(&["up", "--listen", "127.0.0.1:0"]).exits(3);
    second.says("already").says(&state.path().display().to_string());
    node.is_healthy();
    // A node that was killed leaves nothing that keeps the next from starting.
    node.kill();
    let node = state.start();
    node.is_healthy();
}

#[test]
fn it_does_not_listen_openly_without_tls() {
    let (_upstream, state) = one();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refused = state.cli(&["up", "--listen", address]).exits(3).says("TLS").says("listen.tls");
        refused.says("tls = \"auto\"").says("tls = { cert = \"/etc/fanlight/cert.pem\", key =");
    }
}

#[test]
fn with_a_certificate_of_its_own_it_serves_https() {
    let (upstream, state) = one();
    state.configure(&format!(
        "[listen]\naddress = \"127.0.0.1:0\"\ntls = \"auto\"\n[packages.pypi]\nupstream = \"{}\"\n",
        upstream.simple_url()
    ));
    let node = state.start_with(&state.command(&["up"]));
    assert!(node.url().starts_with("https://"), "{}", node.url());
    let ca = std::fs::read_dir(state.path().join("tls")).expect("a tls folder").flatten().map(|entry| entry.path());
    let fetch = |ca: &std::path::Path| {
        let url = format!("{}/healthz", node.url());
        Run::new("curl").args(["-sS", "--fail", "--cacert"]).args([ca]).args([url]).output().code == Some(0)
    };
    assert!(ca.filter(|path| path.is_file()).any(|path| fetch(&path)), "a root in tls/ is trusted by curl");
    let plain = Request::get(&node.url().replace("https://", "http://")).try_send();
    let plain = plain.expect("an answer").is(400).says("use https://");
    assert_eq!(fanlight_tests::record_of(&state, &plain)["facts"]["fault"], "plain-http");
    state.cli(&["status"]).ok();
}

/// A certificate for localhost and its key, self-signed, by a program that is not ours; gives the certificate's file.
fn certificate(folder: &std::path::Path, name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    Run::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args([std::ffi::OsStr::new("-out"), cert.as_os_str(), "-keyout".as_ref(), key.as_os_str()])
        .output()
        .ok();
    (cert, key)
}

#[test]
fn a_changed_certificate_is_shown_within_seconds_and_a_broken_one_never() {
    let (upstream, state) = one();
    let (first, second) = (certificate(&state.home(), "first"), certificate(&state.home(), "second"));
    let (cert, key) = (state.home().join("cert.pem"), state.home().join("cert.key"));
    let put = |pair: &(std::path::PathBuf, std::path::PathBuf)| {
        // As a steward's script does: aside, then renamed into place, one after the other.
        for (from, to) in [(&pair.1, &key), (&pair.0, &cert)] {
            let aside = to.with_extension("new");
            std::fs::copy(from, &aside).and_then(|_| std::fs::rename(&aside, to)).expect("a certificate in place");
        }
    };
    put(&first);
    state.configure(&format!(
        "[listen]\naddress = \"127.0.0.1:0\"\ntls = {{ cert = \"{}\", key = \"{}\" }}\n[packages.pypi]\nupstream = \"{}\"\n",
        cert.display(),
        key.display(),
        upstream.simple_url()
    ));
    let node = state.start_with(&state.command(&["up"]));
    let url = format!("{}/pypi/simple/demo/", node.url());
    // curl trusts that one certificate and nothing else, so that it succeeds says which one was shown.
    let shows = |pair: &(std::path::PathBuf, std::path::PathBuf)| {
        let fetched =
            Run::new("curl").args(["-sS", "--fail", "-o", "/dev/null", "--cacert"]).args([&pair.0]).args([&url]);
        fetched.output().code == Some(0)
    };
    let within = Duration::from_secs(6);
    assert!(shows(&first) && !shows(&second));
    put(&second);
    fanlight_testkit::wait_for("the second certificate", within, || (shows(&second) && !shows(&first)).then_some(()));
    for broken in ["", "nonsense", &std::fs::read_to_string(&first.0).expect("a certificate")] {
        let told = node.stderr().matches("the certificate stays as it was").count();
        std::fs::write(&cert, broken).expect("a broken certificate");
        fanlight_testkit::wait_for("the log to say so", within, || {
            (node.stderr().matches("the certificate stays as it was").count() > told).then_some(())
        });
        assert!(shows(&second), "{broken:?} replaced a working certificate: {}", node.stderr());
    }
    assert!(node.stderr().contains(&cert.display().to_string()), "the file is named: {}", node.stderr());
    put(&first);
    fanlight_testkit::wait_for("the first certificate again", within, || shows(&first).then_some(()));
    assert_eq!(node.stop(), Some(0));
}

#[test]
fn asked_to_end_it_finishes_what_it_began() {
    let (upstream, state) = one();
    let node = state.start();
    let file = "demo-1.0-py3-none-any.whl";
    upstream.fault(&format!("/files/demo/{file}"), Fault::Slow(40_000, Duration::from_millis(150)));
    let url = node.file("demo", file);
    let download = std::thread::spawn(move || get(&url));
    fanlight_testkit::wait_for("the download to begin", Duration::from_secs(10), || {
        (upstream.count(&format!("/files/demo/{file}")) == 1).then_some(())
    });
    node.terminate();
    let answer = download.join().expect("an answer").is(200);
    assert!(answer.complete && answer.body == upstream.bytes("demo", file), "{} bytes came", answer.body.len());
    assert_eq!(node.stop(), Some(0));
    state.cli(&["ledger", "verify"]).ok();
    assert!(!state.path().join("run/node.json").exists(), "a node that ended does not say it runs");
}

#[test]
fn a_wrong_setting_stops_the_start_with_its_line() {
    let (_upstream, state) = one();
    state.configure("[packages]\ncooldown = \"7d\"\ncoldown = \"7d\"\n");
    state.cli(&["up", "--listen", "127.0.0.1:0"]).exits(3).says("coldown").says("fanlight.toml:3");
    state.configure("[packages]\ncooldown = \"soon\"\n");
    state.cli(&["up", "--listen", "127.0.0.1:0"]).exits(3).says("soon").says("fanlight.toml:2");
    state.configure("");
    state
        .command(&["up"])
        .env("FANLIGHT_PACKAGES__COOLDOWN", "soon")
        .output()
        .exits(3)
        .says("FANLIGHT_PACKAGES__COOLDOWN");
    state.command(&["up"]).env("FANLIGHT_PACKAGES__COLDOWN", "7d").output().exits(3).says("FANLIGHT_PACKAGES__COLDOWN");
}

#[test]
fn the_stronger_setting_wins_and_config_says_where_it_came_from() {
    let (_upstream, state) = one();
    state.cli(&["config"]).ok().says("packages.cooldown").says("fanlight.toml");
    let run = state.command(&["config"]).env("FANLIGHT_PACKAGES__COOLDOWN", "3d").output().ok();
    run.says("FANLIGHT_PACKAGES__COOLDOWN");
    assert!(state.cli(&["config", "--json"]).ok().json().is_object());
}

#[test]
fn the_program_explains_itself() {
    let (_upstream, state) = one();
    state.bare(&["--version"]).output().ok().says("fanlight 0.1.0");
    state.bare(&["--help"]).output().ok().says("Examples").says("fanlight up");
    for command in
        ["up", "use", "why", "who", "ledger", "policy", "config", "status", "backup", "restore", "completions"]
    {
        state.bare(&[command, "--help"]).output().ok().says("--");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(state.bare(&["completions", shell]).output().ok().stdout.contains("fanlight"));
    }
    state.bare(&["frobnicate"]).output().exits(2).says("frobnicate");
    state.bare(&[]).output().exits(2).says("Usage");
}

#[test]
fn a_backup_is_taken_while_it_runs_and_restored_elsewhere() {
    let (_upstream, state) = one();
    let node = state.start();
    get(&node.file("demo", "demo-1.0-py3-none-any.whl")).is(200);
    let file = state.home().join("backup.fanlight");
    let name = file.display().to_string();
    state.cli(&["backup", &name]).ok();
    let before = state.records();
    state.cli(&["backup", &name]).exits(3).says("exists");
    let operator = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's secret");
    let ask = Request::new("POST", &format!("{}/v1/backup", node.url()));
    let ask = ask.header("Authorization", &format!("Bearer {operator}")).body(format!("{{\"file\":\"{name}\"}}"));
    ask.send().is(409).says("choose another name");
    state.cli(&["restore", &name]).exits(2).says("--yes");
    node.kill();
    state.cli(&["restore", &name]).exits(3).says("something in it");
    let other = State::with_config("");
    std::fs::remove_dir_all(other.path()).expect("a state folder to be made anew");
    other.cli(&["restore", &name]).ok();
    other.cli(&["ledger", "verify"]).ok();
    let after = other.records();
    // The earlier ledger is kept whole beside the new one, whose first record names it.
    let requests = |records: &[serde_json::Value]| {
        records.iter().filter_map(|record| record["request"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(!requests(&before).is_empty());
    let restored = after.iter().find(|record| record["action"] == "node:restored").expect("a record of it");
    assert_eq!(restored["facts"]["earlier_origin"], before[0]["node"], "{restored}");
    let earlier = other.path().join("ledger-earlier/1").display().to_string();
    other.cli(&["ledger", "verify", &earlier]).ok().says(before[0]["node"].as_str().expect("an origin"));
    let node = other.start();
    page(&node, "demo").is(200);
    fanlight_testkit::wait_for("who to tell of what was before", Duration::from_secs(5), || {
        let who = other.cli(&["who", "pkg:pypi/demo@1.0", "--json"]).ok().json();
        (who["fetched"][0]["file"] == "demo-1.0-py3-none-any.whl").then_some(())
    });
    node.is_healthy();
    assert_ne!(
        state.records()[0]["node"],
        other.records().last().expect("records")["node"],
        "a restored ledger goes on under an origin of its own"
    );
    other.cli(&["ledger", "verify"]).ok();
    // Without a node, a backup is never restored over a state that has something.
    assert_eq!(node.stop(), Some(0));
    other.cli(&["restore", &name, "--yes"]).exits(3).says("something in it");
}

#[test]
fn without_a_setting_it_stands_before_what_the_clients_on_this_machine_use() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::with_config("");
    let folder = state.home().join(".config/pip");
    std::fs::create_dir_all(&folder).expect("a folder for pip");
    let own = format!("[global]\nindex-url = {}\n", upstream.simple_url());
    std::fs::write(folder.join("pip.conf"), &own).expect("pip's configuration");
    // What npm is set to looks like a door on this machine, so what lies beneath it counts.
    std::fs::write(state.home().join(".npmrc"), "registry=http://127.0.0.1:9/npm/\n").expect("npm's configuration");
    let has_npm = std::process::Command::new("npm").arg("--version").output().is_ok();
    let node = state.start();
    page(&node, "demo").is(200);
    state.cli(&["status"]).ok().says(&upstream.simple_url()).says("pip");
    let found = |ecosystem: &str| {
        let found = records_of(&state, "node:upstream-found");
        found.iter().filter(|record| record["facts"]["ecosystem"] == ecosystem).count()
    };
    assert_eq!((found("pypi"), found("npm")), (1, usize::from(has_npm)));
    // Led through the door, pip's setting names the node: the node does not take itself for its upstream.
    state.cli(&["use", "pip"]).ok();
    assert_eq!(node.stop(), Some(0));
    let node = state.start();
    std::thread::sleep(Duration::from_millis(200));
    page(&node, "demo").is(200);
    let status = state.cli(&["status"]).ok().says(&upstream.simple_url());
    if has_npm {
        status.says("beneath the person's settings").keeps_quiet_about("127.0.0.1:9/");
    }
}

#[test]
fn a_first_start_that_waits_for_pip_says_so() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::with_config("");
    let bin = state.home().join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let write = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = bin.join(name);
        std::fs::write(&path, text).expect("a program");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a program");
    };
    // A pip that takes its time, whatever it is started as.
    let slow = format!("#!/bin/sh\nsleep 1\necho \"global.index-url='{}'\"\n", upstream.simple_url());
    ["pip", "pip3", "python", "python3"].iter().for_each(|name| write(name, &slow));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let run = || state.command(&["up", "--listen", "127.0.0.1:0"]).env("PATH", &path);
    let node = state.start_with(&run());
    let said = node.stderr();
    assert!(said.contains("Asking pip") && said.contains("packages.pypi.upstream"), "{said}");
    assert_eq!(node.stop(), Some(0));
    // Found once, it is not asked again.
    let node = state.start_with(&run());
    assert_eq!(node.stderr().matches("Asking pip").count(), 1, "{}", node.stderr());
}

#[test]
fn status_names_a_client_that_is_led_to_an_address_the_node_does_not_have_now() {
    let (_upstream, state) = one();
    let node = state.start();
    state.cli(&["use", "pip"]).ok();
    state.cli(&["status"]).ok().keeps_quiet_about("led to");
    let before = node.address().to_owned();
    assert_eq!(node.stop(), Some(0));
    // The port is taken, so that the next start does not have it by chance.
    let _taken = std::net::TcpListener::bind(&before).expect("the port that was the node's");
    let node = state.start();
    state.cli(&["status"]).ok().says(&format!("pip is led to {before}")).says("fanlight use pip").says("pip.conf");
    let led = state.cli(&["status", "--json"]).ok().json()["clients_led_elsewhere"].clone();
    assert_eq!((&led[0]["client"], &led[0]["leads_to"]), (&"pip".into(), &before.into()), "{led}");
    state.cli(&["use", "pip"]).ok();
    state.cli(&["status"]).ok().keeps_quiet_about("led to").says(node.address());
}

#[test]
fn the_origin_names_no_machine() {
    let (_upstream, state) = one();
    let _node = state.start();
    let origin = state.cli(&["status", "--json"]).ok().json()["origin"].as_str().expect("an origin").to_owned();
    let digits = origin.strip_prefix("fanlight/").expect("fanlight's own");
    assert!(digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{origin}");
    state.cli(&["status"]).ok().says(&origin);
    let key = std::fs::read_to_string(state.path().join("ledger/key.pub")).expect("a key");
    assert!(key.starts_with(&format!("{origin}+")), "{key}");
    assert_eq!(state.records()[0]["node"], origin.as_str());
}

#[test]
fn its_log_can_be_read_by_programs_and_names_requests() {
    let (_upstream, state) = one();
    let run = state.command(&["up", "--listen", "127.0.0.1:0"]).env("FANLIGHT_LOG__FORMAT", "json");
    let node = state.start_with(&run.env("FANLIGHT_LOG__LEVEL", "debug"));
    let answer = page(&node, "demo").is(200);
    assert_eq!(
        get(&format!("{}/nowhere", node.url())).is(404).header("content-type"),
        Some("application/problem+json")
    );
    let id = answer.request_id().expect("an id").to_owned();
    fanlight_testkit::wait_for("the request in the log", Duration::from_secs(5), || {
        let log = node.stderr();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.any(|line| line.to_string().contains(&id)).then_some(())
    });
}

#[test]
fn what_the_upstream_did_wrong_is_logged_under_the_request_that_met_it() {
    let (upstream, state) = one();
    upstream.fault("/simple/broken/", Fault::Status(500));
    let node = state.start_with(&state.command(&["up", "--listen", "127.0.0.1:0"]).env("FANLIGHT_LOG__FORMAT", "json"));
    page(&node, "nobody-has-this").is(404);
    let id = page(&node, "broken").is(502).request_id().expect("an id").to_owned();
    let log = fanlight_testkit::wait_for("the fault in the log", Duration::from_secs(5), || {
        Some(node.stderr()).filter(|log| log.contains("a project could not be looked at"))
    });
    let of_the_fault: Vec<_> = log.lines().filter(|line| line.contains("could not be looked at")).collect();
    assert!(of_the_fault.len() == 1 && of_the_fault[0].contains(&id), "{id}: {of_the_fault:?}");
    assert!(!log.contains("nobody-has-this"), "a name that is none is no warning: {log}");
}

#[test]
fn traces_and_metrics_go_where_they_are_asked_to() {
    let (upstream, state) = one();
    let collector = upstream.simple_url().replace("/simple/", "");
    let run = state.command(&["up", "--listen", "127.0.0.1:0"]).env("FANLIGHT_TELEMETRY__OTLP_ENDPOINT", &collector);
    let node = state.start_with(&run);
    page(&node, "demo").is(200);
    fanlight_testkit::wait_for("traces to arrive", Duration::from_secs(20), || {
        (upstream.count("/v1/traces") > 0).then_some(())
    });
    assert_eq!(node.stop(), Some(0));
    assert!(upstream.count("/v1/metrics") > 0, "{:?}", upstream.seen());
}
