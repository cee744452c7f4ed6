//! The ecosystems whose rules are known here, and how each of them says that two names are one project.
//!
//! A name is compared by its ecosystem's own rule and by no other: PyPI folds case and runs of `-`, `_`, `.` (PEP 503),
//! crates.io folds case and `_` with `-`, and the npm registry has projects that differ in nothing but case.

use std::fmt;
use std::sync::Arc;

use fanlight_base::Purl;
use fanlight_base::purl::normalized_pypi_name;

#[cfg(test)]
mod tests;

/// Where a project is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ecosystem {
    /// The Python Package Index: versions by PEP 440.
    PyPi,
    /// The npm registry: versions by node-semver.
    Npm,
    /// crates.io: versions by SemVer 2.0 as cargo reads it.
    Crates,
}

impl Ecosystem {
    /// By its name in OSV's `affected[].package.ecosystem`. A name with a suffix (`PyPI:...`) is another place to publish.
    pub fn of_osv(name: &str) -> Option<Self> {
        match name {
            "PyPI" => Some(Self::PyPi),
            "npm" => Some(Self::Npm),
            "crates.io" => Some(Self::Crates),
            _ => None,
        }
    }

    /// By a purl's type.
    pub fn of_purl(kind: &str) -> Option<Self> {
        match kind {
            "pypi" => Some(Self::PyPi),
            "npm" => Some(Self::Npm),
            "cargo" => Some(Self::Crates),
            _ => None,
        }
    }

    /// The name that OSV has for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
            Self::Crates => "crates.io",
        }
    }

    /// What its versions are read by, for people.
    pub const fn version_rules(self) -> &'static str {
        match self {
            Self::PyPi => "PEP 440",
            Self::Npm => "node-semver",
            Self::Crates => "SemVer 2.0",
        }
    }

    fn normal_name(self, name: &str) -> String {
        match self {
            Self::PyPi => normalized_pypi_name(name),
            Self::Npm => name.to_owned(),
            Self::Crates => name.to_ascii_lowercase().replace('_', "-"),
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A project: its ecosystem, and its name in the form in which two spellings of one project are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Package {
    ecosystem: Ecosystem,
    name: Arc<str>,
}

impl Package {
    /// The project of that name, however it is spelled.
    pub fn new(ecosystem: Ecosystem, name: &str) -> Self {
        Self { ecosystem, name: ecosystem.normal_name(name).into() }
    }

    /// The project a purl names, with its version or without. `None` where the ecosystem is not known here.
    pub fn of_purl(purl: &Purl) -> Option<Self> {
        let ecosystem = Ecosystem::of_purl(purl.ecosystem())?;
        Some(match purl.namespace() {
            Some(namespace) => Self::new(ecosystem, &format!("{namespace}/{}", purl.name())),
            None => Self::new(ecosystem, purl.name()),
        })
    }

    /// Where it is published.
    pub const fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }

    /// Its name, in normal form; with the scope for npm.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ecosystem, self.name)
    }
}
