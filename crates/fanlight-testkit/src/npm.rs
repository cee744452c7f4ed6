//! A release as a publisher of npm packages makes it: a real archive, with the truth or a lie about it in the packument.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::archive;

/// Builds one release. Unless told otherwise: published 30 days ago.
#[derive(Debug, Clone)]
pub struct NpmRelease {
    pub(crate) name: String,
    pub(crate) version: String,
    published: Option<Timestamp>,
    members: Map<String, Value>,
    files: Vec<(String, Vec<u8>)>,
    integrity: Option<String>,
}

/// One release as listed and served.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The release's entry, without the archive's address.
    pub manifest: Value,
    /// The archive.
    pub bytes: Bytes,
    /// The publish time the packument states.
    pub published: Option<Timestamp>,
}

/// One package by version.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its releases, in the order they came.
    pub releases: Vec<(String, Listed)>,
    /// Its tags beside `latest`, which is the last release that is no preview.
    pub tags: BTreeMap<String, String>,
}

impl NpmRelease {
    /// A release of one module, published 30 days ago.
    pub fn new(name: &str, version: &str) -> Self {
        let release = Self {
            name: name.to_owned(),
            version: version.to_owned(),
            published: None,
            members: Map::new(),
            files: vec![("index.js".into(), format!("module.exports = {version:?};\n").into_bytes())],
            integrity: None,
        };
        release.days_old(30)
    }

    /// Published that many days ago.
    #[must_use]
    pub fn days_old(self, days: i64) -> Self {
        self.published(Timestamp::now() - SignedDuration::from_hours(days * 24))
    }

    /// Published at that instant.
    #[must_use]
    pub fn published(mut self, at: Timestamp) -> Self {
        self.published = Some(at);
        self
    }

    /// Listed without a publish time.
    #[must_use]
    pub fn without_time(mut self) -> Self {
        self.published = None;
        self
    }

    /// Needs another package.
    #[must_use]
    pub fn requires(mut self, name: &str, range: &str) -> Self {
        let needs = self.members.entry("dependencies").or_insert_with(|| json!({}));
        needs[name] = range.into();
        self
    }

    /// With that member in its `package.json`.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.members.insert(member.to_owned(), value);
        self
    }

    /// With that file.
    #[must_use]
    pub fn with_file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.as_bytes().to_vec()));
        self
    }

    /// With a data file of that many bytes.
    #[must_use]
    pub fn padded(mut self, bytes: usize) -> Self {
        self.files.push(("data.bin".into(), crate::release::noise(bytes)));
        self
    }

    /// The packument states another hash than the archive's.
    #[must_use]
    pub fn with_wrong_integrity(mut self) -> Self {
        self.integrity = Some(format!("sha512-{}", BASE64_STANDARD.encode([0; 64])));
        self
    }

    /// The entry and the archive.
    pub fn listed(&self) -> Listed {
        let mut manifest = self.members.clone();
        manifest.insert("name".into(), self.name.as_str().into());
        manifest.insert("version".into(), self.version.as_str().into());
        let mut files =
            vec![("package/package.json".to_owned(), Value::from(manifest.clone()).to_string().into_bytes())];
        files.extend(self.files.iter().map(|(name, data)| (format!("package/{name}"), data.clone())));
        let bytes = archive::tar_gz(&files);
        let integrity = self.integrity.clone().unwrap_or_else(|| integrity(&bytes));
        manifest.insert("dist".into(), json!({"integrity": integrity, "fileCount": files.len()}));
        Listed { manifest: manifest.into(), bytes: bytes.into(), published: self.published }
    }
}

/// What a lock file says of an archive's content: its SHA-512.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha512-{}", BASE64_STANDARD.encode(ring::digest::digest(&ring::digest::SHA512, bytes)))
}

/// What an archive is called: after the package without its scope.
pub fn archive_name(name: &str, version: &str) -> String {
    format!("{}-{version}.tgz", name.rsplit('/').next().unwrap_or(name))
}

impl Package {
    /// Adds a release, replacing one of the same version.
    pub fn add(&mut self, release: &NpmRelease) {
        self.releases.retain(|(version, _)| *version != release.version);
        self.releases.push((release.version.clone(), release.listed()));
    }

    /// The archive of that name.
    pub fn archive(&self, name: &str, file: &str) -> Option<&Listed> {
        self.releases.iter().find(|(version, _)| archive_name(name, version) == file).map(|(_, listed)| listed)
    }

    /// The whole packument; archives are below `base`.
    pub fn packument(&self, name: &str, base: &str) -> String {
        let mut versions = Map::new();
        let mut time = Map::new();
        time.insert("created".into(), "2019-01-01T00:00:00.000Z".into());
        let mut latest = None;
        for (version, listed) in &self.releases {
            let mut manifest = listed.manifest.clone();
            manifest["dist"]["tarball"] = format!("{base}/{name}/-/{}", archive_name(name, version)).into();
            versions.insert(version.clone(), manifest);
            if let Some(at) = listed.published {
                time.insert(version.clone(), at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string().into());
            }
            if !version.contains('-') || latest.is_none() {
                latest = Some(version.clone());
            }
        }
        let mut tags: Map<String, Value> =
            self.tags.iter().map(|(tag, to)| (tag.clone(), to.as_str().into())).collect();
        tags.insert("latest".into(), latest.into());
        json!({"_id": name, "name": name, "dist-tags": tags, "versions": versions, "time": time}).to_string()
    }
}
