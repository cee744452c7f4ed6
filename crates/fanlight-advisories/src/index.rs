//! All advisories that are known, as a snapshot that never changes: a new one is made by [`Advisories::import`] and
//! shares with the old one whatever stayed the same.
//!
//! A record belongs to the feed that said it. A feed changes and takes back its own records and no other's, and a reading
//! of it never removes one: what is known does not become less because a feed is cut off, empty or gone. Only
//! [`Advisories::without`] forgets, a whole feed at once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use fanlight_base::{Timestamp, limits};

use crate::advisory::Advisory;
use crate::ecosystem::{Ecosystem, Package};

mod group;
mod import;
mod lookup;
mod name;
mod shards;
#[cfg(test)]
mod tests;

pub use import::{Import, ImportError, RecordFault, Report, Why};
pub use lookup::{Affecting, Fix, How, Project, Releases};

use group::Group;
use name::Name;
use shards::Shards;

/// What is known at one moment. Cheap to copy, and safe to share.
#[derive(Debug, Clone)]
pub struct Advisories {
    /// What is known of each project, the same flaw under several ids as one group. Without what was taken back.
    packages: Shards<Package, Arc<[Group]>>,
    /// What was taken back of each project: nobody is affected by it any more, and people are told that it was there.
    taken_back: Shards<Package, Arc<[Arc<Advisory>]>>,
    /// Every record under its id and under its aliases.
    names: Shards<Name, Vec<Arc<Advisory>>>,
    sources: BTreeMap<Arc<str>, Source>,
}

/// What is known of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// When something was last read from it.
    pub read: Timestamp,
    /// Its records that are known, those taken back among them.
    pub records: usize,
    /// The latest time at which it says that it changed one of them.
    pub modified: Option<Timestamp>,
    /// Bytes of memory that its records take, roughly.
    pub bytes: usize,
}

impl Default for Advisories {
    fn default() -> Self {
        Self { packages: Shards::new(), taken_back: Shards::new(), names: Shards::new(), sources: BTreeMap::new() }
    }
}

impl Advisories {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The feeds, by name.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.sources.iter().map(|(name, source)| (&**name, source))
    }

    /// How many records are known, of all feeds.
    pub fn len(&self) -> usize {
        self.sources.values().map(|source| source.records).sum()
    }

    /// Bytes of memory that all of them take, roughly; at most [`limits::ADVISORIES_BYTES`].
    pub fn bytes(&self) -> usize {
        self.sources.values().map(|source| source.bytes).sum()
    }

    /// Whether anything is known of that ecosystem's projects.
    pub fn knows_of(&self, ecosystem: Ecosystem) -> bool {
        // Most often said by the first entry met.
        self.packages.iter().any(|(package, _)| package.ecosystem() == ecosystem)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of a project. `None` for most: no advisory is about it.
    pub fn project<'a>(&'a self, package: &'a Package) -> Option<Project<'a>> {
        self.packages.get(package).map(|groups| Project::new(package, groups))
    }

    /// The records about a project that were taken back, in the order of their ids; at most [`limits::ADVISORY_OF_PACKAGE`].
    pub fn taken_back(&self, package: &Package) -> &[Arc<Advisory>] {
        self.taken_back.get(package).map_or(&[], |records| records)
    }

    /// The records that an id means: those that have it, as id or alias, and those that these have in common with, and so
    /// on. In the order of their ids, those taken back among them; at most [`limits::ADVISORY_OF_ALIAS`].
    pub fn named(&self, id: &str) -> Vec<&Arc<Advisory>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let mut asked = HashSet::from([Name::from(id)]);
        let mut ask: Vec<Name> = asked.iter().cloned().collect();
        while let Some(name) = ask.pop() {
            for advisory in self.names.get(&name).into_iter().flatten() {
                if found.len() < limits::ADVISORY_OF_ALIAS && seen.insert(Arc::as_ptr(advisory)) {
                    found.push(advisory);
                    let names = advisory.names().cloned().map(Name);
                    ask.extend(names.filter(|name| asked.insert(name.clone())));
                }
            }
            if found.len() == limits::ADVISORY_OF_ALIAS {
                break;
            }
        }
        found.sort_by(|a, b| (a.id(), &a.reading().source).cmp(&(b.id(), &b.reading().source)));
        found
    }

    /// A feed's record of that id.
    fn record(&self, source: &str, id: &Name) -> Option<&Arc<Advisory>> {
        self.names.get(id)?.iter().find(|known| *known.reading().source == *source && known.id() == &*id.0)
    }
}
