//! Calls made under a key of the caller's, and what they were answered. Refuses to know how an answer is sealed.
//!
//! Invariant: a call is begun once; what is kept is bounded in time and, for each caller, in number.

use fanlight_base::{Timestamp, limits};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};
use crate::Sha256;

/// A call that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentCall {
    /// SHA-256 of what was asked; nothing until it is answered.
    pub asked: Option<Sha256>,
    /// The answer's status, and its body sealed; nothing while the call is under way, and where the node ended in it.
    pub answer: Option<(u16, Vec<u8>)>,
}

fn call(row: &AnyRow) -> Result<IdempotentCall, StoreError> {
    let row = Columns { table: "idempotency", row };
    let status = row.count_option("status")?.and_then(|status| u16::try_from(status).ok());
    let asked = match row.text_option("asked")? {
        Some(text) => Some(text.parse().map_err(|_| row.bad("asked", text))?),
        None => None,
    };
    Ok(IdempotentCall { asked, answer: status.zip(row.bytes_option("answer")?) })
}

impl Store {
    /// Begins a call: nothing where it is new, else what is known of the one under that id. Forgets calls that are older than
    /// [`limits::IDEMPOTENCY_TIME`], and this caller's oldest where there are more than [`limits::IDEMPOTENT_CALLS`].
    pub async fn begin_call(
        &self,
        id: &[u8; 32],
        caller: &str,
        now: Timestamp,
    ) -> Result<Option<IdempotentCall>, StoreError> {
        const DOING: &str = "beginning a call under its key";
        let mut change = self.begin(DOING).await?;
        let over = now.as_millisecond() - i64::try_from(limits::IDEMPOTENCY_TIME.as_millis()).unwrap_or(i64::MAX);
        sqlx::query("DELETE FROM idempotency WHERE begun_ms <= $1")
            .bind(over)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let done = sqlx::query(
            "INSERT INTO idempotency (id, caller, begun_ms) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.to_vec())
        .bind(caller)
        .bind(now.as_millisecond())
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if done.rows_affected() == 0 {
            let row = sqlx::query("SELECT asked, status, answer FROM idempotency WHERE id = $1")
                .bind(id.to_vec())
                .fetch_one(&mut *change)
                .await
                .map_err(doing(DOING))?;
            return call(&row).map(Some);
        }
        sqlx::query(
            "DELETE FROM idempotency WHERE caller = $1 AND id NOT IN \
             (SELECT id FROM idempotency WHERE caller = $1 ORDER BY begun_ms DESC, id LIMIT $2)",
        )
        .bind(caller)
        .bind(sql_count(limits::IDEMPOTENT_CALLS))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(None)
    }

    /// Keeps what a call was answered, until it is forgotten.
    pub async fn finish_call(
        &self,
        id: &[u8; 32],
        asked: &Sha256,
        status: u16,
        answer: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE idempotency SET asked = $2, status = $3, answer = $4 WHERE id = $1")
            .bind(id.to_vec())
            .bind(asked.to_string())
            .bind(i64::from(status))
            .bind(answer)
            .execute(self.writer()?)
            .await
            .map_err(doing("keeping what a call was answered"))?;
        Ok(())
    }

    /// Forgets a call of which nothing came, so that it may be made again.
    pub async fn forget_call(&self, id: &[u8; 32]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency WHERE id = $1")
            .bind(id.to_vec())
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting a call"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fanlight_base::limits;

    use super::IdempotentCall;
    use crate::Sha256;
    use crate::store::tests::{at, fresh};

    const UNDER_WAY: IdempotentCall = IdempotentCall { asked: None, answer: None };

    #[tokio::test]
    async fn a_call_is_begun_once_and_its_answer_is_kept_for_a_time() {
        let (_dir, store) = fresh().await;
        assert_eq!(store.begin_call(&[1; 32], "prs_a", at(10)).await.unwrap(), None);
        assert_eq!(store.begin_call(&[1; 32], "prs_a", at(11)).await.unwrap(), Some(UNDER_WAY));
        store.finish_call(&[1; 32], &Sha256::of(b"it"), 201, b"sealed").await.unwrap();
        let kept = IdempotentCall { asked: Some(Sha256::of(b"it")), answer: Some((201, b"sealed".to_vec())) };
        assert_eq!(store.begin_call(&[1; 32], "prs_a", at(12)).await.unwrap(), Some(kept));

        store.begin_call(&[2; 32], "prs_a", at(13)).await.unwrap();
        store.forget_call(&[2; 32]).await.unwrap();
        assert_eq!(store.begin_call(&[2; 32], "prs_a", at(14)).await.unwrap(), None, "it may be made again");

        let later = at(10).checked_add(limits::IDEMPOTENCY_TIME).unwrap();
        assert_eq!(store.begin_call(&[1; 32], "prs_a", later).await.unwrap(), None, "the first is forgotten");
    }

    #[tokio::test]
    async fn of_each_caller_the_newest_are_kept() {
        let (_dir, store) = fresh().await;
        let id = |number: u64| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            id
        };
        store.begin_call(&[0xff; 32], "prs_b", at(0)).await.unwrap();
        for number in 0..=limits::IDEMPOTENT_CALLS {
            assert_eq!(store.begin_call(&id(number), "prs_a", at(1 + number as i64)).await.unwrap(), None);
        }
        let now = at(2 + limits::IDEMPOTENT_CALLS as i64);
        assert_eq!(store.begin_call(&id(1), "prs_a", now).await.unwrap(), Some(UNDER_WAY), "among the newest");
        assert_eq!(store.begin_call(&[0xff; 32], "prs_b", now).await.unwrap(), Some(UNDER_WAY), "another's");
        assert_eq!(store.begin_call(&id(0), "prs_a", now).await.unwrap(), None, "the oldest was forgotten");
    }
}
