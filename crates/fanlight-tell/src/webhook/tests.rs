//! The signature against the specification's own example; what passes for a secret.

use super::*;

#[test]
fn the_signature_is_the_one_of_the_specifications_example() {
    // From the specification's reference implementations: secret, id, time and body with the signature they give.
    let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_has_its_prefix_and_its_length() {
    assert!(key(new_secret().unwrap().expose_secret()).is_ok());
    for not_one in
        ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_not base64 at all, is it"]
    {
        assert!(key(not_one).is_err(), "{not_one}");
    }
}
