//! The list of all projects (PEP 503 and 691, the root page): names only.

use fanlight_base::limits;
use fanlight_base::purl::{is_pypi_name, normalized_pypi_name};
use html5gum::Token;
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};

use super::json::value::{FromObject, Skipped, Texts, Value};
use super::json::walk::{self, Part, Reader};
use super::witness::{Link, Witness};
use super::{Form, IndexError, html};

/// The projects an upstream lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectList {
    /// Their names.
    pub names: Names,
    /// How many entries were left out because they have no name or one that is none.
    pub left_out: usize,
    count: usize,
}

/// Names in PEP 503's normal form, in the page's order. Kept as one text, a line each: there are hundreds of thousands,
/// and an allocation for each would take three times the room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(String);

impl Names {
    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }

    /// Bytes they take.
    pub const fn bytes(&self) -> usize {
        self.0.capacity()
    }
}

impl ProjectList {
    fn push(&mut self, name: Option<&str>) -> Result<(), IndexError> {
        let Some(name) = name.filter(|name| is_pypi_name(name)) else {
            self.left_out += 1;
            return Ok(());
        };
        if self.count >= limits::INDEX_PROJECTS {
            return Err(IndexError::TooMany { what: "projects", limit: limits::INDEX_PROJECTS });
        }
        self.count += 1;
        self.names.0.push_str(&normalized_pypi_name(name));
        self.names.0.push('\n');
        Ok(())
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
    let mut witness = Witness::new("");
    let mut open: Option<Vec<u8>> = None;
    for token in html::tokens(body) {
        witness.see(&token);
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
    if list.count > 0 {
        witness.link(Link::Likely);
    }
    witness.testify()?;
    list.names.0.shrink_to_fit();
    Ok(list)
}

fn from_json(body: &[u8]) -> Result<ProjectList, IndexError> {
    let mut list = ProjectList::default();
    walk::walk(&mut list, "projects", body)?;
    list.names.0.shrink_to_fit();
    Ok(list)
}

impl<'de> Reader<'de> for ProjectList {
    type Entry = Named;

    fn part(key: &str) -> Part {
        if key == "projects" { Part::List("projects") } else { Part::Other }
    }

    fn field(&mut self, _: &'static str, _: Value<'de, Texts<'de>>) -> Result<(), IndexError> {
        Ok(())
    }

    fn list(&mut self, _: &'static str) {}

    fn entry(&mut self, _: &'static str, value: Value<'de, Named>) -> Result<(), IndexError> {
        self.push(if let Value::Object(Named(name)) = &value { name.as_deref() } else { None })
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
pub(super) struct Named(Option<String>);

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
