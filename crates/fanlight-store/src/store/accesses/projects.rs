//! The projects that somebody asked for, in numbers: noted as records come, so that listing them never reads all accesses.

use std::collections::BTreeMap;

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::AccessRow;
use super::holdings::FETCH;
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::row::{Columns, sql_count};

/// A project that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its purl.
    pub purl: String,
    /// How often a file of it was let through.
    pub allowed: u64,
    /// How often one, or its metadata, was stopped.
    pub stopped: u64,
    /// The last time.
    pub last: Timestamp,
}

pub(crate) const SELECT: &str = "SELECT id, allowed, stopped, last_ms FROM projects";

pub(crate) fn project(row: &AnyRow) -> Result<ProjectRow, StoreError> {
    let row = Columns { table: "projects", row };
    Ok(ProjectRow {
        purl: row.text("id")?,
        allowed: row.count("allowed")?,
        stopped: row.count("stopped")?,
        last: row.time("last_ms")?,
    })
}

/// Counts these accesses, none of which was counted before.
pub(super) async fn note(
    change: &mut Transaction<'static, Any>,
    rows: impl Iterator<Item = &AccessRow>,
    what: &'static str,
) -> Result<(), StoreError> {
    let mut counted = BTreeMap::<_, (u64, u64, i64)>::new();
    for row in rows {
        let Some(project) = row.project.as_deref() else { continue };
        let passes = ["allow", "mask"].contains(&row.outcome.as_str());
        // Metadata that is let through is asked for again and again.
        let counts = row.action == FETCH || (!passes && row.action == "packages:fetch-metadata");
        let (allowed, stopped, last) = counted.entry(project).or_insert((0, 0, i64::MIN));
        *allowed += u64::from(counts && passes);
        *stopped += u64::from(counts && !passes);
        *last = (*last).max(row.time.as_millisecond());
    }
    for (project, (allowed, stopped, last)) in counted {
        sqlx::query(
            "INSERT INTO projects (id, allowed, stopped, last_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET \
             allowed = projects.allowed + excluded.allowed, stopped = projects.stopped + excluded.stopped, \
             last_ms = CASE WHEN excluded.last_ms > projects.last_ms THEN excluded.last_ms ELSE projects.last_ms END",
        )
        .bind(project)
        .bind(sql_count(allowed))
        .bind(sql_count(stopped))
        .bind(last)
        .execute(&mut **change)
        .await
        .map_err(doing(what))?;
    }
    Ok(())
}

impl Store {
    /// The purls of the projects of which there are records of accesses, in order.
    pub async fn accessed_projects(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT id FROM projects ORDER BY id")
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking for the projects of the projection"))?;
        rows.iter().map(|row| Columns { table: "projects", row }.text("id")).collect()
    }
}
