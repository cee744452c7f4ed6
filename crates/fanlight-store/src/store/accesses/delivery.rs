//! What became of a file that was let through. An event tells it where it is not that the whole file went out; it belongs
//! to the access of the same request.

use serde::Serialize;
use sqlx::{Any, Transaction};

use crate::store::error::{StoreError, doing};
use crate::store::row::{Columns, sql_count};

/// An event about an access that the projection knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's index in the ledger; the access stands before it.
    pub record_index: u64,
    /// The request of both.
    pub request: String,
    /// The resource of both.
    pub resource: String,
    /// `part`, `unchanged`, `head`, `unsatisfiable`, `failed` or `cut`.
    pub how: String,
    /// Bytes given to the network.
    pub bytes: u64,
    /// The whole file's size in bytes, where known.
    pub of: Option<u64>,
}

/// What a caller may have of a file that was let through, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Received {
    /// All of it went out.
    Whole,
    /// It had this very content already.
    Already,
    /// Some bytes of it went out.
    Part,
    /// It asked about the file, or for bytes that are not in it.
    AskedOnly,
    /// An error, or it was gone before the first byte.
    Nothing,
}

impl Received {
    /// Every kind by which a caller may have the file or a part of it.
    pub const MAY_HAVE: [Self; 3] = [Self::Whole, Self::Already, Self::Part];
    /// Every kind by which it surely got nothing of it.
    pub const HAS_NOT: [Self; 2] = [Self::AskedOnly, Self::Nothing];

    /// The number by which SQL knows it.
    pub(super) const fn number(self) -> i64 {
        self as i64
    }

    pub(super) fn read(row: &Columns<'_>) -> Result<Self, StoreError> {
        let number = row.number("received")?;
        let all = [Self::Whole, Self::Already, Self::Part, Self::AskedOnly, Self::Nothing];
        all.into_iter().find(|kind| kind.number() == number).ok_or_else(|| row.bad("received", number.to_string()))
    }
}

/// [`Received`] of a row of `accesses a`. Whatever is not known to be less is taken for the whole.
pub(super) const RECEIVED: &str = "CASE WHEN a.delivery IS NULL THEN 0 WHEN a.delivery = 'unchanged' THEN 1 \
     WHEN a.delivery IN ('part', 'cut') AND a.given_bytes >= a.of_bytes THEN 0 \
     WHEN a.delivery IN ('part', 'cut') AND a.given_bytes > 0 THEN 2 \
     WHEN a.delivery IN ('head', 'unsatisfiable') THEN 3 \
     WHEN a.delivery IN ('failed', 'cut') THEN 4 ELSE 0 END";

/// Notes events, in order; where a request has several, the last one counts.
pub(super) async fn note(
    change: &mut Transaction<'_, Any>,
    deliveries: &[Delivery],
    what: &'static str,
) -> Result<(), StoreError> {
    for delivery in deliveries {
        sqlx::query(
            "UPDATE accesses SET delivery = $1, given_bytes = $2, of_bytes = $3 WHERE record_index = \
             (SELECT MAX(record_index) FROM accesses WHERE request = $4 AND resource = $5 AND record_index < $6 \
             AND outcome IN ('allow', 'mask'))",
        )
        .bind(&delivery.how)
        .bind(sql_count(delivery.bytes))
        .bind(delivery.of.map(sql_count))
        .bind(&delivery.request)
        .bind(&delivery.resource)
        .bind(sql_count(delivery.record_index))
        .execute(&mut **change)
        .await
        .map_err(doing(what))?;
    }
    Ok(())
}
