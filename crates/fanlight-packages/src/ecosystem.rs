//! What an ecosystem tells the core so that the core can be its door: its names, its pages, and how pages are written
//! for its clients.
//!
//! This is the seam between what all package doors do (look, remember, judge, serve, record) and what only one protocol
//! has. An ecosystem refuses to know policies, callers and records; the core refuses to know any form of a page. How to
//! add one is in docs/adding-an-ecosystem.md.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Purl, Timestamp};
use fanlight_gate::Routes;
use fanlight_store::Digest;
use http::HeaderMap;
use url::Url;

use crate::about::About;
use crate::door::{Door, VARY};
use crate::files::Wanted;
use crate::project::{LookError, Project, Projects};

/// One ecosystem: a value, so that it can keep what its upstream says beside the pages of projects.
pub trait Ecosystem: Sized + Send + Sync + 'static {
    /// The purl type; the ecosystem's name in facts and in the store.
    const TYPE: &'static str;
    /// The setting that names the upstream.
    const SETTING: &'static str;
    /// What the upstream is to whoever runs it: `your package index`.
    const UPSTREAM: &'static str;
    /// The media types that the upstream is asked for.
    const ACCEPT: &'static str;

    /// A project's name.
    type Name: Name;
    /// What the upstream's page of a project says.
    type Index: Index;
    /// A version in its order.
    type Version: Ord + Clone + Display + Send + Sync;
    /// The forms in which a page is written.
    type Form: Form;

    /// Reads a project's name as it is asked for, or says in a sentence why it is none.
    fn name(text: &str) -> Result<Self::Name, String>;

    /// The text of the name in a purl of this ecosystem.
    fn name_in(purl: &Purl) -> String {
        purl.name().to_owned()
    }

    /// What a person types to ask about a project: `fanlight why ...`.
    fn typed(name: &Self::Name) -> String {
        name.purl(None).to_string()
    }

    /// The address of a project's page.
    fn page_address(base: &Url, name: &Self::Name) -> Option<Url>;

    /// Reads a project's page. `page` is where it was found in the end, which relative addresses are relative to.
    fn read(name: &Self::Name, content_type: Option<&str>, page: &Url, body: Bytes) -> Result<Self::Index, PageFault>;

    /// Which release a file is of.
    fn release(name: &Self::Name, file: &FileOf<Self>) -> Release<Self::Version>;

    /// What a file is called where people see it.
    fn file_name(name: &Self::Name, file: &FileOf<Self>) -> Arc<str>;

    /// Whether a version is not meant for everybody yet.
    fn is_preview(version: &Self::Version) -> bool;

    /// Whether two texts are one version: in Python `1.0` and `1.0.0` are.
    fn same_version(one: &str, other: &str) -> bool;

    /// Writes a page. `verdicts` stand in the order of the page's files; `door` is this door's address as the client
    /// knows it, for forms that carry it.
    fn write(index: &Self::Index, verdicts: &[Verdict], form: Self::Form, door: &str) -> Vec<u8>;

    /// Where the upstream has a file or a part of it, and what it must be; nothing where that cannot be verified.
    fn locate(
        &self,
        projects: &Arc<Projects<Self>>,
        project: &Project<Self>,
        file: &FileOf<Self>,
        part: Part,
    ) -> impl Future<Output = Result<Option<Wanted>, Arc<LookError>>> + Send;

    /// The media type of a file or a part of it.
    fn content_type(file: &str, part: Part) -> &'static str;

    /// The door's addresses: they read what is asked for, and the door does the rest.
    fn routes(door: &Arc<Door<Self>>) -> Routes;
}

/// The files of an ecosystem's pages.
pub type FileOf<E> = <<E as Ecosystem>::Index as Index>::File;

/// A project's name, in the one form in which it is kept and compared.
pub trait Name: Clone + Send + Sync + 'static {
    /// Its text.
    fn text(&self) -> Arc<str>;
    /// The project's purl, or that of one release of it.
    fn purl(&self, version: Option<&str>) -> Purl;
}

