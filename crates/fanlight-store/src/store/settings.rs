//! What the node found out and wants to find again after a start, by name. Not the steward's settings: those are a file.

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

impl Store {
    /// The value kept under `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let found = sqlx::query("SELECT value FROM settings WHERE name = $1")
            .bind(name)
            .fetch_optional(self.readers())
            .await
            .map_err(doing("reading a kept setting"))?;
        found.map(|row| Columns { table: "settings", row: &row }.text("value")).transpose()
    }

    /// Keeps `value` under `name`, in place of what was there.
    pub async fn save_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2")
            .bind(name)
            .bind(value)
            .execute(self.writer()?)
            .await
            .map_err(doing("keeping a setting"))?;
        Ok(())
    }

    /// Forgets what is kept under `name`.
    pub async fn forget_setting(&self, name: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM settings WHERE name = $1")
            .bind(name)
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting a setting"))?;
        Ok(())
    }
}
