//! What a key may trust, and which of several keys is meant.

use fanlight_store::KeyHolder;

use super::*;
use crate::identity::tests::Bench;

struct NoKeys;

impl IssuerKeySource for NoKeys {
    fn keys<'a>(&'a self, _name: &'a str, _lacking: bool, _now: Timestamp) -> AskedKeys<'a> {
        Box::pin(std::future::ready(None))
    }
}

fn trust(issuer: &str, subject: &str, claims: &[(&str, &str)]) -> Trust {
    let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Trust { by: TrustedBy::Token { issuer: issuer.into(), subject: subject.into() }, claims }
}

#[tokio::test]
async fn a_key_trusts_an_issuer_of_the_settings_and_what_a_token_can_have() {
    let bench = Bench::new().await;
    assert!(matches!(bench.identity.check_trust(&trust("ci", "a", &[])), Err(KeyError::UnknownIssuer)));
    let ci = TrustedIssuer {
        name: "ci".into(),
        issuer: "https://ci.example".into(),
        audience: "us".into(),
        tokens: TokensAre::Workload,
        algorithms: vec![Algorithm::EdDsa],
    };
    let identity = bench.identity.with_issuers(vec![ci], Arc::new(NoKeys));
    assert!(identity.check_trust(&trust("ci", "repo:a", &[("ref", "main")])).is_ok());
    let many: Vec<String> = (0..=limits::TRUSTED_CLAIMS).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
    let long = "x".repeat(limits::CLAIM_TEXT_BYTES + 1);
    for bad in [
        trust("ci", "", &[]),
        trust("ci", "a\nb", &[]),
        trust("ci", &long, &[]),
        trust("ci", "a", &[("", "x")]),
        trust("ci", "a", &[("ref", "")]),
        trust("ci", "a", &[("ref", &long)]),
        trust("ci", "a", &[("aud", "x")]),
        trust("ci", "a", &many),
    ] {
        assert!(matches!(identity.check_trust(&bad), Err(KeyError::BadTrust(_))), "{bad:?}");
    }
    assert!(matches!(identity.check_trust(&trust("CI", "a", &[])), Err(KeyError::UnknownIssuer)));
    let token = |issuer: &str| {
        let key = fanlight_credentials::jose::SigningKey::from_seed(&[1; 32]).unwrap();
        let claims = serde_json::json!({ "iss": issuer, "sub": "a" });
        key.sign("jwt", claims.as_object().unwrap())
    };
    assert!(identity.issuer_named_in(&token("https://ci.example")).is_some());
    assert!(identity.issuer_named_in(&token("https://ci.example/")).is_none());
}

#[test]
fn claims_fit_letter_for_letter_and_as_texts() {
    let claims = |text: &str| Claims::read(text.as_bytes()).unwrap();
    let asked = trust("ci", "a", &[("ref", "main"), ("id", "5")]);
    assert!(fits(&asked, &claims(r#"{"ref":"main","id":"5","more":true}"#)));
    for other in
        [r#"{"ref":"main"}"#, r#"{"ref":"main","id":5}"#, r#"{"ref":"Main","id":"5"}"#, r#"{"ref":["main"],"id":"5"}"#]
    {
        assert!(!fits(&asked, &claims(other)), "{other}");
    }
}

#[test]
fn where_several_could_be_meant_none_is() {
    let row = |id: &str| CallerKeyRow {
        id: id.into(),
        holder: KeyHolder::App(fanlight_base::AppId::new("app_1")),
        label: "x".into(),
        secret_sha256: [0; 32],
        public_key: None,
        trust: None,
        scopes: Default::default(),
        made: Timestamp::UNIX_EPOCH,
        by: None,
        until: Timestamp::UNIX_EPOCH,
        used: None,
        revoked: None,
    };
    assert!(only(std::iter::empty()).is_none());
    assert_eq!(only([row("a")].into_iter()).map(|row| row.id).as_deref(), Some("a"));
    assert!(only([row("a"), row("b")].into_iter()).is_none());
}
