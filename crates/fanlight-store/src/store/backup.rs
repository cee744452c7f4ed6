//! A copy of the running database, and the check of one before it is taken over.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::error::StoreError;
use super::{Store, dialect, schema};

impl Store {
    /// Writes a consistent copy of the database as of one moment to the new file `to`, while others go on reading and
    /// writing. When this returns the copy is on disk, readable by its owner only.
    ///
    /// # Errors
    /// [`StoreError::BackupExists`] where `to` exists; on any other error no file is left behind.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if to.symlink_metadata().is_ok() {
            return Err(StoreError::BackupExists(to.to_owned()));
        }
        let written = self.write_backup(to).await;
        if written.is_err() {
            let _ = std::fs::remove_file(to);
        }
        written
    }

    async fn write_backup(&self, to: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Backup { path: to.to_owned(), source };
        // SQLite takes an empty file as well; made by us it is private from its first byte on.
        dialect::create_private(to).map_err(|error| failed(std::io::Error::other(error)))?;
        // Absolute, because SQLite reads a name that begins with `file:` as an address.
        let absolute = std::path::absolute(to).map_err(failed)?;
        let name = absolute.to_str().ok_or_else(|| failed(std::io::Error::other("the path is not UTF-8")))?;
        dialect::copy_into(self.readers(), name).await.map_err(|source| failed(std::io::Error::other(source)))?;
        let to = to.to_owned();
        let path = to.clone();
        let synced = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::open(&to)?;
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            file.sync_all()?;
            let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            std::fs::File::open(folder)?.sync_all()
        });
        synced
            .await
            .unwrap_or_else(|ended| Err(std::io::Error::other(ended)))
            .map_err(|source| StoreError::Backup { path, source })
    }

    /// Checks a copy before a restore takes it over: every page and reference whole, a schema this binary can open.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first fault, [`StoreError::Open`] where it is no database,
    /// [`StoreError::Newer`] where a newer Fanlight wrote it.
    pub async fn check_backup(path: &Path) -> Result<(), StoreError> {
        if let Some(found) = dialect::first_fault(path).await? {
            return Err(StoreError::Damaged { path: path.to_owned(), found });
        }
        let readers = dialect::lone_readers(path).await?;
        let checked = schema::check(&readers, path).await;
        readers.close().await;
        match checked {
            // An older schema is migrated by the start that follows.
            Err(StoreError::Older { found, .. }) if found > 0 => Ok(()),
            other => other,
        }
    }
}
