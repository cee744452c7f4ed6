//! What records can be found by: the words of a record, and of each 256 records a Bloom filter of all their words.
//!
//! Invariant: a chunk is passed over only where no record in it has the word, because the filter and the search take a
//! record's words from one function. Refuses to know who asks.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fanlight_base::fault::with_causes;
use fanlight_base::{Purl, Timestamp};
use fanlight_ledger::Ledger;
use fanlight_store::{MarkRow, Store, StoreError};
use serde::Deserialize;
use tokio::sync::watch;

/// Records of one chunk: what the ledger keeps in one file, so that a chunk is one read.
pub(crate) const CHUNK: u64 = 256;
/// Bytes of a filter. A chunk of records that have nothing in common has some 900 words, which by [`PLACES`] makes one chunk
/// in a hundred to be read in vain.
const BYTES: usize = 1024;
/// Bits that a word sets.
const PLACES: u64 = 4;
/// Chunks kept in one change.
const BATCH: u64 = 64;
/// Pause after chunks that could not be read or kept.
const PAUSE: Duration = Duration::from_secs(1);
/// What is new is gathered this long.
const GATHER: Duration = Duration::from_millis(500);

/// The parts of a record that it can be found by.
#[derive(Deserialize)]
pub(crate) struct Seen {
    /// When it was.
    pub(crate) time: Timestamp,
    action: String,
    who: Who,
    on: On,
    decision: Decided,
}

#[derive(Deserialize)]
struct Who {
    kind: String,
    id: Option<String>,
    device: Option<String>,
}

#[derive(Deserialize)]
struct On {
    id: String,
}

#[derive(Deserialize)]
struct Decided {
    outcome: String,
    #[serde(default)]
    policies: Vec<String>,
}

/// Under which name a word is looked for, so that an action is never taken for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// An action, or a door with its colon.
    Action,
    /// What was decided.
    Outcome,
    /// The pseudonym of a person, app or machine, or a kind of caller.
    Who,
    /// A thing's id, its project's purl, its name.
    On,
    /// The policy that decided.
    Policy,
}

/// One word of a record.
pub(crate) type Word = (Kind, String);

impl Seen {
    /// A record as the ledger has it; nothing where it is none that this program knows.
    pub(crate) fn of(entry: &[u8]) -> Option<Self> {
        serde_json::from_slice(entry).ok()
    }

    /// Everything it can be found by.
    pub(crate) fn words(&self) -> Vec<Word> {
        let mut words = vec![(Kind::Action, self.action.clone()), (Kind::Outcome, self.decision.outcome.clone())];
        if let Some((door, _)) = self.action.split_once(':') {
            words.push((Kind::Action, format!("{door}:")));
        }
        let who = [Some(&self.who.kind), self.who.id.as_ref(), self.who.device.as_ref()];
        words.extend(who.into_iter().flatten().map(|who| (Kind::Who, who.clone())));
        words.push((Kind::On, self.on.id.clone()));
        if let Ok(purl) = self.on.id.parse::<Purl>() {
            words.push((Kind::On, purl.project().to_string()));
            let name = match purl.namespace() {
                Some(namespace) => format!("{namespace}/{}", purl.name()),
                None => purl.name().to_owned(),
            };
            words.push((Kind::On, name));
        }
        words.extend(self.decision.policies.iter().map(|policy| (Kind::Policy, policy.clone())));
        words
    }
}

/// The bits of a word: FNV-1a, its two halves combined as Kirsch and Mitzenmacher do ("Less hashing, same performance", 2006).
/// Who makes words collide makes a search slower and hides nothing.
fn places((kind, text): &Word) -> impl Iterator<Item = usize> {
    let bytes = std::iter::once(*kind as u8).chain(text.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let (first, second) = (hash & 0xffff_ffff, (hash >> 32) | 1);
    let bits = BYTES as u64 * 8;
    (0..PLACES).map(move |place| usize::try_from((first + place * second) % bits).unwrap_or(0))
}

/// The words of some records, and their times.
pub(crate) fn mark(chunk: u64, entries: &[Vec<u8>]) -> MarkRow {
    let mut marks = vec![0_u8; BYTES];
    let mut words = HashSet::new();
    let mut times: Option<(Timestamp, Timestamp)> = None;
    for seen in entries.iter().filter_map(|entry| Seen::of(entry)) {
        let (first, last) = times.unwrap_or((seen.time, seen.time));
        times = Some((first.min(seen.time), last.max(seen.time)));
        words.extend(seen.words());
    }
    for place in words.iter().flat_map(places) {
        marks[place / 8] |= 1 << (place % 8);
    }
    // Nothing can be found where no record could be read.
    let (first, last) = times.unwrap_or((Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH));
    MarkRow { chunk, first, last, marks }
}

/// Whether a chunk may have a record with this word.
pub(crate) fn may_have(marks: &[u8], word: &Word) -> bool {
    places(word).all(|place| marks.get(place / 8).is_none_or(|byte| byte & (1 << (place % 8)) != 0))
}

/// Marks each chunk of the ledger that is whole, from now on and from before.
pub struct Marks {
    ledger: Ledger,
    store: Store,
    marked: watch::Sender<u64>,
}

impl Marks {
    /// Begins where the database is.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn start(ledger: Ledger, store: Store) -> Result<Arc<Self>, StoreError> {
        let marked = watch::Sender::new(store.marked_chunks().await?);
        let marks = Arc::new(Self { ledger, store, marked });
        let follower = Arc::downgrade(&marks);
        let mut durable = marks.ledger.durable();
        tokio::spawn(async move {
            loop {
                let Some(marks) = follower.upgrade() else { return };
                while marks.whole() > marks.marked() {
                    if let Err(error) = marks.step().await {
                        tracing::warn!(error, "what records can be found by waits");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                drop(marks);
                if durable.changed().await.is_err() {
                    return;
                }
                tokio::time::sleep(GATHER).await;
            }
        });
        Ok(marks)
    }

    /// Chunks that are marked, from the first on.
    pub(crate) fn marked(&self) -> u64 {
        *self.marked.borrow()
    }

    fn whole(&self) -> u64 {
        self.ledger.status().durable / CHUNK
    }

    async fn step(&self) -> Result<(), String> {
        let from = self.marked();
        let to = self.whole().min(from + BATCH);
        let ledger = self.ledger.clone();
        let made = tokio::task::spawn_blocking(move || {
            (from..to).map(|chunk| Ok(mark(chunk, &read(&ledger, chunk * CHUNK..(chunk + 1) * CHUNK)?))).collect()
        });
        let rows: Result<Vec<_>, String> = made.await.map_err(|error| error.to_string())?;
        self.store.keep_marks(&rows?).await.map_err(|error| with_causes(&error))?;
        self.marked.send_replace(to);
        Ok(())
    }
}

/// The records of a range, all of them. Blocks on the disk.
pub(crate) fn read(ledger: &Ledger, range: std::ops::Range<u64>) -> Result<Vec<Vec<u8>>, String> {
    let mut found = Vec::new();
    let mut next = range.start;
    while next < range.end {
        let max = usize::try_from(range.end - next).unwrap_or(usize::MAX);
        let read = ledger.read(next, max).map_err(|error| with_causes(&error))?;
        if read.is_empty() {
            return Err("the ledger gave no records where it has some".to_owned());
        }
        next += read.len() as u64;
        found.extend(read);
    }
    Ok(found)
}
