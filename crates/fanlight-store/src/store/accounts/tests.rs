use super::*;
use crate::store::tests::{at, fresh};
use crate::{SessionRow, ShownAtLogin};

fn account(person: &str, at_ms: i64) -> AccountRow {
    AccountRow {
        person: PersonId::new(person),
        password: Some("$argon2id$..".into()),
        totp: Some("sealed".into()),
        totp_step: Some(7),
        recovery: "a b".into(),
        created: at(at_ms),
        ended: None,
    }
}

fn link(number: u8, person: Option<&str>) -> LinkRow {
    LinkRow {
        sha256: [number; 32],
        person: person.map(PersonId::new),
        role: Some(Role::Steward),
        by: None,
        until: at(1_000),
        used: None,
    }
}

#[tokio::test]
async fn a_link_makes_one_account_and_no_second() {
    let (_dir, store) = fresh().await;
    store.insert_link(&link(1, None)).await.unwrap();
    assert_eq!(store.link(&[1; 32]).await.unwrap(), Some(link(1, None)));
    assert_eq!(store.join(&[9; 32], "asha", &account("prs_1", 5), None, None).await.unwrap(), Joined::LinkUsed);
    assert_eq!(store.join(&[1; 32], "asha", &account("prs_1", 5), None, None).await.unwrap(), Joined::Made);
    assert_eq!(store.account_by_name("asha").await.unwrap(), Some(account("prs_1", 5)));
    assert_eq!(store.join(&[1; 32], "ben", &account("prs_2", 6), None, None).await.unwrap(), Joined::LinkUsed);
    assert_eq!(store.account_by_name("ben").await.unwrap(), None);
    assert_eq!(store.person_by_name("ben").await.unwrap(), None, "nothing is half made");
}

#[tokio::test]
async fn a_link_that_is_over_or_replaced_opens_nothing() {
    let (_dir, store) = fresh().await;
    store.insert_link(&link(1, None)).await.unwrap();
    store.insert_link(&link(2, None)).await.unwrap();
    assert_eq!(store.join(&[1; 32], "asha", &account("prs_1", 5), None, None).await.unwrap(), Joined::LinkUsed);
    assert_eq!(store.join(&[2; 32], "asha", &account("prs_1", 1_000), None, None).await.unwrap(), Joined::LinkUsed);
    store.create_person(&PersonId::new("prs_9"), "asha", at(1)).await.unwrap();
    assert_eq!(store.join(&[2; 32], "asha", &account("prs_1", 5), None, None).await.unwrap(), Joined::NameTaken);
    assert_eq!(store.link(&[2; 32]).await.unwrap().unwrap().used, None, "what made nothing is not used");
}

#[tokio::test]
async fn a_new_account_in_place_of_another_ends_its_sessions() {
    let (_dir, store) = fresh().await;
    store.insert_link(&link(1, None)).await.unwrap();
    store.join(&[1; 32], "asha", &account("prs_1", 5), None, None).await.unwrap();
    let session = SessionRow::of_test("prs_1", 1);
    store.insert_session(&session, ShownAtLogin::Link, None).await.unwrap();
    store.insert_link(&link(2, Some("prs_1"))).await.unwrap();
    assert_eq!(store.join(&[2; 32], "asha", &account("prs_1", 9), None, None).await.unwrap(), Joined::Made);
    assert_eq!(store.session(&session.key).await.unwrap(), None);
    assert_eq!(store.account(&PersonId::new("prs_1")).await.unwrap().unwrap().created, at(9));
}

#[tokio::test]
async fn codes_are_used_up_once() {
    let (_dir, store) = fresh().await;
    store.insert_link(&link(1, None)).await.unwrap();
    store.join(&[1; 32], "asha", &account("prs_1", 5), None, None).await.unwrap();
    let asha = PersonId::new("prs_1");
    assert!(!store.use_code(&asha, 7).await.unwrap(), "the step of the setup");
    assert!(store.use_code(&asha, 8).await.unwrap());
    assert!(!store.use_code(&asha, 8).await.unwrap());
    assert!(store.use_recovery(&asha, "a b", "b").await.unwrap());
    assert!(!store.use_recovery(&asha, "a b", "a").await.unwrap());
    assert_eq!(store.account(&asha).await.unwrap().unwrap().recovery, "b");
}

#[tokio::test]
async fn who_left_or_was_erased_has_no_session_and_no_link() {
    let (_dir, store) = fresh().await;
    let asha = PersonId::new("prs_1");
    for erases in [false, true] {
        store.insert_link(&link(1, None)).await.unwrap();
        store
            .join(
                &[1; 32],
                if erases { "ben" } else { "asha" },
                &account(if erases { "prs_2" } else { "prs_1" }, 5),
                None,
                None,
            )
            .await
            .unwrap();
        let who = if erases { PersonId::new("prs_2") } else { asha.clone() };
        let session = SessionRow::of_test(who.as_str(), u8::from(erases) + 1);
        store.insert_session(&session, ShownAtLogin::Link, None).await.unwrap();
        store.insert_link(&LinkRow { sha256: [7; 32], ..link(7, Some(who.as_str())) }).await.unwrap();
        if erases {
            store.erase(who.as_str(), at(9)).await.unwrap();
            assert_eq!(store.account(&who).await.unwrap(), None);
        } else {
            assert!(store.end_account(&who, at(9)).await.unwrap());
            assert!(!store.end_account(&who, at(9)).await.unwrap());
            assert_eq!(store.account(&who).await.unwrap().unwrap().ended, Some(at(9)));
        }
        assert_eq!(store.session(&session.key).await.unwrap(), None);
        assert_eq!(store.link(&[7; 32]).await.unwrap(), None);
        sqlx::query("DELETE FROM links").execute(store.writer().unwrap()).await.unwrap();
    }
}
