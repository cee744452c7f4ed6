//! Names of npm packages: `tool` and, within a scope, `@acme/tool`.
//!
//! Clients refuse new names that break npm's rules, but old ones with capitals and odd signs are installed to this day.
//! So what is refused here is what is not safe as one part of a path, and the case is kept: `JSONStream` is not `jsonstream`.

use std::fmt;
use std::sync::Arc;

use fanlight_base::Purl;

/// npm's own limit on a name, scope included (the documentation of `package.json`, "name").
const NAME_BYTES: usize = 214;

/// The name of a package, with its scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    text: Arc<str>,
    /// Where the bare name begins; 0 without a scope.
    bare: usize,
}

/// Why a text is no name of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAName {
    /// Nothing, or a scope without a name.
    #[error("the name of an npm package has at least one letter, and a scope is written @scope/name")]
    Empty,
    /// Over npm's limit.
    #[error("the name of an npm package has at most {NAME_BYTES} bytes")]
    TooLong,
    /// A dot or underscore in front.
    #[error("the name of an npm package does not begin with a dot or an underscore")]
    Leading,
    /// A sign that no package has.
    #[error("the name of an npm package has only letters, digits and -._~!*'()")]
    Sign,
}

impl Name {
    /// Reads a name, `tool` or `@acme/tool`.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        if text.len() > NAME_BYTES {
            return Err(NotAName::TooLong);
        }
        let bare = match text.strip_prefix('@') {
            Some(scoped) => {
                let (scope, name) = scoped.split_once('/').ok_or(NotAName::Empty)?;
                check_part(scope)?;
                text.len() - name.len()
            }
            None => 0,
        };
        check_part(&text[bare..])?;
        Ok(Self { text: text.into(), bare })
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole name, shared.
    pub fn text(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The name without its scope, which is what its archives are called after.
    pub fn bare(&self) -> &str {
        &self.text[self.bare..]
    }

    /// The scope with its `@`.
    pub fn scope(&self) -> Option<&str> {
        self.bare.checked_sub(1).map(|end| &self.text[..end])
    }

    /// The package's purl, or that of one release of it.
    pub fn purl(&self, version: Option<&str>) -> Purl {
        Purl::npm(self.scope(), self.bare(), version)
    }

    /// What an archive of `version` is called.
    pub fn archive(&self, version: &str) -> String {
        format!("{}-{version}.tgz", self.bare())
    }

    /// The version in an archive's name, where the name is one of this package's.
    pub fn version_of<'a>(&self, archive: &'a str) -> Option<&'a str> {
        archive.strip_prefix(self.bare())?.strip_prefix('-')?.strip_suffix(".tgz").filter(|version| !version.is_empty())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_part(part: &str) -> Result<(), NotAName> {
    match part.bytes().next() {
        None => Err(NotAName::Empty),
        Some(b'.' | b'_') => Err(NotAName::Leading),
        Some(_) if part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!*'()".contains(&b)) => Ok(()),
        Some(_) => Err(NotAName::Sign),
    }
}

#[cfg(test)]
mod tests;
