//! Any JSON value, read without ever failing over its type: what the form has no use for is [`Value::Other`].

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use fanlight_base::limits;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value; `M` is how objects are read.
pub(in super::super) enum Value<'a, M> {
    Null,
    Bool(bool),
    Whole(u64),
    Text(Cow<'a, str>),
    Object(M),
    Other,
}

impl<'a, M> Value<'a, M> {
    /// The text; null counts as not stated, anything else as wrong.
    pub(in super::super) fn text(self, field: &'static str, wrong: &mut Vec<&'static str>) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => return Some(text),
            Self::Null => {}
            _ => wrong.push(field),
        }
        None
    }
}

/// How an object is read.
pub(in super::super) trait FromObject<'de>: Sized {
    /// Reads every entry: serde_json stops over an object that was left half read.
    fn from_object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

/// An object whose content has no use.
pub(in super::super) struct Skipped;

impl<'de> FromObject<'de> for Skipped {
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self)
    }
}

/// An object of texts, at most one more than [`limits::INDEX_FILE_HASHES`] so that a reader can tell there were too many.
/// A value of another type stands as the empty text, which is no hash, no version and no status.
pub(in super::super) type Texts<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

impl<'de> FromObject<'de> for Texts<'de> {
    fn from_object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some((Text(key), value)) = map.next_entry::<Text<'de>, Value<'de, Skipped>>()? {
            if entries.len() <= limits::INDEX_FILE_HASHES {
                entries.push((key, if let Value::Text(text) = value { text } else { Cow::Borrowed("") }));
            }
        }
        Ok(entries)
    }
}

/// An object's key, borrowed from the page where it has no escapes.
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

impl<'de, M: FromObject<'de>> Deserialize<'de> for Value<'de, M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor(PhantomData))
    }
}

struct ValueVisitor<M>(PhantomData<M>);

impl<'de, M: FromObject<'de>> Visitor<'de> for ValueVisitor<M> {
    type Value = Value<'de, M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Whole(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        M::from_object(map).map(Value::Object)
    }
}
