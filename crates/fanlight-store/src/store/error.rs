//! Why the store could not do something. The message names what was being done; the driver's words are the source.

use std::path::PathBuf;

use fanlight_base::Fault;

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened as a database.
    #[error("cannot open the database {path}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The driver's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Its schema is from a newer Fanlight.
    #[error(
        "the database {path} has schema version {found}, this fanlight knows versions up to {known}: \
         start the newer fanlight that wrote it, or restore a backup made before the upgrade",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version this binary knows.
        known: i64,
    },
    /// Its schema is older and this is a read-only use, which does not migrate.
    #[error(
        "the database {path} has schema version {found}, this fanlight needs version {known}: \
         run `fanlight up` once, which brings it up to date",
        path = path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The version this binary needs.
        known: i64,
    },
    /// The disk is full.
    #[error("the disk that holds the database is full while {doing}: free room there, nothing was changed")]
    DiskFull {
        /// What was being done.
        doing: &'static str,
        /// The driver's reason.
        source: sqlx::Error,
    },
    /// The store was opened to read only.
    #[error("the database was opened to read only, and this would change it")]
    ReadOnly,
    /// The store was closed.
    #[error("the database is closed: the node is stopping")]
    Closed,
    /// A row holds what no version of Fanlight writes.
    #[error("the database holds a value that cannot be in {table}.{column}: {found}")]
    BadValue {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What was found, without personal values.
        found: String,
    },
    /// A backup could not be written.
    #[error("cannot write the backup {path}", path = path.display())]
    Backup {
        /// The file that was to be written.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of a backup exists already.
    #[error("the backup {path} exists already: name a file that does not exist", path = .0.display())]
    BackupExists(PathBuf),
    /// A database is damaged.
    #[error("the database {path} is damaged: {found}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault found by the check.
        found: String,
    },
    /// Anything else the driver says.
    #[error("the database failed while {doing}")]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// The driver's reason.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Whose fault it is: the node's, but for a backup's file name.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::BackupExists(_) => Fault::Caller,
            _ => Fault::Node,
        }
    }
}

/// Turns the driver's error into one that names what was being done.
pub(crate) fn doing(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| match &source {
        sqlx::Error::PoolClosed => StoreError::Closed,
        sqlx::Error::Database(error) if super::dialect::is_disk_full(error.as_ref()) => {
            StoreError::DiskFull { doing: what, source }
        }
        _ => StoreError::Sql { doing: what, source },
    }
}
