//! A crate's file of the sparse index as values, and as cargo gets it (The Cargo Book, "Registry Index", "JSON schema").
//!
//! One line is one release. Only `yanked` is ever changed, because the lock file and cargo's cache rely on the rest; a
//! line is passed on as the text it had. Invariants: versions are unique, and each kept line is one JSON object whose name
//! is the crate's.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Timestamp, limits};
use fanlight_store::Sha256;
use semver::Version;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::name::Name;

/// What the index says of one crate.
#[derive(Debug, Clone)]
pub struct Crate {
    /// The crate that was asked for.
    pub name: Name,
    /// The releases, in the file's order.
    pub releases: Vec<Release>,
    /// What was left out, at most [`limits::INDEX_PAGE_NOTES`].
    pub notes: Vec<Note>,
    /// How many more notes there would have been.
    pub notes_left_out: usize,
    body: Bytes,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The crate's name as its makers write it.
    pub name: Arc<str>,
    /// The version.
    pub version: Version,
    /// Its text as written.
    pub text: Arc<str>,
    /// The SHA-256 of its archive.
    pub checksum: Option<Sha256>,
    /// Whether its makers withdrew it.
    pub is_yanked: bool,
    /// When the upstream says it was published; stated since Rust 1.94, and not on old lines.
    pub published: Option<Timestamp>,
    line: Range<usize>,
    /// Where the value of `yanked` is, for [`Crate::render`]; nothing where the line has none.
    yanked: Option<Range<usize>>,
}

/// A line that was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The line's number, from 1.
    pub line: usize,
    /// What was wrong.
    pub problem: Problem,
}

/// What was wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Not a JSON object with a name, a version and `yanked` in their types.
    NoRelease,
    /// It is about another crate.
    OtherCrate,
    /// Its version is none by Semantic Versioning.
    BadVersion,
    /// A second line of one version: the first stays, as cargo has it.
    Duplicate,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            Problem::NoRelease => "it is no JSON object of a release",
            Problem::OtherCrate => "it is about another crate",
            Problem::BadVersion => "its version is not one by Semantic Versioning",
            Problem::Duplicate => "an earlier line has the same version",
        };
        write!(f, "line {}: left out: {problem}", self.line)
    }
}

/// Why a crate's file could not be read. The text shows no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Over [`limits::INDEX_PAGE_BYTES`].
    #[error("the crate's index file has {bytes} bytes, over the limit of {limit}", limit = limits::INDEX_PAGE_BYTES)]
    TooLong {
        /// Its size.
        bytes: usize,
    },
    /// More releases than one file may have.
    #[error("the crate's index file has more than {limit} lines, the most that are read", limit = limits::INDEX_PAGE_VERSIONS)]
    TooMany,
    /// Not UTF-8.
    #[error("the crate's index file is not UTF-8")]
    NotText,
    /// Not one line of it is a release: a login page, or some other file.
    #[error("not one line of the crate's index file is a release of it")]
    NoRelease,
}

/// What Fanlight judges of a line. Cargo passes over members it does not know, and so is done here.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    vers: std::borrow::Cow<'a, str>,
    #[serde(default, borrow)]
    cksum: std::borrow::Cow<'a, str>,
    #[serde(default, borrow, deserialize_with = "whatever_stands_there")]
    yanked: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pubtime: Option<std::borrow::Cow<'a, str>>,
}

/// Also a `null`, which a plain option would take for nothing: then a second `yanked` would be written after it, and cargo
/// reads no line that has two.
fn whatever_stands_there<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Files are the same when they say the same; the text decides.
impl PartialEq for Crate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.body == other.body
    }
}

