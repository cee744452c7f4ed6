//! Proofs of possession: RFC 9449's list of checks, section 4.3, one after the other.

use serde_json::{Value, json};

use super::*;
use crate::jose::SigningKey;
use crate::json::Object;

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn proofs() -> Proofs {
    Proofs::new(Nonces::new(&[1; 32]), false)
}

#[expect(clippy::needless_pass_by_value, reason = "each case reads as one literal")]
fn claims(changes: Value) -> Object {
    let mut claims = json!({
        "htm": "POST", "htu": "https://fanlight.example/v1/token", "iat": now().as_second(), "jti": "one",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims.as_object().unwrap().clone()
}

fn check(proofs: &Proofs, proof: &str, token: Option<&str>, now: Timestamp) -> Result<Proof, ProofFault> {
    let address = Url::parse("https://fanlight.example/v1/token?page=2").unwrap();
    proofs.check(proof, ("POST", &address), token, now)
}

fn shown(changes: Value, token: Option<&str>) -> Result<Proof, ProofFault> {
    check(&proofs(), &key().sign_with_key("dpop+jwt", &claims(changes)), token, now())
}

#[test]
fn a_proof_shows_its_key() {
    assert_eq!(shown(json!({}), None).unwrap().key, key().public().thumbprint());
    for same in [
        "HTTPS://Fanlight.Example:443/v1/token",
        "https://fanlight.example/v1/token?x=y#z",
        "https://fanlight.example/v1/./token",
    ] {
        assert!(shown(json!({ "htu": same }), None).is_ok(), "{same}");
    }
}

#[test]
fn the_example_of_rfc_9449_is_taken() {
    // Section 7.1, with the access token of that section.
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let address = Url::parse("https://resource.example.org/protectedresource").unwrap();
    let then = Timestamp::from_second(1_562_262_618).unwrap();
    let taken = proofs().check(proof, ("GET", &address), Some(token), then).unwrap();
    assert_eq!(taken.key.to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "as section 6.1 has it");
}

#[test]
fn a_proof_is_for_one_method_address_and_token() {
    let other = |name: &'static str, changes: Value, token: Option<&str>| {
        let refused = shown(changes.clone(), token);
        let told = matches!(&refused, Err(ProofFault::Claim(ClaimFault::Other(n) | ClaimFault::Missing(n) | ClaimFault::Unusable(n))) if *n == name);
        assert!(told, "{changes}: {refused:?}");
    };
    for method in ["GET", "post", "", "POST "] {
        other("htm", json!({ "htm": method }), None);
    }
    for address in [
        "http://fanlight.example/v1/token",
        "https://fanlight.example/v1/tokens",
        "https://fanlight.example:444/v1/token",
        "https://evil.example/v1/token",
        "https://u@fanlight.example/v1/token",
        "/v1/token",
        "",
    ] {
        other("htu", json!({ "htu": address }), None);
    }
    let hash = BASE64URL_NOPAD.encode(&sha256(b"token"));
    assert!(shown(json!({ "ath": hash }), Some("token")).is_ok());
    other("ath", json!({ "ath": hash }), Some("another"));
    other("ath", json!({}), Some("token"));
    other("ath", json!({ "ath": hash }), None);
    for name in ["htm", "htu", "iat", "jti"] {
        let missing = shown(json!({ name: null }), None);
        assert!(matches!(missing, Err(ProofFault::Claim(ClaimFault::Missing(n))) if n == name), "{name}");
    }
}

#[test]
fn a_proof_is_good_for_a_minute() {
    for (away, good) in [(-61, false), (-60, true), (0, true), (10, true), (11, false)] {
        let made = shown(json!({"iat": now().as_second() + away}), None);
        assert_eq!(made.is_ok(), good, "{away}");
        assert!(good || matches!(made, Err(ProofFault::NotNow)));
    }
}

#[test]
fn a_proof_is_good_once() {
    let (proofs, proof) = (proofs(), key().sign_with_key("dpop+jwt", &claims(json!({}))));
    assert!(check(&proofs, &proof, None, now()).is_ok());
    assert!(matches!(check(&proofs, &proof, None, now()), Err(ProofFault::Used)));
    let last = now() + OLDEST;
    assert!(matches!(check(&proofs, &proof, None, last), Err(ProofFault::Used)), "until its last moment");
    let other = SigningKey::from_seed(&[8; 32]).unwrap().sign_with_key("dpop+jwt", &claims(json!({})));
    assert!(check(&proofs, &other, None, now()).is_ok(), "another key's id is another");
    assert!(check(&proofs, &key().sign_with_key("dpop+jwt", &claims(json!({"jti": "two"}))), None, now()).is_ok());
}

#[test]
fn a_node_that_asks_for_its_nonce_gets_it() {
    let proofs = Proofs::new(Nonces::new(&[1; 32]), true);
    let made = |nonce: Value| key().sign_with_key("dpop+jwt", &claims(json!({ "nonce": nonce })));
    let Err(ProofFault::UseNonce(nonce)) = check(&proofs, &made(Value::Null), None, now()) else {
        panic!("a nonce is asked for")
    };
    assert_eq!(nonce, proofs.nonce(now()));
    assert!(check(&proofs, &made(json!(nonce)), None, now()).is_ok());
    assert!(matches!(check(&proofs, &made(json!("old")), None, now()), Err(ProofFault::UseNonce(_))));
    assert!(
        matches!(shown(json!({"nonce": "old"}), None), Err(ProofFault::UseNonce(_))),
        "a wrong one is wrong where none is needed, too"
    );
}

#[test]
fn what_is_no_proof_is_none() {
    let good = claims(json!({}));
    let refused = |proof: &str| check(&proofs(), proof, None, now()).unwrap_err();
    assert!(matches!(refused(&key().sign_with_key("jwt", &good)), ProofFault::OtherKind));
    assert!(matches!(refused(&key().sign_with_key("at+jwt", &good)), ProofFault::OtherKind));
    assert!(matches!(refused(&key().sign("dpop+jwt", &good)), ProofFault::NoKey));
    assert!(matches!(refused("x"), ProofFault::Jws(JwsFault::Malformed)));
    let header = |key: Value| {
        let header = json!({"alg": "EdDSA", "typ": "dpop+jwt", "jwk": key});
        format!("{}.e30.AAAA", BASE64URL_NOPAD.encode(header.to_string().as_bytes()))
    };
    let mut private = Value::Object(key().public().to_json());
    private["d"] = "AAAA".into();
    assert!(matches!(refused(&header(private)), ProofFault::Key(KeyFault::Secret)));
    assert!(matches!(refused(&header(json!({"kty": "oct", "k": "AAAA"}))), ProofFault::Key(KeyFault::Secret)));
    let stolen = SigningKey::from_seed(&[8; 32]).unwrap().public().to_json();
    assert!(matches!(refused(&header(Value::Object(stolen))), ProofFault::Jws(JwsFault::Signature)));
}
