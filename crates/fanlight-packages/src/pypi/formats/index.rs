//! A project's index page as values, read from JSON (PEP 691, 700, 714, 740, 792) or HTML (PEP 503, 592, 629, 658, 714).
//!
//! Owns what a page may say and how much of it. A page that is no page is an error; a file that is wrong in part keeps
//! what can be trusted, a file that cannot be served safely is left out, and either leaves a [`Note`]. Invariant: file
//! names in an [`Index`] are unique and safe as one path segment, addresses are absolute `http` or `https`.

use std::fmt;
use std::sync::Arc;

use fanlight_base::{Fault, Timestamp, limits};
pub use fanlight_store::Sha256;
use url::Url;

mod address;
mod build;
mod html;
mod json;
pub mod list;
mod note;
mod status;
mod weight;
mod witness;

pub use address::Address;
pub use note::{Note, Problem};
pub use status::{ProjectStatus, Status};
pub use witness::Posing;

/// The newest minor version of the JSON form that is understood (PEP 792 made it 1.4).
pub const NEWEST_MINOR: u32 = 4;

/// Hash algorithms that can stand in an address's fragment, as clients know them from Python's `hashlib` (PEP 503).
pub const FRAGMENT_ALGORITHMS: [&str; 6] = ["sha256", "sha384", "sha512", "sha224", "sha1", "md5"];

/// What one project's page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The project's name in PEP 503's normal form: the one that was asked for.
    pub name: Arc<str>,
    /// The version of the form the page says it has, `1.0` where it says none (PEP 629).
    pub api_version: ApiVersion,
    /// The versions the page lists (PEP 700), or those the file names tell where the page has no list.
    pub versions: Vec<Box<str>>,
    /// The project's status (PEP 792).
    pub project_status: ProjectStatus,
    /// The files, in the page's order.
    pub files: Vec<IndexFile>,
    /// What was wrong in parts, at most [`limits::INDEX_PAGE_NOTES`].
    pub notes: Vec<Note>,
    /// How many more notes there would have been.
    pub notes_left_out: usize,
}

/// The version of the form, `major.minor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion {
    /// Only 1 is understood.
    pub major: u32,
    /// Newer ones than [`NEWEST_MINOR`] are read as if they were that (PEP 629).
    pub minor: u32,
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What the page says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Its name: one safe path segment, see [`super::name::check_file_name`].
    pub filename: Arc<str>,
    /// Where the upstream has it: absolute, `http` or `https`, without a fragment. See [`IndexFile::address`].
    pub url: Address,
    /// Its hashes.
    pub hashes: Hashes,
    /// The Python versions it says it runs on, as written (PEP 345).
    pub requires_python: Option<Arc<str>>,
    /// Bytes (PEP 700).
    pub size: Option<u64>,
    /// When the upstream says it was uploaded (PEP 700).
    pub upload_time: Option<Timestamp>,
    /// Whether it was yanked (PEP 592).
    pub yanked: Yanked,
    /// Whether its metadata can be fetched apart (PEP 658, PEP 714).
    pub core_metadata: CoreMetadata,
    /// Whether the upstream says there is a detached signature. `None` where it says nothing.
    pub gpg_sig: Option<bool>,
    /// Where its attestations are (PEP 740): absolute, `http` or `https`. See [`IndexFile::attested_at`].
    pub provenance: Option<Address>,
}

impl IndexFile {
    /// The text of where the upstream has it.
    pub fn address(&self) -> String {
        self.url.text(&self.filename)
    }

    /// The text of where its attestations are.
    pub fn attested_at(&self) -> Option<String> {
        Some(self.provenance.as_ref()?.text(&self.filename))
    }
}

/// A file's hashes as the page states them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// The one that Fanlight verifies.
    pub sha256: Option<Sha256>,
    /// Others: algorithm and hexadecimal value, in lower case, passed on as they are.
    pub others: Box<[(Arc<str>, Box<str>)]>,
}

impl Hashes {
    /// Whether the page states none.
    pub const fn is_empty(&self) -> bool {
        self.sha256.is_none() && self.others.is_empty()
    }
}

