//! Versions in the order of their ecosystem: PEP 440, node-semver, or SemVer's precedence as cargo has it.
//!
//! A text that its ecosystem's rules do not read is kept as text: it comes before every version that they read, as
//! `LegacyVersion` did for Python, and equals only itself. Two versions are equal when neither precedes the other, so
//! `1.0` is `1.0.0` for Python, and build metadata says nothing for the other two.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr as _;

use fanlight_base::limits;

use crate::ecosystem::Ecosystem;

mod npm;
#[cfg(test)]
mod tests;

/// A version of a release. Comparing versions of two ecosystems has an order, which means nothing.
#[derive(Debug, Clone)]
pub struct Version(Read);

#[derive(Debug, Clone)]
enum Read {
    Text(Box<str>),
    Python(pep440_rs::Version),
    Node(semver::Version),
    Cargo(semver::Version),
}

impl Version {
    /// Reads a version by its ecosystem's rules; see [`is_ordered`](Self::is_ordered) for what they do not read.
    pub fn new(ecosystem: Ecosystem, text: &str) -> Self {
        let text = text.trim();
        let read = if text.len() > limits::NAME_BYTES {
            None
        } else {
            match ecosystem {
                Ecosystem::PyPi => pep440_rs::Version::from_str(text).ok().map(Read::Python),
                Ecosystem::Npm => npm::read(text).map(Read::Node),
                Ecosystem::Crates => semver::Version::parse(text).ok().map(Read::Cargo),
            }
        };
        Self(read.unwrap_or_else(|| Read::Text(text.into())))
    }

    /// One end of a range. The same, except that semantic versions may leave out `.0` at the end and have a `v` in front,
    /// which the schema forbids and feeds contain.
    pub(crate) fn end_of_range(ecosystem: Ecosystem, text: &str) -> Self {
        let read = Self::new(ecosystem, text);
        if read.is_ordered() || ecosystem == Ecosystem::PyPi {
            return read;
        }
        let bare = text.trim().trim_start_matches(['v', 'V']);
        let (numbers, rest) = bare.split_at(bare.find(['-', '+']).unwrap_or(bare.len()));
        let missing = match numbers.split('.').count() {
            1 => ".0.0",
            2 => ".0",
            _ => "",
        };
        let filled = Self::new(ecosystem, &format!("{numbers}{missing}{rest}"));
        if filled.is_ordered() { filled } else { read }
    }

    /// Whether the ecosystem's rules read it. Otherwise it is text, before all others.
    pub const fn is_ordered(&self) -> bool {
        !matches!(self.0, Read::Text(_))
    }

    /// Whether a client takes it only when asked to: a pre-release or, for Python, a development release.
    pub fn is_prerelease(&self) -> bool {
        match &self.0 {
            Read::Text(_) => false,
            Read::Python(version) => version.any_prerelease(),
            Read::Node(version) | Read::Cargo(version) => !version.pre.is_empty(),
        }
    }

    /// Python's local builds (`2.0+cu117`): the public version they are builds of. `None` for all others.
    pub(crate) fn public(&self) -> Option<Self> {
        match &self.0 {
            Read::Python(version) if version.is_local() => Some(Self(Read::Python(version.clone().without_local()))),
            _ => None,
        }
    }

    const fn rank(&self) -> u8 {
        match self.0 {
            Read::Text(_) => 0,
            Read::Python(_) => 1,
            Read::Node(_) => 2,
            Read::Cargo(_) => 3,
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Read::Text(a), Read::Text(b)) => a.cmp(b),
            (Read::Python(a), Read::Python(b)) => a.cmp(b),
            (Read::Node(a), Read::Node(b)) => npm::compare(a, b),
            (Read::Cargo(a), Read::Cargo(b)) => a.cmp_precedence(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Read::Text(text) => f.write_str(text),
            Read::Python(version) => version.fmt(f),
            Read::Node(version) | Read::Cargo(version) => version.fmt(f),
        }
    }
}
