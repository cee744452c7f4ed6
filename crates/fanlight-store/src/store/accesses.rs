//! The projection of the ledger's records that `who` and `why` read. Rebuilt from the ledger at any time, never the
//! truth: rows and the cursor that says which record comes next change together or not at all.

mod ask;
mod delivery;
mod holdings;
mod overview;
pub(crate) mod projects;
mod uses;

use fanlight_base::{DeviceId, PersonId, Timestamp};
use sqlx::AssertSqlSafe;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};

pub use ask::{Accesses, Fetcher, Person, ShownAccess};
pub use delivery::{Delivery, Received};
pub use holdings::{Holder, Holding, Holdings};
pub use overview::{Counted, MostStopped, PolicyStops};
pub use projects::ProjectRow;

/// One record, as far as questions are asked about it. No personal value: those are joined in when it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// The record's index in the ledger.
    pub record_index: u64,
    /// When it was judged.
    pub time: Timestamp,
    /// What was done: `packages:fetch-file`.
    pub action: String,
    /// `allow`, `mask`, `hold` or `deny`.
    pub outcome: String,
    /// `person`, `node` or `unidentified`.
    pub principal_kind: String,
    /// The person's pseudonym.
    pub person: Option<PersonId>,
    /// The machine's pseudonym.
    pub device: Option<DeviceId>,
    /// The resource's id: for a release its purl.
    pub resource: String,
    /// The purl of the release's project, or of the project itself.
    pub project: Option<String>,
    /// The file's name.
    pub file: Option<String>,
    /// Its hash as the index has it: `sha256:` and hexadecimal digits.
    pub digest: Option<String>,
    /// The policy that decided, the strongest of them.
    pub policy: Option<String>,
    /// The sentence that says why it was refused.
    pub reason: Option<String>,
    /// When the hold ends.
    pub until: Option<Timestamp>,
    /// The request's id.
    pub request: Option<String>,
}

/// The name of this projection's cursor.
const NAME: &str = "accesses";
const COLUMNS: usize = 15;
/// Rows in one statement. Few, because SQLite looks a place up by its name, one after another: 256 rows a statement were
/// measured at a sixth of the speed of 32.
const CHUNK: usize = 32;

/// The text that inserts `rows` rows. Only sizes that are powers of two are asked for, so the driver keeps each prepared.
fn insert_text(rows: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "INSERT INTO accesses (record_index, time_ms, action, outcome, principal_kind, person, device, resource, \
         project, file, policy, reason, until_ms, request, digest) VALUES ",
    );
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=COLUMNS {
            let _ = write!(text, "{}${}", if column == 1 { "" } else { ", " }, row * COLUMNS + column);
        }
        text.push(')');
    }
    text.push_str(" ON CONFLICT (record_index) DO NOTHING");
    text
}

impl Store {
    /// Adds rows, notes what became of them and of earlier ones, and moves the cursor to `next`, in one change. Rows known
    /// already stay as they are, and the cursor never goes back, so a batch may be applied twice.
    pub async fn apply(&self, rows: &[AccessRow], deliveries: &[Delivery], next: u64) -> Result<(), StoreError> {
        const DOING: &str = "adding records to the projection";
        let mut change = self.begin(DOING).await?;
        let counted = cursor_in(&mut *change).await?;
        let mut rest = rows;
        while !rest.is_empty() {
            let size = if rest.len() >= CHUNK { CHUNK } else { 1 << rest.len().ilog2() };
            let (now, later) = rest.split_at(size);
            // The text is made of constants and numbers only.
            let mut insert = sqlx::query(AssertSqlSafe(insert_text(size)));
            for row in now {
                insert = insert
                    .bind(sql_count(row.record_index))
                    .bind(row.time.as_millisecond())
                    .bind(&row.action)
                    .bind(&row.outcome)
                    .bind(&row.principal_kind)
                    .bind(row.person.as_ref().map(PersonId::as_str))
                    .bind(row.device.as_ref().map(DeviceId::as_str))
                    .bind(&row.resource)
                    .bind(row.project.as_deref())
                    .bind(row.file.as_deref())
                    .bind(row.policy.as_deref())
                    .bind(row.reason.as_deref())
                    .bind(row.until.map(Timestamp::as_millisecond))
                    .bind(row.request.as_deref())
                    .bind(row.digest.as_deref());
            }
            insert.execute(&mut *change).await.map_err(doing(DOING))?;
            rest = later;
        }
        uses::note(&mut change, rows, DOING).await?;
        projects::note(&mut change, rows.iter().filter(|row| row.record_index >= counted), DOING).await?;
        delivery::note(&mut change, deliveries, DOING).await?;
        sqlx::query(
            "INSERT INTO projections (name, next_record) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
             SET next_record = excluded.next_record WHERE projections.next_record < excluded.next_record",
        )
        .bind(NAME)
        .bind(sql_count(next))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))
    }

    /// The index of the record that the projection needs next: how many it has seen.
    pub async fn cursor(&self) -> Result<u64, StoreError> {
        cursor_in(self.readers()).await
    }
}

async fn cursor_in(reader: impl sqlx::Executor<'_, Database = sqlx::Any>) -> Result<u64, StoreError> {
    let found =
        sqlx::query("SELECT next_record FROM projections WHERE name = $1").bind(NAME).fetch_optional(reader).await;
    match &found.map_err(doing("reading the projection's cursor"))? {
        Some(row) => Columns { table: "projections", row }.count("next_record"),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests;
