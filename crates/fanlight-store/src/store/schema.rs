//! The schema: numbered SQL files, applied in order in one transaction, so that a partly applied one cannot be.

use std::path::Path;

use sqlx::AnyPool;
use sqlx::{Any, Executor as _, Transaction};

use super::dialect;
use super::error::{StoreError, doing};
use super::row::Columns;

/// Every migration, the first is version 1. One that was released is never changed; a new one is added at the end.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_deliveries.sql"),
    include_str!("../../migrations/0003_absences.sql"),
    include_str!("../../migrations/0004_acting.sql"),
    include_str!("../../migrations/0005_reviews.sql"),
    include_str!("../../migrations/0006_scans.sql"),
    include_str!("../../migrations/0007_advisories.sql"),
    include_str!("../../migrations/0008_roles.sql"),
    include_str!("../../migrations/0009_accounts.sql"),
    include_str!("../../migrations/0010_seen.sql"),
    include_str!("../../migrations/0011_requests.sql"),
    include_str!("../../migrations/0012_apps.sql"),
    include_str!("../../migrations/0013_overview.sql"),
    include_str!("../../migrations/0014_tokens.sql"),
    include_str!("../../migrations/0015_directory.sql"),
    include_str!("../../migrations/0016_passkeys.sql"),
    include_str!("../../migrations/0017_providers.sql"),
    include_str!("../../migrations/0018_marks.sql"),
    include_str!("../../migrations/0019_idempotency.sql"),
    include_str!("../../migrations/0020_publishing.sql"),
    include_str!("../../migrations/0021_trusts.sql"),
    include_str!("../../migrations/0022_browsers.sql"),
    include_str!("../../migrations/0023_project_callers.sql"),
    include_str!("../../migrations/0024_trust_salts.sql"),
    include_str!("../../migrations/0025_list_orders.sql"),
    include_str!("../../migrations/0026_projects.sql"),
];

/// The schema's version that this binary writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
const READ: &str = "SELECT COALESCE(MAX(version), 0) AS version FROM schema_version";

/// Brings the schema to [`SCHEMA_VERSION`], or refuses a newer one without touching it.
pub(super) async fn migrate(writer: &AnyPool, path: &Path) -> Result<(), StoreError> {
    migrate_with(writer, path, MIGRATIONS).await
}

pub(super) async fn migrate_with(writer: &AnyPool, path: &Path, migrations: &[&'static str]) -> Result<(), StoreError> {
    let failed = |source| StoreError::Open { path: path.to_owned(), source: Box::new(source) };
    let mut change: Transaction<'static, Any> = dialect::begin(writer).await.map_err(failed)?;
    change.execute(CREATE).await.map_err(failed)?;
    let row = change.fetch_one(READ).await.map_err(failed)?;
    let found = Columns { table: "schema_version", row: &row }.number("version")?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    for (version, text) in (1_i64..).zip(migrations.iter().copied()).skip_while(|(version, _)| *version <= found) {
        change.execute(sqlx::raw_sql(text)).await.map_err(failed)?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *change)
            .await
            .map_err(failed)?;
    }
    change.commit().await.map_err(doing("migrating the schema"))
}

/// Refuses a database that this binary cannot read.
pub(super) async fn check(readers: &AnyPool, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Open { path: path.to_owned(), source: Box::new(source) };
    let table = sqlx::query(dialect::TABLE_EXISTS).bind("schema_version").fetch_optional(readers).await;
    let known = SCHEMA_VERSION;
    if table.map_err(failed)?.is_none() {
        return Err(StoreError::Older { path: path.to_owned(), found: 0, known });
    }
    let row = readers.fetch_one(READ).await.map_err(failed)?;
    match (Columns { table: "schema_version", row: &row }).number("version")? {
        found if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        found if found < known => Err(StoreError::Older { path: path.to_owned(), found, known }),
        _ => Ok(()),
    }
}
