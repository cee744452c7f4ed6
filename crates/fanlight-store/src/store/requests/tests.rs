//! Requests and their answers change whole or not at all.

use super::*;
use crate::store::tests::{at, fresh};

const ALL: RequestsWanted<'_> = RequestsWanted { state: None, person: None, part: "", after: None };

fn asked(id: &str, person: &str) -> RequestRow {
    RequestRow {
        id: id.to_owned(),
        thing: "pkg:pypi/a@2".to_owned(),
        person: PersonId::new(person),
        device: None,
        because: "the fix is in it".to_owned(),
        asked: at(1_000),
        until: Some(at(9_000)),
        evidence: "{}".to_owned(),
        state: WAITING.to_owned(),
        answered: None,
        answered_by: None,
        answer: None,
        exception: None,
        seen: None,
    }
}

fn exception(id: &str) -> ExceptionRow {
    ExceptionRow {
        id: id.to_owned(),
        thing: "pkg:pypi/a@2".to_owned(),
        audience: fanlight_base::Whom::Everybody,
        policies: vec!["wait-and-see".to_owned()],
        because: "looked at".to_owned(),
        role: "steward".to_owned(),
        person: None,
        granted: at(2_000),
        until: at(5_000),
        ended: None,
    }
}

fn answer(state: &'static str) -> AnswerRow {
    AnswerRow { state, at: at(2_000), by: Some(PersonId::new("prs_9")), words: "looked at".to_owned() }
}

fn names(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test]
async fn of_one_person_one_request_for_a_thing_waits_at_a_time() {
    let (_dir, store) = fresh().await;
    let first = asked("req_1", "prs_1");
    assert!(store.insert_request(&first, &["mail"]).await.unwrap());
    assert!(!store.insert_request(&asked("req_2", "prs_1"), &["mail"]).await.unwrap());
    assert!(store.insert_request(&asked("req_3", "prs_2"), &[]).await.unwrap());
    assert_eq!(store.request("req_1").await.unwrap(), Some(first));
    assert_eq!(store.request("req_2").await.unwrap(), None);
    assert_eq!(store.count_requests(&PersonId::new("prs_1"), at(0)).await.unwrap(), (2, 1));
    assert_eq!(store.count_requests(&PersonId::new("prs_1"), at(1_000)).await.unwrap(), (2, 0));
    let due = store.tellings_due("mail", at(1_000), 10).await.unwrap();
    assert_eq!(due.iter().map(|row| &*row.id).collect::<Vec<_>>(), ["req_1-asked-mail"]);
    // Answered, another may wait.
    assert_eq!(store.answer_requests(&names(&["req_1"]), &answer("refused"), &[]).await.unwrap(), ["req_1"]);
    assert!(store.insert_request(&asked("req_2", "prs_1"), &[]).await.unwrap());
    let mine = store.requests(&RequestsWanted { person: Some(&PersonId::new("prs_1")), ..ALL }, 10).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert_eq!(store.requests(&RequestsWanted { state: Some(WAITING), ..ALL }, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_grant_and_its_exception_are_one_change() {
    let (_dir, store) = fresh().await;
    for (id, person) in [("req_1", "prs_1"), ("req_2", "prs_2")] {
        store.insert_request(&asked(id, person), &[]).await.unwrap();
    }
    let both = names(&["req_1", "req_2"]);
    assert_eq!(store.grant_requests(&exception("exc_1"), &both, &answer("granted"), &["mail"]).await.unwrap(), both);
    let row = store.request("req_2").await.unwrap().unwrap();
    assert_eq!((&*row.state, row.exception.as_deref(), row.answered), ("granted", Some("exc_1"), Some(at(2_000))));
    assert_eq!(store.tellings_due("mail", at(3_000), 10).await.unwrap().len(), 2);
    // What does not wait any more is not granted again, and leaves no exception behind.
    assert_eq!(store.grant_requests(&exception("exc_2"), &both, &answer("granted"), &[]).await.unwrap(), names(&[]));
    assert_eq!(store.exceptions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn answers_are_seen_once_and_tellings_are_put_off_and_forgotten() {
    let (_dir, store) = fresh().await;
    store.insert_request(&asked("req_1", "prs_1"), &["webhook"]).await.unwrap();
    let person = PersonId::new("prs_1");
    store.see_answers(&person, at(1_500)).await.unwrap();
    assert_eq!(store.request("req_1").await.unwrap().unwrap().seen, None, "it waits still");
    store.answer_requests(&names(&["req_1"]), &answer("refused"), &["webhook"]).await.unwrap();
    store.see_answers(&person, at(2_500)).await.unwrap();
    store.see_answers(&person, at(3_500)).await.unwrap();
    assert_eq!(store.request("req_1").await.unwrap().unwrap().seen, Some(at(2_500)));
    store.put_telling_off("req_1-asked-webhook", at(8_000)).await.unwrap();
    let due = |rows: Vec<crate::TellingRow>| rows.into_iter().map(|row| (row.id, row.tries)).collect::<Vec<_>>();
    let answered = ("req_1-refused-webhook".to_owned(), 0);
    assert_eq!(due(store.tellings_due("webhook", at(7_000), 10).await.unwrap()), std::slice::from_ref(&answered));
    store.forget_telling(&answered.0).await.unwrap();
    assert_eq!(
        due(store.tellings_due("webhook", at(8_000), 10).await.unwrap()),
        [("req_1-asked-webhook".to_owned(), 1)]
    );
}

#[tokio::test]
async fn a_request_is_over_when_its_hold_is_or_when_it_waits_for_too_long() {
    let (_dir, store) = fresh().await;
    store.insert_request(&asked("req_1", "prs_1"), &[]).await.unwrap();
    store.insert_request(&RequestRow { until: None, ..asked("req_2", "prs_2") }, &[]).await.unwrap();
    let over = async |now, before| -> Vec<String> {
        store.requests_over(at(now), at(before)).await.unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(over(8_999, 999).await, names(&[]));
    assert_eq!(over(9_000, 999).await, ["req_1"]);
    assert_eq!(over(9_000, 1_000).await, ["req_1", "req_2"]);
}

#[tokio::test]
async fn requests_are_read_a_page_at_a_time_and_found_by_a_part_of_the_purl() {
    let (_dir, store) = fresh().await;
    for (number, time) in [(1, 1_000), (2, 3_000), (3, 3_000), (4, 2_000)] {
        let thing = if number == 4 { "pkg:pypi/a_b@1".to_owned() } else { "pkg:pypi/axb@1".to_owned() };
        let row = asked(&format!("req_{number}"), &format!("prs_{number}"));
        store.insert_request(&RequestRow { thing, asked: at(time), ..row }, &[]).await.unwrap();
    }
    let ids = async |wanted: RequestsWanted<'_>, most| {
        let rows = store.requests(&wanted, most).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(ALL, 2).await, ["req_2", "req_3"]);
    assert_eq!(ids(RequestsWanted { after: Some("req_3"), ..ALL }, 9).await, ["req_4", "req_1"]);
    assert_eq!(ids(RequestsWanted { after: Some("req_2"), ..ALL }, 1).await, ["req_3"], "of the same time");
    assert_eq!(ids(RequestsWanted { after: Some("req_1"), ..ALL }, 9).await, [] as [&str; 0]);
    assert_eq!(ids(RequestsWanted { part: "a_b", ..ALL }, 9).await, ["req_4"], "no sign stands for others");
}
