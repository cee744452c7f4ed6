//! The one walk over a JSON page: an object with a few fields and a few long lists, taken in entry by entry without a tree
//! in between. What a page is for, its [`Reader`] knows.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::super::IndexError;
use super::value::{FromObject, Text, Texts, Value};

/// What stands under a key of the page's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Part {
    /// A text, or an object of texts.
    Field(&'static str),
    /// A list, whose entries are taken in one by one.
    List(&'static str),
    /// Nothing that is looked at.
    Other,
}

/// Takes a page in.
pub(in super::super) trait Reader<'de> {
    /// An entry of a list, where it is an object.
    type Entry: FromObject<'de>;

    /// What stands under a key.
    fn part(key: &str) -> Part;

    /// Takes a field.
    fn field(&mut self, name: &'static str, value: Value<'de, Texts<'de>>) -> Result<(), IndexError>;

    /// Hears that a list is there, even an empty one.
    fn list(&mut self, name: &'static str);

    /// Takes an entry of a list.
    fn entry(&mut self, list: &'static str, value: Value<'de, Self::Entry>) -> Result<(), IndexError>;
}

/// Walks over the page. It must have the list `required`.
pub(in super::super) fn walk<'de, R: Reader<'de>>(
    reader: &mut R,
    required: &'static str,
    body: &'de [u8],
) -> Result<(), IndexError> {
    let mut walk = Walk { reader, required, part: TOP, found: false, stop: None, page: PhantomData };
    let mut json = serde_json::Deserializer::from_slice(body);
    if let Err(error) = Page(&mut walk).deserialize(&mut json).and_then(|()| json.end()) {
        return Err(walk.stop.take().unwrap_or_else(|| in_our_words(&error, walk.part)));
    }
    if walk.found { Ok(()) } else { Err(IndexError::WrongShape { part: required, expected: "there" }) }
}

const TOP: &str = "top level";

/// Serde's error without what it shows of the page.
fn in_our_words(error: &serde_json::Error, part: &'static str) -> IndexError {
    let problem = match error.classify() {
        Category::Data if part == TOP => return IndexError::WrongShape { part, expected: "a JSON object" },
        Category::Data => return IndexError::WrongShape { part, expected: "a list" },
        Category::Eof => "it ends in the middle",
        Category::Syntax | Category::Io => "unexpected text",
    };
    IndexError::InvalidJson { line: error.line(), column: error.column(), problem }
}

struct Walk<'r, 'de, R> {
    reader: &'r mut R,
    required: &'static str,
    /// Where in the page we are, for the words of an error.
    part: &'static str,
    /// Whether the required list was there.
    found: bool,
    /// Our own reason to stop; serde carries only texts.
    stop: Option<IndexError>,
    page: PhantomData<&'de ()>,
}

impl<'de, R: Reader<'de>> Walk<'_, 'de, R> {
    fn or_stop<E: de::Error>(&mut self, run: impl FnOnce(&mut R) -> Result<(), IndexError>) -> Result<(), E> {
        run(self.reader).map_err(|error| {
            self.stop = Some(error);
            E::custom("stopped")
        })
    }
}

struct Page<'w, 'r, 'de, R>(&'w mut Walk<'r, 'de, R>);

impl<'de, R: Reader<'de>> DeserializeSeed<'de> for Page<'_, '_, 'de, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, R: Reader<'de>> Visitor<'de> for Page<'_, '_, 'de, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an index page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let walk = self.0;
        while let Some(Text(key)) = map.next_key()? {
            match R::part(&key) {
                Part::Field(name) => {
                    let value = map.next_value()?;
                    walk.or_stop(|reader| reader.field(name, value))?;
                }
                Part::List(name) => {
                    walk.part = name;
                    walk.found |= name == walk.required;
                    walk.reader.list(name);
                    map.next_value_seed(Entries(walk, name))?;
                    walk.part = TOP;
                }
                Part::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Entries<'w, 'r, 'de, R>(&'w mut Walk<'r, 'de, R>, &'static str);

impl<'de, R: Reader<'de>> DeserializeSeed<'de> for Entries<'_, '_, 'de, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, R: Reader<'de>> Visitor<'de> for Entries<'_, '_, 'de, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self(walk, name) = self;
        while let Some(value) = seq.next_element()? {
            walk.or_stop(|reader| reader.entry(name, value))?;
        }
        Ok(())
    }
}
