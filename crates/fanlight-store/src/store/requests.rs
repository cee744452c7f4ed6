//! Requests: what people asked for that is stopped, and what they were answered.
//!
//! Invariant: a request, its answer, the exception that is the answer, and who is still to be told of it change together or
//! not at all.

use fanlight_base::{DeviceId, PersonId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::Store;
use super::error::{StoreError, doing};
use super::exceptions::{ExceptionRow, insert};
use super::row::{Columns, sql_count};
use super::tellings;

/// Ends what a person, $1, asked for and nobody has answered: they left at $2, and have seen it.
pub(super) const OVER_FOR_WHO_LEFT: &str = "UPDATE requests SET state = 'over', answered_ms = $2, seen_ms = $2, \
                                            answer = 'Who asked for it has left.' WHERE person = $1 AND state = 'waiting'";

/// The state of a request that nobody has answered.
pub const WAITING: &str = "waiting";

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id: `req_` and 16 random characters.
    pub id: String,
    /// The release's purl.
    pub thing: String,
    /// Who asks.
    pub person: PersonId,
    /// On which machine, where a device token says so.
    pub device: Option<DeviceId>,
    /// Why, in their words.
    pub because: String,
    /// When it was asked.
    pub asked: Timestamp,
    /// When what stops it ends by itself, as it was then.
    pub until: Option<Timestamp>,
    /// How it was judged then, as JSON.
    pub evidence: String,
    /// `waiting`, `granted`, `refused`, `withdrawn` or `over`.
    pub state: String,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// Who answered.
    pub answered_by: Option<PersonId>,
    /// The answer's words.
    pub answer: Option<String>,
    /// The exception that was granted.
    pub exception: Option<String>,
    /// When who asked was shown the answer.
    pub seen: Option<Timestamp>,
}

/// Which requests are wanted: all, where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestsWanted<'a> {
    /// Those in this state.
    pub state: Option<&'a str>,
    /// Those of this person.
    pub person: Option<&'a PersonId>,
    /// Those for a purl with this in it, in small letters.
    pub part: &'a str,
    /// Those that follow the one of this id, in the order in which they are listed.
    pub after: Option<&'a str>,
}

/// An answer to requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// What becomes of them: `granted`, `refused`, `withdrawn` or `over`.
    pub state: &'static str,
    /// When.
    pub at: Timestamp,
    /// By whom; nobody where it is the node's.
    pub by: Option<PersonId>,
    /// The words.
    pub words: String,
}

fn request(row: &AnyRow) -> Result<RequestRow, StoreError> {
    let row = Columns { table: "requests", row };
    Ok(RequestRow {
        id: row.text("id")?,
        thing: row.text("thing")?,
        person: PersonId::new(row.text("person")?),
        device: row.text_option("device")?.map(DeviceId::new),
        because: row.text("because")?,
        asked: row.time("asked_ms")?,
        until: row.time_option("until_ms")?,
        evidence: row.text("evidence")?,
        state: row.text("state")?,
        answered: row.time_option("answered_ms")?,
        answered_by: row.text_option("answered_by")?.map(PersonId::new),
        answer: row.text_option("answer")?,
        exception: row.text_option("exception")?,
        seen: row.time_option("seen_ms")?,
    })
}

const COLUMNS: &str = "id, thing, person, device, because, asked_ms, until_ms, evidence, state, answered_ms, answered_by, \
                       answer, exception, seen_ms";

impl Store {
    /// Keeps a new request, and by which ways people are to be told that it waits. Says whether it is new; where one of that
    /// person for that thing waits already, nothing changes.
    pub async fn insert_request(&self, row: &RequestRow, ways: &[&str]) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a request";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query(
            "INSERT INTO requests (id, thing, person, device, because, asked_ms, until_ms, evidence, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(&row.id)
        .bind(&row.thing)
        .bind(row.person.as_str())
        .bind(row.device.as_ref().map(DeviceId::as_str))
        .bind(&row.because)
        .bind(row.asked.as_millisecond())
        .bind(row.until.map(Timestamp::as_millisecond))
        .bind(&row.evidence)
        .bind(WAITING)
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        let is_new = done.rows_affected() > 0;
        if is_new {
            tellings::add(&mut change, &row.id, "asked", ways, row.asked).await?;
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(is_new)
    }

    /// Answers requests, and puts down by which ways who asked is to be told. Gives those that it is the answer to: others
    /// did not wait any more.
    pub async fn answer_requests(
        &self,
        ids: &[String],
        answer: &AnswerRow,
        ways: &[&str],
    ) -> Result<Vec<String>, StoreError> {
        let mut change = self.begin("answering a request").await?;
        let answered = answered(&mut change, ids, answer, None, ways).await?;
        change.commit().await.map_err(doing("answering a request"))?;
        Ok(answered)
    }

