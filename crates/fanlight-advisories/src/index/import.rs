//! Records of a feed into a new snapshot.
//!
//! A record replaces the one that its feed said before if its database changed it later. A reading that brings no record
//! at all is an error and no snapshot, so nobody can take an empty or broken feed for an empty world.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use fanlight_base::{Timestamp, limits};

use super::group::groups;
use super::name::Name;
use super::{Advisories, Source};
use crate::advisory::{Advisory, Built, Draft, Reading, RecordError};
use crate::ecosystem::Package;
use crate::feed::{Entry, EntryError, EntryFault};

/// A new snapshot, and how it came to be.
#[derive(Debug)]
pub struct Import {
    /// What is known now.
    pub advisories: Arc<Advisories>,
    /// What was read.
    pub report: Report,
}

/// What one reading of a feed brought.
#[derive(Debug, Default)]
pub struct Report {
    /// Records whose form was right.
    pub read: usize,
    /// Records that were not known.
    pub new: usize,
    /// Records that replace an earlier one.
    pub changed: usize,
    /// Records that were known as they are.
    pub unchanged: usize,
    /// Records older than what the same feed said before; the newer ones stand.
    pub older: usize,
    /// Records about other ecosystems only, which are not kept.
    pub elsewhere: usize,
    /// Of those new or changed, records that their database took back.
    pub withdrawn: usize,
    /// Known records of the feed that this reading did not have. They stand.
    pub missing: usize,
    /// Entries and records that were refused: how many, and the first [`limits::ADVISORY_FAULTS`] of them.
    pub refused: usize,
    /// The first of them.
    pub faults: Vec<RecordFault>,
    /// Parts of records that were passed over: how many.
    pub passed_over: usize,
    /// The first of them: the record's id, and what.
    pub notes: Vec<(Box<str>, String)>,
}

/// A record that was refused.
#[derive(Debug, thiserror::Error)]
#[error("{entry}")]
pub struct RecordFault {
    /// The entry of the feed it stands in.
    pub entry: String,
    /// Why.
    #[source]
    pub why: Why,
}

/// Why a record was refused.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// Its entry could not be had.
    #[error(transparent)]
    Entry(EntryError),
    /// It is no record.
    #[error(transparent)]
    Record(RecordError),
    /// All that are known would take too much memory.
    #[error("with it all advisories would take over {limit} bytes of memory, the most that is kept", limit = limits::ADVISORIES_BYTES)]
    Full,
    /// There are too many about one project already.
    #[error("there are {limit} advisories about {0} already, the most that are kept", limit = limits::ADVISORY_OF_PACKAGE)]
    Crowded(Package),
}

/// Why a reading makes no snapshot. What was known stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No record in it.
    #[error("no advisory could be read from {} ({} entries were refused); what is known stays", .0.source, .1.refused)]
    Nothing(Reading, Box<Report>),
    /// One feed too many.
    #[error("{limit} feeds of advisories are known already, the most that are kept", limit = limits::ADVISORY_SOURCES)]
    Sources,
}

impl Advisories {
    /// Reads a feed's entries into a new snapshot; this one stays as it is. Takes time: not for a task that serves others.
    pub fn import(
        &self,
        reading: Reading,
        entries: impl IntoIterator<Item = Result<Entry, EntryFault>>,
    ) -> Result<Import, ImportError> {
        self.import_and_keep(reading, entries, |_, _| {})
    }

    /// The same, and hands each record that is new or changed to `keep`, with its id and as it was written, so that it
    /// can be [`restore`](Self::restore)d later.
    pub fn import_and_keep(
        &self,
        reading: Reading,
        entries: impl IntoIterator<Item = Result<Entry, EntryFault>>,
        mut keep: impl FnMut(&str, Vec<u8>),
    ) -> Result<Import, ImportError> {
        if !self.sources.contains_key(&reading.source) && self.sources.len() >= limits::ADVISORY_SOURCES {
            return Err(ImportError::Sources);
        }
        let reading = Arc::new(reading);
        let mut incoming = Incoming::new(self, reading.clone());
        for entry in entries {
            match entry {
                Ok(Entry { name, bytes }) => match incoming.record(&bytes) {
                    Ok(Some(id)) => keep(&id, bytes),
                    Ok(None) => {}
                    Err(why) => incoming.refuse(name, why),
                },
                Err(EntryFault { entry, error }) => incoming.refuse(entry, Why::Entry(error)),
            }
        }
        if incoming.report.read == 0 {
            return Err(ImportError::Nothing((*reading).clone(), Box::new(incoming.report)));
        }
        Ok(incoming.into_import())
    }

