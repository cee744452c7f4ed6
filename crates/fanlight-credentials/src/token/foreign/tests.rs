//! Tokens of others, by kind.

use serde_json::{Value, json};

use super::*;
use crate::jose::SigningKey;

const US: &str = "https://fanlight.example";

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

fn issuers() -> ForeignIssuers {
    let issuer = |name: &str, seed: u8| ForeignIssuer {
        issuer: name.to_owned(),
        audiences: vec![US.to_owned(), "client-1".to_owned()],
        keys: Arc::new([key(seed).public().clone()].into_iter().collect()),
        algorithms: Algorithm::ALL.to_vec(),
        timing: Timing::default(),
    };
    ForeignIssuers::new(vec![issuer("https://login.example", 1), issuer("https://ci.example", 2)])
}

#[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": "https://login.example", "sub": "ada", "aud": US, "client_id": "c", "jti": "1",
        "iat": now().as_second(), "exp": now().as_second() + 600,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn check(seed: u8, kind: &str, changes: Value, expected: Expected<'_>) -> Result<Claims, ForeignFault> {
    let token = key(seed).sign(kind, claims(changes).as_object().unwrap());
    issuers().check(&token, expected, now()).map(|(_, claims)| claims)
}

#[test]
fn a_token_is_checked_by_its_own_issuer_s_keys() {
    let login = check(1, "at+jwt", json!({}), Expected::AccessToken).unwrap();
    assert_eq!(login.needed("sub").unwrap(), "ada");
    assert!(check(2, "at+jwt", json!({"iss": "https://ci.example"}), Expected::AccessToken).is_ok());
    let other = check(2, "at+jwt", json!({}), Expected::AccessToken);
    assert!(matches!(other, Err(ForeignFault::UnknownKey)), "one trusted issuer cannot speak for another");
    for name in [
        "https://evil.example",
        "https://login.example/",
        "HTTPS://login.example",
        "https://login.example.evil.example",
    ] {
        let unknown = check(1, "at+jwt", json!({ "iss": name }), Expected::AccessToken);
        assert!(matches!(unknown, Err(ForeignFault::UnknownIssuer)), "{name}");
    }
}

#[test]
fn each_kind_is_told_from_the_others() {
    let id_token = Expected::IdToken { nonce: "n" };
    let refused =
        |kind, changes: Value, expected| matches!(check(1, kind, changes, expected), Err(ForeignFault::OtherKind));
    assert!(refused("jwt", json!({"nonce": "n"}), Expected::AccessToken), "an ID token is no access token");
    assert!(refused("at+jwt", json!({"nonce": "n"}), id_token));
    assert!(refused("at+jwt", json!({}), Expected::Workload));
    assert!(refused("jwt", json!({"nonce": "n"}), Expected::Workload), "an ID token is no workload's");
    assert!(refused("jwt", json!({"at_hash": "n"}), Expected::Workload));
    for kind in ["dpop+jwt", "logout+jwt", "secevent+jwt", "vc+jwt", "client-authentication+jwt"] {
        for expected in [Expected::AccessToken, id_token, Expected::Workload] {
            assert!(refused(kind, json!({"nonce": "n"}), expected), "{kind}");
        }
    }
    assert!(check(1, "JWT", json!({}), Expected::Workload).is_ok());
}

#[test]
fn only_what_its_issuer_is_trusted_with_is_taken() {
    let mut trusted = issuers();
    for issuer in &mut trusted.0 {
        issuer.algorithms = vec![Algorithm::Rs256, Algorithm::Es256];
    }
    let token = key(1).sign("at+jwt", claims(json!({})).as_object().unwrap());
    let refused = trusted.check(&token, Expected::AccessToken, now()).unwrap_err();
    assert!(matches!(refused, ForeignFault::OtherAlgorithm), "{refused}");
    for (kind, expected) in [("at+jwt", Expected::AccessToken), ("jwt", Expected::Workload)] {
        let bound = check(1, kind, json!({ "cnf": { "jkt": "x" } }), expected);
        assert!(matches!(bound, Err(ForeignFault::Bound)), "as bearer it would be a thief's, too");
    }
    assert_eq!(ForeignIssuers::named(&token).as_deref(), Some("https://login.example"));
    assert_eq!(ForeignIssuers::named("a.b.c"), None);
}

#[test]
fn an_id_token_answers_our_own_request() {
    let check = |changes: Value| check(1, "jwt", changes, Expected::IdToken { nonce: "n" });
    assert!(check(json!({"nonce": "n"})).is_ok());
    assert!(check(json!({"nonce": "n", "aud": [US, "other"], "azp": US})).is_ok());
    assert!(matches!(check(json!({})), Err(ForeignFault::Claim(ClaimFault::Missing("nonce")))));
    assert!(matches!(check(json!({"nonce": "m"})), Err(ForeignFault::Claim(ClaimFault::Other("nonce")))));
    for changes in [json!({"nonce": "n", "aud": [US, "other"]}), json!({"nonce": "n", "azp": "other"})] {
        assert!(matches!(check(changes), Err(ForeignFault::Claim(ClaimFault::Other("azp")))));
    }
}

#[test]
fn whom_it_is_for_and_when_are_judged() {
    let refused = |changes: Value| check(1, "at+jwt", changes, Expected::AccessToken).unwrap_err().to_string();
    assert!(refused(json!({"aud": "https://other.example"})).contains("\"aud\""));
    assert!(refused(json!({"exp": now().as_second() - 60})).contains("over"));
    assert!(refused(json!({"nbf": now().as_second() + 61})).contains("not valid yet"));
    assert!(refused(json!({"exp": now().as_second() + 10 * 24 * 3600})).contains("longer"));
    assert!(refused(json!({"sub": ""})).contains("\"sub\""));
}
