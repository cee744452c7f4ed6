//! A person leaves: everything by which they come in ends in one change.

use fanlight_base::{PersonId, Timestamp};

use super::Store;
use super::error::{StoreError, doing};

/// What ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftRows {
    /// Whether there was an account.
    pub account: bool,
    /// Sessions.
    pub sessions: u64,
    /// Tokens on machines.
    pub tokens: u64,
}

const DOING: &str = "ending what a person has here";

/// Ends it as a part of a change. Groups that a directory keeps stay, without counting: where it brings the person back, it
/// need not say them again.
pub(super) async fn leave(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    person: &PersonId,
    now: Timestamp,
) -> Result<LeftRows, StoreError> {
    let mut ended = [0; 10];
    for (text, count) in [
        "UPDATE people SET left_ms = $2 WHERE id = $1 AND left_ms IS NULL AND erased_ms IS NULL",
        "UPDATE accounts SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL",
        "UPDATE devices SET revoked_ms = $2 WHERE person = $1 AND revoked_ms IS NULL",
        "UPDATE roles SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL",
        "UPDATE memberships SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL \
         AND group_name NOT IN (SELECT group_name FROM directory_groups)",
        "DELETE FROM sessions WHERE person = $1 AND $2 IS NOT NULL",
        "DELETE FROM links WHERE person = $1 AND $2 IS NOT NULL",
        "DELETE FROM passkeys WHERE person = $1 AND $2 IS NOT NULL",
        "DELETE FROM provider_people WHERE person = $1 AND $2 IS NOT NULL",
        // Nobody is granted anything that is not here to have it.
        super::requests::OVER_FOR_WHO_LEFT,
    ]
    .into_iter()
    .zip(&mut ended)
    {
        let done = sqlx::query(text).bind(person.as_str()).bind(now.as_millisecond()).execute(&mut **change).await;
        *count = done.map_err(doing(DOING))?.rows_affected();
    }
    super::apps::let_go(change, person.as_str(), now).await?;
    let [_, account, tokens, _, _, sessions, ..] = ended;
    Ok(LeftRows { account: account > 0, sessions, tokens })
}

impl Store {
    /// Ends all by which a person comes in, and their rights.
    pub async fn leave(&self, person: &PersonId, now: Timestamp) -> Result<LeftRows, StoreError> {
        let mut change = self.begin(DOING).await?;
        let ended = leave(&mut change, person, now).await?;
        // A change of the directory's that was drawn up before this one does not bring them back.
        sqlx::query("UPDATE directory_people SET version = version + 1, changed_ms = $2 WHERE person = $1")
            .bind(person.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(ended)
    }
}
