use std::collections::HashSet;

use serde_json::Value;

use super::document;
use crate::{operations, routes};

#[test]
fn every_route_is_described_once() {
    let described: Vec<_> = operations::ALL.iter().map(|operation| operation.route).collect();
    let distinct: HashSet<_> = described.iter().collect();
    assert_eq!(distinct.len(), described.len(), "a route is described twice");
    assert_eq!(distinct, routes::ALL.iter().collect(), "routes::ALL and operations::ALL differ");
    let ids: HashSet<_> = operations::ALL.iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), described.len(), "two operations have one name");
    for operation in operations::ALL {
        let places = operation.route.path.matches('{').count();
        assert_eq!(places, usize::from(operation.place.is_some()), "{}", operation.route);
        let named = operation.place.is_none_or(|(name, _)| operation.route.path.contains(&format!("{{{name}}}")));
        assert!(named, "{}", operation.route);
    }
}

/// Every `$ref` under a value.
fn refs<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get("$ref") {
                found.push(to);
            }
            members.values().for_each(|value| refs(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| refs(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_holds_together() {
    let document = document("0.0.0");
    let mut found = Vec::new();
    refs(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for to in found {
        let place = to.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        assert!(place.is_some(), "{to} leads nowhere");
    }
    // Two types of one name would be numbered, and a generated client would change names with the order of routes.
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "two types are called {name}: rename one");
    }
    // Nobody slips in what is not asked for: bodies take the members that are described, and no others.
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(body) = operation.pointer("/requestBody/content/application~1json/schema/$ref") else { continue };
            let schema = document.pointer(body.as_str().unwrap().trim_start_matches('#')).unwrap();
            assert_eq!(schema["additionalProperties"], false, "{method} {path} takes any member");
        }
    }
}
