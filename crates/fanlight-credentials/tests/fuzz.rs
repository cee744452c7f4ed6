//! Everything that reads texts from outside, over random mutations of good input for a bounded time. The mutations are
//! the same for the same `FANLIGHT_FUZZ_SEED`; `FANLIGHT_FUZZ_SECONDS` is how long all targets take together.
//!
//! What is taken must hold what the crate promises of it: no signature of another text, no key but those published.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's own helpers; a failed one fails the test")]

use std::path::Path;
use std::time::Duration;

use fanlight_base::{Timestamp, limits};
use fanlight_credentials::jose::{Algorithm, Jwk, Jws, KeySet, SigningKey};
use fanlight_credentials::json;
use fanlight_credentials::scim::{Filter, Patch, Schema};
use fanlight_credentials::session::{Cookie, SessionKey, Transport};
use fanlight_credentials::token::{
    AccessTokens, Claims, Expected, ForeignIssuer, ForeignIssuers, Grant, Nonces, Proofs, Timing,
};
use fanlight_testkit::fuzz::Fuzz;
use serde_json::{Value, json};
use url::Url;

const LONGEST: usize = 8 * 1024;
/// How many share the time.
const TARGETS: u32 = 6;
const US: &str = "https://fanlight.example";

const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig",
  "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}, {"kty": "EC", "crv": "P-256", "key_ops": ["verify"],
  "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
  {"kty": "RSA", "alg": "PS256", "kid": "c", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]}"#;

const COOKIES: &str = "a=b; __Host-fanlight-session=0123456789abcdefghijklmnopqrstuvwxyzABCDEFG; fanlight-session=x";

const FILTER: &str =
    r#"userType eq "Employee" and (emails[type eq "work" and value co "@a.example"] or not (title pr)) or n le 7.5"#;

const PATCH: &str = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
  {"op": "Replace", "path": "active", "value": "False"}, {"op": "add", "value": {"name.givenName": "Ada", "emails[type eq \"home\"].value": "x"}},
  {"op": "Remove", "path": "emails", "value": [{"value": "a"}]}, {"op": "remove", "path": "emails[value eq \"b\"]"},
  {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "m"}]}"#;

const PERSON: &str = r#"{"id": "1", "userName": "ada", "active": true, "title": "", "n": 7, "name": {"familyName": "King"},
  "emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b"}], "meta": {"version": "1"}}"#;

/// Pieces that the parsers look for, put in at random places.
const PIECES: &[&str] = &[
    "\0",
    "ä",
    "\"",
    "\\u0000",
    "\\ud800",
    "[[[[[[",
    "{",
    "}",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    ".",
    "..",
    "=",
    "-",
    "_",
    "+",
    "/",
    ";",
    " ",
    "e30",
    "eyJhbGciOiJub25lIn0",
    "\"alg\":\"none\"",
    "\"alg\":\"HS256\"",
    "\"kty\":\"oct\"",
    "\"d\":\"AA\"",
    "\"use\":\"enc\"",
    "\"kid\":\"a\"",
    "\"crit\":[]",
    "\"zip\":\"DEF\"",
    "\"exp\":",
    "\"aud\":[",
    "\"cnf\":{",
    "\"htm\":",
    "AQAB",
    "AAAA",
    " and ",
    " or ",
    "not (",
    " pr",
    " eq ",
    "emails[",
    "].value",
    "\"path\":",
    "\"Operations\":",
    "\"op\":\"remove\"",
    "\"primary\":true",
    "urn:ietf:params:scim:schemas:core:2.0:User:",
    "__Host-",
    "fanlight-session=",
    "\u{ff}",
];

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32]).unwrap()
}

fn access_tokens() -> AccessTokens {
    AccessTokens::new(US, key(), vec![])
}

fn claims() -> Value {
    let exp = now().as_second() + 600;
    json!({"iss": US, "sub": "a", "aud": US, "iat": now().as_second(), "exp": exp, "client_id": "c", "jti": "1", "cnf": {"jkt": "x"}})
}

fn proof_claims() -> Value {
    json!({"htm": "GET", "htu": format!("{US}/v1"), "iat": now().as_second(), "jti": "1", "nonce": "x"})
}

/// A text shown as a token: only the very text that was signed is taken.
fn tokens(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let good = key().sign("at+jwt", claims().as_object().unwrap());
    if let Ok(jws) = Jws::read(&text) {
        assert!(text.len() <= limits::TOKEN_BYTES);
        assert!(jws.payload(key().public()).is_err() || text == good || text == proof());
    }
    assert!(access_tokens().check(&text, US, now()).is_err() || text == good);
    let proofs = Proofs::new(Nonces::new(&[0; 32]), false);
    let address = Url::parse("https://fanlight.example/v1").unwrap();
    // The nonce of the good one is none of ours.
    assert!(proofs.check(&text, ("GET", &address), None, now()).is_err());
}

fn proof() -> String {
    key().sign_with_key("dpop+jwt", proof_claims().as_object().unwrap())
}

