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
fn of_an_app_s_keys_the_newest_is_meant_and_of_several_apps_none() {
    let row = |id: &str, app: &str, made: i64| CallerKeyRow {
        id: id.into(),
        holder: KeyHolder::App(fanlight_base::AppId::new(app)),
        label: "x".into(),
        secret_sha256: [0; 32],
        public_key: None,
        trust: None,
        trust_salt: None,
        scopes: Default::default(),
        made: Timestamp::from_second(made).unwrap(),
        by: None,
        until: Timestamp::UNIX_EPOCH,
        used: None,
        revoked: None,
    };
    let id = |keys: &[CallerKeyRow]| meant(keys.iter().cloned()).map(|row| row.id);
    assert_eq!(id(&[]), None);
    assert_eq!(id(&[row("a", "app_1", 5)]).as_deref(), Some("a"));
    let (old, new) = (row("z", "app_1", 5), row("b", "app_1", 6));
    assert_eq!(id(&[old.clone(), new.clone()]).as_deref(), Some("b"));
    assert_eq!(id(&[new.clone(), old.clone()]).as_deref(), Some("b"));
    assert_eq!(id(&[old.clone(), new.clone(), row("c", "app_2", 1)]), None);
    // What was revoked comes back by no older one; a newer one takes its place.
    let gone = |row: CallerKeyRow| CallerKeyRow { revoked: Some(Timestamp::UNIX_EPOCH), ..row };
    assert_eq!(id(&[old.clone(), gone(new.clone())]), None);
    assert_eq!(id(&[gone(old.clone()), new.clone()]).as_deref(), Some("b"));
    assert_eq!(id(&[old.clone(), gone(new), row("d", "app_1", 7)]).as_deref(), Some("d"));
    assert_eq!(id(&[old, gone(row("e", "app_2", 9))]).as_deref(), Some("z"), "another app's is in nobody's way");
}

#[test]
fn whom_a_key_trusts_can_be_proved_and_not_guessed() {
    let asked = trust("ci", "asha@acme.example", &[("ref", "main")]);
    let by = |salt: u8, asked: &Trust| subject_hmac(&[salt; 32], asked);
    assert_eq!(by(1, &asked), by(1, &asked));
    assert_ne!(by(1, &asked), by(2, &asked));
    assert_ne!(by(1, &asked), by(1, &trust("ci", "asha@acme.example", &[])));
    // HMAC-SHA256 as Python's hmac module has it.
    assert_eq!(by(1, &trust("ci", "x", &[])), "9a6525695460ebcfaee4b950ffa6c3c733d87c4af567a4bdfd2ae664147b7fc0");
}
