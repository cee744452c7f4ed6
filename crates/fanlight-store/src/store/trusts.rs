//! What shows who is calling in place of a secret of ours: somebody else's token, or a client certificate.
//!
//! Refuses to know how these are checked. Invariant: no two keys that are good trust the same token, so that a token stands for
//! one app or for none.

use std::collections::BTreeMap;

use fanlight_base::Timestamp;
use sqlx::{Any, Transaction};

use super::Store;
use super::caller_keys::{CallerKeyRow, SELECT, key};
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

/// Whether a key that is good trusts something that `trust` does, too.
pub(super) async fn is_taken(
    change: &mut Transaction<'static, Any>,
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
        if key(row)?.trust.is_some_and(|known| known.overlaps(trust)) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Store {
    /// The keys that trust one of these and are good.
    pub async fn keys_trusting(&self, by: &TrustedBy, now: Timestamp) -> Result<Vec<CallerKeyRow>, StoreError> {
        let text = format!("{SELECT} WHERE trust_subject = $1 AND revoked_ms IS NULL AND until_ms > $2");
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
    use crate::KeyHolder;
    use crate::store::apps::tests::app;
    use crate::store::tests::{at, fresh};

    fn trust(issuer: &str, subject: &str, claims: &[(&str, &str)]) -> Trust {
        let by = TrustedBy::Token { issuer: issuer.into(), subject: subject.into() };
        let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Trust { by, claims }
    }

    #[tokio::test]
    async fn no_two_keys_that_are_good_trust_the_same() {
        let (_dir, store) = fresh().await;
        let asha = store.create_person(&PersonId::new("prs_1"), "asha", at(1)).await.unwrap().id;
        let app = app("app_1", "prs_1", None);
        store.insert_app(&app).await.unwrap();
        let key = |number, trust: &Trust| CallerKeyRow {
            trust: Some(trust.clone()),
            ..CallerKeyRow::of_test(number, KeyHolder::App(app.id.clone()), "packages")
        };
        let keep =
            async |number, trust: &Trust| store.insert_caller_key(&key(number, trust), Some(&asha), 50).await.unwrap();
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
            assert!(!keep(10 + u8::try_from(number).unwrap(), same).await, "{same:?}");
        }
        assert!(keep(2, &trust("ci", "repo:acme/prices", &[("ref", "release")])).await, "no token has both values");
        assert!(keep(3, &trust("other", "repo:acme/prices", &[])).await);
        assert!(keep(4, &trust("ci", "repo:acme/PRICES", &[])).await);
        let found = async || store.keys_trusting(&job.by, at(20)).await.unwrap();
        assert_eq!(found().await.len(), 2);
        assert_eq!(found().await[0].trust.as_ref(), Some(&job));
        store.revoke_caller_key("key_1", at(20)).await.unwrap();
        assert_eq!(found().await.len(), 1);
        assert!(
            keep(5, &trust("ci", "repo:acme/prices", &[("ref", "main")])).await,
            "what was revoked is in nobody's way"
        );
    }
}
