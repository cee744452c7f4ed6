//! Access tokens that ended before their time, and assertions that were used. What is over anyway is forgotten.

use fanlight_base::Timestamp;

use super::Store;
use super::accounts::sha256;
use super::error::{StoreError, doing};
use super::row::Columns;

impl Store {
    /// Keeps that a token ended, by SHA-256 of its id, until it is over; forgets those that are.
    /// Says whether it had not.
    pub async fn end_token(&self, sha256: &[u8; 32], until: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
        const DOING: &str = "ending a token";
        let mut change = self.begin(DOING).await?;
        sqlx::query("DELETE FROM ended_tokens WHERE until_ms <= $1")
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let done = sqlx::query("INSERT INTO ended_tokens (sha256, until_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(sha256.to_vec())
            .bind(until.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(done.rows_affected() > 0)
    }

    /// All of them, with when each is over anyway.
    pub async fn ended_tokens(&self) -> Result<Vec<([u8; 32], Timestamp)>, StoreError> {
        let rows = sqlx::query("SELECT sha256, until_ms FROM ended_tokens ORDER BY until_ms")
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing ended tokens"))?;
        let of = |row| {
            let row = Columns { table: "ended_tokens", row };
            Ok((sha256(&row, "sha256")?, row.time("until_ms")?))
        };
        rows.iter().map(of).collect()
    }

    /// Whether a token ended.
    pub async fn token_ended(&self, sha256: &[u8; 32]) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM ended_tokens WHERE sha256 = $1")
            .bind(sha256.to_vec())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up an ended token"))?;
        Ok(found.is_some())
    }
}

#[cfg(test)]
mod tests {
    use crate::store::tests::{at, fresh};

    #[tokio::test]
    async fn what_ended_stays_ended_until_it_is_over() {
        let (_dir, store) = fresh().await;
        assert!(store.end_token(&[1; 32], at(100), at(10)).await.unwrap());
        assert!(!store.end_token(&[1; 32], at(100), at(20)).await.unwrap());
        assert_eq!(store.ended_tokens().await.unwrap(), [([1; 32], at(100))]);
        assert!(store.token_ended(&[1; 32]).await.unwrap() && !store.token_ended(&[2; 32]).await.unwrap());
        store.end_token(&[2; 32], at(300), at(100)).await.unwrap();
        assert!(!store.token_ended(&[1; 32]).await.unwrap() && store.token_ended(&[2; 32]).await.unwrap());
    }
}
