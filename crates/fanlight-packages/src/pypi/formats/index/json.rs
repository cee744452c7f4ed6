//! The JSON form (PEP 691, 700, 714, 740, 792). One pass over the bytes, without a tree in between: each file is judged as
//! it is met and only what is kept is copied. A value of a wrong type is never an error of the page.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};
use url::Url;

use super::build::{Builder, RawFile, RawMetadata, RawYanked};
use super::note::Problem;
use super::{Index, IndexError};

pub(super) mod value;
pub(super) mod walk;

use value::{FromObject, Texts, Value};
use walk::{Part, Reader};

/// Reads a project's page.
pub(super) fn parse(project: &str, page: &Url, body: &[u8]) -> Result<Index, IndexError> {
    let mut builder = Builder::new(project, page);
    walk::walk(&mut builder, "files", body)?;
    Ok(builder.finish())
}

impl<'de> Reader<'de> for Builder {
    type Entry = Box<RawFile<'de>>;

    fn part(key: &str) -> Part {
        match key {
            "name" => Part::Field("name"),
            "meta" => Part::Field("meta"),
            "project-status" => Part::Field("project-status"),
            "versions" => Part::List("versions"),
            "files" => Part::List("files"),
            _ => Part::Other,
        }
    }

    fn field(&mut self, name: &'static str, value: Value<'de, Texts<'de>>) -> Result<(), IndexError> {
        match (name, value) {
            ("name", Value::Text(text)) => self.name_stated(&text),
            ("meta", Value::Object(entries)) => {
                for (_, version) in entries.iter().filter(|(key, _)| key == "api-version") {
                    self.api_version(version)?;
                }
            }
            ("project-status", Value::Object(entries)) => {
                for (key, value) in entries {
                    match key.as_ref() {
                        "status" => self.status(&value),
                        "reason" => self.status_reason(&value),
                        _ => {}
                    }
                }
            }
            ("meta" | "project-status", Value::Null) => {}
            _ => self.bad_page_field(name),
        }
        Ok(())
    }

    fn list(&mut self, name: &'static str) {
        if name == "versions" {
            self.versions_stated();
        }
    }

    fn entry(&mut self, list: &'static str, value: Value<'de, Self::Entry>) -> Result<(), IndexError> {
        match (list, value) {
            ("versions", Value::Text(text)) => self.version(Some(&text)),
            ("versions", _) => self.version(None),
            (_, Value::Object(raw)) => self.file(&raw),
            _ => {
                self.note(None, Problem::NotAnObject);
                Ok(())
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum FileKey {
    Filename,
    Url,
    Hashes,
    RequiresPython,
    Size,
    UploadTime,
    Yanked,
    CoreMetadata,
    DistInfoMetadata,
    DataDistInfoMetadata,
    GpgSig,
    Provenance,
    #[serde(other)]
    Other,
}

impl<'de> FromObject<'de> for Box<RawFile<'de>> {
    /// Of a key that stands twice the last counts, as in Python's `json`.
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut raw = Self::default();
        while let Some(key) = map.next_key()? {
            if matches!(key, FileKey::Other) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<Value<'de, Texts<'de>>>()?;
            let wrong = &mut raw.wrong;
            match key {
                FileKey::Filename => raw.filename = value.text("filename", wrong),
                FileKey::Url => raw.url = value.text("url", wrong),
                FileKey::RequiresPython => raw.requires_python = value.text("requires-python", wrong),
                FileKey::UploadTime => raw.upload_time = value.text("upload-time", wrong),
                FileKey::Provenance => raw.provenance = value.text("provenance", wrong),
                FileKey::Hashes => match value {
                    Value::Object(hashes) => raw.hashes = hashes,
                    _ => wrong.push("hashes"),
                },
                FileKey::Size => match value {
                    Value::Whole(size) => raw.size = Some(size),
                    Value::Null => raw.size = None,
                    _ => wrong.push("size"),
                },
                FileKey::Yanked => {
                    raw.yanked = match value {
                        Value::Null | Value::Bool(false) => RawYanked::No,
                        Value::Bool(true) => RawYanked::Yes,
                        Value::Text(reason) => RawYanked::Because(reason),
                        Value::Whole(_) | Value::Object(_) | Value::Other => {
                            wrong.push("yanked");
                            RawYanked::Yes
                        }
                    }
                }
                FileKey::GpgSig => match value {
                    Value::Bool(signed) => raw.gpg_sig = Some(signed),
                    Value::Null => raw.gpg_sig = None,
                    _ => wrong.push("gpg-sig"),
                },
                FileKey::CoreMetadata => raw.core_metadata = metadata(value, wrong),
                FileKey::DistInfoMetadata | FileKey::DataDistInfoMetadata => {
                    raw.dist_info_metadata = metadata(value, wrong);
                }
                FileKey::Other => {}
            }
        }
        Ok(raw)
    }
}

fn metadata<'a>(value: Value<'a, Texts<'a>>, wrong: &mut Vec<&'static str>) -> Option<RawMetadata<'a>> {
    match value {
        Value::Null => None,
        Value::Bool(false) => Some(RawMetadata::No),
        Value::Bool(true) => Some(RawMetadata::Yes),
        Value::Object(hashes) => Some(RawMetadata::Hashes(hashes)),
        Value::Whole(_) | Value::Text(_) | Value::Other => {
            wrong.push("core-metadata");
            None
        }
    }
}
