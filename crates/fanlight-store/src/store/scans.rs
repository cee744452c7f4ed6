//! Scans: what was found in files, by their content and the rules that found it. Refuses to know what a grade means.

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};
use crate::digest::{Algorithm, Digest};

/// What one scan of one file said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    /// The content.
    pub digest: Digest,
    /// The rule set.
    pub rules: String,
    /// The name under which the file was scanned.
    pub file: String,
    /// All findings in one word.
    pub grade: String,
    /// The gravest finding in words.
    pub words: String,
    /// When.
    pub scanned: Timestamp,
}

fn scan(row: &AnyRow) -> Result<ScanRow, StoreError> {
    let row = Columns { table: "scans", row };
    let text = row.text("digest")?;
    let digest = Algorithm::ALL.into_iter().find_map(|algorithm| {
        let digits = text.strip_prefix(algorithm.as_str())?.strip_prefix(':')?;
        algorithm.parse(digits)
    });
    Ok(ScanRow {
        digest: digest.ok_or_else(|| row.bad("digest", text))?,
        rules: row.text("rules")?,
        file: row.text("file")?,
        grade: row.text("grade")?,
        words: row.text("words")?,
        scanned: row.time("scanned_ms")?,
    })
}

fn key(digest: &Digest) -> String {
    format!("{}:{digest}", digest.algorithm().as_str())
}

impl Store {
    /// Keeps what a scan said, with the whole report as JSON; of the same content, the later one stays.
    pub async fn keep_scan(&self, scan: &ScanRow, report: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO scans (digest, rules, file, grade, words, report, scanned_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (digest) DO UPDATE SET rules = excluded.rules, file = excluded.file, grade = excluded.grade, \
             words = excluded.words, report = excluded.report, scanned_ms = excluded.scanned_ms",
        )
        .bind(key(&scan.digest))
        .bind(&scan.rules)
        .bind(&scan.file)
        .bind(&scan.grade)
        .bind(&scan.words)
        .bind(report)
        .bind(scan.scanned.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("keeping a scan"))?;
        Ok(())
    }

    /// What the newest scans said, at most so many.
    pub async fn scans(&self, limit: u64) -> Result<Vec<ScanRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT digest, rules, file, grade, words, scanned_ms FROM scans ORDER BY scanned_ms DESC, digest LIMIT $1",
        )
        .bind(sql_count(limit))
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing scans"))?;
        rows.iter().map(scan).collect()
    }

    /// The whole report of a scan, as JSON.
    pub async fn scan_report(&self, digest: &Digest) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT report FROM scans WHERE digest = $1")
            .bind(key(digest))
            .fetch_optional(self.readers())
            .await
            .map_err(doing("reading a scan"))?;
        row.as_ref().map(|row| Columns { table: "scans", row }.text("report")).transpose()
    }
}

#[cfg(test)]
mod tests;