/// Claims, rightly signed: whatever is taken is by and for whom it should be.
fn signed_claims(data: &[u8]) {
    let Ok(object) = json::object(data, limits::CLAIMS_DEPTH) else { return };
    let token = key().sign("at+jwt", &object);
    if let Ok(access) = access_tokens().check(&token, US, now()) {
        assert_eq!(object["iss"], US);
        assert!(access.until > now() - Duration::from_secs(6) && !access.subject.is_empty());
        assert!(access.proved_by(None).is_ok() != object.contains_key("cnf"));
    }
    let issuer = ForeignIssuer {
        issuer: US.to_owned(),
        audiences: vec![US.to_owned()],
        keys: std::sync::Arc::new([key().public().clone()].into_iter().collect()),
        algorithms: Algorithm::ALL.to_vec(),
        timing: Timing::default(),
    };
    let issuers = ForeignIssuers::new(vec![issuer]);
    if let Ok((_, claims)) = issuers.check(&token, Expected::AccessToken, now()) {
        assert!(claims.audiences().unwrap().contains(&US));
    }
    let read = Claims::read(data).unwrap();
    let _ = (read.in_time(Timing::default(), now()), read.audiences());
    let proof = key().sign_with_key("dpop+jwt", &object);
    let address = Url::parse("https://fanlight.example/v1").unwrap();
    let proofs = Proofs::new(Nonces::new(&[0; 32]), false);
    if proofs.check(&proof, ("GET", &address), None, now()).is_ok() {
        assert_eq!(object["htm"], "GET");
    }
}

/// A published set: what is read is public, bounded, and written as it was read.
fn key_sets(data: &[u8]) {
    let Ok(set) = KeySet::read(data, Algorithm::Rs256) else { return };
    assert!(!set.keys().is_empty() && set.keys().len() + set.left_out() <= limits::KEY_SET_KEYS);
    for key in set.keys() {
        assert_eq!(&Jwk::read(&key.to_json(), Algorithm::Rs256).unwrap(), key);
    }
    assert!(!Value::Object(set.to_json()).to_string().contains("\"d\":"));
}

fn cookies(data: &[u8]) {
    for transport in [Transport::Tls, Transport::PlainLoopback] {
        if let Ok(Some(value)) = Cookie::session(transport).read([data]) {
            assert!(!value.is_empty() && !value.contains(';'));
            let _ = SessionKey::of_shown(value);
        }
    }
}

/// A filter: answered the same however often, and the other way round when it is denied.
fn filters(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(filter) = Filter::read(&text) else { return };
    assert!(filter.terms() <= limits::SCIM_FILTER_TERMS);
    let person = json::object(PERSON.as_bytes(), 4).unwrap();
    if let Ok(denied) = Filter::read(&format!("not ({text})")) {
        assert_ne!(filter.matches(&person), denied.matches(&person));
    }
}

/// A change: whole or none, what is ours stays, and values are of their kinds.
fn patches(data: &[u8]) {
    let Ok(patch) = Patch::read(data) else { return };
    let before = json::object(PERSON.as_bytes(), 4).unwrap();
    let mut after = before.clone();
    match patch.apply(&mut after, Schema::user()) {
        Ok(applied) => assert_eq!(applied.changed, after != before),
        Err(_) => assert_eq!(after, before),
    }
    assert!(after["id"] == before["id"] && after["meta"] == before["meta"] && after["userName"].is_string());
    assert!(after.get("active").is_none_or(Value::is_boolean));
    let emails = after.get("emails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    assert!(emails.iter().filter(|email| email["primary"] == true).count() <= 1);
}

fn run(name: &str, target: fn(&[u8]), corpus: &[&[u8]]) {
    let kept = Some((Path::new(env!("CARGO_TARGET_TMPDIR")), "credentials"));
    let corpus: Vec<_> = corpus.iter().map(|data| data.to_vec()).collect();
    let runs = Fuzz { pieces: PIECES, longest: LONGEST, targets: TARGETS, kept }.run(name, &corpus, target);
    println!("{name}: {runs} mutations");
}

#[test]
fn texts_of_tokens() {
    let grant =
        Grant { subject: "a", client: "c", audience: US, scope: "", bound_to: None, lives: Duration::from_secs(60) };
    let issued = access_tokens().issue(&grant, now()).unwrap();
    assert!(access_tokens().check(issued.expose_secret(), US, now()).is_ok());
    let good = key().sign("at+jwt", claims().as_object().unwrap());
    assert!(access_tokens().check(&good, US, now()).is_ok());
    run("tokens", tokens, &[good.as_bytes(), proof().as_bytes()]);
}

#[test]
fn claims_that_are_signed() {
    run("claims", signed_claims, &[claims().to_string().as_bytes(), proof_claims().to_string().as_bytes()]);
}

#[test]
fn published_key_sets() {
    assert_eq!(KeySet::read(KEYS.as_bytes(), Algorithm::Rs256).unwrap().keys().len(), 3);
    run("key_sets", key_sets, &[KEYS.as_bytes()]);
}

#[test]
fn headers_of_cookies() {
    run("cookies", cookies, &[COOKIES.as_bytes()]);
}

#[test]
fn filters_of_directories() {
    assert!(Filter::read(FILTER).is_ok());
    run("filters", filters, &[FILTER.as_bytes(), b"not (a.b pr)"]);
}

#[test]
fn changes_of_directories() {
    assert_eq!(Patch::read(PATCH.as_bytes()).unwrap().operations.len(), 5);
    run("patches", patches, &[PATCH.as_bytes()]);
}
