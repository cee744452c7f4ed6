//! Absences: looks that found no project at the upstream. A release that turns up there later cannot be older than the look.
//!
//! Invariant: whatever names are asked for, so many rows are kept; those looked at longest ago go first.

use std::sync::atomic::Ordering;

use fanlight_base::Timestamp;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};

impl Store {
    /// Notes that the upstream had no such project at that time.
    pub async fn note_absence(
        &self,
        ecosystem: &str,
        project: &str,
        upstream: &str,
        looked_at: Timestamp,
    ) -> Result<(), StoreError> {
        const DOING: &str = "noting that a project is not there";
        sqlx::query(
            "INSERT INTO absences (ecosystem, project, upstream, looked_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (ecosystem, project) DO UPDATE SET upstream = excluded.upstream, looked_ms = \
             CASE WHEN absences.upstream = excluded.upstream AND absences.looked_ms > excluded.looked_ms \
             THEN absences.looked_ms ELSE excluded.looked_ms END",
        )
        .bind(ecosystem)
        .bind(project)
        .bind(upstream)
        .bind(looked_at.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing(DOING))?;
        // One noted again counts again here: then there is only looked too early whether there are too many.
        let noted = self.0.absences.fetch_add(1, Ordering::Relaxed) + 1;
        if noted > sql_count(self.0.absence_limit.load(Ordering::Relaxed)) {
            self.drop_absences().await
        } else {
            Ok(())
        }
    }

    /// When the project was last looked for at that upstream and not there.
    pub async fn absence(
        &self,
        ecosystem: &str,
        project: &str,
        upstream: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query("SELECT looked_ms FROM absences WHERE ecosystem = $1 AND project = $2 AND upstream = $3")
            .bind(ecosystem)
            .bind(project)
            .bind(upstream)
            .fetch_optional(self.readers())
            .await
            .map_err(doing("reading when a project was not there"))?;
        row.as_ref().map(|row| Columns { table: "absences", row }.time("looked_ms")).transpose()
    }

    /// Drops the oldest until a tenth of the limit is free, so that this is not done at each.
    async fn drop_absences(&self) -> Result<(), StoreError> {
        let keep = sql_count(self.0.absence_limit.load(Ordering::Relaxed)) / 10 * 9;
        sqlx::query(
            "DELETE FROM absences WHERE looked_ms <= \
             (SELECT looked_ms FROM absences ORDER BY looked_ms DESC LIMIT 1 OFFSET $1)",
        )
        .bind(keep)
        .execute(self.writer()?)
        .await
        .map_err(doing("dropping old absences"))?;
        self.count_absences().await
    }

    pub(super) async fn count_absences(&self) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS total FROM absences")
            .fetch_one(self.readers())
            .await
            .map_err(doing("counting absences"))?;
        self.0.absences.store(Columns { table: "absences", row: &row }.number("total")?, Ordering::Relaxed);
        Ok(())
    }

    /// How many absences are kept before the oldest are dropped. The default is the limit named in `fanlight-base`.
    pub fn limit_absences(&self, rows: u64) {
        self.0.absence_limit.store(rows, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