impl Crate {
    /// Reads the index file of the crate `name`.
    pub fn parse(name: &Name, body: Bytes) -> Result<Self, IndexError> {
        if body.len() > limits::INDEX_PAGE_BYTES {
            return Err(IndexError::TooLong { bytes: body.len() });
        }
        let text = std::str::from_utf8(&body).map_err(|_| IndexError::NotText)?;
        let (mut releases, mut notes, mut notes_left_out) = (Vec::<Release>::new(), Vec::new(), 0);
        let mut versions = std::collections::HashSet::new();
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            let place = start..start + line.len();
            start = place.end + 1;
            if line.trim().is_empty() {
                continue;
            }
            if releases.len() == limits::INDEX_PAGE_VERSIONS {
                return Err(IndexError::TooMany);
            }
            let read = release(name, line, place).and_then(|release| {
                // As cargo has it, versions that differ in nothing but build metadata are one.
                let order = Version { build: semver::BuildMetadata::EMPTY, ..release.version.clone() };
                if versions.insert(order) { Ok(release) } else { Err(Problem::Duplicate) }
            });
            match read {
                Ok(release) => releases.push(release),
                Err(problem) if notes.len() < limits::INDEX_PAGE_NOTES => {
                    notes.push(Note { line: number + 1, problem })
                }
                Err(_) => notes_left_out += 1,
            }
        }
        if releases.is_empty() && !notes.is_empty() {
            return Err(IndexError::NoRelease);
        }
        Ok(Self { name: name.clone(), releases, notes, notes_left_out, body })
    }

    /// The release of that version, as written.
    pub fn release(&self, version: &str) -> Option<&Release> {
        self.releases.iter().find(|release| &*release.text == version)
    }

    /// The file as cargo gets it: what is withheld is yanked, all else as it came. `withheld` stands in the order of the
    /// releases.
    pub fn render(&self, withheld: &[bool]) -> Vec<u8> {
        debug_assert_eq!(self.releases.len(), withheld.len(), "each release has its verdict");
        let mut out = Vec::with_capacity(self.body.len() + 1);
        for (release, withheld) in self.releases.iter().zip(withheld) {
            let line = &self.body[release.line.clone()];
            match (&release.yanked, *withheld && !release.is_yanked) {
                (_, false) => out.extend_from_slice(line),
                (Some(yanked), true) => {
                    out.extend_from_slice(&self.body[release.line.start..yanked.start]);
                    out.extend_from_slice(b"true");
                    out.extend_from_slice(&self.body[yanked.end..release.line.end]);
                }
                (None, true) => {
                    let end = line.trim_ascii_end();
                    out.extend_from_slice(end.strip_suffix(b"}").unwrap_or(end));
                    out.extend_from_slice(b",\"yanked\":true}");
                }
            }
            out.push(b'\n');
        }
        out
    }

    /// Bytes it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        self.body.len() + self.releases.len() * (size_of::<Release>() + 16) + size_of::<Self>()
    }
}

fn release(name: &Name, line: &str, place: Range<usize>) -> Result<Release, Problem> {
    let read: Line<'_> = serde_json::from_str(line).map_err(|_| Problem::NoRelease)?;
    if !read.name.eq_ignore_ascii_case(name.as_str()) {
        return Err(Problem::OtherCrate);
    }
    if read.vers.len() > limits::NAME_BYTES {
        return Err(Problem::BadVersion);
    }
    let version = Version::parse(&read.vers).map_err(|_| Problem::BadVersion)?;
    let is_yanked = match read.yanked.map(|value| value.get()) {
        None | Some("false" | "null") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::NoRelease),
    };
    let yanked = read.yanked.map(|value| {
        let at = place.start + (value.get().as_ptr().addr() - line.as_ptr().addr());
        at..at + value.get().len()
    });
    Ok(Release {
        name: read.name.as_ref().into(),
        version,
        text: read.vers.as_ref().into(),
        checksum: read.cksum.parse().ok(),
        is_yanked,
        published: read.pubtime.and_then(|time| time.parse().ok()),
        line: place,
        yanked,
    })
}

#[cfg(test)]
mod tests;
