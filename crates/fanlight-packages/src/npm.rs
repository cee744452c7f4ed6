//! The npm door, at `/npm/`: a registry for npm, pnpm and yarn in front of an upstream one.
//!
//! Only the protocol: what a packument is stands in [`formats`], which addresses there are in [`path`] and [`routes`].
//! What doors do with it is in [`crate::door`].

mod audit;
pub mod discover;
pub mod formats;
pub mod path;
mod routes;

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Purl, Timestamp, limits};
use fanlight_gate::Routes;
use http::{HeaderMap, header};
use semver::Version;
use url::Url;

use crate::about::About;
use crate::client::Client;
use crate::door::{Door, VARY_BY_CLIENT, joined};
use crate::ecosystem::{self, Content, Ecosystem, File, FileOf, Index, PageFault, Part, Release, Verdict};
use crate::files::Wanted;
use crate::project::{AsidePlace, LookError, Project, Projects};
use formats::name::Name;
use formats::packument::{self, Packument, PackumentError};
use formats::render::{self, Form, Manner, Shape};

/// The npm ecosystem.
#[derive(Default)]
pub struct Npm {
    /// The keys that registry signatures are made with, as the upstream has them.
    keys: Arc<AsidePlace<Bytes>>,
    audits: audit::Turns,
}

/// Where the door is.
const DOOR: &str = "/npm/";

impl Ecosystem for Npm {
    const TYPE: &'static str = "npm";
    const SETTING: &'static str = "packages.npm.upstream";
    const UPSTREAM: &'static str = "your npm registry";
    /// The full form, because the abbreviated one has no publish times.
    const ACCEPT: &'static str = "application/json";

    type Name = Name;
    type Index = Packument;
    type Version = Version;
    type Form = Form;

    fn name(text: &str) -> Result<Name, String> {
        Name::parse(text).map_err(|error| error.to_string())
    }

    fn name_in(purl: &Purl) -> String {
        match purl.namespace() {
            Some(scope) => format!("{scope}/{}", purl.name()),
            None => purl.name().to_owned(),
        }
    }

    fn page_address(base: &Url, name: &Name) -> Option<Url> {
        // Registries know a scope's slash escaped; some know it only so.
        base.join(&name.as_str().replace('/', "%2f")).ok()
    }

    fn read(name: &Name, _: Option<&str>, _: &Url, body: Bytes) -> Result<Packument, PageFault> {
        Packument::parse(name, body).map_err(page_fault)
    }

    fn release(_: &Name, file: &FileOf<Self>) -> Release<Version> {
        Release { text: Some(file.version.clone()), version: file.order.clone() }
    }

    fn file_name(name: &Name, file: &FileOf<Self>) -> Arc<str> {
        name.archive(&file.version).into()
    }

    fn is_preview(version: &Version) -> bool {
        !version.pre.is_empty()
    }

    fn same_version(one: &str, other: &str) -> bool {
        one == other
    }

    fn write(index: &Packument, verdicts: &[Verdict], form: Form, door: &str) -> Vec<u8> {
        render::packument(index, verdicts, form, door).into_bytes()
    }

    async fn locate(
        &self,
        _: &Arc<Projects<Self>>,
        project: &Project<Self>,
        file: &FileOf<Self>,
        _: Part,
    ) -> Result<Option<Wanted>, Arc<LookError>> {
        let digest = file.content.digest();
        Ok(digest.map(|digest| project.wanted(digest, file.tarball.clone(), None, limits::FILE_BYTES)))
    }

    fn content_type(_: &str, _: Part) -> &'static str {
        "application/octet-stream"
    }

    fn routes(door: &Arc<Door<Self>>) -> Routes {
        routes::routes(door)
    }
}

/// A page that is none is mostly a login.
fn page_fault(cause: PackumentError) -> PageFault {
    let advice = matches!(cause, PackumentError::InvalidJson { .. }).then_some(
        "Ask the address of packages.npm.upstream with curl: a registry that wants a login needs user and password in \
         that setting; a login of the network itself is for whoever runs the network.",
    );
    PageFault { advice, ..cause.into() }
}

impl ecosystem::Name for Name {
    fn text(&self) -> Arc<str> {
        self.text()
    }

    fn purl(&self, version: Option<&str>) -> Purl {
        self.purl(version)
    }
}

impl Index for Packument {
    type File = packument::Release;

    fn files(&self) -> &[packument::Release] {
        &self.releases
    }

    fn file(&self, name: &str) -> Option<&packument::Release> {
        self.release(self.name.version_of(name)?)
    }

    fn about(&self) -> Option<Vec<(Arc<str>, About)>> {
        Some(self.releases.iter().map(|release| (release.version.clone(), self.about_release(release))).collect())
    }

    fn bytes(&self) -> usize {
        self.weight()
    }
}

impl File for packument::Release {
    fn key(&self) -> &Arc<str> {
        &self.version
    }

    fn published(&self) -> Option<Timestamp> {
        self.published
    }

    fn content(&self) -> Content {
        self.content
    }

    fn is_attested(&self) -> bool {
        self.is_attested
    }

    fn is_discouraged(&self) -> bool {
        self.is_deprecated
    }
}

impl ecosystem::Form for Form {
    fn as_str(self) -> &'static str {
        match (self.shape, self.manner) {
            (Shape::Abbreviated, Manner::Restricted) => "abbreviated",
            (Shape::Full, Manner::Restricted) => "full",
            (Shape::Abbreviated, Manner::Deprecated) => "abbreviated-deprecating",
            (Shape::Full, Manner::Deprecated) => "full-deprecating",
        }
    }

    fn content_type(self) -> &'static str {
        match self.shape {
            Shape::Abbreviated => render::ABBREVIATED_TYPE,
            Shape::Full => "application/json",
        }
    }

    fn door_path(self) -> Option<&'static str> {
        Some(DOOR)
    }

    fn vary() -> &'static str {
        VARY_BY_CLIENT
    }

    /// The abbreviated shape to who names it, the full one to everybody else: there is always one.
    fn wanted(headers: &HeaderMap) -> Result<Self, String> {
        let accept = joined(headers, header::ACCEPT).unwrap_or_default();
        let names_it = |range: &str| {
            let mut parts = range.split(';').map(str::trim);
            let is_it = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(render::ABBREVIATED_TYPE));
            is_it && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0"))
        };
        let shape = if accept.split(',').any(names_it) { Shape::Abbreviated } else { Shape::Full };
        let manner = match Client::of(headers) {
            Client::Pnpm | Client::Yarn => Manner::Deprecated,
            _ => Manner::Restricted,
        };
        Ok(Self { shape, manner })
    }
}
