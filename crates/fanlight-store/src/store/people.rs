//! People: a pseudonym and, until it is erased, a name.

use std::time::Duration;

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::error::{StoreError, doing};
use super::row::Columns;
use super::{Store, dialect};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The pseudonym; it stays when the name is erased.
    pub id: PersonId,
    /// The name; `None` once it is erased.
    pub name: Option<String>,
    /// When the person became known.
    pub created: Timestamp,
    /// When the person was erased.
    pub erased: Option<Timestamp>,
    /// When the person left; nothing while they are here.
    pub left: Option<Timestamp>,
}

impl PersonRow {
    /// Whether they may come in at all.
    pub const fn is_here(&self) -> bool {
        self.erased.is_none() && self.left.is_none()
    }
}

/// What an erasure destroyed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasedRows {
    /// Sealing keys destroyed.
    pub keys: u64,
    /// Devices revoked by it (those revoked before are not counted).
    pub devices: u64,
}

pub(super) const SELECT: &str = "SELECT id, name, created_ms, erased_ms, left_ms FROM people";

pub(super) fn person(row: &AnyRow) -> Result<PersonRow, StoreError> {
    let row = Columns { table: "people", row };
    Ok(PersonRow {
        id: PersonId::new(row.text("id")?),
        name: row.text_option("name")?,
        created: row.time("created_ms")?,
        erased: row.time_option("erased_ms")?,
        left: row.time_option("left_ms")?,
    })
}

impl Store {
    /// The person of that name, if it is known and not erased.
    pub async fn person_by_name(&self, name: &str) -> Result<Option<PersonRow>, StoreError> {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE name = $1")))
            .bind(name)
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a person by name"))?;
        found.as_ref().map(person).transpose()
    }

    /// The person of that pseudonym.
    pub async fn person(&self, id: &PersonId) -> Result<Option<PersonRow>, StoreError> {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1")))
            .bind(id.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a person"))?;
        found.as_ref().map(person).transpose()
    }

    /// Makes a person, unless one of that name exists: gives the row that stands, whoever made it.
    pub async fn create_person(&self, id: &PersonId, name: &str, now: Timestamp) -> Result<PersonRow, StoreError> {
        let mut change = self.begin("creating a person").await?;
        sqlx::query("INSERT INTO people (id, name, created_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .bind(id.as_str())
            .bind(name)
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing("creating a person"))?;
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE name = $1")))
            .bind(name)
            .fetch_one(&mut *change)
            .await
            .map_err(doing("creating a person"))?;
        change.commit().await.map_err(doing("creating a person"))?;
        person(&row)
    }

    /// Everybody known, erased ones included, in the order they became known.
    pub async fn people(&self) -> Result<Vec<PersonRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY created_ms, id")))
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing people"))?;
        rows.iter().map(person).collect()
    }

    /// Erases whoever owns sealing keys under `person` (a person's pseudonym, or a pseudo person's name): keys
    /// destroyed, name and machines' names forgotten, devices revoked, roles, groups and keys ended, apps handed over, account
    /// and sessions gone. All of it or nothing; the bytes are overwritten.
    pub async fn erase(&self, person: &str, now: Timestamp) -> Result<ErasedRows, StoreError> {
        const DOING: &str = "erasing a person";
        let mut change = self.begin(DOING).await?;
        super::trusts::forget(&mut change, person, now).await?;
        super::apps::let_go(&mut change, person, now).await?;
        let now = now.as_millisecond();
        let keys = sqlx::query(
            "UPDATE sealing_keys SET wrapped = NULL, destroyed_ms = $2 WHERE person = $1 AND destroyed_ms IS NULL",
        )
        .bind(person)
        .bind(now)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        let devices = sqlx::query("UPDATE devices SET revoked_ms = $2 WHERE person = $1 AND revoked_ms IS NULL")
            .bind(person)
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        for forgets in [
            "DELETE FROM accounts WHERE person = $1",
            "DELETE FROM sessions WHERE person = $1",
            "DELETE FROM last_logins WHERE person = $1",
            "DELETE FROM links WHERE person = $1",
            "DELETE FROM directory_people WHERE person = $1",
            "DELETE FROM browsers WHERE person = $1",
            "DELETE FROM browser_notices WHERE person = $1",
            "DELETE FROM passkeys WHERE person = $1",
            "DELETE FROM provider_people WHERE person = $1",
            "DELETE FROM idempotency WHERE caller = $1",
        ] {
            sqlx::query(forgets).bind(person).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        for ends in super::roles::ENDS.into_iter().chain([super::requests::OVER_FOR_WHO_LEFT]) {
            sqlx::query(ends).bind(person).bind(now).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        sqlx::query("UPDATE devices SET machine = NULL WHERE person = $1")
            .bind(person)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        sqlx::query("UPDATE people SET name = NULL, erased_ms = $2 WHERE id = $1 AND erased_ms IS NULL")
            .bind(person)
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        // The erasure stands already; what remains is only where its bytes were.
        if !dialect::fold(self.writer()?).await.map_err(doing(DOING))? {
            tracing::warn!(
                "the erased bytes stay in the database's write-ahead log until whoever reads it now is done"
            );
            let writer = self.writer()?.clone();
            // Each try waits for readers by itself. It ends with the database, whose close folds as well.
            tokio::spawn(async move {
                while dialect::fold(&writer).await.is_ok_and(|is_folded| !is_folded) {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
        }
        Ok(ErasedRows { keys: keys.rows_affected(), devices: devices.rows_affected() })
    }
}

#[cfg(test)]
mod tests;
