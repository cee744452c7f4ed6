//! A package's packument as values: its releases with what the guard is asked about, over the text the upstream sent.
//!
//! Owns what a packument may say and how much of it. A page that is none is an error; a release that is wrong in part is
//! left out with a [`Note`]. Invariants: versions are unique, archives' addresses are absolute `http` or `https`, and a
//! release's text is one JSON object within the kept page.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Timestamp, limits};
use semver::Version;
use serde_json::error::Category;
use serde_json::value::RawValue;
use url::Url;

use super::integrity;
use super::name::Name;
use super::object::{Object, text};
use crate::about::{self, About};
use crate::ecosystem::Content;

/// What one package's page says.
#[derive(Debug, Clone)]
pub struct Packument {
    /// The package that was asked for.
    pub name: Name,
    /// `latest` and others, in the page's order: the tag and its version.
    pub dist_tags: Vec<(Arc<str>, Arc<str>)>,
    /// The releases, in the page's order.
    pub releases: Vec<Release>,
    /// What was left out, at most [`limits::INDEX_PAGE_NOTES`].
    pub notes: Vec<Note>,
    /// How many more notes there would have been.
    pub notes_left_out: usize,
    /// The page as the upstream sent it: UTF-8, one JSON object.
    body: Bytes,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The version as written.
    pub version: Arc<str>,
    /// The version in order, where it is one by Semantic Versioning.
    pub order: Option<Version>,
    /// When the upstream says it was published.
    pub published: Option<Timestamp>,
    /// Where the upstream has its archive: absolute, `http` or `https`.
    pub tarball: Url,
    /// What its archive must be.
    pub content: Content,
    /// Whether it has an attestation of where it comes from.
    pub is_attested: bool,
    /// Whether its makers advise against it.
    pub is_deprecated: bool,
    /// Where its text is in the page.
    manifest: Range<usize>,
}

/// Something wrong in one part of a packument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The version as stated, cleaned and cut.
    pub version: Arc<str>,
    /// What was wrong.
    pub problem: Problem,
}

/// What was wrong, and so what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The release is no JSON object, or one without `dist`: left out.
    NoManifest,
    /// Its `version` is not the one it is listed under: left out.
    OtherVersion,
    /// Its archive has no address that is absolute `http` or `https`: left out.
    BadTarball,
    /// A version that is empty, too long or holds signs no version has: left out.
    BadVersion,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            Problem::NoManifest => "its entry is no JSON object with a dist",
            Problem::OtherVersion => "its entry says that it is another version",
            Problem::BadTarball => "its archive's address is missing or not absolute http or https",
            Problem::BadVersion => "it is not a version's text",
        };
        write!(f, "{:?}: left out: {problem}", self.version)
    }
}

/// Why a packument could not be read. The text shows no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackumentError {
    /// Over [`limits::INDEX_PAGE_BYTES`].
    #[error("the packument has {bytes} bytes, over the limit of {limit}", limit = limits::INDEX_PAGE_BYTES)]
    TooLong {
        /// Its size.
        bytes: usize,
    },
    /// More releases than one packument may have.
    #[error("the packument lists more than {limit} versions, the most that are read", limit = limits::INDEX_PAGE_VERSIONS)]
    TooMany,
    /// Not JSON.
    #[error("the packument is no valid JSON: line {line}, column {column}: {problem}")]
    InvalidJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// In words, without content.
        problem: &'static str,
    },
    /// JSON, but no packument.
    #[error("the packument's {part} is not {expected}")]
    WrongShape {
        /// The member, or `top level`.
        part: &'static str,
        /// What it should have been.
        expected: &'static str,
    },
    /// It says it is about another package.
    #[error("the packument says it is about another package than the one asked for")]
    OtherPackage,
}

/// Pages are the same when they say the same; the text decides.
impl PartialEq for Packument {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.body == other.body
    }
}

impl Packument {
    /// Reads the page of the package `name`.
    pub fn parse(name: &Name, body: Bytes) -> Result<Self, PackumentError> {
        if body.len() > limits::INDEX_PAGE_BYTES {
            return Err(PackumentError::TooLong { bytes: body.len() });
        }
        let (dist_tags, releases, notes) = {
            let page = std::str::from_utf8(&body).map_err(|error| not_utf8(&body, error.valid_up_to()))?;
            let top: Object<'_> = serde_json::from_str(page).map_err(|error| in_our_words(&error))?;
            if top.text("name").is_some_and(|stated| stated != name.as_str()) {
                return Err(PackumentError::OtherPackage);
            }
            let Some(versions) = top.object("versions") else {
                return Err(PackumentError::WrongShape { part: "versions", expected: "an object" });
            };
            let times = top.object("time").unwrap_or_default();
            let times: std::collections::HashMap<&str, &RawValue> = times.iter().collect();
            let mut releases = Vec::new();
            let mut notes = Notes::default();
            for (version, manifest) in versions.iter() {
                if releases.len() == limits::INDEX_PAGE_VERSIONS {
                    return Err(PackumentError::TooMany);
                }
                match release(version, manifest, times.get(version).copied(), page) {
                    Ok(release) => releases.push(release),
                    Err(problem) => notes.add(version, problem),
                }
            }
            let tags = top.object("dist-tags").unwrap_or_default();
            let tags = tags.iter().filter_map(|(tag, version)| Some((tag.into(), text(version)?.into())));
            (tags.take(limits::INDEX_PAGE_VERSIONS).collect(), releases, notes)
        };
        Ok(Self { name: name.clone(), dist_tags, releases, notes: notes.kept, notes_left_out: notes.left_out, body })
    }

