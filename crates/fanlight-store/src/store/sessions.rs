//! Sessions in browsers: found by the SHA-256 of a secret that is kept nowhere. One that has ended is gone.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::accounts::sha256;
use super::browsers::BrowsersSeen;
use super::error::{StoreError, doing};
use super::logins::{ShownAtLogin, still_opens};
use super::row::Columns;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of its secret.
    pub key: [u8; 32],
    /// By which it is named where sessions are listed and ended: `ses_` and 16 random characters. No secret.
    pub id: String,
    /// Whose it is.
    pub person: PersonId,
    /// When its person logged in.
    pub begun: Timestamp,
    /// When it was last used, to about a minute.
    pub seen: Timestamp,
    /// When a second factor was last shown in it.
    pub second_factor: Option<Timestamp>,
    /// The browser, in words.
    pub browser: String,
    /// Whether its person had not used that browser here before, and had used another.
    pub new_browser: bool,
}

fn session(row: &AnyRow) -> Result<SessionRow, StoreError> {
    let row = Columns { table: "sessions", row };
    Ok(SessionRow {
        key: sha256(&row, "key_sha256")?,
        id: row.text("id")?,
        person: PersonId::new(row.text("person")?),
        begun: row.time("begun_ms")?,
        seen: row.time("seen_ms")?,
        second_factor: row.time_option("second_factor_ms")?,
        browser: row.text("browser")?,
        new_browser: row.number("new_browser")? != 0,
    })
}

