//! VEX: what somebody says about whether a flaw affects a release, above all that it does not.
//!
//! A document is OpenVEX (to 0.2.0) or CSAF (2.0 and 2.1, category `csaf_vex`). Kept is what names a release or project of
//! a known ecosystem by purl; whether a statement is believed is policy's to say, so each carries who said it, in which
//! document, from which feed. A reading never removes a statement that another document made.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use fanlight_base::{Purl, Timestamp, limits};

use crate::advisory::Reading;
use crate::ecosystem::Package;
use crate::text;
use crate::version::Version;

mod csaf;
mod openvex;
#[cfg(test)]
mod tests;

/// Whether a flaw affects a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It does not, and nothing needs to be done.
    NotAffected,
    /// It is fixed in this product.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
    /// It does.
    Affected,
}

/// Why a product is not affected, in the five words of the VEX working group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Justification {
    /// The component with the flaw is not in the product.
    ComponentNotPresent,
    /// The component is there, without the code that has the flaw.
    VulnerableCodeNotPresent,
    /// The code is there and never runs.
    VulnerableCodeNotInExecutePath,
    /// The code runs, and nobody from outside can steer it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product keeps it from being used.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// The label as documents have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => "vulnerable_code_cannot_be_controlled_by_adversary",
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }

    fn of_label(label: &str) -> Option<Self> {
        const ALL: [Justification; 5] = [
            Justification::ComponentNotPresent,
            Justification::VulnerableCodeNotPresent,
            Justification::VulnerableCodeNotInExecutePath,
            Justification::VulnerableCodeCannotBeControlledByAdversary,
            Justification::InlineMitigationsAlreadyExist,
        ];
        ALL.into_iter().find(|known| known.as_str() == label)
    }
}

/// What a document says about one product and one flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    package: Package,
    version: Option<Version>,
    /// The ids of the flaw.
    pub flaws: Arc<[Box<str>]>,
    /// Whether it affects the product.
    pub status: Status,
    /// Why not, in one of five words. One of this and `reason` is there where the status is `NotAffected`.
    pub justification: Option<Justification>,
    /// Why not, in prose.
    pub reason: Option<Box<str>>,
    /// When this was said. A time after the reading counts as the time of the reading.
    pub at: Timestamp,
}

impl Statement {
    /// Whether it is about a release: about this one, or about every release of its project.
    fn is_about(&self, package: &Package, version: &Version) -> bool {
        self.package == *package && self.version.as_ref().is_none_or(|own| own == version)
    }

    fn names(&self, flaws: &[&str]) -> bool {
        self.flaws.iter().any(|own| flaws.iter().any(|flaw| flaw.eq_ignore_ascii_case(own)))
    }

    /// The release it is about; `None`: every release of the project.
    pub const fn version(&self) -> Option<&Version> {
        self.version.as_ref()
    }
}

/// One VEX document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id, which its author chose.
    pub id: Box<str>,
    /// Who wrote it, as it says itself.
    pub author: Box<str>,
    /// When it was last changed.
    pub at: Timestamp,
    /// Where it was read, and when.
    pub reading: Arc<Reading>,
    /// What it says about releases of known ecosystems.
    pub statements: Vec<Statement>,
    /// What of it was passed over, and why: the first [`limits::ADVISORY_FAULTS`].
    pub notes: Vec<String>,
}

