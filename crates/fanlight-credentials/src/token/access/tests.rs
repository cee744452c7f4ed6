//! Our own tokens: issued, checked, and told from everything else.

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn tokens(seed: u8, before: Vec<Jwk>) -> AccessTokens {
    AccessTokens::new("https://fanlight.example", SigningKey::from_seed(&[seed; 32]).unwrap(), before)
}

fn grant() -> Grant<'static> {
    let (subject, client, audience) = ("app_1", "app_1", "https://fanlight.example/v1");
    Grant { subject, client, audience, scope: "packages:read", bound_to: None, lives: HOUR }
}

fn issued(tokens: &AccessTokens, grant: &Grant<'_>) -> String {
    tokens.issue(grant, now()).unwrap().expose_secret().clone()
}

#[test]
fn a_token_is_what_it_was_issued_for() {
    let tokens = tokens(1, vec![]);
    let token = issued(&tokens, &grant());
    let access = tokens.check(&token, grant().audience, now()).unwrap();
    assert_eq!(
        (access.subject.as_str(), access.client.as_str(), access.scope.as_str()),
        ("app_1", "app_1", "packages:read")
    );
    assert_eq!((access.issued, access.until), (now(), now() + limits::ACCESS_TOKEN_TIME), "an hour was asked for");
    access.proved_by(None).unwrap();
    let again = tokens.check(&issued(&tokens, &grant()), grant().audience, now()).unwrap();
    assert_ne!(access.id, again.id);
}

#[test]
fn a_token_is_over_in_time_and_of_one_audience() {
    let tokens = tokens(1, vec![]);
    let token = issued(&tokens, &grant());
    let over = now() + limits::ACCESS_TOKEN_TIME + Duration::from_secs(5);
    assert!(matches!(tokens.check(&token, grant().audience, over), Err(AccessFault::Claim(ClaimFault::Over))));
    assert!(tokens.check(&token, grant().audience, over - Duration::from_secs(1)).is_ok());
    let early = now() - Duration::from_secs(6);
    assert!(matches!(tokens.check(&token, grant().audience, early), Err(AccessFault::Claim(ClaimFault::NotYet))));
    let other = tokens.check(&token, "https://fanlight.example", now());
    assert!(matches!(other, Err(AccessFault::Claim(ClaimFault::Other("aud")))));
}

#[test]
fn keys_change_without_a_token_lost_and_end_when_left_out() {
    let old = tokens(1, vec![]);
    let token = issued(&old, &grant());
    let new = tokens(2, vec![old.keys().keys()[0].clone()]);
    assert!(new.check(&token, grant().audience, now()).is_ok());
    assert!(new.check(&issued(&new, &grant()), grant().audience, now()).is_ok());
    let later = tokens(2, vec![]);
    assert!(matches!(later.check(&token, grant().audience, now()), Err(AccessFault::UnknownKey)));
    assert!(!Value::Object(new.keys().to_json()).to_string().contains("\"d\""));
}

#[test]
fn another_kind_of_token_by_the_same_key_is_none() {
    let tokens = tokens(1, vec![]);
    let payload = Jws::read(&issued(&tokens, &grant())).unwrap().unbelieved().to_vec();
    let claims = Claims::read(&payload).unwrap();
    for kind in ["jwt", "JWT", "dpop+jwt", "id_token+jwt", "at+jw", "at+jwt+x", ""] {
        let token = tokens.key.sign(kind, claims.all());
        assert!(matches!(tokens.check(&token, grant().audience, now()), Err(AccessFault::OtherKind)), "{kind}");
    }
    let token = tokens.key.sign("application/at+jwt", claims.all());
    assert!(tokens.check(&token, grant().audience, now()).is_ok());
}

#[test]
fn claims_that_are_missing_or_another_issuer_s_are_refused() {
    let tokens = tokens(1, vec![]);
    let payload = Jws::read(&issued(&tokens, &grant())).unwrap().unbelieved().to_vec();
    let claims = Claims::read(&payload).unwrap();
    for name in ["iss", "sub", "client_id", "aud", "exp", "iat", "jti"] {
        let mut fewer = claims.all().clone();
        fewer.remove(name);
        let refused = tokens.check(&tokens.key.sign(KIND, &fewer), grant().audience, now());
        assert!(matches!(refused, Err(AccessFault::Claim(ClaimFault::Missing(missing))) if missing == name), "{name}");
    }
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("cnf", json!({})),
        ("cnf", json!("x")),
        ("cnf", json!(null)),
        ("sub", json!(5)),
        ("jti", json!("")),
        ("exp", json!(now().as_second() + 100_000)),
    ] {
        let mut other = claims.all().clone();
        other.insert(name.to_owned(), value);
        let refused = tokens.check(&tokens.key.sign(KIND, &other), grant().audience, now());
        assert!(matches!(refused, Err(AccessFault::Claim(_))), "{name}");
    }
}

#[test]
fn a_bound_token_needs_its_key_s_proof_and_an_unbound_one_takes_none() {
    let tokens = tokens(1, vec![]);
    let proof = |seed: u8| Proof { key: SigningKey::from_seed(&[seed; 32]).unwrap().public().thumbprint() };
    let bound = Grant { bound_to: Some(proof(7).key), ..grant() };
    let access = tokens.check(&issued(&tokens, &bound), grant().audience, now()).unwrap();
    assert!(access.proved_by(Some(&proof(7))).is_ok());
    assert!(matches!(access.proved_by(Some(&proof(8))), Err(AccessFault::NotProved)));
    assert!(matches!(access.proved_by(None), Err(AccessFault::NotProved)), "bound means bound");
    let unbound = tokens.check(&issued(&tokens, &grant()), grant().audience, now()).unwrap();
    assert!(matches!(unbound.proved_by(Some(&proof(7))), Err(AccessFault::NotBound)));
}