    /// The release of that version, as written.
    pub fn release(&self, version: &str) -> Option<&Release> {
        self.releases.iter().find(|release| &*release.version == version)
    }

    /// The page's members.
    pub(super) fn members(&self) -> Object<'_> {
        std::str::from_utf8(&self.body).ok().and_then(Object::read).unwrap_or_default()
    }

    /// A release's members.
    pub(super) fn manifest(&self, release: &Release) -> Object<'_> {
        let text = self.body.get(release.manifest.clone()).unwrap_or_default();
        std::str::from_utf8(text).ok().and_then(Object::read).unwrap_or_default()
    }

    /// What a release's entry says of its making.
    pub fn about_release(&self, release: &Release) -> About {
        let text = self.body.get(release.manifest.clone()).unwrap_or_default();
        serde_json::from_slice(text).map(|manifest| about::of_package_json(&manifest)).unwrap_or_default()
    }

    /// Bytes it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        let strings: usize = self.releases.iter().map(|r| r.version.len() + r.tarball.as_str().len()).sum();
        self.body.len() + strings + self.releases.len() * size_of::<Release>() + size_of::<Self>()
    }
}

fn release(version: &str, manifest: &RawValue, published: Option<&RawValue>, page: &str) -> Result<Release, Problem> {
    if !is_a_version(version) {
        return Err(Problem::BadVersion);
    }
    let members = Object::read(manifest.get()).ok_or(Problem::NoManifest)?;
    // A client takes the version of the entry for what it installs, so the two must be one.
    if members.text("version").is_some_and(|stated| stated != version) {
        return Err(Problem::OtherVersion);
    }
    let dist = members.object("dist").ok_or(Problem::NoManifest)?;
    let tarball = dist.text("tarball").filter(|address| address.len() <= limits::INDEX_URL_BYTES);
    let tarball = tarball.and_then(|address| Url::parse(&address).ok()).filter(is_http).ok_or(Problem::BadTarball)?;
    let start = manifest.get().as_ptr().addr() - page.as_ptr().addr();
    Ok(Release {
        version: version.into(),
        order: Version::parse(version).ok(),
        published: published.and_then(text).and_then(|time| time.parse().ok()),
        tarball,
        content: integrity::read(dist.text("integrity").as_deref(), dist.text("shasum").as_deref()),
        is_attested: dist.object("attestations").is_some(),
        // `deprecated: ""` and `false` are how a deprecation is taken back.
        is_deprecated: members.get("deprecated").is_some_and(|value| !matches!(value.get(), "\"\"" | "false" | "null")),
        manifest: start..start + manifest.get().len(),
    })
}

/// Whether a text can be a version, loose old ones included: it becomes part of an archive's name and of a path.
pub fn is_a_version(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b".-+_~".contains(&byte);
    !text.is_empty() && text.len() <= limits::NAME_BYTES && text.bytes().all(is_sign)
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn in_our_words(error: &serde_json::Error) -> PackumentError {
    let problem = match error.classify() {
        Category::Data => return PackumentError::WrongShape { part: "top level", expected: "an object" },
        Category::Eof => "it ends in the middle",
        Category::Syntax | Category::Io => "unexpected text",
    };
    PackumentError::InvalidJson { line: error.line(), column: error.column(), problem }
}

fn not_utf8(body: &[u8], valid_up_to: usize) -> PackumentError {
    let before = &body[..valid_up_to];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    PackumentError::InvalidJson { line, column, problem: "it is not UTF-8" }
}

#[derive(Default)]
struct Notes {
    kept: Vec<Note>,
    left_out: usize,
}

impl Notes {
    fn add(&mut self, version: &str, problem: Problem) {
        if self.kept.len() == limits::INDEX_PAGE_NOTES {
            self.left_out += 1;
            return;
        }
        let shown: String = version.chars().take(120).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect();
        self.kept.push(Note { version: shown.into(), problem });
    }
}

#[cfg(test)]
mod tests;
