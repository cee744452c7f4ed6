//! What people and machines may have: one row a caller and file, in the callers' order, however many there are.
//!
//! Invariant: rows go out as the database gives them, and none is held here.

use fanlight_base::{DeviceId, PersonId, Purl, Timestamp};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;
use tokio::sync::mpsc;

use super::ask::{Person, shown_person};
use super::delivery::{RECEIVED, Received};
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::row::Columns;

/// A file that a caller may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Who.
    pub person: Person,
    /// The machine's pseudonym.
    pub device: Option<DeviceId>,
    /// The machine's name, where it is known and not erased.
    pub machine: Option<String>,
    /// The release's purl.
    pub release: String,
    /// The file's name.
    pub file: Option<String>,
    /// Its hash, where the records say it: `sha256:` and hexadecimal digits.
    pub digest: Option<String>,
    /// The most they may have of it.
    pub received: Received,
    /// How often.
    pub times: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

/// Which holdings are asked for: those that meet everything set. The default asks for all.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// Of any release of this project.
    pub project: Option<Purl>,
    /// Of these releases, by purl; empty for any.
    pub releases: Vec<String>,
    /// By whom.
    pub who: Option<Holder>,
    /// On the machine of this name or pseudonym.
    pub machine: Option<String>,
    /// Fetched then or later.
    pub since: Option<Timestamp>,
    /// Fetched before then.
    pub until: Option<Timestamp>,
}

/// By whom a holding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A person.
    Person(PersonId),
    /// Callers nobody knows.
    Unidentified,
}

/// The one action by which somebody gets a file; metadata is none.
pub(super) const FETCH: &str = "packages:fetch-file";

impl Holdings {
    /// The condition, its places counted from $1. Made of constants and numbers only: values are bound.
    fn condition(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!(
            "a.action = '{FETCH}' AND a.outcome IN ('allow', 'mask') AND ({RECEIVED}) IN ({})",
            Received::MAY_HAVE.map(|kind| kind.number().to_string()).join(", ")
        );
        let mut place = 0;
        let mut and = |condition: &str| {
            place += 1;
            let _ = write!(text, " AND {}", condition.replace('?', &format!("${place}")));
        };
        if self.project.is_some() {
            and("a.project = ?");
        }
        match self.who {
            Some(Holder::Person(_)) => and("a.person = ?"),
            Some(Holder::Unidentified) => and("a.principal_kind = ?"),
            None => {}
        }
        if self.machine.is_some() {
            and("(d.machine = ? OR a.device = ?)");
        }
        if self.since.is_some() {
            and("a.time_ms >= ?");
        }
        if self.until.is_some() {
            and("a.time_ms < ?");
        }
        if !self.releases.is_empty() {
            let places: Vec<String> = (1..=self.releases.len()).map(|at| format!("${}", place + at)).collect();
            let _ = write!(text, " AND a.resource IN ({})", places.join(", "));
        }
        text
    }
}

impl Store {
    /// The releases of a project that anybody ever asked for here, by purl.
    pub async fn releases_asked_for(&self, project: &Purl) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT resource FROM accesses WHERE project = $1 ORDER BY resource")
            .bind(project.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing a project's releases"))?;
        rows.iter().map(|row| Columns { table: "accesses", row }.text("resource")).collect()
    }

    /// Sends every holding asked for, a caller's together, people before callers nobody knows. Ends early where nobody
    /// receives any more.
    pub async fn holdings(&self, ask: &Holdings, to: &mpsc::Sender<Holding>) -> Result<(), StoreError> {
        const DOING: &str = "asking who has what";
        let text = format!(
            "SELECT a.principal_kind, a.person, a.device, a.resource, a.file, MAX(a.digest) AS digest, \
             MIN({RECEIVED}) AS received, COUNT(*) AS times, MIN(a.time_ms) AS first_ms, MAX(a.time_ms) AS last_ms, \
             p.id AS known, p.name, d.machine \
             FROM accesses a LEFT JOIN people p ON p.id = a.person LEFT JOIN devices d ON d.id = a.device \
             WHERE {} \
             GROUP BY a.principal_kind, a.person, a.device, a.resource, a.file, p.id, p.name, d.machine \
             ORDER BY CASE WHEN a.person IS NULL THEN 1 ELSE 0 END, p.name, a.person, d.machine, a.device, a.resource, \
             a.file",
            ask.condition()
        );
        // The text is made of constants and numbers only.
        let mut query = sqlx::query(AssertSqlSafe(text));
        if let Some(project) = &ask.project {
            query = query.bind(project.as_str());
        }
        match &ask.who {
            Some(Holder::Person(person)) => query = query.bind(person.as_str()),
            Some(Holder::Unidentified) => query = query.bind("unidentified"),
            None => {}
        }
        if let Some(machine) = &ask.machine {
            query = query.bind(machine.as_str());
        }
        for time in [ask.since, ask.until].into_iter().flatten() {
            query = query.bind(time.as_millisecond());
        }
        for release in &ask.releases {
            query = query.bind(release.as_str());
        }
        let mut rows = query.fetch(self.readers());
        while let Some(row) = rows.try_next().await.map_err(doing(DOING))? {
            if to.send(holding(&row)?).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn holding(row: &AnyRow) -> Result<Holding, StoreError> {
    let row = Columns { table: "accesses", row };
    Ok(Holding {
        person: shown_person(&row)?,
        device: row.text_option("device")?.map(DeviceId::new),
        machine: row.text_option("machine")?,
        release: row.text("resource")?,
        file: row.text_option("file")?,
        digest: row.text_option("digest")?,
        received: Received::read(&row)?,
        times: row.count("times")?,
        first: row.time("first_ms")?,
        last: row.time("last_ms")?,
    })
}

#[cfg(test)]
mod tests;
