//! Sealing keys: the data keys that personal values in records are sealed under, wrapped; this crate cannot open them.

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A data key, wrapped by the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// Its name, as records have it: `PERSON/YYYY-MM`.
    pub name: String,
    /// Whose values it seals: a person's pseudonym or a pseudo person's name.
    pub person: String,
    /// The wrapped key; empty once it is destroyed.
    pub wrapped: Vec<u8>,
    /// When it was destroyed.
    pub destroyed: Option<Timestamp>,
}

const SELECT: &str = "SELECT name, person, wrapped, destroyed_ms FROM sealing_keys WHERE name = $1";

fn key(row: &AnyRow) -> Result<SealingKey, StoreError> {
    let row = Columns { table: "sealing_keys", row };
    Ok(SealingKey {
        name: row.text("name")?,
        person: row.text("person")?,
        wrapped: row.bytes_option("wrapped")?.unwrap_or_default(),
        destroyed: row.time_option("destroyed_ms")?,
    })
}

impl Store {
    /// The key of that name, destroyed ones (without bytes) included.
    pub async fn sealing_key(&self, name: &str) -> Result<Option<SealingKey>, StoreError> {
        let found = sqlx::query(SELECT)
            .bind(name)
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a sealing key"))?;
        found.as_ref().map(key).transpose()
    }

    /// Keeps a new key, unless one of that name exists: gives the row that stands, be it destroyed. None where the person
    /// is erased: a key made after the erasure would never be destroyed. On disk when this returns, so nothing is ever
    /// sealed under a key that a crash could lose.
    pub async fn insert_sealing_key(
        &self,
        name: &str,
        person: &str,
        wrapped: &[u8],
    ) -> Result<Option<SealingKey>, StoreError> {
        const DOING: &str = "keeping a sealing key";
        let mut change = self.begin(DOING).await?;
        let erased = sqlx::query("SELECT id FROM people WHERE id = $1 AND erased_ms IS NOT NULL")
            .bind(person)
            .fetch_optional(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if erased.is_some() {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO sealing_keys (name, person, wrapped) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(person)
        .bind(wrapped)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        let row = sqlx::query(SELECT).bind(name).fetch_one(&mut *change).await.map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        key(&row).map(Some)
    }

    /// Any key that is not destroyed, to try a root key on.
    pub async fn any_sealing_key(&self) -> Result<Option<SealingKey>, StoreError> {
        let found = sqlx::query(
            "SELECT name, person, wrapped, destroyed_ms FROM sealing_keys WHERE destroyed_ms IS NULL LIMIT 1",
        )
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking for a sealing key"))?;
        found.as_ref().map(key).transpose()
    }

    /// Whose keys were destroyed: people's pseudonyms and pseudo persons' names, each once.
    pub async fn owners_of_destroyed_keys(&self) -> Result<Vec<String>, StoreError> {
        let rows =
            sqlx::query("SELECT DISTINCT person FROM sealing_keys WHERE destroyed_ms IS NOT NULL ORDER BY person")
                .fetch_all(self.readers())
                .await
                .map_err(doing("listing destroyed keys"))?;
        rows.iter().map(|row| Columns { table: "sealing_keys", row }.text("person")).collect()
    }
}