    /// The same with an exception as the answer. Where the first of the requests does not wait any more, there is no
    /// exception either.
    pub async fn grant_requests(
        &self,
        exception: &ExceptionRow,
        ids: &[String],
        answer: &AnswerRow,
        ways: &[&str],
    ) -> Result<Vec<String>, StoreError> {
        const DOING: &str = "granting a request";
        let mut change = self.begin(DOING).await?;
        let answered = answered(&mut change, ids, answer, Some(&exception.id), ways).await?;
        if answered.first() != ids.first() {
            return Ok(Vec::new());
        }
        insert(exception).execute(&mut *change).await.map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(answered)
    }

    /// The request of that id.
    pub async fn request(&self, id: &str) -> Result<Option<RequestRow>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM requests WHERE id = $1");
        let found = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(self.readers()).await;
        found.map_err(doing("looking up a request"))?.as_ref().map(request).transpose()
    }

    /// The newest requests of those wanted, at most so many.
    pub async fn requests(&self, wanted: &RequestsWanted<'_>, most: u64) -> Result<Vec<RequestRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM requests WHERE (state = $1 OR $1 IS NULL) AND (person = $2 OR $2 IS NULL) \
             AND lower(thing) LIKE $3 ESCAPE '!' AND ($4 IS NULL OR \
             asked_ms < (SELECT asked_ms FROM requests WHERE id = $4) OR \
             (asked_ms = (SELECT asked_ms FROM requests WHERE id = $4) AND id > $4)) \
             ORDER BY asked_ms DESC, id LIMIT $5"
        );
        let part = wanted.part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(wanted.state)
            .bind(wanted.person.map(PersonId::as_str))
            .bind(format!("%{part}%"))
            .bind(wanted.after)
            .bind(sql_count(most))
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing requests"))?;
        rows.iter().map(request).collect()
    }

    /// Requests that wait and need not: what stopped the release has ended by itself by now, or they were asked before then.
    pub async fn requests_over(&self, now: Timestamp, asked_before: Timestamp) -> Result<Vec<RequestRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM requests WHERE state = 'waiting' AND (until_ms <= $1 OR asked_ms <= $2) \
             ORDER BY asked_ms, id LIMIT 100"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(now.as_millisecond())
            .bind(asked_before.as_millisecond())
            .fetch_all(self.readers())
            .await
            .map_err(doing("looking for requests that are over"))?;
        rows.iter().map(request).collect()
    }

    /// How many requests wait, and how many this person has asked since then, answered or not.
    pub async fn count_requests(&self, person: &PersonId, since: Timestamp) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM requests WHERE state = 'waiting') AS waiting, \
             (SELECT COUNT(*) FROM requests WHERE person = $1 AND asked_ms > $2) AS asked",
        )
        .bind(person.as_str())
        .bind(since.as_millisecond())
        .fetch_one(self.readers())
        .await
        .map_err(doing("counting requests"))?;
        let row = Columns { table: "requests", row: &row };
        Ok((row.count("waiting")?, row.count("asked")?))
    }

    /// How many requests wait.
    pub async fn requests_waiting(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS waiting FROM requests WHERE state = 'waiting'")
            .fetch_one(self.readers())
            .await
            .map_err(doing("counting requests that wait"))?;
        Columns { table: "requests", row: &row }.count("waiting")
    }

    /// Puts down that a person has been shown the answers to all they asked for.
    pub async fn see_answers(&self, person: &PersonId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE requests SET seen_ms = $2 WHERE person = $1 AND seen_ms IS NULL AND answered_ms IS NOT NULL",
        )
        .bind(person.as_str())
        .bind(now.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("noting that answers were seen"))?;
        Ok(())
    }
}

async fn answered(
    change: &mut Transaction<'static, Any>,
    ids: &[String],
    answer: &AnswerRow,
    exception: Option<&str>,
    ways: &[&str],
) -> Result<Vec<String>, StoreError> {
    let mut answered = Vec::new();
    for id in ids {
        let done = sqlx::query(
            "UPDATE requests SET state = $2, answered_ms = $3, answered_by = $4, answer = $5, exception = $6 \
             WHERE id = $1 AND state = 'waiting'",
        )
        .bind(id)
        .bind(answer.state)
        .bind(answer.at.as_millisecond())
        .bind(answer.by.as_ref().map(PersonId::as_str))
        .bind(&answer.words)
        .bind(exception)
        .execute(&mut **change)
        .await
        .map_err(doing("answering a request"))?;
        if done.rows_affected() > 0 {
            tellings::add(change, id, answer.state, ways, answer.at).await?;
            answered.push(id.clone());
        }
    }
    Ok(answered)
}

#[cfg(test)]
mod tests;
