//! What is known of one release, as facts: what affects it, what of that a VEX document takes back, what is better, and
//! what it fixes.

use std::sync::OnceLock;

use fanlight_advisories::vex::{Document, Statement, Status};
use fanlight_advisories::{Affecting, Fix, How, Kind, Level, Package, Project, Releases, Version};
use fanlight_base::Facts;
use fanlight_packages::knowledge::Listed;

use crate::feeds::Snapshot;

/// Ids named in one fact.
const NAMED: usize = 8;
/// Bytes of an advisory's line in a refusal, of which a client may show no more than 200 in all.
const LINE: usize = 70;

/// One release of the listing.
pub struct Candidate {
    text: String,
    version: Version,
    /// Whether anybody gets it whose wait is over: a file of it has waited and is not withdrawn.
    waited: bool,
    /// Whether it is withdrawn, all of it.
    yanked: bool,
    attested: bool,
    badness: OnceLock<u8>,
}

/// The releases of a listing, lowest version first.
pub fn candidates(package: &Package, listed: Vec<Listed>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut by_text: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for Listed { version, waited, yanked, attested, .. } in listed {
        let index = *by_text.entry(version.clone()).or_insert(all.len());
        if index == all.len() {
            let (text, version) = (version.clone(), Version::new(package.ecosystem(), &version));
            all.push(Candidate {
                text,
                version,
                waited: false,
                yanked: true,
                attested: false,
                badness: OnceLock::new(),
            });
        }
        let candidate = &mut all[index];
        candidate.waited |= waited && !yanked;
        candidate.yanked &= yanked;
        candidate.attested |= attested;
    }
    all.retain(|candidate| candidate.version.is_ordered());
    all.sort_by(|a, b| a.version.cmp(&b.version));
    all
}

/// A flaw that affects a release, and who says in a VEX document that it does not.
pub struct Flaw<'a> {
    pub affecting: Affecting<'a>,
    pub not_affected: Option<(&'a Document, &'a Statement)>,
}

impl Flaw<'_> {
    /// How bad it is to have it, whatever anybody says in a VEX document.
    fn badness(&self) -> u8 {
        match self.affecting.kind() {
            Kind::Malicious => MALICIOUS,
            Kind::Notice => 0,
            Kind::Vulnerability => badness(self.level()),
        }
    }

    /// The same, with VEX honoured, which nobody can for what is malicious.
    fn badness_left(&self) -> u8 {
        let is_taken_back = self.not_affected.is_some() && self.affecting.kind() != Kind::Malicious;
        if is_taken_back { 0 } else { self.badness() }
    }

    fn level(&self) -> Option<Level> {
        self.affecting.severity().map(|severity| severity.level())
    }
}

const MALICIOUS: u8 = u8::MAX;

/// An order of how bad flaws are, in which one that nobody has rated stands with the medium ones.
const fn badness(level: Option<Level>) -> u8 {
    match level {
        Some(Level::None) => 1,
        Some(Level::Low) => 2,
        None => 3,
        Some(Level::Medium) => 4,
        Some(Level::High) => 5,
        Some(Level::Critical) => 6,
    }
}

/// The word for that.
const fn word(badness: u8) -> &'static str {
    match badness {
        1 => "none",
        2 => "low",
        3 => "unknown",
        4 => "medium",
        5 => "high",
        _ => "critical",
    }
}

/// What affects a release, the worst first.
pub fn flaws<'a>(
    snapshot: &'a Snapshot,
    project: &Project<'a>,
    package: &'a Package,
    version: &'a Version,
) -> Vec<Flaw<'a>> {
    let affecting = project.affecting(version).into_iter().map(|affecting| {
        let mut ids: Vec<&str> = affecting.aliases().into_iter().collect();
        ids.push(affecting.id());
        let said = snapshot.statements.latest(package, version, &ids);
        let not_affected = said.filter(|(_, said)| matches!(said.status, Status::NotAffected | Status::Fixed));
        Flaw { affecting, not_affected }
    });
    let mut flaws: Vec<_> = affecting.collect();
    flaws.sort_by(|a, b| {
        let key = |flaw: &Flaw<'_>| (flaw.badness_left(), flaw.badness(), flaw.affecting.severity().cloned());
        key(b).cmp(&key(a)).then_with(|| a.affecting.id().cmp(b.affecting.id()))
    });
    flaws
}

