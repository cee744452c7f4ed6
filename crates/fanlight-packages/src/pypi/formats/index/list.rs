//! The list of all projects (PEP 503 and 691, the root page): names only.

use std::fmt;

use fanlight_base::limits;
use fanlight_base::purl::normalized_pypi_name;
use html5gum::Token;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::value::{FromObject, Skipped, Value};
use super::{Form, IndexError, html, json};
use crate::pypi::formats::name::is_project_name;

/// The projects an upstream lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectList {
    /// The names as written, in the page's order.
    pub names: Vec<Box<str>>,
    /// How many entries were left out because they have no name or one that is none.
    pub left_out: usize,
}

impl ProjectList {
    fn push(&mut self, name: Option<&str>) -> Result<(), IndexError> {
        if self.names.len() >= limits::INDEX_PROJECTS {
            return Err(IndexError::TooMany { what: "projects", limit: limits::INDEX_PROJECTS });
        }
        match name.filter(|name| is_project_name(name)) {
            Some(name) => self.names.push(name.into()),
            None => self.left_out += 1,
        }
        Ok(())
    }

    /// The names in PEP 503's normal form.
    pub fn normalized(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| normalized_pypi_name(name))
    }
}

/// Reads the list. The content type decides the form.
pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<ProjectList, IndexError> {
    let form = Form::of(content_type)?;
    if body.len() > limits::INDEX_PAGE_BYTES {
        return Err(IndexError::TooLong { bytes: body.len() });
    }
    match form {
        Form::Json => from_json(body),
        Form::Html => from_html(body),
    }
}

/// The text of each anchor.
fn from_html(body: &[u8]) -> Result<ProjectList, IndexError> {
    let mut list = ProjectList::default();
    let mut open: Option<Vec<u8>> = None;
    for token in html::tokens(body) {
        match token {
            Token::StartTag(tag) if tag.name.as_slice() == b"a" => open = Some(Vec::new()),
            Token::String(text) => {
                if let Some(name) = &mut open {
                    // One more than a name may have is enough to refuse it.
                    let room = (limits::NAME_BYTES + 1).saturating_sub(name.len());
                    name.extend(text.value.iter().take(room));
                }
            }
            Token::EndTag(tag) if tag.name.as_slice() == b"a" => {
                if let Some(name) = open.take() {
                    list.push(std::str::from_utf8(&name).ok().map(str::trim))?;
                }
            }
            _ => {}
        }
    }
    Ok(list)
}

fn from_json(body: &[u8]) -> Result<ProjectList, IndexError> {
    let mut state = State { list: ProjectList::default(), part: "top level", stop: None, projects: false };
    let mut json = serde_json::Deserializer::from_slice(body);
    if let Err(error) = Page(&mut state).deserialize(&mut json).and_then(|()| json.end()) {
        return Err(state.stop.take().unwrap_or_else(|| json::in_our_words(&error, state.part)));
    }
    if !state.projects {
        return Err(IndexError::WrongShape { part: "projects", expected: "there" });
    }
    Ok(state.list)
}

struct State {
    list: ProjectList,
    part: &'static str,
    stop: Option<IndexError>,
    projects: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum Key {
    Projects,
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
        f.write_str("a list of projects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            match key {
                Key::Projects => {
                    self.0.projects = true;
                    self.0.part = "projects";
                    map.next_value_seed(Projects(self.0))?;
                    self.0.part = "top level";
                }
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Projects<'s>(&'s mut State);

impl<'de> DeserializeSeed<'de> for Projects<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Projects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element::<Value<'de, Named>>()? {
            let name = if let Value::Object(Named(name)) = value { name } else { None };
            if let Err(error) = self.0.list.push(name.as_deref()) {
                self.0.stop = Some(error);
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum NameKey {
    Name,
    #[serde(other)]
    Other,
}

/// One project's entry.
struct Named(Option<String>);

impl<'de> FromObject<'de> for Named {
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut name = None;
        while let Some(key) = map.next_key()? {
            match key {
                NameKey::Name => {
                    if let Value::Text(text) = map.next_value::<Value<'de, Skipped>>()? {
                        name = Some(text.into_owned());
                    }
                }
                NameKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Self(name))
    }
}
