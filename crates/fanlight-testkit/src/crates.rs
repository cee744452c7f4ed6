//! A release as a publisher of crates makes it: a real `.crate` archive and its line of the sparse index.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::archive;
use crate::release::sha256;

/// Builds one release. Unless told otherwise: published 30 days ago.
#[derive(Debug, Clone)]
pub struct CrateRelease {
    pub(crate) name: String,
    pub(crate) version: String,
    published: Option<Timestamp>,
    needs: Vec<(String, String)>,
    yanked: bool,
    checksum: Option<String>,
    padding: usize,
    build: Option<String>,
}

/// One crate: its lines and its archives by version.
#[derive(Debug, Clone, Default)]
pub struct Crate {
    /// The lines of the index, in the order they came.
    pub lines: Vec<(String, Value)>,
    /// The archives.
    pub archives: BTreeMap<String, Bytes>,
}

impl CrateRelease {
    /// A release of one library, published 30 days ago.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            published: None,
            needs: Vec::new(),
            yanked: false,
            checksum: None,
            padding: 0,
            build: None,
        }
        .days_old(30)
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

    /// Listed without a publish time, as old lines are.
    #[must_use]
    pub fn without_time(mut self) -> Self {
        self.published = None;
        self
    }

    /// Needs another crate.
    #[must_use]
    pub fn requires(mut self, name: &str, range: &str) -> Self {
        self.needs.push((name.to_owned(), range.to_owned()));
        self
    }

    /// Withdrawn by its publisher.
    #[must_use]
    pub fn yanked(mut self) -> Self {
        self.yanked = true;
        self
    }

    /// The index states another hash than the archive's.
    #[must_use]
    pub fn with_wrong_checksum(mut self) -> Self {
        self.checksum = Some("0".repeat(64));
        self
    }

    /// With a data file of that many bytes.
    #[must_use]
    pub fn padded(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// With that build script.
    #[must_use]
    pub fn with_build(mut self, script: &str) -> Self {
        self.build = Some(script.to_owned());
        self
    }

    fn archive(&self) -> Vec<u8> {
        let top = format!("{}-{}", self.name, self.version);
        let needs: String = self.needs.iter().map(|(name, range)| format!("{name} = \"{range}\"\n")).collect();
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n\n[dependencies]\n{needs}",
            self.name, self.version
        );
        let mut files = vec![
            (format!("{top}/Cargo.toml"), manifest.into_bytes()),
            (format!("{top}/src/lib.rs"), format!("pub const VERSION: &str = {:?};\n", self.version).into_bytes()),
        ];
        files.extend(self.build.iter().map(|script| (format!("{top}/build.rs"), script.clone().into_bytes())));
        if self.padding > 0 {
            files.push((format!("{top}/data.bin"), crate::release::noise(self.padding)));
        }
        archive::tar_gz(&files)
    }
}

impl Crate {
    /// Adds a release, replacing one of the same version.
    pub fn add(&mut self, release: &CrateRelease) {
        let archive = release.archive();
        let deps: Vec<Value> = release
            .needs
            .iter()
            .map(|(name, range)| {
                json!({"name": name, "req": range, "features": [], "optional": false, "default_features": true,
                       "target": null, "kind": "normal"})
            })
            .collect();
        let mut line = json!({
            "name": release.name, "vers": release.version, "deps": deps, "features": {}, "yanked": release.yanked,
            "cksum": release.checksum.clone().unwrap_or_else(|| sha256(&archive)),
        });
        if let Some(at) = release.published {
            line["pubtime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
        }
        self.lines.retain(|(version, _)| *version != release.version);
        self.lines.push((release.version.clone(), line));
        self.archives.insert(release.version.clone(), archive.into());
    }

    /// The index file.
    pub fn file(&self) -> String {
        self.lines.iter().map(|(_, line)| format!("{line}\n")).collect()
    }
}