    /// Takes in what was kept of a feed: each record with the time at which it was read, so that it means what it meant
    /// then. That nothing was kept is no error.
    pub fn restore(
        &self,
        source: &Arc<str>,
        records: impl IntoIterator<Item = (Timestamp, Vec<u8>)>,
    ) -> Result<Import, ImportError> {
        if !self.sources.contains_key(source) && self.sources.len() >= limits::ADVISORY_SOURCES {
            return Err(ImportError::Sources);
        }
        let begin = Arc::new(Reading { source: source.clone(), at: Timestamp::UNIX_EPOCH });
        let mut incoming = Incoming::new(self, begin);
        for (at, bytes) in records {
            if incoming.reading.at != at {
                incoming.reading = Arc::new(Reading { source: source.clone(), at });
            }
            if let Err(why) = incoming.record(&bytes) {
                incoming.refuse(format!("a record kept at {at}"), why);
            }
        }
        Ok(incoming.into_import())
    }

    /// What is known without one feed, for when the steward no longer wants it.
    #[must_use]
    pub fn without(&self, source: &str) -> Self {
        let mut next = self.clone();
        if next.sources.remove(source).is_none() {
            return next;
        }
        let of_source = |advisory: &&Arc<Advisory>| *advisory.reading().source == *source;
        let gone: HashMap<_, _> = self
            .names
            .iter()
            .flat_map(|(_, records)| records.iter().filter(of_source))
            .map(|advisory| (advisory.id(), advisory.clone()))
            .collect();
        let mut projects = Projects::default();
        for advisory in gone.values() {
            next.unname(advisory);
            projects.remove(advisory);
        }
        projects.regroup(&mut next);
        next
    }

    /// Puts a record under its names. An alias that too many have already is left out.
    fn name(&mut self, advisory: &Arc<Advisory>) -> bool {
        let mut all = true;
        for (index, name) in advisory.names().enumerate() {
            let records = self.names.entry(Name(name.clone()), Vec::new);
            if index == 0 || records.len() < limits::ADVISORY_OF_ALIAS {
                records.push(advisory.clone());
            } else {
                all = false;
            }
        }
        all
    }

    fn unname(&mut self, advisory: &Arc<Advisory>) {
        for name in advisory.names() {
            let name = Name(name.clone());
            let records = self.names.entry(name.clone(), Vec::new);
            records.retain(|known| !Arc::ptr_eq(known, advisory));
            if records.is_empty() {
                self.names.remove(&name);
            }
        }
    }
}

/// The records of one reading, the latest of each id, before they are put in.
struct Incoming<'a> {
    known: &'a Advisories,
    reading: Arc<Reading>,
    /// By id: the record, and whether it is one that was known. In order, so that the same feed gives the same result.
    latest: BTreeMap<Box<str>, Latest>,
    /// Bytes of memory that all would take with these.
    bytes: usize,
    report: Report,
}

struct Latest {
    modified: Timestamp,
    entry: Option<Built>,
}

impl<'a> Incoming<'a> {
    fn new(known: &'a Advisories, reading: Arc<Reading>) -> Self {
        Self { known, reading, latest: BTreeMap::new(), bytes: known.bytes(), report: Report::default() }
    }

    fn refuse(&mut self, entry: String, why: Why) {
        self.report.refused += 1;
        if self.report.faults.len() < limits::ADVISORY_FAULTS {
            self.report.faults.push(RecordFault { entry, why });
        }
    }

    fn note(&mut self, id: &str, note: String) {
        self.report.passed_over += 1;
        if self.report.notes.len() < limits::ADVISORY_FAULTS {
            self.report.notes.push((id.into(), note));
        }
    }

    /// Takes a record in. Gives its id where it is one to keep: new or changed, and about an ecosystem known here.
    fn record(&mut self, bytes: &[u8]) -> Result<Option<Box<str>>, Why> {
        let draft = Draft::read(bytes).map_err(Why::Record)?;
        let earlier = self.latest.get(draft.id());
        let known = self.known.record(&self.reading.source, &Name::from(draft.id()));
        let modified = earlier.map(|latest| latest.modified).or_else(|| Some(known?.modified()));
        // A time that was not over when the record was read would keep every correction out for ever.
        let believed = earlier.is_some() || known.is_none_or(|known| known.modified() <= known.reading().at);
        if let Some(modified) = modified
            && (draft.modified == modified || (draft.modified < modified && believed))
        {
            let same = draft.modified == modified;
            self.report.read += 1;
            self.report.unchanged += usize::from(same);
            self.report.older += usize::from(!same);
            if earlier.is_none() {
                self.latest.insert(draft.id().into(), Latest { modified, entry: None });
            }
            return Ok(None);
        }
        let built = draft.build(&self.reading).map_err(Why::Record)?;
        let replaced = earlier.and_then(|latest| latest.entry.as_ref()).map(|built| &built.advisory);
        let replaced = replaced.or(known.map(|known| &**known)).map_or(0, Advisory::bytes);
        let bytes = self.bytes.saturating_sub(replaced) + built.advisory.bytes();
        if bytes > limits::ADVISORIES_BYTES && bytes > self.bytes {
            return Err(Why::Full);
        }
        self.bytes = bytes;
        self.report.read += 1;
        let kept = (known.is_some() || !built.advisory.affected().is_empty()).then(|| Box::from(draft.id()));
        self.latest.insert(draft.id().into(), Latest { modified: draft.modified, entry: Some(built) });
        Ok(kept)
    }