/// The worst that is left of a release's flaws.
fn worst_left(flaws: &[Flaw<'_>]) -> u8 {
    flaws.iter().map(Flaw::badness_left).max().unwrap_or(0)
}

/// What is asked about one release.
pub struct Question<'a> {
    pub snapshot: &'a Snapshot,
    pub project: Project<'a>,
    pub package: &'a Package,
    pub version: &'a Version,
    /// Whether the file at hand has an attestation.
    pub attested: bool,
}

impl<'a> Question<'a> {
    /// The facts. `candidates` works out the releases of the project, where that is needed.
    pub fn tell(&self, candidates: impl Fn() -> &'a [Candidate], facts: &mut Facts) {
        let flaws = flaws(self.snapshot, &self.project, self.package, self.version);
        if let Some(worst) = flaws.first() {
            self.tell_flaws(&flaws, worst, facts);
            let left = worst_left(&flaws);
            if left > 0 && left < MALICIOUS {
                facts.set("better_exists", self.better_exists(left, candidates()));
            }
        }
        let fixes = self.fixes();
        if !fixes.is_empty() {
            self.tell_fixes(&fixes, candidates(), facts);
        }
    }

    fn tell_flaws(&self, flaws: &[Flaw<'_>], worst: &Flaw<'_>, facts: &mut Facts) {
        let of = |kind: Kind| flaws.iter().filter(move |flaw| flaw.affecting.kind() == kind);
        if worst.affecting.kind() == Kind::Malicious {
            facts.set("malicious", true);
        }
        facts
            .set("advisory", worst.affecting.id())
            .set("advisory_summary", line(worst.affecting.summary()).as_str())
            .set("advisories", named(flaws.iter().map(|flaw| flaw.affecting.id())).as_str());
        if let Some(fixed) = worst.affecting.fixed().first() {
            facts.set("fixed_in", fixed.to_string().as_str());
        }
        let vulnerabilities = || of(Kind::Vulnerability);
        if let Some(badness) = vulnerabilities().map(Flaw::badness).max() {
            facts.set("severity", word(badness));
        }
        if let Some(left) = vulnerabilities().map(Flaw::badness_left).max().filter(|left| *left > 0) {
            facts.set("severity_after_vex", word(left));
        }
        let score = vulnerabilities().filter(|flaw| flaw.badness_left() > 0);
        let score = score.filter_map(|flaw| flaw.affecting.severity()?.score()).max();
        if let Some(score) = score {
            facts.set("score_tenths", i64::from(score.tenths()));
        }
        let taken_back = || flaws.iter().filter(|flaw| flaw.not_affected.is_some() && flaw.badness_left() == 0);
        if taken_back().next().is_some() {
            facts.set("vex_not_affected", named(taken_back().map(|flaw| flaw.affecting.id())).as_str());
        }
        if of(Kind::Notice).next().is_some() {
            facts.set("notices", named(of(Kind::Notice).map(|flaw| flaw.affecting.id())).as_str());
        }
    }

    /// Whether a release can be had that is less bad than `badness`: one that has waited or passes as a fix, and is not
    /// withdrawn. A preview is better than nothing but another preview.
    fn better_exists(&self, badness: u8, candidates: &[Candidate]) -> bool {
        let fits = |other: &&Candidate| {
            !other.yanked
                && other.version != *self.version
                && (self.version.is_prerelease() || !other.version.is_prerelease())
                && self.badness_of(other) < badness
                && (other.waited || self.of(other).passes(candidates))
        };
        candidates.iter().rev().any(|other| fits(&other))
    }

    fn badness_of(&self, other: &Candidate) -> u8 {
        *other.badness.get_or_init(|| worst_left(&flaws(self.snapshot, &self.project, self.package, &other.version)))
    }

    /// The same question about another release.
    fn of<'o>(&'o self, other: &'o Candidate) -> Question<'o> {
        Question {
            snapshot: self.snapshot,
            project: self.project,
            package: self.package,
            version: &other.version,
            attested: other.attested,
        }
    }

    /// The flaws that an advisory names this very release as the fix of. One that nobody but its author has looked at
    /// does not count: whoever has stolen a project can write advisories, too.
    fn fixes(&self) -> Vec<Fix<'a>> {
        let fixes = self.project.fixed_by(self.version, &Releases::unknown()).into_iter();
        let named = fixes.filter(|fix| fix.how == How::Named && fix.kind() == Kind::Vulnerability);
        named.filter(|fix| fix.advisories().any(|advisory| advisory.is_reviewed())).collect()
    }

