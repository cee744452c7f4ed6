//! Keys that are rotated, issuers that cannot be asked or lie, and how often any of it makes the node ask.

use std::net::{IpAddr, Ipv4Addr};

use fanlight_base::clock::{FixedClock, SharedClock};
use fanlight_base::{AppId, Layers, PersonId, Scope, Strength};
use fanlight_identity::{Caller, IdentifyError, Identity, KeyAsked, Shown, ShownToken, TokensAre, TrustedIssuer};
use fanlight_net::upstream::Options;
use fanlight_store::{AppRow, KeyHolder, Store, Trust, TrustedBy};
use fanlight_testkit::{Issuer as Ci, Manner};

use super::*;

const US: &str = "https://fanlight.example";
const SUBJECT: &str = "repo:acme/prices";

struct Bench {
    _dir: tempfile::TempDir,
    clock: Arc<FixedClock>,
    identity: Identity,
    issuers: Arc<Issuers>,
    ci: Ci,
    begun: Timestamp,
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
        let begun = Timestamp::now();
        let clock = Arc::new(FixedClock::new(begun));
        let ci = Ci::start();
        let at = KeysAt {
            name: "ci".into(),
            issuer: ci.url().parse().unwrap(),
            issuer_text: ci.url(),
            keys: None,
            rsa: Algorithm::Rs256,
        };
        let issuers = Arc::new(Issuers::new([at], &Upstream::new(Options::default()).unwrap()));
        let trusted = TrustedIssuer {
            name: "ci".into(),
            issuer: ci.url(),
            audience: US.into(),
            tokens: TokensAre::Workload,
            algorithms: Algorithm::ALL.to_vec(),
        };
        let root_key = dir.path().join("root.key");
        let identity = Identity::open(store.clone(), &root_key, clock.clone() as SharedClock).await.unwrap();
        let identity = identity.with_issuers(vec![trusted], issuers.clone());
        let owner = store.create_person(&PersonId::new("prs_1"), "asha", begun).await.unwrap().id;
        let words = || "Prices".to_owned();
        let app = AppRow {
            id: AppId::new("app_1"),
            layers: Layers { title: words(), headline: words(), about: words() },
            owner: Some(owner.clone()),
            successor: None,
            registered: begun,
            by: None,
            orphaned: None,
            ended: None,
        };
        store.insert_app(&app).await.unwrap();
        let by = TrustedBy::Token { issuer: "ci".into(), subject: SUBJECT.into() };
        let asked = KeyAsked {
            holder: KeyHolder::App(app.id),
            owner: Some(owner),
            label: "a job",
            scopes: [Scope::Packages].into_iter().collect(),
            days: 90,
            public_key: None,
            trust: Some(Trust { by, claims: Default::default() }),
            by: None,
        };
        let drawn = identity.draw_up_key(asked).unwrap();
        assert!(identity.keep_key(drawn).await.unwrap().is_none(), "there is no secret");
        Self { _dir: dir, clock, identity, issuers, ci, begun }
    }

    fn later(&self, seconds: i64) {
        self.clock.set(self.begun + Duration::from_secs(u64::try_from(seconds).unwrap()));
    }

    /// A token that is good for hours after that many seconds.
    fn token(&self, key: u8, seconds: i64) -> String {
        let mut claims = self.ci.claims(SUBJECT, US);
        for (name, at) in [("iat", seconds), ("nbf", seconds), ("exp", seconds + 12 * 3600)] {
            claims[name] = (self.begun.as_second() + at).into();
        }
        self.ci.sign(key, &claims)
    }

    async fn show(&self, token: &str) -> Result<Arc<Caller>, IdentifyError> {
        self.identity.identify(Shown::Bearer(ShownToken(token)), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))).await
    }
}

