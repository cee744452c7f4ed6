//! From a file's fields as they stand on a page, of either form, to an [`IndexFile`], or to a note why not.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use fanlight_base::purl::normalized_pypi_name;
use fanlight_base::{Timestamp, limits};
use url::Url;

use super::address::{Address, Bases};
use super::note::{Note, Problem, cleaned};
use super::{
    ApiVersion, CoreMetadata, Hashes, Index, IndexError, IndexFile, NEWEST_MINOR, ProjectStatus, Sha256, Status, Yanked,
};
use crate::pypi::formats::name::{FileName, check_file_name, is_unshowable};

/// A file's fields, not yet judged. `wrong` names those whose type was wrong.
#[derive(Debug, Default)]
pub(super) struct RawFile<'a> {
    pub(super) filename: Option<Cow<'a, str>>,
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) hashes: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(super) requires_python: Option<Cow<'a, str>>,
    pub(super) size: Option<u64>,
    pub(super) upload_time: Option<Cow<'a, str>>,
    pub(super) yanked: RawYanked<'a>,
    pub(super) core_metadata: Option<RawMetadata<'a>>,
    pub(super) dist_info_metadata: Option<RawMetadata<'a>>,
    pub(super) gpg_sig: Option<bool>,
    pub(super) provenance: Option<Cow<'a, str>>,
    pub(super) wrong: Vec<&'static str>,
}

/// `yanked` as it stands.
#[derive(Debug, Default)]
pub(super) enum RawYanked<'a> {
    #[default]
    No,
    Yes,
    Because(Cow<'a, str>),
}

/// `core-metadata` as it stands.
#[derive(Debug)]
pub(super) enum RawMetadata<'a> {
    No,
    Yes,
    Hashes(Vec<(Cow<'a, str>, Cow<'a, str>)>),
}

/// Gathers an [`Index`].
pub(super) struct Builder {
    index: Index,
    page: Url,
    names: HashSet<Arc<str>, foldhash::fast::RandomState>,
    /// Texts that the files share.
    shared: Bases,
    versions_stated: bool,
}

impl Builder {
    pub(super) fn new(project: &str, page: &Url) -> Self {
        let index = Index {
            name: normalized_pypi_name(project).into(),
            api_version: ApiVersion { major: 1, minor: 0 },
            versions: Vec::new(),
            project_status: ProjectStatus::default(),
            files: Vec::new(),
            notes: Vec::new(),
            notes_left_out: 0,
        };
        Self { index, page: page.clone(), names: HashSet::default(), shared: Bases::default(), versions_stated: false }
    }

    /// The project's name in normal form.
    pub(super) const fn name(&self) -> &Arc<str> {
        &self.index.name
    }

    /// Whether an address on the page is that of a folder which the page is in.
    pub(super) fn is_below(&self, address: &str) -> bool {
        self.page.join(address).is_ok_and(|folder| self.page.as_str().starts_with(folder.as_str()))
    }

    /// Sets what relative addresses are taken against (HTML's `base`).
    pub(super) fn set_base(&mut self, href: &str) {
        if let Some(base) = absolute(&self.page, href) {
            self.page = base;
        }
    }

    pub(super) fn note(&mut self, file: Option<&str>, problem: Problem) {
        if self.index.notes.len() < limits::INDEX_PAGE_NOTES {
            self.index.notes.push(Note { file: file.map(|name| cleaned(name).into()), problem });
        } else {
            self.index.notes_left_out += 1;
        }
    }

    pub(super) fn name_stated(&mut self, name: &str) {
        if normalized_pypi_name(name) != *self.index.name {
            self.note(None, Problem::OtherProject);
        }
    }

    /// PEP 629: a newer minor version is a warning, another major one the end.
    pub(super) fn api_version(&mut self, text: &str) -> Result<(), IndexError> {
        let unknown = || IndexError::UnknownVersion { version: cleaned(text) };
        let (major, minor) = text.split_once('.').ok_or_else(unknown)?;
        let (major, minor) = (major.parse().map_err(|_| unknown())?, minor.parse().map_err(|_| unknown())?);
        if major != 1 {
            return Err(unknown());
        }
        if minor > NEWEST_MINOR {
            self.note(None, Problem::NewerForm);
        }
        self.index.api_version = ApiVersion { major, minor };
        Ok(())
    }

