//! The browsers in which people logged in, and who is still to be told of a new one.
//!
//! Invariant: what is to be told of a login is put down in the same change as its session, so that no kill loses it.

use fanlight_base::{PersonId, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

use super::Store;
use super::accounts::sha256;
use super::error::{StoreError, doing};
use super::row::{Columns, sql_count};
use super::sessions::SessionRow;

/// A browser that a person used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserRow {
    /// SHA-256 of its mark.
    pub sha256: [u8; 32],
    /// When it was first seen.
    pub first: Timestamp,
    /// When it was last seen.
    pub last: Timestamp,
}

/// What a login says of its person's browsers.
#[derive(Debug, Clone, Copy)]
pub struct BrowsersSeen<'a> {
    /// All that are known from then on.
    pub all: &'a [BrowserRow],
    /// The ways by which its person is told; none where there is nothing to tell.
    pub tell_by: &'a [&'static str],
}

/// Somebody is to be told that a new browser logged in as them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserNoticeRow {
    /// Its id, the same for every try.
    pub id: String,
    /// Who.
    pub person: PersonId,
    /// The browser, in words.
    pub browser: String,
    /// The way: `webhook` or `mail`.
    pub way: String,
    /// When it logged in.
    pub at: Timestamp,
    /// How often it was tried.
    pub tries: u64,
}

fn notice(row: &AnyRow) -> Result<BrowserNoticeRow, StoreError> {
    let row = Columns { table: "browser_notices", row };
    Ok(BrowserNoticeRow {
        id: row.text("id")?,
        person: PersonId::new(row.text("person")?),
        browser: row.text("browser")?,
        way: row.text("way")?,
        at: row.time("at_ms")?,
        tries: row.count("tries")?,
    })
}

/// Keeps what a login says of its person's browsers.
pub(super) async fn keep(
    change: &mut Transaction<'static, Any>,
    session: &SessionRow,
    seen: BrowsersSeen<'_>,
) -> Result<(), StoreError> {
    const DOING: &str = "keeping which browsers somebody uses";
    let person = session.person.as_str();
    let forgets = sqlx::query("DELETE FROM browsers WHERE person = $1").bind(person);
    forgets.execute(&mut **change).await.map_err(doing(DOING))?;
    for one in seen.all {
        sqlx::query("INSERT INTO browsers (person, mark_sha256, first_ms, last_ms) VALUES ($1, $2, $3, $4)")
            .bind(person)
            .bind(one.sha256.to_vec())
            .bind(one.first.as_millisecond())
            .bind(one.last.as_millisecond())
            .execute(&mut **change)
            .await
            .map_err(doing(DOING))?;
    }
    for way in seen.tell_by {
        sqlx::query(
            "INSERT INTO browser_notices (id, person, browser, way, at_ms, due_ms, tries) VALUES ($1, $2, $3, $4, $5, $5, 0)",
        )
        .bind(format!("{}-new-browser-{way}", session.id))
        .bind(person)
        .bind(&session.browser)
        .bind(*way)
        .bind(session.begun.as_millisecond())
        .execute(&mut **change)
        .await
        .map_err(doing(DOING))?;
    }
    Ok(())
}

impl Store {
    /// The browsers that a person is known in.
    pub async fn browsers_of(&self, person: &PersonId) -> Result<Vec<BrowserRow>, StoreError> {
        let rows =
            sqlx::query("SELECT mark_sha256, first_ms, last_ms FROM browsers WHERE person = $1 ORDER BY first_ms")
                .bind(person.as_str())
                .fetch_all(self.readers())
                .await
                .map_err(doing("looking up which browsers somebody uses"))?;
        let one = |row: &AnyRow| {
            let row = Columns { table: "browsers", row };
            let (first, last) = (row.time("first_ms")?, row.time("last_ms")?);
            Ok(BrowserRow { sha256: sha256(&row, "mark_sha256")?, first, last })
        };
        rows.iter().map(one).collect()
    }

    /// Who is to be told by a way by now, at most so many.
    pub async fn browser_notices_due(
        &self,
        way: &str,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<BrowserNoticeRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, person, browser, way, at_ms, tries FROM browser_notices WHERE way = $1 AND due_ms <= $2 \
             ORDER BY due_ms, id LIMIT $3",
        )
        .bind(way)
        .bind(now.as_millisecond())
        .bind(sql_count(most))
        .fetch_all(self.readers())
        .await
        .map_err(doing("looking who is to be told of a new browser"))?;
        rows.iter().map(notice).collect()
    }

    /// Puts down that one was tried in vain, and when it is tried again.
    pub async fn put_browser_notice_off(&self, id: &str, due: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE browser_notices SET tries = tries + 1, due_ms = $2 WHERE id = $1")
            .bind(id)
            .bind(due.as_millisecond())
            .execute(self.writer()?)
            .await
            .map_err(doing("putting off who is to be told of a new browser"))?;
        Ok(())
    }

    /// Forgets one: it was told, or is given up.
    pub async fn forget_browser_notice(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM browser_notices WHERE id = $1")
            .bind(id)
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting who was told of a new browser"))?;
        Ok(())
    }
}
