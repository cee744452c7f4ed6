//! The people of a directory.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Change;
use crate::store::error::{StoreError, doing};
use crate::store::leaving;
use crate::store::people::{PersonRow, person};
use crate::store::row::{Columns, sql_count};
use crate::store::{Store, roles};

/// A person as the directory keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPersonRow {
    /// The person.
    pub person: PersonRow,
    /// The directory's own id for them.
    pub external_id: Option<String>,
    /// What it says of them, sealed.
    pub resource: String,
    /// Counts the changes.
    pub version: u64,
    /// When the directory first sent them.
    pub created: Timestamp,
    /// When it last changed something.
    pub changed: Timestamp,
}

/// What a person becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonChange {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// The directory's own id for them.
    pub external_id: Option<String>,
    /// What it says of them, sealed.
    pub resource: String,
    /// Whether they are here; otherwise they have left.
    pub active: bool,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is made; this is the version now.
    Made(u64),
    /// Somebody else has the name.
    NameTaken,
    /// Somebody else changed it in between, or it is gone.
    Overtaken,
}

const COLUMNS: &str = "people.id, people.name, people.created_ms, people.erased_ms, people.left_ms, external_id, \
    resource, version, directory_people.created_ms AS entered_ms, changed_ms \
    FROM directory_people JOIN people ON people.id = directory_people.person";

fn row(found: &AnyRow) -> Result<DirectoryPersonRow, StoreError> {
    let row = Columns { table: "directory_people", row: found };
    Ok(DirectoryPersonRow {
        person: person(found)?,
        external_id: row.text_option("external_id")?,
        resource: row.text("resource")?,
        version: row.count("version")?,
        created: row.time("entered_ms")?,
        changed: row.time("changed_ms")?,
    })
}

/// The text of a question, made once.
macro_rules! asks {
    ($rest:literal) => {{
        static TEXT: std::sync::LazyLock<&'static str> =
            std::sync::LazyLock::new(|| String::leak(format!("SELECT {COLUMNS} {}", $rest)));
        sqlx::query(*TEXT)
    }};
}

impl Store {
    /// The person of that pseudonym, where the directory keeps them.
    pub async fn directory_person(&self, id: &PersonId) -> Result<Option<DirectoryPersonRow>, StoreError> {
        let found = asks!("WHERE person = $1").bind(id.as_str()).fetch_optional(self.readers()).await;
        found.map_err(doing("looking up a person of the directory"))?.as_ref().map(row).transpose()
    }

    /// Those of that name, whatever the case of its letters.
    pub async fn directory_people_named(&self, name: &str) -> Result<Vec<DirectoryPersonRow>, StoreError> {
        let found = asks!("WHERE lower(name) = lower($1)").bind(name).fetch_all(self.readers()).await;
        found.map_err(doing("looking up a person of the directory by name"))?.iter().map(row).collect()
    }

    /// Those with that id of the directory's.
    pub async fn directory_people_known_as(&self, external: &str) -> Result<Vec<DirectoryPersonRow>, StoreError> {
        let found = asks!("WHERE external_id = $1").bind(external).fetch_all(self.readers()).await;
        found.map_err(doing("looking up a person by the directory's id"))?.iter().map(row).collect()
    }

    /// So many of them from there on, in the order they came.
    pub async fn directory_people(&self, skip: u64, most: u64) -> Result<Vec<DirectoryPersonRow>, StoreError> {
        let found = asks!("ORDER BY directory_people.created_ms, person LIMIT $1 OFFSET $2")
            .bind(sql_count(most))
            .bind(sql_count(skip))
            .fetch_all(self.readers())
            .await;
        found.map_err(doing("listing the directory's people"))?.iter().map(row).collect()
    }

