//! What shows who is calling in place of a secret of ours: somebody else's token, or a client certificate.
//!
//! Refuses to know how these are checked. Invariants: no two apps have keys that are good and trust the same token, so that a token
//! stands for one app or for none; and whom keys trusted is forgotten with whoever is erased.

use std::collections::BTreeMap;

use fanlight_base::Timestamp;
use sqlx::{Any, Transaction};

use super::Store;
use super::caller_keys::{CallerKeyRow, KeyHolder, SELECT, key};
use super::error::{StoreError, doing};
use super::row::Columns;

/// What a key trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Whom.
    pub by: TrustedBy,
    /// Further claims that a token must have, with these values.
    pub claims: BTreeMap<String, String>,
}

/// Whom a key trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedBy {
    /// Tokens of an issuer, by its name in the settings, about a subject.
    Token {
        /// The issuer's name.
        issuer: String,
        /// The subject, letter for letter.
        subject: String,
    },
    /// A client certificate, by SHA-256 of it in hexadecimal digits.
    Certificate(String),
    /// A client certificate with that name, `dns:HOST`, `uri:ADDRESS` or `email:ADDRESS`.
    CertificateName(String),
}

impl TrustedBy {
    /// The word for it, in records and in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Token { .. } => "token",
            Self::Certificate(_) => "certificate",
            Self::CertificateName(_) => "certificate-name",
        }
    }

    /// The issuer, where there is one.
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Token { issuer, .. } => Some(issuer),
            Self::Certificate(_) | Self::CertificateName(_) => None,
        }
    }

    /// Who or what it is.
    pub fn subject(&self) -> &str {
        match self {
            Self::Token { subject, .. } | Self::Certificate(subject) | Self::CertificateName(subject) => subject,
        }
    }
}

impl Trust {
    /// Whether something could be shown that fits both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let differs = |(name, value): (&String, &String)| other.claims.get(name).is_some_and(|theirs| theirs != value);
        self.by == other.by && !self.claims.iter().any(differs)
    }

    /// Whether somebody of that name is who is trusted, or stands in a claim: by the name alone, or as an address in a certificate.
    /// A claim counts where it is about a person, or where the name is an address: `ref` is `main` also where somebody is called so.
    fn names(&self, name: &str) -> bool {
        let is = |text: &str| text.strip_prefix("email:").unwrap_or(text).eq_ignore_ascii_case(name);
        let of_person = |claim: &str| {
            const WORDS: &[&str] = &[
                "account", "actor", "author", "commit", "creat", "email", "login", "nick", "owner", "person", "upn",
                "user",
            ];
            let claim = claim.to_ascii_lowercase();
            matches!(claim.as_str(), "name" | "given_name" | "family_name" | "unique_name")
                || WORDS.iter().any(|word| claim.contains(word))
        };
        let is_address = name.contains('@');
        is(self.by.subject()) || self.claims.iter().any(|(claim, value)| is(value) && (is_address || of_person(claim)))
    }

    pub(super) fn claims_text(&self) -> String {
        serde_json::to_string(&self.claims).unwrap_or_default()
    }

    pub(super) fn of(row: &Columns<'_>) -> Result<Option<Self>, StoreError> {
        let Some(kind) = row.text_option("trust")? else { return Ok(None) };
        let subject = row.text("trust_subject")?;
        let by = match kind.as_str() {
            "token" => TrustedBy::Token { issuer: row.text("trust_issuer")?, subject },
            "certificate" => TrustedBy::Certificate(subject),
            "certificate-name" => TrustedBy::CertificateName(subject),
            _ => return Err(row.bad("trust", kind)),
        };
        let claims = row.text("trust_claims")?;
        let claims = serde_json::from_str(&claims).map_err(|error| row.bad("trust_claims", error.to_string()))?;
        Ok(Some(Self { by, claims }))
    }
}

