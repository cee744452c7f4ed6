//! Questions to the projection. Names of people and machines are joined in at the moment of asking, so that an erased
//! person is erased in every answer.

use fanlight_base::{DeviceId, PersonId, Purl, Timestamp};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe};

use super::AccessRow;
use super::delivery::{RECEIVED, Received};
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::row::Columns;

/// Who it was, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Person {
    /// A person by name.
    Named {
        /// The pseudonym.
        id: PersonId,
        /// The name.
        name: String,
    },
    /// A person whose name was erased.
    Erased {
        /// The pseudonym.
        id: PersonId,
    },
    /// A pseudonym that the people table does not know, as after a restore of an older database.
    Unknown {
        /// The pseudonym.
        id: PersonId,
    },
    /// Nobody known.
    Unidentified,
    /// The node itself.
    Node,
}

/// One record, with the names that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownAccess {
    /// The record.
    pub access: AccessRow,
    /// Who.
    pub person: Person,
    /// The machine's name, where it is known and not erased.
    pub machine: Option<String>,
    /// What of the file they may have, where it was let through.
    pub received: Received,
    /// The bytes that went out, where it was a part.
    pub bytes: Option<u64>,
    /// The whole file's size in bytes, where it is known beside the part's.
    pub of: Option<u64>,
}

/// What one person on one machine did with one file of a release, with one outcome, and got of it: as many records as it
/// took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetcher {
    /// Who.
    pub person: Person,
    /// The machine's pseudonym.
    pub device: Option<DeviceId>,
    /// The machine's name, where it is known and not erased.
    pub machine: Option<String>,
    /// The resource's id: a purl.
    pub resource: String,
    /// What was done.
    pub action: String,
    /// `allow`, `mask`, `hold` or `deny`.
    pub outcome: String,
    /// The file's name.
    pub file: Option<String>,
    /// The policy that decided.
    pub policy: Option<String>,
    /// The sentence of the latest time that says why it was refused.
    pub reason: Option<String>,
    /// When the hold ends, as said the latest time.
    pub until: Option<Timestamp>,
    /// What of the file they may have, where it was let through.
    pub received: Received,
    /// The bytes of all parts together, where they were parts. More than the file has where parts overlap.
    pub bytes: Option<u64>,
    /// The whole file's size in bytes, where it is known beside the parts'.
    pub of: Option<u64>,
    /// How often.
    pub times: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

/// Which records are asked for: those that meet everything set. The default asks for all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accesses<'a> {
    /// A purl: with a version that release, without one every record of that project.
    pub of: Option<&'a Purl>,
    /// By this person.
    pub person: Option<&'a PersonId>,
    /// With one of these actions; empty for any.
    pub actions: &'a [&'a str],
    /// With one of these outcomes; empty for any.
    pub outcomes: &'a [&'a str],
    /// After which the caller may have one of these; empty for any.
    pub received: &'a [Received],
    /// Before this record, for the next page.
    pub before: Option<u64>,
}

type Query<'q> = sqlx::query::Query<'q, Any, sqlx::any::AnyArguments>;

impl Accesses<'_> {
    /// The condition, its places counted from $1. Made of constants and numbers only: values are bound.
    fn condition(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::from("1 = 1");
        let mut place = 0;
        let mut next = || {
            place += 1;
            place
        };
        if let Some(purl) = self.of {
            let column = if purl.version().is_some() { "resource" } else { "project" };
            let _ = write!(text, " AND a.{column} = ${}", next());
        }
        if self.person.is_some() {
            let _ = write!(text, " AND a.person = ${}", next());
        }
        for (column, values) in [("action", self.actions), ("outcome", self.outcomes)] {
            if !values.is_empty() {
                let places: Vec<String> = values.iter().map(|_| format!("${}", next())).collect();
                let _ = write!(text, " AND a.{column} IN ({})", places.join(", "));
            }
        }
        if !self.received.is_empty() {
            let numbers: Vec<String> = self.received.iter().map(|kind| kind.number().to_string()).collect();
            let _ = write!(text, " AND ({RECEIVED}) IN ({})", numbers.join(", "));
        }
        if self.before.is_some() {
            let _ = write!(text, " AND a.record_index < ${}", next());
        }
        text
    }

    fn bind<'q>(&self, mut query: Query<'q>) -> Query<'q> {
        if let Some(purl) = self.of {
            query = query.bind(purl.as_str().to_owned());
        }
        if let Some(person) = self.person {
            query = query.bind(person.as_str().to_owned());
        }
        for value in self.actions.iter().chain(self.outcomes) {
            query = query.bind((*value).to_owned());
        }
        match self.before {
            Some(before) => query.bind(crate::store::row::sql_count(before)),
            None => query,
        }
    }
}

