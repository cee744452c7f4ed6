//! The JSON form (PEP 691, 700, 714, 740, 792). One pass over the bytes, without a tree in between: each file is judged as
//! it is met and only what is kept is copied. A value of a wrong type is never an error of the page.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use url::Url;

use super::build::{Builder, RawFile, RawMetadata, RawYanked};
use super::note::Problem;
use super::{Index, IndexError};

pub(super) mod value;

use value::{FromObject, Skipped, Texts, Value};

/// Reads a project's page.
pub(super) fn parse(project: &str, page: &Url, body: &[u8]) -> Result<Index, IndexError> {
    let mut state = State { builder: Builder::new(project, page), part: "top level", stop: None, files: false };
    let mut json = serde_json::Deserializer::from_slice(body);
    if let Err(error) = Page(&mut state).deserialize(&mut json).and_then(|()| json.end()) {
        return Err(state.stop.take().unwrap_or_else(|| in_our_words(&error, state.part)));
    }
    if !state.files {
        return Err(IndexError::WrongShape { part: "files", expected: "there" });
    }
    Ok(state.builder.finish())
}

/// Serde's error without what it shows of the page.
pub(super) fn in_our_words(error: &serde_json::Error, part: &'static str) -> IndexError {
    let problem = match error.classify() {
        Category::Data if part == "top level" => return IndexError::WrongShape { part, expected: "a JSON object" },
        Category::Data => return IndexError::WrongShape { part, expected: "a list" },
        Category::Eof => "it ends in the middle",
        Category::Syntax | Category::Io => "unexpected text",
    };
    IndexError::InvalidJson { line: error.line(), column: error.column(), problem }
}

struct State {
    builder: Builder,
    /// Where in the page we are, for the words of an error.
    part: &'static str,
    /// Our own reason to stop; serde carries only texts.
    stop: Option<IndexError>,
    files: bool,
}

impl State {
    fn or_stop<E: de::Error>(&mut self, run: impl FnOnce(&mut Builder) -> Result<(), IndexError>) -> Result<(), E> {
        run(&mut self.builder).map_err(|error| {
            self.stop = Some(error);
            E::custom("stopped")
        })
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum PageKey {
    Name,
    Meta,
    Versions,
    Files,
    ProjectStatus,
    #[serde(other)]
    Other,
}

struct Page<'s>(&'s mut State);

impl<'de> DeserializeSeed<'de> for Page<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Page<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an index page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let state = self.0;
        while let Some(key) = map.next_key()? {
            match key {
                PageKey::Name => match map.next_value::<Value<'de, Skipped>>()? {
                    Value::Text(name) => state.builder.name_stated(&name),
                    _ => state.builder.bad_page_field("name"),
                },
                PageKey::Meta => {
                    for (key, value) in texts(&mut map, state, "meta")? {
                        if key == "api-version" {
                            state.or_stop(|builder| builder.api_version(&value))?;
                        }
                    }
                }
                PageKey::ProjectStatus => {
                    for (key, value) in texts(&mut map, state, "project-status")? {
                        match key.as_ref() {
                            "status" => state.builder.status(&value),
                            "reason" => state.builder.status_reason(&value),
                            _ => {}
                        }
                    }
                }
                PageKey::Versions => {
                    state.part = "versions";
                    state.builder.versions_stated();
                    map.next_value_seed(List(state, List::version))?;
                }
                PageKey::Files => {
                    state.part = "files";
                    state.files = true;
                    map.next_value_seed(List(state, List::file))?;
                }
                PageKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The entries of an object; anything else is noted and has none.
fn texts<'de, A: MapAccess<'de>>(map: &mut A, state: &mut State, field: &'static str) -> Result<Texts<'de>, A::Error> {
    match map.next_value::<Value<'de, Texts<'de>>>()? {
        Value::Object(entries) => return Ok(entries),
        Value::Null => {}
        _ => state.builder.bad_page_field(field),
    }
    Ok(Vec::new())
}

/// An element of `files` or of `versions`.
type Element<'a> = Value<'a, Box<RawFile<'a>>>;

/// A list whose elements are taken in one by one.
struct List<'s, 'de>(&'s mut State, fn(&mut Builder, &Element<'de>) -> Result<(), IndexError>);

impl<'de> List<'_, 'de> {
    fn version(builder: &mut Builder, value: &Element<'de>) -> Result<(), IndexError> {
        builder.version(if let Value::Text(text) = value { Some(text) } else { None })
    }

    fn file(builder: &mut Builder, value: &Element<'de>) -> Result<(), IndexError> {
        if let Value::Object(raw) = value {
            return builder.file(raw);
        }
        builder.note(None, Problem::NotAnObject);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for List<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self(state, take) = self;
        while let Some(value) = seq.next_element()? {
            state.or_stop(|builder| take(builder, &value))?;
        }
        state.part = "top level";
        Ok(())
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
