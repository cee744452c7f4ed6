//! The keys by which apps and people call: of each only a digest of its secret.

use fanlight_base::{AppId, PersonId, Scopes, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::accounts::sha256;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};
use super::trusts::{Trust, is_taken};

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyHolder {
    /// A person's, to act in their own name.
    Person(PersonId),
    /// An app's.
    App(AppId),
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerKeyRow {
    /// Its name in lists: `key_` and the id in its text.
    pub id: String,
    /// Whose it is.
    pub holder: KeyHolder,
    /// Where it is used, in the words of who made it.
    pub label: String,
    /// SHA-256 of its secret; zeros where it has none.
    pub secret_sha256: [u8; 32],
    /// Its public half, as JSON (RFC 7517), where it is no shared secret.
    pub public_key: Option<String>,
    /// What is shown in place of a secret, where that is somebody else's.
    pub trust: Option<Trust>,
    /// What the record of whom it trusts is keyed with, where it trusts somebody.
    pub trust_salt: Option<[u8; 32]>,
    /// What it is for.
    pub scopes: Scopes,
    /// When it was made.
    pub made: Timestamp,
    /// Who made it.
    pub by: Option<PersonId>,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When it was last shown, to about a minute.
    pub used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

pub(super) const SELECT: &str = "SELECT id, app, person, label, secret_sha256, public_key, scopes, made_ms, made_by, until_ms, \
                                 used_ms, revoked_ms, trust, trust_issuer, trust_subject, trust_claims, trust_salt FROM caller_keys";

pub(super) fn key(row: &AnyRow) -> Result<CallerKeyRow, StoreError> {
    let row = Columns { table: "caller_keys", row };
    let holder = match (row.text_option("app")?, row.text_option("person")?) {
        (Some(app), None) => KeyHolder::App(AppId::new(app)),
        (None, Some(person)) => KeyHolder::Person(PersonId::new(person)),
        _ => return Err(row.bad("app", "not one of both".to_owned())),
    };
    let scopes = row.text("scopes")?;
    Ok(CallerKeyRow {
        id: row.text("id")?,
        holder,
        label: row.text("label")?,
        secret_sha256: sha256(&row, "secret_sha256")?,
        public_key: row.text_option("public_key")?,
        trust: Trust::of(&row)?,
        trust_salt: row.bytes_option("trust_salt")?.map(|_| sha256(&row, "trust_salt")).transpose()?,
        scopes: Scopes::parse(&scopes).ok_or_else(|| row.bad("scopes", scopes))?,
        made: row.time("made_ms")?,
        by: row.text_option("made_by")?.map(PersonId::new),
        until: row.time("until_ms")?,
        used: row.time_option("used_ms")?,
        revoked: row.time_option("revoked_ms")?,
    })
}

impl KeyHolder {
    /// The app and the person, one of them nothing.
    fn columns(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::App(app) => (Some(app.as_str()), None),
            Self::Person(person) => (None, Some(person.as_str())),
        }
    }
}

impl Store {
    /// Keeps a new key, unless its holder has `most` already that are good, has left, has ended, or is an app that is no more of the
    /// owner who was judged; or one of another app that is good trusts what it does.
    pub async fn insert_caller_key(
        &self,
        row: &CallerKeyRow,
        judged: Option<&PersonId>,
        most: u64,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "keeping a key";
        let (app, person) = row.holder.columns();
        let mut change = self.begin(DOING).await?;
        if let Some(trust) = &row.trust
            && is_taken(&mut change, &row.holder, trust, row.made).await?
        {
            return Ok(false);
        }
        let trust = row.trust.as_ref();
        let done = sqlx::query(
            "INSERT INTO caller_keys (id, app, person, label, secret_sha256, scopes, made_ms, made_by, until_ms, \
             public_key, trust, trust_issuer, trust_subject, trust_claims, trust_salt, trust_owner) SELECT $1, $2, $3, $4, $5, \
             $6, $7, $8, $9, $11, $13, $14, $15, $16, $17, $18 WHERE (SELECT COUNT(*) FROM caller_keys \
             WHERE (app = $2 OR person = $3) AND revoked_ms IS NULL AND until_ms > $7) < $10 \
             AND (EXISTS (SELECT 1 FROM apps a WHERE a.id = $2 AND a.ended_ms IS NULL AND COALESCE(a.owner, '') = $12) \
             OR EXISTS (SELECT 1 FROM people p WHERE p.id = $3 AND p.left_ms IS NULL AND p.erased_ms IS NULL))",
        )
        .bind(&row.id)
        .bind(app)
        .bind(person)
        .bind(&row.label)
        .bind(row.secret_sha256.to_vec())
        .bind(row.scopes.to_string())
        .bind(row.made.as_millisecond())
        .bind(row.by.as_ref().map(PersonId::as_str))
        .bind(row.until.as_millisecond())
        .bind(sql_count(most))
        .bind(row.public_key.as_deref())
        .bind(judged.map_or("", PersonId::as_str))
        .bind(trust.map(|trust| trust.by.kind()))
        .bind(trust.and_then(|trust| trust.by.issuer()))
        .bind(trust.map(|trust| trust.by.subject()))
        .bind(trust.map(Trust::claims_text))
        .bind(row.trust_salt.map(Vec::from))
        .bind(trust.and(judged).map(PersonId::as_str))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(done.rows_affected() > 0)
    }

    /// The key of that name, also where it was revoked or is over.
    pub async fn caller_key(&self, id: &str) -> Result<Option<CallerKeyRow>, StoreError> {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1")))
            .bind(id)
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a key"))?;
        found.as_ref().map(key).transpose()
    }

    /// Every key, the newest first.
    pub async fn caller_keys(&self) -> Result<Vec<CallerKeyRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY made_ms DESC, id")))
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing keys"))?;
        rows.iter().map(key).collect()
    }

    /// The keys of a person and of the apps that they own, the newest first.
    pub async fn caller_keys_of(&self, person: &PersonId) -> Result<Vec<CallerKeyRow>, StoreError> {
        let text = format!(
            "{SELECT} WHERE person = $1 OR app IN (SELECT id FROM apps WHERE owner = $1) ORDER BY made_ms DESC, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(person.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing the keys of a person"))?;
        rows.iter().map(key).collect()
    }

    /// Revokes a key. Says whether there was one to revoke; one revoked before keeps its first time.
    pub async fn revoke_caller_key(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE caller_keys SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL")
            .bind(id)
            .bind(now.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("revoking a key"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes from a key what is not among these scopes; one that is left with none ends. Says whether there is such a key that
    /// was not revoked.
    pub async fn limit_caller_key(&self, id: &str, scopes: Scopes) -> Result<bool, StoreError> {
        let Some(kept) = self.caller_key(id).await?.filter(|key| key.revoked.is_none()) else { return Ok(false) };
        let left = kept.scopes.and(scopes);
        if left.is_empty() {
            return self.revoke_caller_key(id, kept.made).await;
        }
        sqlx::query("UPDATE caller_keys SET scopes = $2 WHERE id = $1")
            .bind(id)
            .bind(left.to_string())
            .execute(self.writer()?)
            .await
            .map_err(doing("limiting a key"))?;
        Ok(true)
    }

    /// Notes when keys were last used, all in one change. An older time never replaces a newer one.
    pub async fn touch_caller_keys(&self, uses: &[(String, Timestamp)]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut change = self.begin("noting last uses").await?;
        for (id, at) in uses {
            sqlx::query("UPDATE caller_keys SET used_ms = $2 WHERE id = $1 AND (used_ms IS NULL OR used_ms < $2)")
                .bind(id)
                .bind(at.as_millisecond())
                .execute(&mut *change)
                .await
                .map_err(doing("noting last uses"))?;
        }
        change.commit().await.map_err(doing("noting last uses"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    impl CallerKeyRow {
        pub(crate) fn of_test(number: u8, holder: KeyHolder, scopes: &str) -> Self {
            Self {
                id: format!("key_{number}"),
                holder,
                label: "a test".into(),
                secret_sha256: [number; 32],
                public_key: None,
                trust: None,
                trust_salt: None,
                scopes: Scopes::parse(scopes).unwrap(),
                made: at(10),
                by: None,
                until: at(1_000),
                used: None,
                revoked: None,
            }
        }
    }

    #[tokio::test]
    async fn a_key_is_kept_used_and_revoked_and_nobody_has_more_than_the_most() {
        let (_dir, store) = fresh().await;
        let asha = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let key = |number| CallerKeyRow::of_test(number, KeyHolder::Person(asha.clone()), "packages api:read");
        assert!(store.insert_caller_key(&key(1), None, 2).await.unwrap());
        assert!(store.insert_caller_key(&key(2), None, 2).await.unwrap());
        assert!(!store.insert_caller_key(&key(3), None, 2).await.unwrap());
        assert_eq!(store.caller_key("key_1").await.unwrap(), Some(key(1)));
        assert!(store.revoke_caller_key("key_1", at(20)).await.unwrap());
        assert!(!store.revoke_caller_key("key_1", at(30)).await.unwrap());
        assert!(store.insert_caller_key(&key(3), None, 2).await.unwrap(), "what was revoked does not count");
        assert!(store.limit_caller_key("key_2", Scopes::parse("packages api").unwrap()).await.unwrap());
        assert_eq!(store.caller_key("key_2").await.unwrap().unwrap().scopes.to_string(), "packages");
        assert!(!store.limit_caller_key("key_1", key(1).scopes).await.unwrap(), "it was revoked");
        let late = CallerKeyRow { made: at(2_000), until: at(3_000), ..key(4) };
        assert!(store.insert_caller_key(&late, None, 1).await.unwrap(), "nor does what is over");
        store.touch_caller_keys(&[("key_2".into(), at(99)), ("key_2".into(), at(50))]).await.unwrap();
        let all = store.caller_keys_of(&asha).await.unwrap();
        assert_eq!(all, store.caller_keys().await.unwrap());
        let seen: Vec<_> = all.iter().map(|key| (key.id.as_str(), key.used, key.revoked)).collect();
        let expected = [
            ("key_4", None, None),
            ("key_1", None, Some(at(20))),
            ("key_2", Some(at(99)), None),
            ("key_3", None, None),
        ];
        assert_eq!(seen, expected);
    }
}
