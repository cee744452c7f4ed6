//! Releases and projects that somebody here has stopped, as the doors know them.
//!
//! Gives facts and decides nothing: the policy `quarantined-here` does. Refuses to know where quarantines are kept.
//! Invariant: whichever way a version is written, its quarantine is found.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use fanlight_base::{Facts, Purl, Timestamp};

use crate::cargo::Cargo;
use crate::ecosystem::Ecosystem as _;
use crate::knowledge::{Knowledge, ProjectKnowledge, Told};
use crate::npm::Npm;
use crate::pypi::Pypi;

/// A release or project that is stopped here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// The release, or the project with all its releases.
    pub purl: Purl,
    /// The role of who did it.
    pub by: Arc<str>,
    /// Why.
    pub because: Arc<str>,
    /// Since when.
    pub since: Timestamp,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Quarantines(ArcSwap<HashMap<Arc<str>, Arc<OfProject>>>);

/// Those of one project.
#[derive(Debug, Default)]
struct OfProject(Vec<Quarantine>);

impl Quarantines {
    /// Puts these in the place of those from before.
    pub fn set(&self, all: impl IntoIterator<Item = Quarantine>) {
        let mut by_project: HashMap<Arc<str>, OfProject> = HashMap::new();
        for quarantine in all {
            by_project.entry(quarantine.purl.project().text()).or_default().0.push(quarantine);
        }
        self.0.store(Arc::new(by_project.into_iter().map(|(project, of)| (project, Arc::new(of))).collect()));
    }
}

impl Knowledge for Quarantines {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        self.0.load().get(project.as_str()).map(|of| of.clone() as _)
    }
}

impl ProjectKnowledge for OfProject {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        let is_of = |quarantine: &&Quarantine| match quarantine.purl.version() {
            Some(version) => same_version(told.release, version),
            None => true,
        };
        // What was stopped first is told: it says since when.
        let Some(first) = self.0.iter().filter(is_of).min_by_key(|quarantine| quarantine.since) else { return };
        facts
            .set("quarantined_since", to_the_minute(first.since))
            .set("quarantined_by", first.by.clone())
            .set("quarantined_because", first.because.clone());
    }
}

/// Whether `version` is the release's, perhaps written another way.
pub fn same_version(release: &Purl, version: &str) -> bool {
    release.version().is_some_and(|own| match release.ecosystem() {
        Pypi::TYPE => Pypi::same_version(own, version),
        Npm::TYPE => Npm::same_version(own, version),
        Cargo::TYPE => Cargo::same_version(own, version),
        _ => own == version,
    })
}

/// Words round a time up to the minute, and nothing has happened in the future.
fn to_the_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(60)).unwrap_or(at)
}
