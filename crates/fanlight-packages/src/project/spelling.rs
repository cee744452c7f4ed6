//! Versions that files of one project write in several ways: `1.0` in a wheel's name, `1.0.0` in an archive's.
//!
//! Invariant: files whose versions are equal are of one release, with one text, so that whoever bans, holds or looks for
//! it means all of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Project;
use crate::ecosystem::{Ecosystem, File as _, FileOf, Index as _, Release};

/// The text of a release for each file whose name writes it otherwise.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spelling(HashMap<Arc<str>, Arc<str>>);

impl Spelling {
    /// The shortest text of each version is that of its release.
    pub(super) fn of<E: Ecosystem>(name: &E::Name, index: &E::Index) -> Self {
        let releases = || index.files().iter().map(|file| (file, E::release(name, file)));
        let mut shortest: BTreeMap<E::Version, Arc<str>> = BTreeMap::new();
        for (_, release) in releases() {
            let (Some(version), Some(text)) = (release.version, release.text) else { continue };
            let known = shortest.entry(version).or_insert_with(|| text.clone());
            if (text.len(), &text) < (known.len(), &*known) {
                *known = text;
            }
        }
        let otherwise = |(file, release): (&FileOf<E>, Release<E::Version>)| {
            let text = shortest.get(&release.version?)?;
            (release.text? != *text).then(|| (file.key().clone(), text.clone()))
        };
        Self(releases().filter_map(otherwise).collect())
    }
}

impl<E: Ecosystem> Project<E> {
    /// Which release a file is of.
    pub(crate) fn release(&self, file: &FileOf<E>) -> Release<E::Version> {
        let release = E::release(&self.name, file);
        match self.spelling.0.get(file.key()) {
            Some(text) => Release { text: Some(text.clone()), ..release },
            None => release,
        }
    }
}
