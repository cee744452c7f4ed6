//! What only SQLite understands: the file, its pragmas, the kind of transaction, the copy of a running database.
//! A second database gets a second file like this one and nothing else.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::error::DatabaseError;
use sqlx::{Any, ConnectOptions as _, Connection as _, Executor as _, Row as _, Transaction};

use super::error::StoreError;

/// How long anybody waits for a connection, or SQLite for another process's lock.
const WAIT: Duration = Duration::from_secs(10);
/// Connections that read at the same time. Each is a thread and a page cache.
const READERS: u32 = 4;

/// `secure_delete` overwrites what is deleted, so that a destroyed key and a forgotten name leave no bytes behind.
const WRITER_PRAGMAS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
    PRAGMA busy_timeout=10000; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF";
const READER_PRAGMAS: &str = "PRAGMA busy_timeout=10000; PRAGMA trusted_schema=OFF";

fn open_error(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Open { path: path.to_owned(), source: source.into() }
}

/// Makes the file before SQLite does, for its owner only; the write-ahead log takes over its mode.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|source| open_error(path, source))
}

fn options(path: &Path, mode: &str) -> Result<AnyConnectOptions, StoreError> {
    static DRIVERS: std::sync::Once = std::sync::Once::new();
    // Only SQLite is compiled in; installing twice would be refused, hence the guard.
    DRIVERS.call_once(sqlx::any::install_default_drivers);
    let absolute = std::path::absolute(path).map_err(|source| open_error(path, source))?;
    let text = absolute.to_str().ok_or_else(|| open_error(path, "the path is not UTF-8"))?;
    let mut url = String::with_capacity(text.len() + 24);
    url.push_str("sqlite://");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    let options = AnyConnectOptions::from_str(&url).map_err(|source| open_error(path, source))?;
    Ok(options.disable_statement_logging())
}

fn pool(connections: u32, pragmas: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(WAIT)
        // The database is in this process: a connection cannot go stale.
        .test_before_acquire(false)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(pragmas)).await?;
                Ok(())
            })
        })
}

/// The one connection that writes.
pub(super) async fn writer(path: &Path) -> Result<AnyPool, StoreError> {
    let options = options(path, "rw")?;
    try_out(path, &options, WRITER_PRAGMAS).await?;
    let pool = pool(1, WRITER_PRAGMAS).idle_timeout(None);
    pool.connect_with(options).await.map_err(|source| open_error(path, source))
}

/// Opens and closes one connection: a pool would try a file that is no database again and again, for [`WAIT`].
async fn try_out(path: &Path, options: &AnyConnectOptions, pragmas: &'static str) -> Result<(), StoreError> {
    let failed = |source: sqlx::Error| open_error(path, source);
    let mut connection = options.connect().await.map_err(failed)?;
    connection.execute(sqlx::raw_sql(pragmas)).await.map_err(failed)?;
    // Reads the file's first page, which the pragmas of a reader do not.
    connection.execute("SELECT COUNT(*) FROM sqlite_master").await.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// The connections that read a file nobody has looked at yet.
pub(super) async fn lone_readers(path: &Path) -> Result<AnyPool, StoreError> {
    try_out(path, &options(path, "ro")?, READER_PRAGMAS).await?;
    readers(path)
}

/// The connections that read, opened when first needed.
pub(super) fn readers(path: &Path) -> Result<AnyPool, StoreError> {
    let pool = pool(READERS, READER_PRAGMAS).idle_timeout(Duration::from_secs(60));
    Ok(pool.connect_lazy_with(options(path, "ro")?))
}

/// Takes the write lock at once: a transaction that reads first and writes later could be refused halfway.
pub(super) async fn begin(writer: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    match writer.begin_with("BEGIN IMMEDIATE").await {
        Ok(change) => Ok(change),
        Err(error) => {
            tracing::warn!(%error, "the writing connection is replaced by a new one");
            // After a commit that failed (EIO, a full disk) the driver and SQLite may disagree on whether a transaction is
            // open, and a connection in that state refuses every later one. A new one reads what truly is on disk.
            if let Ok(connection) = writer.acquire().await {
                let _ = connection.close().await;
            }
            writer.begin_with("BEGIN IMMEDIATE").await
        }
    }
}

/// Folds the write-ahead log into the file and empties it, so that what was overwritten is gone from there too. Says
/// whether it could: a reader that takes longer than [`WAIT`] (a backup of a large database) holds it up.
pub(super) async fn fold(writer: &AnyPool) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}

/// Whether a table of that name exists.
pub(super) const TABLE_EXISTS: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1";

/// A consistent copy of the whole database, as of one moment, while others read and write.
pub(super) async fn copy_into(readers: &AnyPool, to: &str) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM INTO $1").bind(to).execute(readers).await.map(drop)
}

/// The first fault in the file at `path`, if any: SQLite's own check and the foreign keys.
pub(super) async fn first_fault(path: &Path) -> Result<Option<String>, StoreError> {
    let failed = |source: sqlx::Error| open_error(path, source);
    let mut connection = options(path, "ro")?.connect().await.map_err(failed)?;
    let said = sqlx::query("PRAGMA integrity_check(1)").fetch_all(&mut connection).await.map_err(failed)?;
    let orphan = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if let Some(row) = said.first() {
        let word: String = row.try_get(0).map_err(failed)?;
        if word != "ok" {
            return Ok(Some(word));
        }
    }
    match orphan {
        Some(row) => {
            let table: String = row.try_get(0).map_err(failed)?;
            Ok(Some(format!("a row of {table} refers to one that is not there")))
        }
        None => Ok(None),
    }
}

/// SQLITE_FULL is 13; an ENOSPC met by the write-ahead log's index shows as SQLITE_IOERR_SHMSIZE (4874).
pub(super) fn is_disk_full(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|c| c == "13" || c == "4874")
}
