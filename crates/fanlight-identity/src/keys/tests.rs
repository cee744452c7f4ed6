//! Keys of apps and people, good and not good any more, on a real store.

use fanlight_base::{Layers, Scope};
use fanlight_store::AppRow;

use super::*;
use crate::identity::tests::{Bench, ELSEWHERE};

fn asked(holder: KeyHolder, scopes: &str, days: u64) -> KeyAsked<'static> {
    KeyAsked {
        owner: None,
        holder,
        label: " the nightly build ",
        scopes: Scopes::parse(scopes).unwrap_or_default(),
        days,
        public_key: None,
        trust: None,
        by: None,
    }
}

async fn app(bench: &Bench, owner: Option<&PersonId>) -> AppId {
    let row = AppRow {
        id: AppId::new("app_0123456789abcdef"),
        layers: Layers { title: "Price list".into(), headline: "Makes it".into(), about: "Reads prices.".into() },
        owner: owner.cloned(),
        successor: None,
        registered: bench.identity.now(),
        by: owner.cloned(),
        orphaned: owner.is_none().then(|| bench.identity.now()),
        ended: None,
    };
    bench.store.insert_app(&row).await.unwrap();
    row.id
}

async fn key(bench: &Bench, holder: KeyHolder, scopes: &str) -> (String, Secret<String>) {
    let owner = match &holder {
        KeyHolder::App(id) => bench.store.app(id).await.unwrap().unwrap().owner,
        KeyHolder::Person(_) => None,
    };
    let drawn = bench.identity.draw_up_key(KeyAsked { owner, ..asked(holder, scopes, 1) }).unwrap();
    let id = drawn.id().to_owned();
    (id, bench.identity.keep_key(drawn).await.unwrap().unwrap())
}

#[tokio::test]
async fn a_key_of_an_app_stands_for_the_app_and_its_owner_answers() {
    let bench = Bench::new().await;
    let owner = bench.issue().await.person;
    let app = app(&bench, Some(&owner)).await;
    let (id, clear) = key(&bench, KeyHolder::App(app.clone()), "packages api:read").await;
    let caller = bench.show(clear.expose_secret(), ELSEWHERE).await.unwrap();
    assert_eq!(caller.principal, Principal::App { id: app.clone(), owner: Some(owner.clone()) });
    assert_eq!(caller.strength, Strength::ApiKey);
    let who: serde_json::Value = serde_json::from_str(caller.who.get()).unwrap();
    assert_eq!(
        (&who["kind"], &who["id"], &who["owner"]),
        (&"app".into(), &app.as_str().into(), &owner.as_str().into())
    );
    assert_eq!((&who["key"], &who["strength"]), (&id.as_str().into(), &"api-key".into()));
    assert!(who["sealed"]["key"].as_str().unwrap().starts_with(owner.as_str()), "the address is its owner's: {who}");
    assert_eq!(caller.lacks(fanlight_base::Action::new("console:quarantine")), Some(Scope::Api));
    assert_eq!(caller.lacks(fanlight_base::Action::new("console:read-status")), None);
}

#[tokio::test]
async fn a_key_of_a_person_stands_for_the_person() {
    let bench = Bench::new().await;
    let person = bench.issue().await.person;
    let (id, clear) = key(&bench, KeyHolder::Person(person.clone()), "api").await;
    let caller = bench.show(clear.expose_secret(), ELSEWHERE).await.unwrap();
    assert_eq!(caller.principal, Principal::Person { id: person, device: None });
    assert_eq!(bench.personal(&caller).await.unwrap().person.as_deref(), Some("Ada Lovelace"));
    bench.identity.flush_last_used().await.unwrap();
    let kept = bench.store.caller_key(&id).await.unwrap().unwrap();
    assert_eq!((kept.used, kept.label.as_str()), (Some(bench.identity.now()), "the nightly build"));
}

