//! The JSON form.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Hex, NEWEST_VERSION, Verdict, claimed_version, file_address, yanked};
use crate::pypi::formats::index::{Hashes, Index, IndexFile, ProjectStatus};

/// A project's page.
pub(super) fn project(index: &Index, verdicts: &[Verdict]) -> Vec<u8> {
    written(index.files.len() * 1024 + 1024, &Page { index, verdicts })
}

/// The list of all projects.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut out = format!(r#"{{"meta":{{"api-version":"{NEWEST_VERSION}"}},"projects":["#).into_bytes();
    for (position, name) in names.into_iter().enumerate() {
        out.extend_from_slice(if position == 0 { br#"{"name":"# } else { br#",{"name":"# });
        write(&mut out, &name);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    out
}

fn written(capacity: usize, value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    write(&mut out, value);
    out
}

/// Writing texts and numbers into memory cannot fail; were it to, an empty page is no page and clients say so.
fn write(out: &mut Vec<u8>, value: &impl Serialize) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.clear();
    }
}

struct Page<'a> {
    index: &'a Index,
    verdicts: &'a [Verdict],
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("meta", &Meta { version: claimed_version(self.index) })?;
        map.serialize_entry("name", &*self.index.name)?;
        map.serialize_entry("project-status", &Status(&self.index.project_status))?;
        map.serialize_entry("versions", &Texts(self.index))?;
        map.serialize_entry("files", &Files(self))?;
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Meta {
    #[serde(rename = "api-version")]
    version: &'static str,
}

struct Status<'a>(&'a ProjectStatus);

impl Serialize for Status<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.0.status.as_str())?;
        if let Some(reason) = &self.0.reason {
            map.serialize_entry("reason", &**reason)?;
        }
        map.end()
    }
}

struct Texts<'a>(&'a Index);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.versions.iter().map(|version| &**version))
    }
}

struct Files<'a>(&'a Page<'a>);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (file, verdict) in self.0.index.files.iter().zip(self.0.verdicts) {
            list.serialize_element(&File { project: &self.0.index.name, file, verdict })?;
        }
        list.end()
    }
}

struct File<'a> {
    project: &'a str,
    file: &'a IndexFile,
    verdict: &'a Verdict,
}

impl Serialize for File<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = self.file;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("filename", &*file.filename)?;
        map.serialize_entry("url", &file_address(self.project, &file.filename))?;
        map.serialize_entry("hashes", &HashMap(&file.hashes))?;
        if let Some(requires) = &file.requires_python {
            map.serialize_entry("requires-python", &**requires)?;
        }
        if let Some(size) = file.size {
            map.serialize_entry("size", &size)?;
        }
        if let Some(at) = file.upload_time {
            // PEP 700: yyyy-mm-ddThh:mm:ss.ffffffZ.
            map.serialize_entry("upload-time", &format_args!("{at:.6}"))?;
        }
        match yanked(self.verdict, file) {
            None => map.serialize_entry("yanked", &false)?,
            // PEP 691: true or a text that is not empty.
            Some("") => map.serialize_entry("yanked", &true)?,
            Some(reason) => map.serialize_entry("yanked", reason)?,
        }
        if let Some(sha256) = file.core_metadata.sha256() {
            map.serialize_entry("core-metadata", &Metadata { sha256: Hex::of(sha256) })?;
            map.serialize_entry("data-dist-info-metadata", &Metadata { sha256: Hex::of(sha256) })?;
        }
        if let Some(provenance) = file.attested_at() {
            map.serialize_entry("provenance", &provenance)?;
        }
        map.end()
    }
}

struct HashMap<'a>(&'a Hashes);

impl Serialize for HashMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(sha256) = self.0.sha256 {
            map.serialize_entry("sha256", &Hex::of(sha256))?;
        }
        for (algorithm, value) in &self.0.others {
            map.serialize_entry(&**algorithm, &**value)?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Metadata {
    sha256: Hex,
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
