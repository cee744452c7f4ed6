//! What an audit is told: every flaw that affects something of what is installed, as far as no VEX document takes it back.

use fanlight_advisories::{Affecting, Ecosystem, Kind, Level, Package, Version};
use fanlight_base::clock::for_people;
use fanlight_base::limits;
use fanlight_packages::audit::{Asked, Audited, Auditor, CannotAudit, Flaw, Severity};

use crate::facts::{Flaw as Known, flaws};
use crate::feeds::{Feeds, Snapshot};

impl Auditor for Feeds {
    fn audit(&self, ecosystem: &str, asked: &[Asked]) -> Result<Audited, CannotAudit> {
        if self.sources.is_empty() {
            return Err(CannotAudit::NoFeeds);
        }
        let snapshot = self.snapshot.load_full();
        if !Ecosystem::of_purl(ecosystem).is_some_and(|ecosystem| snapshot.advisories.knows_of(ecosystem)) {
            return Err(CannotAudit::NothingKnown);
        }
        let mut audited = Audited { flaws: Vec::new(), notice: self.behind() };
        let mut count = 0;
        for (place, asked) in asked.iter().enumerate() {
            let flaws = of_project(&snapshot, asked);
            count += flaws.len();
            if count > limits::AUDIT_FLAWS {
                return Err(CannotAudit::TooMany);
            }
            if !flaws.is_empty() {
                audited.flaws.push((place, flaws));
            }
        }
        Ok(audited)
    }
}

impl Feeds {
    /// What is to be said where feeds could not be read for long.
    fn behind(&self) -> Option<String> {
        let (now, refresh, states) = (self.now(), self.refresh_span(), self.states.lock());
        let since = |source: &crate::Source| match states.get(&source.name) {
            None => Some(None),
            Some(state) => state.is_stale(now, refresh).then_some(state.good),
        };
        let behind: Vec<_> = self.sources.iter().filter_map(since).collect();
        let oldest = behind.iter().min()?;
        let since = oldest.map_or_else(|| "ever".to_owned(), |read| format!("since {}", for_people(read)));
        Some(format!(
            "{} of {} feeds of advisories could not be read, one not {since}: newer flaws may be missing here",
            behind.len(),
            self.sources.len(),
        ))
    }
}

fn of_project(snapshot: &Snapshot, asked: &Asked) -> Vec<Flaw> {
    let Some(package) = Package::of_purl(&asked.project) else { return Vec::new() };
    let Some(project) = snapshot.advisories.project(&package) else { return Vec::new() };
    let versions: Vec<_> = asked.versions.iter().map(|text| Version::new(package.ecosystem(), text)).collect();
    let mut found: Vec<(Affecting<'_>, Vec<String>)> = Vec::new();
    for (text, version) in asked.versions.iter().zip(&versions) {
        for flaw in flaws(snapshot, &project, &package, version).into_iter().filter(counts) {
            match found.iter_mut().find(|(other, _)| other.is_same_as(&flaw.affecting)) {
                Some((_, met)) => met.push(text.clone()),
                None => found.push((flaw.affecting, vec![text.clone()])),
            }
        }
    }
    found.into_iter().filter_map(|(affecting, met)| told(&affecting, &versions, met)).collect()
}

/// Whether nobody takes it back; nobody can for what is malicious.
fn counts(flaw: &Known<'_>) -> bool {
    flaw.not_affected.is_none() || flaw.affecting.kind() == Kind::Malicious
}

fn told(affecting: &Affecting<'_>, asked: &[Version], met: Vec<String>) -> Option<Flaw> {
    let rated = affecting.severity();
    let score = rated.and_then(|rated| Some((rated.score()?.tenths(), rated.vector()?.to_owned())));
    Some(Flaw {
        id: affecting.id().to_owned(),
        aliases: affecting.aliases().into_iter().map(str::to_owned).collect(),
        summary: affecting.summary().to_owned(),
        more: affecting.advisories().find_map(|advisory| advisory.more()).map(str::to_owned),
        severity: match (affecting.kind(), rated.map(|rated| rated.level())) {
            (Kind::Malicious, _) | (_, Some(Level::Critical)) => Severity::Critical,
            (Kind::Notice, None) | (_, Some(Level::None)) => Severity::Notice,
            (_, Some(Level::Low)) => Severity::Low,
            (_, Some(Level::Medium)) | (Kind::Vulnerability, None) => Severity::Medium,
            (_, Some(Level::High)) => Severity::High,
        },
        score,
        affects: affecting.comparators(asked)?,
        met,
        fixed: affecting.fixed().first().map(ToString::to_string),
    })
}

#[cfg(test)]
mod tests;
