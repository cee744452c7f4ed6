//! Roles that were taken while the database failed.

use fanlight_base::Principal;
use fanlight_policy::{Exceptions, Pack};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn given(person: &PersonId, role: Role) -> RoleRow {
    RoleRow { person: person.clone(), role, given: at(1), by: None, ended: None }
}

#[tokio::test]
async fn what_was_taken_while_the_database_failed_does_not_come_back_with_the_next_change() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let mallory = store.create_person(&PersonId::new("prs_mallory"), "mallory", at(0)).await.unwrap().id;
    let ben = store.create_person(&PersonId::new("prs_ben"), "ben", at(0)).await.unwrap().id;
    let (roster, directory) = Roster::load(&store).await.unwrap();
    let guard = Guard::with(Pack::built_in(), Exceptions::default(), directory);
    let is = |person: &PersonId, role| {
        guard.snapshot().directory().has(&Principal::Person { id: person.clone(), device: None }, role)
    };
    let mut held = roster.hold().await;
    assert!(held.give(&guard, given(&mallory, Role::Steward)).await.unwrap());
    assert!(held.join(&guard, &mallory, "finance", at(1)).await.unwrap());
    assert!(is(&mallory, Role::Steward));
    // As when the store fails after memory was changed: memory has it, and the store has not.
    held.rows.directory.take(&mallory, Role::Steward);
    held.rows.taken.push((mallory.clone(), Role::Steward));
    held.enlist(&guard);
    assert!(held.give(&guard, given(&ben, Role::Mentor)).await.unwrap());
    held.reread(&guard, &mallory).await.unwrap();
    assert!(is(&ben, Role::Mentor));
    assert!(!is(&mallory, Role::Steward), "another's change brought it back");
    assert_eq!(held.groups_of(&mallory), ["finance"]);
    assert!(held.take(&guard, &mallory, Role::Steward, at(2)).await.unwrap(), "taken again, now in the store too");
    assert!(held.give(&guard, given(&mallory, Role::Steward)).await.unwrap(), "and given again by somebody");
    assert!(is(&mallory, Role::Steward));
    assert!(!held.give(&guard, given(&ben, Role::Mentor)).await.unwrap(), "given twice");
    assert_eq!(held.roles_of(&ben), [Role::Mentor]);
}

#[tokio::test]
async fn whoever_left_while_the_database_failed_does_not_come_back_with_the_next_change() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let mallory = store.create_person(&PersonId::new("prs_mallory"), "mallory", at(0)).await.unwrap().id;
    let (roster, directory) = Roster::load(&store).await.unwrap();
    let guard = Guard::with(Pack::built_in(), Exceptions::default(), directory);
    let is_steward = || {
        let mallory = Principal::Person { id: mallory.clone(), device: None };
        guard.snapshot().directory().has(&mallory, Role::Steward)
    };
    let mut held = roster.hold().await;
    held.give(&guard, given(&mallory, Role::Steward)).await.unwrap();
    held.join(&guard, &mallory, "finance", at(1)).await.unwrap();
    // What the database would do with it is for another moment: here it never comes to that.
    store.close().await;
    assert!(held.end(&guard, &mallory, store.leave(&mallory, at(2))).await.is_err());
    assert!(!is_steward() && held.groups_of(&mallory).is_empty(), "out of force all the same");
    drop(held);
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let mut held = Held { store: &store, rows: roster.rows.lock().await };
    held.reread(&guard, &mallory).await.unwrap();
    assert!(!is_steward() && held.groups_of(&mallory).is_empty(), "the next reading brought it back");
    held.end(&guard, &mallory, store.leave(&mallory, at(3))).await.unwrap();
    assert!(
        held.give(&guard, given(&mallory, Role::Steward)).await.unwrap() && !is_steward(),
        "who has left has no rights, whatever is given to them"
    );
}