    fn into_import(mut self) -> Import {
        let mut next = self.known.clone();
        let mut projects = Projects::default();
        let source = self.reading.source.clone();
        let before = self.known.sources.get(&source);
        let mut state = Source {
            read: self.reading.at,
            ..before.cloned().unwrap_or(Source { read: self.reading.at, records: 0, modified: None, bytes: 0 })
        };
        let mut met = 0;
        for (id, latest) in std::mem::take(&mut self.latest) {
            let known = self.known.record(&source, &Name::from(&*id));
            met += usize::from(known.is_some());
            let Some(Built { advisory, notes }) = latest.entry else { continue };
            if known.is_none() && advisory.affected().is_empty() {
                self.report.elsewhere += 1;
                continue;
            }
            if let Some(package) = projects.crowded(&next, &advisory, known.map(|known| &**known)) {
                self.refuse(id.into(), Why::Crowded(package));
                continue;
            }
            notes.into_iter().for_each(|note| self.note(&id, note));
            let advisory = Arc::new(advisory);
            if let Some(known) = known {
                next.unname(known);
                projects.remove(known);
                state.bytes = state.bytes.saturating_sub(known.bytes());
                self.report.changed += 1;
            } else {
                state.records += 1;
                self.report.new += 1;
            }
            self.report.withdrawn += usize::from(advisory.withdrawn().is_some());
            if !next.name(&advisory) {
                self.note(&id, "an alias that too many records have; not found by it".to_owned());
            }
            projects.add(&advisory);
            state.bytes += advisory.bytes();
            state.modified = state.modified.max(Some(advisory.modified()));
        }
        self.report.missing = before.map_or(0, |before| before.records) - met;
        projects.regroup(&mut next);
        next.sources.insert(source, state);
        Import { advisories: Arc::new(next), report: self.report }
    }
}

/// What changes for which project.
#[derive(Default)]
struct Projects {
    added: HashMap<Package, Vec<Arc<Advisory>>>,
    taken_back: HashMap<Package, Vec<Arc<Advisory>>>,
    removed: HashMap<Package, HashSet<*const Advisory>>,
}

impl Projects {
    fn add(&mut self, advisory: &Arc<Advisory>) {
        let to = if advisory.withdrawn().is_some() { &mut self.taken_back } else { &mut self.added };
        for affected in advisory.affected() {
            let added = to.entry(affected.package().clone()).or_default();
            if !added.last().is_some_and(|last| Arc::ptr_eq(last, advisory)) {
                added.push(advisory.clone());
            }
        }
    }

    fn remove(&mut self, advisory: &Arc<Advisory>) {
        for affected in advisory.affected() {
            self.removed.entry(affected.package().clone()).or_default().insert(Arc::as_ptr(advisory));
        }
    }

    /// A project that has as many advisories as are kept, and would get one more by this one. Counts what is known and
    /// what is added.
    fn crowded(&self, next: &Advisories, advisory: &Advisory, replaced: Option<&Advisory>) -> Option<Package> {
        let mut packages = advisory.affected().iter().map(|affected| affected.package());
        let crowded = packages.find(|package| {
            let added = self.added.get(*package).map_or(0, Vec::len);
            let known = next.packages.get(*package).map_or(0, |groups| groups.iter().map(|group| group.len()).sum());
            added + known >= limits::ADVISORY_OF_PACKAGE
                && replaced.is_none_or(|replaced| replaced.about(package).next().is_none())
        });
        crowded.cloned()
    }

    fn regroup(mut self, next: &mut Advisories) {
        for package in self.removed.keys() {
            self.added.entry(package.clone()).or_default();
            self.taken_back.entry(package.clone()).or_default();
        }
        let gone = |package: &Package, known: &Arc<Advisory>| {
            self.removed.get(package).is_some_and(|removed| removed.contains(&Arc::as_ptr(known)))
        };
        for (package, added) in self.taken_back {
            let known = next.taken_back(&package).iter().filter(|known| !gone(&package, known)).cloned();
            let mut records: Vec<_> = known.chain(added).collect();
            records.sort_by(|one, other| one.id().cmp(other.id()));
            records.truncate(limits::ADVISORY_OF_PACKAGE);
            if records.is_empty() {
                next.taken_back.remove(&package);
            } else {
                next.taken_back.insert(package, records.into());
            }
        }
        for (package, added) in self.added {
            let stays = |known: &&Arc<Advisory>| !gone(&package, known);
            let known = next.packages.get(&package).into_iter().flat_map(|groups| groups.iter());
            let known = known.flat_map(|group| group.iter()).filter(stays).cloned();
            let records: Vec<_> = known.chain(added).collect();
            if records.is_empty() {
                next.packages.remove(&package);
            } else {
                next.packages.insert(package, groups(&records));
            }
        }
    }
}
