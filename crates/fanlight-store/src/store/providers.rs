//! Who somebody is at a provider at which people log in.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::accounts::sha256;
use super::error::{StoreError, doing};
use super::logins::in_session;
use super::row::Columns;

/// A person at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPersonRow {
    /// SHA-256 of issuer and subject.
    pub subject_sha256: [u8; 32],
    /// The provider's name in the settings, when this was kept.
    pub provider: String,
    /// Who they are here.
    pub person: PersonId,
    /// The groups that the provider said last.
    pub groups: Vec<String>,
    /// Since when.
    pub created: Timestamp,
}

/// What came of somebody who was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderPersonKept {
    /// They are kept, with an account.
    Kept,
    /// Somebody of that name is known.
    NameTaken,
}

fn provider_person(row: &AnyRow) -> Result<ProviderPersonRow, StoreError> {
    let row = Columns { table: "provider_people", row };
    Ok(ProviderPersonRow {
        subject_sha256: sha256(&row, "subject_sha256")?,
        provider: row.text("provider")?,
        person: PersonId::new(row.text("person")?),
        groups: row.text("in_groups")?.split_whitespace().map(str::to_owned).collect(),
        created: row.time("created_ms")?,
    })
}

impl Store {
    /// Who that is.
    pub async fn provider_person(&self, subject: &[u8; 32]) -> Result<Option<ProviderPersonRow>, StoreError> {
        let found = sqlx::query(
            "SELECT subject_sha256, provider, person, in_groups, created_ms FROM provider_people WHERE subject_sha256 = $1",
        )
        .bind(subject.to_vec())
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up somebody at a provider"))?;
        found.as_ref().map(provider_person).transpose()
    }

    /// Who a person is at providers.
    pub async fn provider_people_of(&self, person: &PersonId) -> Result<Vec<ProviderPersonRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT subject_sha256, provider, person, in_groups, created_ms FROM provider_people WHERE person = $1 \
             ORDER BY provider, created_ms",
        )
        .bind(person.as_str())
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing a person's providers"))?;
        rows.iter().map(provider_person).collect()
    }

    /// Keeps who somebody is that nobody knew yet: the person, and an account without a password. Nothing, where somebody of that
    /// name is known.
    pub async fn keep_provider_person(
        &self,
        row: &ProviderPersonRow,
        name: &str,
    ) -> Result<ProviderPersonKept, StoreError> {
        const DOING: &str = "keeping somebody of a provider";
        let mut change = self.begin(DOING).await?;
        let now = row.created.as_millisecond();
        let known = sqlx::query("INSERT INTO people (id, name, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(row.person.as_str())
            .bind(name)
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if known.rows_affected() == 0 {
            return Ok(ProviderPersonKept::NameTaken);
        }
        sqlx::query("INSERT INTO accounts (person, recovery, created_ms) VALUES ($1, '', $2)")
            .bind(row.person.as_str())
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        insert(&mut change, row).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(ProviderPersonKept::Kept)
    }

    /// Keeps that somebody at a provider is a person whose account and session stand. What was known of that subject before goes.
    /// `false` where they do not: then nothing is kept.
    pub async fn link_provider_person(&self, row: &ProviderPersonRow, session: &[u8; 32]) -> Result<bool, StoreError> {
        const DOING: &str = "linking somebody of a provider";
        let mut change = self.begin(DOING).await?;
        if !in_session(&mut change, &row.person, session).await? {
            return Ok(false);
        }
        insert(&mut change, row).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(true)
    }

    /// Notes the groups that a provider said.
    pub async fn note_provider_groups(&self, subject: &[u8; 32], groups: &[String]) -> Result<(), StoreError> {
        sqlx::query("UPDATE provider_people SET in_groups = $2 WHERE subject_sha256 = $1")
            .bind(subject.to_vec())
            .bind(groups.join(" "))
            .execute(self.writer()?)
            .await
            .map_err(doing("noting a provider's groups"))?;
        Ok(())
    }
}

pub(super) async fn insert(
    change: &mut sqlx::Transaction<'static, sqlx::Any>,
    row: &ProviderPersonRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO provider_people (subject_sha256, provider, person, in_groups, created_ms) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (subject_sha256) DO UPDATE SET provider = $2, person = $3, in_groups = $4, created_ms = $5",
    )
    .bind(row.subject_sha256.to_vec())
    .bind(&row.provider)
    .bind(row.person.as_str())
    .bind(row.groups.join(" "))
    .bind(row.created.as_millisecond())
    .execute(&mut **change)
    .await
    .map_err(doing("keeping somebody of a provider"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    fn row(subject: u8, person: &str) -> ProviderPersonRow {
        ProviderPersonRow {
            subject_sha256: [subject; 32],
            provider: "acme".into(),
            person: PersonId::new(person),
            groups: vec!["finance".into(), "sales".into()],
            created: at(5),
        }
    }

    #[tokio::test]
    async fn a_subject_is_one_person_and_a_name_opens_no_account_that_was_there() {
        let (_dir, store) = fresh().await;
        let kept = |row: ProviderPersonRow, name: &'static str| {
            let store = store.clone();
            async move { store.keep_provider_person(&row, name).await.unwrap() }
        };
        assert_eq!(kept(row(1, "prs_1"), "asha").await, ProviderPersonKept::Kept);
        assert_eq!(store.provider_person(&[1; 32]).await.unwrap(), Some(row(1, "prs_1")));
        let account = store.account_by_name("asha").await.unwrap().unwrap();
        assert_eq!((account.password, account.totp), (None, None));
        assert_eq!(kept(row(2, "prs_1"), "asha").await, ProviderPersonKept::NameTaken);
        assert_eq!(kept(row(2, "prs_2"), "asha").await, ProviderPersonKept::NameTaken);
        assert_eq!(store.provider_person(&[2; 32]).await.unwrap(), None, "nothing is half kept");
        // Whoever is known only by a machine's token, an invitation or from a directory is more than a name, too.
        store.create_person(&PersonId::new("prs_3"), "ben", at(1)).await.unwrap();
        for person in ["prs_3", "prs_4"] {
            assert_eq!(kept(row(3, person), "ben").await, ProviderPersonKept::NameTaken);
        }
        assert_eq!(store.account(&PersonId::new("prs_3")).await.unwrap(), None);
        let session = crate::SessionRow::of_test("prs_1", 1);
        assert!(store.insert_session(&session, crate::ShownAtLogin::Link, None).await.unwrap());
        assert!(store.link_provider_person(&row(2, "prs_1"), &session.key).await.unwrap());
        assert_eq!(store.provider_people_of(&PersonId::new("prs_1")).await.unwrap().len(), 2);
        store.note_provider_groups(&[1; 32], &[]).await.unwrap();
        assert_eq!(store.provider_person(&[1; 32]).await.unwrap().unwrap().groups, Vec::<String>::new());
        assert_eq!(kept(row(5, "prs_5"), "caro").await, ProviderPersonKept::Kept);
        store.end_account(&PersonId::new("prs_5"), at(8)).await.unwrap();
        assert_eq!(store.provider_person(&[5; 32]).await.unwrap(), None, "whoever has left is nobody there");
        store.erase("prs_1", at(9)).await.unwrap();
        assert!(store.provider_people_of(&PersonId::new("prs_1")).await.unwrap().is_empty());
    }
}
