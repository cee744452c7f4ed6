//! What the door found out: named, typed values, few and small.

use std::borrow::Cow;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::clock::Timestamp;
use crate::limits;

/// One fact's value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Yes or no.
    Bool(bool),
    /// A whole number; the fact's name ends in its unit.
    Long(i64),
    /// Text, at most [`limits::FACT_TEXT_BYTES`].
    Text(Arc<str>),
    /// An instant.
    Time(Timestamp),
}

impl From<bool> for Fact {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Fact {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<&str> for Fact {
    fn from(value: &str) -> Self {
        Self::Text(bounded(value).into())
    }
}

impl From<Arc<str>> for Fact {
    fn from(value: Arc<str>) -> Self {
        if value.len() <= limits::FACT_TEXT_BYTES { Self::Text(value) } else { Self::Text(bounded(&value).into()) }
    }
}

impl From<Timestamp> for Fact {
    fn from(value: Timestamp) -> Self {
        Self::Time(value)
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Long(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Time(value) => serializer.collect_str(&format_args!("{value:.3}")),
        }
    }
}

/// Text from outside, cut to the limit at a character's edge.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= limits::FACT_TEXT_BYTES {
        return Cow::Borrowed(text);
    }
    let mut end = limits::FACT_TEXT_BYTES - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The facts of one attempt, in the order the door found them. A name appears once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Facts(Vec<(Cow<'static, str>, Fact)>);

impl Facts {
    /// No facts.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a fact, or replaces the one of that name.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Fact>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// The same, for building in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Fact>) -> Self {
        self.set(name, value);
        self
    }

    /// The fact of that name.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The facts in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_a_character() {
        let long = "ä".repeat(limits::FACT_TEXT_BYTES);
        let Fact::Text(cut) = Fact::from(long.as_str()) else { panic!("text stays text") };
        assert!(cut.len() <= limits::FACT_TEXT_BYTES);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn a_name_appears_once() {
        let facts = Facts::new().with("age_minutes", 1).with("age_minutes", 2);
        assert_eq!(serde_json::to_string(&facts).unwrap(), r#"{"age_minutes":2}"#);
    }
}
