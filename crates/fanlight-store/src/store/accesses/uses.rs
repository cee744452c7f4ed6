//! Which projects are in use here, by how many callers: noted as records come, so that asking never reads all accesses.

use std::collections::BTreeSet;

use fanlight_base::{DeviceId, PersonId, Purl};
use sqlx::{Any, Transaction};

use super::AccessRow;
use super::holdings::FETCH;
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::row::Columns;

/// Notes who was let through to a file of which project.
pub(super) async fn note(
    change: &mut Transaction<'static, Any>,
    rows: &[AccessRow],
    what: &'static str,
) -> Result<(), StoreError> {
    let let_through =
        rows.iter().filter(|row| row.action == FETCH && ["allow", "mask"].contains(&row.outcome.as_str()));
    // Machines before their people: one person's two machines are two that use it, callers nobody knows are one.
    let uses: BTreeSet<_> = let_through
        .filter_map(|row| {
            let caller =
                row.device.as_ref().map(DeviceId::as_str).or_else(|| row.person.as_ref().map(PersonId::as_str));
            Some((row.project.as_deref()?, caller.unwrap_or(&row.principal_kind)))
        })
        .collect();
    for (project, caller) in uses {
        sqlx::query(
            "INSERT INTO project_callers (project, caller) VALUES ($1, $2) ON CONFLICT (project, caller) DO NOTHING",
        )
        .bind(project)
        .bind(caller)
        .execute(&mut **change)
        .await
        .map_err(doing(what))?;
    }
    Ok(())
}

impl Store {
    /// How many people and machines were let through to a file of a project; callers nobody knows count as one.
    pub async fn callers_of(&self, project: &Purl) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS callers FROM project_callers WHERE project = $1")
            .bind(project.as_str())
            .fetch_one(self.readers())
            .await
            .map_err(doing("counting who uses a project"))?;
        Columns { table: "project_callers", row: &row }.count("callers")
    }

    /// The projects of which at least so many people or machines were let through to a file, by purl; those of most first.
    /// Callers nobody knows count as one.
    pub async fn projects_in_use(&self, at_least: u32, limit: u32) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT project, COUNT(*) AS callers FROM project_callers GROUP BY project HAVING COUNT(*) >= $1 \
             ORDER BY callers DESC, project LIMIT $2",
        )
        .bind(i64::from(at_least))
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing projects in use"))?;
        rows.iter().map(|row| Columns { table: "project_callers", row }.text("project")).collect()
    }

    /// The projects of which anybody was let through to a file, by purl, that come after `after` in the order of bytes. Goes from one to
    /// the next by the index, so that it costs what it gives, however many use each.
    pub async fn projects_used_after(&self, after: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "WITH RECURSIVE each(project, number) AS (\
             SELECT MIN(project), 1 FROM project_callers WHERE project > $1 \
             UNION ALL \
             SELECT (SELECT MIN(project) FROM project_callers WHERE project > each.project), number + 1 FROM each \
             WHERE project IS NOT NULL AND number < $2) \
             SELECT project FROM each WHERE project IS NOT NULL ORDER BY number",
        )
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing projects that were ever used"))?;
        rows.iter().map(|row| Columns { table: "project_callers", row }.text("project")).collect()
    }
}
