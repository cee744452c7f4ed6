//! People of a directory: entered, changed, gone; and what is left of what they had.

use fanlight_base::{DeviceId, Role};

use super::*;
use crate::store::tests::{at, fresh};
use crate::{DeviceRow, DirectoryGroupRow, GroupChange, RoleRow, SessionRow, ShownAtLogin};

fn entry(id: &str, name: &str, active: bool) -> PersonChange {
    PersonChange {
        person: PersonId::new(id),
        name: name.to_owned(),
        external_id: Some(format!("x-{id}")),
        resource: "sealed".to_owned(),
        active,
    }
}

fn group(id: &str, name: &str) -> DirectoryGroupRow {
    DirectoryGroupRow {
        id: id.into(),
        name: name.into(),
        display_name: name.into(),
        external_id: None,
        version: 0,
        created: at(1),
        changed: at(1),
    }
}

#[tokio::test]
async fn a_person_keeps_one_pseudonym_and_a_name_belongs_to_one_whatever_its_case() {
    let (_dir, store) = fresh().await;
    let known = store.create_person(&PersonId::new("prs_known"), "asha", at(1)).await.unwrap();
    assert_eq!(store.enter_directory(&entry("prs_other", "Asha", true), at(2)).await.unwrap(), Kept::NameTaken);
    assert_eq!(store.enter_directory(&entry("prs_known", "Asha", true), at(2)).await.unwrap(), Kept::Made(1));
    assert_eq!(store.enter_directory(&entry("prs_known", "Asha", true), at(2)).await.unwrap(), Kept::NameTaken);
    let row = store.directory_person(&known.id).await.unwrap().unwrap();
    assert_eq!((row.person, row.version), (known, 1), "the name by which she logs in stays");
    store.enter_directory(&entry("prs_ben", "ben", true), at(3)).await.unwrap();
    let named = async |name: &str| store.directory_people_named(name).await.unwrap().len();
    assert_eq!((named("ASHA").await, named("nobody").await, named("ben").await), (1, 0, 1));
    assert_eq!(store.directory_people_known_as("x-prs_ben").await.unwrap().len(), 1);
    let change = async |name: &str, version| {
        store.change_in_directory(&entry("prs_ben", name, true), version, at(4)).await.unwrap()
    };
    assert_eq!(change("ASHA", 1).await, Kept::NameTaken);
    assert_eq!(change("benedict", 1).await, Kept::Made(2));
    assert_eq!(change("ben", 1).await, Kept::Overtaken);
    assert_eq!(named("benedict").await, 1);
    assert_eq!(store.count_directory_people().await.unwrap(), 2);
    let page = store.directory_people(1, 5).await.unwrap();
    assert_eq!(page.iter().map(|row| row.person.id.as_str()).collect::<Vec<_>>(), ["prs_ben"]);
}

#[tokio::test]
async fn who_leaves_has_nothing_that_is_good_and_comes_back_to_the_directory_s_groups_alone() {
    let (_dir, store) = fresh().await;
    let who = PersonId::new("prs_ben");
    store.enter_directory(&entry("prs_ben", "ben", true), at(1)).await.unwrap();
    let device = DeviceRow {
        id: DeviceId::new("dev_a"),
        person: who.clone(),
        machine: Some("laptop".into()),
        secret_sha256: [7; 32],
        created: at(1),
        last_used: None,
        revoked: None,
    };
    store.insert_device(&device).await.unwrap();
    let session = SessionRow {
        key: [1; 32],
        id: "ses_a".into(),
        person: who.clone(),
        begun: at(1),
        seen: at(1),
        second_factor: None,
        browser: "x".into(),
        new_browser: false,
    };
    store.insert_session(&session, ShownAtLogin::Link, None).await.unwrap();
    let role = RoleRow { person: who.clone(), role: Role::Mentor, given: at(1), by: None, ended: None };
    store.give_role(&role).await.unwrap();
    store.join_group(&who, "local", at(1)).await.unwrap();
    let finance = group("grp_a", "finance");
    let made = GroupChange { row: &finance, joins: std::slice::from_ref(&who), leaves: &[] };
    assert_eq!(store.make_directory_group(made, at(1)).await.unwrap(), Kept::Made(1));
    let in_force = async || {
        let mut groups: Vec<_> =
            store.groups_in_force(Some(&who)).await.unwrap().into_iter().map(|(_, group)| group).collect();
        groups.sort();
        (groups, store.roles_in_force(None).await.unwrap().len())
    };
    assert_eq!(in_force().await, (vec!["finance".to_owned(), "local".to_owned()], 1));
    assert_eq!(store.change_in_directory(&entry("prs_ben", "ben", false), 1, at(2)).await.unwrap(), Kept::Made(2));
    assert_eq!(in_force().await, (Vec::new(), 0));
    assert!(store.session(&[1; 32]).await.unwrap().is_none());
    assert_eq!(store.device(&device.id).await.unwrap().unwrap().revoked, Some(at(2)));
    assert_eq!(store.person(&who).await.unwrap().unwrap().left, Some(at(2)));
    assert_eq!(store.change_in_directory(&entry("prs_ben", "ben", true), 2, at(3)).await.unwrap(), Kept::Made(3));
    assert_eq!(in_force().await, (vec!["finance".to_owned()], 0));
    assert!(store.leave_directory(&who, at(4)).await.unwrap() && !store.leave_directory(&who, at(4)).await.unwrap());
    assert!(store.directory_person(&who).await.unwrap().is_none());
    assert!(store.members("finance").await.unwrap().is_empty());
    assert_eq!(store.enter_directory(&entry("prs_ben", "ben", true), at(5)).await.unwrap(), Kept::Made(1));
    assert_eq!(in_force().await, (Vec::new(), 0));
}

#[tokio::test]
async fn a_group_of_people_here_is_not_the_directory_s() {
    let (_dir, store) = fresh().await;
    let who = store.create_person(&PersonId::new("prs_a"), "asha", at(1)).await.unwrap().id;
    store.join_group(&who, "finance", at(1)).await.unwrap();
    let make = async |id, name| {
        let row = group(id, name);
        store.make_directory_group(GroupChange { row: &row, joins: &[], leaves: &[] }, at(2)).await.unwrap()
    };
    assert_eq!(make("grp_a", "finance").await, Kept::NameTaken);
    assert_eq!(make("grp_b", "sales").await, Kept::Made(1));
    assert_eq!(make("grp_c", "sales").await, Kept::NameTaken);
    let sales = store.directory_group("grp_b").await.unwrap().unwrap();
    let people = [who.clone()];
    let joins = GroupChange { row: &sales, joins: &people, leaves: &[] };
    assert_eq!(store.change_directory_group(joins, at(3)).await.unwrap(), Kept::Made(2));
    assert_eq!(store.change_directory_group(joins, at(3)).await.unwrap(), Kept::Overtaken);
    assert_eq!(store.directory_groups_of(&who).await.unwrap().len(), 1);
    assert!(store.end_directory_group(&sales, at(4)).await.unwrap());
    assert_eq!(store.groups_in_force(Some(&who)).await.unwrap(), [(who, "finance".to_owned())]);
}
