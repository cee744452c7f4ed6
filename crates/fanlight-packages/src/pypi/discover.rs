//! Which upstream this machine's pip uses, for a Fanlight that was told none.
//!
//! Two halves: asking (run pip, bounded in time and output) and reading (pure functions over what it said). Refuses to know
//! any address by itself: where pip names none, none is found. Fanlight's own address, which `fanlight use pip` may have
//! written, is passed over for what lies beneath it.

use std::fmt;

use url::Url;

mod ask;
mod read;

pub use ask::pip_says;
pub use read::{PipSays, read};

use crate::ask::AskError;

/// An upstream, and where it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The index's address; its path ends in a slash. May carry a name and password.
    pub url: Url,
    /// Where it was found.
    pub from: Provenance,
}

impl fmt::Debug for Found {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({})", self.from)
    }
}

/// Where an upstream was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// The environment.
    Environment,
    /// One of pip's files of settings.
    PipSettings {
        /// The file, where pip names it.
        file: Option<String>,
    },
    /// What pip prints as its default in its help.
    PipDefault,
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("from PIP_INDEX_URL"),
            Self::PipSettings { file: Some(file) } => write!(f, "from pip's settings in {file}"),
            Self::PipSettings { file: None } => f.write_str("from pip's settings"),
            Self::PipDefault => f.write_str("pip's own default"),
        }
    }
}

/// Why no upstream was found.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Pip could not be asked.
    #[error(
        "pip could not be asked which index it uses; set packages.pypi.upstream in fanlight.toml to your index's address"
    )]
    Ask(#[source] AskError),
    /// It was asked and named none that can be used.
    #[error(
        "pip on this machine names no index that can be used; set packages.pypi.upstream in fanlight.toml to your index's address"
    )]
    NoneNamed,
}

/// Asks the environment and pip. `is_own` tells Fanlight's own addresses.
pub async fn discover(is_own: impl Fn(&Url) -> bool) -> Result<Found, DiscoverError> {
    let environment = std::env::var("PIP_INDEX_URL").ok();
    let first = PipSays { environment, ..PipSays::default() };
    if let Some(found) = read(&first, &is_own) {
        return Ok(found);
    }
    let says = pip_says().await.map_err(DiscoverError::Ask)?;
    read(&says, &is_own).ok_or(DiscoverError::NoneNamed)
}

#[cfg(test)]
mod tests;
