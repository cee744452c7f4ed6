//! Devices: a person's machines, each with one token, of which only a digest is kept.

use fanlight_base::{DeviceId, PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A person's machine and its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// The machine's pseudonym.
    pub id: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// The machine's name; `None` once its person is erased.
    pub machine: Option<String>,
    /// SHA-256 of the token's secret.
    pub secret_sha256: [u8; 32],
    /// When the token was made.
    pub created: Timestamp,
    /// When it was last shown, to about a minute; `None` if never.
    pub last_used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

pub(super) const SELECT: &str =
    "SELECT id, person, machine, secret_sha256, created_ms, last_used_ms, revoked_ms FROM devices";

pub(super) fn device(row: &AnyRow) -> Result<DeviceRow, StoreError> {
    let row = Columns { table: "devices", row };
    let digest = row.bytes("secret_sha256")?;
    Ok(DeviceRow {
        id: DeviceId::new(row.text("id")?),
        person: PersonId::new(row.text("person")?),
        machine: row.text_option("machine")?,
        secret_sha256: digest
            .try_into()
            .map_err(|bytes: Vec<u8>| row.bad("secret_sha256", format!("{} bytes", bytes.len())))?,
        created: row.time("created_ms")?,
        last_used: row.time_option("last_used_ms")?,
        revoked: row.time_option("revoked_ms")?,
    })
}

impl Store {
    /// Keeps a new device.
    pub async fn insert_device(&self, device: &DeviceRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO devices (id, person, machine, secret_sha256, created_ms, last_used_ms, revoked_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(device.id.as_str())
        .bind(device.person.as_str())
        .bind(device.machine.as_deref())
        .bind(&device.secret_sha256[..])
        .bind(device.created.as_millisecond())
        .bind(device.last_used.map(Timestamp::as_millisecond))
        .bind(device.revoked.map(Timestamp::as_millisecond))
        .execute(self.writer()?)
        .await
        .map_err(doing("keeping a device"))?;
        Ok(())
    }

    /// The device of that pseudonym, revoked ones included.
    pub async fn device(&self, id: &DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1")))
            .bind(id.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a device"))?;
        found.as_ref().map(device).transpose()
    }

    /// Revokes a device. Says whether there was one to revoke; one revoked before keeps its first time.
    pub async fn revoke_device(&self, id: &DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE devices SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL")
            .bind(id.as_str())
            .bind(now.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("revoking a device"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Every device, revoked ones included, in the order they were made.
    pub async fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY created_ms, id")))
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing devices"))?;
        rows.iter().map(device).collect()
    }

    /// A person's devices, revoked ones included, in the order their tokens were made.
    pub async fn devices_of(&self, person: &PersonId) -> Result<Vec<DeviceRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE person = $1 ORDER BY created_ms, id")))
            .bind(person.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing a person's devices"))?;
        rows.iter().map(device).collect()
    }

    /// How many devices have a token that is not revoked.
    pub async fn count_devices(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS good FROM devices WHERE revoked_ms IS NULL")
            .fetch_one(self.readers())
            .await
            .map_err(doing("counting devices"))?;
        Columns { table: "devices", row: &row }.count("good")
    }

    /// Notes when devices were last used, all in one change. An older time never replaces a newer one.
    pub async fn touch_last_used(&self, uses: &[(DeviceId, Timestamp)]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut change = self.begin("noting last uses").await?;
        for (id, at) in uses {
            sqlx::query(
                "UPDATE devices SET last_used_ms = $2 WHERE id = $1 AND (last_used_ms IS NULL OR last_used_ms < $2)",
            )
            .bind(id.as_str())
            .bind(at.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing("noting last uses"))?;
        }
        change.commit().await.map_err(doing("noting last uses"))
    }
}
