//! A release as a publisher makes it: real wheels and sdists, with the truth or a lie about each in the index.
//!
//! Owns the files' contents; refuses to know how they are listed or served. A name and version give the same bytes.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::archive;

/// One file as the index lists it and the server gives it.
#[derive(Debug, Clone)]
pub struct File {
    /// The file's name.
    pub name: String,
    /// Its version, as listed in `versions`.
    pub version: String,
    /// What is served.
    pub bytes: Bytes,
    /// The PEP 658 file, for wheels.
    pub metadata: Option<Bytes>,
    /// The hash the index states; none when it states none.
    pub sha256: Option<String>,
    /// The size the index states.
    pub size: usize,
    /// The publish time the index states.
    pub published: Option<Timestamp>,
    /// Yanked, with the publisher's reason.
    pub yanked: Option<String>,
    /// The Python versions it asks for.
    pub requires_python: Option<String>,
}

/// Builds the files of one release. Unless told otherwise: one wheel, published 30 days ago.
#[derive(Debug, Clone)]
pub struct Release {
    pub(crate) name: String,
    version: String,
    published: Option<Timestamp>,
    yanked: Option<String>,
    requires: Vec<String>,
    requires_python: Option<String>,
    wheel: bool,
    sdist: bool,
    padding: usize,
    code: String,
    hash: Option<Option<String>>,
    size: Option<usize>,
    file_name: Option<String>,
    metadata: bool,
}