#[tokio::test]
async fn a_key_ends_when_it_is_revoked_is_over_or_its_app_ends_although_it_is_remembered() {
    let bench = Bench::new().await;
    let owner = bench.issue().await.person;
    let app = app(&bench, Some(&owner)).await;
    let (id, first) = key(&bench, KeyHolder::App(app.clone()), "packages").await;
    let (_, second) = key(&bench, KeyHolder::App(app.clone()), "packages").await;
    bench.show(first.expose_secret(), ELSEWHERE).await.unwrap();
    bench.show(second.expose_secret(), ELSEWHERE).await.unwrap();
    assert!(bench.identity.revoke_key(&id).await.unwrap() && !bench.identity.revoke_key(&id).await.unwrap());
    assert!(matches!(bench.show(first.expose_secret(), ELSEWHERE).await, Err(IdentifyError::Revoked)));
    bench.show(second.expose_secret(), ELSEWHERE).await.unwrap();
    bench.clock.set(bench.identity.now() + DAY);
    assert!(matches!(bench.show(second.expose_secret(), ELSEWHERE).await, Err(IdentifyError::Over)));
    let (_, third) = key(&bench, KeyHolder::App(app.clone()), "packages").await;
    bench.show(third.expose_secret(), ELSEWHERE).await.unwrap();
    bench.store.end_app(&app, bench.identity.now()).await.unwrap();
    bench.identity.forget_callers();
    assert!(matches!(bench.show(third.expose_secret(), ELSEWHERE).await, Err(IdentifyError::Revoked)));
}

#[tokio::test]
async fn the_app_of_who_leaves_goes_on_with_packages_and_their_own_key_ends() {
    let bench = Bench::new().await;
    let owner = bench.issue().await.person;
    let app = app(&bench, Some(&owner)).await;
    let (_, of_app) = key(&bench, KeyHolder::App(app.clone()), "packages api").await;
    let (_, own) = key(&bench, KeyHolder::Person(owner.clone()), "api").await;
    bench.show(of_app.expose_secret(), ELSEWHERE).await.unwrap();
    bench.show(own.expose_secret(), ELSEWHERE).await.unwrap();
    bench.identity.leave(&owner).await.unwrap();
    assert!(matches!(bench.show(own.expose_secret(), ELSEWHERE).await, Err(IdentifyError::Revoked)));
    let caller = bench.show(of_app.expose_secret(), ELSEWHERE).await.unwrap();
    assert_eq!(caller.principal, Principal::App { id: app, owner: None });
    assert_eq!(caller.key.as_ref().unwrap().scopes.to_string(), "packages");
}

#[tokio::test]
async fn a_secret_that_is_wrong_is_nobody_s_whatever_became_of_the_key() {
    let bench = Bench::new().await;
    let person = bench.issue().await.person;
    let (id, clear) = key(&bench, KeyHolder::Person(person), "api").await;
    // Another key's secret under this id, its checksum right.
    let text = clear.expose_secret();
    let wrong = format!("{}{}", &text[..21], "0".repeat(64));
    let wrong = format!("{wrong}_{:08x}", crc32fast::hash(wrong.as_bytes()));
    assert!(matches!(bench.show(&wrong, ELSEWHERE).await, Err(IdentifyError::Unknown)));
    bench.identity.revoke_key(&id).await.unwrap();
    assert!(matches!(bench.show(&wrong, ELSEWHERE).await, Err(IdentifyError::Unknown)));
}

#[tokio::test]
async fn what_cannot_be_a_key_is_not_made_and_one_more_than_the_most_neither() {
    let bench = Bench::new().await;
    let holder = KeyHolder::Person(bench.issue().await.person);
    let year = limits::APP_KEY_TIME.as_secs() / 86_400;
    let draw = |asked: KeyAsked<'_>| bench.identity.draw_up_key(asked).map(|drawn| drawn.until());
    for (days, fits) in [(0, false), (1, true), (year, true), (year + 1, false), (u64::MAX, false)] {
        assert_eq!(draw(asked(holder.clone(), "api", days)).is_ok(), fits, "{days}");
    }
    assert!(matches!(draw(asked(holder.clone(), "", 1)), Err(KeyError::NoScope)));
    for label in ["", "  ", "two\nlines", &"x".repeat(limits::KEY_LABEL_CHARACTERS + 1)] {
        assert!(matches!(draw(KeyAsked { label, ..asked(holder.clone(), "api", 1) }), Err(KeyError::BadLabel)));
    }
    for _ in 0..limits::KEYS_OF_ONE {
        key(&bench, holder.clone(), "packages").await;
    }
    let one_more = bench.identity.draw_up_key(asked(holder, "packages", 1)).unwrap();
    assert!(matches!(bench.identity.keep_key(one_more).await, Err(KeyError::TooMany)));
}