/// Whether a key of another app that is good trusts something that `trust` does, too. One app has several, so that one can be
/// renewed while the one before still counts.
pub(super) async fn is_taken(
    change: &mut Transaction<'static, Any>,
    holder: &KeyHolder,
    trust: &Trust,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text = format!("{SELECT} WHERE trust_subject = $1 AND revoked_ms IS NULL AND until_ms > $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(trust.by.subject())
        .bind(now.as_millisecond())
        .fetch_all(&mut **change)
        .await
        .map_err(doing("looking up what keys trust"))?;
    for row in &rows {
        let known = key(row)?;
        if known.holder != *holder && known.trust.is_some_and(|known| known.overlaps(trust)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Ends the keys that trust somebody else for the apps of a person, or that trust what bears the person's name, and forgets whom they
/// trust and what the records of it are keyed with: also of keys that were over before. Before the apps go to anybody else.
pub(super) async fn forget(
    change: &mut Transaction<'static, Any>,
    person: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    const DOING: &str = "forgetting whom keys trusted";
    let named = sqlx::query(sqlx::AssertSqlSafe(format!("{} WHERE id = $1", super::people::SELECT)))
        .bind(person)
        .fetch_optional(&mut **change)
        .await
        .map_err(doing(DOING))?;
    let name = named.as_ref().map(super::people::person).transpose()?.and_then(|person| person.name);
    let trusts = format!("{SELECT} WHERE trust IS NOT NULL");
    let rows = sqlx::query(sqlx::AssertSqlSafe(trusts)).fetch_all(&mut **change).await.map_err(doing(DOING))?;
    let mut naming = Vec::new();
    let keys: Vec<_> = rows.iter().map(key).collect::<Result<_, _>>()?;
    let names =
        |key: &CallerKeyRow| name.as_ref().zip(key.trust.as_ref()).is_some_and(|(name, trust)| trust.names(name));
    for naming_one in keys.iter().filter(|key| names(key)) {
        // With it goes that an older one of the same app was replaced by it, or was to open nothing any more: that one ends, too.
        let by = naming_one.trust.as_ref().map(|trust| &trust.by);
        let is_same =
            |key: &&CallerKeyRow| key.holder == naming_one.holder && key.trust.as_ref().map(|trust| &trust.by) == by;
        naming.extend(keys.iter().filter(is_same).map(|key| key.id.clone()));
    }
    const FORGETS: &str = "UPDATE caller_keys SET revoked_ms = COALESCE(revoked_ms, $2), trust = NULL, trust_issuer = NULL, \
                           trust_subject = NULL, trust_claims = NULL, trust_salt = NULL, trust_owner = NULL WHERE ";
    const OF_THEIRS: &str = "trust IS NOT NULL AND (trust_owner = $1 OR app IN (SELECT id FROM apps WHERE owner = $1))";
    for (which, bound) in std::iter::once((OF_THEIRS, person)).chain(naming.iter().map(|id| ("id = $1", id.as_str()))) {
        sqlx::query(sqlx::AssertSqlSafe(format!("{FORGETS}{which}")))
            .bind(bound)
            .bind(now.as_millisecond())
            .execute(&mut **change)
            .await
            .map_err(doing(DOING))?;
    }
    Ok(())
}

impl Store {
    /// The keys that trust that and are good, and those that were revoked.
    pub async fn keys_trusting(&self, by: &TrustedBy, now: Timestamp) -> Result<Vec<CallerKeyRow>, StoreError> {
        let text = format!("{SELECT} WHERE trust_subject = $1 AND (revoked_ms IS NOT NULL OR until_ms > $2)");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(by.subject())
            .bind(now.as_millisecond())
            .fetch_all(self.readers())
            .await
            .map_err(doing("looking up who is trusted"))?;
        let keys: Result<Vec<_>, _> = rows.iter().map(key).collect();
        Ok(keys?.into_iter().filter(|key| key.trust.as_ref().is_some_and(|trust| trust.by == *by)).collect())
    }
}

#[cfg(test)]
mod tests {
    use fanlight_base::PersonId;

    use super::*;
    use crate::store::apps::tests::app;
    use crate::store::tests::{at, fresh};

    fn trust(issuer: &str, subject: &str, claims: &[(&str, &str)]) -> Trust {
        let by = TrustedBy::Token { issuer: issuer.into(), subject: subject.into() };
        let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Trust { by, claims }
    }

    #[tokio::test]
    async fn no_two_apps_have_keys_that_are_good_and_trust_the_same() {
        let (_dir, store) = fresh().await;
        let asha = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let (first, second) = (app("app_1", "prs_1", None), app("app_2", "prs_1", None));
        store.insert_app(&first).await.unwrap();
        store.insert_app(&second).await.unwrap();
        let keep_for = async |app: &crate::AppRow, number, trust: &Trust| {
            let key = CallerKeyRow {
                trust: Some(trust.clone()),
                ..CallerKeyRow::of_test(number, KeyHolder::App(app.id.clone()), "packages")
            };
            store.insert_caller_key(&key, Some(&asha), 50).await.unwrap()
        };
        let keep = async |number, trust: &Trust| keep_for(&first, number, trust).await;
        let job = trust("ci", "repo:acme/prices", &[("ref", "main"), ("event", "push")]);
        assert!(keep(1, &job).await);
        for (number, same) in [
            trust("ci", "repo:acme/prices", &[]),
            trust("ci", "repo:acme/prices", &[("ref", "main")]),
            trust("ci", "repo:acme/prices", &[("runner", "own")]),
            job.clone(),
        ]
        .iter()
        .enumerate()
        {
            assert!(!keep_for(&second, 10 + u8::try_from(number).unwrap(), same).await, "{same:?}");
        }
        assert!(keep(2, &trust("ci", "repo:acme/prices", &[("ref", "release")])).await, "no token has both values");
        assert!(keep(3, &trust("other", "repo:acme/prices", &[])).await);
        assert!(keep(4, &trust("ci", "repo:acme/PRICES", &[])).await);
        let found = async || store.keys_trusting(&job.by, at(20)).await.unwrap();
        assert_eq!(found().await.len(), 2);
        assert_eq!(found().await[0].trust.as_ref(), Some(&job));
        assert!(keep(5, &job).await, "one app has several, to renew one");
        assert_eq!(found().await.len(), 3);
        store.revoke_caller_key("key_1", at(20)).await.unwrap();
        store.revoke_caller_key("key_5", at(20)).await.unwrap();
        let revoked = |keys: Vec<CallerKeyRow>| keys.iter().filter(|key| key.revoked.is_some()).count();
        assert_eq!(revoked(found().await), 2, "they are in the way of older ones");
        assert!(
            keep_for(&second, 6, &trust("ci", "repo:acme/prices", &[("ref", "main")])).await,
            "what was revoked is in nobody's way"
        );
    }

    #[tokio::test]
    async fn whom_keys_trusted_is_forgotten_with_whoever_is_erased() {
        let (_dir, store) = fresh().await;
        for (number, name) in
            [("prs_1", "asha"), ("prs_2", "ben"), ("prs_3", "cleo@acme.example"), ("prs_4", "main"), ("prs_5", "dina")]
        {
            store.create_person(&PersonId::new(number), name, at(1)).await.unwrap();
        }
        let of_cleo = TrustedBy::CertificateName("email:Cleo@acme.example".into());
        let of_cleo = Trust { by: of_cleo, claims: BTreeMap::new() };
        let by_claim = trust("ci", "job-5", &[("actor", "cleo@acme.example")]);
        let of_branch = trust("ci", "job-6", &[("ref", "main"), ("repository_owner", "Dina")]);
        for (number, owner, trust) in [
            (1, "prs_1", &trust("ci", "job-1", &[])),
            (2, "prs_2", &of_cleo),
            (3, "prs_2", &by_claim),
            (4, "prs_2", &of_branch),
        ] {
            let app = app(&format!("app_{number}"), owner, None);
            store.insert_app(&app).await.unwrap();
            let key = CallerKeyRow {
                trust: Some(trust.clone()),
                trust_salt: Some([number; 32]),
                ..CallerKeyRow::of_test(number, KeyHolder::App(app.id), "packages")
            };
            assert!(store.insert_caller_key(&key, Some(&PersonId::new(owner)), 50).await.unwrap());
        }
        // Of an app that somebody else has since, too.
        store.leave(&PersonId::new("prs_1"), at(20)).await.unwrap();
        let trusts = async |number: u8| {
            let key = store.caller_key(&format!("key_{number}")).await.unwrap().unwrap();
            (key.trust.is_some(), key.trust_salt.is_some(), key.revoked.is_some())
        };
        store.erase("prs_1", at(30)).await.unwrap();
        assert_eq!(trusts(1).await, (false, false, true));
        assert_eq!((trusts(2).await, trusts(3).await), ((true, true, false), (true, true, false)));
        store.erase("prs_3", at(30)).await.unwrap();
        assert_eq!((trusts(2).await, trusts(3).await), ((false, false, true), (false, false, true)));
        store.erase("prs_4", at(30)).await.unwrap();
        assert_eq!(trusts(4).await, (true, true, false), "a branch is nobody");
        store.erase("prs_5", at(30)).await.unwrap();
        assert_eq!(trusts(4).await, (false, false, true));
    }
}
