//! The rules in force, and the company's folder that they are read from.

use std::path::PathBuf;
use std::time::SystemTime;

use fanlight_scan::{FolderError, RuleSet};

/// Names, sizes and times of a folder's files: what changes when a rule does.
type Fingerprint = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// The built-in rules, and those of a folder. A folder that is not there holds none.
pub(super) async fn read(folder: Option<PathBuf>) -> Result<RuleSet, FolderError> {
    let read = tokio::task::spawn_blocking(move || match folder.filter(|folder| folder.exists()) {
        Some(folder) => RuleSet::with_folder(&folder),
        None => Ok(RuleSet::default()),
    });
    // Reading rules does not panic; if it did, the built-in ones would be in force.
    read.await.unwrap_or_else(|_| Ok(RuleSet::default()))
}

/// The company's folder as it was last read.
pub(super) struct Watched {
    folder: Option<PathBuf>,
    seen: Fingerprint,
}

impl Watched {
    pub fn new(folder: Option<PathBuf>) -> Self {
        let seen = folder.as_ref().map(fingerprint).unwrap_or_default();
        Self { folder, seen }
    }

    /// The rules, where the folder has changed.
    pub async fn changed(&mut self) -> Option<Result<RuleSet, FolderError>> {
        let folder = self.folder.clone()?;
        let seen = tokio::task::spawn_blocking(move || fingerprint(&folder)).await.ok()?;
        if seen == self.seen {
            return None;
        }
        self.seen = seen;
        Some(read(self.folder.clone()).await)
    }
}

fn fingerprint(folder: &PathBuf) -> Fingerprint {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Fingerprint = entries
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some((entry.path(), about.len(), about.modified().ok()))
        })
        .collect();
    files.sort();
    files
}
