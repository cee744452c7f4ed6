//! What can be found in each chunk of the ledger's records: part of the projection, rebuilt at any time. Refuses to know
//! how marks are made.

use std::ops::Range;

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};

/// A chunk of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRow {
    /// Its number, from 0.
    pub chunk: u64,
    /// The earliest time in it.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
    /// What can be found in it.
    pub marks: Vec<u8>,
}

fn mark(row: &AnyRow) -> Result<MarkRow, StoreError> {
    let row = Columns { table: "record_marks", row };
    Ok(MarkRow {
        chunk: row.count("chunk")?,
        first: row.time("first_ms")?,
        last: row.time("last_ms")?,
        marks: row.bytes("marks")?,
    })
}

impl Store {
    /// Keeps what can be found in chunks, all in one change. A chunk that is known stays as it is: records never change.
    pub async fn keep_marks(&self, rows: &[MarkRow]) -> Result<(), StoreError> {
        const DOING: &str = "keeping what records can be found by";
        let mut change = self.begin(DOING).await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO record_marks (chunk, first_ms, last_ms, marks) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (chunk) DO NOTHING",
            )
            .bind(sql_count(row.chunk))
            .bind(row.first.as_millisecond())
            .bind(row.last.as_millisecond())
            .bind(&row.marks[..])
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        }
        change.commit().await.map_err(doing(DOING))
    }

    /// How many chunks are known, from the first on.
    pub async fn marked_chunks(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COALESCE(MAX(chunk) + 1, 0) AS chunks FROM record_marks")
            .fetch_one(self.readers())
            .await
            .map_err(doing("counting what records can be found by"))?;
        Columns { table: "record_marks", row: &row }.count("chunks")
    }

    /// The newest of these chunks that have records of that time, at most `limit`, the newest first.
    pub async fn marks_of(
        &self,
        chunks: Range<u64>,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limit: u64,
    ) -> Result<Vec<MarkRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT chunk, first_ms, last_ms, marks FROM record_marks \
             WHERE chunk >= $1 AND chunk < $2 AND last_ms >= $3 AND first_ms < $4 ORDER BY chunk DESC LIMIT $5",
        )
        .bind(sql_count(chunks.start))
        .bind(sql_count(chunks.end))
        .bind(since.map_or(i64::MIN, Timestamp::as_millisecond))
        .bind(until.map_or(i64::MAX, Timestamp::as_millisecond))
        .bind(sql_count(limit))
        .fetch_all(self.readers())
        .await
        .map_err(doing("reading what records can be found by"))?;
        rows.iter().map(mark).collect()
    }

    /// Forgets all marks, because another ledger begins.
    pub async fn forget_marks(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM record_marks")
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting what records can be found by"))?;
        Ok(())
    }
}
