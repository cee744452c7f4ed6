//! Apps: what people made or adopted, whose each is, and who has it after them.
//!
//! Invariant: whenever an app changes hands, its keys end in the same change; where its owner left, they keep at most the scope
//! `packages`, and that for two weeks, so that nobody comes by another's rights with a key that is in use already.

use fanlight_base::{AppId, Layers, PersonId, Scope, Scopes, Timestamp, limits};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;
use super::tellings;

/// An app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// Its pseudonym.
    pub id: AppId,
    /// What is said about it.
    pub layers: Layers,
    /// Whose it is; nobody's where it is an orphan.
    pub owner: Option<PersonId>,
    /// Whose it will be when the owner leaves.
    pub successor: Option<PersonId>,
    /// When it was registered.
    pub registered: Timestamp,
    /// By whom.
    pub by: Option<PersonId>,
    /// Since when it is nobody's.
    pub orphaned: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

impl AppRow {
    /// Whether this person owns it.
    pub fn is_of(&self, person: &PersonId) -> bool {
        self.owner.as_ref() == Some(person)
    }
}

/// What became of the apps and keys of somebody who left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetGo {
    /// Apps that their successors have now.
    pub handed_over: u64,
    /// Apps that are nobody's now.
    pub orphaned: u64,
    /// Keys of the person's own that were good.
    pub keys: u64,
}

pub(super) const SELECT: &str = "SELECT id, title, headline, about, owner, successor, registered_ms, registered_by, orphaned_ms, \
                      ended_ms FROM apps";

pub(super) fn app(row: &AnyRow) -> Result<AppRow, StoreError> {
    let row = Columns { table: "apps", row };
    Ok(AppRow {
        id: AppId::new(row.text("id")?),
        layers: Layers { title: row.text("title")?, headline: row.text("headline")?, about: row.text("about")? },
        owner: row.text_option("owner")?.map(PersonId::new),
        successor: row.text_option("successor")?.map(PersonId::new),
        registered: row.time("registered_ms")?,
        by: row.text_option("registered_by")?.map(PersonId::new),
        orphaned: row.time_option("orphaned_ms")?,
        ended: row.time_option("ended_ms")?,
    })
}

/// Cuts the keys of the apps that `which` selects (by $1) to the scope `packages`, and their lives to two weeks; those that are not for
/// packages end. Who left may have copied them.
async fn cut_keys(
    change: &mut Transaction<'static, Any>,
    which: &'static str,
    of: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    const DOING: &str = "cutting an app's keys";
    let text = format!("SELECT id, scopes FROM caller_keys WHERE revoked_ms IS NULL AND app IN ({which})");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(of).fetch_all(&mut **change).await.map_err(doing(DOING))?;
    let packages: Scopes = [Scope::Packages].into_iter().collect();
    for row in &rows {
        let row = Columns { table: "caller_keys", row };
        let left = Scopes::parse(&row.text("scopes")?).unwrap_or_default().and(packages);
        let cut = if left.is_empty() {
            sqlx::query("UPDATE caller_keys SET revoked_ms = $2 WHERE id = $1")
                .bind(row.text("id")?)
                .bind(now.as_millisecond())
        } else {
            let ends = now.checked_add(limits::LEFT_KEY_TIME).unwrap_or(now).as_millisecond();
            let text = "UPDATE caller_keys SET scopes = $2, until_ms = CASE WHEN until_ms > $3 THEN $3 ELSE until_ms END \
                        WHERE id = $1";
            sqlx::query(text).bind(row.text("id")?).bind(left.to_string()).bind(ends)
        };
        cut.execute(&mut **change).await.map_err(doing(DOING))?;
    }
    Ok(())
}

/// Lets go of all that somebody has who leaves: their apps go to the successors, or are nobody's; their own keys end.
pub(super) async fn let_go(
    change: &mut Transaction<'static, Any>,
    person: &str,
    now: Timestamp,
) -> Result<LetGo, StoreError> {
    const DOING: &str = "handing over the apps of somebody who leaves";
    let at = now.as_millisecond();
    cut_keys(change, "SELECT id FROM apps WHERE owner = $1 AND ended_ms IS NULL", person, now).await?;
    let mut done = [0; 4];
    // The first, so that nobody who leaves is the successor of themselves.
    for (done, (text, is_timed)) in done.iter_mut().zip([
        ("UPDATE apps SET successor = NULL WHERE successor = $1", false),
        ("UPDATE apps SET owner = successor, successor = NULL WHERE owner = $1 AND successor IS NOT NULL", false),
        ("UPDATE apps SET owner = NULL, orphaned_ms = $2 WHERE owner = $1", true),
        ("UPDATE caller_keys SET revoked_ms = $2 WHERE person = $1 AND revoked_ms IS NULL", true),
    ]) {
        let lets_go = sqlx::query(text).bind(person);
        let lets_go = if is_timed { lets_go.bind(at) } else { lets_go };
        *done = lets_go.execute(&mut **change).await.map_err(doing(DOING))?.rows_affected();
    }
    let orphans = sqlx::query("SELECT id FROM apps WHERE owner IS NULL AND orphaned_ms = $1 AND ended_ms IS NULL")
        .bind(at)
        .fetch_all(&mut **change)
        .await
        .map_err(doing(DOING))?;
    for row in &orphans {
        let app = Columns { table: "apps", row }.text("id")?;
        tellings::add(change, &app, "orphaned", &tellings::WAYS, now).await?;
    }
    Ok(LetGo { handed_over: done[1], orphaned: done[2], keys: done[3] })
}

