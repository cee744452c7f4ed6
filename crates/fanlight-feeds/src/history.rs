//! Every flaw that the feeds name in any release of a project, however old, and at the end what they took back: told as such, because
//! somebody may remember it.

use std::sync::Arc;

use fanlight_advisories::{Advisory, Affected, Package, Version};
use fanlight_api::look::Flaw;
use fanlight_base::{Purl, Timestamp, limits};

use crate::feeds::Feeds;

impl Feeds {
    /// The flaws named in the project of `release`, what is about the release first, then the newest. `listed` are the
    /// project's versions, newest first; what was taken back stands at the end. Beside the first [`limits::FLAWS_SHOWN`] of them says how many there are.
    pub fn history(&self, release: &Purl, listed: &[&str]) -> (Vec<Flaw>, usize) {
        let snapshot = self.snapshot.load_full();
        let Some(package) = Package::of_purl(release) else { return Default::default() };
        let taken_back = snapshot.advisories.taken_back(&package);
        let version = |text: &str| Version::new(package.ecosystem(), text);
        let listed: Vec<(&str, Version)> = listed.iter().map(|text| (*text, version(text))).collect();
        let own = version(release.version().unwrap_or("unknown"));
        let project = snapshot.advisories.project(&package);
        let standing = project.iter().flat_map(|project| project.records());
        let mut groups: Vec<_> = standing.map(|records| (affects(records, &package, &own), records)).collect();
        groups.sort_by_key(|(is_own, records)| (!is_own, std::cmp::Reverse(published(records))));
        let count = groups.len() + taken_back.len();
        groups.extend(taken_back.iter().map(|record| (false, std::slice::from_ref(record))));
        groups.truncate(limits::FLAWS_SHOWN);
        let shown = groups.into_iter().filter_map(|(is_own, records)| flaw(records, &package, &listed, is_own));
        (shown.collect(), count)
    }
}

/// The one line of the same flaw's records; empty where nobody wrote one.
pub(crate) fn summary<'r>(records: impl IntoIterator<Item = &'r Arc<Advisory>>) -> String {
    records.into_iter().map(|record| record.summary()).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

fn published(records: &[Arc<Advisory>]) -> Option<Timestamp> {
    records.iter().filter_map(|record| record.published()).min()
}

fn about<'a>(records: &'a [Arc<Advisory>], package: &'a Package) -> impl Iterator<Item = &'a Affected> {
    records.iter().flat_map(|record| record.affected()).filter(move |one| one.package() == package)
}

fn affects(records: &[Arc<Advisory>], package: &Package, version: &Version) -> bool {
    about(records, package).any(|one| one.contains(version))
}

fn flaw(records: &[Arc<Advisory>], package: &Package, listed: &[(&str, Version)], affects_it: bool) -> Option<Flaw> {
    let affected: Vec<&str> =
        listed.iter().filter(|(_, version)| affects(records, package, version)).map(|(text, _)| *text).collect();
    let mut fixed: Vec<&Version> = about(records, package).flat_map(|one| one.fixed()).collect();
    fixed.sort();
    fixed.dedup();
    let first = records.first()?;
    let mut aliases: Vec<String> = records
        .iter()
        .flat_map(|record| std::iter::once(record.id()).chain(record.aliases()))
        .map(str::to_owned)
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    aliases.retain(|alias| alias != first.id());
    let severity = about(records, package).filter_map(|one| one.severity()).map(|severity| severity.level()).max();
    Some(Flaw {
        id: first.id().to_owned(),
        aliases,
        // The gravest stands first.
        kind: first.kind().as_str().to_owned(),
        severity: severity.map(|level| level.to_string()),
        summary: summary(records),
        published: published(records),
        withdrawn: first.withdrawn(),
        affected: affected.len() as u64,
        oldest: affected.last().map(|text| (*text).to_owned()),
        newest: affected.first().map(|text| (*text).to_owned()),
        fixed_in: fixed.into_iter().map(ToString::to_string).collect(),
        affects_it,
    })
}