    /// How many there are.
    pub async fn count_directory_people(&self) -> Result<u64, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS number FROM directory_people").fetch_one(self.readers()).await;
        let found = found.map_err(doing("counting the directory's people"))?;
        Columns { table: "directory_people", row: &found }.count("number")
    }

    /// Everybody of that name who is not erased, whatever the case of its letters.
    pub async fn people_named(&self, name: &str) -> Result<Vec<PersonRow>, StoreError> {
        let found = sqlx::query(
            "SELECT id, name, created_ms, erased_ms, left_ms FROM people WHERE lower(name) = lower($1) ORDER BY created_ms, id",
        )
        .bind(name)
        .fetch_all(self.readers())
        .await;
        found.map_err(doing("looking up a person by name"))?.iter().map(person).collect()
    }

    /// Takes a person into the directory, who may be known here already. Refused where somebody of that name has another
    /// pseudonym, or is in the directory.
    pub async fn enter_directory(&self, entry: &PersonChange, now: Timestamp) -> Result<Kept, StoreError> {
        const DOING: &str = "taking a person into the directory";
        let mut change = self.begin(DOING).await?;
        if is_taken(&mut change, entry).await.map_err(doing(DOING))? {
            return Ok(Kept::NameTaken);
        }
        sqlx::query("INSERT INTO people (id, name, created_ms) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
            .bind(entry.person.as_str())
            .bind(&entry.name)
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let entered = sqlx::query(
            "INSERT INTO directory_people (person, external_id, resource, version, created_ms, changed_ms) \
             VALUES ($1, $2, $3, 1, $4, $4) ON CONFLICT (person) DO NOTHING",
        )
        .bind(entry.person.as_str())
        .bind(entry.external_id.as_deref())
        .bind(&entry.resource)
        .bind(now.as_millisecond())
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if entered.rows_affected() == 0 {
            return Ok(Kept::NameTaken);
        }
        come_or_go(&mut change, &entry.person, entry.active, now).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(Kept::Made(1))
    }

    /// Changes what the directory says of a person, where it is still at that version.
    pub async fn change_in_directory(
        &self,
        entry: &PersonChange,
        version: u64,
        now: Timestamp,
    ) -> Result<Kept, StoreError> {
        const DOING: &str = "changing a person of the directory";
        let mut change = self.begin(DOING).await?;
        if is_taken(&mut change, entry).await.map_err(doing(DOING))? {
            return Ok(Kept::NameTaken);
        }
        let done = sqlx::query(
            "UPDATE directory_people SET external_id = $2, resource = $3, version = version + 1, changed_ms = $4 \
             WHERE person = $1 AND version = $5",
        )
        .bind(entry.person.as_str())
        .bind(entry.external_id.as_deref())
        .bind(&entry.resource)
        .bind(now.as_millisecond())
        .bind(sql_count(version))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if done.rows_affected() == 0 {
            return Ok(Kept::Overtaken);
        }
        // A name in another case stays as it is: somebody may log in by it.
        sqlx::query("UPDATE people SET name = $2 WHERE id = $1 AND erased_ms IS NULL AND lower(name) <> lower($2)")
            .bind(entry.person.as_str())
            .bind(&entry.name)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        come_or_go(&mut change, &entry.person, entry.active, now).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(Kept::Made(version + 1))
    }

    /// Takes a person out of the directory and all groups: they have left. What was done stays under their pseudonym.
    pub async fn leave_directory(&self, person: &PersonId, now: Timestamp) -> Result<bool, StoreError> {
        const DOING: &str = "taking a person out of the directory";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query("DELETE FROM directory_people WHERE person = $1")
            .bind(person.as_str())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        leaving::leave(&mut change, person, now).await?;
        for ends in roles::ENDS {
            let ended = sqlx::query(ends).bind(person.as_str()).bind(now.as_millisecond()).execute(&mut *change).await;
            ended.map_err(doing(DOING))?;
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(done.rows_affected() > 0)
    }
}

async fn is_taken(change: &mut Change, entry: &PersonChange) -> Result<bool, sqlx::Error> {
    let other = sqlx::query("SELECT id FROM people WHERE lower(name) = lower($1) AND id <> $2")
        .bind(&entry.name)
        .bind(entry.person.as_str())
        .fetch_optional(&mut **change)
        .await?;
    Ok(other.is_some())
}

async fn come_or_go(change: &mut Change, person: &PersonId, active: bool, now: Timestamp) -> Result<(), StoreError> {
    if active {
        let done = sqlx::query("UPDATE people SET left_ms = NULL WHERE id = $1 AND left_ms IS NOT NULL")
            .bind(person.as_str())
            .execute(&mut **change)
            .await;
        done.map_err(doing("bringing a person back"))?;
        return Ok(());
    }
    leaving::leave(change, person, now).await.map(drop)
}

#[cfg(test)]
mod tests;