impl Store {
    /// The records asked for, newest first.
    pub async fn accesses(&self, ask: Accesses<'_>, limit: u32) -> Result<Vec<ShownAccess>, StoreError> {
        let text = format!(
            "SELECT a.record_index, a.time_ms, a.action, a.outcome, a.principal_kind, a.person, a.device, a.resource, \
             a.project, a.file, a.policy, a.reason, a.until_ms, a.request, a.digest, a.given_bytes, a.of_bytes, \
             {RECEIVED} AS received, p.id AS known, p.name, d.machine \
             FROM accesses a LEFT JOIN people p ON p.id = a.person LEFT JOIN devices d ON d.id = a.device \
             WHERE {} ORDER BY a.record_index DESC LIMIT {limit}",
            ask.condition()
        );
        let rows = ask
            .bind(sqlx::query(AssertSqlSafe(text)))
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking the projection"))?;
        rows.iter().map(shown_access).collect()
    }

    /// Everybody who did something with a release, or with any release of a project: one row a person, machine, release,
    /// file, action, outcome, policy and what was received, the latest first. Where `limit` cuts, it cuts nobody who is
    /// known by what others do: the row by which somebody got most comes before anybody's second, and people come before
    /// the unidentified.
    pub async fn who(&self, ask: Accesses<'_>, limit: u32) -> Result<Vec<Fetcher>, StoreError> {
        // The reason and the hold's end are those of the newest record of each group.
        let text = format!(
            "WITH grouped AS (\
             SELECT a.principal_kind, a.person, a.device, a.resource, a.file, a.action, a.outcome, a.policy, \
             {RECEIVED} AS received, CAST(SUM(a.given_bytes) AS BIGINT) AS given_bytes, MAX(a.of_bytes) AS of_bytes, \
             COUNT(*) AS times, MIN(a.time_ms) AS first_ms, MAX(a.time_ms) AS last_ms, MAX(a.record_index) AS newest \
             FROM accesses a WHERE {} \
             GROUP BY a.principal_kind, a.person, a.device, a.resource, a.file, a.action, a.outcome, a.policy, \
             {RECEIVED}), \
             ranked AS (\
             SELECT g.*, CASE WHEN g.person IS NULL THEN 1 ELSE 0 END AS nobody, ROW_NUMBER() OVER \
             (PARTITION BY g.principal_kind, g.person, g.device ORDER BY g.received, g.newest DESC) AS place \
             FROM grouped g), \
             kept AS (\
             SELECT * FROM ranked \
             ORDER BY CASE WHEN place = 1 THEN 0 ELSE 1 END, nobody, place, received, newest DESC LIMIT {limit}) \
             SELECT k.principal_kind, k.person, k.device, k.resource, k.file, k.action, k.outcome, k.policy, k.received, \
             k.given_bytes, k.of_bytes, k.times, k.first_ms, k.last_ms, n.reason, n.until_ms, p.id AS known, p.name, \
             d.machine FROM kept k JOIN accesses n ON n.record_index = k.newest \
             LEFT JOIN people p ON p.id = k.person LEFT JOIN devices d ON d.id = k.device \
             ORDER BY k.last_ms DESC, k.newest DESC",
            ask.condition()
        );
        let rows = ask
            .bind(sqlx::query(AssertSqlSafe(text)))
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking who received a release"))?;
        rows.iter().map(fetcher).collect()
    }

