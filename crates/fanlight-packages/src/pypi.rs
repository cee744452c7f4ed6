//! The Python door, at `/pypi/`: the simple repository API (PEP 503, 691, 700) in front of an upstream index.
//!
//! Only the protocol: what an index page is stands in [`formats`], the list of all projects in [`list`], the routes in
//! [`routes`]. What doors do with it is in [`crate::door`].

pub mod discover;
pub mod formats;
mod list;
mod routes;

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::purl::{is_pypi_name, normalized_pypi_name};
use fanlight_base::{Purl, Timestamp, limits};
use fanlight_gate::Routes;
use http::{HeaderMap, header};
use url::Url;

use crate::door::Door;
use crate::ecosystem::{Content, Ecosystem, File, Form, Index, Name, PageFault, Part, Release, Verdict};
use crate::files::Wanted;
use crate::project::{LookError, Project, Projects};
use formats::index::{self, IndexError, IndexFile};
use formats::name::{FileName, Version};
use formats::negotiate::{self, Format};
use formats::render;
use list::ListPlace;

/// The Python ecosystem.
#[derive(Default)]
pub struct Pypi {
    list: Arc<ListPlace>,
}

/// A project's name in PEP 503's normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName(Arc<str>);

impl Name for ProjectName {
    fn text(&self) -> Arc<str> {
        self.0.clone()
    }

    fn purl(&self, version: Option<&str>) -> Purl {
        Purl::pypi(&self.0, version)
    }
}

impl Ecosystem for Pypi {
    const TYPE: &'static str = "pypi";
    const SETTING: &'static str = "packages.pypi.upstream";
    const UPSTREAM: &'static str = "your package index";
    const ACCEPT: &'static str =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

    type Name = ProjectName;
    type Index = index::Index;
    type Version = Version;
    type Form = Format;

    fn name(text: &str) -> Result<ProjectName, String> {
        if is_pypi_name(text) {
            return Ok(ProjectName(normalized_pypi_name(text).into()));
        }
        Err(format!(
            "names have letters, digits, dots, dashes and underscores, begin with a letter or digit, and are at most {} \
             bytes long",
            limits::NAME_BYTES
        ))
    }

    /// A bare name is a Python project's.
    fn typed(name: &ProjectName) -> String {
        name.0.to_string()
    }

    fn page_address(base: &Url, name: &ProjectName) -> Option<Url> {
        base.join(&format!("{}/", name.0)).ok()
    }

    fn read(
        name: &ProjectName,
        content_type: Option<&str>,
        page: &Url,
        body: Bytes,
    ) -> Result<index::Index, PageFault> {
        index::parse(&name.0, content_type, page, &body).map_err(page_fault)
    }

    fn release(name: &ProjectName, file: &IndexFile) -> Release<Version> {
        let version = FileName::parse(&file.filename, &name.0).ok().map(|parsed| parsed.version);
        Release { text: version.as_ref().map(|version| version.to_string().into()), version }
    }

    fn file_name(_: &ProjectName, file: &IndexFile) -> Arc<str> {
        file.filename.clone()
    }

    fn is_preview(version: &Version) -> bool {
        version.any_prerelease()
    }

    /// By PEP 440: `1.0` and `1.0.0` are one.
    fn same_version(one: &str, other: &str) -> bool {
        let parsed = |text: &str| text.parse::<Version>();
        one == other || matches!((parsed(one), parsed(other)), (Ok(one), Ok(other)) if one == other)
    }

    fn write(index: &index::Index, verdicts: &[Verdict], form: Format, _: &str) -> Vec<u8> {
        render::project(index, verdicts, form)
    }

    async fn locate(
        &self,
        _: &Arc<Projects<Self>>,
        project: &Project<Self>,
        file: &IndexFile,
        part: Part,
    ) -> Result<Option<Wanted>, Arc<LookError>> {
        let Ok(mut url) = Url::parse(&file.address()) else { return Ok(None) };
        Ok(match part {
            Part::Whole => {
                file.hashes.sha256.map(|sha256| project.wanted(sha256.into(), url, file.size, limits::FILE_BYTES))
            }
            Part::Metadata => file.core_metadata.sha256().map(|sha256| {
                url.set_path(&format!("{}.metadata", url.path()));
                project.wanted(sha256.into(), url, None, limits::METADATA_BYTES)
            }),
        })
    }

    fn content_type(file: &str, part: Part) -> &'static str {
        if part == Part::Metadata {
            return "text/plain; charset=utf-8";
        }
        match file.rsplit_once('.').map(|(_, ending)| ending) {
            Some("gz" | "tgz") => "application/gzip",
            Some("whl" | "zip" | "egg") => "application/zip",
            _ => "application/octet-stream",
        }
    }

    fn routes(door: &Arc<Door<Self>>) -> Routes {
        routes::routes(door)
    }
}

/// A page that posed as an index is mostly a login.
fn page_fault(cause: IndexError) -> PageFault {
    let advice = matches!(cause, IndexError::NotAnIndex(_)).then_some(
        "Open the address of packages.pypi.upstream in a browser: an index that wants a login needs user and password in \
         that setting; a login of the network itself is for whoever runs the network.",
    );
    PageFault { advice, ..cause.into() }
}

impl Index for index::Index {
    type File = IndexFile;

    fn files(&self) -> &[IndexFile] {
        &self.files
    }

    fn file(&self, name: &str) -> Option<&IndexFile> {
        self.files.iter().find(|file| &*file.filename == name)
    }

    fn status(&self) -> (&str, Option<&Arc<str>>) {
        (self.project_status.status.as_str(), self.project_status.reason.as_ref())
    }

    fn may_hide_files(&self) -> bool {
        self.project_status.status.may_hide_files()
    }

    fn bytes(&self) -> usize {
        self.weight()
    }
}

impl File for IndexFile {
    fn key(&self) -> &Arc<str> {
        &self.filename
    }

    fn published(&self) -> Option<Timestamp> {
        self.upload_time
    }

    fn content(&self) -> Content {
        match (self.hashes.sha256, self.hashes.is_empty()) {
            (Some(sha256), _) => Content::Known(sha256.into()),
            (None, false) => Content::Weak,
            (None, true) => Content::Unstated,
        }
    }

    fn size(&self) -> Option<u64> {
        self.size
    }

    fn is_yanked(&self) -> bool {
        self.yanked.is_yanked()
    }

    fn yanked_reason(&self) -> Option<&Arc<str>> {
        self.yanked.reason()
    }

    fn is_attested(&self) -> bool {
        self.provenance.is_some()
    }
}

impl Form for Format {
    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn content_type(self) -> &'static str {
        self.content_type()
    }

    fn wanted(headers: &HeaderMap) -> Result<Self, String> {
        negotiate::choose(crate::door::joined(headers, header::ACCEPT).as_deref()).map_err(|error| error.to_string())
    }
}
