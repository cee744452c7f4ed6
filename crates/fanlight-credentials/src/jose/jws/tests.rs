//! Signed texts: the RFCs' examples, and what is not taken.

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::jose::SigningKey;

fn part(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

fn refused(header: &Value) -> JwsFault {
    Jws::read(&format!("{}.{}.AAAA", part(&header.to_string()), part("{}"))).unwrap_err()
}

#[test]
fn the_example_of_rfc_8037_is_verified_and_made() {
    // Appendix A.4; the payload is no JSON, which is none of this module's business.
    let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let key = SigningKey::from_seed(&seed.try_into().unwrap()).unwrap();
    let jws = Jws::read(text).unwrap();
    assert_eq!(jws.payload(key.public()).unwrap(), b"Example of Ed25519 signing");
    assert!(matches!(jws.payload(SigningKey::make().unwrap().public()), Err(JwsFault::Signature)));
}

#[test]
fn what_was_signed_is_read_and_nothing_changed() {
    let key = SigningKey::make().unwrap();
    let claims = json!({"sub": "ada", "n": [1, 2]});
    let text = key.sign("at+jwt", claims.as_object().unwrap());
    let jws = Jws::read(&text).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(jws.payload(key.public()).unwrap()).unwrap(), claims);
    assert_eq!(jws.header().kind.as_deref(), Some("at+jwt"));
    assert_eq!(jws.header().key_id.as_deref(), key.public().id());
    assert!(!format!("{jws:?}").contains("ada"));
}

#[test]
fn headers_that_are_not_taken_are_told_apart() {
    for none in ["none", "None", "NONE", "nOnE"] {
        assert!(matches!(refused(&json!({ "alg": none })), JwsFault::Unsigned), "{none}");
    }
    for other in ["HS256", "HS384", "HS512", "ES512", "ES256K", "es256", "eddsa", "", "RS1", "A256KW", "dir"] {
        assert!(matches!(refused(&json!({ "alg": other })), JwsFault::Algorithm), "{other}");
    }
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A")),
        ("cty", json!("JWT")),
    ] {
        let mut header = json!({"alg": "EdDSA"});
        header[name] = value;
        assert!(matches!(refused(&header), JwsFault::NotUnderstood(named) if named == name), "{header}");
    }
    for header in [
        json!({}),
        json!({"alg": 5}),
        json!({"alg": ["EdDSA"]}),
        json!({"alg": null}),
        json!({"alg": "EdDSA", "kid": 5}),
        json!({"alg": "EdDSA", "kid": "x".repeat(limits::KEY_ID_BYTES + 1)}),
        json!({"alg": "EdDSA", "typ": {}}),
        json!({"alg": "EdDSA", "jwk": "x"}),
    ] {
        assert!(matches!(refused(&header), JwsFault::HeaderPart(_)), "{header}");
    }
    let twice = format!("{}.e30.AAAA", part(r#"{"alg": "EdDSA", "alg": "none"}"#));
    assert!(matches!(Jws::read(&twice), Err(JwsFault::Header(_))));
}

#[test]
fn a_type_has_no_case_and_its_first_word_may_be_left_out() {
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        let text = format!("{}.e30.AAAA", part(&json!({"alg": "EdDSA", "typ": kind}).to_string()));
        assert_eq!(Jws::read(&text).unwrap().header().kind.as_deref(), Some("at+jwt"));
    }
}

#[test]
fn other_forms_are_refused() {
    assert!(matches!(Jws::read("a.b.c.d.e"), Err(JwsFault::Encrypted)));
    assert!(matches!(Jws::read(&"x".repeat(limits::TOKEN_BYTES + 1)), Err(JwsFault::TooLong)));
    for text in
        ["", ".", "..", "a", "a.b", "a.b.c.d", "e30.e30", "e30=.e30.", " e30.e30.", "e30.e30.\n", "{}..", "e31.e30."]
    {
        assert!(Jws::read(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(text in ".{0,200}") {
        let _ = Jws::read(&text);
    }

    #[test]
    fn any_one_letter_changed_is_refused(place in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_.-]") {
        let key = SigningKey::from_seed(&[7; 32]).unwrap();
        let text = key.sign("jwt", json!({"sub": "ada"}).as_object().unwrap());
        let place = place.index(text.len());
        let changed = format!("{}{letter}{}", &text[..place], &text[place + 1..]);
        prop_assume!(changed != text);
        let read = Jws::read(&changed);
        prop_assert!(read.is_err() || read.unwrap().payload(key.public()).is_err());
    }
}
