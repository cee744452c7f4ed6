//! What is kept of the feeds in the database: each record as it was written, compressed, and when the feed was last read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};

use fanlight_advisories::Advisories;
use fanlight_base::Timestamp;
use fanlight_base::fault::with_causes;
use fanlight_store::{KeptAdvisory, Store, StoreError};
use tokio::runtime::Handle;

use crate::feeds::FeedsError;
use crate::source::Source;
use crate::state::{FeedState, Kept};

mod aside;
mod packing;

#[cfg(test)]
mod tests;

pub use aside::Aside;
use packing::Packing;

/// Why not all of a reading could be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was set aside is not at hand.
    #[error("new records could not be set aside in a file until they count")]
    Aside(#[from] io::Error),
}

/// Records written in one change, and read at once.
const CHUNK: usize = 500;

/// Where in the database a feed's state is kept.
fn setting(source: &str) -> String {
    format!("advisories.feed:{source}")
}

/// All that is kept of these feeds. What is kept of others is forgotten.
pub async fn restore(
    store: &Store,
    sources: &[Source],
) -> Result<(Arc<Advisories>, BTreeMap<Arc<str>, FeedState>), FeedsError> {
    for kept in store.advisory_sources().await? {
        if !sources.iter().any(|source| *source.name == *kept) {
            tracing::info!(feed = kept, "the feed is not in the settings any more: what it said is forgotten");
            store.forget_advisories(&kept).await?;
            store.forget_setting(&setting(&kept)).await?;
        }
    }
    let mut states = BTreeMap::new();
    for source in sources {
        let kept = store.setting(&setting(&source.name)).await?;
        let kept: Kept = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        states.insert(source.name.clone(), FeedState::restored(kept));
    }
    let (store, names) = (store.clone(), sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>());
    let handle = Handle::current();
    let read = tokio::task::spawn_blocking(move || {
        let mut known = Arc::new(Advisories::new());
        for name in names {
            known = restore_one(&store, &handle, &name, known)?;
        }
        Ok::<_, FeedsError>(known)
    });
    let known = read.await.map_err(|_| FeedsError::Ended)??;
    Ok((known, states))
}

fn restore_one(
    store: &Store,
    handle: &Handle,
    name: &Arc<str>,
    known: Arc<Advisories>,
) -> Result<Arc<Advisories>, FeedsError> {
    let (send, chunks) = mpsc::sync_channel(AHEAD);
    std::thread::scope(|scope| {
        // One thread reads and unpacks, this one takes in. The end of the other is the end of what comes.
        scope.spawn(move || read_ahead(store, handle, name, &send));
        let fault = RefCell::new(None);
        let chunks = chunks.into_iter().map_while(|chunk| chunk.map_err(|error| fault.replace(Some(error))).ok());
        let mut rows = chunks.flatten().peekable();
        let restored = rows.peek().is_some().then(|| known.restore(name, &mut rows));
        drop(rows);
        if let Some(fault) = fault.into_inner() {
            return Err(fault.into());
        }
        Ok(match restored {
            None => known,
            Some(Ok(restored)) => {
                let report = restored.report;
                tracing::info!(feed = &**name, records = report.new, "advisories as they were kept");
                if report.refused > 0 {
                    let first = report.faults.first().map(|fault| with_causes(fault)).unwrap_or_default();
                    tracing::warn!(feed = &**name, refused = report.refused, first, "kept advisories cannot be read");
                }
                restored.advisories
            }
            Some(Err(error)) => {
                tracing::warn!(feed = &**name, error = with_causes(&error), "kept advisories cannot be taken in");
                known
            }
        })
    })
}

/// Chunks that are read before they are taken in.
const AHEAD: usize = 4;

/// Records of one chunk, each with the time at which it was read.
type Chunk = Vec<(Timestamp, Vec<u8>)>;

/// Reads what is kept of a feed, chunk after chunk, until nobody takes them any more.
fn read_ahead(store: &Store, handle: &Handle, name: &str, to: &SyncSender<Result<Chunk, StoreError>>) {
    let limit = u32::try_from(CHUNK).unwrap_or(u32::MAX);
    let (mut packing, mut last) = (Packing::default(), None);
    loop {
        let chunk = handle.block_on(store.kept_advisories(name, last.as_ref(), limit));
        let chunk = chunk.map(|kept| {
            last = kept.last().cloned();
            // What does not unpack is refused as no record, and counted there.
            kept.into_iter().map(|kept| (kept.read, packing.unpacked(&kept.record).unwrap_or_default())).collect()
        });
        let is_end = chunk.as_ref().map_or(true, Chunk::is_empty);
        if to.send(chunk).is_err() || is_end {
            return;
        }
    }
}

/// Keeps what a reading set aside, in chunks, for the feed as it was at the moment `read`. Only after it is recorded that
/// the feed has it: a start takes in whatever is kept. Blocks.
pub fn keep(store: &Store, source: &str, read: Timestamp, aside: Aside) -> Result<(), KeepError> {
    let (handle, mut records, mut chunk) = (Handle::current(), aside.records()?, Vec::with_capacity(CHUNK));
    while let Some((id, record)) = records.next()? {
        chunk.push(KeptAdvisory { id, read, record });
        if chunk.len() == CHUNK {
            handle.block_on(store.keep_advisories(source, &chunk))?;
            chunk.clear();
        }
    }
    Ok(handle.block_on(store.keep_advisories(source, &chunk))?)
}

/// Keeps how a feed is.
pub async fn keep_state(store: &Store, source: &Source, kept: &Kept) -> Result<(), StoreError> {
    let text = serde_json::to_string(kept).unwrap_or_default();
    store.save_setting(&setting(&source.name), &text).await
}
