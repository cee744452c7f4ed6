//! Logging in at a company's own provider, as panva's `oidc-provider` plays it: who is new, who comes again, groups, a second
//! account; and answers that are planted, shown twice, or of another browser.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use fanlight_testkit::clients::node_tools;
use fanlight_testkit::{Answer, Node, Release, Request, Run, State, Upstream};
use fanlight_tests::{Browser, Told, record_of, records_of};
use serde_json::{Value, json};

/// One version, so that a change of theirs is a change of ours and not a surprise.
const WANTED: &[&str] = &["oidc-provider@9.13.3"];

/// A provider that runs, with the node that trusts it, and what is needed to visit both.
struct Scene {
    _upstream: Upstream,
    _secret: tempfile::NamedTempFile,
    state: State,
    node: Node,
    provider: Child,
    tools: PathBuf,
    port: u16,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.provider.kill();
        let _ = self.provider.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

/// What `node` runs: the scripts beside the tests, where the modules are that they import.
fn script(tools: &std::path::Path, name: &str) -> Run {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oidc").join(name);
    let to = tools.join(format!("{}-{name}", std::process::id()));
    std::fs::copy(from, &to).expect("a script");
    Run::new("node").own_env().args([to]).limit(Duration::from_secs(60))
}

impl Scene {
    /// None where the provider cannot be installed, which is said.
    fn new(more: &str) -> Option<Self> {
        let tools = node_tools("oidc", WANTED)?;
        let (port, listen) = (free_port(), free_port());
        let redirect = format!("http://localhost:{listen}/login/answer");
        let mut command = script(&tools, "provider.mjs").args([port.to_string(), redirect]).command();
        let mut provider = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a provider");
        let mut said = BufReader::new(provider.stdout.take().expect("its output")).lines();
        assert!(said.any(|line| line.is_ok_and(|line| line == "ready")), "the provider does not start");
        let upstream = Upstream::with([Release::new("demo", "1.0")]);
        let secret = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(secret.path(), "a secret: with & signs\n").expect("a secret");
        let settings = format!(
            "[login]\nproviders = [{{ name = \"acme\", issuer = \"http://127.0.0.1:{port}\", client = \"fanlight\", \
             secret_file = {:?}, groups_claim = \"groups\"{more} }}]\n",
            secret.path().display().to_string()
        );
        let state = State::before(&upstream, &settings);
        let node = state.start_with(&state.command(&["up", "--listen", &format!("127.0.0.1:{listen}")]));
        Some(Self { _upstream: upstream, _secret: secret, state, node, provider, tools, port: listen })
    }

