//! Records read back: chosen by time, action and caller, with the names in them where there are keys to open them.
//!
//! The one way to choose, for a running node and for a command without one. Reads in chunks and keeps none. Refuses to
//! know whether the reading was recorded: who opens names has seen to that.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_api::ledger::{Ask, Line, Opened};
use fanlight_base::Timestamp;
use fanlight_identity::SealedReader;
use fanlight_ledger::files::FilesError;
use fanlight_ledger::{Ledger, LogFiles, ReadError};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Records read at once.
pub const CHUNK: u64 = 1024;
/// Sealed values remembered opened; one caller's records all bear the same within a month.
const REMEMBERED: usize = 10_000;

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The running ledger.
    #[error(transparent)]
    Live(#[from] ReadError),
    /// A ledger's files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The thread that read is gone.
    #[error("the reading of the ledger ended unexpectedly")]
    Ended,
}

/// Where records are read from.
#[derive(Debug)]
pub enum Source {
    /// The ledger this process writes.
    Live(Ledger),
    /// Files, as of one moment.
    Files(Box<LogFiles>),
}

impl Source {
    /// How many records there are.
    pub fn size(&self) -> u64 {
        match self {
            Self::Live(ledger) => ledger.status().durable,
            Self::Files(files) => files.size(),
        }
    }

    /// The records of a range, all of them. Blocks on the disk.
    fn read(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, RecordsError> {
        match self {
            Self::Files(files) => files.entries(range).map(|entry| Ok(entry?.1)).collect(),
            Self::Live(ledger) => {
                let mut found = Vec::new();
                let mut next = range.start;
                while next < range.end {
                    let read = ledger.read(next, usize::try_from(range.end - next).unwrap_or(usize::MAX))?;
                    if read.is_empty() {
                        break;
                    }
                    next += read.len() as u64;
                    found.extend(read);
                }
                Ok(found)
            }
        }
    }
}

/// Reads, and opens names.
#[derive(Debug)]
pub struct Reader {
    source: Arc<Source>,
    keys: Option<SealedReader>,
    opened: HashMap<String, Option<Opened>>,
}

/// A search back from the end for the newest records that fit.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    end: u64,
    left: u64,
}

impl Search {
    /// Of the records before `end`, the newest as many as asked for.
    pub const fn before(end: u64, ask: &Ask) -> Self {
        Self { end, left: ask.limit }
    }
}

/// The parts of a record by which it is chosen.
#[derive(Deserialize)]
struct Record {
    time: Timestamp,
    action: String,
    who: Who,
}

#[derive(Deserialize)]
struct Who {
    kind: String,
    id: Option<String>,
    sealed: Option<Sealed>,
}

#[derive(Deserialize)]
struct Sealed {
    key: String,
    data: String,
}

impl Reader {
    /// Over these records; without keys all names stay sealed.
    pub fn new(source: Source, keys: Option<SealedReader>) -> Self {
        Self { source: Arc::new(source), keys, opened: HashMap::new() }
    }

