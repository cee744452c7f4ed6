//! Versions and proposals, and what is forgotten of them.

use super::*;
use crate::store::requests::AnswerRow;
use crate::store::tests::{at, fresh};

fn set(digest: &str, files: &[(&str, &str)]) -> SetRow {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    SetRow { digest: digest.to_owned(), files }
}

fn of_folder(set: &SetRow) -> VersionRow {
    VersionRow {
        version: 0,
        since: at(1_000),
        digest: set.digest.clone(),
        files: set.files.len() as u64,
        person: None,
        approver: None,
        because: None,
        proposal: None,
    }
}

fn proposal(id: &str, set: &SetRow) -> ProposalRow {
    ProposalRow {
        id: id.to_owned(),
        base: 1,
        restores: None,
        digest: set.digest.clone(),
        files: set.files.len() as u64,
        person: PersonId::new("prs_1"),
        because: "safer".to_owned(),
        proposed: at(2_000),
        state: "waiting".to_owned(),
        answered: None,
        answered_by: None,
        answer: None,
        version: None,
    }
}

async fn texts(store: &Store) -> u64 {
    let row = sqlx::query("SELECT COUNT(*) AS texts FROM policy_texts").fetch_one(store.readers()).await.unwrap();
    Columns { table: "policy_texts", row: &row }.count("texts").unwrap()
}

#[tokio::test]
async fn versions_are_numbered_and_share_their_texts() {
    let (_dir, store) = fresh().await;
    assert_eq!(store.version_up_to(None).await.unwrap(), None);
    let (one, two) = (set("d1", &[("a", "x"), ("b", "y")]), set("d2", &[("a", "x"), ("b", "z")]));
    for (number, set) in [(1, &one), (2, &two), (3, &one)] {
        assert_eq!(store.insert_version(&of_folder(set), set, &[]).await.unwrap(), number);
    }
    assert_eq!(texts(&store).await, 3);
    assert_eq!(store.policy_files("d2").await.unwrap(), two.files);
    let versions = store.versions().await.unwrap();
    assert_eq!(versions.iter().map(|row| row.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(store.version_up_to(Some(2)).await.unwrap(), Some(versions[1].clone()));
    assert_eq!(store.version_up_to(Some(9)).await.unwrap(), Some(versions[0].clone()));
}

#[tokio::test]
async fn a_proposal_is_published_with_its_version_and_answered_once() {
    let (_dir, store) = fresh().await;
    let new = set("d1", &[("a", "x")]);
    let row = proposal("prp_1", &new);
    store.insert_proposal(&row, &new, &["mail"]).await.unwrap();
    assert_eq!(store.proposal("prp_1").await.unwrap(), Some(row.clone()));
    let counts = ProposalCounts { waiting: 1, own: 1, own_bytes: 1, proposed: 1 };
    assert_eq!(store.count_proposals(&row.person, at(1_999)).await.unwrap(), counts);
    let others = ProposalCounts { own: 0, own_bytes: 0, proposed: 0, ..counts };
    assert_eq!(store.count_proposals(&PersonId::new("prs_2"), at(0)).await.unwrap(), others);
    let answer = |state| AnswerRow { state, at: at(3_000), by: Some(PersonId::new("prs_2")), words: "good".to_owned() };
    assert!(store.answer_proposal("prp_1", &answer("approved"), &[]).await.unwrap());
    assert!(!store.answer_proposal("prp_1", &answer("refused"), &["mail"]).await.unwrap());
    // What could not be put in force waits again, without an answer.
    store.let_proposal_wait("prp_1").await.unwrap();
    assert_eq!(store.proposal("prp_1").await.unwrap(), Some(row));
    assert!(store.answer_proposal("prp_1", &answer("approved"), &[]).await.unwrap());
    let version = VersionRow { proposal: Some("prp_1".to_owned()), since: at(4_000), ..of_folder(&new) };
    store.insert_version(&version, &new, &["mail"]).await.unwrap();
    let now = store.proposal("prp_1").await.unwrap().unwrap();
    assert_eq!((now.state.as_str(), now.version, now.answered), ("published", Some(1), Some(at(3_000))));
    store.let_proposal_wait("prp_1").await.unwrap();
    assert_eq!(store.proposal("prp_1").await.unwrap().unwrap().state, "published");
    let due = store.tellings_due("mail", at(5_000), 10).await.unwrap();
    assert_eq!(due.iter().map(|row| &*row.id).collect::<Vec<_>>(), ["prp_1-proposed-mail", "prp_1-published-mail"]);
    assert_eq!(store.proposals(Some("waiting")).await.unwrap(), []);
    assert_eq!(store.proposals(None).await.unwrap(), [now]);
}

#[tokio::test]
async fn the_oldest_goes_where_it_is_too_much_and_what_waits_stays() {
    let (_dir, store) = fresh().await;
    let large = |n: usize| {
        let text = format!("{n}{}", "x".repeat(usize::try_from(limits::POLICY_HISTORY_BYTES / 4).unwrap()));
        set(&format!("d{n}"), &[("a", &text)])
    };
    for n in 0..3 {
        let one = large(n);
        store.insert_version(&of_folder(&one), &one, &[]).await.unwrap();
    }
    let waits = large(3);
    store.insert_proposal(&proposal("prp_1", &waits), &waits, &[]).await.unwrap();
    let kept: Vec<u64> = store.versions().await.unwrap().iter().map(|row| row.version).collect();
    assert_eq!(kept, [3, 2], "four quarters and four bytes are too much");
    assert_eq!(store.policy_files("d0").await.unwrap(), []);
    assert_eq!(store.policy_files("d3").await.unwrap(), waits.files);
    let refused = AnswerRow { state: "refused", at: at(3_000), by: None, words: "no".to_owned() };
    assert!(store.answer_proposal("prp_1", &refused, &[]).await.unwrap());
    let one = large(4);
    store.insert_version(&of_folder(&one), &one, &[]).await.unwrap();
    let one = large(5);
    store.insert_version(&of_folder(&one), &one, &[]).await.unwrap();
    assert_eq!(store.proposals(None).await.unwrap(), []);
    assert_eq!(store.versions().await.unwrap().len(), 3);
    assert_eq!(texts(&store).await, 3);
}
