//! The company's policies over time: sets of files, those that were in force, those that people propose.
//!
//! Refuses to know what a policy is. Invariants: each text is kept once, and no longer than a version or a proposal needs it;
//! a version and the proposal that it came of change together; what is kept is bounded, the oldest goes first.

mod proposals;

use fanlight_base::{PersonId, Timestamp, limits};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};
use crate::digest::Sha256;

pub use proposals::{ProposalCounts, ProposalRow};

/// A set of files under its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRow {
    /// The digest of names and texts, which whoever keeps it has made.
    pub digest: String,
    /// Names and texts.
    pub files: Vec<(String, String)>,
}

/// A set that came into force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number, from 1.
    pub version: u64,
    /// Since when.
    pub since: Timestamp,
    /// The digest of its files.
    pub digest: String,
    /// How many files it has.
    pub files: u64,
    /// Who proposed it; nobody where it came by the folder.
    pub person: Option<PersonId>,
    /// Who approved it.
    pub approver: Option<PersonId>,
    /// Why.
    pub because: Option<String>,
    /// The proposal that it came of.
    pub proposal: Option<String>,
}

const COLUMNS: &str = "version, since_ms, digest, files, person, approver, because, proposal";

fn version(row: &AnyRow) -> Result<VersionRow, StoreError> {
    let row = Columns { table: "policy_versions", row };
    Ok(VersionRow {
        version: row.count("version")?,
        since: row.time("since_ms")?,
        digest: row.text("digest")?,
        files: row.count("files")?,
        person: row.text_option("person")?.map(PersonId::new),
        approver: row.text_option("approver")?.map(PersonId::new),
        because: row.text_option("because")?,
        proposal: row.text_option("proposal")?,
    })
}

impl Store {
    /// Keeps a set that is in force now, under the next number, which it gives. Where it came of a proposal, that one is
    /// published by it, and it is put down by which ways people are to be told.
    pub async fn insert_version(&self, row: &VersionRow, set: &SetRow, ways: &[&str]) -> Result<u64, StoreError> {
        const DOING: &str = "keeping a version of the policies";
        let mut change = self.begin(DOING).await?;
        let next = sqlx::query("SELECT COALESCE(MAX(version), 0) + 1 AS next FROM policy_versions");
        let next = next.fetch_one(&mut *change).await.map_err(doing(DOING))?;
        let number = Columns { table: "policy_versions", row: &next }.count("next")?;
        keep(&mut change, set).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO policy_versions ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )))
        .bind(sql_count(number))
        .bind(row.since.as_millisecond())
        .bind(&row.digest)
        .bind(sql_count(row.files))
        .bind(row.person.as_ref().map(PersonId::as_str))
        .bind(row.approver.as_ref().map(PersonId::as_str))
        .bind(&row.because)
        .bind(&row.proposal)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if let Some(proposal) = &row.proposal {
            proposals::published(&mut change, proposal, number, row.since, ways).await?;
        }
        forget_the_oldest(&mut change).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(number)
    }

    /// The versions that are kept, the newest first.
    pub async fn versions(&self) -> Result<Vec<VersionRow>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM policy_versions ORDER BY version DESC");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(self.readers()).await;
        rows.map_err(doing("listing versions of the policies"))?.iter().map(version).collect()
    }

    /// The newest of the versions up to this number, or of all.
    pub async fn version_up_to(&self, number: Option<u64>) -> Result<Option<VersionRow>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM policy_versions WHERE version <= $1 ORDER BY version DESC LIMIT 1");
        let found = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(number.map_or(i64::MAX, sql_count))
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a version of the policies"))?;
        found.as_ref().map(version).transpose()
    }

    /// The files of a set, by name.
    pub async fn policy_files(&self, digest: &str) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.name AS name, t.text AS text FROM policy_sets s JOIN policy_texts t ON t.sha256 = s.sha256 \
             WHERE s.digest = $1 ORDER BY s.name",
        )
        .bind(digest)
        .fetch_all(self.readers())
        .await
        .map_err(doing("reading policies that are kept"))?;
        let file = |row| {
            let row = Columns { table: "policy_sets", row };
            Ok((row.text("name")?, row.text("text")?))
        };
        rows.iter().map(file).collect()
    }
}

/// Keeps the files of a set, as far as they are not there.
async fn keep(change: &mut Transaction<'static, Any>, set: &SetRow) -> Result<(), StoreError> {
    const DOING: &str = "keeping the files of policies";
    for (name, text) in &set.files {
        let sha256 = Sha256::of(text.as_bytes()).to_string();
        sqlx::query("INSERT INTO policy_texts (sha256, text, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(&sha256)
            .bind(text)
            .bind(sql_count(text.len() as u64))
            .execute(&mut **change)
            .await
            .map_err(doing(DOING))?;
        sqlx::query("INSERT INTO policy_sets (digest, name, sha256) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(&set.digest)
            .bind(name)
            .bind(&sha256)
            .execute(&mut **change)
            .await
            .map_err(doing(DOING))?;
    }
    Ok(())
}

const NEEDLESS_SETS: &str = "DELETE FROM policy_sets WHERE digest NOT IN (SELECT digest FROM policy_versions) \
                             AND digest NOT IN (SELECT digest FROM policy_proposals)";
const NEEDLESS_TEXTS: &str = "DELETE FROM policy_texts WHERE sha256 NOT IN (SELECT sha256 FROM policy_sets)";
const OLDEST_ANSWERED: &str = "DELETE FROM policy_proposals WHERE id IN (SELECT id FROM policy_proposals \
                               WHERE state NOT IN ('waiting', 'approved') ORDER BY proposed_ms, id LIMIT 1)";
const OLDEST_VERSION: &str = "DELETE FROM policy_versions WHERE version IN (SELECT version FROM policy_versions \
                              WHERE version < (SELECT MAX(version) FROM policy_versions) ORDER BY version LIMIT 1)";

/// Forgets what is beyond the limits: answered proposals first, then versions; never the newest version, and no proposal
/// that waits.
async fn forget_the_oldest(change: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
    const DOING: &str = "forgetting old versions of the policies";
    loop {
        for text in [NEEDLESS_SETS, NEEDLESS_TEXTS] {
            sqlx::query(text).execute(&mut **change).await.map_err(doing(DOING))?;
        }
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM policy_versions) AS versions, (SELECT COUNT(*) FROM policy_proposals) AS \
             proposals, (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM policy_texts) AS bytes",
        );
        let row = row.fetch_one(&mut **change).await.map_err(doing(DOING))?;
        let row = Columns { table: "policy_texts", row: &row };
        let is_large = row.count("bytes")? > limits::POLICY_HISTORY_BYTES;
        let mut gone = 0;
        if is_large || row.count("proposals")? > limits::PROPOSALS_KEPT {
            gone = sqlx::query(OLDEST_ANSWERED).execute(&mut **change).await.map_err(doing(DOING))?.rows_affected();
        }
        if gone == 0 && (is_large || row.count("versions")? > limits::POLICY_VERSIONS) {
            gone = sqlx::query(OLDEST_VERSION).execute(&mut **change).await.map_err(doing(DOING))?.rows_affected();
        }
        if gone == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
