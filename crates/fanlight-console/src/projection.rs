//! The projection: the part of the records that `who` and `why` ask about, as rows in the database.
//!
//! Never the truth: it is rebuilt from the ledger at any time, and it says how far behind it is. Reading an index is left
//! out, because it is no access to a release and would be most of the rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fanlight_base::fault::with_causes;
use fanlight_base::{DeviceId, PersonId, Purl, Timestamp};
use fanlight_ledger::{Ledger, LogFiles};
use fanlight_store::{AccessRow, Delivery, Store, StoreError};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::watch;

/// Records read at once.
const BATCH: usize = 4096;
/// Pause after a batch that could not be read or kept.
const PAUSE: Duration = Duration::from_secs(1);
/// What is new is gathered this long, so that a busy node writes large batches.
const GATHER: Duration = Duration::from_millis(100);
/// Actions of accesses.
const ACCESSES: [&str; 2] = ["packages:fetch-file", "packages:fetch-metadata"];
/// The event that tells what became of an access.
const DELIVERY: &str = "packages:delivery";

/// Where in the database the number of earlier ledgers' records is kept.
const BASE: &str = "projection.base";

/// The projection of one node's ledger. Its rows are numbered through all ledgers a node had: the records of earlier
/// ones, `base`, come before those of the present one.
pub struct Projection {
    ledger: Ledger,
    store: Store,
    base: u64,
    /// How many records of the present ledger are taken in.
    taken: watch::Sender<u64>,
    stopped: AtomicBool,
    failing: Mutex<Option<String>>,
}

impl Projection {
    /// Starts to follow the ledger from where the database is: never further than the ledger, which is opened only where it
    /// has all that the database knows of it ([`crate::known`]).
    pub async fn start(ledger: Ledger, store: Store) -> Result<Arc<Self>, StoreError> {
        let base = base(&store).await?;
        let next = store.cursor().await?.saturating_sub(base);
        let projection = Arc::new(Self {
            ledger,
            store,
            base,
            taken: watch::Sender::new(next),
            stopped: AtomicBool::new(false),
            failing: Mutex::default(),
        });
        let follower = Arc::downgrade(&projection);
        let mut durable = projection.ledger.durable();
        tokio::spawn(async move {
            loop {
                let Some(projection) = follower.upgrade() else { return };
                while projection.behind() > 0 {
                    if projection.stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let step = projection.step().await;
                    if let Err(error) = &step {
                        tracing::warn!(error, "the projection waits");
                    }
                    let failed = step.is_err();
                    *projection.failing.lock() = step.err();
                    if failed {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                drop(projection);
                if durable.changed().await.is_err() {
                    return;
                }
                tokio::time::sleep(GATHER).await;
            }
        });
        Ok(projection)
    }

    /// After a restore: takes in what is left of the earlier ledger, and begins to count anew behind it.
    pub async fn begin_anew(store: &Store, earlier: &LogFiles) -> Result<(), StoreError> {
        let base = base(store).await?;
        let size = earlier.size();
        let mut next = store.cursor().await?.saturating_sub(base);
        while next < size {
            let to = size.min(next + BATCH as u64);
            let mut batch = Batch::default();
            for (index, entry) in earlier.entries(next..to).filter_map(Result::ok) {
                batch.take(base + index, &entry);
            }
            store.apply(&batch.accesses, &batch.deliveries, base + to).await?;
            next = to;
        }
        // What is known is of the earlier ledger from here on; the one that continues it begins with nothing.
        crate::known::forget(store).await?;
        store.forget_marks().await?;
        let counted = store.cursor().await?.max(base + size);
        store.save_setting(BASE, &counted.to_string()).await
    }

    /// Waits, at most `limit`, until what is durable now is taken in. Who asks then sees what they just did.
    pub async fn catch_up(&self, limit: Duration) {
        let target = self.ledger.status().durable;
        let mut taken = self.taken.subscribe();
        // Not caught up in time is no fault: the answer says how far behind it is.
        let _ = tokio::time::timeout(limit, taken.wait_for(|next| *next >= target)).await;
    }

    /// Ends the following; what is not taken in yet is at the next start.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Why the database takes nothing, while that is so.
    pub fn failing(&self) -> Option<String> {
        self.failing.lock().clone()
    }

    /// Durable records that the projection has not taken in yet.
    pub fn behind(&self) -> u64 {
        self.ledger.status().durable.saturating_sub(*self.taken.borrow())
    }

    async fn step(&self) -> Result<(), String> {
        let from = *self.taken.borrow();
        let ledger = self.ledger.clone();
        let entries = tokio::task::spawn_blocking(move || ledger.read(from, BATCH))
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| with_causes(&error))?;
        if entries.is_empty() {
            return Err("the ledger gave no records where it has some".to_owned());
        }
        let next = from + entries.len() as u64;
        let mut batch = Batch::default();
        for (index, entry) in (self.base + from..).zip(&entries) {
            batch.take(index, entry);
        }
        let applied = self.store.apply(&batch.accesses, &batch.deliveries, self.base + next).await;
        applied.map_err(|error| with_causes(&error))?;
        self.taken.send_replace(next);
        Ok(())
    }
}

/// How many records of the present ledger the database has taken in. Only durable ones are.
pub(crate) async fn projected(store: &Store) -> Result<u64, StoreError> {
    Ok(store.cursor().await?.saturating_sub(base(store).await?))
}

async fn base(store: &Store) -> Result<u64, StoreError> {
    Ok(store.setting(BASE).await?.and_then(|base| base.parse().ok()).unwrap_or(0))
}

/// A record, as far as it is projected.
#[derive(Deserialize)]
struct Seen<'a> {
    time: Timestamp,
    #[serde(borrow)]
    request: Option<&'a str>,
    action: &'a str,
    who: SeenWho<'a>,
    on: SeenOn,
    #[serde(default)]
    facts: SeenFacts,
    decision: SeenDecision,
}