    /// The purls of a project's releases whose files somebody was let through to, in order.
    pub async fn released_to_somebody(&self, project: &str) -> Result<Vec<String>, StoreError> {
        let text = format!(
            "SELECT DISTINCT a.resource AS resource FROM accesses a WHERE a.project = $1 AND a.action = $2 \
             AND a.outcome IN ('allow', 'mask') AND ({RECEIVED}) IN ({}) ORDER BY a.resource",
            Received::MAY_HAVE.map(|kind| kind.number().to_string()).join(", ")
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(project)
            .bind("packages:fetch-file")
            .fetch_all(self.readers())
            .await
            .map_err(doing("asking which releases somebody received"))?;
        rows.iter().map(|row| Columns { table: "accesses", row }.text("resource")).collect()
    }

    /// What somebody may have got of a project, one person or anybody, newest first.
    pub async fn got(
        &self,
        project: &Purl,
        person: Option<&PersonId>,
        actions: &[&str],
        limit: u32,
    ) -> Result<Vec<ShownAccess>, StoreError> {
        let (outcomes, received) = (&["allow", "mask"][..], &Received::MAY_HAVE[..]);
        self.accesses(Accesses { of: Some(project), person, actions, outcomes, received, before: None }, limit).await
    }

    /// The newest records.
    pub async fn recent(&self, limit: u32) -> Result<Vec<ShownAccess>, StoreError> {
        self.accesses(Accesses::default(), limit).await
    }
}

pub(super) fn shown_person(row: &Columns<'_>) -> Result<Person, StoreError> {
    let Some(id) = row.text_option("person")?.map(PersonId::new) else {
        return Ok(if row.text("principal_kind")? == "node" { Person::Node } else { Person::Unidentified });
    };
    Ok(match (row.text_option("known")?, row.text_option("name")?) {
        (Some(_), Some(name)) => Person::Named { id, name },
        (Some(_), None) => Person::Erased { id },
        (None, _) => Person::Unknown { id },
    })
}

fn shown_access(row: &AnyRow) -> Result<ShownAccess, StoreError> {
    let row = Columns { table: "accesses", row };
    Ok(ShownAccess {
        person: shown_person(&row)?,
        machine: row.text_option("machine")?,
        received: Received::read(&row)?,
        bytes: row.count_option("given_bytes")?,
        of: row.count_option("of_bytes")?,
        access: AccessRow {
            record_index: row.count("record_index")?,
            time: row.time("time_ms")?,
            action: row.text("action")?,
            outcome: row.text("outcome")?,
            principal_kind: row.text("principal_kind")?,
            person: row.text_option("person")?.map(PersonId::new),
            device: row.text_option("device")?.map(DeviceId::new),
            resource: row.text("resource")?,
            project: row.text_option("project")?,
            file: row.text_option("file")?,
            policy: row.text_option("policy")?,
            reason: row.text_option("reason")?,
            until: row.time_option("until_ms")?,
            request: row.text_option("request")?,
            digest: row.text_option("digest")?,
        },
    })
}

fn fetcher(row: &AnyRow) -> Result<Fetcher, StoreError> {
    let row = Columns { table: "accesses", row };
    Ok(Fetcher {
        person: shown_person(&row)?,
        device: row.text_option("device")?.map(DeviceId::new),
        machine: row.text_option("machine")?,
        resource: row.text("resource")?,
        action: row.text("action")?,
        outcome: row.text("outcome")?,
        file: row.text_option("file")?,
        policy: row.text_option("policy")?,
        reason: row.text_option("reason")?,
        until: row.time_option("until_ms")?,
        received: Received::read(&row)?,
        bytes: row.count_option("given_bytes")?,
        of: row.count_option("of_bytes")?,
        times: row.count("times")?,
        first: row.time("first_ms")?,
        last: row.time("last_ms")?,
    })
}
