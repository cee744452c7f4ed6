//! Who has which role and is in which group. What was taken stays as a row with its end.

use fanlight_base::{PersonId, Role, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A role that a person has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub role: Role,
    /// When it was given.
    pub given: Timestamp,
    /// Who gave it, by pseudonym; nobody for the node itself.
    pub by: Option<PersonId>,
    /// When it was taken.
    pub ended: Option<Timestamp>,
}

/// A group that a person is or was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// Who.
    pub person: PersonId,
    /// In which group.
    pub group: String,
    /// Since when.
    pub since: Timestamp,
    /// When they left it.
    pub ended: Option<Timestamp>,
}

fn role(row: &AnyRow) -> Result<RoleRow, StoreError> {
    let row = Columns { table: "roles", row };
    let word = row.text("role")?;
    Ok(RoleRow {
        person: PersonId::new(row.text("person")?),
        role: Role::of(&word).ok_or_else(|| row.bad("role", word))?,
        given: row.time("given_ms")?,
        by: row.text_option("given_by")?.map(PersonId::new),
        ended: row.time_option("ended_ms")?,
    })
}

fn membership(row: &AnyRow) -> Result<MembershipRow, StoreError> {
    let row = Columns { table: "memberships", row };
    Ok(MembershipRow {
        person: PersonId::new(row.text("person")?),
        group: row.text("group_name")?,
        since: row.time("since_ms")?,
        ended: row.time_option("ended_ms")?,
    })
}

/// What ends all that a person ($1) is in, now ($2).
pub(super) const ENDS: [&str; 2] = [
    "UPDATE roles SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL",
    "UPDATE memberships SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL",
];

/// Gives a role as a part of a change.
pub(super) async fn give(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    row: &RoleRow,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO roles (person, role, given_ms, given_by) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (person, role) DO UPDATE SET given_ms = $3, given_by = $4, ended_ms = NULL \
         WHERE roles.ended_ms IS NOT NULL",
    )
    .bind(row.person.as_str())
    .bind(row.role.as_str())
    .bind(row.given.as_millisecond())
    .bind(row.by.as_ref().map(PersonId::as_str))
    .execute(&mut **change)
    .await
    .map_err(doing("giving a role"))?;
    Ok(done.rows_affected() > 0)
}

impl Store {
    /// Gives a role. Says whether the person did not have it.
    pub async fn give_role(&self, row: &RoleRow) -> Result<bool, StoreError> {
        let mut change = self.begin("giving a role").await?;
        let is_new = give(&mut change, row).await?;
        change.commit().await.map_err(doing("giving a role"))?;
        Ok(is_new)
    }