impl Store {
    /// Keeps a new session of somebody whose account stands, and still has what was shown at the login. `false` where one of the
    /// two has ended or changed meanwhile: then nothing is kept.
    pub async fn insert_session(
        &self,
        row: &SessionRow,
        shown: ShownAtLogin<'_>,
        seen: Option<BrowsersSeen<'_>>,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a session";
        let mut change = self.begin(DOING).await?;
        if !still_opens(&mut change, &row.person, shown).await? {
            return Ok(false);
        }
        insert(&mut change, row).await?;
        sqlx::query(
            "INSERT INTO last_logins (person, at_ms) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET at_ms = excluded.at_ms",
        )
        .bind(row.person.as_str())
        .bind(row.begun.as_millisecond())
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if let Some(seen) = seen {
            super::browsers::keep(&mut change, row, seen).await?;
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(true)
    }

    /// When a person logged in last.
    pub async fn last_login(&self, person: &PersonId) -> Result<Option<Timestamp>, StoreError> {
        let found = sqlx::query("SELECT at_ms FROM last_logins WHERE person = $1")
            .bind(person.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("asking when somebody logged in last"))?;
        found.map(|row| Columns { table: "last_logins", row: &row }.time("at_ms")).transpose()
    }

    /// Keeps a session in place of the one under another key. `false` where that one is not there any more: then nothing
    /// is kept.
    pub async fn replace_session(&self, before: &[u8; 32], row: &SessionRow) -> Result<bool, StoreError> {
        const DOING: &str = "replacing a session";
        let mut change = self.begin(DOING).await?;
        let gone = sqlx::query("DELETE FROM sessions WHERE key_sha256 = $1")
            .bind(before.to_vec())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        insert(&mut change, row).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(true)
    }

    /// The session under that key.
    pub async fn session(&self, key: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
        let found = sqlx::query(
            "SELECT key_sha256, id, person, begun_ms, seen_ms, second_factor_ms, browser, new_browser \
             FROM sessions WHERE key_sha256 = $1",
        )
        .bind(key.to_vec())
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up a session"))?;
        found.as_ref().map(session).transpose()
    }

    /// A person's sessions, the newest first.
    pub async fn sessions_of(&self, person: &PersonId) -> Result<Vec<SessionRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT key_sha256, id, person, begun_ms, seen_ms, second_factor_ms, browser, new_browser \
             FROM sessions WHERE person = $1 ORDER BY begun_ms DESC, id",
        )
        .bind(person.as_str())
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing sessions"))?;
        rows.iter().map(session).collect()
    }

    /// Notes that a session is used.
    pub async fn touch_session(&self, key: &[u8; 32], now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET seen_ms = $2 WHERE key_sha256 = $1 AND seen_ms < $2")
            .bind(key.to_vec())
            .bind(now.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("noting that a session is used"))?;
        Ok(())
    }

    /// Ends one session of a person, by its name in lists. Says whether there was one.
    pub async fn end_session(&self, person: &PersonId, id: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE person = $1 AND id = $2")
            .bind(person.as_str())
            .bind(id)
            .execute(self.writer()?)
            .await
            .map_err(doing("ending a session"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends all sessions of a person, and says how many there were.
    pub async fn end_sessions(&self, person: &PersonId) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE person = $1")
            .bind(person.as_str())
            .execute(self.writer()?)
            .await
            .map_err(doing("ending sessions"))?;
        Ok(done.rows_affected())
    }

    /// Removes sessions that nobody can use any more: begun by `begun`, or not seen since `seen`.
    pub async fn sweep_sessions(&self, begun: Timestamp, seen: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE begun_ms <= $1 OR seen_ms <= $2")
            .bind(begun.as_millisecond())
            .bind(seen.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("removing old sessions"))?;
        Ok(done.rows_affected())
    }
}

async fn insert(change: &mut sqlx::Transaction<'static, sqlx::Any>, row: &SessionRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (key_sha256, id, person, begun_ms, seen_ms, second_factor_ms, browser, new_browser) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(row.key.to_vec())
    .bind(&row.id)
    .bind(row.person.as_str())
    .bind(row.begun.as_millisecond())
    .bind(row.seen.as_millisecond())
    .bind(row.second_factor.map(Timestamp::as_millisecond))
    .bind(&row.browser)
    .bind(i64::from(row.new_browser))
    .execute(&mut **change)
    .await
    .map_err(doing("keeping a session"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    impl SessionRow {
        pub(crate) fn of_test(person: &str, number: u8) -> Self {
            Self {
                key: [number; 32],
                id: format!("ses_{number}"),
                person: PersonId::new(person),
                begun: at(10),
                seen: at(10),
                second_factor: Some(at(10)),
                browser: "Firefox on Linux".into(),
                new_browser: false,
            }
        }
    }

    #[tokio::test]
    async fn a_session_is_found_replaced_and_ended() {
        let (_dir, store) = fresh().await;
        let asha = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let ben = store.create_person(&PersonId::new("prs_2"), "ben", at(1)).await.unwrap().id;
        assert!(
            !store.insert_session(&SessionRow::of_test("prs_1", 1), ShownAtLogin::Link, None).await.unwrap(),
            "who has no account logs in nowhere"
        );
        let account = sqlx::query("INSERT INTO accounts (person, recovery, created_ms) VALUES ('prs_1', '', 1)");
        account.execute(store.writer().unwrap()).await.unwrap();
        let (one, two) = (SessionRow::of_test("prs_1", 1), SessionRow::of_test("prs_1", 2));
        assert!(
            !store.insert_session(&one, ShownAtLogin::Password("another password"), None).await.unwrap(),
            "it was changed meanwhile"
        );
        assert!(store.insert_session(&one, ShownAtLogin::Link, None).await.unwrap());
        assert_eq!(store.session(&one.key).await.unwrap().as_ref(), Some(&one));
        assert!(store.replace_session(&one.key, &SessionRow { id: one.id.clone(), ..two.clone() }).await.unwrap());
        assert!(!store.replace_session(&one.key, &SessionRow::of_test("prs_1", 3)).await.unwrap());
        assert_eq!(store.session(&[3; 32]).await.unwrap(), None, "of a session that is gone comes none");
        store.touch_session(&two.key, at(99)).await.unwrap();
        store.touch_session(&two.key, at(50)).await.unwrap();
        assert_eq!(store.sessions_of(&asha).await.unwrap()[0].seen, at(99));
        assert!(!store.end_session(&ben, &one.id).await.unwrap(), "another person's");
        assert!(store.end_session(&asha, &one.id).await.unwrap());
        store.insert_session(&one, ShownAtLogin::Link, None).await.unwrap();
        store.insert_session(&two, ShownAtLogin::Link, None).await.unwrap();
        assert_eq!(store.end_sessions(&asha).await.unwrap(), 2);
        store.insert_session(&one, ShownAtLogin::Link, None).await.unwrap();
        assert_eq!(store.sweep_sessions(at(9), at(9)).await.unwrap(), 0);
        assert_eq!(store.sweep_sessions(at(0), at(10)).await.unwrap(), 1);
    }
}