    /// The records of a range, as stored.
    pub async fn stored(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, RecordsError> {
        let source = self.source.clone();
        tokio::task::spawn_blocking(move || source.read(range)).await.map_err(|_| RecordsError::Ended)?
    }

    /// Those of a range that fit, in order.
    pub async fn fitting(&mut self, ask: &Ask, range: Range<u64>) -> Result<Vec<Line>, RecordsError> {
        let entries = self.stored(range.clone()).await?;
        let mut lines = Vec::new();
        for (index, entry) in range.zip(entries) {
            lines.extend(self.line(ask, index, entry).await);
        }
        Ok(lines)
    }

    /// Goes one chunk back. Gives the number of the first record to show, once that is known: from there on as many fit
    /// as were asked for, or all that there are since the time asked for.
    pub async fn back(&mut self, ask: &Ask, search: &mut Search) -> Result<Option<u64>, RecordsError> {
        let Search { end, left } = *search;
        if end == 0 || left == 0 {
            return Ok(Some(end));
        }
        let start = end.saturating_sub(CHUNK);
        let mut fitting = Vec::new();
        let mut all_older = true;
        for (index, entry) in (start..end).zip(self.stored(start..end).await?) {
            let record = serde_json::from_slice::<Record>(&entry).ok();
            let time = record.as_ref().map(|record| record.time);
            all_older &= ask.since.is_some_and(|since| time.is_some_and(|time| time < since));
            if self.fits(ask, record.as_ref()).await.0 {
                fitting.push(index);
            }
        }
        let surplus = usize::try_from(left).ok().and_then(|left| fitting.len().checked_sub(left));
        if let Some(first) = surplus.and_then(|surplus| fitting.get(surplus)) {
            return Ok(Some(*first));
        }
        *search = Search { end: start, left: left - fitting.len() as u64 };
        Ok(all_older.then_some(start))
    }

    async fn line(&mut self, ask: &Ask, index: u64, entry: Vec<u8>) -> Option<Line> {
        let record = serde_json::from_slice::<Record>(&entry).ok();
        let (fits, opened) = self.fits(ask, record.as_ref()).await;
        if !fits {
            return None;
        }
        Some(line(index, &entry, opened))
    }

    /// A record as it is shown, its names opened.
    pub(crate) async fn shown(&mut self, index: u64, entry: &[u8]) -> Line {
        let record = serde_json::from_slice::<Record>(entry).ok();
        let opened = match record.and_then(|record| record.who.sealed) {
            Some(sealed) => self.open(&sealed).await,
            None => None,
        };
        line(index, entry, opened)
    }

    /// Whether a record is asked for, and its names where they had to be or could be opened. An entry that is no record
    /// this program knows is shown where nothing in particular is asked for.
    async fn fits(&mut self, ask: &Ask, record: Option<&Record>) -> (bool, Option<Opened>) {
        let Some(record) = record else {
            return (ask.since.is_none() && ask.action.is_none() && ask.who.is_none(), None);
        };
        let is_of =
            |action: &str| record.action == action || (action.ends_with(':') && record.action.starts_with(action));
        if ask.since.is_some_and(|since| record.time < since) || !ask.action.as_deref().is_none_or(is_of) {
            return (false, None);
        }
        let opened = match &record.who.sealed {
            Some(sealed) => self.open(sealed).await,
            None => None,
        };
        let Some(who) = ask.who.as_deref() else { return (true, opened) };
        let names = [
            Some(record.who.kind.as_str()).filter(|kind| *kind != "person"),
            record.who.id.as_deref(),
            opened.as_ref().and_then(|opened| opened.person.as_deref()),
            opened.as_ref().and_then(|opened| opened.machine.as_deref()),
        ];
        let fits = names.contains(&Some(who));
        (fits, opened)
    }

    /// What is sealed; nothing where the key is destroyed or there are no keys.
    async fn open(&mut self, sealed: &Sealed) -> Option<Opened> {
        let keys = self.keys.as_ref()?;
        if let Some(known) = self.opened.get(&sealed.data) {
            return known.clone();
        }
        // A value that does not open is shown by its pseudonym; `verify` is what tells of changed records.
        let personal = keys.open_sealed(&sealed.key, &sealed.data).await.ok().flatten();
        let opened = personal.map(|p| Opened { person: p.person, machine: p.machine, address: p.address });
        if self.opened.len() >= REMEMBERED {
            self.opened.clear();
        }
        self.opened.insert(sealed.data.clone(), opened.clone());
        opened
    }
}

fn line(index: u64, entry: &[u8], opened: Option<Opened>) -> Line {
    let text = String::from_utf8_lossy(entry).into_owned();
    match RawValue::from_string(text.clone()) {
        Ok(record) => Line { index, record: Some(record), opened, text: None },
        Err(_) => Line { index, record: None, opened, text: Some(text) },
    }
}

/// The ledgers from before a restore, in their folder by number, the oldest first; each has an origin and a key of its own.
pub fn earlier(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut numbers: Vec<u64> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.iter().map(|number| folder.join(number.to_string())).collect()
}