    /// Where people open the node.
    fn here(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Somebody visits an address with a cookie of the node's, and logs in at the provider when asked; until they are back.
    fn visit(&self, path: &str, name: &str, cookie: &str, until: &str) -> Value {
        script(&self.tools, "visitor.mjs").args([&self.here(path), name, cookie, until]).output().ok().json()
    }

    /// The cookie of a session that the visitor has.
    fn session(&self, visited: &Value) -> Option<String> {
        let cookie = visited["cookies"][format!("localhost:{}", self.port)]["fanlight-session"].as_str()?;
        Some(format!("fanlight-session={cookie}"))
    }

    fn account(&self, visited: &Value) -> Value {
        let cookie = self.session(visited).unwrap_or_else(|| panic!("no session: {visited}"));
        Request::get(&format!("{}/v1/account", self.node.url())).header("Cookie", &cookie).send().is(200).json()
    }

    /// A browser comes back with an answer.
    fn answer(&self, address: &str, cookies: &str) -> Answer {
        let path = address.split_once("/login/answer").expect("an answer").1;
        let get = Request::get(&format!("{}/login/answer{path}", self.node.url())).header("Cookie", cookies);
        // As browsers say it of somebody whom another site leads here.
        get.header("Sec-Fetch-Site", "cross-site")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", "document")
            .send()
    }
}

#[test]
fn somebody_logs_in_at_a_provider_and_finds_the_console() {
    let Some(scene) = Scene::new("") else { return };
    Told::of(&scene.node).at(format!("http://localhost:{}", scene.port)).play("provider", &json!({}));
    assert_eq!(records_of(&scene.state, "account:log-in").len(), 1);
}

#[test]
fn somebody_logs_in_at_a_provider_and_is_the_same_person_from_then_on() {
    let Some(scene) = Scene::new("") else { return };
    let first = scene.visit("/login/with/acme", "asha", "", "");
    assert_eq!(first["url"], scene.here("/"), "{first}");
    let account = scene.account(&first);
    assert_eq!((&account["name"], &account["groups"]), (&json!("asha"), &json!(["finance", "sales"])));
    assert_eq!((&account["providers"], &account["has_password"]), (&json!(["acme"]), &json!(false)));
    assert_eq!(account.get("fresh_until"), None, "the provider says nothing of a second factor");
    let again = scene.account(&scene.visit("/login/with/acme", "asha", "", ""));
    assert_eq!(again["person"], account["person"]);
    let records = records_of(&scene.state, "account:log-in");
    let last = records.last().expect("a record");
    assert_eq!((&last["facts"]["provider"], &last["facts"]["groups"]), (&json!("acme"), &json!("finance sales")));
    assert_eq!((&last["who"]["id"], &last["who"]["strength"]), (&account["person"], &json!("session")));
    assert!(records.iter().all(|record| !record.to_string().contains("asha")), "{records:?}");
    // Groups are left again where the provider says so no more, and those that others gave stay.
    let ben = scene.account(&scene.visit("/login/with/acme", "ben", "", ""));
    assert_eq!(ben["groups"], json!([]));
    scene.state.cli(&["people", "group", "ben", "add", "it"]).ok();
    assert_eq!(scene.account(&scene.visit("/login/with/acme", "ben", "", ""))["groups"], json!(["it"]));
    // Who leaves stays out.
    scene.state.cli(&["leaver", "ben"]).ok();
    let left = scene.visit("/login/with/acme", "ben", "", "");
    assert_eq!((&left["url"], scene.session(&left)), (&json!(scene.here("/login#name-taken")), None));
}

#[test]
fn an_answer_of_a_provider_counts_in_the_browser_that_began_it_and_once() {
    let Some(scene) = Scene::new("") else { return };
    let visited = scene.visit("/login/with/acme", "asha", "", "stop");
    let address = visited["url"].as_str().expect("an answer").to_owned();
    let kept = visited["cookies"][format!("localhost:{}", scene.port)]["fanlight-login"].as_str().expect("a cookie");
    let kept = format!("fanlight-login={kept}");
    let leads = |answer: Answer, to: &str| {
        let answer = answer.is(303);
        assert_eq!(answer.header("location"), Some(to));
        assert!(answer.headers.iter().all(|(_, value)| !value.starts_with("fanlight-session=")), "{answer:?}");
        answer
    };
    // Planted in another browser, which began nothing, or something else.
    leads(scene.answer(&address, ""), "/login#not-begun");
    let other = scene.visit("/login/with/acme", "ben", "", "stop");
    let of_other = other["cookies"][format!("localhost:{}", scene.port)]["fanlight-login"].as_str().expect("a cookie");
    let refused = leads(scene.answer(&address, &format!("fanlight-login={of_other}")), "/login#not-begun");
    let record = record_of(&scene.state, &refused);
    assert_eq!((&record["facts"]["because"], &record["decision"]["outcome"]), (&json!("not-begun"), &json!("deny")));
    assert!(!record.to_string().contains("code="), "{record}");
    // As another issuer's, and as none's though this one always names itself.
    let (before, _) = address.split_once("&iss=").expect("an issuer");
    leads(scene.answer(&format!("{before}&iss=https%3A%2F%2Fevil.example"), &kept), "/login#provider-failed");
    leads(scene.answer(before, &kept), "/login#provider-failed");
    leads(scene.answer(&address.replace("code=", "error=access_denied&x="), &kept), "/login#provider-refused");
    let wrong_code = other["url"].as_str().expect("an answer").replace("code=", "code=x");
    leads(scene.answer(&wrong_code, &format!("fanlight-login={of_other}")), "/login#provider-failed");
    // The one it is for.
    let good = scene.answer(&address, &kept).is(303);
    assert_eq!(good.header("location"), Some("/"));
    assert!(good.headers.iter().any(|(_, value)| value.starts_with("fanlight-session=")), "{good:?}");
    // Shown again, with the cookie that a thief kept.
    leads(scene.answer(&address, &kept), "/login#not-begun");
    // Pages of others lead a browser to where it logs in, and to nothing else.
    let page = Request::get(&format!("{}/v1/status", scene.node.url())).header("Sec-Fetch-Site", "cross-site");
    page.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "document").send().is(403);
    let framed = Request::get(&format!("{}/login", scene.node.url())).header("Sec-Fetch-Site", "cross-site");
    framed.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "iframe").send().is(403);
}