#[derive(Deserialize)]
struct SeenWho<'a> {
    kind: &'a str,
    id: Option<&'a str>,
    device: Option<&'a str>,
}

#[derive(Deserialize)]
struct SeenOn {
    id: String,
}

#[derive(Default, Deserialize)]
struct SeenFacts {
    file: Option<String>,
    digest: Option<String>,
    delivery: Option<String>,
    bytes: Option<u64>,
    of_bytes: Option<u64>,
}

#[derive(Deserialize)]
struct SeenDecision {
    outcome: String,
    policies: Vec<String>,
    reason: Option<String>,
    until: Option<Timestamp>,
}

/// What some records say to the projection.
#[derive(Default)]
struct Batch {
    accesses: Vec<AccessRow>,
    deliveries: Vec<Delivery>,
}

impl Batch {
    fn take(&mut self, index: u64, entry: &[u8]) {
        // Most records are reads of an index; a look at the bytes spares reading them as JSON.
        if !may_be_projected(entry) {
            return;
        }
        let Ok(seen) = serde_json::from_slice::<Seen<'_>>(entry) else { return };
        if ACCESSES.contains(&seen.action) {
            self.accesses.push(access(index, seen));
        } else if seen.action == DELIVERY {
            self.deliveries.extend(delivery(index, seen));
        }
    }
}

fn access(index: u64, seen: Seen<'_>) -> AccessRow {
    let project = seen.on.id.parse::<Purl>().ok().map(|purl| match purl.ecosystem() {
        "pypi" => Purl::pypi(purl.name(), None).to_string(),
        _ => seen.on.id.split('@').next().unwrap_or_default().to_owned(),
    });
    AccessRow {
        record_index: index,
        time: seen.time,
        action: seen.action.to_owned(),
        outcome: seen.decision.outcome,
        principal_kind: seen.who.kind.to_owned(),
        person: seen.who.id.map(PersonId::new),
        device: seen.who.device.map(DeviceId::new),
        resource: seen.on.id,
        project,
        file: seen.facts.file,
        digest: seen.facts.digest,
        policy: seen.decision.policies.into_iter().next(),
        reason: seen.decision.reason,
        until: seen.decision.until,
        request: seen.request.map(str::to_owned),
    }
}

/// Nothing where it is not said what became of which request: the access then stays one of the whole file.
fn delivery(index: u64, seen: Seen<'_>) -> Option<Delivery> {
    Some(Delivery {
        record_index: index,
        request: seen.request?.to_owned(),
        resource: seen.on.id,
        how: seen.facts.delivery?,
        bytes: seen.facts.bytes?,
        of: seen.facts.of_bytes,
    })
}

/// Whether the first action in these bytes is a projected one. A record's action stands before everything that callers or
/// upstreams have a say in, and a quote within a text is escaped, so nothing else reads like it there.
fn may_be_projected(entry: &[u8]) -> bool {
    const KEY: &[u8] = b"\"action\":\"";
    let Some(at) = entry.windows(KEY.len()).position(|window| window == KEY) else { return false };
    let action = &entry[at + KEY.len()..];
    ACCESSES.iter().chain([&DELIVERY]).any(|projected| action.starts_with(projected.as_bytes()))
}
