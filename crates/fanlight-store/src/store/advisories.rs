//! Advisories as their feeds gave them, kept so that a start without the feed knows them all; and which releases that
//! somebody here received were told of as malicious. What a record says is opaque here.

use fanlight_base::{PersonId, Timestamp};

use super::Store;
use super::error::{StoreError, doing};
use super::row::Columns;

/// One record of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAdvisory {
    /// Its id in its database.
    pub id: String,
    /// When it was read.
    pub read: Timestamp,
    /// Its bytes, compressed.
    pub record: Vec<u8>,
}

/// A release that somebody here received, and the advisory that calls it malicious.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisoryHit {
    /// The advisory's id.
    pub advisory: String,
    /// The release's purl.
    pub resource: String,
    /// When this was noticed.
    pub noticed: Timestamp,
    /// That somebody has seen to it.
    pub seen: Option<SeenTo>,
}

/// That somebody has seen to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenTo {
    /// When.
    pub at: Timestamp,
    /// Who; nobody where whoever runs the node did.
    pub by: Option<PersonId>,
    /// What they say they did.
    pub because: String,
}

impl Store {
    /// Keeps records of a feed, each in place of the one it had under its id.
    pub async fn keep_advisories(&self, source: &str, records: &[KeptAdvisory]) -> Result<(), StoreError> {
        const DOING: &str = "keeping advisories";
        let mut change = self.begin(DOING).await?;
        for kept in records {
            sqlx::query(
                "INSERT INTO advisories (source, id, read_ms, record) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (source, id) DO UPDATE SET read_ms = excluded.read_ms, record = excluded.record",
            )
            .bind(source)
            .bind(&kept.id)
            .bind(kept.read.as_millisecond())
            .bind(&kept.record)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        }
        change.commit().await.map_err(doing(DOING))
    }

    /// At most `limit` kept records of a feed, those read first before the others; behind `after`, where one is given.
    pub async fn kept_advisories(
        &self,
        source: &str,
        after: Option<&KeptAdvisory>,
        limit: u32,
    ) -> Result<Vec<KeptAdvisory>, StoreError> {
        let (read, id) = after.map_or((i64::MIN, ""), |kept| (kept.read.as_millisecond(), kept.id.as_str()));
        let rows = sqlx::query(
            "SELECT id, read_ms, record FROM advisories WHERE source = $1 AND (read_ms, id) > ($2, $3) \
             ORDER BY read_ms, id LIMIT $4",
        )
        .bind(source)
        .bind(read)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(self.readers())
        .await
        .map_err(doing("reading kept advisories"))?;
        let kept = |row| {
            let row = Columns { table: "advisories", row };
            Ok(KeptAdvisory { id: row.text("id")?, read: row.time("read_ms")?, record: row.bytes("record")? })
        };
        rows.iter().map(kept).collect()
    }

    /// The feeds of which records are kept, by name.
    pub async fn advisory_sources(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT source FROM advisories ORDER BY source")
            .fetch_all(self.readers())
            .await
            .map_err(doing("reading the feeds of kept advisories"))?;
        rows.iter().map(|row| Columns { table: "advisories", row }.text("source")).collect()
    }

    /// Forgets all that is kept of a feed.
    pub async fn forget_advisories(&self, source: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM advisories WHERE source = $1")
            .bind(source)
            .execute(self.writer()?)
            .await
            .map_err(doing("forgetting advisories"))?;
        Ok(())
    }

    /// Notes that a release which somebody here received was told of. Says whether it is new.
    pub async fn note_advisory_hit(&self, hit: &AdvisoryHit) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO advisory_hits (advisory, resource, noticed_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (advisory, resource) DO NOTHING",
        )
        .bind(&hit.advisory)
        .bind(&hit.resource)
        .bind(hit.noticed.as_millisecond())
        .execute(self.writer()?)
        .await
        .map_err(doing("noting who received what is malicious"))?;
        Ok(done.rows_affected() > 0)
    }

    /// What was noted so, the newest first.
    pub async fn advisory_hits(&self) -> Result<Vec<AdvisoryHit>, StoreError> {
        let rows = sqlx::query(
            "SELECT advisory, resource, noticed_ms, seen_ms, seen_by, seen_because FROM advisory_hits \
             ORDER BY noticed_ms DESC, resource, advisory",
        )
        .fetch_all(self.readers())
        .await
        .map_err(doing("reading who received what is malicious"))?;
        let hit = |row| {
            let row = Columns { table: "advisory_hits", row };
            Ok(AdvisoryHit {
                advisory: row.text("advisory")?,
                resource: row.text("resource")?,
                noticed: row.time("noticed_ms")?,
                seen: match row.time_option("seen_ms")? {
                    Some(at) => Some(SeenTo {
                        at,
                        by: row.text_option("seen_by")?.map(PersonId::new),
                        because: row.text("seen_because")?,
                    }),
                    None => None,
                },
            })
        };
        rows.iter().map(hit).collect()
    }

    /// Notes that somebody has seen to a hit. Who was the first stays; says whether this is it.
    pub async fn see_to_advisory_hit(&self, hit: &AdvisoryHit, seen: &SeenTo) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE advisory_hits SET seen_ms = $1, seen_by = $2, seen_because = $3 \
             WHERE advisory = $4 AND resource = $5 AND seen_ms IS NULL",
        )
        .bind(seen.at.as_millisecond())
        .bind(seen.by.as_ref().map(PersonId::as_str))
        .bind(&seen.because)
        .bind(&hit.advisory)
        .bind(&hit.resource)
        .execute(self.writer()?)
        .await
        .map_err(doing("noting that somebody has seen to what is malicious"))?;
        Ok(done.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests;
