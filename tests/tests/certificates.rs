//! Apps that call with a client certificate (mutual TLS), by real clients: whom it stands for, who vouches for it, and how that ends,
//! on connections that are open, too.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use fanlight_testkit::{Node, Output, Release, Run, State, Upstream, wait_for};
use fanlight_tests::{Authority, records_of};
use serde_json::Value;

struct Scene {
    _upstream: Upstream,
    state: State,
    node: Node,
    authority: Authority,
    app: String,
}

fn scene() -> Scene {
    let (upstream, authority) = (Upstream::with([Release::new("demo", "1.0")]), Authority::new());
    let settings = format!(
        "[listen]\ntls = \"auto\"\nclient_authorities = [{:?}]\nclient_revocations = [{:?}]\n",
        authority.text("ca.pem"),
        authority.text("crl.pem")
    );
    let state = State::before(&upstream, &settings);
    let node = state.start();
    for name in ["asha", "ben"] {
        state.cli(&["people", "invite", name]).ok();
    }
    let app = register(&state, "Prices");
    Scene { _upstream: upstream, state, node, authority, app }
}

fn register(state: &State, title: &str) -> String {
    let words = ["--headline", "Makes prices", "--about", "Reads prices.", "--owner", "asha", "--successor", "ben"];
    let made = state.cli(&[&["--json", "apps", "register", "--title", title][..], &words].concat()).ok();
    made.json()["app"].as_str().expect("an app").to_owned()
}

impl Scene {
    /// A key of the app that trusts what these say; its name.
    fn trusts(&self, app: &str, by: &[&str]) -> String {
        let make =
            ["--json", "keys", "make", "--app", app, "--for", "packages", "--for", "api:read", "--label", "the build"];
        let made = self.state.cli(&[&make[..], by].concat()).ok().json();
        assert!(made.get("secret").is_none(), "{made}");
        made["key"].as_str().expect("a key").to_owned()
    }

    fn curl(&self, client: Option<(&Authority, &str)>, path: &str, more: &[&str]) -> Output {
        let root = self.state.path().join("tls/ca.pem").display().to_string();
        let mut run =
            Run::new("curl").args(["-sS", "-w", "\n%{http_code}", "--cacert", &root]).args(more.iter().copied());
        if let Some((authority, name)) = client {
            let (cert, key) = (authority.text(&format!("{name}.pem")), authority.text(&format!("{name}.key")));
            run = run.args(["--cert", &cert, "--key", &key]);
        }
        run.args([format!("{}{path}", self.node.url())]).output()
    }

    fn status(&self, client: &str, path: &str) -> String {
        let output = self.curl(Some((&self.authority, client)), path, &[]);
        assert_eq!(output.code, Some(0), "{output}");
        output.stdout.lines().last().unwrap_or_default().to_owned()
    }

    fn last_record(&self) -> Value {
        self.state.records().pop().expect("a record")
    }
}