    /// Takes a role. Says whether the person had it.
    pub async fn take_role(&self, person: &PersonId, role: Role, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE roles SET ended_ms = $3 WHERE person = $1 AND role = $2 AND ended_ms IS NULL")
            .bind(person.as_str())
            .bind(role.as_str())
            .bind(now.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("taking a role"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Every role that was given, those that were taken included, in the order they were given.
    pub async fn roles(&self) -> Result<Vec<RoleRow>, StoreError> {
        let rows =
            sqlx::query("SELECT person, role, given_ms, given_by, ended_ms FROM roles ORDER BY given_ms, person, role")
                .fetch_all(self.readers())
                .await
                .map_err(doing("listing roles"))?;
        rows.iter().map(role).collect()
    }

    /// The roles that hold, of everybody or of one person; none of who has left.
    pub async fn roles_in_force(&self, of: Option<&PersonId>) -> Result<Vec<(PersonId, Role)>, StoreError> {
        let asked = match of {
            Some(person) => sqlx::query(
                "SELECT person, role FROM roles JOIN people ON people.id = person \
                 WHERE ended_ms IS NULL AND left_ms IS NULL AND erased_ms IS NULL AND person = $1",
            )
            .bind(person.as_str()),
            None => sqlx::query(
                "SELECT person, role FROM roles JOIN people ON people.id = person \
                 WHERE ended_ms IS NULL AND left_ms IS NULL AND erased_ms IS NULL",
            ),
        };
        let rows = asked.fetch_all(self.readers()).await.map_err(doing("listing roles"))?;
        let held = |found: &AnyRow| {
            let row = Columns { table: "roles", row: found };
            let word = row.text("role")?;
            Ok((PersonId::new(row.text("person")?), Role::of(&word).ok_or_else(|| row.bad("role", word))?))
        };
        rows.iter().map(held).collect()
    }

    /// The groups that count, of everybody or of one person; none of who has left.
    pub async fn groups_in_force(&self, of: Option<&PersonId>) -> Result<Vec<(PersonId, String)>, StoreError> {
        let asked = match of {
            Some(person) => sqlx::query(
                "SELECT person, group_name FROM memberships JOIN people ON people.id = person \
                 WHERE ended_ms IS NULL AND left_ms IS NULL AND erased_ms IS NULL AND person = $1",
            )
            .bind(person.as_str()),
            None => sqlx::query(
                "SELECT person, group_name FROM memberships JOIN people ON people.id = person \
                 WHERE ended_ms IS NULL AND left_ms IS NULL AND erased_ms IS NULL",
            ),
        };
        let rows = asked.fetch_all(self.readers()).await.map_err(doing("listing groups"))?;
        let held = |found: &AnyRow| {
            let row = Columns { table: "memberships", row: found };
            Ok((PersonId::new(row.text("person")?), row.text("group_name")?))
        };
        rows.iter().map(held).collect()
    }

    /// Puts a person into a group. Says whether they were not in it.
    pub async fn join_group(&self, person: &PersonId, group: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO memberships (person, group_name, since_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (person, group_name) DO UPDATE SET since_ms = $3, ended_ms = NULL \
             WHERE memberships.ended_ms IS NOT NULL",
        )
        .bind(person.as_str())
        .bind(group)
        .bind(now.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("putting a person into a group"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a person out of a group. Says whether they were in it.
    pub async fn leave_group(&self, person: &PersonId, group: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE memberships SET ended_ms = $3 WHERE person = $1 AND group_name = $2 AND ended_ms IS NULL",
        )
        .bind(person.as_str())
        .bind(group)
        .bind(now.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("taking a person out of a group"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Who is or was in which group, in the order of the groups' names.
    pub async fn memberships(&self) -> Result<Vec<MembershipRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT person, group_name, since_ms, ended_ms FROM memberships ORDER BY group_name, since_ms, person",
        )
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing groups"))?;
        rows.iter().map(membership).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    #[tokio::test]
    async fn a_role_is_given_taken_and_given_again() {
        let (_dir, store) = fresh().await;
        let person = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let given = |ms| RoleRow { person: person.clone(), role: Role::Mentor, given: at(ms), by: None, ended: None };
        assert!(store.give_role(&given(2)).await.unwrap());
        assert!(!store.give_role(&given(3)).await.unwrap());
        assert_eq!(store.roles().await.unwrap(), [given(2)]);
        assert!(store.take_role(&person, Role::Mentor, at(4)).await.unwrap());
        assert!(!store.take_role(&person, Role::Mentor, at(5)).await.unwrap());
        assert_eq!(store.roles().await.unwrap(), [RoleRow { ended: Some(at(4)), ..given(2) }]);
        assert!(store.give_role(&given(6)).await.unwrap());
        assert_eq!(store.roles().await.unwrap(), [given(6)]);
    }

    #[tokio::test]
    async fn a_group_is_joined_and_left() {
        let (_dir, store) = fresh().await;
        let person = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let row = MembershipRow { person: person.clone(), group: "finance".into(), since: at(2), ended: None };
        assert!(store.join_group(&person, "finance", at(2)).await.unwrap());
        assert!(!store.join_group(&person, "finance", at(3)).await.unwrap());
        assert!(store.leave_group(&person, "finance", at(4)).await.unwrap());
        assert!(!store.leave_group(&person, "finance", at(5)).await.unwrap());
        assert_eq!(store.memberships().await.unwrap(), [MembershipRow { ended: Some(at(4)), ..row }]);
    }
}
