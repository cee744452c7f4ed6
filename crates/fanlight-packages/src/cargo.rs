//! The cargo door, at `/cargo/`: a sparse index and its archives in front of an upstream one, for source replacement.
//!
//! Only the protocol: what a crate's file is stands in [`formats`], what the upstream says of itself in [`config`], the
//! addresses in [`routes`]. What doors do with it is in [`crate::door`].

mod config;
pub mod discover;
pub mod formats;
mod routes;

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::{Purl, Timestamp, limits};
use fanlight_gate::Routes;
use fanlight_store::Digest;
use http::HeaderMap;
use semver::Version;
use url::Url;

use crate::door::Door;
use crate::ecosystem::{self, Content, Ecosystem, File, FileOf, Form, Index, PageFault, Part, Release, Verdict};
use crate::files::Wanted;
use crate::project::{LookError, Project, Projects};
use formats::index::{self, Crate};
use formats::name::Name;

/// The ecosystem of crates.
#[derive(Default)]
pub struct Cargo {
    /// What the indexes say of themselves, by upstream.
    configs: config::Configs,
}

impl Ecosystem for Cargo {
    const TYPE: &'static str = "cargo";
    const SETTING: &'static str = "packages.cargo.upstream";
    const UPSTREAM: &'static str = "your registry's sparse index";
    const ACCEPT: &'static str = "text/plain, */*;q=0.1";

    type Name = Name;
    type Index = Crate;
    type Version = Version;
    type Form = Lines;

    fn name(text: &str) -> Result<Name, String> {
        Name::parse(text).map_err(|error| error.to_string())
    }

    fn page_address(base: &Url, name: &Name) -> Option<Url> {
        base.join(&name.place()).ok()
    }

    fn read(name: &Name, _: Option<&str>, _: &Url, body: Bytes) -> Result<Crate, PageFault> {
        Crate::parse(name, body).map_err(Into::into)
    }

    fn release(_: &Name, file: &FileOf<Self>) -> Release<Version> {
        Release { text: Some(file.text.clone()), version: Some(file.version.clone()) }
    }

    fn file_name(name: &Name, file: &FileOf<Self>) -> Arc<str> {
        name.archive(&file.text).into()
    }

    fn is_preview(version: &Version) -> bool {
        !version.pre.is_empty()
    }

    fn same_version(one: &str, other: &str) -> bool {
        one == other
    }

    /// What is withheld is yanked: cargo's resolver passes it over, and its lock files go on to the archive, which says why.
    fn write(index: &Crate, verdicts: &[Verdict], _: Lines, _: &str) -> Vec<u8> {
        let withheld: Vec<bool> = verdicts.iter().map(|verdict| *verdict != Verdict::Shown).collect();
        index.render(&withheld)
    }

    async fn locate(
        &self,
        projects: &Arc<Projects<Self>>,
        project: &Project<Self>,
        file: &FileOf<Self>,
        _: Part,
    ) -> Result<Option<Wanted>, Arc<LookError>> {
        let Some(checksum) = file.checksum else { return Ok(None) };
        let config = config::see(self.configs.of(&project.from), &project.from, projects).await?;
        let url = config.thing.thing.address(&project.name, file, checksum);
        let digest = Digest::Sha256(checksum);
        Ok(url.map(|url| project.wanted(digest, url, None, limits::FILE_BYTES)))
    }

    fn content_type(_: &str, _: Part) -> &'static str {
        "application/gzip"
    }

    fn routes(door: &Arc<Door<Self>>) -> Routes {
        routes::routes(door)
    }
}

impl ecosystem::Name for Name {
    fn text(&self) -> Arc<str> {
        self.text()
    }

    fn purl(&self, version: Option<&str>) -> Purl {
        self.purl(version)
    }
}

impl Index for Crate {
    type File = index::Release;

    fn files(&self) -> &[index::Release] {
        &self.releases
    }

    fn file(&self, name: &str) -> Option<&index::Release> {
        self.release(self.name.version_of(name)?)
    }

    fn bytes(&self) -> usize {
        self.weight()
    }
}

impl File for index::Release {
    fn key(&self) -> &Arc<str> {
        &self.text
    }

    fn published(&self) -> Option<Timestamp> {
        self.published
    }

    fn content(&self) -> Content {
        self.checksum.map_or(Content::Unstated, |checksum| Content::Known(Digest::Sha256(checksum)))
    }

    fn is_yanked(&self) -> bool {
        self.is_yanked
    }
}

/// The one form of a crate's file: a line of JSON for each release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines;

impl Form for Lines {
    fn as_str(self) -> &'static str {
        "lines"
    }

    fn content_type(self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn wanted(_: &HeaderMap) -> Result<Self, String> {
        Ok(Self)
    }
}
