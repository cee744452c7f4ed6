//! Proposals of policies: made, answered, published.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::{SetRow, forget_the_oldest, keep};
use crate::store::Store;
use crate::store::error::{StoreError, doing};
use crate::store::requests::AnswerRow;
use crate::store::row::{Columns, sql_count};
use crate::store::tellings;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its id: `prp_` and 16 random characters.
    pub id: String,
    /// The version that it was made on.
    pub base: u64,
    /// The version that it brings back, where it does.
    pub restores: Option<u64>,
    /// The digest of its files.
    pub digest: String,
    /// How many files it has.
    pub files: u64,
    /// Who proposes.
    pub person: PersonId,
    /// Why.
    pub because: String,
    /// When it was proposed.
    pub proposed: Timestamp,
    /// `waiting`; `approved`: it is being put in force; `published`, `refused` or `withdrawn`.
    pub state: String,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// Who answered.
    pub answered_by: Option<PersonId>,
    /// The answer's words.
    pub answer: Option<String>,
    /// The version that it became.
    pub version: Option<u64>,
}

/// How many proposals there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposalCounts {
    /// Those that wait.
    pub waiting: u64,
    /// Of them those of one person.
    pub own: u64,
    /// Bytes of the texts that are kept because of these, and of nothing that was in force.
    pub own_bytes: u64,
    /// Those that the person has made lately.
    pub proposed: u64,
}

const COLUMNS: &str = "id, base, restores, digest, files, person, because, proposed_ms, state, answered_ms, answered_by, \
                       answer, version";

fn proposal(row: &AnyRow) -> Result<ProposalRow, StoreError> {
    let row = Columns { table: "policy_proposals", row };
    Ok(ProposalRow {
        id: row.text("id")?,
        base: row.count("base")?,
        restores: row.count_option("restores")?,
        digest: row.text("digest")?,
        files: row.count("files")?,
        person: PersonId::new(row.text("person")?),
        because: row.text("because")?,
        proposed: row.time("proposed_ms")?,
        state: row.text("state")?,
        answered: row.time_option("answered_ms")?,
        answered_by: row.text_option("answered_by")?.map(PersonId::new),
        answer: row.text_option("answer")?,
        version: row.count_option("version")?,
    })
}

impl Store {
    /// Keeps a new proposal with its files, and by which ways people are to be told that it waits.
    pub async fn insert_proposal(&self, row: &ProposalRow, set: &SetRow, ways: &[&str]) -> Result<(), StoreError> {
        const DOING: &str = "keeping a proposal of policies";
        let mut change = self.begin(DOING).await?;
        keep(&mut change, set).await?;
        sqlx::query(
            "INSERT INTO policy_proposals (id, base, restores, digest, files, person, because, proposed_ms, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')",
        )
        .bind(&row.id)
        .bind(sql_count(row.base))
        .bind(row.restores.map(sql_count))
        .bind(&row.digest)
        .bind(sql_count(row.files))
        .bind(row.person.as_str())
        .bind(&row.because)
        .bind(row.proposed.as_millisecond())
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        tellings::add(&mut change, &row.id, "proposed", ways, row.proposed).await?;
        forget_the_oldest(&mut change).await?;
        change.commit().await.map_err(doing(DOING))
    }

    /// The proposal of that id.
    pub async fn proposal(&self, id: &str) -> Result<Option<ProposalRow>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM policy_proposals WHERE id = $1");
        let found = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(self.readers()).await;
        found.map_err(doing("looking up a proposal of policies"))?.as_ref().map(proposal).transpose()
    }

    /// Proposals in that state, or all, the newest first.
    pub async fn proposals(&self, state: Option<&str>) -> Result<Vec<ProposalRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM policy_proposals WHERE state = $1 OR $1 IS NULL ORDER BY proposed_ms DESC, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(state).fetch_all(self.readers()).await;
        rows.map_err(doing("listing proposals of policies"))?.iter().map(proposal).collect()
    }

    /// How many proposals wait, of them of this person, and how many this person has made since then.
    pub async fn count_proposals(&self, person: &PersonId, since: Timestamp) -> Result<ProposalCounts, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM policy_proposals WHERE state = 'waiting') AS waiting, \
             (SELECT COUNT(*) FROM policy_proposals WHERE state = 'waiting' AND person = $1) AS own, \
             (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM policy_texts WHERE sha256 IN (SELECT s.sha256 FROM \
             policy_sets s JOIN policy_proposals p ON p.digest = s.digest WHERE p.person = $1 AND p.state = 'waiting') \
             AND sha256 NOT IN (SELECT s.sha256 FROM policy_sets s JOIN policy_versions v ON v.digest = s.digest)) \
             AS own_bytes, \
             (SELECT COUNT(*) FROM policy_proposals WHERE person = $1 AND proposed_ms > $2) AS proposed",
        )
        .bind(person.as_str())
        .bind(since.as_millisecond())
        .fetch_one(self.readers())
        .await
        .map_err(doing("counting proposals of policies"))?;
        let row = Columns { table: "policy_proposals", row: &row };
        Ok(ProposalCounts {
            waiting: row.count("waiting")?,
            own: row.count("own")?,
            own_bytes: row.count("own_bytes")?,
            proposed: row.count("proposed")?,
        })
    }

    /// Answers a proposal that waits, and puts down by which ways who proposed it is to be told. Says whether it waited.
    pub async fn answer_proposal(&self, id: &str, answer: &AnswerRow, ways: &[&str]) -> Result<bool, StoreError> {
        const DOING: &str = "answering a proposal of policies";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query(
            "UPDATE policy_proposals SET state = $2, answered_ms = $3, answered_by = $4, answer = $5 \
             WHERE id = $1 AND state = 'waiting'",
        )
        .bind(id)
        .bind(answer.state)
        .bind(answer.at.as_millisecond())
        .bind(answer.by.as_ref().map(PersonId::as_str))
        .bind(&answer.words)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        let waited = done.rows_affected() > 0;
        if waited {
            tellings::add(&mut change, id, answer.state, ways, answer.at).await?;
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(waited)
    }

    /// Lets an approved proposal wait again, because it could not be put in force.
    pub async fn let_proposal_wait(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE policy_proposals SET state = 'waiting', answered_ms = NULL, answered_by = NULL, answer = NULL \
             WHERE id = $1 AND state = 'approved'",
        )
        .bind(id)
        .execute(self.writer()?)
        .await
        .map_err(doing("letting a proposal of policies wait again"))?;
        Ok(())
    }
}

/// Puts down which version a proposal became.
pub(super) async fn published(
    change: &mut Transaction<'static, Any>,
    id: &str,
    version: u64,
    now: Timestamp,
    ways: &[&str],
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE policy_proposals SET state = 'published', version = $2, answered_ms = COALESCE(answered_ms, $3) \
         WHERE id = $1 AND state IN ('waiting', 'approved')",
    )
    .bind(id)
    .bind(sql_count(version))
    .bind(now.as_millisecond())
    .execute(&mut **change)
    .await
    .map_err(doing("publishing a proposal of policies"))?;
    tellings::add(change, id, "published", ways, now).await
}
