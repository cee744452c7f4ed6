//! People taken over from a list: all of them, or none.

use fanlight_base::{PersonId, Timestamp};

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// A person of a list, and how they move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedPerson {
    /// Their pseudonym.
    pub person: PersonId,
    /// Their name, for who is new.
    pub name: String,
    /// Groups they come into.
    pub joins: Vec<String>,
    /// Groups they go out of.
    pub leaves: Vec<String>,
}

impl Store {
    /// Makes them known, brings back who had left, and moves them.
    pub async fn import(&self, people: &[ImportedPerson], now: Timestamp) -> Result<(), StoreError> {
        const DOING: &str = "taking a list of people over";
        let mut change = self.begin(DOING).await?;
        for ImportedPerson { person, name, joins, leaves } in people {
            sqlx::query(
                "INSERT INTO people (id, name, created_ms) VALUES ($1, $2, $3) \
                 ON CONFLICT (id) DO UPDATE SET left_ms = NULL",
            )
            .bind(person.as_str())
            .bind(name)
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
            for (groups, text) in [
                (
                    leaves,
                    "UPDATE memberships SET ended_ms = $3 WHERE person = $1 AND group_name = $2 AND ended_ms IS NULL",
                ),
                (
                    joins,
                    "INSERT INTO memberships (person, group_name, since_ms) VALUES ($1, $2, $3) \
                     ON CONFLICT (person, group_name) DO UPDATE SET since_ms = $3, ended_ms = NULL \
                     WHERE memberships.ended_ms IS NOT NULL",
                ),
            ] {
                for group in groups {
                    let done = sqlx::query(text).bind(person.as_str()).bind(group).bind(now.as_millisecond());
                    done.execute(&mut *change).await.map_err(doing(DOING))?;
                }
            }
        }
        change.commit().await.map_err(doing(DOING))
    }

    /// Everybody whom a directory keeps.
    pub async fn directory_ids(&self) -> Result<Vec<PersonId>, StoreError> {
        let rows = sqlx::query("SELECT person FROM directory_people").fetch_all(self.readers()).await;
        let rows = rows.map_err(doing("listing the directory's people"))?;
        let id = |row| Columns { table: "directory_people", row }.text("person").map(PersonId::new);
        rows.iter().map(id).collect()
    }
}
