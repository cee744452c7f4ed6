//! Whether a resource answers a filter.
//!
//! Texts are compared without case, but for ids and references (`caseExact` of RFC 7643); times as times; and a truth also
//! with its name as a text, as Entra writes it. Of several values one is enough. What is not there equals `null`.

use std::cmp::Ordering;

use fanlight_base::Timestamp;
use serde_json::Value;

use super::{Filter, Literal, Operator};
use crate::json::Object;
use crate::scim::path::Path;

pub(super) fn matches(filter: &Filter, resource: &Object) -> bool {
    match filter {
        Filter::Present(path) => values(resource, path).iter().any(|value| !is_empty(value)),
        Filter::Compare(path, operator, literal) => {
            let values = values(resource, path);
            if values.is_empty() {
                return matches!((operator, literal), (Operator::Eq, Literal::Null))
                    || (*operator == Operator::Ne && *literal != Literal::Null);
            }
            let exact = is_exact(path);
            values.iter().any(|value| compares(value, *operator, literal, exact))
        }
        Filter::Has(path, inner) => elements(resource, path).into_iter().any(|element| match element {
            Value::Object(element) => matches(inner, element),
            plain => matches(inner, &Object::from_iter([("value".to_owned(), plain.clone())])),
        }),
        Filter::Not(inner) => !matches(inner, resource),
        Filter::And(all) => all.iter().all(|one| matches(one, resource)),
        Filter::Or(all) => all.iter().any(|one| matches(one, resource)),
    }
}

fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The attribute's values; several where it has several.
fn elements<'a>(resource: &'a Object, path: &Path) -> Vec<&'a Value> {
    // The core schemas' attributes stand at the top, those of extensions in an object under their URN.
    let within = path.schema.as_deref().and_then(|schema| member(resource, schema)).and_then(Value::as_object);
    match member(within.unwrap_or(resource), &path.name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The values that are compared: of an object its part, or its `value`.
fn values<'a>(resource: &'a Object, path: &Path) -> Vec<&'a Value> {
    let of = |element: &'a Value| match (element, &path.part) {
        (Value::Object(object), Some(part)) => member(object, part),
        (Value::Object(object), None) => member(object, "value").or(Some(element)),
        (plain, None) => Some(plain),
        (_, Some(_)) => None,
    };
    elements(resource, path).into_iter().filter_map(of).filter(|value| !value.is_null()).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_exact(path: &Path) -> bool {
    let last = path.part.as_deref().unwrap_or(&path.name);
    ["id", "externalId", "$ref", "version", "location"].iter().any(|exact| last.eq_ignore_ascii_case(exact))
}

fn compares(value: &Value, operator: Operator, literal: &Literal, exact: bool) -> bool {
    match (value, literal) {
        (Value::String(text), Literal::Text(wanted)) if exact => text_compares(text, operator, wanted),
        // The common case, asked of each of a group's members: without a copy of either.
        (Value::String(text), Literal::Text(wanted))
            if text.is_ascii() && wanted.is_ascii() && operator == Operator::Eq =>
        {
            text.eq_ignore_ascii_case(wanted)
        }
        (Value::String(text), Literal::Text(wanted)) => {
            text_compares(&text.to_lowercase(), operator, &wanted.to_lowercase())
        }
        (Value::Bool(truth), Literal::Boolean(wanted)) => equals(truth == wanted, operator),
        (Value::Bool(truth), Literal::Text(wanted)) => {
            equals(wanted.eq_ignore_ascii_case(if *truth { "true" } else { "false" }), operator)
        }
        (Value::Number(number), Literal::Number(wanted)) => {
            let order = number.as_f64().and_then(|number| number.partial_cmp(&wanted.as_f64()?));
            order.is_some_and(|order| ordered(order, operator))
        }
        // Values of different kinds are not equal, and in no order.
        _ => equals(false, operator),
    }
}

const fn equals(same: bool, operator: Operator) -> bool {
    match operator {
        Operator::Eq => same,
        Operator::Ne => !same,
        _ => false,
    }
}

fn text_compares(text: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Eq => text == wanted,
        Operator::Ne => text != wanted,
        Operator::Co => text.contains(wanted),
        Operator::Sw => text.starts_with(wanted),
        Operator::Ew => text.ends_with(wanted),
        Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
            let times = (text.parse::<Timestamp>(), wanted.parse::<Timestamp>());
            let order = if let (Ok(time), Ok(wanted)) = times { time.cmp(&wanted) } else { text.cmp(wanted) };
            ordered(order, operator)
        }
    }
}

const fn ordered(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}
