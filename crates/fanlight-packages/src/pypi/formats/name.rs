//! Names of files: which may be served at all, and which version of which project a file is.
//!
//! Wheels by PEP 427, source archives by PEP 625 and, for old ones, by splitting at the project's known name; eggs by
//! setuptools' form. Versions by PEP 440. A name that fits none of these is [`NotParsable`]: a fact for policies.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use fanlight_base::limits;
use fanlight_base::purl::normalized_pypi_name;
pub use pep440_rs::Version;

/// What a file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// The project's name in PEP 503's normal form: the one it was asked under.
    pub project: Arc<str>,
    /// The version. Its text in PEP 440's normal form is what a purl of the release carries.
    pub version: Version,
    /// What kind of file.
    pub kind: Kind,
}

/// The kinds of files that clients install from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A built distribution (PEP 427).
    Wheel {
        /// The build tag, which starts with a digit, where there is one.
        build_tag: Option<Arc<str>>,
        /// Python, ABI and platform tags as written, `py3-none-any`.
        tags: Arc<str>,
    },
    /// A source archive.
    Sdist,
    /// A built distribution of the time before wheels.
    Egg,
}

impl Kind {
    /// The word for people.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Wheel { .. } => "wheel",
            Self::Sdist => "sdist",
            Self::Egg => "egg",
        }
    }
}

/// Why a file name does not say which release it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotParsable {
    /// An ending that no client installs from.
    #[error("its ending is not one of a wheel, a source archive or an egg")]
    UnknownEnding,
    /// A wheel's name has five or six parts (PEP 427).
    #[error("a wheel's name has five parts between dashes, or six with a build tag that starts with a digit (PEP 427)")]
    WheelParts,
    /// It is a file of some other project.
    #[error("it is not named after this project")]
    OtherProject,
    /// What stands in the version's place is none.
    #[error("its version is not one by PEP 440")]
    Version,
}

/// Why a file name is not safe to list or to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedName {
    /// No characters.
    #[error("a file's name cannot be empty")]
    Empty,
    /// Over [`limits::NAME_BYTES`].
    #[error("a file's name has at most {limit} bytes", limit = limits::NAME_BYTES)]
    TooLong,
    /// `/` or `\`.
    #[error("a file's name holds no path separator")]
    Separator,
    /// A dot in front: `..`, `.`, hidden files.
    #[error("a file's name does not start with a dot")]
    LeadingDot,
    /// Control characters, or such as change how the rest of the line reads.
    #[error("a file's name holds no control or direction-changing characters")]
    ControlCharacter,
    /// `.metadata` and `.asc` are taken for what belongs to another file (PEP 658, PEP 503).
    #[error("a name that ends in .metadata or .asc belongs to another file's metadata or signature")]
    Companion,
}

/// Endings of source archives that pip installs from, the longer ones first.
const SDIST_ENDINGS: [&str; 11] =
    [".tar.lzma", ".tar.bz2", ".tar.gz", ".tar.xz", ".tar.lz", ".tgz", ".tbz", ".txz", ".tlz", ".tar", ".zip"];

/// Whether a character must not stand in what is shown: controls, line separators, zero-width and direction-changing ones.
pub fn is_unshowable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Whether a file of that name may be listed and asked for: one safe path segment.
pub fn check_file_name(name: &str) -> Result<(), RefusedName> {
    if name.is_empty() {
        Err(RefusedName::Empty)
    } else if name.len() > limits::NAME_BYTES {
        Err(RefusedName::TooLong)
    } else if name.contains(['/', '\\']) {
        Err(RefusedName::Separator)
    } else if name.starts_with('.') {
        Err(RefusedName::LeadingDot)
    } else if name.chars().any(is_unshowable) {
        Err(RefusedName::ControlCharacter)
    } else if ends_with(name, ".metadata") || ends_with(name, ".asc") {
        Err(RefusedName::Companion)
    } else {
        Ok(())
    }
}

impl FileName {
    /// Reads a file's name, knowing the project it is listed under. The project's name settles where an old source
    /// archive's name ends and its version begins: `foo-2-1.0.tar.gz` is 1.0 of `foo-2`, or 2-1.0 of no `foo`.
    pub fn parse(filename: &str, project: &str) -> Result<Self, NotParsable> {
        let project = normalized_pypi_name(project);
        let (version, kind) = if let Some(stem) = without_ending(filename, ".whl") {
            wheel(stem, &project)?
        } else if let Some(stem) = without_ending(filename, ".egg") {
            (egg(stem, &project)?, Kind::Egg)
        } else if let Some(stem) = SDIST_ENDINGS.iter().find_map(|ending| without_ending(filename, ending)) {
            (after_project(stem, &project).and_then(version)?, Kind::Sdist)
        } else {
            return Err(NotParsable::UnknownEnding);
        };
        Ok(Self { project: project.into(), version, kind })
    }

    /// Whether the file is a wheel.
    pub const fn is_wheel(&self) -> bool {
        matches!(self.kind, Kind::Wheel { .. })
    }
}

impl fmt::Display for FileName {
    /// `wheel of requests 2.32.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.kind.as_str(), self.project, self.version)
    }
}

fn ends_with(name: &str, ending: &str) -> bool {
    without_ending(name, ending).is_some()
}

/// The name without its ending, of either case; `None` also where nothing would be left.
fn without_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0)?;
    name.get(at..)?.eq_ignore_ascii_case(ending).then(|| &name[..at])
}

/// PEP 427: `{name}-{version}(-{build})?-{python}-{abi}-{platform}`.
fn wheel(stem: &str, project: &str) -> Result<(Version, Kind), NotParsable> {
    let parts: Vec<&str> = stem.splitn(7, '-').collect();
    let (name, version_text, build_tag, tags) = match parts[..] {
        [name, version, _, _, _] => (name, version, None, 2),
        [name, version, build, _, _, _] if build.starts_with(|c: char| c.is_ascii_digit()) => {
            (name, version, Some(build), 3)
        }
        _ => return Err(NotParsable::WheelParts),
    };
    if parts.iter().any(|part| part.is_empty()) {
        return Err(NotParsable::WheelParts);
    }
    if normalized_pypi_name(name) != project {
        return Err(NotParsable::OtherProject);
    }
    let kind = Kind::Wheel { build_tag: build_tag.map(Into::into), tags: parts[tags..].join("-").into() };
    Ok((version(version_text)?, kind))
}

/// `{name}-{version}-py{python}(-{platform})?`, where dashes in name and version were written as `_`.
fn egg(stem: &str, project: &str) -> Result<Version, NotParsable> {
    let rest = after_project(stem, project)?;
    let text = match rest.find("-py") {
        Some(at) => &rest[..at],
        None => rest,
    };
    version(text)
}

/// What follows the project's name and a dash. Of several places where the name could end, the one that leaves a version.
fn after_project<'a>(stem: &'a str, project: &str) -> Result<&'a str, NotParsable> {
    let mut found = None;
    for (at, _) in stem.match_indices('-') {
        if normalized_pypi_name(&stem[..at]) == project {
            let rest = &stem[at + 1..];
            if version(rest).is_ok() {
                return Ok(rest);
            }
            found = found.or(Some(rest));
        }
    }
    found.ok_or(NotParsable::OtherProject)
}

/// A version as it stands in a file name, where old tools wrote `_` for `-`.
fn version(text: &str) -> Result<Version, NotParsable> {
    if !text.is_ascii() {
        return Err(NotParsable::Version);
    }
    Version::from_str(text).or_else(|_| Version::from_str(&text.replace('_', "-"))).map_err(|_| NotParsable::Version)
}

#[cfg(test)]
mod tests;
