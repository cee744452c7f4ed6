//! What the doors are told of a project and its releases.

use std::sync::{Arc, OnceLock};

use fanlight_advisories::{Package, Version};
use fanlight_base::{Facts, Purl};
use fanlight_packages::knowledge::{Knowledge, ProjectKnowledge, Told};
use parking_lot::Mutex;

use crate::facts::{Candidate, Question, candidates};
use crate::feeds::{Feeds, Snapshot};

/// What is known of one project: a snapshot of all, and what was worked out of it.
struct OfProject {
    snapshot: Arc<Snapshot>,
    package: Package,
    candidates: OnceLock<Vec<Candidate>>,
    /// What was told last: the files of a release stand together, and the same is known of each.
    last: Mutex<Option<(String, bool, Facts)>>,
}

impl Knowledge for Feeds {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        let snapshot = self.snapshot.load_full();
        let package = Package::of_purl(project)?;
        snapshot.advisories.project(&package)?;
        Some(Arc::new(OfProject { snapshot, package, candidates: OnceLock::new(), last: Mutex::new(None) }))
    }
}

impl ProjectKnowledge for OfProject {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        // A file that does not tell its version is of every release, and so of whatever begins with the first one.
        let version = told.version.unwrap_or("unknown");
        let mut last = self.last.lock();
        let known = match &*last {
            Some((text, attested, known)) if text == version && *attested == told.attested => known,
            _ => {
                let known = self.work_out(version, told);
                &last.insert((version.to_owned(), told.attested, known)).2
            }
        };
        for (name, fact) in known.iter() {
            facts.set(name.to_owned(), fact.clone());
        }
    }
}

impl OfProject {
    fn work_out(&self, version: &str, told: &Told<'_>) -> Facts {
        let mut facts = Facts::new();
        let Some(project) = self.snapshot.advisories.project(&self.package) else { return facts };
        let version = Version::new(self.package.ecosystem(), version);
        let question = Question {
            snapshot: &self.snapshot,
            project,
            package: &self.package,
            version: &version,
            attested: told.attested,
        };
        let all = || self.candidates.get_or_init(|| candidates(&self.package, (told.listing)())).as_slice();
        question.tell(all, &mut facts);
        facts
    }
}

#[cfg(test)]
mod tests;
