//! The ways by which a person logs in: which there are, and the end of one.
//!
//! Invariant: with a way end the sessions that may have begun by it, in the same change, and none begins by it afterwards
//! ([`Store::insert_session`]).

use std::fmt;

use fanlight_base::PersonId;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A way by which somebody logs in. In text: `password`, `pky_...`, `provider:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginWay {
    /// Their password, with the authenticator app and the recovery codes, which are worth nothing without it.
    Password,
    /// The passkey of that id.
    Passkey(String),
    /// The provider of that name in the settings.
    Provider(String),
}

impl LoginWay {
    /// The way of that text; none where it names none.
    pub fn of(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("provider", name)) if !name.is_empty() => Some(Self::Provider(name.to_owned())),
            None if text == "password" => Some(Self::Password),
            None if text.starts_with("pky_") => Some(Self::Passkey(text.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for LoginWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password => f.write_str("password"),
            Self::Passkey(id) => f.write_str(id),
            Self::Provider(name) => write!(f, "provider:{name}"),
        }
    }
}

/// What somebody showed when they logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownAtLogin<'a> {
    /// The link by which the account was made.
    Link,
    /// The password, as it is kept: a PHC string.
    Password(&'a str),
    /// The passkey of that id.
    Passkey(&'a str),
    /// Who they are at a provider: SHA-256 of issuer and subject.
    Provider(&'a [u8; 32]),
}

/// What ended with a way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedLogin {
    /// Sessions.
    pub sessions: u64,
    /// Whether the person has another way.
    pub can_log_in: bool,
}

const WAYS: &str = "SELECT 'password' AS way, created_ms FROM accounts \
                    WHERE person = $1 AND ended_ms IS NULL AND password IS NOT NULL \
                    UNION ALL SELECT id, created_ms FROM passkeys WHERE person = $1 \
                    UNION ALL SELECT 'provider:' || provider, MIN(created_ms) FROM provider_people WHERE person = $1 \
                    GROUP BY provider \
                    ORDER BY created_ms, way";

fn ways(rows: &[AnyRow]) -> Result<Vec<LoginWay>, StoreError> {
    let way = |row| {
        let row = Columns { table: "ways to log in", row };
        let text = row.text("way")?;
        LoginWay::of(&text).ok_or_else(|| row.bad("way", text))
    };
    rows.iter().map(way).collect()
}

impl Store {
    /// By what a person can log in, the oldest first; also at a provider that the settings do not name any more ([`Store::opens`]).
    pub async fn login_ways(&self, person: &PersonId) -> Result<Vec<LoginWay>, StoreError> {
        let rows = sqlx::query(WAYS)
            .bind(person.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing the ways to log in"))?;
        ways(&rows)
    }

    /// Takes the names of the providers at which people log in, of the settings, once: a way by another one opens nothing. Until then
    /// every provider counts.
    pub fn providers_are(&self, names: impl IntoIterator<Item = String>) {
        // Who opened the store says it, before anybody asks; nobody says it twice.
        let _ = self.0.providers.set(names.into_iter().collect());
    }

    /// Whether anybody can log in by such a way: not by a provider that the settings do not name any more.
    pub fn opens(&self, way: &LoginWay) -> bool {
        match way {
            LoginWay::Provider(name) => self.0.providers.get().is_none_or(|known| known.contains(name)),
            LoginWay::Password | LoginWay::Passkey(_) => true,
        }
    }

    /// Those of these people who can log in.
    pub async fn who_log_in(&self, people: &[PersonId]) -> Result<Vec<PersonId>, StoreError> {
        let mut can = Vec::new();
        for person in people {
            if self.login_ways(person).await?.iter().any(|way| self.opens(way)) {
                can.push(person.clone());
            }
        }
        Ok(can)
    }

    /// Ends a way to log in, with every session of its person and the links to them that nobody has opened. None where they have no
    /// such way.
    pub async fn end_login(&self, person: &PersonId, way: &LoginWay) -> Result<Option<EndedLogin>, StoreError> {
        const DOING: &str = "ending a way to log in";
        let mut change = self.begin(DOING).await?;
        let ends = match way {
            LoginWay::Password => sqlx::query(
                "UPDATE accounts SET password = NULL, totp = NULL, totp_step = NULL, recovery = '' \
                 WHERE person = $1 AND password IS NOT NULL AND ended_ms IS NULL",
            )
            .bind(person.as_str()),
            LoginWay::Passkey(id) => {
                sqlx::query("DELETE FROM passkeys WHERE person = $1 AND id = $2").bind(person.as_str()).bind(id)
            }
            LoginWay::Provider(name) => sqlx::query("DELETE FROM provider_people WHERE person = $1 AND provider = $2")
                .bind(person.as_str())
                .bind(name),
        };
        if ends.execute(&mut *change).await.map_err(doing(DOING))?.rows_affected() == 0 {
            return Ok(None);
        }
        let sessions = sqlx::query("DELETE FROM sessions WHERE person = $1")
            .bind(person.as_str())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?
            .rows_affected();
        sqlx::query("DELETE FROM links WHERE person = $1 AND used_ms IS NULL")
            .bind(person.as_str())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let left = sqlx::query(WAYS).bind(person.as_str()).fetch_all(&mut *change).await.map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        let can_log_in = ways(&left)?.iter().any(|way| self.opens(way));
        Ok(Some(EndedLogin { sessions, can_log_in }))
    }
}

/// Whether a person's account and that session of theirs stand, as a part of a change.
pub(super) async fn in_session(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    person: &PersonId,
    session: &[u8; 32],
) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT accounts.person FROM accounts JOIN sessions ON sessions.person = accounts.person \
         WHERE accounts.person = $1 AND ended_ms IS NULL AND key_sha256 = $2",
    )
    .bind(person.as_str())
    .bind(session.to_vec())
    .fetch_optional(&mut **change)
    .await
    .map_err(doing("looking whether a session stands"))?;
    Ok(found.is_some())
}

/// Whether what was shown at a login still opens the account, as a part of a change.
pub(super) async fn still_opens(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    person: &PersonId,
    shown: ShownAtLogin<'_>,
) -> Result<bool, StoreError> {
    let person = person.as_str();
    let asks = match shown {
        ShownAtLogin::Link => {
            sqlx::query("SELECT person FROM accounts WHERE person = $1 AND ended_ms IS NULL").bind(person)
        }
        ShownAtLogin::Password(password) => {
            sqlx::query("SELECT person FROM accounts WHERE person = $1 AND ended_ms IS NULL AND password = $2")
                .bind(person)
                .bind(password)
        }
        ShownAtLogin::Passkey(id) => sqlx::query(
            "SELECT accounts.person FROM accounts JOIN passkeys ON passkeys.person = accounts.person \
             WHERE accounts.person = $1 AND ended_ms IS NULL AND id = $2",
        )
        .bind(person)
        .bind(id),
        ShownAtLogin::Provider(subject) => sqlx::query(
            "SELECT accounts.person FROM accounts JOIN provider_people ON provider_people.person = accounts.person \
             WHERE accounts.person = $1 AND ended_ms IS NULL AND subject_sha256 = $2",
        )
        .bind(person)
        .bind(subject.to_vec()),
    };
    Ok(asks.fetch_optional(&mut **change).await.map_err(doing("keeping a session"))?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::passkeys::tests::with_account;
    use crate::store::tests::at;
    use crate::{ProviderPersonRow, SessionRow};

    const HASH: &str = "$argon2id$..";

    /// Somebody with a password, the passkey `pky_1` and the provider `acme`.
    async fn asha() -> (tempfile::TempDir, Store, PersonId) {
        let (dir, store, person) = with_account(Some(HASH)).await;
        let linked = ProviderPersonRow {
            subject_sha256: [5; 32],
            provider: "acme".into(),
            person: person.clone(),
            groups: Vec::new(),
            created: at(3),
        };
        let session = SessionRow::of_test("prs_1", 9);
        assert!(store.insert_session(&session, ShownAtLogin::Link, None).await.unwrap());
        assert!(store.link_provider_person(&linked, &session.key).await.unwrap());
        store.end_sessions(&person).await.unwrap();
        assert!(!store.link_provider_person(&linked, &session.key).await.unwrap(), "whoever was logged out adds none");
        (dir, store, person)
    }

    #[test]
    fn a_way_is_told_as_it_is_read() {
        for text in ["password", "pky_a", "provider:acme"] {
            assert_eq!(LoginWay::of(text).unwrap().to_string(), text);
        }
        for text in ["", "Password", "totp", "provider", "provider:", "password:x", "key_a"] {
            assert_eq!(LoginWay::of(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn nobody_logs_in_at_a_provider_that_the_settings_do_not_name() {
        let (_dir, store, person) = asha().await;
        let people = [person.clone()];
        store.end_login(&person, &LoginWay::Passkey("pky_1".into())).await.unwrap();
        assert_eq!(store.who_log_in(&people).await.unwrap(), people);
        store.providers_are(["other".to_owned()]);
        assert_eq!(store.who_log_in(&people).await.unwrap(), people, "the password is there");
        let left = store.end_login(&person, &LoginWay::Password).await.unwrap();
        assert_eq!(left, Some(EndedLogin { sessions: 0, can_log_in: false }));
        assert_eq!(store.who_log_in(&people).await.unwrap(), []);
        // It is listed, so that it can be ended before its name comes back.
        assert_eq!(store.login_ways(&person).await.unwrap(), [LoginWay::Provider("acme".into())]);
    }

    #[tokio::test]
    async fn one_way_ends_with_every_session_and_the_others_stay() {
        let (_dir, store, person) = asha().await;
        let ways = [LoginWay::Password, LoginWay::Passkey("pky_1".into()), LoginWay::Provider("acme".into())];
        let shown = [ShownAtLogin::Password(HASH), ShownAtLogin::Passkey("pky_1"), ShownAtLogin::Provider(&[5; 32])];
        assert_eq!(store.login_ways(&person).await.unwrap(), ways);
        for number in 0..3 {
            for (other, shown) in shown.iter().enumerate() {
                let row = SessionRow::of_test("prs_1", other as u8);
                assert_eq!(store.insert_session(&row, *shown, None).await.unwrap(), other >= number, "{shown:?}");
            }
            let left = EndedLogin { sessions: 3 - number as u64, can_log_in: number < 2 };
            assert_eq!(store.end_login(&person, &ways[number]).await.unwrap(), Some(left));
            assert!(store.sessions_of(&person).await.unwrap().is_empty());
            assert_eq!(store.login_ways(&person).await.unwrap(), ways[number + 1..]);
            assert_eq!(store.end_login(&person, &ways[number]).await.unwrap(), None, "it has ended");
        }
        let account = store.account(&person).await.unwrap().unwrap();
        assert_eq!((account.totp, account.recovery.as_str(), account.ended), (None, "", None));
    }

    #[tokio::test]
    async fn nobody_ends_what_is_another_s() {
        let (_dir, store, _) = asha().await;
        let ben = PersonId::new("prs_2");
        for way in ["password", "pky_1", "provider:acme"] {
            assert_eq!(store.end_login(&ben, &LoginWay::of(way).unwrap()).await.unwrap(), None);
        }
        assert_eq!(store.login_ways(&PersonId::new("prs_1")).await.unwrap().len(), 3);
    }
}
