//! Exceptions: what may pass policies for a time, granted to whom, until when. An ended one stays as a row.

use fanlight_base::{PersonId, Timestamp, Whom};
use sqlx::Any;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// An exception from policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    /// Its id: `exc_` and 16 random characters.
    pub id: String,
    /// The release's purl, or the project's for all its releases.
    pub thing: String,
    /// Whom it is for.
    pub audience: Whom,
    /// The ids of the policies it sets aside.
    pub policies: Vec<String>,
    /// Why, in the words of who granted it.
    pub because: String,
    /// The role of who granted it.
    pub role: String,
    /// The pseudonym of who granted it.
    pub person: Option<PersonId>,
    /// When it was granted.
    pub granted: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When it did end, by itself or because somebody ended it.
    pub ended: Option<Timestamp>,
}

fn exception(row: &AnyRow) -> Result<ExceptionRow, StoreError> {
    let row = Columns { table: "exceptions", row };
    Ok(ExceptionRow {
        id: row.text("id")?,
        thing: row.text("thing")?,
        audience: row.text_option("audience")?.map_or(Whom::Everybody, |word| Whom::of_word(&word)),
        policies: row.text("policies")?.split_whitespace().map(str::to_owned).collect(),
        because: row.text("because")?,
        role: row.text("role")?,
        person: row.text_option("person")?.map(PersonId::new),
        granted: row.time("granted_ms")?,
        until: row.time("until_ms")?,
        ended: row.time_option("ended_ms")?,
    })
}

/// The statement that keeps a new exception.
pub(super) fn insert(row: &ExceptionRow) -> Query<'_, Any, AnyArguments> {
    sqlx::query(
        "INSERT INTO exceptions (id, thing, audience, policies, because, role, person, granted_ms, until_ms, \
         ended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&row.id)
    .bind(&row.thing)
    .bind(Some(&row.audience).filter(|whom| **whom != Whom::Everybody).map(Whom::to_word))
    // Ids of policies have no spaces.
    .bind(row.policies.join(" "))
    .bind(&row.because)
    .bind(&row.role)
    .bind(row.person.as_ref().map(PersonId::as_str))
    .bind(row.granted.as_millisecond())
    .bind(row.until.as_millisecond())
    .bind(row.ended.map(Timestamp::as_millisecond))
}

impl Store {
    /// Keeps a new exception.
    pub async fn insert_exception(&self, row: &ExceptionRow) -> Result<(), StoreError> {
        insert(row).execute(self.writer()?).await.map_err(doing("keeping an exception"))?;
        Ok(())
    }

    /// Ends an exception. Says whether it had not ended yet.
    pub async fn end_exception(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE exceptions SET ended_ms = $2 WHERE id = $1 AND ended_ms IS NULL")
            .bind(id)
            .bind(now.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("ending an exception"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Every exception, ended ones included, the newest first.
    pub async fn exceptions(&self) -> Result<Vec<ExceptionRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, thing, audience, policies, because, role, person, granted_ms, until_ms, ended_ms \
             FROM exceptions ORDER BY granted_ms DESC, id",
        )
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing exceptions"))?;
        rows.iter().map(exception).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    #[tokio::test]
    async fn an_exception_is_kept_and_ends_once() {
        let (_dir, store) = fresh().await;
        let row = ExceptionRow {
            id: "exc_1".to_owned(),
            thing: "pkg:pypi/a@1".to_owned(),
            audience: Whom::Group("finance".into()),
            policies: vec!["wait-and-see".to_owned(), "no-a".to_owned()],
            because: "the fix is needed tonight".to_owned(),
            role: "steward".to_owned(),
            person: None,
            granted: at(1_000),
            until: at(5_000),
            ended: None,
        };
        store.insert_exception(&row).await.unwrap();
        assert_eq!(store.exceptions().await.unwrap(), std::slice::from_ref(&row));
        assert!(store.end_exception("exc_1", at(3_000)).await.unwrap());
        assert!(!store.end_exception("exc_1", at(4_000)).await.unwrap());
        assert_eq!(store.exceptions().await.unwrap(), [ExceptionRow { ended: Some(at(3_000)), ..row }]);
    }
}