#[tokio::test]
async fn a_new_key_counts_when_it_is_shown_and_one_that_was_taken_out_no_longer_than_ten_minutes() {
    let bench = Bench::new().await;
    let old = bench.token(1, 0);
    let caller = bench.show(&old).await.unwrap();
    assert_eq!((caller.principal.kind(), caller.strength), ("app", Strength::AccessToken));
    assert_eq!(bench.ci.asked(), 1);
    // Rotated: the new one counts as soon as the issuer may be asked again, which a token of it brings about.
    bench.ci.publishes(&[2]);
    let new = bench.token(2, 0);
    assert!(matches!(bench.show(&new).await, Err(IdentifyError::Foreign(_))), "it was asked a moment ago");
    assert!(bench.show(&old).await.is_ok());
    bench.later(61);
    assert!(bench.show(&new).await.is_ok());
    assert_eq!(bench.ci.asked(), 2);
    // What is remembered of the old one ends ten minutes after its key was last told, and nothing takes it anew.
    bench.later(601);
    assert!(matches!(bench.show(&old).await, Err(IdentifyError::Foreign(_))));
    assert!(bench.show(&new).await.is_ok());
}

#[tokio::test]
async fn keys_that_nobody_published_make_the_node_ask_once_a_minute() {
    let bench = Bench::new().await;
    bench.show(&bench.token(1, 0)).await.unwrap();
    for second in 0..180 {
        bench.later(second);
        for key in 100..103 {
            assert!(matches!(bench.show(&bench.token(key, 0)).await, Err(IdentifyError::Foreign(_))));
        }
    }
    assert!(bench.ci.asked() <= 4, "{} times", bench.ci.asked());
}

#[tokio::test]
async fn an_issuer_that_cannot_be_asked_lets_nobody_new_in_and_is_believed_for_an_hour() {
    let bench = Bench::new().await;
    bench.show(&bench.token(1, 0)).await.unwrap();
    bench.ci.behaves(Manner::Status(500));
    bench.ci.publishes(&[1, 2]);
    bench.later(1800);
    assert!(bench.show(&bench.token(1, 1800)).await.is_ok(), "its last word counts");
    assert!(matches!(bench.show(&bench.token(2, 1800)).await, Err(IdentifyError::Foreign(_))));
    let standing = bench.issuers.standing();
    assert!(standing[0].last_error.as_ref().is_some_and(|why| why.contains("500")), "{standing:?}");
    // Nor is anybody let in longer who was remembered.
    let remembered = bench.token(1, 1800);
    bench.later(3599);
    assert!(bench.show(&remembered).await.is_ok());
    bench.later(3601 + 10);
    let refused = bench.show(&remembered).await.unwrap_err();
    assert!(matches!(refused, IdentifyError::IssuerSilent), "{refused}");
    assert_eq!(refused.fault(), fanlight_base::Fault::Upstream);
    bench.ci.behaves(Manner::Well);
    bench.later(3640);
    assert!(bench.show(&remembered).await.is_ok());
    assert_eq!(bench.issuers.standing()[0].last_error, None);
}

#[tokio::test]
async fn what_an_issuer_says_is_not_believed_where_it_cannot_be() {
    let elsewhere = Ci::start();
    let secret = r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#.to_owned();
    let twice = r#"{"keys": [], "keys": []}"#.to_owned();
    for (manner, why) in [
        (Manner::Redirect(format!("{}/keys", elsewhere.url())), "redirect"),
        (Manner::Huge(limits::KEY_SET_BYTES), "bytes"),
        (Manner::Silent, "within 5 seconds"),
        (Manner::Says("<html>".into()), "key set"),
        (Manner::Says(secret), "private or symmetric"),
        (Manner::Says(twice), "key set"),
        (Manner::Says(r#"{"keys": []}"#.into()), "can be used"),
    ] {
        let bench = Bench::new().await;
        bench.ci.behaves(manner.clone());
        let refused = bench.show(&bench.token(1, 0)).await.unwrap_err();
        assert!(matches!(refused, IdentifyError::IssuerSilent), "{manner:?}: {refused}");
        let standing = bench.issuers.standing().remove(0);
        let said = standing.last_error.unwrap_or_default();
        assert!(said.contains(why), "{manner:?}: {said}");
        assert_eq!((standing.keys, standing.asked), (0, None));
    }
    assert_eq!(elsewhere.asked(), 0, "no redirect is followed");
}
