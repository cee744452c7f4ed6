//! What the node knows of releases beside what their index says: advisories, a scan's verdicts, reviews.
//!
//! Asked once for a project in a judging, then for each of its files; what is told becomes facts of the attempt. Refuses
//! to know who knows it, and how. Invariant: the index and the files are told the same, because both ask here.

use std::sync::Arc;

use fanlight_base::{Facts, Purl};
use fanlight_store::Digest;

/// Knows something of releases. When what it tells changes, whoever changed it begins a new epoch
/// (`fanlight_policy::Guard::renew`), so that all that is remembered by epoch is judged anew.
pub trait Knowledge: Send + Sync {
    /// What is known of a project, by its purl without version. `None` where that is nothing, as for most projects.
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>>;
}

/// What is known of one project, at the moment of one judging.
pub trait ProjectKnowledge: Send + Sync {
    /// Adds what is known of a file of the project to its facts.
    fn tell(&self, told: &Told<'_>, facts: &mut Facts);
}

/// The file that is asked about.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// Its release.
    pub release: &'a Purl,
    /// The release's version; none where the file's name does not tell it.
    pub version: Option<&'a str>,
    /// Its name.
    pub file: &'a str,
    /// Its content's digest, where the index states one that it can be verified by.
    pub digest: Option<Digest>,
    /// Whether the index has an attestation of where it comes from.
    pub attested: bool,
    /// Works out what else the index lists of the project: the same for all its files, and it takes time.
    pub listing: &'a Listing<'a>,
}

/// Works out the files that an index lists of a project.
pub type Listing<'a> = dyn Fn() -> Vec<Listed> + 'a;

/// One file that the index lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its release's version. Files whose name does not tell it are left out.
    pub version: String,
    /// Whether its cool-down is over.
    pub waited: bool,
    /// How old it is, by the clock that counts.
    pub age_minutes: i64,
    /// Whether its publisher has withdrawn it.
    pub yanked: bool,
    /// Whether the index has an attestation of where it comes from.
    pub attested: bool,
}

/// All that knows something.
#[derive(Clone, Default)]
pub struct Known(Arc<[Arc<dyn Knowledge>]>);

impl Known {
    /// These.
    pub fn of(all: impl IntoIterator<Item = Arc<dyn Knowledge>>) -> Self {
        Self(all.into_iter().collect())
    }

    /// What is known of a project.
    pub fn project(&self, project: &Purl) -> KnownOfProject {
        KnownOfProject(self.0.iter().filter_map(|one| one.project(project)).collect())
    }
}

/// All that is known of one project.
pub struct KnownOfProject(Vec<Arc<dyn ProjectKnowledge>>);

impl KnownOfProject {
    /// Adds what is known of a file to its facts.
    pub fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        for one in &self.0 {
            one.tell(told, facts);
        }
    }
}

#[cfg(test)]
mod tests;
