//! The upstreams of a door in their order, and which of them may be asked for which name.
//!
//! Invariants: a reserved name is asked of private upstreams alone; whatever belongs to one upstream (its login, its
//! validators, its settings) is never sent to another.

use std::sync::Arc;

use fanlight_base::Purl;
use fanlight_base::purl::normalized_pypi_name;
use fanlight_net::upstream::without_credentials;
use url::Url;

use crate::pattern::{PatternError, matches};

/// One upstream.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    url: Url,
    shown: Arc<str>,
    is_private: bool,
}

impl Source {
    /// The upstream at that address, whose path is made to end in a slash.
    pub fn new(mut url: Url, is_private: bool) -> Arc<Self> {
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let shown = without_credentials(&url).as_str().into();
        Arc::new(Self { url, shown, is_private })
    }

    /// Its address, with its login.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Its address without the login: its name in records, and in what is kept.
    pub const fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    /// Whether it is the company's own.
    pub const fn is_private(&self) -> bool {
        self.is_private
    }
}

/// Names that are reserved for private upstreams.
#[derive(Debug, Default)]
pub struct Reserved(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    /// As it was written.
    written: Arc<str>,
    /// In the form that it is compared in.
    folded: String,
}

impl Reserved {
    /// The names that these patterns match: a name, an npm scope with its names (`@acme/*`), or a purl without version.
    pub fn new(patterns: impl IntoIterator<Item = String>) -> Result<Self, PatternError> {
        let pattern = |written: String| {
            let scoped = written.strip_prefix('@').map(|rest| format!("pkg:npm/%40{rest}"));
            let text = scoped.unwrap_or_else(|| written.replacen("pkg:npm/@", "pkg:npm/%40", 1));
            // A scope alone is no name: nothing would ever match it.
            let is_whole = !written.starts_with('@') || written.contains('/');
            match crate::pattern::canonical(&text).filter(|_| is_whole) {
                // Folded for every ecosystem: reserving a spelling too many harms nobody, one too few lets a stranger in.
                Some(canonical) => Ok(Pattern { folded: normalized_pypi_name(&canonical), written: written.into() }),
                None => Err(PatternError { pattern: written }),
            }
        };
        Ok(Self(patterns.into_iter().map(pattern).collect::<Result<_, _>>()?))
    }

    /// Whether no name is reserved.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names that are reserved, with stars where they have any, in small letters; of a purl with its ecosystem.
    pub(crate) fn names(&self) -> impl Iterator<Item = (Option<String>, String)> {
        self.0.iter().map(|pattern| {
            let of_purl = pattern.folded.strip_prefix("pkg:").and_then(|rest| rest.split_once('/'));
            match of_purl {
                Some((ecosystem, name)) => (Some(ecosystem.to_owned()), name.replacen("%40", "@", 1)),
                None => (None, pattern.folded.clone()),
            }
        })
    }

    /// The pattern by which a project's name is reserved, as it was written.
    pub fn pattern_of(&self, project: &Purl) -> Option<&Arc<str>> {
        if self.0.is_empty() {
            return None;
        }
        let purl = normalized_pypi_name(project.as_str());
        // A name in somebody's scope is another name.
        let name = project.namespace().is_none().then(|| normalized_pypi_name(project.name()));
        let is_it = |pattern: &&Pattern| match pattern.folded.starts_with("pkg:") {
            true => matches(&pattern.folded, &purl),
            false => name.as_ref().is_some_and(|name| matches(&pattern.folded, name)),
        };
        self.0.iter().find(is_it).map(|pattern| &pattern.written)
    }
}

/// All upstreams of a door.
#[derive(Debug, Default)]
pub struct Upstreams {
    all: Vec<Arc<Source>>,
    reserved: Arc<Reserved>,
}

/// Who may be asked for one name.
#[derive(Debug, Clone)]
pub(crate) struct Candidates {
    /// In the order in which they are asked.
    pub(crate) all: Vec<Arc<Source>>,
    /// By which pattern the name is reserved.
    pub(crate) reserved: Option<Arc<str>>,
}

impl Upstreams {
    /// These, in this order.
    pub const fn new(all: Vec<Arc<Source>>, reserved: Arc<Reserved>) -> Self {
        Self { all, reserved }
    }

    /// The one that is asked for what is of no project, its list or its keys: the first that everybody has, else the first.
    pub(crate) fn main(&self) -> Option<&Arc<Source>> {
        self.all.iter().find(|source| !source.is_private).or_else(|| self.all.first())
    }

    /// Who may be asked for a project.
    pub(crate) fn for_project(&self, project: &Purl) -> Candidates {
        let reserved = self.reserved.pattern_of(project).cloned();
        let may = |source: &&Arc<Source>| reserved.is_none() || source.is_private;
        Candidates { all: self.all.iter().filter(may).cloned().collect(), reserved }
    }
}

impl Candidates {
    /// The one of that name.
    pub(crate) fn named(&self, shown: &str) -> Option<&Arc<Source>> {
        self.all.iter().find(|source| *source.shown == *shown)
    }

    /// All of them in one name: that a project was not there says something of exactly these.
    pub(crate) fn together(&self) -> String {
        self.all.iter().map(|source| &*source.shown).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests;
