//! The types of settings: how each is read from a file's value or from text, what it allows, how it is shown.
//!
//! Text (environment, flags) and a file's values go through the same reading, so `"7d"` means the same everywhere.

use std::ops::Range;
use std::path::{Path, PathBuf};

mod alternatives;
mod choices;
mod cooldown_for;
mod feeds;
mod host_names;
mod issuers;
mod list;
mod network;
mod patterns;
mod providers;
mod size;
mod span;
mod telling;
mod tls;
mod upstreams;

pub use alternatives::Alternatives;
pub use choices::{LogFormat, LogLevel};
pub use cooldown_for::CooldownFor;
pub use feeds::{Feed, Feeds, Paths};
pub use host_names::HostNames;
pub use issuers::{IssuerAt, Issuers};
pub use patterns::Patterns;
pub use providers::{ProviderAt, Providers};
pub use size::ByteSize;
pub use span::parse as parse_span;
pub use telling::{MailAddress, MailDomain, MailServer, Webhook};
pub use tls::Tls;
pub use upstreams::{UpstreamAt, Upstreams};

/// A value as it was written, before it has a type.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    /// Where it stands in the file, in bytes.
    pub(crate) at: Option<Range<usize>>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Text, or a number or yes/no of a file as its text.
    Text(String),
    /// A list of a file.
    List(Vec<Value>),
    /// A table of a file: name, where the name stands, value.
    Table(Vec<(String, Range<usize>, Value)>),
}

/// A name in a table, its value, and where the name stands.
pub(crate) type Entry = (String, Value, Option<Range<usize>>);

/// Why a value cannot be used, and where exactly.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) why: String,
    pub(crate) at: Option<Range<usize>>,
}

/// A type that a setting can have.
pub(crate) trait Setting: Sized {
    /// What is allowed, as the end of a sentence that begins "allowed: ".
    const ALLOWED: &'static str;
    /// Reads a value; `folder` is what relative paths are relative to.
    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong>;
    /// The value in text, secrets hidden; it reads back to the same value where nothing is hidden.
    fn shown(&self) -> String;
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { kind: Kind::Text(text.into()), at: None }
    }

    pub(crate) fn wrong(&self, why: impl Into<String>) -> Wrong {
        Wrong { why: why.into(), at: self.at.clone() }
    }

    /// The text of a simple value.
    pub(crate) fn as_text(&self) -> Result<&str, Wrong> {
        match &self.kind {
            Kind::Text(text) => Ok(text.trim()),
            Kind::List(_) => Err(self.wrong("a list cannot stand here")),
            Kind::Table(_) => Err(self.wrong("a table cannot stand here")),
        }
    }

    /// The names and values of a table, or of text like `name=value, name=value`. The last `=` parts, because a purl may
    /// have one and what it is set to has none.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Wrong> {
        match &self.kind {
            Kind::Table(table) => {
                Ok(table.iter().map(|(name, at, value)| (name.clone(), value.clone(), Some(at.clone()))).collect())
            }
            Kind::Text(text) => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| match part.rsplit_once('=') {
                    Some((name, value)) => Ok((name.trim().to_owned(), Self::text(value.trim()), None)),
                    None => Err(self.wrong(format!("{part:?} has no = between a name and a value"))),
                })
                .collect(),
            Kind::List(_) => Err(self.wrong("a list cannot stand here")),
        }
    }
}

/// Text with the user and password of every address in it hidden.
pub(crate) fn without_credentials(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(slashes) = rest.find("//") {
        let (before, after) = rest.split_at(slashes + 2);
        out.push_str(before);
        let end = after.find(['/', '"', '\'', ' ', '?', '#']).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                out.push_str("***");
                &after[at..]
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

impl Setting for PathBuf {
    const ALLOWED: &'static str = "a path";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        match value.as_text()? {
            "" => Err(value.wrong("it is empty")),
            path => Ok(folder.join(path)),
        }
    }

    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for Option<PathBuf> {
    const ALLOWED: &'static str = "a path";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        Ok(Some(value.as_text()?).filter(|path| !path.is_empty()).map(|path| folder.join(path)))
    }

    fn shown(&self) -> String {
        self.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
    }
}