/// What a project's page says, as far as the core asks.
pub trait Index: PartialEq + Send + Sync + 'static {
    /// One file on it.
    type File: File;

    /// The files, in the page's order.
    fn files(&self) -> &[Self::File];

    /// The file that clients ask for by that name.
    fn file(&self, name: &str) -> Option<&Self::File>;

    /// The project's status and the reason for it. Words as in PEP 792; `active` is nothing special.
    fn status(&self) -> (&str, Option<&Arc<str>>) {
        ("active", None)
    }

    /// Whether the page may list none of the files there are, so that it says nothing of what is gone.
    fn may_hide_files(&self) -> bool {
        false
    }

    /// What the page says of each release's making, by version, in the page's order; nothing where it tells of no publisher.
    fn about(&self) -> Option<Vec<(Arc<str>, About)>> {
        None
    }

    /// Bytes it takes in memory, roughly.
    fn bytes(&self) -> usize;
}

/// What a page says of one file, as far as the core asks.
pub trait File: Send + Sync + 'static {
    /// What tells it from the others of its page; what was seen of it is remembered under this.
    fn key(&self) -> &Arc<str>;

    /// When the upstream says it was published.
    fn published(&self) -> Option<Timestamp>;

    /// What the page says its content is.
    fn content(&self) -> Content;

    /// Its size in bytes, where stated.
    fn size(&self) -> Option<u64> {
        None
    }

    /// Whether its publisher has withdrawn it.
    fn is_yanked(&self) -> bool {
        false
    }

    /// Why, where that is said.
    fn yanked_reason(&self) -> Option<&Arc<str>> {
        None
    }

    /// Whether the page has an attestation of where it comes from.
    fn is_attested(&self) -> bool {
        false
    }

    /// Whether its publisher advises against it, so that it is not recommended instead of another.
    fn is_discouraged(&self) -> bool {
        self.is_yanked()
    }
}

/// The forms of a page.
pub trait Form: Copy + Eq + Send + Sync + 'static {
    /// The fact `format`; forms of one word have the same bytes.
    fn as_str(self) -> &'static str;

    /// The value of the answer's `Content-Type`.
    fn content_type(self) -> &'static str;

    /// The path of the door where the page carries the door's own address.
    fn door_path(self) -> Option<&'static str> {
        None
    }

    /// The headers that the choice depends on.
    fn vary() -> &'static str {
        VARY
    }

    /// The form that a client wants, or why none of them is wanted.
    fn wanted(headers: &HeaderMap) -> Result<Self, String>;
}

/// What a page says a file's content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A digest that it is verified by, the strongest that was stated.
    Known(Digest),
    /// Only hashes that can be forged, or such as are not known here.
    Weak,
    /// Nothing.
    Unstated,
}

impl Content {
    /// The fact `hash`: `sha256`, `sha384`, `sha512`, `other`, `none`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Known(digest) => digest.algorithm().as_str(),
            Self::Weak => "other",
            Self::Unstated => "none",
        }
    }

    /// The digest, where there is one to verify by.
    pub const fn digest(&self) -> Option<Digest> {
        match self {
            Self::Known(digest) => Some(*digest),
            Self::Weak | Self::Unstated => None,
        }
    }
}

/// Which release a file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release<V> {
    /// The version as it stands in the purl; nothing where the file does not say.
    pub text: Option<Arc<str>>,
    /// The version in its order; nothing where it has none.
    pub version: Option<V>,
}

/// A part of a release that can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file itself.
    Whole,
    /// Its metadata, where they can be had apart (PEP 658).
    Metadata,
}

/// What the guard says of one file on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Listed as the upstream has it: what the upstream yanked stays yanked.
    Shown,
    /// Withheld, in the way of the ecosystem that lets ranges pass it over and exact pins say the reason.
    Withheld {
        /// The sentence a person reads.
        reason: Arc<str>,
    },
}

/// Why a page could not be read, and what can be done.
#[derive(Debug)]
pub struct PageFault {
    /// What is wrong with it. Its text shows no content.
    pub cause: Box<dyn std::error::Error + Send + Sync>,
    /// What whoever runs the node can do, where there is more than to wait.
    pub advice: Option<&'static str>,
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for PageFault {
    fn from(cause: E) -> Self {
        Self { cause: Box::new(cause), advice: None }
    }
}
