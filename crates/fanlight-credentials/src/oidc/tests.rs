use std::collections::HashMap;

use super::*;

const ISSUER: &str = "https://login.acme.example/oidc";

fn described(change: impl Fn(&mut Value)) -> Result<Issuer, IssuerFault> {
    let mut said = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://login.acme.example/auth?tenant=a",
        "token_endpoint": "https://login.acme.example/token",
        "jwks_uri": "https://keys.acme.example/jwks",
        "authorization_response_iss_parameter_supported": true,
    });
    change(&mut said);
    Issuer::read(said.to_string().as_bytes(), ISSUER)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn client(secret: Option<&str>) -> Client {
    let secret = secret.map(|secret| Secret::new(secret.to_owned()));
    Client { id: "fan light".into(), secret, redirect: "https://fanlight.acme.example/login/answer".into() }
}

#[test]
fn an_issuer_is_the_one_that_was_named_and_is_reached_by_tls() {
    let issuer = described(|_| {}).unwrap();
    assert_eq!((issuer.names_itself, issuer.takes_basic), (true, true));
    assert_eq!(described(|said| said["issuer"] = "https://login.acme.example/oidc/".into()), Err(IssuerFault::Other));
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        assert_eq!(described(|said| said[name] = "http://login.acme.example/x".into()), Err(IssuerFault::Clear(name)));
        assert_eq!(described(|said| said[name] = "javascript:alert(1)".into()), Err(IssuerFault::Clear(name)));
        assert_eq!(described(|said| said[name] = 5.into()), Err(IssuerFault::Unreadable(name)));
        assert!(described(|said| said[name] = "http://127.0.0.1:4000/x".into()).is_ok());
    }
    assert!(Issuer::read(b"[]", ISSUER).is_err());
    // One at which nobody logs in says where its keys are, and no more.
    let keys = |issuer: &str, at: &str| {
        Issuer::keys_of(json!({ "issuer": issuer, "jwks_uri": at }).to_string().as_bytes(), ISSUER)
    };
    assert_eq!(keys(ISSUER, "https://keys.example/a").unwrap().as_str(), "https://keys.example/a");
    assert_eq!(keys("https://other.example", "https://keys.example/a"), Err(IssuerFault::Other));
    assert_eq!(keys(ISSUER, "http://keys.example/a"), Err(IssuerFault::Clear("jwks_uri")));
    let post = described(|said| said["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]));
    assert!(!post.unwrap().takes_basic);
    let at = |issuer: &str| Issuer::address(&issuer.parse().unwrap()).to_string();
    assert_eq!(at(ISSUER), "https://login.acme.example/oidc/.well-known/openid-configuration");
    assert_eq!(at("https://login.acme.example"), "https://login.acme.example/.well-known/openid-configuration");
}

#[test]
fn a_login_is_led_to_the_provider_with_what_binds_it() {
    let (issuer, begun) = (described(|_| {}).unwrap(), Begun::now("acme", None, at(0)).unwrap());
    let url = issuer.login(&client(None), &begun, true);
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["tenant"], "a", "what stood there stays");
    assert_eq!((&*query["response_type"], &*query["code_challenge_method"]), ("code", "S256"));
    assert_eq!((&query["state"], &query["nonce"]), (&begun.state, &begun.nonce));
    assert_eq!(query["code_challenge"], BASE64URL_NOPAD.encode(&sha256(begun.verifier.as_bytes())));
    assert!(!url.as_str().contains(&begun.verifier), "the verifier stays here");
    assert_eq!((&*query["prompt"], &*query["max_age"]), ("login", "0"));
    assert!(!issuer.login(&client(None), &begun, false).as_str().contains("max_age"));
    let other = Begun::now("acme", None, at(0)).unwrap();
    assert!(other.state != begun.state && other.nonce != begun.nonce && other.verifier != begun.verifier);
    assert_eq!(Begun::from_bytes(&begun.to_bytes()), Some(begun));
    let someone = Begun::now("acme", Some("prs_1".into()), at(0)).unwrap();
    assert_eq!(Begun::from_bytes(&someone.to_bytes()), Some(someone));
    assert_eq!(Begun::from_bytes(b"[]"), None);
}

#[test]
fn the_client_s_secret_goes_as_the_provider_takes_it() {
    let (mut issuer, begun) = (described(|_| {}).unwrap(), Begun::now("acme", None, at(0)).unwrap());
    let (form, basic) = issuer.exchange(&client(Some("a:b&c")), &begun, "x");
    // `fan+light:a%3Ab%26c`
    assert_eq!(basic.unwrap().expose_secret(), "Basic ZmFuK2xpZ2h0OmElM0FiJTI2Yw==");
    assert!(form.contains(&format!("code_verifier={}", begun.verifier)) && !form.contains("client_secret"), "{form}");
    issuer.takes_basic = false;
    let (form, basic) = issuer.exchange(&client(Some("a:b&c")), &begun, "x");
    assert!(basic.is_none() && form.ends_with("client_id=fan+light&client_secret=a%3Ab%26c"), "{form}");
    let (form, basic) = issuer.exchange(&client(None), &begun, "x&redirect_uri=y");
    assert!(basic.is_none() && form.contains("code=x%26redirect_uri%3Dy&"), "{form}");
}

#[test]
fn an_answer_counts_for_its_own_login_alone() {
    let (mut issuer, begun) = (described(|_| {}).unwrap(), Begun::now("acme", None, at(0)).unwrap());
    let whole =
        Answered { code: Some("x".into()), state: Some(begun.state.clone()), issuer: Some(ISSUER.into()), error: None };
    let judge =
        |answer: &Answered, issuer: &Issuer, second| begun.answered(answer, issuer, at(second)).map(str::to_owned);
    assert_eq!(judge(&whole, &issuer, 1), Ok("x".to_owned()));
    assert_eq!(judge(&whole, &issuer, 600), Err(AnswerFault::NotBegun), "too late");
    for state in [None, Some(String::new()), Some("x".into()), Some(format!("{}A", begun.state))] {
        assert_eq!(judge(&Answered { state, ..whole.clone() }, &issuer, 1), Err(AnswerFault::NotBegun));
    }
    for other in [None, Some("https://evil.example".to_owned())] {
        assert_eq!(judge(&Answered { issuer: other, ..whole.clone() }, &issuer, 1), Err(AnswerFault::OtherIssuer));
    }
    issuer.names_itself = false;
    assert!(judge(&Answered { issuer: None, ..whole.clone() }, &issuer, 1).is_ok());
    let refused = Answered { error: Some("access_denied".into()), ..whole.clone() };
    assert_eq!(judge(&refused, &issuer, 1), Err(AnswerFault::Refused));
    for code in [None, Some(String::new())] {
        assert_eq!(judge(&Answered { code, ..whole.clone() }, &issuer, 1), Err(AnswerFault::NoCode));
    }
}