/// Whether a file was yanked, and the reason if one was given (PEP 592).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Yanked {
    /// It was not.
    #[default]
    No,
    /// It was. The reason is bounded text without control characters.
    Yes(Option<Arc<str>>),
}

impl Yanked {
    /// Whether it was.
    pub const fn is_yanked(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// The reason, if one was given.
    pub fn reason(&self) -> Option<&Arc<str>> {
        match self {
            Self::Yes(reason) => reason.as_ref(),
            Self::No => None,
        }
    }
}

/// Whether a file's metadata can be fetched apart from it, as `{file}.metadata` (PEP 658).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CoreMetadata {
    /// It cannot, or the page does not say.
    #[default]
    No,
    /// It can.
    Yes {
        /// The metadata file's hash, if stated.
        sha256: Option<Sha256>,
    },
}

impl CoreMetadata {
    /// The metadata file's hash, if it can be fetched and its hash is known.
    pub const fn sha256(self) -> Option<Sha256> {
        match self {
            Self::Yes { sha256 } => sha256,
            Self::No => None,
        }
    }
}

/// Why a page could not be read. The text shows no page content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Neither of the forms.
    #[error(
        "the upstream answered with the content type {content_type:?}, not with an index page \
         (application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html or text/html)"
    )]
    WrongType {
        /// The content type as stated, cleaned and cut; `none` where there was none.
        content_type: String,
    },
    /// Over [`limits::INDEX_PAGE_BYTES`].
    #[error("the index page has {bytes} bytes, over the limit of {limit}", limit = limits::INDEX_PAGE_BYTES)]
    TooLong {
        /// Its size.
        bytes: usize,
    },
    /// More things than one page may have.
    #[error("the index page lists more {what} than the limit of {limit}")]
    TooMany {
        /// `files`, `versions` or `projects`.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Not JSON.
    #[error("the index page is no valid JSON: line {line}, column {column}: {problem}")]
    InvalidJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// In words, without content.
        problem: &'static str,
    },
    /// JSON, but not an index page.
    #[error("the index page's {part} is not {expected}")]
    WrongShape {
        /// The key, or `top level`.
        part: &'static str,
        /// What it should have been.
        expected: &'static str,
    },
    /// HTML, but a page for people instead of an index page.
    #[error("the upstream answered with {0}, not with an index page")]
    NotAnIndex(Posing),
    /// A major version that is not understood (PEP 629 asks clients to stop there).
    #[error("the index page has the form's version {version}; only 1.x is understood")]
    UnknownVersion {
        /// As stated, cleaned and cut.
        version: String,
    },
}

impl IndexError {
    /// The upstream's, always.
    pub const fn fault(&self) -> Fault {
        Fault::Upstream
    }

    /// The limit that was met, in words, where one was.
    pub fn limit(&self) -> Option<String> {
        match self {
            Self::TooLong { .. } => Some(format!("{} bytes", limits::INDEX_PAGE_BYTES)),
            Self::TooMany { what, limit } => Some(format!("{limit} {what}")),
            _ => None,
        }
    }
}

/// The two forms a page can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Html,
}

impl Form {
    /// By the content type, without its parameters.
    fn of(content_type: Option<&str>) -> Result<Self, IndexError> {
        let stated = content_type.unwrap_or("none");
        let essence = stated.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        if is("application/vnd.pypi.simple.v1+json") {
            Ok(Self::Json)
        } else if is("application/vnd.pypi.simple.v1+html") || is("text/html") {
            Ok(Self::Html)
        } else {
            Err(IndexError::WrongType { content_type: note::cleaned(stated) })
        }
    }
}

/// Reads a project's page. `project` is the name that was asked for; `page` is the address the page came from in the end,
/// after redirects, against which relative addresses are taken.
pub fn parse(project: &str, content_type: Option<&str>, page: &Url, body: &[u8]) -> Result<Index, IndexError> {
    let form = Form::of(content_type)?;
    if body.len() > limits::INDEX_PAGE_BYTES {
        return Err(IndexError::TooLong { bytes: body.len() });
    }
    match form {
        Form::Json => json::parse(project, page, body),
        Form::Html => html::parse(project, page, body),
    }
}

#[cfg(test)]
mod tests;
