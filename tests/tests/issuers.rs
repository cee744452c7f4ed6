//! Apps that call with tokens of an issuer that a steward trusts, as a CI's jobs do: whom such a token stands for, how that
//! ends, and what somebody tries with tokens who may not.

use std::time::Duration;

use fanlight_testkit::clients::python_tools;
use fanlight_testkit::own_key::{base64url, signed_by_secret};
use fanlight_testkit::{Answer, Issuer, Manner, Node, OwnKey, Release, Request, Run, State, Upstream, get, wait_for};
use fanlight_tests::{Browser, files_with, record_of, records_of};
use serde_json::{Value, json};

const US: &str = "https://fanlight.example";
const NOWHERE: [std::path::PathBuf; 0] = [];
const SUBJECT: &str = "repo:acme/prices:ref:refs/heads/main";

struct Scene {
    _upstream: Upstream,
    state: State,
    node: Node,
    ci: Issuer,
    asha: Browser,
    app: String,
}

fn scene_with(ci: Issuer, more: &str) -> Scene {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, &ci.setting(US, more));
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let app = register(&asha, "ben");
    Scene { _upstream: upstream, state, node, ci, asha, app }
}

fn scene() -> Scene {
    scene_with(Issuer::start(), "")
}

fn register(browser: &Browser, successor: &str) -> String {
    let words =
        json!({ "title": "Prices", "headline": "Makes them", "about": "Reads prices.", "successor": successor });
    text(&browser.post("apps", &words).is(201).json(), "app").to_owned()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn ask(app: &str, scopes: &[&str], claims: &Value) -> Value {
    let trust = json!({ "token": { "issuer": "ci", "subject": SUBJECT, "claims": claims } });
    json!({ "app": app, "label": "the job", "scopes": scopes, "days": 30, "trust": trust })
}

impl Scene {
    /// A key of the app that trusts a subject; its name.
    fn trusts(&self, scopes: &[&str], claims: &Value) -> String {
        let made = self.asha.post("keys", &ask(&self.app, scopes, claims)).is(201).json();
        assert!(made.get("secret").is_none(), "{made}");
        text(&made, "key").to_owned()
    }

    fn bearer(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(&format!("{}{path}", self.node.url()));
        request.header("Authorization", &format!("Bearer {token}")).send()
    }
}

#[test]
fn a_job_s_token_is_the_app_that_trusts_it_and_no_more_than_the_key_is_for() {
    let scene = scene();
    let token = scene.ci.token(SUBJECT, US);
    let refused = scene.bearer(&token, "/pypi/simple/demo/").is(401).says("no app here trusts it");
    assert_eq!(record_of(&scene.state, &refused)["facts"]["fault"], "not-trusted");
    let key = scene.trusts(&["packages", "api:read"], &json!({}));
    let made = records_of(&scene.state, "console:make-key").pop().expect("a record");
    assert_eq!((text(&made["facts"], "trust"), text(&made["facts"], "issuer")), ("token", "ci"));
    assert_eq!(text(&made["facts"], "key"), key);
    assert!(!made.to_string().contains("acme"), "a subject may be a person's: {made}");
    let read = scene.bearer(&token, "/pypi/simple/demo/").is(200);
    let who = record_of(&scene.state, &read)["who"].clone();
    let said = (text(&who, "kind"), text(&who, "id"), text(&who, "key"), text(&who, "strength"));
    assert_eq!(said, ("app", scene.app.as_str(), key.as_str(), "access-token"));
    // As the password of Basic, as package clients send it, and in pip itself.
    Request::get(&scene.node.page("demo")).basic("__token__", &token).send().is(200);
    if let Some(tools) = python_tools("issuers", &["pip>=26"]) {
        let index = scene.node.url().replace("http://", &format!("http://__token__:{token}@"));
        let pip = Run::new(tools.join("bin/python")).at_home(&scene.state.home());
        let fetched = pip.args(["-m", "pip", "download", "--no-deps", "--isolated", "-d", "got", "--index-url"]);
        fetched.args([format!("{index}/pypi/simple/")]).args(["demo"]).folder(&scene.state.home()).output().ok();
    }
    scene.bearer(&token, "/v1/quarantines").is(200);
    let change = Request::new("POST", &format!("{}/v1/advisories/refresh", scene.node.url())).body("{}");
    change.header("Authorization", &format!("Bearer {token}")).send().is(403).says("needs the scope api");
    scene.bearer(&token, "/v1/ledger/page").is(405);
    // It begets no token, and nothing in an address counts.
    let begets = Request::new("POST", &format!("{}/oauth/token", scene.node.url()));
    let begets = begets.header("Content-Type", "application/x-www-form-urlencoded");
    begets.header("Authorization", &format!("Bearer {token}")).body("grant_type=client_credentials").send().is(401);
    get(&format!("{}/v1/status?access_token={token}", scene.node.url())).is(401);
    let told = scene.state.cli(&["keys", "list", "--all"]).ok();
    told.says(&format!("tokens of ci: {SUBJECT}"));
    scene.state.cli(&["status"]).ok().says("ci (http://127.0.0.1").says("1 key, told at");
}

#[test]
fn a_token_stands_for_an_app_until_its_key_its_app_or_its_owner_ends() {
    let scene = scene();
    let claims = json!({ "ref": "main", "event": "push" });
    let key = scene.trusts(&["packages"], &claims);
    let with = |reference: &str| {
        let mut claims = scene.ci.claims(SUBJECT, US);
        claims["ref"] = reference.into();
        claims["event"] = "push".into();
        scene.ci.sign(1, &claims)
    };
    let (main, other, bare) = (with("main"), with("other"), scene.ci.token(SUBJECT, US));
    scene.bearer(&main, "/pypi/simple/demo/").is(200);
    scene.bearer(&other, "/pypi/simple/demo/").is(401);
    scene.bearer(&bare, "/pypi/simple/demo/").is(401);
    scene.bearer(&scene.ci.token(&format!("{SUBJECT}x"), US), "/pypi/simple/demo/").is(401);
    // Nobody has the same tokens stand for another app.
    let cleo = Browser::invited(&scene.state, &scene.node, "cleo", Some("steward"));
    let theirs = register(&cleo, "ben");
    for same in [claims.clone(), json!({}), json!({ "ref": "main" }), json!({ "runner": "own" })] {
        cleo.post("keys", &ask(&theirs, &["packages"], &same))
            .is(409)
            .says("a key of another app trusts the same already");
    }
    let own = cleo.post("keys", &ask(&theirs, &["packages"], &json!({ "ref": "other" }))).is(201).json();
    let record = record_of(&scene.state, &scene.bearer(&other, "/pypi/simple/demo/").is(200));
    assert_eq!((text(&record["who"], "id"), text(&record["who"], "key")), (theirs.as_str(), text(&own, "key")));
    // Nor in another's name, nor without a second factor shown lately, nor by what is no browser.
    cleo.post("keys", &ask(&scene.app, &["packages"], &json!({ "ref": "x" }))).is(403);
    let mine = scene.asha.post("keys", &json!({ "label": "x", "scopes": ["api"], "days": 1 })).is(201).json();
    let by_key = Request::new("POST", &format!("{}/v1/keys", scene.node.url()));
    let by_key = by_key.header("Authorization", &format!("Bearer {}", text(&mine, "secret")));
    by_key.body(ask(&scene.app, &["packages"], &json!({ "ref": "y" })).to_string()).send().is(403);
    // Ended: refused from then on.
    scene.asha.request("DELETE", &format!("keys/{key}")).send().is(200);
    scene.bearer(&main, "/pypi/simple/demo/").is(401).says("none any more");
    let again = scene.trusts(&["packages"], &claims);
    scene.bearer(&main, "/pypi/simple/demo/").is(200);
    let handed = json!({ "owner": "ben", "successor": "cleo" });
    scene.asha.post(&format!("apps/{}/hand-over", scene.app), &handed).is(200);
    scene.bearer(&main, "/pypi/simple/demo/").is(401);
    let keys = scene.asha.get("keys").is(200).json();
    let kept = keys["keys"].as_array().expect("keys").iter().find(|kept| kept["key"] == again.as_str());
    assert!(kept.is_some_and(|kept| kept.get("revoked").is_some()), "{keys}");
    cleo.request("DELETE", &format!("apps/{theirs}")).send().is(200);
    scene.bearer(&other, "/pypi/simple/demo/").is(401);
}

#[test]
fn a_trust_is_renewed_without_a_gap_by_another_beside_it() {
    let scene = scene();
    let token = scene.ci.token(SUBJECT, US);
    let by = |token: &str| {
        let record = record_of(&scene.state, &scene.bearer(token, "/pypi/simple/demo/").is(200));
        text(&record["who"], "key").to_owned()
    };
    let old = scene.trusts(&["packages"], &json!({}));
    assert_eq!(by(&token), old);
    scene.bearer(&token, "/v1/quarantines").is(403);
    // The new one counts at once, with its own scopes, and whoever was known by the old one is known by it.
    let new = scene.trusts(&["packages", "api:read"], &json!({}));
    assert_eq!(by(&token), new);
    scene.bearer(&token, "/v1/quarantines").is(200);
    // The old one ends, and no call in between finds nobody.
    scene.asha.request("DELETE", &format!("keys/{old}")).send().is(200);
    assert_eq!(by(&token), new);
    // Whoever ends the newest means the token: no older key, which may be for more, comes in its place.
    let newest = scene.trusts(&["packages"], &json!({}));
    assert_eq!(by(&token), newest);
    scene.asha.request("DELETE", &format!("keys/{newest}")).send().is(200);
    scene.bearer(&token, "/v1/quarantines").is(401).says("none any more");
    let after = scene.trusts(&["packages"], &json!({}));
    assert_eq!(by(&token), after);
    // What several keys of one app trust stands for no other app.
    let second = register(&scene.asha, "ben");
    scene
        .asha
        .post("keys", &ask(&second, &["packages"], &json!({})))
        .is(409)
        .says("a key of another app trusts the same already");
}

#[test]
fn whom_a_key_trusted_can_be_proved_until_its_owner_is_erased_and_by_nobody_after() {
    let scene = scene();
    let cleo = Browser::invited(&scene.state, &scene.node, "cleo", Some("steward"));
    let app = register(&cleo, "ben");
    let subject = "cleo.miller@acme.example";
    let mut asked = ask(&app, &["packages"], &json!({}));
    asked["trust"]["token"]["subject"] = subject.into();
    let key = text(&cleo.post("keys", &asked).is(201).json(), "key").to_owned();
    let record = records_of(&scene.state, "console:make-key").pop().expect("a record");
    let said = text(&record["facts"], "subject_hmac").to_owned();
    let kept = || {
        let keys = scene.asha.get("keys").is(200).json();
        keys["keys"].as_array().expect("keys").iter().find(|one| one["key"] == key.as_str()).expect("the key").clone()
    };
    let salt = text(&kept(), "trust_salt").to_owned();
    // As another program proves it; and a guess without the salt finds nothing.
    let program =
        "import hmac, sys; print(hmac.new(bytes.fromhex(sys.argv[1]), sys.argv[2].encode(), 'sha256').hexdigest())";
    let python =
        |salt: &str| Run::new("python3").args(["-c", program, salt, subject]).output().ok().stdout.trim().to_owned();
    assert_eq!(python(&salt), said);
    assert_ne!(python(""), said);
    let is_kept = |bytes: &[u8]| !files_with(&scene.state.path(), bytes).is_empty();
    assert!(is_kept(subject.as_bytes()) && is_kept(&hex(&salt)), "else the test finds nothing");
    scene.bearer(&scene.ci.token(subject, US), "/pypi/simple/demo/").is(200);
    scene.state.cli(&["ledger", "erase", "cleo", "--yes"]).ok();
    scene.bearer(&scene.ci.token(subject, US), "/pypi/simple/demo/").is(401);
    let erased = kept();
    assert!(erased.get("trust").is_none() && erased.get("trust_salt").is_none(), "{erased}");
    assert!(erased.get("revoked").is_some(), "{erased}");
    assert_eq!(scene.node.stop(), Some(0));
    for forgotten in [subject.as_bytes(), &hex(&salt)] {
        assert_eq!(files_with(&scene.state.path(), forgotten), NOWHERE, "{:?}", String::from_utf8_lossy(forgotten));
    }
    assert_ne!(
        files_with(&scene.state.path(), said.as_bytes()),
        NOWHERE,
        "the record stays, and proves nothing any more"
    );
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

#[test]
fn what_cannot_be_trusted_is_told_so() {
    let scene = scene();
    for (change, words) in [
        (json!({ "token": { "issuer": "nobody", "subject": "x" } }), "no issuer of that name"),
        (json!({ "token": { "issuer": "ci", "subject": "" } }), "a subject is one line"),
        (json!({ "token": { "issuer": "ci", "subject": "a\nb" } }), "a subject is one line"),
        (json!({ "token": { "issuer": "ci", "subject": "x", "claims": { "aud": "x" } } }), "at most 10 names"),
        (json!({ "token": { "issuer": "ci", "subject": "x", "claims": { "a": 5 } } }), "not what this address takes"),
        (json!({ "token": { "issuer": "ci", "subject": "x", "more": 1 } }), "not what this address takes"),
        (json!({ "token": { "issuer": "ci" } }), "not what this address takes"),
    ] {
        let mut ask = ask(&scene.app, &["packages"], &json!({}));
        ask["trust"] = change;
        scene.asha.post("keys", &ask).is(400).says(words);
    }
    let mut both = ask(&scene.app, &["packages"], &json!({}));
    both["public_key"] = OwnKey::new(1).public();
    scene.asha.post("keys", &both).is(400).says("one thing in place of a secret");
    let mut own = ask(&scene.app, &["packages"], &json!({}));
    own.as_object_mut().expect("an ask").remove("app");
    scene.asha.post("keys", &own).is(400).says("name the app");
    let make = ["keys", "make", "--app", &scene.app, "--for", "packages", "--label", "x", "--issuer", "ci"];
    scene.state.cli(&make).exits(2).says("--subject");
    let made = scene.state.cli(&[&make[..], &["--subject", SUBJECT, "--claim", "ref=main"]].concat()).ok();
    made.says("is for packages");
    scene.state.cli(&["keys", "list", "--all"]).ok().says(&format!("tokens of ci: {SUBJECT}, ref=main"));
}

#[test]
fn a_token_that_is_not_its_issuer_s_or_not_for_here_lets_nobody_in() {
    let scene = scene();
    scene.trusts(&["packages", "api:read", "api"], &json!({}));
    scene.bearer(&scene.ci.token(SUBJECT, US), "/v1/status").is(200);
    let now = jiff::Timestamp::now().as_second();
    let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" });
    let claims = scene.ci.claims(SUBJECT, US);
    let (key, thief) = (OwnKey::new(1), OwnKey::new(9));
    let headed = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let by_thief = |name: &str, value: Value| thief.sign(&headed(name, value), &claims);
    let with_header = |name: &str, value: Value| key.sign(&headed(name, value), &claims);
    let claiming = |name: &str, value: Value| {
        let mut claims = claims.clone();
        match value {
            Value::Null => drop(claims.as_object_mut().expect("claims").remove(name)),
            value => claims[name] = value,
        }
        key.sign(&header, &claims)
    };
    let signed_text = |header: &str, claims: &str| key.sign_text(header, claims);
    let unsigned =
        |alg: &str| format!("{}.{}.", base64url(headed("alg", alg.into()).to_string()), base64url(claims.to_string()));
    let public = text(&key.public(), "x").to_owned();
    let hs = headed("alg", "HS256".into());
    let evil = Issuer::start();
    let jwks = format!("{}/keys", evil.url());
    let good = scene.ci.token(SUBJECT, US);
    let (head, rest) = good.split_once('.').expect("a header");
    let (body, signature) = rest.split_once('.').expect("claims");
    let long = "x".repeat(7000);
    let cases = [
        ("none", unsigned("none")),
        ("none, written otherwise", unsigned("nOnE")),
        ("no signature", format!("{head}.{body}.")),
        ("another signature", format!("{head}.{body}.{}", base64url([7; 64]))),
        ("other claims", format!("{head}.{}.{signature}", base64url(claims.to_string().replace("main", "evil")))),
        ("the public key as a secret", signed_by_secret(&key.public_bytes(), &hs, &claims)),
        ("its text as a secret", signed_by_secret(public.as_bytes(), &hs, &claims)),
        ("an empty secret", signed_by_secret(b"", &hs, &claims)),
        ("another algorithm", with_header("alg", "ES256".into())),
        ("a thief's key", thief.sign(&header, &claims)),
        ("a thief's jwk", by_thief("jwk", thief.public())),
        ("a thief's jku", by_thief("jku", jwks.clone().into())),
        ("a thief's x5u", by_thief("x5u", jwks.into())),
        ("a thief's x5c", by_thief("x5c", json!(["AAAA"]))),
        ("kid of nobody", with_header("kid", "k2".into())),
        ("kid as a path", by_thief("kid", "../../../../dev/null".into())),
        ("kid as SQL", by_thief("kid", "' OR 1=1 --".into())),
        ("kid as an address", by_thief("kid", evil.url().into())),
        ("kid as a list", with_header("kid", json!(["k1"]))),
        ("crit", with_header("crit", json!(["exp"]))),
        ("b64", with_header("b64", false.into())),
        ("zip", with_header("zip", "DEF".into())),
        ("cty", with_header("cty", "JWT".into())),
        ("an access token's type", with_header("typ", "at+jwt".into())),
        ("a proof's type", with_header("typ", "dpop+jwt".into())),
        ("a logout token's type", with_header("typ", "logout+jwt".into())),
        ("an ID token, by its nonce", claiming("nonce", "x".into())),
        ("an ID token, by at_hash", claiming("at_hash", "x".into())),
        ("bound to a key", claiming("cnf", json!({ "jkt": "x" }))),
        ("no audience", claiming("aud", Value::Null)),
        ("another audience", claiming("aud", "https://other.example".into())),
        ("a longer audience", claiming("aud", format!("{US}/").into())),
        ("an audience that is no text", claiming("aud", json!([5]))),
        ("nobody among others", claiming("aud", json!(["a", "b"]))),
        ("no end", claiming("exp", Value::Null)),
        ("over", claiming("exp", (now - 61).into())),
        ("an end as text", claiming("exp", (now + 60).to_string().into())),
        ("not yet", claiming("nbf", (now + 120).into())),
        ("issued tomorrow", claiming("iat", (now + 86_400).into())),
        ("good for ever", claiming("exp", (now + 10 * 86_400).into())),
        ("about nobody", claiming("sub", Value::Null)),
        ("about a number", claiming("sub", 5.into())),
        ("about somebody else", claiming("sub", "repo:evil/prices".into())),
        ("another issuer", claiming("iss", evil.url().into())),
        ("almost the issuer", claiming("iss", format!("{}/", scene.ci.url()).into())),
        ("no issuer", claiming("iss", Value::Null)),
        ("this node as issuer", claiming("iss", scene.node.url().into())),
        ("a claim twice", signed_text(&header.to_string(), &claims.to_string().replacen('{', "{\"sub\":\"x\",", 1))),
        ("a header's name twice", signed_text(r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k1"}"#, &claims.to_string())),
        ("nested", signed_text(&header.to_string(), &claims.to_string().replacen('{', &deep(), 1))),
        ("claims that are a list", signed_text(&header.to_string(), "[]")),
        ("padding", format!("{head}=.{body}.{signature}")),
        ("five parts", format!("{good}.a.b")),
        ("in itself", format!("{good}.{good}")),
        ("too long", claiming("x", long.into())),
    ];
    for (what, token) in cases {
        let refused = scene.bearer(&token, "/v1/status");
        assert_eq!(refused.status, 401, "{what}: {}", refused.text());
        let record = record_of(&scene.state, &refused);
        assert_eq!(text(&record, "action"), "gate:enter", "{what}");
        assert_eq!(text(&record["who"], "kind"), "unidentified", "{what}");
        assert!(!record.to_string().contains("evil") && !record.to_string().contains("acme"), "{what}: {record}");
        Request::get(&scene.node.page("demo")).basic("__token__", &token).send().is(401);
    }
    assert_eq!(evil.asked(), 0, "nothing in a token is an address to ask");
    // By the scheme of tokens that are bound it is none either.
    let bound = Request::get(&format!("{}/v1/status", scene.node.url()));
    bound.header("Authorization", &format!("DPoP {}", scene.ci.token(SUBJECT, US))).send().is(401);
    scene.bearer(&claiming("exp", (now - 61).into()), "/v1/status").says("the token is over: get a new one");
    scene.bearer(&scene.ci.token(SUBJECT, US), "/v1/status").is(200);
}

fn deep() -> String {
    format!("{{\"x\":{}{},", "[".repeat(50), "]".repeat(50))
}

#[test]
fn an_issuer_that_does_not_answer_stops_its_own_tokens_and_is_told() {
    let ci = Issuer::start();
    ci.behaves(Manner::Status(503));
    let scene = scene_with(ci, "");
    scene.trusts(&["packages"], &json!({}));
    let refused = scene.bearer(&scene.ci.token(SUBJECT, US), "/pypi/simple/demo/").is(503);
    let refused = refused.says("cannot tell who is calling");
    assert_eq!(record_of(&scene.state, &refused)["facts"]["fault"], "caller-not-looked-up");
    scene.state.cli(&["status"]).ok().says("no keys yet, so nobody calls with its tokens").says("503");
    get(&scene.node.page("demo")).is(200);
    scene.ci.behaves(Manner::Well);
    wait_for("the issuer to be asked again", Duration::from_secs(30), || {
        (scene.bearer(&scene.ci.token(SUBJECT, US), "/pypi/simple/demo/").status == 200).then_some(())
    });
}

#[test]
fn access_tokens_of_an_issuer_are_taken_where_the_settings_say_that_they_are_some() {
    let scene = scene_with(Issuer::start(), ", tokens = \"access\", algorithms = \"EdDSA\"");
    scene.trusts(&["packages"], &json!({}));
    let mut claims = scene.ci.claims(SUBJECT, US);
    claims["client_id"] = "a program".into();
    let sign =
        |kind: &str, claims: &Value| OwnKey::new(1).sign(&json!({ "alg": "EdDSA", "typ": kind, "kid": "k1" }), claims);
    scene.bearer(&sign("at+jwt", &claims), "/pypi/simple/demo/").is(200);
    scene.bearer(&sign("JWT", &claims), "/pypi/simple/demo/").is(401).says("another kind");
    claims["cnf"] = json!({ "jkt": "x" });
    scene.bearer(&sign("at+jwt", &claims), "/pypi/simple/demo/").is(401).says("bound to a key");
}

#[test]
fn nobody_but_a_steward_has_an_app_trust_what_may_be_another_s() {
    let scene = scene();
    let dora = Browser::invited(&scene.state, &scene.node, "dora", None);
    let words = json!({ "title": "Mine", "headline": "Takes", "about": "It takes.", "successor": "ben" });
    let app = text(&dora.post("apps", &words).is(201).json(), "app").to_owned();
    dora.post("keys", &ask(&app, &["packages"], &json!({}))).is(403).says("only a steward has an app trust one");
    scene.bearer(&scene.ci.token(SUBJECT, US), "/pypi/simple/demo/").is(401).says("no app here trusts it");
    // An ordinary key of theirs is theirs to make.
    dora.post("keys", &json!({ "app": app, "label": "x", "scopes": ["packages"], "days": 1 })).is(201);
}