    pub(super) fn status(&mut self, status: &str) {
        let status = Status::read(status);
        if matches!(status, Status::Unknown(_)) {
            self.note(None, Problem::UnknownStatus);
        }
        self.index.project_status.status = status;
    }

    pub(super) fn status_reason(&mut self, reason: &str) {
        self.index.project_status.reason = sentence(reason);
    }

    pub(super) fn bad_page_field(&mut self, field: &'static str) {
        self.note(None, Problem::BadField(field));
    }

    /// Says that the page has a list of versions, even an empty one.
    pub(super) fn versions_stated(&mut self) {
        self.versions_stated = true;
    }

    pub(super) fn version(&mut self, text: Option<&str>) -> Result<(), IndexError> {
        if self.index.versions.len() >= limits::INDEX_PAGE_VERSIONS {
            return Err(IndexError::TooMany { what: "versions", limit: limits::INDEX_PAGE_VERSIONS });
        }
        match text {
            Some(text) if !text.is_empty() && text.len() <= limits::NAME_BYTES && !text.chars().any(is_unshowable) => {
                self.index.versions.push(text.into());
            }
            _ => self.note(None, Problem::BadVersion),
        }
        Ok(())
    }

    /// Takes one file in, or notes why not. The error is the page's: too many files.
    pub(super) fn file(&mut self, raw: &RawFile<'_>) -> Result<(), IndexError> {
        if self.index.files.len() >= limits::INDEX_PAGE_FILES {
            return Err(IndexError::TooMany { what: "files", limit: limits::INDEX_PAGE_FILES });
        }
        let Some(filename) = raw.filename.as_deref() else {
            self.note(None, Problem::NoFileName);
            return Ok(());
        };
        if let Err(refused) = check_file_name(filename) {
            self.note(Some(filename), Problem::RefusedName(refused));
            return Ok(());
        }
        let Some(url) = raw.url.as_deref().and_then(|url| absolute(&self.page, url)) else {
            self.note(Some(filename), Problem::BadUrl);
            return Ok(());
        };
        let filename: Arc<str> = filename.into();
        if !self.names.insert(filename.clone()) {
            self.note(Some(&filename), Problem::Duplicate);
            return Ok(());
        }
        let mut wrong = raw.wrong.clone();
        let file = IndexFile {
            hashes: hashes(&raw.hashes, "hashes", &mut wrong, &mut self.shared),
            requires_python: kept(raw.requires_python.as_deref(), "requires-python", &mut wrong, |text| {
                bounded_line(text).map(|text| self.shared.share(text))
            }),
            size: raw.size,
            upload_time: kept(raw.upload_time.as_deref(), "upload-time", &mut wrong, upload_time),
            yanked: match &raw.yanked {
                RawYanked::No => Yanked::No,
                RawYanked::Yes => Yanked::Yes(None),
                RawYanked::Because(reason) => Yanked::Yes(sentence(reason)),
            },
            // PEP 714: the key that was renamed to core-metadata counts only where the new one is not there.
            core_metadata: match raw.core_metadata.as_ref().or(raw.dist_info_metadata.as_ref()) {
                None | Some(RawMetadata::No) => CoreMetadata::No,
                Some(RawMetadata::Yes) => CoreMetadata::Yes { sha256: None },
                Some(RawMetadata::Hashes(stated)) => {
                    CoreMetadata::Yes { sha256: hashes(stated, "core-metadata", &mut wrong, &mut self.shared).sha256 }
                }
            },
            gpg_sig: raw.gpg_sig,
            provenance: kept(raw.provenance.as_deref(), "provenance", &mut wrong, |text| absolute(&self.page, text))
                .map(|url| Address::new(&url, &filename, &mut self.shared)),
            url: Address::new(&url, &filename, &mut self.shared),
            filename,
        };
        for field in wrong {
            self.note(Some(&file.filename), Problem::BadField(field));
        }
        self.index.files.push(file);
        Ok(())
    }

