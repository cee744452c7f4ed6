//! Values as the schema has them, made of values as directories send them.

use fanlight_base::limits;
use serde_json::Value;

use super::PatchFault;
use crate::json::Object;
use crate::scim::schema::{self, Attribute, Kind, Mutability};

/// One value of an attribute.
pub(super) fn one(attribute: &'static Attribute, value: &Value) -> Result<Value, PatchFault> {
    let refused = |expected| PatchFault::Value { name: attribute.name.to_owned(), expected };
    match (attribute.kind, value) {
        // A list of one, or an object with a `value`, where a single value is meant.
        (Kind::Text | Kind::Boolean, Value::Array(list)) if list.len() == 1 => one(attribute, &list[0]),
        (Kind::Text | Kind::Boolean, Value::Object(object)) if object.contains_key("value") => match &object["value"] {
            Value::Object(_) | Value::Array(_) => Err(refused("a plain value")),
            plain => one(attribute, plain),
        },
        (Kind::Text, Value::String(text)) if text.len() <= limits::SCIM_TEXT_BYTES => Ok(Value::String(text.clone())),
        (Kind::Text, Value::Number(number)) => Ok(Value::String(number.to_string())),
        (Kind::Text, Value::Bool(truth)) => Ok(Value::String(truth.to_string())),
        (Kind::Text, Value::String(_)) => Err(refused("a shorter text")),
        (Kind::Text, _) => Err(refused("a text")),
        (Kind::Boolean, Value::Bool(truth)) => Ok(Value::Bool(*truth)),
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        (Kind::Boolean, _) => Err(refused("true or false")),
        (Kind::Parts(parts), Value::Object(object)) => Ok(Value::Object(of_parts(parts, object)?)),
        (Kind::Parts(_), Value::Array(list)) if !attribute.several && list.len() == 1 => one(attribute, &list[0]),
        // The value alone, where its object is meant: a manager's or a member's id, an address.
        (Kind::Parts(parts), plain @ (Value::String(_) | Value::Number(_))) => {
            let part = schema::named(parts, "value").ok_or_else(|| refused("an object"))?;
            Ok(Value::Object(Object::from_iter([(part.name.to_owned(), one(part, plain)?)])))
        }
        (Kind::Parts(_), _) => Err(refused("an object")),
    }
}

/// The values of an attribute that has several.
pub(super) fn list(attribute: &'static Attribute, value: &Value) -> Result<Vec<Value>, PatchFault> {
    match value {
        Value::Array(list) if list.len() > limits::SCIM_VALUES => {
            Err(PatchFault::TooMuch { most: limits::SCIM_VALUES, what: "values" })
        }
        Value::Array(list) => list.iter().map(|value| one(attribute, value)).collect(),
        single => Ok(vec![one(attribute, single)?]),
    }
}

/// The parts that are known; others, and those that are ours, are left out, and so is what is null.
fn of_parts(parts: &'static [Attribute], object: &Object) -> Result<Object, PatchFault> {
    let mut known = Object::new();
    for (name, value) in object {
        if let Some(part) = schema::named(parts, name)
            && part.mutability != Mutability::ReadOnly
            && !value.is_null()
        {
            known.insert(part.name.to_owned(), one(part, value)?);
        }
    }
    Ok(known)
}
