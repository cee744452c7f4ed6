//! The database: how it is opened, migrated and closed. Each table has a file of its own below.
//!
//! All writes go through one connection with `synchronous=FULL`, so they never wait for one another's locks and what
//! returned is on disk. Batches (projection, last uses) pay that sync once a batch, so nothing is gained by less.
//! Everything only SQLite understands stands in [`dialect`]; every other SQL text is meant for PostgreSQL too.

mod absences;
pub(crate) mod accesses;
pub(crate) mod accounts;
pub(crate) mod advisories;
pub(crate) mod apps;
mod backup;
pub(crate) mod browsers;
pub(crate) mod caller_keys;
pub(crate) mod devices;
mod dialect;
pub(crate) mod directory;
mod ended_tokens;
pub(crate) mod error;
pub(crate) mod exceptions;
pub(crate) mod idempotency;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod leaving;
pub(crate) mod lists;
pub(crate) mod logins;
pub(crate) mod looks;
pub(crate) mod marks;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod providers;
pub(crate) mod quarantines;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod roles;
mod row;
pub(crate) mod scans;
mod schema;
pub(crate) mod sessions;
mod settings;
pub(crate) mod tellings;
pub(crate) mod trusts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use sqlx::AnyPool;
use sqlx::{Any, Transaction};

use error::{StoreError, doing};

pub use schema::SCHEMA_VERSION;

/// The node's database. A handle: clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// One connection, so that writers queue here and not at SQLite's lock. None where the store is only read.
    writer: Option<AnyPool>,
    readers: AnyPool,
    /// Bytes of all kept pages; see [`looks`].
    page_bytes: AtomicI64,
    page_limit: AtomicU64,
    /// Rows noted since they were counted, and those that there were; see [`absences`].
    absences: AtomicI64,
    absence_limit: AtomicU64,
    /// The providers that the settings name; see [`logins`].
    providers: OnceLock<BTreeSet<String>>,
}

impl Store {
    /// Opens the database at `path`, creates it where it is missing, and brings its schema to [`SCHEMA_VERSION`].
    ///
    /// # Errors
    /// [`StoreError::Newer`] where a newer Fanlight wrote it; [`StoreError::Open`] where it is no database.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        dialect::create_private(path)?;
        let writer = dialect::writer(path).await?;
        schema::migrate(&writer, path).await?;
        let store = Self::of(path, Some(writer), dialect::readers(path)?);
        store.count_pages().await?;
        store.count_absences().await?;
        Ok(store)
    }

    /// Opens the database to read only, also beside a running node. Every change then fails with [`StoreError::ReadOnly`].
    ///
    /// # Errors
    /// [`StoreError::Open`] where there is none, [`StoreError::Newer`] and [`StoreError::Older`] where this binary
    /// cannot read its schema.
    pub async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let readers = dialect::lone_readers(path).await?;
        schema::check(&readers, path).await?;
        Ok(Self::of(path, None, readers))
    }

    fn of(path: &Path, writer: Option<AnyPool>, readers: AnyPool) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            writer,
            readers,
            page_bytes: AtomicI64::new(0),
            page_limit: AtomicU64::new(fanlight_base::limits::KEPT_PAGES_BYTES),
            absences: AtomicI64::new(0),
            absence_limit: AtomicU64::new(fanlight_base::limits::KEPT_ABSENCES),
            providers: OnceLock::new(),
        }))
    }

    /// Finishes what is under way and closes the file. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.0.readers.close().await;
        // The last connection to go folds the write-ahead log into the database file.
        if let Some(writer) = &self.0.writer {
            writer.close().await;
        }
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether it answers: one small read, for readiness.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_one(self.readers()).await.map_err(doing("answering"))?;
        Ok(())
    }

    /// Bytes of pages kept in looks before the oldest are dropped. The default is the limit named in `fanlight-base`.
    pub fn limit_pages(&self, bytes: u64) {
        self.0.page_limit.store(bytes, Ordering::Relaxed);
    }

    fn readers(&self) -> &AnyPool {
        &self.0.readers
    }

    fn writer(&self) -> Result<&AnyPool, StoreError> {
        self.0.writer.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Begins a change. Dropped without commit, nothing of it stays.
    async fn begin(&self, what: &'static str) -> Result<Transaction<'static, Any>, StoreError> {
        dialect::begin(self.writer()?).await.map_err(doing(what))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.0.path).finish()
    }
}

#[cfg(test)]
mod tests;
