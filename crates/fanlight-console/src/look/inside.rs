//! What the files of a release hold, where they are in the cache: what its manifest says, and what is different inside
//! against the release before. Fetches nothing; what could not be looked at is said in a sentence.

use std::collections::BTreeMap;

use fanlight_api::look::{Changed, Inside, Said};
use fanlight_packages::about::About;
use fanlight_packages::inside::{self, Unopened, inside, newly_does};
use fanlight_packages::{FileView, ReleaseView};

use super::kind;
use crate::Console;

/// Files of each kind of difference that are listed.
const LISTED: usize = 12;
/// Files of a release of which the manifest is looked for, where others have none.
const LOOKED_INTO: usize = 3;

/// What looking inside gave.
#[derive(Default)]
pub(super) struct Looked {
    /// The file with a manifest, and what that says.
    about: Option<(String, About)>,
    /// Against the release before.
    pub against: Option<Inside>,
    /// What could not be told.
    pub unknown: Vec<String>,
}

/// What is said of the release: by its index where that tells, else by its manifest.
pub(super) fn said(index: Option<&About>, looked: &Looked, part: impl Fn(&About) -> Option<&String>) -> Option<Said> {
    let of = |about: &About, by: &str| part(about).map(|words| Said { words: words.clone(), by: by.to_owned() });
    let on_index = index.and_then(|about| of(about, "index"));
    on_index.or_else(|| looked.about.as_ref().and_then(|(file, about)| of(about, file)))
}

impl Console {
    pub(super) async fn look_inside(
        &self,
        ecosystem: &'static str,
        release: &ReleaseView,
        before: Option<&ReleaseView>,
    ) -> Looked {
        let mut looked = Looked::default();
        let mut why = Unopened::NotHere;
        let mut opened = BTreeMap::new();
        for file in release.files.iter().filter(|file| self.is_here(file)).take(LOOKED_INTO) {
            match self.open(ecosystem, release, file).await {
                Ok(inside) => {
                    let has_manifest = inside.about != About::default();
                    if has_manifest {
                        looked.about = Some((file.file.to_string(), inside.about.clone()));
                    }
                    opened.insert(file.file.clone(), inside);
                    if has_manifest {
                        break;
                    }
                }
                Err(error) => why = error,
            }
        }
        if opened.is_empty() {
            looked
                .unknown
                .push(format!("What its archive says of licence and source: {why}, and nothing is fetched to look."));
        } else if looked.about.is_none() {
            looked
                .unknown
                .push("What its archive says of licence and source: it has no manifest that can be read.".to_owned());
        }
        let Some(before) = before else { return looked };
        let alike = |file: &FileView| {
            let kind = kind(file, &release.version);
            before.files.iter().find(|old| super::kind(old, &before.version) == kind)
        };
        let pair = release.files.iter().filter(|file| self.is_here(file));
        let pair = pair.filter_map(|file| Some((file, alike(file).filter(|old| self.is_here(old))?))).next();
        let Some((file, old)) = pair else {
            looked.unknown.push(format!(
                "What in its files' content is different from {}: no two files of one kind are in this node's cache, so only names \
                 and sizes are compared.",
                before.version
            ));
            return looked;
        };
        let now = match opened.remove(&file.file) {
            Some(inside) => Ok(inside),
            None => self.open(ecosystem, release, file).await,
        };
        match (now, self.open(ecosystem, before, old).await) {
            (Ok(now), Ok(then)) => {
                let does = self.newly_does(file, old).await;
                looked.against = Some(Inside { does, ..against(&file.file, &now, &then) });
            }
            (Err(error), _) | (_, Err(error)) => {
                looked
                    .unknown
                    .push(format!("What in its files' content is different from {}: {error}.", before.version));
            }
        }
        looked
    }

    pub(super) fn is_here(&self, file: &FileView) -> bool {
        file.digest.is_some_and(|digest| self.parts.packages.files.blobs().length(digest).is_some())
    }

    async fn open(
        &self,
        ecosystem: &'static str,
        release: &ReleaseView,
        file: &FileView,
    ) -> Result<inside::Inside, Unopened> {
        inside(self.parts.packages.files.blobs(), ecosystem, &file.file, &release.version, file.digest).await
    }

    /// What the scan saw in the one and not in the other; nothing where the two cannot be compared.
    async fn newly_does(&self, now: &FileView, before: &FileView) -> Option<Vec<String>> {
        newly_does(&self.report(before).await?, &self.report(now).await?)
    }

    /// That none is kept, or none can be read, is told as that the two cannot be compared.
    async fn report(&self, file: &FileView) -> Option<String> {
        self.parts.store.scan_report(&file.digest?).await.ok()?
    }
}

fn against(file: &str, now: &inside::Inside, then: &inside::Inside) -> Inside {
    let mut inside = Inside {
        file: file.to_owned(),
        same: 0,
        added: Vec::new(),
        gone: Vec::new(),
        changed: Vec::new(),
        unlisted: 0,
        does: None,
        is_whole: now.is_whole && then.is_whole,
    };
    for (path, entry) in &now.files {
        match then.files.get(path) {
            None if inside.added.len() < LISTED => inside.added.push(path.clone()),
            Some(old) if old == entry => inside.same += 1,
            Some(old) if inside.changed.len() < LISTED => {
                inside.changed.push(Changed { file: path.clone(), before: old.bytes, now: entry.bytes });
            }
            _ => inside.unlisted += 1,
        }
    }
    for path in then.files.keys().filter(|path| !now.files.contains_key(*path)) {
        if inside.gone.len() < LISTED {
            inside.gone.push(path.clone());
        } else {
            inside.unlisted += 1;
        }
    }
    inside
}