impl Release {
    /// A release of one pure wheel, published 30 days ago.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            published: None,
            yanked: None,
            requires: Vec::new(),
            requires_python: None,
            wheel: true,
            sdist: false,
            padding: 0,
            code: String::new(),
            hash: None,
            size: None,
            file_name: None,
            metadata: true,
        }
        .days_old(30)
    }

    /// Published that many days ago.
    #[must_use]
    pub fn days_old(self, days: i64) -> Self {
        self.seconds_old(days * 86_400)
    }

    /// Published that many seconds ago.
    #[must_use]
    pub fn seconds_old(self, seconds: i64) -> Self {
        self.published(Timestamp::now() - SignedDuration::from_secs(seconds))
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

    /// Yanked by its publisher, for that reason.
    #[must_use]
    pub fn yanked(mut self, reason: &str) -> Self {
        self.yanked = Some(reason.to_owned());
        self
    }

    /// Needs another package (PEP 508).
    #[must_use]
    pub fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(requirement.to_owned());
        self
    }

    /// Needs those Python versions.
    #[must_use]
    pub fn requires_python(mut self, specifier: &str) -> Self {
        self.requires_python = Some(specifier.to_owned());
        self
    }

    /// Also as an sdist, which builds without any other package.
    #[must_use]
    pub fn with_sdist(mut self) -> Self {
        self.sdist = true;
        self
    }

    /// Only as an sdist.
    #[must_use]
    pub fn only_sdist(mut self) -> Self {
        (self.wheel, self.sdist) = (false, true);
        self
    }

    /// With a data file of that many bytes, so that the download takes its time.
    #[must_use]
    pub fn padded(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// With more code in its module, which nothing here runs.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        self.code = code.to_owned();
        self
    }

    /// The index states another hash than the file's.
    #[must_use]
    pub fn with_wrong_hash(mut self) -> Self {
        self.hash = Some(Some("0".repeat(64)));
        self
    }

    /// The index states no hash.
    #[must_use]
    pub fn without_hash(mut self) -> Self {
        self.hash = Some(None);
        self
    }

    /// The index states another size than the file's.
    #[must_use]
    pub fn with_wrong_size(mut self, bytes: usize) -> Self {
        self.size = Some(bytes);
        self
    }

    /// The file is listed under that name instead of the standard's.
    #[must_use]
    pub fn file_named(mut self, name: &str) -> Self {
        self.file_name = Some(name.to_owned());
        self
    }

    /// The index has no PEP 658 file for it.
    #[must_use]
    pub fn without_metadata_file(mut self) -> Self {
        self.metadata = false;
        self
    }

    /// The name the wheel has by the standard.
    pub fn wheel_name(&self) -> String {
        format!("{}-{}-py3-none-any.whl", self.module(), self.version)
    }

    /// The name the sdist has by the standard.
    pub fn sdist_name(&self) -> String {
        format!("{}-{}.tar.gz", self.module(), self.version)
    }

    /// Its files.
    pub fn files(&self) -> Vec<File> {
        let mut files = Vec::new();
        if self.wheel {
            let metadata = self.metadata.then(|| Bytes::from(self.metadata_text()));
            files.push(self.file(self.wheel_name(), self.wheel(), metadata));
        }
        if self.sdist {
            files.push(self.file(self.sdist_name(), self.sdist(), None));
        }
        files
    }

    fn file(&self, name: String, bytes: Vec<u8>, metadata: Option<Bytes>) -> File {
        File {
            name: self.file_name.clone().unwrap_or(name),
            version: self.version.clone(),
            metadata,
            sha256: self.hash.clone().unwrap_or_else(|| Some(sha256(&bytes))),
            size: self.size.unwrap_or(bytes.len()),
            bytes: bytes.into(),
            published: self.published,
            yanked: self.yanked.clone(),
            requires_python: self.requires_python.clone(),
        }
    }

    fn module(&self) -> String {
        normalized(&self.name).replace('-', "_")
    }

    fn metadata_text(&self) -> String {
        let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\nLicense: MIT\n", self.name, self.version);
        if let Some(specifier) = &self.requires_python {
            text += &format!("Requires-Python: {specifier}\n");
        }
        for requirement in &self.requires {
            text += &format!("Requires-Dist: {requirement}\n");
        }
        text
    }

    fn wheel_entries(&self) -> Vec<(String, Vec<u8>)> {
        let info = format!("{}-{}.dist-info", self.module(), self.version);
        let mut entries = vec![(
            format!("{}/__init__.py", self.module()),
            format!("VERSION = {:?}\n{}", self.version, self.code).into_bytes(),
        )];
        if self.padding > 0 {
            entries.push((format!("{}/data.bin", self.module()), noise(self.padding)));
        }
        entries.push((format!("{info}/METADATA"), self.metadata_text().into_bytes()));
        let wheel = "Wheel-Version: 1.0\nGenerator: fanlight-testkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        entries.push((format!("{info}/WHEEL"), wheel.into()));
        let mut record = String::new();
        for (name, data) in &entries {
            let digest = ring::digest::digest(&ring::digest::SHA256, data);
            record += &format!("{name},sha256={},{}\n", BASE64_URL_SAFE_NO_PAD.encode(digest), data.len());
        }
        record += &format!("{info}/RECORD,,\n");
        entries.push((format!("{info}/RECORD"), record.into_bytes()));
        entries
    }

    fn wheel(&self) -> Vec<u8> {
        archive::zip(&self.wheel_entries())
    }

    /// An sdist that carries its own PEP 517 backend, so that building it asks no index for anything.
    fn sdist(&self) -> Vec<u8> {
        let top = format!("{}-{}", self.module(), self.version);
        let project = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
        let backend = format!(
            "import base64, os\nNAME = {:?}\nWHEEL = {:?}\n\
             def build_wheel(folder, config_settings=None, metadata_directory=None):\n    \
             open(os.path.join(folder, NAME), 'wb').write(base64.b64decode(WHEEL))\n    return NAME\n",
            self.wheel_name(),
            base64::prelude::BASE64_STANDARD.encode(self.wheel()),
        );
        archive::tar_gz(&[
            (format!("{top}/PKG-INFO"), self.metadata_text().into_bytes()),
            (format!("{top}/pyproject.toml"), project.into()),
            (format!("{top}/backend.py"), backend.into_bytes()),
        ])
    }
}

/// A project's name by PEP 503.
pub fn normalized(name: &str) -> String {
    let parts: Vec<_> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_lowercase()
}

/// SHA-256 in hexadecimal.
pub fn sha256(data: &[u8]) -> String {
    ring::digest::digest(&ring::digest::SHA256, data).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that do not compress, the same each time (xorshift).
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}
