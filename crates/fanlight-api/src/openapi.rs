//! The admin API's own document, OpenAPI 3.1, made of the operations and the types that cross the API.
//!
//! Refuses to know a node: the document is the same for every node of one version. Invariant: nothing in it is written by
//! hand that a type says.

use fanlight_base::limits;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::operations::{ALL, Answers, By, Operation};
use crate::problem::{MEDIA_TYPE, Problem};
use crate::routes::Method;

/// Where the node serves it.
pub const PATH: &str = "/v1/openapi.json";
/// The statuses that every operation may answer besides its own: what cannot be understood, by whom it is not known who
/// asks, what policies refuse, what took too long, was too much or too often, another host's name, and a node that cannot serve now.
pub const EVERYWHERE: [u16; 9] = [400, 401, 403, 408, 413, 421, 429, 431, 503];

/// The document. `version` is the program's.
pub fn document(version: &str) -> Value {
    let mut generator =
        SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into()).into_generator();
    let problem = generator.subschema_for::<Problem>().to_value();
    let mut paths = Map::new();
    for operation in ALL {
        let described = describe(operation, &problem, &mut generator);
        let path = paths.entry(operation.route.path).or_insert_with(|| json!({}));
        path[operation.route.method.as_str().to_ascii_lowercase()] = described;
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fanlight",
            "version": version,
            "description": "The admin API of a Fanlight node. Every call is judged by the policies in force and recorded \
                in the ledger before it is answered. A refusal says why and what to do.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This node"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-fanlight-session",
                    "description": "A browser's session; on plain loopback the name has no prefix. A change by it must come from \
                        a page of the node's own, by Origin and Sec-Fetch-Site.",
                },
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token: flo_... of whoever runs the node, or flk_... of a person's machine.",
                },
            },
        },
    })
}

fn describe(operation: &Operation, problem: &Value, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = Vec::new();
    if let Some((name, pattern)) = operation.place {
        let schema = json!({"type": "string", "pattern": pattern});
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    if let Some(query) = operation.query {
        parameters.extend(members(&query(generator).to_value()));
    }
    let answer = match operation.answers {
        Answers::Json(schema) => json!({"application/json": {"schema": schema(generator)}}),
        // No version of OpenAPI that tools read can say what a line is; the schemas are there for whoever reads on.
        Answers::Lines(lines) => {
            let lines: Vec<Value> = lines.iter().map(|line| line(generator).to_value()).collect();
            json!({"application/jsonl": {"schema": {"type": "string"}, "x-lines": {"anyOf": lines}}})
        }
        Answers::Events(event) => {
            let event = event(generator).to_value();
            let data = json!({"type": "string", "contentMediaType": "application/json", "contentSchema": event});
            let schema = json!({"type": "object", "required": ["data"], "properties": {"data": data}});
            json!({"text/event-stream": {"schema": schema}})
        }
    };
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), json!({"description": operation.summary, "content": answer}));
    let is_tagged = operation.route.method == Method::Get && matches!(operation.answers, Answers::Json(_));
    if is_tagged {
        responses.insert("304".to_owned(), json!({"description": "What the client has by that tag still holds"}));
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "The ETag of an answer that the client has: 304 where it still holds.",
        }));
    }
    let takes_key = operation.route.takes_idempotency_key();
    if takes_key {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": {"type": "string", "pattern": format!(
                "^[!-~]{{{},{}}}$", limits::IDEMPOTENCY_KEY_LEAST, limits::IDEMPOTENCY_KEY_MOST
            )},
            "description": "A random value of the caller's: a call that comes again with it within a day is not made again, \
                and is answered as the first was, with `Idempotency-Replayed: true`.",
        }));
    }
    let of_key: &[u16] = if takes_key { &[409] } else { &[] };
    let mut errors: Vec<u16> = EVERYWHERE.iter().chain(operation.errors).chain(of_key).copied().collect();
    errors.sort_unstable();
    errors.dedup();
    for status in errors {
        let content = json!({MEDIA_TYPE: {"schema": problem}});
        responses.insert(status.to_string(), json!({"description": words(status), "content": content}));
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": responses,
    });
    match operation.by {
        By::Anything => {}
        By::Session => described["security"] = json!([{"session": []}]),
        By::Nothing => described["security"] = json!([]),
    }
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = operation.body {
        let content = json!({"application/json": {"schema": body(generator)}});
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

/// The members of an object's schema as parameters of a query.
fn members(schema: &Value) -> Vec<Value> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let one = |(name, mut schema): (String, Value)| {
        let is_required = required.iter().any(|known| *known == name.as_str());
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        // What is left out of a query is not there; null cannot be written in one.
        if let Some(Value::Array(kinds)) = schema.get("type") {
            let kind = kinds.iter().find(|kind| *kind != "null").cloned();
            schema["type"] = kind.unwrap_or(Value::Null);
        }
        json!({"name": name, "in": "query", "required": is_required, "description": description, "schema": schema})
    };
    properties.into_iter().map(one).collect()
}

const fn words(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be understood",
        401 => "It is not known who asks, or what they show is not good any more",
        403 => "Refused by policy; the answer says why and what to do",
        404 => "There is no such thing",
        408 => "The request took too long to come",
        409 => "What is there stands in the way",
        413 => "The request is too large",
        421 => "The request is for another host",
        429 => "There were too many tries; Retry-After says how long to wait",
        422 => "What was given cannot be used",
        431 => "The request's head is too large",
        502 => "The upstream failed",
        503 => "The node cannot serve, or cannot record, now",
        _ => "An error",
    }
}

#[cfg(test)]
mod tests;
