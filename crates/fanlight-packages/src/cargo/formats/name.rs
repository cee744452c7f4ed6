//! Names of crates, and where the sparse index has a crate's file (The Cargo Book, "Registry Index", "Index files").

use std::fmt;
use std::sync::Arc;

use fanlight_base::Purl;

/// The public registry's limit on a name; cargo itself takes longer ones from others, which no crate here needs.
const NAME_BYTES: usize = 64;

/// The name of a crate, in the index's form: lower case. Cargo asks for that whatever case a manifest has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text is no name of a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAName {
    /// Nothing.
    #[error("the name of a crate has at least one letter")]
    Empty,
    /// Over the limit.
    #[error("the name of a crate has at most {NAME_BYTES} bytes")]
    TooLong,
    /// A sign that no crate's name has.
    #[error("the name of a crate begins with a letter and has only letters, digits, - and _")]
    Sign,
}

impl Name {
    /// Reads a name in any case.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        match text.bytes().next() {
            None => Err(NotAName::Empty),
            Some(_) if text.len() > NAME_BYTES => Err(NotAName::TooLong),
            // Some old crates begin with a digit or an underscore.
            Some(b'-') => Err(NotAName::Sign),
            Some(_) if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') => {
                Ok(Self(text.to_ascii_lowercase().into()))
            }
            Some(_) => Err(NotAName::Sign),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, shared.
    pub fn text(&self) -> Arc<str> {
        self.0.clone()
    }

    /// The crate's purl, or that of one release of it.
    pub fn purl(&self, version: Option<&str>) -> Purl {
        Purl::cargo(&self.0, version)
    }

    /// Where the index has its file: `1/a`, `2/ab`, `3/a/abc`, `ab/cd/abcdef`.
    pub fn place(&self) -> String {
        format!("{}/{}", prefix(&self.0), self.0)
    }

    /// What an archive of `version` is called.
    pub fn archive(&self, version: &str) -> String {
        format!("{}-{version}.crate", self.0)
    }

    /// The version in an archive's name, where the name is one of this crate's.
    pub fn version_of<'a>(&self, archive: &'a str) -> Option<&'a str> {
        archive.strip_prefix(&*self.0)?.strip_prefix('-')?.strip_suffix(".crate")
    }
}

/// The folders that the index has a name in: `1`, `2`, `3/a`, `ab/cd`. The name is one of a crate, in any case.
pub fn prefix(name: &str) -> String {
    match name.len() {
        1 | 2 => name.len().to_string(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
