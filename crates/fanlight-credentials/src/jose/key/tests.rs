//! Keys: by the RFCs' examples, and those that are not taken.

use serde_json::json;

use super::*;

fn read(key: Value) -> Result<Jwk, KeyFault> {
    let Value::Object(key) = key else { panic!("an object") };
    Jwk::read(&key, Algorithm::Rs256)
}

/// The key of RFC 7638, section 3.1.
fn rsa() -> Value {
    json!({"kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"})
}

/// The key of RFC 8037, appendix A.2.
fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn p256() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

#[test]
fn thumbprints_are_those_of_the_rfcs() {
    assert_eq!(read(rsa()).unwrap().thumbprint().to_string(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(read(ed25519()).unwrap().thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let same = with(with(ed25519(), "kid", json!("x")), "alg", json!("EdDSA"));
    assert_eq!(read(same).unwrap().thumbprint(), read(ed25519()).unwrap().thumbprint());
}

#[test]
fn a_key_is_published_as_it_is_read() {
    for key in [rsa(), ed25519(), p256()] {
        let key = read(key).unwrap();
        assert_eq!(Jwk::read(&key.to_json(), Algorithm::Ps512).unwrap(), key);
    }
}

#[test]
fn a_key_has_one_algorithm() {
    assert_eq!(read(ed25519()).unwrap().algorithm(), Algorithm::EdDsa);
    assert_eq!(read(with(ed25519(), "alg", json!("Ed25519"))).unwrap().algorithm(), Algorithm::EdDsa);
    assert_eq!(read(p256()).unwrap().algorithm(), Algorithm::Es256);
    assert_eq!(read(with(rsa(), "alg", json!("PS384"))).unwrap().algorithm(), Algorithm::Ps384);
    let mut unnamed = rsa();
    unnamed.as_object_mut().unwrap().remove("alg");
    let Value::Object(unnamed) = unnamed else { panic!() };
    assert_eq!(Jwk::read(&unnamed, Algorithm::Ps256).unwrap().algorithm(), Algorithm::Ps256);
    assert_eq!(Jwk::read(&unnamed, Algorithm::Es256), Err(KeyFault::Unknown));
    for (key, alg) in [(ed25519(), "ES256"), (p256(), "ES384"), (rsa(), "ES256"), (p256(), "RS256")] {
        assert!(matches!(read(with(key, "alg", json!(alg))), Err(KeyFault::Broken(_))), "{alg}");
    }
    for alg in ["none", "HS256", "RSA-OAEP", "es256", ""] {
        assert_eq!(read(with(p256(), "alg", json!(alg))), Err(KeyFault::Unknown), "{alg}");
    }
}

#[test]
fn secret_keys_are_told_apart() {
    assert_eq!(read(json!({"kty": "oct", "k": "AAAA"})), Err(KeyFault::Secret));
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(read(with(rsa(), name, json!("AA"))), Err(KeyFault::Secret), "{name}");
    }
}

#[test]
fn keys_for_another_use_or_of_another_kind_are_left_out() {
    for (name, value) in
        [("use", json!("enc")), ("use", json!(1)), ("key_ops", json!(["sign"])), ("key_ops", json!("verify"))]
    {
        assert_eq!(read(with(p256(), name, value)), Err(KeyFault::OtherUse));
    }
    assert!(read(with(with(p256(), "use", json!("sig")), "key_ops", json!(["verify"]))).is_ok());
    for key in [
        json!({}),
        json!({"kty": "EC", "crv": "P-521"}),
        json!({"kty": "OKP", "crv": "X25519"}),
        json!({"kty": "AKP"}),
        json!({"kty": 5}),
        with(p256(), "crv", json!("secp256k1")),
    ] {
        assert_eq!(read(key.clone()), Err(KeyFault::Unknown), "{key}");
    }
}

#[test]
fn broken_and_weak_keys_are_refused() {
    let short = &rsa()["n"].as_str().unwrap()[..340].to_owned();
    let weak = [
        with(rsa(), "n", json!(short)),
        with(rsa(), "n", json!(format!("AAAA{}", rsa()["n"].as_str().unwrap()))),
        with(rsa(), "n", json!("")),
        with(rsa(), "n", json!("A")),
        with(rsa(), "e", json!("AQ")),
        with(rsa(), "e", json!("Aw")),
        with(rsa(), "e", json!("AQAA")),
        with(rsa(), "e", json!("AQAAAAAB")),
        with(rsa(), "e", json!("")),
        with(p256(), "x", json!("AA")),
        with(p256(), "y", json!("=")),
        with(ed25519(), "x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")),
        with(ed25519(), "kid", json!(7)),
        with(ed25519(), "kid", json!("x".repeat(limits::KEY_ID_BYTES + 1))),
    ];
    for key in weak {
        assert!(matches!(read(key.clone()), Err(KeyFault::Broken(_))), "{key}");
    }
}

#[test]
fn a_point_beside_its_curve_signs_nothing() {
    let key = with(p256(), "y", json!("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyN"));
    if let Ok(key) = read(key) {
        assert!(!key.signed(b"", &[1; 64]));
    }
    let key = read(with(p256(), "y", p256()["x"].clone())).unwrap();
    assert!(!key.signed(b"", &[1; 64]));
}
