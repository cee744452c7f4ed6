//! Looks: what the node saw of a project at its upstream, and when. The page's bytes are kept so that a start, or an
//! upstream that is down, needs no second look; what was seen of its releases (`sightings`) is kept for good, because
//! the second clock stands on it. Kept pages are bounded: those looked at longest ago lose their bytes first.

use std::sync::atomic::Ordering;

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};

/// A project as last seen at its upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The purl's type: `pypi`.
    pub ecosystem: String,
    /// The project's name in normal form.
    pub project: String,
    /// The upstream's base address.
    pub upstream: String,
    /// When it was last seen or confirmed.
    pub looked_at: Timestamp,
    /// The page's ETag; `None` also where the page's bytes were dropped for room.
    pub etag: Option<String>,
    /// The page's Last-Modified; `None` also where the page's bytes were dropped for room.
    pub last_modified: Option<String>,
    /// The page's content type.
    pub content_type: String,
    /// The page as the upstream sent it. Empty where it was dropped for room: then look again, unconditionally.
    pub body: Vec<u8>,
    /// What the door keeps about the project's releases; opaque here.
    pub sightings: Vec<u8>,
}

fn look(row: &AnyRow) -> Result<Look, StoreError> {
    let row = Columns { table: "looks", row };
    Ok(Look {
        ecosystem: row.text("ecosystem")?,
        project: row.text("project")?,
        upstream: row.text("upstream")?,
        looked_at: row.time("looked_ms")?,
        etag: row.text_option("etag")?,
        last_modified: row.text_option("last_modified")?,
        content_type: row.text("content_type")?,
        body: row.bytes("body")?,
        sightings: row.bytes("sightings")?,
    })
}

impl Store {
    /// The last look at a project.
    pub async fn look(&self, ecosystem: &str, project: &str) -> Result<Option<Look>, StoreError> {
        let found = sqlx::query(
            "SELECT ecosystem, project, upstream, looked_ms, etag, last_modified, content_type, body, sightings \
             FROM looks WHERE ecosystem = $1 AND project = $2",
        )
        .bind(ecosystem)
        .bind(project)
        .fetch_optional(self.readers())
        .await
        .map_err(doing("reading a look"))?;
        found.as_ref().map(look).transpose()
    }

    /// Keeps a look in place of the one before, and drops the oldest pages over the limit.
    pub async fn save_look(&self, look: &Look) -> Result<(), StoreError> {
        const DOING: &str = "keeping a look";
        let mut change = self.begin(DOING).await?;
        let before = sqlx::query("SELECT body_bytes FROM looks WHERE ecosystem = $1 AND project = $2")
            .bind(&look.ecosystem)
            .bind(&look.project)
            .fetch_optional(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let before = match &before {
            Some(row) => Columns { table: "looks", row }.number("body_bytes")?,
            None => 0,
        };
        let bytes = sql_count(look.body.len() as u64);
        sqlx::query(
            "INSERT INTO looks (ecosystem, project, upstream, looked_ms, etag, last_modified, content_type, body, \
             body_bytes, sightings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (ecosystem, project) DO UPDATE SET upstream = excluded.upstream, \
             looked_ms = excluded.looked_ms, etag = excluded.etag, last_modified = excluded.last_modified, \
             content_type = excluded.content_type, body = excluded.body, body_bytes = excluded.body_bytes, \
             sightings = excluded.sightings",
        )
        .bind(&look.ecosystem)
        .bind(&look.project)
        .bind(&look.upstream)
        .bind(look.looked_at.as_millisecond())
        .bind(look.etag.as_deref())
        .bind(look.last_modified.as_deref())
        .bind(&look.content_type)
        .bind(&look.body)
        .bind(bytes)
        .bind(&look.sightings)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        let total = self.0.page_bytes.fetch_add(bytes - before, Ordering::Relaxed) + bytes - before;
        if total > sql_count(self.0.page_limit.load(Ordering::Relaxed)) { self.drop_pages().await } else { Ok(()) }
    }

    /// Confirms a look: the upstream said that nothing changed. Says whether there was one.
    pub async fn touch_look(&self, ecosystem: &str, project: &str, looked_at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE looks SET looked_ms = CASE WHEN looked_ms < $3 THEN $3 ELSE looked_ms END WHERE ecosystem = $1 AND project = $2")
            .bind(ecosystem)
            .bind(project)
            .bind(looked_at.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("confirming a look"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Drops the pages looked at longest ago until a tenth of the limit is free, so that this is not done on each look.
    async fn drop_pages(&self) -> Result<(), StoreError> {
        const DOING: &str = "dropping old pages";
        let limit = sql_count(self.0.page_limit.load(Ordering::Relaxed));
        let mut change = self.begin(DOING).await?;
        let row = sqlx::query(SUM).fetch_one(&mut *change).await.map_err(doing(DOING))?;
        let mut total = Columns { table: "looks", row: &row }.number("total")?;
        while total > limit / 10 * 9 {
            let oldest = sqlx::query(
                "SELECT ecosystem, project, body_bytes FROM looks WHERE body_bytes > 0 ORDER BY looked_ms LIMIT 1",
            )
            .fetch_optional(&mut *change)
            .await
            .map_err(doing(DOING))?;
            let Some(oldest) = oldest else { break };
            let oldest = Columns { table: "looks", row: &oldest };
            sqlx::query(
                "UPDATE looks SET body = $3, body_bytes = 0, etag = NULL, last_modified = NULL \
                 WHERE ecosystem = $1 AND project = $2",
            )
            .bind(oldest.text("ecosystem")?)
            .bind(oldest.text("project")?)
            .bind(Vec::new())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
            total -= oldest.number("body_bytes")?;
        }
        change.commit().await.map_err(doing(DOING))?;
        self.0.page_bytes.store(total, Ordering::Relaxed);
        Ok(())
    }

    pub(super) async fn count_pages(&self) -> Result<(), StoreError> {
        let row = sqlx::query(SUM).fetch_one(self.readers()).await.map_err(doing("counting kept pages"))?;
        self.0.page_bytes.store(Columns { table: "looks", row: &row }.number("total")?, Ordering::Relaxed);
        Ok(())
    }

    /// Bytes of all kept pages.
    pub fn kept_page_bytes(&self) -> u64 {
        u64::try_from(self.0.page_bytes.load(Ordering::Relaxed)).unwrap_or(0)
    }
}

const SUM: &str = "SELECT CAST(COALESCE(SUM(body_bytes), 0) AS BIGINT) AS total FROM looks";

#[cfg(test)]
mod tests;
