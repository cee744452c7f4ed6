//! VEX documents of the settings: files, and folders of files. A document that cannot be read any more is known as it
//! was; one whose file is gone is gone.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanlight_advisories::vex::Document;
use fanlight_advisories::{Reading, Statements};
use fanlight_api::advisories as api;
use fanlight_base::fault::with_causes;
use fanlight_base::{Facts, Timestamp, limits};

use crate::action;
use crate::feeds::Feeds;
use crate::refresh::number;
use crate::source::Fingerprint;

/// Faults shown of one place.
const SHOWN: usize = 5;

/// The documents of all places.
#[derive(Debug, Clone)]
pub struct Documents {
    places: Vec<PathBuf>,
    seen: Vec<Option<Fingerprint>>,
    /// What was read, by the file it stands in.
    read: BTreeMap<PathBuf, Document>,
    /// What is wrong, by place.
    faults: BTreeMap<PathBuf, Vec<String>>,
}

impl Documents {
    /// None read yet.
    pub fn new(places: Vec<PathBuf>) -> Self {
        Self { places, seen: Vec::new(), read: BTreeMap::new(), faults: BTreeMap::new() }
    }

    /// Where they are.
    pub fn places(&self) -> &[PathBuf] {
        &self.places
    }

    /// All of them as they are now, where anything looks changed. Blocks.
    pub fn reread(&self, now: Timestamp) -> Option<Self> {
        let seen: Vec<_> = self.places.iter().map(|place| Fingerprint::of(place)).collect();
        if self.seen == seen {
            return None;
        }
        let mut next = Self { seen, ..Self::new(self.places.clone()) };
        for place in &self.places {
            let (files, fault) = match files(place) {
                Ok(files) => (files, None),
                // What is known of it stays.
                Err(error) => {
                    let known = self.read.keys().filter(|file| file.starts_with(place)).cloned();
                    (known.collect(), Some(format!("{} cannot be read: {error}", place.display())))
                }
            };
            let mut faults: Vec<String> = fault.into_iter().collect();
            if files.len() > limits::VEX_DOCUMENTS {
                let (place, limit) = (place.display(), limits::VEX_DOCUMENTS);
                faults.push(format!(
                    "{place} has {} documents; the first {limit} by name are read, the most that are kept",
                    files.len()
                ));
            }
            for file in files.into_iter().take(limits::VEX_DOCUMENTS) {
                match read(&file, now) {
                    Ok(document) => drop(next.read.insert(file, document)),
                    Err(words) => {
                        faults.push(format!("{}: {words}", file.display()));
                        if let Some(known) = self.read.get(&file) {
                            next.read.insert(file, known.clone());
                        }
                    }
                }
            }
            next.faults.insert(place.clone(), faults);
        }
        Some(next)
    }

    /// What they say.
    pub fn statements(&self) -> Statements {
        let (statements, refused) = Statements::default().with(self.read.values().cloned());
        if !refused.is_empty() {
            tracing::warn!(refused = refused.len(), "more VEX documents than are kept; some say nothing");
        }
        statements
    }

    /// For people and programs.
    pub fn shown(&self) -> Vec<api::Vex> {
        let shown = self.places.iter().map(|place| {
            let of: Vec<_> = self.read.iter().filter(|(file, _)| file.starts_with(place)).collect();
            let faults = self.faults.get(place).map(Vec::as_slice).unwrap_or_default();
            api::Vex {
                path: place.display().to_string(),
                documents: of.len() as u64,
                statements: of.iter().map(|(_, document)| document.statements.len() as u64).sum(),
                faults: faults.iter().take(SHOWN).cloned().collect(),
            }
        });
        shown.collect()
    }

    fn faults(&self) -> impl Iterator<Item = &String> {
        self.faults.values().flatten()
    }
}

/// The files of a place: itself, or those that end in `.json` in the folder, not in folders below it.
fn files(place: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !fs::metadata(place)?.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let entries = fs::read_dir(place)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    Ok(files)
}

fn read(file: &Path, now: Timestamp) -> Result<Document, String> {
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| error.to_string())?;
    opened.take(limits::VEX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let reading = Arc::new(Reading { source: file.display().to_string().into(), at: now });
    Document::read(&bytes, &reading).map_err(|error| with_causes(&error))
}

impl Feeds {
    /// Reads the documents again where they look changed.
    pub(crate) async fn refresh_vex(&self) {
        let (documents, now) = (self.documents.lock().clone(), self.now());
        if documents.places().is_empty() {
            return;
        }
        let reread = tokio::task::spawn_blocking(move || {
            let next = documents.reread(now)?;
            let statements = next.statements();
            Some((next, statements))
        });
        let Some((next, statements)) = reread.await.ok().flatten() else { return };
        for fault in next.faults() {
            tracing::warn!("a VEX document cannot be read; what was known of it stays: {fault}");
        }
        let first = next.faults().next().cloned();
        let count = next.read.values().map(|document| document.statements.len()).sum();
        let facts = Facts::new().with("source", "advisories.vex").with("records", number(count));
        let facts = first.into_iter().fold(facts, |facts, fault| facts.with("fault", fault.as_str()));
        if let Err(why) = self.record(action::CHANGED, facts).await {
            // Looked at again at the next refresh, because it is not noted as seen.
            tracing::error!("changed VEX documents do not count until their record can be kept: {why}");
            return;
        }
        *self.documents.lock() = next;
        self.put_in_force(|snapshot| snapshot.statements = Arc::new(statements));
    }
}

#[cfg(test)]
mod tests;
