//! Access tokens: asked for by apps with a secret or a key of their own, bound to a key, ended early; and what somebody tries
//! with them who may not.

use fanlight_testkit::clients::python_tools;
use fanlight_testkit::own_key::{base64url, fresh, signed_by_secret};
use fanlight_testkit::{Answer, Node, OwnKey, Release, Request, Run, State, Upstream, get};
use fanlight_tests::{Browser, record_of};
use serde_json::{Value, json};

struct Scene {
    _upstream: Upstream,
    state: State,
    node: Node,
    asha: Browser,
    app: String,
}

fn scene() -> Scene {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    Browser::invited(&state, &node, "ben", None);
    let app = register(&asha);
    Scene { _upstream: upstream, state, node, asha, app }
}

fn register(browser: &Browser) -> String {
    let words = json!({ "title": "Price list", "headline": "Makes it", "about": "Reads prices.", "successor": "ben" });
    text(&browser.post("apps", &words).is(201).json(), "app").to_owned()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

impl Scene {
    /// A key of the app with a secret: the client's id and secret.
    fn secret(&self, scopes: &[&str]) -> (String, String) {
        let made = self.made(&json!({ "app": self.app, "label": "a test", "scopes": scopes, "days": 1 }));
        (text(&made, "key").to_owned(), text(&made, "secret").to_owned())
    }

    /// A key that the app has for itself: the client's id.
    fn public(&self, key: &OwnKey, scopes: &[&str]) -> String {
        let ask =
            json!({ "app": self.app, "label": "a test", "scopes": scopes, "days": 1, "public_key": key.public() });
        let made = self.made(&ask);
        assert!(made.get("secret").is_none(), "{made}");
        text(&made, "key").to_owned()
    }

    fn made(&self, ask: &Value) -> Value {
        self.asha.post("keys", ask).is(201).json()
    }

    fn form(&self, path: &str) -> Request {
        let request = Request::new("POST", &format!("{}{path}", self.node.url()));
        request.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// A token for that client.
    fn token(&self, (id, secret): &(String, String)) -> String {
        let answer = self.form("/oauth/token").basic(id, secret).body("grant_type=client_credentials").send().is(200);
        text(&answer.json(), "access_token").to_owned()
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.node.url())
    }

    fn bearer(&self, token: &str, path: &str) -> Answer {
        Request::get(&self.address(path)).header("Authorization", &format!("Bearer {token}")).send()
    }

    fn assertion(&self, client: &str) -> Value {
        let now = jiff::Timestamp::now().as_second();
        json!({ "iss": client, "sub": client, "aud": self.node.url(), "jti": fresh(), "iat": now, "exp": now + 60 })
    }

    fn by_assertion(&self, assertion: &str) -> Answer {
        let form = format!(
            "grant_type=client_credentials&client_assertion={assertion}&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        );
        self.form("/oauth/token").body(form).send()
    }

    /// A token that is bound to a key, by way of the nonce that the node asks for.
    fn bound(&self, client: &(String, String), key: &OwnKey) -> (String, String) {
        let address = self.address("/oauth/token");
        let ask = |nonce: Option<&str>| {
            let form = self.form("/oauth/token").basic(&client.0, &client.1).body("grant_type=client_credentials");
            form.header("DPoP", &key.proof("POST", &address, None, nonce)).send()
        };
        let refused = ask(None).is(400);
        assert_eq!(refused.json()["error"], "use_dpop_nonce");
        let nonce = refused.header("dpop-nonce").expect("a nonce").to_owned();
        let answer = ask(Some(&nonce)).is(200).json();
        assert_eq!(answer["token_type"], "DPoP", "{answer}");
        (text(&answer, "access_token").to_owned(), nonce)
    }
}

#[test]
fn an_app_gets_a_token_by_its_secret_or_its_own_key_and_acts_by_it() {
    let scene = scene();
    let client = scene.secret(&["packages", "api:read"]);
    let post = format!("grant_type=client_credentials&client_id={}&client_secret={}", client.0, client.1);
    let own = OwnKey::new(1);
    let public = scene.public(&own, &["packages", "api:read"]);
    let assertion = own.sign(&json!({ "alg": "EdDSA", "typ": "JWT" }), &scene.assertion(&public));
    let answers = [
        (
            scene.form("/oauth/token").basic(&client.0, &client.1).body("grant_type=client_credentials").send(),
            &client.0,
        ),
        (scene.form("/oauth/token").body(post).send(), &client.0),
        (scene.by_assertion(&assertion), &public),
    ];
    for (answer, id) in answers {
        let record = record_of(&scene.state, &answer);
        let answer = answer.is(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let answer = answer.json();
        assert_eq!((text(&answer, "token_type"), text(&answer, "scope")), ("Bearer", "packages api:read"));
        assert_eq!((text(&record, "action"), text(&record["who"], "id")), ("oauth:issue-token", scene.app.as_str()));
        let token = text(&answer, "access_token");
        let read = scene.bearer(token, "/v1/status").is(200);
        let who = record_of(&scene.state, &read)["who"].clone();
        let said = (text(&who, "kind"), text(&who, "id"), text(&who, "key"), text(&who, "strength"));
        assert_eq!(said, ("app", scene.app.as_str(), id.as_str(), "access-token"));
        scene.bearer(token, "/pypi/simple/demo/").is(200);
        Request::get(&scene.node.page("demo")).basic("__token__", token).send().is(200);
        scene.bearer(token, "/v1/quarantines").is(200);
        let change = Request::new("POST", &scene.address("/v1/advisories/refresh")).body("{}");
        change.header("Authorization", &format!("Bearer {token}")).send().is(403).says("needs the scope api");
        // A token begets no token.
        let again = scene.form("/oauth/token").header("Authorization", &format!("Bearer {token}"));
        again.body("grant_type=client_credentials").send().is(401);
    }
    // An assertion is good once.
    scene.by_assertion(&assertion).is(401);
    let told = get(&scene.address("/.well-known/oauth-authorization-server")).is(200).json();
    assert_eq!(text(&told, "token_endpoint"), scene.address("/oauth/token"));
    assert_eq!(get(text(&told, "jwks_uri")).is(200).json()["keys"][0]["kty"], "OKP");
}

#[test]
fn what_is_asked_for_otherwise_gets_no_token() {
    let scene = scene();
    let client = scene.secret(&["packages"]);
    let own = scene.made_own_key();
    let ask = |form: &str| scene.form("/oauth/token").basic(&client.0, &client.1).body(form).send();
    let grant = "grant_type=client_credentials";
    for (form, error) in [
        ("grant_type=password&username=asha&password=x", "unsupported_grant_type"),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
        ("grant_type=implicit", "unsupported_grant_type"),
        // None are given, so there is none to use twice; and no address that an answer could be led to.
        ("grant_type=refresh_token&refresh_token=x", "unsupported_grant_type"),
        ("scope=packages", "unsupported_grant_type"),
        (&format!("{grant}&scope=api"), "invalid_scope"),
        (&format!("{grant}&scope=packages%20api"), "invalid_scope"),
        (&format!("{grant}&scope=everything"), "invalid_scope"),
        (&format!("{grant}&resource=https%3A%2F%2Fother.example"), "invalid_target"),
        (&format!("{grant}&{grant}"), "invalid_request"),
    ] {
        assert_eq!(ask(form).is(400).json()["error"], error, "{form}");
    }
    ask(&format!("{grant}&scope=packages&resource={}", scene.node.url().replace(':', "%3A").replace('/', "%2F")))
        .is(200);
    let json = Request::new("POST", &scene.address("/oauth/token")).basic(&client.0, &client.1);
    assert_eq!(json.body(r#"{"grant_type":"client_credentials"}"#).send().is(400).json()["error"], "invalid_request");
    let nobody = |request: Request, form: &str| {
        let answer = request.body(form.to_owned()).send().is(401);
        assert!(answer.header("www-authenticate").is_some());
        assert_eq!(answer.json()["error"], "invalid_client");
        assert_eq!(record_of(&scene.state, &answer)["facts"]["fault"], "bad-client");
    };
    let post = || scene.form("/oauth/token");
    nobody(post(), grant);
    nobody(post().basic(&client.0, "wrong"), grant);
    nobody(post(), &format!("{grant}&client_id={}&client_secret=wrong", client.0));
    nobody(post(), &format!("{grant}&client_id=key_aaaaaaaaaaaaaaaa&client_secret={}", client.1));
    // Two ways at once, a person's own key, a device's token, whoever runs the node, a session.
    nobody(post().basic(&client.0, &client.1), &format!("{grant}&client_secret={}", client.1));
    nobody(post().basic(&own.0, &own.1), grant);
    let operator = std::fs::read_to_string(scene.state.path().join("run/operator.token")).expect("a secret");
    nobody(post().header("Authorization", &format!("Bearer {}", operator.trim())), grant);
    nobody(post().header("Cookie", scene.asha.cookie.as_deref().expect("a cookie")), grant);
    // Nothing in an address counts.
    let address = format!("/oauth/token?{grant}&client_id={}&client_secret={}", client.0, client.1);
    nobody(scene.form(&address), "x=y");
    let token = scene.token(&client);
    get(&scene.address(&format!("/pypi/simple/demo/?access_token={token}"))).is(200);
    get(&scene.address(&format!("/v1/status?access_token={token}"))).is(401);
}

impl Scene {
    /// A key of a person's own.
    fn made_own_key(&self) -> (String, String) {
        let made = self.made(&json!({ "label": "own", "scopes": ["api", "packages"], "days": 1 }));
        (text(&made, "key").to_owned(), text(&made, "secret").to_owned())
    }
}

#[test]
fn a_token_that_is_bound_is_worth_nothing_to_who_steals_it() {
    let scene = scene();
    let client = scene.secret(&["packages", "api:read"]);
    let (key, thief) = (OwnKey::new(2), OwnKey::new(3));
    let (token, nonce) = scene.bound(&client, &key);
    let address = scene.address("/v1/status");
    let show = |scheme: &str, proof: Option<&str>| {
        let request = Request::get(&address).header("Authorization", &format!("{scheme} {token}"));
        match proof {
            Some(proof) => request.header("DPoP", proof).send(),
            None => request.send(),
        }
    };
    let good = || key.proof("GET", &address, Some(&token), Some(&nonce));
    let proof = good();
    show("DPoP", Some(&proof)).is(200);
    let refused = show("DPoP", Some(&proof)).is(401);
    assert_eq!(refused.header("www-authenticate"), Some("DPoP realm=\"fanlight\", error=\"invalid_dpop_proof\""));
    show("DPoP", Some(&good())).is(200);
    let other = scene.secret(&["api:read"]);
    let (another, _) = scene.bound(&other, &key);
    let now = jiff::Timestamp::now().as_second();
    let hash = |token: &str| {
        let proof = key.proof("GET", &address, Some(token), None);
        let claims = proof.split('.').nth(1).expect("claims").to_owned();
        let claims: Value = serde_json::from_slice(&decoded(&claims)).expect("JSON");
        text(&claims, "ath").to_owned()
    };
    let claims = |change: &dyn Fn(&mut Value)| {
        let mut claims = json!({
            "jti": fresh(), "htm": "GET", "htu": address, "iat": now, "ath": hash(&token), "nonce": nonce,
        });
        change(&mut claims);
        key.proof_of(&claims)
    };
    show("DPoP", Some(&claims(&|_| {}))).is(200);
    for (what, proof) in [
        ("a thief's key", Some(thief.proof("GET", &address, Some(&token), Some(&nonce)))),
        ("another method", Some(claims(&|claims| claims["htm"] = "POST".into()))),
        ("another address", Some(claims(&|claims| claims["htu"] = scene.address("/v1/people").into()))),
        ("another host", Some(claims(&|claims| claims["htu"] = "http://evil.example/v1/status".into()))),
        ("another token", Some(claims(&|claims| claims["ath"] = hash(&another).into()))),
        ("no token", Some(claims(&|claims| drop(claims.as_object_mut().expect("claims").remove("ath"))))),
        ("an old one", Some(claims(&|claims| claims["iat"] = (now - 120).into()))),
        ("one of tomorrow", Some(claims(&|claims| claims["iat"] = (now + 120).into()))),
        ("no id", Some(claims(&|claims| drop(claims.as_object_mut().expect("claims").remove("jti"))))),
        ("none", None),
    ] {
        assert_eq!(show("DPoP", proof.as_deref()).status, 401, "{what}");
    }
    // Taken as Bearer it would be a thief's, with or without a proof.
    show("Bearer", None).is(401).says("hold the key to which this token is bound");
    show("Bearer", Some(&good())).is(401);
    let old = claims(&|claims| claims["nonce"] = "of another node".into());
    let refused = show("DPoP", Some(&old)).is(401);
    assert_eq!(refused.header("www-authenticate"), Some("DPoP realm=\"fanlight\", error=\"use_dpop_nonce\""));
    assert!(refused.header("dpop-nonce").is_some());
    assert_eq!(record_of(&scene.state, &refused)["facts"]["fault"], "use-nonce");
    // A token that is not bound is not made one by a proof, nor is a key.
    let free = scene.token(&client);
    let with_proof = |token: &str, scheme: &str| {
        let proof = key.proof("GET", &address, Some(token), Some(&nonce));
        Request::get(&address).header("Authorization", &format!("{scheme} {token}")).header("DPoP", &proof).send()
    };
    with_proof(&free, "DPoP").is(401);
    with_proof(&client.1, "DPoP").is(401);
}

fn decoded(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = letters.iter().position(|known| *known == letter).expect("base64url");
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    out
}

#[test]
fn a_token_that_somebody_made_up_lets_nobody_in() {
    let scene = scene();
    let client = scene.secret(&["packages", "api:read", "api"]);
    let token = scene.token(&client);
    scene.bearer(&token, "/v1/status").is(200);
    let parts: Vec<&str> = token.split('.').collect();
    let header: Value = serde_json::from_slice(&decoded(parts[0])).expect("a header");
    let claims: Value = serde_json::from_slice(&decoded(parts[1])).expect("claims");
    let keys = get(&scene.address("/oauth/jwks.json")).is(200).json();
    let public = text(&keys["keys"][0], "x").to_owned();
    let thief = OwnKey::new(9);
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let claiming = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let unsigned = |alg: &str| format!("{}.{}.", base64url(with("alg", alg.into()).to_string()), parts[1]);
    let hs = with("alg", "HS256".into());
    let own = OwnKey::new(1);
    let id = scene.public(&own, &["api"]);
    let assertion = own.sign(&json!({ "alg": "EdDSA", "typ": "JWT" }), &scene.assertion(&id));
    let cases = [
        ("no signature", unsigned("none")),
        ("no signature, written otherwise", unsigned("nOnE")),
        ("a signature left out", format!("{}.{}.", parts[0], parts[1])),
        ("the public key as a secret", signed_by_secret(&decoded(&public), &hs, &claims)),
        ("the public key's text as a secret", signed_by_secret(public.as_bytes(), &hs, &claims)),
        ("an empty secret", signed_by_secret(b"", &hs, &claims)),
        ("a thief's key", thief.sign(&header, &claims)),
        ("a thief's key in the header", thief.sign(&with("jwk", thief.public()), &claims)),
        ("a thief's key set", thief.sign(&with("jku", "http://127.0.0.1:9/keys".into()), &claims)),
        ("a thief's certificate", thief.sign(&with("x5u", "http://127.0.0.1:9/keys".into()), &claims)),
        ("a path as the key's id", thief.sign(&with("kid", "../../../../dev/null".into()), &claims)),
        ("SQL as the key's id", thief.sign(&with("kid", "' OR 1=1 --".into()), &claims)),
        ("an unknown crit", thief.sign(&with("crit", json!(["exp"])), &claims)),
        (
            "more scopes in the same signature",
            format!(
                "{}.{}.{}",
                parts[0],
                base64url(claiming("scope", "api packages directory".into()).to_string()),
                parts[2]
            ),
        ),
        (
            "another app in the same signature",
            format!(
                "{}.{}.{}",
                parts[0],
                base64url(claiming("sub", "app_aaaaaaaaaaaaaaaa".into()).to_string()),
                parts[2]
            ),
        ),
        ("an assertion as a token", assertion),
        ("a proof as a token", own.proof("GET", &scene.address("/v1/status"), None, None)),
        ("two points", "..".to_owned()),
        ("many points", ".".repeat(5_000)),
        ("deep claims", format!("{}.{}.{}", parts[0], base64url("[".repeat(3_000)), parts[2])),
    ];
    for (what, forged) in cases {
        let answer = scene.bearer(&forged, "/v1/status");
        assert_eq!(answer.status, 401, "{what}: {answer:?}");
        assert_eq!(record_of(&scene.state, &answer)["who"]["kind"], "unidentified", "{what}");
    }
    // Another node's token is none here.
    let other = State::with_config("");
    let node = other.start();
    let browser = Browser::first_steward(&other, &node, "asha");
    Browser::invited(&other, &node, "ben", None);
    let app = register(&browser);
    let made = browser.post("keys", &json!({ "app": app, "label": "x", "scopes": ["api"], "days": 1 })).is(201).json();
    let ask =
        Request::new("POST", &format!("{}/oauth/token", node.url())).basic(text(&made, "key"), text(&made, "secret"));
    let ask = ask.header("Content-Type", "application/x-www-form-urlencoded").body("grant_type=client_credentials");
    scene.bearer(text(&ask.send().is(200).json(), "access_token"), "/v1/status").is(401);
    scene.bearer(&token, "/v1/status").is(200);
}

#[test]
fn an_assertion_that_somebody_made_up_gets_no_token() {
    let scene = scene();
    let (own, thief) = (OwnKey::new(1), OwnKey::new(9));
    let id = scene.public(&own, &["packages"]);
    let good = json!({ "alg": "EdDSA", "typ": "JWT" });
    let claiming = |name: &str, value: Value| {
        let mut claims = scene.assertion(&id);
        claims[name] = value;
        claims
    };
    let now = jiff::Timestamp::now().as_second();
    let unsigned =
        format!("{}.{}.", base64url(json!({ "alg": "none" }).to_string()), base64url(scene.assertion(&id).to_string()));
    for (what, assertion) in [
        ("a thief's key", thief.sign(&good, &scene.assertion(&id))),
        (
            "a thief's key in the header",
            thief.sign(&json!({ "alg": "EdDSA", "jwk": thief.public() }), &scene.assertion(&id)),
        ),
        ("no signature", unsigned),
        ("for another node", own.sign(&good, &claiming("aud", "https://other.example".into()))),
        ("for two nodes", own.sign(&good, &claiming("aud", json!([scene.node.url(), "https://other.example"])))),
        ("for years", own.sign(&good, &claiming("exp", (now + 100_000).into()))),
        ("over", own.sign(&good, &claiming("exp", (now - 100).into()))),
        ("by somebody else", own.sign(&good, &claiming("iss", "key_aaaaaaaaaaaaaaaa".into()))),
        ("about nobody", own.sign(&good, &claiming("sub", "key_aaaaaaaaaaaaaaaa".into()))),
        ("without an id", own.sign(&good, &claiming("jti", "".into()))),
        ("a proof instead", own.proof("POST", &scene.address("/oauth/token"), None, None)),
        ("nothing", "x".to_owned()),
    ] {
        assert_eq!(scene.by_assertion(&assertion).is(401).json()["error"], "invalid_client", "{what}");
    }
    scene.by_assertion(&own.sign(&good, &scene.assertion(&id))).is(200);
    // A key that has no secret has none that could be guessed; a secret key cannot be a public one.
    let zeros = format!("flk_{}_{}", id.trim_start_matches("key_"), "0".repeat(64));
    scene.bearer(&zeros, "/v1/status").is(401);
    for (key, words) in [
        (json!({ "kty": "oct", "k": "AAAA" }), "private or symmetric"),
        (json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }), "public key"),
        (json!({ "kty": "none" }), "public key"),
    ] {
        let ask = json!({ "app": scene.app, "label": "x", "scopes": ["api"], "days": 1, "public_key": key });
        let answer = scene.asha.post("keys", &ask).is(400);
        assert!(words != "public key" || answer.text().contains(words), "{answer:?}");
    }
    let ask = json!({ "label": "x", "scopes": ["api"], "days": 1, "public_key": own.public() });
    scene.asha.post("keys", &ask).is(400).says("name the app");
}

#[test]
fn a_token_ends_at_once_with_its_key_its_app_and_when_it_is_said() {
    let scene = scene();
    let client = scene.secret(&["packages", "api:read"]);
    let (first, second) = (scene.token(&client), scene.token(&client));
    let other = scene.secret(&["api:read"]);
    let third = scene.token(&other);
    let ask = |path: &str, client: &(String, String), token: &str| {
        scene.form(path).basic(&client.0, &client.1).body(format!("token={token}")).send().is(200).json()
    };
    let known = ask("/oauth/introspect", &client, &first);
    assert_eq!(
        (&known["active"], text(&known, "sub"), text(&known, "client_id")),
        (&true.into(), scene.app.as_str(), client.0.as_str())
    );
    for token in [&first, &second, &third] {
        scene.bearer(token, "/v1/status").is(200);
    }
    ask("/oauth/revoke", &client, &first);
    scene.bearer(&first, "/v1/status").is(401).says("was revoked");
    scene.bearer(&second, "/v1/status").is(200);
    assert_eq!(ask("/oauth/introspect", &client, &first), json!({ "active": false }));
    ask("/oauth/revoke", &client, "nonsense");
    // Another app learns nothing of it, and ends nothing.
    let stranger = Scene { app: register(&scene.asha), ..scene };
    let strange = stranger.secret(&["api:read"]);
    let asks = |path: &str, token: &str| {
        stranger.form(path).basic(&strange.0, &strange.1).body(format!("token={token}")).send().is(200).json()
    };
    assert_eq!(asks("/oauth/introspect", &second), json!({ "active": false }));
    asks("/oauth/revoke", &second);
    stranger.bearer(&second, "/v1/status").is(200);
    stranger.asha.request("DELETE", &format!("keys/{}", client.0)).send().is(200);
    stranger.bearer(&second, "/v1/status").is(401);
    stranger.bearer(&third, "/v1/status").is(200);
    // Given to another owner, the key loses what is not for packages, and its tokens with it.
    let apps = stranger.asha.get("apps/own").is(200).json();
    let app = text(&apps["apps"][0], "app").to_owned();
    let to = json!({ "owner": "ben", "successor": "asha" });
    stranger.asha.post(&format!("apps/{app}/hand-over"), &to).is(200);
    stranger.bearer(&third, "/v1/status").is(401);
    let token = stranger.token(&strange);
    stranger.bearer(&token, "/v1/status").is(200);
    stranger.asha.request("DELETE", &format!("apps/{}", stranger.app)).send().is(200);
    stranger.bearer(&token, "/v1/status").is(401);
    // What ended stays ended when the node starts again, and what is good stays good.
    let client = Scene { app: register(&stranger.asha), ..stranger };
    let key = client.secret(&["api:read"]);
    let (good, ended) = (client.token(&key), client.token(&key));
    client.form("/oauth/revoke").basic(&key.0, &key.1).body(format!("token={ended}")).send().is(200);
    let address = client.node.address().to_owned();
    assert_eq!(client.node.stop(), Some(0));
    let node = client.state.start_with(&client.state.command(&["up", "--listen", &address]));
    let show = |token: &str| {
        let request = Request::get(&format!("{}/v1/status", node.url()));
        request.header("Authorization", &format!("Bearer {token}")).send().status
    };
    assert_eq!((show(&good), show(&ended)), (200, 401));
}

/// A client of OAuth that nobody here wrote.
const CLIENT: &str = r#"
import sys, json
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.jose import JsonWebKey

url, client, secret, key_file, public = sys.argv[1:6]
session = OAuth2Session(client, secret, token_endpoint_auth_method="client_secret_basic", scope="api:read")
session.fetch_token(f"{url}/oauth/token", grant_type="client_credentials")
print(session.get(f"{url}/v1/status").status_code)
session = OAuth2Session(client, secret, token_endpoint_auth_method="client_secret_post")
token = session.fetch_token(f"{url}/oauth/token", grant_type="client_credentials")
print(session.get(f"{url}/v1/status").status_code)
print(session.introspect_token(f"{url}/oauth/introspect", token=token["access_token"]).json()["active"])
session.revoke_token(f"{url}/oauth/revoke", token=token["access_token"])
print(session.get(f"{url}/v1/status").status_code)
session = OAuth2Session(public, open(key_file).read(), token_endpoint_auth_method=PrivateKeyJWT(f"{url}/oauth/token", alg="ES256"))
session.fetch_token(f"{url}/oauth/token", grant_type="client_credentials")
print(session.get(f"{url}/v1/status").status_code)
"#;

/// Makes a key on P-256: the private half as PEM into a file, the public half as JSON on standard output.
const MAKE: &str = r#"
import sys
from authlib.jose import JsonWebKey
key = JsonWebKey.generate_key("EC", "P-256", is_private=True)
open(sys.argv[1], "wb").write(key.as_pem(is_private=True))
print(key.as_json())
"#;

#[test]
fn authlib_gets_tokens_by_each_method_and_ends_them() {
    let Some(tools) = python_tools("authlib", &["authlib==1.6.5", "requests==2.32.5"]) else { return };
    let scene = scene();
    let folder = tempfile::tempdir().expect("a folder");
    let key_file = folder.path().join("key.pem").display().to_string();
    let python = |program: &str, args: &[&str]| {
        let run = Run::new(tools.join("bin/python")).at_home(folder.path()).args(["-W", "ignore", "-c", program]);
        args.iter().fold(run, |run, arg| run.args([*arg])).output().ok().stdout
    };
    let public: Value = serde_json::from_str(&python(MAKE, &[&key_file])).expect("a key");
    let ask = json!({ "app": scene.app, "label": "x", "scopes": ["api:read"], "days": 1, "public_key": public });
    let own = text(&scene.made(&ask), "key").to_owned();
    let client = scene.secret(&["api:read", "packages"]);
    let said = python(CLIENT, &[scene.node.url(), &client.0, &client.1, &key_file, &own]);
    assert_eq!(said.split_whitespace().collect::<Vec<_>>(), ["200", "200", "True", "401", "200"], "{said}");
}

#[test]
fn a_proof_is_used_up_by_who_has_shown_who_they_are_alone() {
    let scene = scene();
    let client = scene.secret(&["packages"]);
    let key = OwnKey::new(2);
    let (_, nonce) = scene.bound(&client, &key);
    let proof = key.proof("POST", &scene.address("/oauth/token"), None, Some(&nonce));
    let ask = |secret: &str| {
        let form = scene.form("/oauth/token").basic(&client.0, secret).body("grant_type=client_credentials");
        form.header("DPoP", &proof).send()
    };
    // Else whoever likes to would fill what is remembered of proofs.
    ask("wrong").is(401);
    ask("wrong").is(401);
    ask(&client.1).is(200);
    assert_eq!(ask(&client.1).is(400).json()["error"], "invalid_dpop_proof");
}

#[test]
fn who_asks_for_tokens_too_often_has_to_wait() {
    let scene = scene();
    let wrong = || scene.form("/oauth/token").body("grant_type=client_credentials&client_secret=wrong").send();
    let refused = (0..3000).map(|_| wrong()).find(|answer| answer.status != 401).expect("a pace");
    let refused = refused.is(429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(record_of(&scene.state, &refused)["facts"]["fault"], "too-often");
    // Who is known has a pace of their own.
    scene.token(&scene.secret(&["packages"]));
}
