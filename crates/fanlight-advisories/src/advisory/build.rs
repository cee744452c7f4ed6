//! An advisory out of an OSV record.
//!
//! Refuses what it cannot place (no id, no time, another major version of the schema). What only a part of a record got
//! wrong becomes a note, and the rest counts.

use std::sync::Arc;

use fanlight_base::{Timestamp, limits};

use super::{Advisory, Affected, Kind, Reading, RecordError};
use crate::ecosystem::{Ecosystem, Package};
use crate::json::{Text, list};
use crate::osv::{self, Specific};
use crate::range::{Range, Written};
use crate::severity::Severity;
use crate::text;
use crate::version::Version;

/// Notes kept of one record.
const NOTES: usize = 10;

/// Comparisons of listed versions with events that are made to find out which of the versions a range contains. Where more
/// would be needed, the versions are all kept, which takes memory and not time.
const COMPARISONS: usize = 2_000_000;

/// A record whose form is right and whose meaning has not been looked at.
pub(crate) struct Draft<'a> {
    record: osv::Record<'a>,
    pub modified: Timestamp,
}

/// An advisory, and what a part of its record got wrong: the first ten.
#[derive(Debug)]
pub(crate) struct Built {
    pub advisory: Advisory,
    pub notes: Vec<String>,
}

impl<'a> Draft<'a> {
    /// Reads the form of a record.
    pub fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        if bytes.len() > limits::ADVISORY_BYTES {
            return Err(RecordError::TooLong(bytes.len()));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let record: osv::Record<'a> = serde_json::from_slice(bytes).map_err(RecordError::Malformed)?;
        if let Some(Text(version)) = &record.schema_version
            && version.split('.').next() != Some("1")
        {
            return Err(RecordError::Schema(text::one_line(version).into()));
        }
        if !text::is_id(&record.id.0) {
            return Err(RecordError::Id(text::one_line(&record.id.0).into()));
        }
        let modified = time("modified", &record.modified)?;
        Ok(Self { record, modified })
    }

    /// The record's id.
    pub fn id(&self) -> &str {
        &self.record.id.0
    }

    /// The advisory, as far as it is about ecosystems known here.
    pub fn build(&self, reading: &Arc<Reading>) -> Result<Built, RecordError> {
        let record = &self.record;
        let optional = |field, text: &Option<Text<'_>>| text.as_ref().map(|text| time(field, text)).transpose();
        let [published, withdrawn] = [("published", &record.published), ("withdrawn", &record.withdrawn)]
            .map(|(field, text)| optional(field, text));
        let specific = Specific::of(record.database_specific);
        let mut builder = Builder { taken_back: record.withdrawn.is_some(), ..Builder::default() };
        builder.kinds.record(&specific);
        let aliases = builder.aliases(self.id(), list(&record.aliases));
        builder.whole = builder.severity(list(&record.severity), &[&specific]).map(Arc::new);
        let affected = list(&record.affected).iter().filter_map(|entry| builder.affected(entry)).collect();
        let summary = record.summary.as_ref().or(record.details.as_ref()).map_or("", |text| &text.0);
        let named = std::iter::once(self.id()).chain(aliases.iter().map(|alias| &**alias));
        let malicious = named.into_iter().any(is_malicious_id);
        let advisory = Advisory {
            id: self.id().into(),
            aliases,
            summary: text::one_line(summary.trim_start().lines().next().unwrap_or_default()),
            more: osv::more(record.references).map(|more| (*more).into()),
            reviewed: specific.reviewed.unwrap_or(true),
            kind: if malicious { Kind::Malicious } else { builder.kinds.kind() },
            modified: self.modified,
            published: published?,
            withdrawn: withdrawn?,
            affected,
            reading: reading.clone(),
        };
        Ok(Built { advisory, notes: builder.notes })
    }
}

/// What is known of a record while its parts are looked at.
#[derive(Default)]
struct Builder {
    taken_back: bool,
    /// How severe the record says it is for all projects.
    whole: Option<Arc<Severity>>,
    kinds: Kinds,
    notes: Vec<String>,
}

impl Builder {
    fn note(&mut self, note: impl FnOnce() -> String) {
        if self.notes.len() < NOTES {
            self.notes.push(note());
        }
    }