/// Why a document says nothing.
#[derive(Debug, thiserror::Error)]
pub enum VexError {
    /// Over [`limits::VEX_BYTES`].
    #[error("a VEX document has at most {limit} bytes, this one has {0}", limit = limits::VEX_BYTES)]
    TooLong(usize),
    /// Not JSON, or not of the format's types, or a list over its limit.
    #[error("not a VEX document")]
    Malformed(#[source] serde_json::Error),
    /// JSON of another kind.
    #[error("neither OpenVEX nor CSAF of the category csaf_vex")]
    Unknown,
    /// A version of a format that is not read here.
    #[error("{0:?} is a version of the format that is not read here")]
    Version(String),
    /// A draft.
    #[error("its author calls it a draft; what it says is not final")]
    Draft,
    /// No id.
    #[error("{0:?} is no id of a document")]
    Id(String),
    /// No time.
    #[error("{0:?} is not a time in RFC 3339")]
    Time(String),
    /// Too many statements.
    #[error("a VEX document makes at most {limit} statements", limit = limits::VEX_STATEMENTS)]
    TooMany,
    /// Branches within branches.
    #[error("branches of products lie at most {limit} deep", limit = limits::VEX_DEPTH)]
    TooDeep,
}

impl Document {
    /// Reads a document of either format.
    pub fn read(bytes: &[u8], reading: &Arc<Reading>) -> Result<Self, VexError> {
        if bytes.len() > limits::VEX_BYTES {
            return Err(VexError::TooLong(bytes.len()));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut document = match openvex::read(bytes, reading) {
            Err(VexError::Unknown) => csaf::read(bytes, reading)?,
            other => other?,
        };
        document.at = document.at.min(reading.at);
        for statement in &mut document.statements {
            statement.at = statement.at.min(reading.at);
        }
        Ok(document)
    }

    fn new(id: &str, author: &str, at: Timestamp, reading: &Arc<Reading>) -> Result<Self, VexError> {
        let id = text::one_line(id);
        if id.is_empty() {
            return Err(VexError::Id(id.into()));
        }
        let author = text::one_line(author);
        Ok(Self { id, author, at, reading: reading.clone(), statements: Vec::new(), notes: Vec::new() })
    }

    fn note(&mut self, note: impl FnOnce() -> String) {
        if self.notes.len() < limits::ADVISORY_FAULTS {
            self.notes.push(note());
        }
    }

    /// The release or project a purl names. `None`, with a note, where it is of nothing that is compared here.
    fn product(&mut self, purl: &str) -> Option<Product> {
        // With qualifiers it is the release as somebody else packed it, and what holds for that may not hold for this.
        if purl.contains(['?', '#']) {
            self.note(|| format!("{}: has qualifiers; only plain purls are compared", text::one_line(purl)));
            return None;
        }
        let Ok(read) = purl.parse::<Purl>() else {
            self.note(|| format!("{:?} is no purl", text::one_line(purl)));
            return None;
        };
        let Some(package) = Package::of_purl(&read) else {
            self.note(|| format!("{}: of an ecosystem that is not known here", text::one_line(purl)));
            return None;
        };
        let version = read.version().map(|version| Version::new(package.ecosystem(), version));
        Some(Product { package, version })
    }

    fn state(&mut self, product: &Product, said: &Said) -> Result<(), VexError> {
        if self.statements.len() == limits::VEX_STATEMENTS {
            return Err(VexError::TooMany);
        }
        self.statements.push(Statement {
            package: product.package.clone(),
            version: product.version.clone(),
            flaws: said.flaws.clone(),
            status: said.status,
            justification: said.justification,
            reason: said.reason.clone(),
            at: said.at,
        });
        Ok(())
    }
}

/// A release, or every release of a project.
struct Product {
    package: Package,
    version: Option<Version>,
}

/// A statement without its product.
struct Said {
    flaws: Arc<[Box<str>]>,
    status: Status,
    justification: Option<Justification>,
    reason: Option<Box<str>>,
    at: Timestamp,
}

fn time(text: &str) -> Result<Timestamp, VexError> {
    text.parse().map_err(|_| VexError::Time(text::one_line(text).into()))
}

/// The ids among some names of a flaw.
fn ids<'t>(names: impl IntoIterator<Item = &'t str>) -> Arc<[Box<str>]> {
    names.into_iter().filter(|name| text::is_id(name)).map(Box::from).collect()
}

/// All statements that are known, as a snapshot that never changes.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// By feed and id.
    documents: BTreeMap<(Arc<str>, Box<str>), Arc<Document>>,
    /// Where each project's statements stand: document, and index in it.
    by_package: HashMap<Package, Vec<(Arc<Document>, usize)>>,
}

impl Statements {
    /// These and the documents read now. A document takes the place of one that its feed had under its id, unless it is
    /// older. Over [`limits::VEX_DOCUMENTS`] no further ones are taken: their ids are returned.
    pub fn with(&self, documents: impl IntoIterator<Item = Document>) -> (Self, Vec<Box<str>>) {
        let (mut all, mut refused) = (self.documents.clone(), Vec::new());
        for document in documents {
            let key = (document.reading.source.clone(), document.id.clone());
            match all.get(&key) {
                Some(known) if known.at > document.at => {}
                None if all.len() >= limits::VEX_DOCUMENTS => refused.push(document.id),
                _ => drop(all.insert(key, Arc::new(document))),
            }
        }
        (Self::of(all), refused)
    }

    /// These without the documents of one feed.
    #[must_use]
    pub fn without(&self, source: &str) -> Self {
        let mut left = self.documents.clone();
        left.retain(|(of, _), _| **of != *source);
        Self::of(left)
    }

    fn of(documents: BTreeMap<(Arc<str>, Box<str>), Arc<Document>>) -> Self {
        let mut by_package: HashMap<Package, Vec<_>> = HashMap::new();
        for document in documents.values() {
            for (index, statement) in document.statements.iter().enumerate() {
                by_package.entry(statement.package.clone()).or_default().push((document.clone(), index));
            }
        }
        for statements in by_package.values_mut() {
            // The latest word counts; of two at one time the more cautious one.
            let order = |(document, index): &(Arc<Document>, usize)| {
                let statement = &document.statements[*index];
                (statement.at, statement.status)
            };
            statements.sort_by_key(|statement| Reverse(order(statement)));
        }
        Self { documents, by_package }
    }

    /// The documents, by feed and id.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.values().map(|document| &**document)
    }

    /// The latest of what is said about a release and a flaw under any of its ids; of two of one time the more cautious one.
    pub fn latest(&self, package: &Package, version: &Version, flaws: &[&str]) -> Option<(&Document, &Statement)> {
        let statements = self.by_package.get(package)?.iter();
        let mut statements = statements.map(|(document, index)| (&**document, &document.statements[*index]));
        statements.find(|(_, statement)| statement.is_about(package, version) && statement.names(flaws))
    }

    /// What is said about a release and a flaw under any of its ids, the latest first: that one counts, of each feed or of
    /// all, as policy has it.
    pub fn about<'s>(
        &'s self,
        package: &'s Package,
        version: &'s Version,
        flaws: &'s [&'s str],
    ) -> impl Iterator<Item = (&'s Document, &'s Statement)> {
        let statements = self.by_package.get(package).into_iter().flatten();
        let statements = statements.map(|(document, index)| (&**document, &document.statements[*index]));
        statements.filter(move |(_, statement)| statement.is_about(package, version) && statement.names(flaws))
    }
}