#[test]
fn a_certificate_is_the_app_that_trusts_it_or_a_name_in_it() {
    let scene = scene();
    scene.authority.issue_good("build", "DNS:build.acme.example,URI:spiffe://acme/build");
    scene.authority.issue_good("other", "DNS:other.acme.example");
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "401");
    let refused = scene.last_record();
    assert_eq!((&refused["facts"]["fault"], &refused["who"]["kind"]), (&"not-trusted".into(), &"unidentified".into()));
    let file = scene.authority.text("build.pem");
    let key = scene.trusts(&scene.app, &["--certificate", &file]);
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "200");
    let who = scene.last_record()["who"].clone();
    assert_eq!((&who["kind"], &who["id"]), (&"app".into(), &scene.app.as_str().into()));
    assert_eq!((&who["key"], &who["strength"]), (&key.as_str().into(), &"certificate".into()));
    assert_eq!(scene.status("build", "/v1/quarantines"), "200");
    let change = scene.curl(Some((&scene.authority, "build")), "/v1/advisories/refresh", &["-d", "{}"]);
    assert!(change.stdout.ends_with("403") && change.stdout.contains("needs the scope api"), "{change}");
    assert_eq!(scene.status("other", "/pypi/simple/demo/"), "401", "another certificate of the same authority");
    // Over HTTP/1.1, too; and whoever shows none goes on as before, on this machine as somebody nobody knows.
    let one = scene.curl(Some((&scene.authority, "build")), "/pypi/simple/demo/", &["--http1.1"]);
    assert!(one.stdout.ends_with("200"), "{one}");
    let none = scene.curl(None, "/pypi/simple/demo/", &[]);
    assert!(none.stdout.ends_with("200"), "{none}");
    assert_eq!(scene.last_record()["who"]["kind"], "unidentified");
    // What is shown in the head counts alone.
    let wrong = ["-H", "Authorization: Bearer flk_nonsense"];
    let wrong = scene.curl(Some((&scene.authority, "build")), "/pypi/simple/demo/", &wrong);
    assert!(wrong.stdout.ends_with("401"), "{wrong}");
    // By a name, for all certificates that have it, until two apps could be meant.
    let named = scene.trusts(&scene.app, &["--certificate-name", "dns:other.acme.example"]);
    assert_eq!(scene.status("other", "/pypi/simple/demo/"), "200");
    assert_eq!(scene.last_record()["who"]["key"], named.as_str());
    let second = register(&scene.state, "Others");
    scene.trusts(&second, &["--certificate-name", "uri:spiffe://acme/build"]);
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "200");
    assert_eq!(scene.last_record()["who"]["key"], key.as_str(), "who trusts the certificate itself means it");
    scene.state.cli(&["keys", "revoke", &key]).ok();
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "200", "by its name");
    let third = register(&scene.state, "Third");
    let either = scene.trusts(&third, &["--certificate-name", "dns:build.acme.example"]);
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "401", "it could be either");
    // Of the app whose trust in this certificate was revoked, no name in it counts, either.
    scene.state.cli(&["keys", "revoke", &either]).ok();
    scene.trusts(&scene.app, &["--certificate-name", "dns:build.acme.example"]);
    assert_eq!(scene.status("build", "/pypi/simple/demo/"), "200");
    assert_eq!(scene.last_record()["who"]["id"], second.as_str());
    let make = ["keys", "make", "--app", &second, "--for", "packages", "--label", "x"];
    let again = scene.state.cli(&[&make[..], &["--certificate-name", "dns:other.acme.example"]].concat());
    again.exits(1).says("a key of another app trusts the same already");
    // Renewed without a gap: the same app has another of that name beside the first, which then ends.
    let renewed = scene.trusts(&scene.app, &["--certificate-name", "dns:other.acme.example"]);
    assert_eq!(scene.status("other", "/pypi/simple/demo/"), "200");
    assert_eq!(scene.last_record()["who"]["key"], renewed.as_str());
    scene.state.cli(&["keys", "revoke", &named]).ok();
    assert_eq!(scene.status("other", "/pypi/simple/demo/"), "200");
    assert_eq!(scene.last_record()["who"]["key"], renewed.as_str());
    scene.state.cli(&[&make[..], &["--certificate-name", "dns:*.acme.example"]].concat()).fails().says("without *");
    scene.state.cli(&[&make[..], &["--certificate", "/dev/null"]].concat()).fails().says("no certificate");
    scene.state.cli(&["keys", "list", "--all"]).ok().says("certificates for dns:other.acme.example");
    let records = records_of(&scene.state, "console:make-key");
    assert!(records.iter().all(|record| !record.to_string().contains("acme.example")), "{records:?}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_gets_no_answer() {
    let scene = scene();
    let strangers = Authority::new();
    strangers.issue_good("build", "DNS:build.acme.example");
    scene.authority.issue("over", "DNS:over.acme.example", "20200101000000Z", "20200201000000Z");
    scene.authority.issue("early", "DNS:early.acme.example", "20900101000000Z", "20990101000000Z");
    scene.authority.issue_good("revoked", "DNS:revoked.acme.example");
    scene.authority.issue_good("good", "DNS:good.acme.example");
    for name in ["build", "over", "early", "revoked", "good"] {
        scene.trusts(&scene.app, &["--certificate-name", &format!("dns:{name}.acme.example")]);
    }
    assert_eq!(scene.status("revoked", "/pypi/simple/demo/"), "200");
    scene.authority.revoke("revoked");
    wait_for("the list of revoked certificates", Duration::from_secs(20), || {
        let output = scene.curl(Some((&scene.authority, "revoked")), "/pypi/simple/demo/", &[]);
        (output.code != Some(0)).then_some(())
    });
    for (authority, name) in [(&strangers, "build"), (&scene.authority, "over"), (&scene.authority, "early")] {
        let output = scene.curl(Some((authority, name)), "/pypi/simple/demo/", &[]);
        assert_ne!(output.code, Some(0), "{name}: {output}");
        assert!(output.stdout.trim_end().ends_with("000"), "{name} was answered: {output}");
    }
    assert_eq!(scene.status("good", "/pypi/simple/demo/"), "200");
    // A broken list replaces none that works.
    std::fs::write(scene.authority.path("crl.pem"), "no list").expect("a file");
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(scene.status("good", "/pypi/simple/demo/"), "200");
    assert_ne!(scene.curl(Some((&scene.authority, "revoked")), "/pypi/simple/demo/", &[]).code, Some(0));
}

