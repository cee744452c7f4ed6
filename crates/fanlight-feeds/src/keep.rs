//! What is kept of the feeds in the database: each record as it was written, compressed, and when the feed was last read.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use fanlight_advisories::Advisories;
use fanlight_base::fault::with_causes;
use fanlight_base::{Timestamp, limits};
use fanlight_store::{KeptAdvisory, Store, StoreError};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use tokio::runtime::Handle;

use crate::feeds::FeedsError;
use crate::source::Source;
use crate::state::{FeedState, Kept};

mod aside;

#[cfg(test)]
mod tests;

pub use aside::Aside;

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
    let mut rows = Rows { store, handle, name, chunk: Vec::new().into_iter(), last: None, fault: None };
    if !rows.fill() {
        return rows.fault.map_or(Ok(known), |fault| Err(fault.into()));
    }
    let restored = known.restore(name, &mut rows);
    if let Some(fault) = rows.fault {
        return Err(fault.into());
    }
    match restored {
        Ok(restored) => {
            let report = restored.report;
            tracing::info!(feed = &**name, records = report.new, "advisories as they were kept");
            if report.refused > 0 {
                let first = report.faults.first().map(|fault| with_causes(fault)).unwrap_or_default();
                tracing::warn!(feed = &**name, refused = report.refused, first, "kept advisories cannot be read");
            }
            Ok(restored.advisories)
        }
        Err(error) => {
            tracing::warn!(feed = &**name, error = with_causes(&error), "kept advisories cannot be taken in");
            Ok(known)
        }
    }
}

/// The kept records of a feed, read in chunks.
struct Rows<'a> {
    store: &'a Store,
    handle: &'a Handle,
    name: &'a str,
    chunk: std::vec::IntoIter<KeptAdvisory>,
    last: Option<KeptAdvisory>,
    fault: Option<StoreError>,
}

impl Rows<'_> {
    /// Reads the next chunk; says whether there is one.
    fn fill(&mut self) -> bool {
        let limit = u32::try_from(CHUNK).unwrap_or(u32::MAX);
        match self.handle.block_on(self.store.kept_advisories(self.name, self.last.as_ref(), limit)) {
            Ok(chunk) => {
                self.last = chunk.last().cloned();
                self.chunk = chunk.into_iter();
            }
            Err(fault) => self.fault = Some(fault),
        }
        self.fault.is_none() && self.chunk.len() > 0
    }
}

impl Iterator for Rows<'_> {
    type Item = (Timestamp, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.chunk.len() == 0 && !self.fill() {
            return None;
        }
        let kept = self.chunk.next()?;
        // What does not unpack is refused as no record, and counted there.
        Some((kept.read, unpacked(&kept.record).unwrap_or_default()))
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

fn packed(record: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(record.len() / 2), Compression::default());
    // Writing to memory does not fail; if it did, the record would be refused when it is read.
    let _ = encoder.write_all(record);
    encoder.finish().unwrap_or_default()
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut record = Vec::new();
    DeflateDecoder::new(packed).take(limits::ADVISORY_BYTES as u64 + 1).read_to_end(&mut record).ok()?;
    Some(record)
}
