//! Passkeys: public keys by which people log in. Nothing here opens anything.
//!
//! Invariant: a passkey's count is kept only if it rises, so that of two answers with the same one is taken.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::logins::in_session;
use super::row::{Columns, sql_count};

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// By which it is named in lists: `pky_` and 16 random characters.
    pub id: String,
    /// By which its authenticator knows it.
    pub credential: Vec<u8>,
    /// Whose it is.
    pub person: PersonId,
    /// By which the authenticator knows whose it is.
    pub handle: Vec<u8>,
    /// Its public key, as the credentials' crate writes it.
    pub key: String,
    /// How often it was used, where the authenticator counts.
    pub count: u64,
    /// What its person calls it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// What came of a passkey that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyKept {
    /// It is kept.
    Kept,
    /// It is known already, as this person's or another's.
    Known,
    /// The person has as many as may be.
    Full,
    /// The person has no account any more, or was logged out.
    NoAccount,
}

/// What came of a passkey that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyGone {
    /// It is gone.
    Gone,
    /// There was none.
    Unknown,
    /// It is the person's only way to log in.
    Last,
}

fn passkey(row: &AnyRow) -> Result<PasskeyRow, StoreError> {
    let row = Columns { table: "passkeys", row };
    Ok(PasskeyRow {
        id: row.text("id")?,
        credential: row.bytes("credential")?,
        person: PersonId::new(row.text("person")?),
        handle: row.bytes("handle")?,
        key: row.text("public_key")?,
        count: row.count("uses")?,
        name: row.text("name")?,
        created: row.time("created_ms")?,
        used: row.time_option("used_ms")?,
    })
}

impl Store {
    /// The passkey that an authenticator knows by that.
    pub async fn passkey(&self, credential: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
        let found = sqlx::query(
            "SELECT id, credential, person, handle, public_key, uses, name, created_ms, used_ms FROM passkeys \
             WHERE credential = $1",
        )
        .bind(credential.to_vec())
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up a passkey"))?;
        found.as_ref().map(passkey).transpose()
    }

