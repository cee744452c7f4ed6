//! Quarantines: releases and projects that somebody here has stopped. A lifted one is gone; the ledger tells of both.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A release or project that is stopped here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// The release's purl, or the project's for all its releases.
    pub purl: String,
    /// Why, in the words of who did it.
    pub because: String,
    /// The role of who did it.
    pub role: String,
    /// The pseudonym of who did it.
    pub person: Option<PersonId>,
    /// Since when.
    pub since: Timestamp,
}

fn quarantine(row: &AnyRow) -> Result<QuarantineRow, StoreError> {
    let row = Columns { table: "quarantines", row };
    Ok(QuarantineRow {
        purl: row.text("purl")?,
        because: row.text("because")?,
        role: row.text("role")?,
        person: row.text_option("person")?.map(PersonId::new),
        since: row.time("since_ms")?,
    })
}

impl Store {
    /// Keeps a quarantine. Says whether there was none for that purl; one that was there stays as it is.
    pub async fn insert_quarantine(&self, row: &QuarantineRow) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO quarantines (purl, because, role, person, since_ms) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (purl) DO NOTHING",
        )
        .bind(&row.purl)
        .bind(&row.because)
        .bind(&row.role)
        .bind(row.person.as_ref().map(PersonId::as_str))
        .bind(row.since.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("keeping a quarantine"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets a quarantine. Says whether there was one.
    pub async fn delete_quarantine(&self, purl: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM quarantines WHERE purl = $1")
            .bind(purl)
            .execute(self.writer()?)
            .await
            .map_err(doing("lifting a quarantine"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Every quarantine, the newest first.
    pub async fn quarantines(&self) -> Result<Vec<QuarantineRow>, StoreError> {
        let rows =
            sqlx::query("SELECT purl, because, role, person, since_ms FROM quarantines ORDER BY since_ms DESC, purl")
                .fetch_all(self.readers())
                .await
                .map_err(doing("listing quarantines"))?;
        rows.iter().map(quarantine).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    #[tokio::test]
    async fn a_quarantine_stays_as_it_was_made_until_it_is_lifted() {
        let (_dir, store) = fresh().await;
        let row = QuarantineRow {
            purl: "pkg:pypi/a@1".to_owned(),
            because: "it steals tokens".to_owned(),
            role: "steward".to_owned(),
            person: Some(PersonId::new("prs_1")),
            since: at(1_000),
        };
        assert!(store.insert_quarantine(&row).await.unwrap());
        let again = QuarantineRow { because: "another reason".to_owned(), since: at(2_000), ..row.clone() };
        assert!(!store.insert_quarantine(&again).await.unwrap());
        assert_eq!(store.quarantines().await.unwrap(), [row]);
        assert!(store.delete_quarantine("pkg:pypi/a@1").await.unwrap());
        assert!(!store.delete_quarantine("pkg:pypi/a@1").await.unwrap());
        assert!(store.quarantines().await.unwrap().is_empty());
    }
}