/// One connection that stays open, and asks whenever it is told to.
struct Held {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

const HELD: &str = "
import http.client, ssl, sys
host, port, root, cert, key = sys.argv[1:]
context = ssl.create_default_context(cafile=root)
context.load_cert_chain(cert, key)
connection = http.client.HTTPSConnection(host, int(port), context=context)
connection.connect()
sock = connection.sock
for line in sys.stdin:
    connection.request('GET', line.strip())
    answer = connection.getresponse()
    body = answer.read().decode()
    assert connection.sock in (sock, None), 'another connection'
    print(answer.status, body.replace(chr(10), ' '), flush=True)
";

impl Held {
    fn open(scene: &Scene, client: &str) -> Self {
        let (host, port) = scene.node.address().rsplit_once(':').expect("a port");
        let root = scene.state.path().join("tls/ca.pem").display().to_string();
        let (cert, key) =
            (scene.authority.text(&format!("{client}.pem")), scene.authority.text(&format!("{client}.key")));
        let run = Run::new("python3").own_env().args(["-c", HELD, host, port, &root, &cert, &key]);
        let mut child = run.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
        let (asks, answers) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, asks, answers: BufReader::new(answers) }
    }

    fn get(&mut self, path: &str) -> String {
        writeln!(self.asks, "{path}").expect("it listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        line
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_end_counts_on_a_connection_that_is_open() {
    let scene = scene();
    for name in ["build", "night"] {
        scene.authority.issue_good(name, &format!("DNS:{name}.acme.example"));
    }
    let key = scene.trusts(&scene.app, &["--certificate-name", "dns:build.acme.example"]);
    scene.trusts(&scene.app, &["--certificate-name", "dns:night.acme.example"]);
    let (mut build, mut night) = (Held::open(&scene, "build"), Held::open(&scene, "night"));
    for held in [&mut build, &mut night] {
        assert!(held.get("/pypi/simple/demo/").starts_with("200"));
        assert!(held.get("/v1/quarantines").starts_with("200"));
    }
    scene.state.cli(&["keys", "revoke", &key]).ok();
    let answer = build.get("/pypi/simple/demo/");
    assert!(answer.starts_with("401") && answer.contains("none any more"), "{answer}");
    assert!(night.get("/pypi/simple/demo/").starts_with("200"));
    scene.authority.revoke("night");
    let told = wait_for("the revocation", Duration::from_secs(20), || {
        let answer = night.get("/pypi/simple/demo/");
        answer.starts_with("401").then_some(answer)
    });
    assert!(told.contains("nobody vouches for it any more"), "{told}");
    assert_eq!(scene.last_record()["facts"]["fault"], "certificate-over");
}

#[test]
fn settings_that_cannot_be_meant_stop_the_start() {
    let (upstream, authority) = (Upstream::with([]), Authority::new());
    let refused = |listen: &str, words: &str| {
        let state = State::before(&upstream, &format!("[listen]\n{listen}\n"));
        state.command(&["up", "--listen", "127.0.0.1:0"]).output().fails().says(words);
    };
    let ca = authority.text("ca.pem");
    refused(&format!("client_authorities = [{ca:?}]"), "this node speaks plain HTTP");
    refused("tls = \"auto\"\nclient_revocations = [\"/crl.pem\"]", "nobody's client certificates are taken");
    for missing in [Path::new("/nothing.pem"), authority.path("index").as_path()] {
        let state =
            State::before(&upstream, &format!("[listen]\ntls = \"auto\"\nclient_authorities = [{missing:?}]\n"));
        state.command(&["up", "--listen", "127.0.0.1:0"]).output().fails().says(&missing.display().to_string());
    }
}