    /// A person's passkeys, the oldest first.
    pub async fn passkeys_of(&self, person: &PersonId) -> Result<Vec<PasskeyRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, credential, person, handle, public_key, uses, name, created_ms, used_ms FROM passkeys \
             WHERE person = $1 ORDER BY created_ms, id",
        )
        .bind(person.as_str())
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing passkeys"))?;
        rows.iter().map(passkey).collect()
    }

    /// Keeps a passkey of somebody whose account and session stand, where they have fewer than `most`.
    pub async fn insert_passkey(
        &self,
        row: &PasskeyRow,
        session: &[u8; 32],
        most: usize,
    ) -> Result<PasskeyKept, StoreError> {
        const DOING: &str = "keeping a passkey";
        let mut change = self.begin(DOING).await?;
        if !in_session(&mut change, &row.person, session).await? {
            return Ok(PasskeyKept::NoAccount);
        }
        let counted = sqlx::query("SELECT COUNT(*) AS passkeys FROM passkeys WHERE person = $1")
            .bind(row.person.as_str())
            .fetch_one(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if (Columns { table: "passkeys", row: &counted }).count("passkeys")? >= most as u64 {
            return Ok(PasskeyKept::Full);
        }
        if !insert(&mut change, row).await? {
            return Ok(PasskeyKept::Known);
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(PasskeyKept::Kept)
    }

    /// Notes that a passkey was used, with its new count. `false` where it is gone, or was used with that count or a higher
    /// one before.
    pub async fn use_passkey(&self, id: &str, count: u64, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE passkeys SET uses = $2, used_ms = $3 WHERE id = $1 AND (uses < $2 OR (uses = 0 AND $2 = 0))",
        )
        .bind(id)
        .bind(sql_count(count))
        .bind(now.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("using a passkey"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Removes a passkey of a person, unless it is their only way to log in.
    pub async fn remove_passkey(&self, person: &PersonId, id: &str) -> Result<PasskeyGone, StoreError> {
        const DOING: &str = "removing a passkey";
        let mut change = self.begin(DOING).await?;
        let gone = sqlx::query("DELETE FROM passkeys WHERE person = $1 AND id = $2")
            .bind(person.as_str())
            .bind(id)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if gone.rows_affected() == 0 {
            return Ok(PasskeyGone::Unknown);
        }
        let other = sqlx::query(
            "SELECT person FROM accounts WHERE person = $1 AND password IS NOT NULL \
             UNION ALL SELECT person FROM passkeys WHERE person = $1 \
             UNION ALL SELECT person FROM provider_people WHERE person = $1",
        )
        .bind(person.as_str())
        .fetch_optional(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if other.is_none() {
            return Ok(PasskeyGone::Last);
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(PasskeyGone::Gone)
    }
}

/// Says whether it was not known before.
pub(super) async fn insert(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    row: &PasskeyRow,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO passkeys (id, credential, person, handle, public_key, uses, name, created_ms, used_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind(&row.id)
    .bind(row.credential.clone())
    .bind(row.person.as_str())
    .bind(row.handle.clone())
    .bind(&row.key)
    .bind(sql_count(row.count))
    .bind(&row.name)
    .bind(row.created.as_millisecond())
    .bind(row.used.map(Timestamp::as_millisecond))
    .execute(&mut **change)
    .await
    .map_err(doing("keeping a passkey"))?;
    Ok(done.rows_affected() > 0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};
    use crate::{AccountRow, Joined, LinkRow};

    fn row(person: &str, number: u8) -> PasskeyRow {
        PasskeyRow {
            id: format!("pky_{number}"),
            credential: vec![number; 20],
            person: PersonId::new(person),
            handle: vec![1],
            key: "-8 x".into(),
            count: 0,
            name: "phone".into(),
            created: at(i64::from(number)),
            used: None,
        }
    }

    /// Somebody with the passkey `pky_1`, and a password with an authenticator app and recovery codes where one is given.
    pub(in crate::store) async fn with_account(password: Option<&str>) -> (tempfile::TempDir, Store, PersonId) {
        let (dir, store) = fresh().await;
        let person = PersonId::new("prs_1");
        let link = LinkRow { sha256: [1; 32], person: None, role: None, by: None, until: at(99), used: None };
        store.insert_link(&link).await.unwrap();
        let account = AccountRow {
            person: person.clone(),
            password: password.map(str::to_owned),
            totp: password.map(|_| "sealed".to_owned()),
            totp_step: password.map(|_| 7),
            recovery: password.map(|_| "one two".to_owned()).unwrap_or_default(),
            created: at(1),
            ended: None,
        };
        assert_eq!(store.join(&[1; 32], "asha", &account, Some(&row("prs_1", 1)), None).await.unwrap(), Joined::Made);
        (dir, store, person)
    }

    #[tokio::test]
    async fn a_count_only_rises() {
        let (_dir, store, person) = with_account(None).await;
        for (count, is_taken) in [(0, true), (0, true), (3, true), (3, false), (0, false), (2, false), (4, true)] {
            assert_eq!(store.use_passkey("pky_1", count, at(7)).await.unwrap(), is_taken, "{count}");
        }
        let kept = store.passkeys_of(&person).await.unwrap();
        assert_eq!((kept[0].count, kept[0].used), (4, Some(at(7))));
        assert!(!store.use_passkey("pky_9", 1, at(7)).await.unwrap());
    }

    #[tokio::test]
    async fn the_only_way_to_log_in_stays() {
        let (_dir, store, person) = with_account(None).await;
        assert_eq!(store.remove_passkey(&person, "pky_1").await.unwrap(), PasskeyGone::Last);
        assert_eq!(store.passkeys_of(&person).await.unwrap().len(), 1);
        let kept = store.insert_passkey(&row("prs_1", 2), &[1; 32], 9).await.unwrap();
        assert_eq!(kept, PasskeyKept::NoAccount, "whoever was logged out adds none");
        let session = crate::SessionRow::of_test("prs_1", 1);
        assert!(store.insert_session(&session, crate::ShownAtLogin::Link, None).await.unwrap());
        assert_eq!(store.insert_passkey(&row("prs_1", 2), &[1; 32], 2).await.unwrap(), PasskeyKept::Kept);
        assert_eq!(store.insert_passkey(&row("prs_1", 3), &[1; 32], 2).await.unwrap(), PasskeyKept::Full);
        assert_eq!(store.insert_passkey(&row("prs_1", 2), &[1; 32], 9).await.unwrap(), PasskeyKept::Known);
        assert_eq!(store.insert_passkey(&row("prs_2", 3), &[1; 32], 9).await.unwrap(), PasskeyKept::NoAccount);
        assert_eq!(store.remove_passkey(&PersonId::new("prs_2"), "pky_2").await.unwrap(), PasskeyGone::Unknown);
        assert_eq!(store.remove_passkey(&person, "pky_2").await.unwrap(), PasskeyGone::Gone);
        assert_eq!(store.passkey(&[2; 20]).await.unwrap(), None);
        let (_dir, store, person) = with_account(Some("$argon2id$..")).await;
        assert_eq!(store.remove_passkey(&person, "pky_1").await.unwrap(), PasskeyGone::Gone);
    }

    #[tokio::test]
    async fn whoever_leaves_or_is_erased_has_no_passkey() {
        let (_dir, store, person) = with_account(None).await;
        store.end_account(&person, at(5)).await.unwrap();
        assert!(store.passkeys_of(&person).await.unwrap().is_empty());
        let (_dir, store, person) = with_account(None).await;
        store.erase(person.as_str(), at(5)).await.unwrap();
        assert!(store.passkeys_of(&person).await.unwrap().is_empty());
    }
}
