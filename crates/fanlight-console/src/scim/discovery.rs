//! What a directory can find out by itself: what is spoken here (RFC 7644, section 4) and which attributes are known
//! (RFC 7643, sections 5 to 7).

use std::sync::Arc;

use fanlight_base::{Facts, limits};
use fanlight_credentials::scim::{Attribute, Kind, Mutability, Schema};
use fanlight_gate::{Context, Handled, Routes};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::action::READ;
use super::answer::{Refusal, admit, refused, said};
use crate::Console;
use crate::admit::node;

impl Console {
    pub(super) fn discovery_routes(self: &Arc<Self>, table: Routes) -> Routes {
        let table = self.scim(table, Method::GET, "/scim/v2/ServiceProviderConfig", READ, |c, x, _, _| {
            Box::pin(async move { told(&x, Some(c.provider())) })
        });
        let table = self.scim(table, Method::GET, "/scim/v2/ResourceTypes", READ, |c, x, _, _| {
            Box::pin(async move { told(&x, Some(all(&c.types()))) })
        });
        let table = self.scim(table, Method::GET, "/scim/v2/ResourceTypes/{type}", READ, |c, x, p, _| {
            Box::pin(async move { told(&x, named(&c.types(), p.get("type"))) })
        });
        let table = self.scim(table, Method::GET, "/scim/v2/Schemas", READ, |c, x, _, _| {
            Box::pin(async move { told(&x, Some(all(&c.schemas()))) })
        });
        let table = self.scim(table, Method::GET, "/scim/v2/Schemas/{schema}", READ, |c, x, p, _| {
            Box::pin(async move { told(&x, named(&c.schemas(), p.get("schema"))) })
        });
        // What leads nowhere is said in words that directories read.
        self.scim(table, Method::GET, "/scim/v2/{*rest}", READ, |_, x, _, _| Box::pin(async move { told(&x, None) }))
    }

    fn provider(&self) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": { "supported": true },
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": true, "maxResults": limits::SCIM_PAGE },
            "changePassword": { "supported": false },
            "sort": { "supported": false },
            "etag": { "supported": true },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "Bearer",
                "description": "A key of this node, in the header Authorization.",
                "primary": true,
            }],
            "meta": { "resourceType": "ServiceProviderConfig", "location": self.place("ServiceProviderConfig") },
        })
    }

    fn types(&self) -> [Value; 2] {
        let one = |name: &str, endpoint: &str, schema: &Schema, words: &str| {
            let mut value = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": name,
                "name": name,
                "endpoint": endpoint,
                "description": words,
                "schema": schema.urn,
                "meta": { "resourceType": "ResourceType", "location": self.place(&format!("ResourceTypes/{name}")) },
            });
            if let Some((urn, _)) = schema.extension {
                value["schemaExtensions"] = json!([{ "schema": urn, "required": false }]);
            }
            value
        };
        [
            one("User", "/Users", Schema::user(), "A person."),
            one("Group", "/Groups", Schema::group(), "A group of people."),
        ]
    }

    fn schemas(&self) -> Vec<Value> {
        let one = |urn: &str, name: &str, attributes: &'static [Attribute]| {
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
                "id": urn,
                "name": name,
                "description": format!("What is known here of a {}.", name.to_lowercase()),
                "attributes": attributes.iter().filter(|one| !is_common(one)).map(described).collect::<Vec<_>>(),
                "meta": { "resourceType": "Schema", "location": self.place(&format!("Schemas/{urn}")) },
            })
        };
        let (user, group) = (Schema::user(), Schema::group());
        let core = [one(user.urn, "User", user.attributes), one(group.urn, "Group", group.attributes)];
        let more = user.extension.map(|(urn, attributes)| one(urn, "EnterpriseUser", attributes));
        core.into_iter().chain(more).collect()
    }

    fn place(&self, path: &str) -> String {
        let url = self.parts.board.url.get().map_or("", String::as_str);
        format!("{}{}/{path}", url.trim_end_matches('/'), super::ROOT)
    }
}

/// Every resource has it, so no schema names it (RFC 7643, section 3.1).
fn is_common(attribute: &Attribute) -> bool {
    ["schemas", "meta", "id", "externalId"].contains(&attribute.name)
}

/// An attribute as RFC 7643, section 7 has it.
fn described(attribute: &Attribute) -> Value {
    let is_reference = attribute.name == "$ref";
    let mut value = json!({
        "name": attribute.name,
        "type": match attribute.kind {
            Kind::Text if is_reference => "reference",
            Kind::Text => "string",
            Kind::Boolean => "boolean",
            Kind::Parts(_) => "complex",
        },
        "multiValued": attribute.several,
        "description": format!("The {}.", attribute.name),
        "required": attribute.mutability == Mutability::Required,
        "mutability": if attribute.mutability == Mutability::ReadOnly { "readOnly" } else { "readWrite" },
        "returned": "default",
    });
    match attribute.kind {
        Kind::Parts(parts) => value["subAttributes"] = parts.iter().map(described).collect(),
        Kind::Text => {
            value["caseExact"] = is_reference.into();
            value["uniqueness"] = if attribute.name == "userName" { "server" } else { "none" }.into();
            if is_reference {
                value["referenceTypes"] = json!(["User", "Group"]);
            }
        }
        Kind::Boolean => {}
    }
    value
}

fn all(resources: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

fn named(resources: &[Value], id: &str) -> Option<Value> {
    resources.iter().find(|one| one["id"] == id).cloned()
}

fn told(context: &Context, value: Option<Value>) -> Handled {
    let recorded = admit(context, READ, node(), Facts::new())?;
    Ok(match value {
        Some(value) => said(recorded, StatusCode::OK, &value, []),
        None => refused(recorded, Refusal::nothing()),
    })
}