impl Store {
    /// Keeps a new app.
    pub async fn insert_app(&self, row: &AppRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO apps (id, title, headline, about, owner, successor, registered_ms, registered_by, orphaned_ms, \
             ended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row.id.as_str())
        .bind(&row.layers.title)
        .bind(&row.layers.headline)
        .bind(&row.layers.about)
        .bind(row.owner.as_ref().map(PersonId::as_str))
        .bind(row.successor.as_ref().map(PersonId::as_str))
        .bind(row.registered.as_millisecond())
        .bind(row.by.as_ref().map(PersonId::as_str))
        .bind(row.orphaned.map(Timestamp::as_millisecond))
        .bind(row.ended.map(Timestamp::as_millisecond))
        .execute(self.writer()?)
        .await
        .map_err(doing("keeping an app"))?;
        Ok(())
    }

    /// The app of that pseudonym, also where it ended.
    pub async fn app(&self, id: &AppId) -> Result<Option<AppRow>, StoreError> {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1")))
            .bind(id.as_str())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up an app"))?;
        found.as_ref().map(app).transpose()
    }

    /// Every app, ended ones included, in the order they were registered.
    pub async fn apps(&self) -> Result<Vec<AppRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY registered_ms, id")))
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing apps"))?;
        rows.iter().map(app).collect()
    }

    /// The apps that a person owns, or will own when somebody else leaves; those that ended are left out.
    pub async fn apps_of(&self, person: &PersonId) -> Result<Vec<AppRow>, StoreError> {
        let text =
            format!("{SELECT} WHERE (owner = $1 OR successor = $1) AND ended_ms IS NULL ORDER BY registered_ms, id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(person.as_str())
            .fetch_all(self.readers())
            .await
            .map_err(doing("listing the apps of a person"))?;
        rows.iter().map(app).collect()
    }

    /// Keeps what is said about an app, and its successor. Says whether it has not ended and is still of the owner who was judged.
    pub async fn change_app(
        &self,
        id: &AppId,
        layers: &Layers,
        successor: Option<&PersonId>,
        judged: Option<&PersonId>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE apps SET title = $2, headline = $3, about = $4, successor = $5 WHERE id = $1 AND ended_ms IS NULL \
             AND COALESCE(owner, '') = $6",
        )
        .bind(id.as_str())
        .bind(&layers.title)
        .bind(&layers.headline)
        .bind(&layers.about)
        .bind(successor.map(PersonId::as_str))
        .bind(judged.map_or("", PersonId::as_str))
        .execute(self.writer()?)
        .await
        .map_err(doing("changing an app"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives an app to another owner, and ends all its keys: who has one would act in what the new owner is in. Says whether it
    /// has not ended and is still of the owner who was judged; else nothing changes.
    pub async fn hand_over_app(
        &self,
        id: &AppId,
        owner: &PersonId,
        successor: &PersonId,
        judged: Option<&PersonId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "handing over an app";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query(
            "UPDATE apps SET owner = $2, successor = $3, orphaned_ms = NULL WHERE id = $1 AND ended_ms IS NULL \
             AND COALESCE(owner, '') = $4",
        )
        .bind(id.as_str())
        .bind(owner.as_str())
        .bind(successor.as_str())
        .bind(judged.map_or("", PersonId::as_str))
        .execute(&mut *change)
        .await
        .map_err(doing(DOING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE caller_keys SET revoked_ms = $2 WHERE app = $1 AND revoked_ms IS NULL")
            .bind(id.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(true)
    }

    /// Ends an app with all its keys. Says whether it had not ended.
    pub async fn end_app(&self, id: &AppId, now: Timestamp) -> Result<bool, StoreError> {
        const DOING: &str = "ending an app";
        let mut change = self.begin(DOING).await?;
        let mut done = [0; 2];
        for (done, text) in done.iter_mut().zip([
            "UPDATE apps SET ended_ms = $2 WHERE id = $1 AND ended_ms IS NULL",
            "UPDATE caller_keys SET revoked_ms = $2 WHERE app = $1 AND revoked_ms IS NULL",
        ]) {
            let ends = sqlx::query(text).bind(id.as_str()).bind(now.as_millisecond());
            *done = ends.execute(&mut *change).await.map_err(doing(DOING))?.rows_affected();
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(done[0] > 0)
    }
}

#[cfg(test)]
pub(crate) mod tests;
