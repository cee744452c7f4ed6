//! JSON as credentials need it: an object, no name twice, nested no deeper than is said, nothing behind it.
//!
//! A name that stands twice is refused, since one reader takes the first and another the last, and between the two
//! somebody slips through (RFC 8725, section 2.4 and RFC 7519, section 4).

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// Why bytes are no such object.
#[derive(Debug, thiserror::Error)]
#[error("not one JSON object without a name twice, nested at most {depth} deep")]
pub struct JsonFault {
    depth: usize,
    source: serde_json::Error,
}

/// Reads an object. Whoever calls has bounded the bytes.
pub fn object(bytes: &[u8], depth: usize) -> Result<Object, JsonFault> {
    let failed = |source| JsonFault { depth, source };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict(depth).deserialize(&mut reader).map_err(failed)?;
    reader.end().map_err(failed)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(failed(de::Error::custom("no object"))),
    }
}

/// Reads a value that may be nested so much deeper.
struct Strict(usize);

impl Strict {
    fn inner<E: de::Error>(&self) -> Result<usize, E> {
        self.0.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Strict(depth))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let depth = self.inner()?;
        let mut object = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict(depth))?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_object_without_a_name_twice() {
        let good = br#" {"a": [1, -2, 3.5, {"b": null}], "c": "\u00e9", "d": true} "#;
        assert_eq!(Value::Object(object(good, 3).unwrap()), serde_json::from_slice::<Value>(good).unwrap());
        for bad in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"x": {"a": 1, "a": 2}}"#,
            r#"{"x": [{"a": 1, "a": 2}]}"#,
            "[]",
            "1",
            "",
            "{} {}",
            "{}x",
            r#"{"a": 1e999}"#,
            r#"{"a": NaN}"#,
            "{\"a\": \"\u{0}\"}",
        ] {
            assert!(object(bad.as_bytes(), 3).is_err(), "{bad}");
        }
        assert!(object(b"{\"a\": \"\xff\"}", 3).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(object(br#"{"a": {"b": {}}}"#, 3).is_ok());
        assert!(object(br#"{"a": {"b": {"c": []}}}"#, 3).is_err());
        assert!(object(br#"{"a": [[[]]]}"#, 3).is_err());
        let bomb = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert!(object(bomb.as_bytes(), 100).is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_others_read(text in r#"\{("[a-c]{1,2}": ?([0-9]{1,3}|"[a-z]*"|\[[0-9]?\]|null),? ?){0,4}\}"#) {
            if let Ok(strict) = object(text.as_bytes(), 4) {
                prop_assert_eq!(Value::Object(strict), serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
