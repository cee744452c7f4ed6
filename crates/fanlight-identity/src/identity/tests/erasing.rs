//! Erasing: what was sealed opens no more, the sealed bytes stay, and nothing new is sealed under an old name.

use proptest::prelude::*;

use super::*;
use crate::EraseError;

#[tokio::test]
async fn what_an_erased_person_left_opens_no_more_and_stays_as_it_was() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.issue().await, bench.identity.issue_device("bob", "pc").await.unwrap());
    let november = bench.show(ada.token.expose_secret(), HERE).await.unwrap();
    bench.clock.set("2026-12-24T00:00:00Z".parse().unwrap());
    let december = bench.show(ada.token.expose_secret(), HERE).await.unwrap();
    let of_bob = bench.show(bob.token.expose_secret(), HERE).await.unwrap();
    let before = november.who.get().to_owned();
    // Opened once, so that the key is in memory when it is destroyed.
    assert!(bench.personal(&november).await.is_some());

    let erased = bench.identity.erase("Ada Lovelace").await.unwrap();
    assert_eq!((erased.person.as_str(), erased.keys, erased.devices), (ada.person.as_str(), 2, 1));
    assert_eq!(bench.personal(&november).await, None);
    assert_eq!(bench.personal(&december).await, None);
    assert_eq!(november.who.get(), before);
    assert!(matches!(bench.show(ada.token.expose_secret(), HERE).await, Err(IdentifyError::Revoked)));
    assert_eq!(bench.personal(&of_bob).await.unwrap().person.as_deref(), Some("bob"));
    let beside = Store::open_read_only(bench.store.path()).await.unwrap();
    let reader = SealedReader::open(beside, &bench.dir.path().join("root.key")).unwrap();
    let (key, data) = sealed(&november);
    assert_eq!(reader.open_sealed(&key, &data).await.unwrap(), None);

    assert!(matches!(bench.identity.erase("Ada Lovelace").await, Err(EraseError::Unknown(_))));
    let again = bench.identity.erase(ada.person.as_str()).await.unwrap();
    assert_eq!((again.keys, again.devices), (0, 0));
    let anew = bench.issue().await;
    assert_ne!(anew.person, ada.person, "the same name is another person now");
    let caller = bench.show(anew.token.expose_secret(), HERE).await.unwrap();
    assert!(bench.personal(&caller).await.is_some());
    assert_eq!(bench.personal(&november).await, None);
}

#[tokio::test]
async fn the_unidentified_are_erased_together_and_go_on_under_a_new_key() {
    let bench = Bench::new().await;
    let mut keys = Vec::new();
    for _ in 0..3 {
        let caller = bench.nothing(HERE).await.unwrap();
        assert_eq!(bench.personal(&caller).await.unwrap().address.as_deref(), Some("127.0.0.1"));
        keys.push(sealed(&caller).0);
        assert_eq!(bench.identity.erase("unidentified").await.unwrap().keys, 1);
        assert_eq!(bench.personal(&caller).await, None);
    }
    assert_eq!(keys, ["unidentified/2026-11", "unidentified/2026-11.2", "unidentified/2026-11.3"]);
}

#[tokio::test]
async fn no_key_is_made_for_a_person_who_was_just_erased() {
    let bench = Bench::new().await;
    let ada = bench.issue().await;
    bench.identity.erase("Ada Lovelace").await.unwrap();
    // As if a request had been between its look at the device and its sealing.
    let month = Month::of(bench.identity.now());
    let refused = bench.identity.0.sealer.seal(ada.person.as_str(), month, &Personal::default()).await;
    assert!(matches!(refused, Err(SealError::Destroyed(_))));
    assert_eq!(bench.store.any_sealing_key().await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_or_moved_value_is_told_from_an_erased_one() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.issue().await, bench.identity.issue_device("bob", "pc").await.unwrap());
    let ada = bench.show(ada.token.expose_secret(), HERE).await.unwrap();
    let bob = bench.show(bob.token.expose_secret(), HERE).await.unwrap();
    let moved = bench.identity.open_sealed(&sealed(&bob).0, &sealed(&ada).1).await;
    assert!(matches!(moved, Err(SealError::Changed(_))));
    for data in ["", "AAAA", "not base64!", &sealed(&ada).1[4..]] {
        let changed = bench.identity.open_sealed(&sealed(&ada).0, data).await;
        assert!(matches!(changed, Err(SealError::Changed(_))), "{data:?}");
    }
    assert_eq!(bench.identity.open_sealed("nobody/2026-11", &sealed(&ada).1).await.unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whoever is called what: it opens as it was sealed until it is erased, and never after.
    #[test]
    fn any_name_is_sealed_opened_and_erased(person in "[^\\p{C}]{1,60}", machine in "[^\\p{C}]{1,60}", other in 0_u8..4) {
        prop_assume!(!person.trim().is_empty() && !machine.trim().is_empty());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new().await;
            let issued = bench.identity.issue_device(&person, &machine).await.unwrap();
            let peers = [HERE, ELSEWHERE, "::1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
            let peer = peers[usize::from(other)];
            let caller = bench.show(issued.token.expose_secret(), peer).await.unwrap();
            let opened = bench.personal(&caller).await.unwrap();
            prop_assert_eq!(opened.person.as_deref(), Some(person.as_str()));
            prop_assert_eq!(opened.machine.as_deref(), Some(machine.as_str()));
            prop_assert_eq!(opened.address, Some(peer.to_string()));
            let by = if other % 2 == 0 { person.as_str() } else { issued.person.as_str() };
            bench.identity.erase(by).await.unwrap();
            prop_assert_eq!(bench.personal(&caller).await, None);
            Ok(())
        })?;
    }
}
