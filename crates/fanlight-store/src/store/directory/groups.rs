//! The groups of a directory, and who is in them.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::{Change, Kept};
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::row::{Columns, sql_count};

/// A group as the directory keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGroupRow {
    /// `grp_` and 16 random characters.
    pub id: String,
    /// What policies name.
    pub name: String,
    /// What the directory calls it.
    pub display_name: String,
    /// The directory's own id for it.
    pub external_id: Option<String>,
    /// Counts the changes.
    pub version: u64,
    /// When the directory first sent it.
    pub created: Timestamp,
    /// When it last changed something.
    pub changed: Timestamp,
}

/// What becomes of a group.
#[derive(Debug, Clone, Copy)]
pub struct GroupChange<'a> {
    /// What it is then; its version is the one that is changed.
    pub row: &'a DirectoryGroupRow,
    /// Who comes.
    pub joins: &'a [PersonId],
    /// Who goes.
    pub leaves: &'a [PersonId],
}

fn group(found: &AnyRow) -> Result<DirectoryGroupRow, StoreError> {
    let row = Columns { table: "directory_groups", row: found };
    Ok(DirectoryGroupRow {
        id: row.text("id")?,
        name: row.text("group_name")?,
        display_name: row.text("display_name")?,
        external_id: row.text_option("external_id")?,
        version: row.count("version")?,
        created: row.time("created_ms")?,
        changed: row.time("changed_ms")?,
    })
}

impl Store {
    /// Every group of the directory, in the order they came.
    pub async fn directory_groups(&self) -> Result<Vec<DirectoryGroupRow>, StoreError> {
        let found = sqlx::query(
            "SELECT id, group_name, display_name, external_id, version, created_ms, changed_ms FROM directory_groups \
             ORDER BY created_ms, id",
        )
        .fetch_all(self.readers())
        .await;
        found.map_err(doing("listing the directory's groups"))?.iter().map(group).collect()
    }

    /// The group of that id.
    pub async fn directory_group(&self, id: &str) -> Result<Option<DirectoryGroupRow>, StoreError> {
        let found = sqlx::query(
            "SELECT id, group_name, display_name, external_id, version, created_ms, changed_ms FROM directory_groups \
             WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(self.readers())
        .await;
        found.map_err(doing("looking up a group of the directory"))?.as_ref().map(group).transpose()
    }

    /// The directory's groups that a person is in, whether or not they count now.
    pub async fn directory_groups_of(&self, person: &PersonId) -> Result<Vec<DirectoryGroupRow>, StoreError> {
        let found = sqlx::query(
            "SELECT id, directory_groups.group_name, display_name, external_id, version, created_ms, changed_ms \
             FROM directory_groups JOIN memberships ON memberships.group_name = directory_groups.group_name \
             WHERE person = $1 AND ended_ms IS NULL ORDER BY created_ms, id",
        )
        .bind(person.as_str())
        .fetch_all(self.readers())
        .await;
        found.map_err(doing("listing a person's groups"))?.iter().map(group).collect()
    }

    /// Who is in a group, whether or not they are here now.
    pub async fn members(&self, group: &str) -> Result<Vec<PersonId>, StoreError> {
        let found = sqlx::query(
            "SELECT person FROM memberships WHERE group_name = $1 AND ended_ms IS NULL ORDER BY since_ms, person",
        )
        .bind(group)
        .fetch_all(self.readers())
        .await;
        let found = found.map_err(doing("listing a group's members"))?;
        let member = |row: &AnyRow| Columns { table: "memberships", row }.text("person").map(PersonId::new);
        found.iter().map(member).collect()
    }

    /// Keeps a new group and its members. Refused where there is a group of that name.
    pub async fn make_directory_group(&self, made: GroupChange<'_>, now: Timestamp) -> Result<Kept, StoreError> {
        const DOING: &str = "making a group";
        let row = made.row;
        let mut change = self.begin(DOING).await?;
        let there = sqlx::query("SELECT person FROM memberships WHERE group_name = $1 AND ended_ms IS NULL LIMIT 1")
            .bind(&row.name)
            .fetch_optional(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let done = sqlx::query(
            "INSERT INTO directory_groups (id, group_name, display_name, external_id, version, created_ms, changed_ms) \
             VALUES ($1, $2, $3, $4, 1, $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&row.id)
        .bind(&row.name)
        .bind(&row.display_name)
        .bind(row.external_id.as_deref())
        .bind(now.as_millisecond())
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if there.is_some() || done.rows_affected() == 0 {
            return Ok(Kept::NameTaken);
        }
        members(&mut change, made, now).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(Kept::Made(1))
    }

    /// Changes a group and who is in it, where it is still at that version.
    pub async fn change_directory_group(&self, made: GroupChange<'_>, now: Timestamp) -> Result<Kept, StoreError> {
        const DOING: &str = "changing a group";
        let row = made.row;
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query(
            "UPDATE directory_groups SET display_name = $2, external_id = $3, version = version + 1, changed_ms = $4 \
             WHERE id = $1 AND version = $5",
        )
        .bind(&row.id)
        .bind(&row.display_name)
        .bind(row.external_id.as_deref())
        .bind(now.as_millisecond())
        .bind(sql_count(row.version))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if done.rows_affected() == 0 {
            return Ok(Kept::Overtaken);
        }
        members(&mut change, made, now).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(Kept::Made(row.version + 1))
    }

    /// Ends a group: nobody is in it any more. Says whether there was one.
    pub async fn end_directory_group(&self, row: &DirectoryGroupRow, now: Timestamp) -> Result<bool, StoreError> {
        const DOING: &str = "ending a group";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query("DELETE FROM directory_groups WHERE id = $1")
            .bind(&row.id)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        sqlx::query("UPDATE memberships SET ended_ms = $2 WHERE group_name = $1 AND ended_ms IS NULL")
            .bind(&row.name)
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(done.rows_affected() > 0)
    }
}

async fn members(change: &mut Change, made: GroupChange<'_>, now: Timestamp) -> Result<(), StoreError> {
    for person in made.leaves {
        let done = sqlx::query(
            "UPDATE memberships SET ended_ms = $3 WHERE person = $1 AND group_name = $2 AND ended_ms IS NULL",
        )
        .bind(person.as_str())
        .bind(&made.row.name)
        .bind(now.as_millisecond())
        .execute(&mut **change)
        .await;
        done.map_err(doing("taking a person out of a group"))?;
    }
    for person in made.joins {
        let done = sqlx::query(
            "INSERT INTO memberships (person, group_name, since_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (person, group_name) DO UPDATE SET since_ms = $3, ended_ms = NULL \
             WHERE memberships.ended_ms IS NOT NULL",
        )
        .bind(person.as_str())
        .bind(&made.row.name)
        .bind(now.as_millisecond())
        .execute(&mut **change)
        .await;
        done.map_err(doing("putting a person into a group"))?;
    }
    Ok(())
}