    fn tell_fixes(&self, fixes: &[Fix<'_>], candidates: &[Candidate], facts: &mut Facts) {
        facts.set("fixes", named(fixes.iter().map(|fix| fix.id())).as_str());
        let worst = fixes.iter().map(|fix| badness(fix.severity().map(|severity| severity.level()))).max().unwrap_or(0);
        facts.set("fixes_severity", word(worst));
        let replaced = self.replaced(candidates);
        if let Some(replaced) = replaced {
            facts.set("replaces", replaced.text.as_str()).set("provenance_weaker", replaced.attested && !self.attested);
        }
        facts.set("replaces_affected", replaced.is_some_and(|replaced| self.is_affected(replaced, fixes)));
    }

    /// What one would get in this release's place: the highest below it that has waited.
    fn replaced<'c>(&self, candidates: &'c [Candidate]) -> Option<&'c Candidate> {
        let below = candidates.iter().rev().filter(|other| other.version < *self.version && other.waited);
        let mut below = below.filter(|other| self.version.is_prerelease() || !other.version.is_prerelease());
        below.next()
    }

    /// Whether one of these flaws affects a release, and nobody takes that back.
    fn is_affected(&self, replaced: &Candidate, fixes: &[Fix<'_>]) -> bool {
        let affects = |fix: &&Fix<'_>| {
            let mut ids: Vec<&str> = fix.aliases().into_iter().collect();
            ids.push(fix.id());
            let said = self.snapshot.statements.latest(self.package, &replaced.version, &ids);
            let is_taken_back =
                said.is_some_and(|(_, said)| matches!(said.status, Status::NotAffected | Status::Fixed));
            fix.affects(&replaced.version) && !is_taken_back
        };
        fixes.iter().any(|fix| affects(&fix))
    }

    /// Whether the built-in policies let it pass the wait as a fix.
    fn passes(&self, candidates: &[Candidate]) -> bool {
        let fixes = self.fixes();
        !fixes.is_empty()
            && self
                .replaced(candidates)
                .is_some_and(|replaced| (self.attested || !replaced.attested) && self.is_affected(replaced, &fixes))
    }
}

/// Ids in one text: the first few, and how many more.
fn named<'i>(ids: impl Iterator<Item = &'i str>) -> String {
    let all: Vec<_> = ids.collect();
    let mut text = all.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}

/// One line about an advisory, short enough for a refusal.
fn line(summary: &str) -> String {
    let summary = summary.trim_end_matches('.');
    if summary.is_empty() {
        return "no summary is given".to_owned();
    }
    if summary.len() <= LINE {
        return summary.to_owned();
    }
    let fits = |end: &usize| *end + "...".len() <= LINE;
    let word = summary.match_indices(' ').map(|(at, _)| at).take_while(fits).last();
    let letter = summary.char_indices().map(|(at, _)| at).take_while(fits).last();
    format!("{}...", &summary[..word.or(letter).unwrap_or(0)])
}

#[cfg(test)]
pub(crate) mod tests;
