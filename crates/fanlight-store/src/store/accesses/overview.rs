//! The projection in numbers: how much passed and was stopped over time, by what, of which projects.
//!
//! Counts only: no row names a caller. What passes counts as files, what is stopped as whatever was asked for.

use fanlight_base::Timestamp;

use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::lists;
use crate::store::row::{Columns, sql_count};

/// Of one span of time and one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How many spans after the beginning.
    pub span: u64,
    /// `allow`, `mask`, `hold` or `deny`.
    pub outcome: String,
    /// How many attempts.
    pub times: u64,
}

/// A release that was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MostStopped {
    /// Its purl.
    pub resource: String,
    /// How, the last time.
    pub outcome: String,
    /// By which policy, the last time.
    pub policy: String,
    /// Why, the last time.
    pub reason: String,
    /// When the hold ends, as said the last time.
    pub until: Option<Timestamp>,
    /// How often.
    pub times: u64,
    /// How many callers met it; all unidentified ones are one.
    pub callers: u64,
    /// The last time.
    pub last: Timestamp,
}

/// What a policy stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStops {
    /// The policy's id.
    pub policy: String,
    /// How often it held.
    pub held: u64,
    /// How often it denied.
    pub denied: u64,
    /// The last time.
    pub last: Timestamp,
}

/// What is let through and counts: a file. Metadata is asked for again and again.
const PASSED: &str = "outcome IN ('allow', 'mask') AND action = 'packages:fetch-file'";
/// What is stopped and counts.
const STOPPED: &str = "outcome IN ('hold', 'deny') AND action IN ('packages:fetch-file', 'packages:fetch-metadata')";

impl Store {
    /// How many attempts there were since then, by span of `span_ms` and outcome.
    pub async fn counted(&self, since: Timestamp, span_ms: u64) -> Result<Vec<Counted>, StoreError> {
        let text = format!(
            "SELECT span, outcome, CAST(SUM(times) AS BIGINT) AS times FROM (\
             SELECT (time_ms - $1) / $2 AS span, outcome, COUNT(*) AS times FROM accesses \
             WHERE {PASSED} AND time_ms >= $1 GROUP BY 1, 2 \
             UNION ALL \
             SELECT (time_ms - $1) / $2 AS span, outcome, COUNT(*) AS times FROM accesses \
             WHERE {STOPPED} AND time_ms >= $1 GROUP BY 1, 2) AS counted GROUP BY span, outcome ORDER BY span, outcome"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(since.as_millisecond())
            .bind(sql_count(span_ms))
            .fetch_all(self.readers())
            .await
            .map_err(doing("counting what passed and what was stopped"))?;
        let read = |row| {
            let row = Columns { table: "accesses", row };
            Ok(Counted { span: row.count("span")?, outcome: row.text("outcome")?, times: row.count("times")? })
        };
        rows.iter().map(read).collect()
    }

    /// The releases that were stopped most often since then, of those whose purls hold these words, in small letters.
    pub async fn most_stopped(
        &self,
        since: Timestamp,
        wanted: &str,
        limit: u32,
    ) -> Result<Vec<MostStopped>, StoreError> {
        let text = format!(
            "WITH grouped AS (SELECT resource, COUNT(*) AS times, MAX(record_index) AS newest, \
             COUNT(DISTINCT COALESCE(device, person, '')) AS callers FROM accesses \
             WHERE {STOPPED} AND time_ms >= $1 AND ($2 = 'pkg:%/%%' OR LOWER(resource) LIKE $2 ESCAPE '\\') GROUP BY resource ORDER BY times DESC, newest DESC LIMIT {limit}) \
             SELECT g.resource, g.times, g.callers, n.outcome, n.policy, n.reason, n.until_ms, n.time_ms \
             FROM grouped g JOIN accesses n ON n.record_index = g.newest ORDER BY g.times DESC, g.newest DESC"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(since.as_millisecond())
            .bind(lists::of_purls(wanted))
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking what was stopped most often"))?;
        let read = |row| {
            let row = Columns { table: "accesses", row };
            Ok(MostStopped {
                resource: row.text("resource")?,
                outcome: row.text("outcome")?,
                policy: row.text_option("policy")?.unwrap_or_default(),
                reason: row.text_option("reason")?.unwrap_or_default(),
                until: row.time_option("until_ms")?,
                times: row.count("times")?,
                callers: row.count("callers")?,
                last: row.time("time_ms")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What each policy stopped since then, the busiest first.
    pub async fn policy_stops(&self, since: Timestamp) -> Result<Vec<PolicyStops>, StoreError> {
        let text = format!(
            "SELECT policy, CAST(SUM(CASE WHEN outcome = 'hold' THEN 1 ELSE 0 END) AS BIGINT) AS held, \
             CAST(SUM(CASE WHEN outcome = 'deny' THEN 1 ELSE 0 END) AS BIGINT) AS denied, MAX(time_ms) AS last_ms \
             FROM accesses WHERE {STOPPED} AND time_ms >= $1 AND policy IS NOT NULL \
             GROUP BY policy ORDER BY COUNT(*) DESC, policy"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(since.as_millisecond())
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking what each policy stopped"))?;
        let read = |row| {
            let row = Columns { table: "accesses", row };
            Ok(PolicyStops {
                policy: row.text("policy")?,
                held: row.count("held")?,
                denied: row.count("denied")?,
                last: row.time("last_ms")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Two numbers that are others when accesses, or requests and their answers, have changed.
    pub async fn marks(&self) -> Result<(u64, u64, u64), StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE((SELECT MAX(record_index) + 1 FROM accesses), 0) AS accesses, \
             (SELECT COUNT(*) FROM requests) + (SELECT COUNT(*) FROM requests WHERE state <> 'waiting') AS requests, \
             (SELECT COUNT(*) + COUNT(answered_ms) + COUNT(version) FROM policy_proposals) AS proposals",
        )
        .fetch_one(self.readers())
        .await
        .map_err(doing("asking whether anything is new"))?;
        let row = Columns { table: "accesses", row: &row };
        Ok((row.count("accesses")?, row.count("requests")?, row.count("proposals")?))
    }
}

#[cfg(test)]
mod tests;