#[test]
fn a_name_opens_no_account_that_was_there() {
    let Some(scene) = Scene::new(", second_factor = true") else { return };
    // Nor is anybody who has a role, a group or an invitation, and no account yet, whoever has their name elsewhere.
    scene.state.cli(&["people", "role", "ben", "add", "reviewer"]).fails();
    scene.state.cli(&["people", "invite", "ben", "--role", "reviewer"]).ok();
    let taken = scene.visit("/login/with/acme", "ben", "", "");
    assert_eq!((&taken["url"], scene.session(&taken)), (&json!(scene.here("/login#name-taken")), None));
    let asha = Browser::first_steward(&scene.state, &scene.node, "asha");
    let visited = scene.visit("/login/with/acme", "asha", "", "");
    assert_eq!((&visited["url"], scene.session(&visited)), (&json!(scene.here("/login#name-taken")), None));
    // Its owner adds the provider, and comes in by it from then on: as strong as the provider says they are.
    let cookie = asha.cookie.expect("a cookie");
    let linked = scene.visit("/v1/account/providers/acme", "asha", &cookie, "");
    assert_eq!(linked["url"], scene.here("/account"), "{linked}");
    let added = records_of(&scene.state, "account:add-login");
    assert_eq!(added.len(), 2, "begun, and done: {added:?}");
    let account = scene.account(&scene.visit("/login/with/acme", "asha", "", ""));
    assert_eq!((&account["providers"], &account["roles"]), (&json!(["acme"]), &json!(["steward"])));
    assert!(account.get("fresh_until").is_some(), "{account}");
}

#[test]
fn no_page_of_others_begins_to_add_a_provider_to_somebody_s_account() {
    let Some(scene) = Scene::new("") else { return };
    let asha = Browser::first_steward(&scene.state, &scene.node, "asha");
    let cookie = asha.cookie.clone().expect("a cookie");
    // By a visit, wherever the link stands: it leads to the login alone, and what comes back is somebody of a name that is taken.
    let visited = scene.visit("/login/with/acme", "asha", &cookie, "");
    assert_eq!(visited["url"], scene.here("/login#name-taken"), "{visited}");
    // By a form, or by a script, of another page.
    let begun = |headers: &[(&str, &str)]| {
        let address = format!("{}/v1/account/providers/acme", scene.node.url());
        let post = Request::new("POST", &address).header("Cookie", &cookie);
        headers.iter().fold(post, |post, (name, value)| post.header(name, value)).send()
    };
    for headers in [
        &[][..],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")],
    ] {
        let refused = begun(headers).is(403);
        assert_eq!(refused.header("set-cookie"), None, "{refused:?}");
    }
    // Nor does one that the node's own page began count in another's session.
    let planted = begun(&[("Origin", scene.node.url())]).is(200);
    let kept = planted.header("set-cookie").and_then(|value| value.split(';').next()).expect("a cookie").to_owned();
    let address = planted.json()["address"].as_str().expect("an address").to_owned();
    let back = script(&scene.tools, "visitor.mjs").args([&address, "asha", "", "stop"]).output().ok().json();
    let answer = scene.answer(back["url"].as_str().expect("an answer"), &kept).is(303);
    assert_eq!(answer.header("location"), Some("/login#not-begun"), "without the session");
    assert_eq!(asha.get("account").is(200).json()["providers"], json!([]));
}

#[test]
fn a_provider_that_does_not_answer_stops_its_own_logins_and_nothing_else() {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let gone = free_port();
    let settings = format!(
        "[login]\nproviders = [{{ name = \"acme\", issuer = \"http://127.0.0.1:{gone}\", client = \"fanlight\" }}]\n"
    );
    let state = State::before(&upstream, &settings);
    let node = state.start();
    let ways = Request::get(&format!("{}/v1/login/ways", node.url())).send().is(200).json();
    assert_eq!(ways, json!({ "providers": ["acme"], "passkeys": true }));
    let led = Request::get(&format!("{}/login/with/acme", node.url())).send().is(303);
    assert_eq!(led.header("location"), Some("/login#provider-failed"));
    let again = Request::get(&format!("{}/login/with/acme", node.url())).send().is(303);
    assert_eq!(again.header("location"), Some("/login#provider-failed"), "it is not asked again at once");
    let led = Request::get(&format!("{}/login/with/nobody", node.url())).send().is(303);
    assert_eq!(led.header("location"), Some("/login#not-begun"));
    Browser::first_steward(&state, &node, "asha").get("account").is(200);
}
