//! Questions to the feeds: how they are, what they say of a release, which releases an advisory is about.

use std::collections::BTreeSet;
use std::sync::Arc;

use fanlight_advisories::vex::{Document, Statement};
use fanlight_advisories::{Advisory, Package, Releases, Version};
use fanlight_api::advisories as api;
use fanlight_base::Purl;
use fanlight_base::words::span;
use fanlight_store::StoreError;

use crate::facts::{Flaw, flaws};
use crate::feeds::Feeds;
use crate::history::summary;

/// The releases that an advisory is about and that somebody here was let through to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedReleases {
    /// Every id of the flaw.
    pub ids: Vec<String>,
    /// One line about it.
    pub summary: String,
    /// Whether it was taken back, so that nothing is affected by it any more.
    pub withdrawn: bool,
    /// The releases.
    pub releases: Vec<Purl>,
}

impl Feeds {
    /// How all feeds are, and who has what is malicious.
    pub async fn shown(&self) -> Result<api::Advisories, StoreError> {
        let advisories = self.snapshot.load().advisories.clone();
        let (now, refresh) = (self.now(), self.refresh_span());
        let feeds = {
            let states = self.states.lock();
            let feed = |source: &crate::Source| {
                let known = advisories.sources().find(|(name, _)| **name == *source.name).map(|(_, of)| of);
                let state = states.get(&source.name).cloned().unwrap_or_default();
                state.shown(source, known, now, refresh)
            };
            self.sources.iter().map(feed).collect()
        };
        let vex = self.documents.lock().shown();
        let refresh = match self.refresh.as_secs() {
            seconds @ 0..60 => format!("{seconds} seconds"),
            seconds => span(i64::try_from(seconds / 60).unwrap_or(i64::MAX)),
        };
        Ok(api::Advisories { records: advisories.len() as u64, refresh, feeds, vex, hits: self.hits().await? })
    }

    /// What affects a release, the worst first, and the ids of the flaws that it is the first to be without.
    pub fn about(&self, release: &Purl) -> (Vec<api::Advisory>, Vec<String>) {
        let snapshot = self.snapshot.load_full();
        let Some(package) = Package::of_purl(release) else { return Default::default() };
        let Some(project) = snapshot.advisories.project(&package) else { return Default::default() };
        let version = Version::new(package.ecosystem(), release.version().unwrap_or("unknown"));
        let affecting = flaws(&snapshot, &project, &package, &version).iter().map(advisory).collect();
        let named = project.fixed_by(&version, &Releases::unknown()).into_iter();
        let named = named.filter(|fix| fix.how == fanlight_advisories::How::Named);
        (affecting, named.map(|fix| fix.id().to_owned()).collect())
    }

    /// What an advisory is about, under any of its ids. `None` where no feed knows the id.
    pub async fn affected_by(&self, id: &str) -> Result<Option<AffectedReleases>, StoreError> {
        let advisories = self.snapshot.load().advisories.clone();
        let records: Vec<Arc<Advisory>> = advisories.named(id).into_iter().cloned().collect();
        if records.is_empty() {
            return Ok(None);
        }
        let standing: Vec<_> = records.iter().filter(|record| record.withdrawn().is_none()).collect();
        let packages: BTreeSet<&Package> =
            standing.iter().flat_map(|record| record.affected()).map(|affected| affected.package()).collect();
        let mut releases = Vec::new();
        for text in self.store.accessed_projects().await? {
            let Ok(project) = text.parse::<Purl>() else { continue };
            let package = Package::of_purl(&project).filter(|package| packages.contains(package));
            let Some(package) = package else { continue };
            for text in self.store.releases_asked_for(&project).await? {
                let Ok(release) = text.parse::<Purl>() else { continue };
                let version = Version::new(package.ecosystem(), release.version().unwrap_or("unknown"));
                let about = standing.iter().flat_map(|record| record.affected());
                let mut about = about.filter(|affected| *affected.package() == package);
                if about.any(|affected| affected.contains(&version)) {
                    releases.push(release);
                }
            }
        }
        let ids: BTreeSet<&str> =
            records.iter().flat_map(|record| std::iter::once(record.id()).chain(record.aliases())).collect();
        Ok(Some(AffectedReleases {
            ids: ids.into_iter().map(str::to_owned).collect(),
            summary: summary(&records),
            withdrawn: standing.is_empty(),
            releases,
        }))
    }
}

fn advisory(flaw: &Flaw<'_>) -> api::Advisory {
    let affecting = &flaw.affecting;
    let sources: BTreeSet<_> = affecting.advisories().map(|advisory| &*advisory.reading().source).collect();
    api::Advisory {
        id: affecting.id().to_owned(),
        aliases: affecting.aliases().into_iter().map(str::to_owned).collect(),
        kind: affecting.kind().as_str().to_owned(),
        severity: affecting.severity().map(|severity| severity.level().to_string()),
        score: affecting.severity().and_then(|severity| severity.score()).map(|score| score.to_string()),
        summary: affecting.summary().to_owned(),
        fixed_in: affecting.fixed().iter().map(ToString::to_string).collect(),
        sources: sources.into_iter().map(str::to_owned).collect(),
        more: affecting.advisories().find_map(|advisory| advisory.more()).map(str::to_owned),
        not_affected: flaw.not_affected.map(|(document, said)| taken_back(document, said)),
    }
}

/// Who says that it does not affect the release, and why.
fn taken_back(document: &Document, said: &Statement) -> String {
    let why = said.reason.as_deref().or_else(|| said.justification.map(|word| word.as_str()));
    let author = if document.author.is_empty() { "somebody" } else { &document.author };
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    format!("{author} in {}{why}", document.id)
}
