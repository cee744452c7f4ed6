//! What the upstream has: projects by normalized name, each with files and a status. A change makes a new page.

use std::collections::BTreeMap;

use crate::release::{File, Release, normalized};

/// A project's status (PEP 792).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `active`, `archived`, `deprecated` or `quarantined`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
}

/// One project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Its files, in the order they came.
    pub files: Vec<File>,
    /// Its status, when one is stated.
    pub status: Option<Status>,
}

/// All projects by normalized name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// The projects.
    pub projects: BTreeMap<String, Project>,
}

impl Catalogue {
    /// Adds a release's files, replacing files of the same name.
    pub fn add(&mut self, release: &Release) {
        let project = self.projects.entry(normalized(&release.name)).or_default();
        for file in release.files() {
            project.files.retain(|known| known.name != file.name);
            project.files.push(file);
        }
    }

    /// Takes a release away, as a publisher's deletion does.
    pub fn remove(&mut self, name: &str, version: &str) {
        if let Some(project) = self.projects.get_mut(&normalized(name)) {
            project.files.retain(|file| file.version != version);
        }
    }

    /// The file of that name.
    pub fn file(&self, project: &str, file: &str) -> Option<&File> {
        self.projects.get(project)?.files.iter().find(|known| known.name == file)
    }
}