    fn aliases(&mut self, id: &str, written: &[Text<'_>]) -> Box<[Arc<str>]> {
        let mut aliases: Vec<Arc<str>> = Vec::new();
        for Text(alias) in written {
            if !text::is_id(alias) {
                self.note(|| format!("{:?} is no id; left out of the aliases", text::one_line(alias)));
            } else if *alias != id && !aliases.iter().any(|known| **known == **alias) {
                aliases.push((**alias).into());
            }
        }
        aliases.into()
    }

    /// What the record says of one project. `None` where its ecosystem is not known, or its name is none.
    fn affected(&mut self, entry: &osv::Affected<'_>) -> Option<Affected> {
        let package = entry.package.as_ref()?;
        let ecosystem = Ecosystem::of_osv(&package.ecosystem.0)?;
        let name = package.name.0.as_ref();
        if !text::is_name(name) {
            self.note(|| format!("{:?} is no name of a project; left out", text::one_line(name)));
            return None;
        }
        let [by_database, by_ecosystem] = [entry.database_specific, entry.ecosystem_specific].map(Specific::of);
        self.kinds.project(&by_database);
        let own = self.severity(list(&entry.severity), &[&by_database, &by_ecosystem]).map(Arc::new);
        // What is said of the project counts before what is said of the record, and a vector before a word.
        let has_vector = |severity: &Arc<Severity>| severity.score().is_some();
        let own = own.filter(|own| has_vector(own) || !self.whole.as_ref().is_some_and(has_vector));
        let severity = own.or_else(|| self.whole.clone());
        let (ranges, versions) = self.versions(ecosystem, name, entry);
        Some(Affected { package: Package::new(ecosystem, name), severity, ranges, versions })
    }

    /// The ranges, and those of the listed versions that lie in none of them.
    fn versions(
        &mut self,
        ecosystem: Ecosystem,
        name: &str,
        entry: &osv::Affected<'_>,
    ) -> (Box<[Range]>, Box<[Version]>) {
        let listed = list(&entry.versions);
        let mut ranges = Vec::new();
        // Commits cannot be compared without the repository: a range of them says nothing here, and the list stands for
        // it.
        for range in list(&entry.ranges).iter().filter(|range| matches!(&*range.kind.0, "SEMVER" | "ECOSYSTEM")) {
            let events: Vec<_> = range.events.0.iter().flat_map(written).collect();
            let read = Range::read(ecosystem, &events, !listed.is_empty());
            if let Some(unread) = read.unread {
                let (rules, end) = (ecosystem.version_rules(), text::one_line(&unread));
                self.note(|| format!("{name}: a range ends at {end:?}, which is no version by {rules}"));
            }
            ranges.extend(read.range.filter(|range| !range.events().is_empty()));
        }
        let mut versions: Vec<_> = listed.iter().map(|Text(text)| Version::new(ecosystem, text)).collect();
        let events: usize = ranges.iter().map(|range| range.events().len()).sum();
        if versions.len().saturating_mul(events) <= COMPARISONS {
            versions.retain(|version| !ranges.iter().any(|range| range.contains(version)));
        }
        versions.sort();
        versions.dedup();
        if ranges.is_empty() && listed.is_empty() && !self.taken_back {
            self.note(|| {
                format!("{name}: neither versions nor a range of versions; nothing can be told of its releases")
            });
        }
        (ranges.into(), versions.into())
    }

    /// The vector of the newest CVSS that can be read, the most severe of several; else a word.
    fn severity(&mut self, scores: &[osv::Score<'_>], specific: &[&Specific<'_>]) -> Option<Severity> {
        let vector = self.vector("CVSS_V4", scores).or_else(|| self.vector("CVSS_V3", scores));
        let vector =
            vector.or_else(|| specific.iter().filter_map(|said| Severity::of_vector(said.cvss.as_deref()?)).max());
        vector.or_else(|| specific.iter().filter_map(|said| Severity::of_word(said.severity.as_deref()?)).max())
    }

    fn vector(&mut self, kind: &str, scores: &[osv::Score<'_>]) -> Option<Severity> {
        let mut best = None;
        for score in scores.iter().filter(|score| score.kind.0 == kind) {
            let severity = Severity::of_vector(&score.score.0);
            if severity.is_none() {
                self.note(|| format!("{:?} is no vector of CVSS that can be read", text::one_line(&score.score.0)));
            }
            best = best.max(severity);
        }
        best
    }
}

/// What a record's parts say of its kind.
#[derive(Default)]
struct Kinds {
    malicious: bool,
    projects: usize,
    notices: usize,
}

impl Kinds {
    fn record(&mut self, specific: &Specific<'_>) {
        self.malicious |= specific.labels.iter().any(|label| is_malicious_label(label));
    }

    fn project(&mut self, specific: &Specific<'_>) {
        self.record(specific);
        self.projects += 1;
        self.notices += usize::from(specific.informational.is_some());
    }

    const fn kind(&self) -> Kind {
        match self {
            Self { malicious: true, .. } => Kind::Malicious,
            Self { projects, notices, .. } if *notices > 0 && *notices == *projects => Kind::Notice,
            Self { .. } => Kind::Vulnerability,
        }
    }
}

/// `MAL-` is the prefix of the OpenSSF's database of malicious packages.
fn is_malicious_id(id: &str) -> bool {
    id.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("MAL-"))
}

/// CWE-506, embedded malicious code, with what stands below it; or RustSec's category.
fn is_malicious_label(label: &str) -> bool {
    const LABELS: &[&str] = &["CWE-506", "CWE-507", "CWE-508", "CWE-509", "CWE-510", "CWE-511", "CWE-512", "malicious"];
    LABELS.iter().any(|known| label.eq_ignore_ascii_case(known))
}

fn time(field: &'static str, text: &Text<'_>) -> Result<Timestamp, RecordError> {
    text.0.parse().map_err(|_| RecordError::Time { field, value: text::one_line(&text.0).into() })
}

/// The schema allows one field an event; where there are several, all of them count.
fn written<'r>(event: &'r osv::Event<'_>) -> impl Iterator<Item = Written<'r>> {
    let field = |field: &'r Option<Text<'_>>| field.as_ref().map(|text| text.0.as_ref());
    let introduced = field(&event.introduced).map(Written::Introduced);
    let fixed = field(&event.fixed).map(Written::Fixed);
    let last = field(&event.last_affected).map(Written::LastAffected);
    let limit = field(&event.limit).map(Written::Limit);
    [introduced, fixed, last, limit].into_iter().flatten()
}
