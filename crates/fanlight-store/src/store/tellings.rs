//! Who is still to be told of requests, proposals and orphaned apps: a queue that outlives the node.

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};

/// One thing to tell, by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TellingRow {
    /// Its id, the same for every try: the subject's, what of it, and the way.
    pub id: String,
    /// The request, proposal or app.
    pub subject: String,
    /// What of it: `asked`, `proposed`, `orphaned`, or the state that an answer put it in.
    pub about: String,
    /// The way: `webhook` or `mail`.
    pub way: String,
    /// When it came up.
    pub since: Timestamp,
    /// How often it was tried.
    pub tries: u64,
}

fn telling(row: &AnyRow) -> Result<TellingRow, StoreError> {
    let row = Columns { table: "tellings", row };
    Ok(TellingRow {
        id: row.text("id")?,
        subject: row.text("subject")?,
        about: row.text("about")?,
        way: row.text("way")?,
        since: row.time("since_ms")?,
        tries: row.count("tries")?,
    })
}

/// Every way there is. What is put down for one that is not set is dropped by whoever tells.
pub(super) const WAYS: [&str; 2] = ["webhook", "mail"];

pub(super) async fn add(
    change: &mut Transaction<'static, Any>,
    subject: &str,
    about: &str,
    ways: &[&str],
    now: Timestamp,
) -> Result<(), StoreError> {
    for way in ways {
        sqlx::query(
            "INSERT INTO tellings (id, subject, about, way, since_ms, due_ms, tries) VALUES ($1, $2, $3, $4, $5, $5, 0) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(format!("{subject}-{about}-{way}"))
        .bind(subject)
        .bind(about)
        .bind(*way)
        .bind(now.as_millisecond())
        .execute(&mut **change)
        .await
        .map_err(doing("putting down who is to be told"))?;
    }
    Ok(())
}

impl Store {
    /// What is to be told by a way by now, what came up first first, at most so many.
    pub async fn tellings_due(&self, way: &str, now: Timestamp, most: u64) -> Result<Vec<TellingRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, subject, about, way, since_ms, tries FROM tellings WHERE way = $1 AND due_ms <= $2 \
             ORDER BY due_ms, id LIMIT $3",
        )
        .bind(way)
        .bind(now.as_millisecond())
        .bind(sql_count(most))
        .fetch_all(self.readers())
        .await
        .map_err(doing("looking who is to be told"))?;
        rows.iter().map(telling).collect()
    }

    /// Puts down that one was tried in vain, and when it is tried again.
    pub async fn put_telling_off(&self, id: &str, due: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE tellings SET tries = tries + 1, due_ms = $2 WHERE id = $1")
            .bind(id)
            .bind(due.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("putting off who is to be told"))?;
        Ok(())
    }

    /// Forgets one: it was told, or is given up.
    pub async fn forget_telling(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tellings WHERE id = $1")
            .bind(id)
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting who was told"))?;
        Ok(())
    }
}
