//! Where a node is found, by its commands and by clients, whatever address it listens on and whatever certificate it shows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_testkit::{Clients, Node, Release, Run, State, Upstream, wait_for};

fn upstream() -> Upstream {
    Upstream::with([Release::new("demo", "1.0")])
}

fn with_listen(upstream: &Upstream, listen: &str) -> State {
    State::with_config(&State::config(upstream, "7d", &format!("[listen]\n{listen}\n")))
}

fn everywhere(state: &State, listen: &str) -> Node {
    state.start_with(&state.command(&["up", "--listen", listen]))
}

#[test]
fn on_every_address_its_commands_and_clients_find_it() {
    let upstream = upstream();
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let state = with_listen(&upstream, "tls = \"auto\"");
        let node = everywhere(&state, listen);
        let host = node.address().rsplit_once(':').expect("a port").0;
        assert!(!["0.0.0.0", "[::]"].contains(&host), "no address to connect to: {}", node.url());
        state.cli(&["status"]).ok().says(node.url());
        let backup = state.home().join("backup.tar");
        state.command(&["backup"]).args([&backup]).output().ok();
        Clients::get().each(|client| {
            if !client.is_pip() {
                return;
            }
            let room = client.room();
            state.command(&["use", "pip", "--print"]).at_home(&room.home()).output().ok().says(node.address());
            state.command(&["use", "pip"]).at_home(&room.home()).output().ok();
            room.install_plainly(&["demo"]).ok();
            assert_eq!(room.installed("demo").as_deref(), Some("1.0"), "{}", client.name);
            // The other clients of this state have homes of their own.
            state.command(&["use", "pip", "--undo"]).at_home(&room.home()).output().ok();
        });
    }
}

#[test]
fn on_every_address_clients_get_the_name_it_was_given() {
    let upstream = upstream();
    let state = with_listen(&upstream, "tls = \"auto\"\nnames = [\"fanlight.acme.example\", \"other.example\"]");
    let node = everywhere(&state, "0.0.0.0:0");
    assert!(node.url().starts_with("https://fanlight.acme.example:"), "{}", node.url());
    state.cli(&["status"]).ok().says(node.url());
    state.cli(&["use", "pip", "--print"]).ok().says(&format!("@{}/pypi/simple/", node.address()));
}

/// A key and a certificate for `fanlight.acme.example`, signed by `by` or by itself.
fn certificate(folder: &Path, name: &str, by: Option<&(PathBuf, PathBuf)>) -> (PathBuf, PathBuf) {
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let mut run = Run::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=DNS:fanlight.acme.example"])
        .args([Path::new("-out"), &cert, Path::new("-keyout"), &key]);
    if let Some((cert, key)) = by {
        run = run.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        run = run.args([Path::new("-CA"), cert, Path::new("-CAkey"), key]);
    }
    run.output().ok();
    (cert, key)
}

fn with_certificate(upstream: &Upstream, cert: &Path, key: &Path) -> State {
    let (cert, key) = (cert.display(), key.display());
    with_listen(upstream, &format!("tls = {{ cert = \"{cert}\", key = \"{key}\" }}"))
}

#[test]
fn behind_a_certificate_of_the_company_for_another_name_its_commands_reach_it() {
    let (upstream, folder) = (upstream(), tempfile::tempdir().expect("a folder"));
    let ca = certificate(folder.path(), "company", None);
    let (cert, key) = certificate(folder.path(), "signed", Some(&ca));
    let state = with_certificate(&upstream, &cert, &key);
    let node = state.start();
    assert!(node.url().starts_with("https://fanlight.acme.example:"), "{}", node.url());
    state.cli(&["status"]).ok().says(node.url());
    state.cli(&["use", "pip", "--print"]).ok().says(&format!("@{}/pypi/simple/", node.address()));
    // What clients are told holds for a client that trusts the company and finds the name.
    let fetched = Run::new("curl").args(["-sS", "--fail", "--resolve", &format!("{}:127.0.0.1", node.address())]);
    fetched.args([Path::new("--cacert"), &ca.0]).args([format!("{}/readyz", node.url())]).output().ok();

    // The commands go along with every change of the certificate, one signed by itself included, and with a broken one.
    let within = Duration::from_secs(10);
    let said = |words: &str| wait_for(words, within, || node.stderr().contains(words).then_some(()));
    let next = certificate(folder.path(), "next", None);
    for (from, to) in [(&next.1, &key), (&next.0, &cert)] {
        std::fs::copy(from, to).expect("the next certificate in place");
    }
    said("loaded the new certificate");
    state.cli(&["status"]).ok();
    std::fs::write(&cert, "nonsense").expect("a broken certificate");
    std::fs::remove_file(&key).expect("no key");
    wait_for("the broken certificate to be seen", within, || {
        let last = node.stderr().lines().rfind(|line| line.contains("certificate"))?.to_owned();
        last.contains("the certificate stays as it was").then_some(())
    });
    state.cli(&["status"]).ok();
    assert_eq!(node.stop(), Some(0));
    assert!(!state.path().join("run/certificate.der").exists(), "it is true only while the node runs");
}

#[test]
fn whoever_shows_another_certificate_gets_no_token() {
    let (upstream, folder) = (upstream(), tempfile::tempdir().expect("a folder"));
    let [(state, _node), (other, _elsewhere)] = ["ours", "theirs"].map(|name| {
        let (cert, key) = certificate(folder.path(), name, None);
        let state = with_certificate(&upstream, &cert, &key);
        let node = state.start();
        (state, node)
    });
    let file = |state: &State| state.path().join("run/node.json");
    let about = |state: &State| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(file(state)).expect("a file")).expect("JSON")
    };
    state.cli(&["status"]).ok();
    let mut led = about(&state);
    led["local"] = about(&other)["local"].clone();
    std::fs::write(file(&state), led.to_string()).expect("a node elsewhere");
    state.cli(&["status"]).exits(3).says("not the node of this state folder");
}
