//! Reviews: what people here and in other companies say of releases, the newest of each node about each, as it was signed.

use fanlight_base::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// One review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// The release's purl.
    pub purl: String,
    /// The key that signed it, `NAME+ID`: two keys of one name are two nodes. `this` for one made here.
    pub node: String,
    /// Whether it was made here.
    pub own: bool,
    /// `safe`, `unsafe`, `needs-care` or `withdrawn`.
    pub verdict: String,
    /// Why, and by which evidence.
    pub because: String,
    /// When it was made.
    pub at: Timestamp,
    /// The review as it was signed.
    pub note: String,
}

fn review(row: &AnyRow) -> Result<ReviewRow, StoreError> {
    let row = Columns { table: "reviews", row };
    Ok(ReviewRow {
        purl: row.text("purl")?,
        node: row.text("node")?,
        own: row.number("own")? != 0,
        verdict: row.text("verdict")?,
        because: row.text("because")?,
        at: row.time("at_ms")?,
        note: row.text("note")?,
    })
}

impl Store {
    /// Keeps reviews, all or none. Each takes the place of an older one of the same node about the same release; says how
    /// many did or were new.
    pub async fn keep_reviews(&self, rows: &[ReviewRow]) -> Result<u64, StoreError> {
        const DOING: &str = "keeping reviews";
        let mut change = self.begin(DOING).await?;
        let mut kept = 0;
        for row in rows {
            let done = sqlx::query(
                "INSERT INTO reviews (purl, node, own, verdict, because, at_ms, note) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (purl, node) DO UPDATE SET verdict = excluded.verdict, because = excluded.because, \
                 at_ms = excluded.at_ms, note = excluded.note WHERE reviews.at_ms < excluded.at_ms",
            )
            .bind(&row.purl)
            .bind(&row.node)
            .bind(i64::from(row.own))
            .bind(&row.verdict)
            .bind(&row.because)
            .bind(row.at.as_millisecond())
            .bind(&row.note)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
            kept += done.rows_affected();
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(kept)
    }

    /// Every review, withdrawn ones included, the newest first.
    pub async fn reviews(&self) -> Result<Vec<ReviewRow>, StoreError> {
        let text = "SELECT purl, node, own, verdict, because, at_ms, note FROM reviews ORDER BY at_ms DESC, purl, node";
        let rows = sqlx::query(text).fetch_all(self.readers()).await.map_err(doing("listing reviews"))?;
        rows.iter().map(review).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    #[tokio::test]
    async fn the_newest_review_of_a_node_about_a_release_counts() {
        let (_dir, store) = fresh().await;
        let row = |node: &str, verdict: &str, ms| ReviewRow {
            purl: "pkg:pypi/a@1".to_owned(),
            node: node.to_owned(),
            own: node == "this",
            verdict: verdict.to_owned(),
            because: "seen".to_owned(),
            at: at(ms),
            note: "signed".to_owned(),
        };
        assert_eq!(store.keep_reviews(&[row("this", "safe", 1_000), row("acme", "unsafe", 2_000)]).await.unwrap(), 2);
        assert_eq!(
            store.keep_reviews(&[row("this", "unsafe", 500), row("acme", "withdrawn", 3_000)]).await.unwrap(),
            1
        );
        assert_eq!(store.reviews().await.unwrap(), [row("acme", "withdrawn", 3_000), row("this", "safe", 1_000)]);
    }
}