    /// The page as read. Where it had no list of versions, the file names tell them.
    pub(super) fn finish(mut self) -> Index {
        if !self.versions_stated {
            let mut known = HashSet::<String, foldhash::fast::RandomState>::default();
            for file in &self.index.files {
                if let Ok(parsed) = FileName::parse(&file.filename, &self.index.name) {
                    let version = parsed.version.to_string();
                    if !known.contains(&version) {
                        self.index.versions.push(version.as_str().into());
                        known.insert(version);
                    }
                }
            }
        }
        // What grew by doubling is half empty.
        self.index.versions.shrink_to_fit();
        self.index.files.shrink_to_fit();
        self.index
    }
}

/// The field's value; a field that is there but cannot be read is put on the list of wrong ones.
fn kept<T>(
    text: Option<&str>,
    field: &'static str,
    wrong: &mut Vec<&'static str>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let value = read(text?);
    if value.is_none() {
        wrong.push(field);
    }
    value
}

/// The hashes that can be used. A SHA-256 that is none, or two that differ, leave the file without: it cannot be verified.
fn hashes(
    stated: &[(Cow<'_, str>, Cow<'_, str>)],
    field: &'static str,
    wrong: &mut Vec<&'static str>,
    shared: &mut Bases,
) -> Hashes {
    let mut sha256 = None;
    let mut others: Vec<(Arc<str>, Box<str>)> = Vec::new();
    let mut spoiled = stated.len() > limits::INDEX_FILE_HASHES;
    for (algorithm, value) in stated.iter().take(limits::INDEX_FILE_HASHES) {
        if algorithm.eq_ignore_ascii_case("sha256") {
            match (value.parse::<Sha256>().ok(), sha256) {
                (Some(value), None) => sha256 = Some(value),
                (Some(value), Some(other)) if value == other => {}
                _ => spoiled = true,
            }
        } else if is_algorithm(algorithm) && is_hex(value) {
            let (algorithm, value) = (algorithm.to_ascii_lowercase(), value.to_ascii_lowercase());
            if !others.iter().any(|(known, _)| **known == *algorithm) {
                others.push((shared.share(&algorithm), value.into()));
            }
        } else {
            wrong.push(field);
        }
    }
    if spoiled {
        sha256 = None;
        wrong.push(field);
    }
    Hashes { sha256, others: others.into() }
}

/// A name as `hashlib` has them: letters, digits, `_` and `-`, at most 32.
fn is_algorithm(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_hex(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// An address on or below `page`, absolute, `http` or `https`, without its fragment.
pub(super) fn absolute(page: &Url, text: &str) -> Option<Url> {
    if text.is_empty() || text.len() > limits::INDEX_URL_BYTES {
        return None;
    }
    let mut url = page.join(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    if url.fragment().is_some() {
        url.set_fragment(None);
    }
    Some(url)
}

/// RFC 3339; without an offset it is UTC, which PEP 700 asks for anyway.
fn upload_time(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// Text of one line within the limit, or nothing.
fn bounded_line(text: &str) -> Option<&str> {
    (text.len() <= limits::INDEX_TEXT_BYTES && !text.chars().any(is_unshowable)).then_some(text)
}

/// A sentence from outside: line breaks become spaces, other unshowable characters go, and it is cut to the limit. `None`
/// where nothing is left.
fn sentence(text: &str) -> Option<Arc<str>> {
    let mut out = String::with_capacity(text.len().min(limits::INDEX_TEXT_BYTES));
    for c in text.chars() {
        let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
        if is_unshowable(c) {
            continue;
        }
        if out.len() + c.len_utf8() > limits::INDEX_TEXT_BYTES - '…'.len_utf8() {
            out.push('…');
            break;
        }
        out.push(c);
    }
    let out = out.trim();
    (!out.is_empty()).then(|| out.into())
}
