//! A person as a resource of the directory: what it says, taken apart for keeping, and put together again for showing.
//!
//! Invariant: what is shown is what was said, but for what is ours to say: the id, the version, the groups, and whether the
//! person is here.

use fanlight_base::PersonId;
use fanlight_base::clock::rfc3339_millis;
use fanlight_base::fault::with_causes;
use fanlight_base::words::sentence;
use fanlight_credentials::json::Object;
use fanlight_credentials::scim::{Operation, Patch, PatchFault, Schema, Verb};
use fanlight_identity::Identity;
use fanlight_store::{DirectoryGroupRow, DirectoryPersonRow, PersonChange};
use serde_json::{Value, json};

use super::answer::{Failed, Refusal, version};
use crate::Console;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What the directory says of a person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) external_id: Option<String>,
    /// Whether they are here; nothing where that is not said.
    pub(super) active: Option<bool>,
    kept: Object,
}

impl Refusal {
    pub(super) fn of_patch(fault: &PatchFault) -> Self {
        Self::bad(fault.scim_type(), sentence(&with_causes(fault)))
    }
}

/// A body as the schema has it: what the schema does not name, and what is ours, is left out.
pub(super) fn normal(body: Object, schema: &'static Schema) -> Result<Object, Refusal> {
    let whole = Operation { verb: Verb::Add, target: None, value: Some(Value::Object(body)) };
    let mut object = Object::new();
    let applied = Patch { operations: vec![whole] }.apply(&mut object, schema);
    applied.map(|_| object).map_err(|fault| Refusal::of_patch(&fault))
}

pub(super) fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Said {
    /// Takes a resource apart.
    pub(super) fn of(mut object: Object) -> Result<Self, Refusal> {
        let Some(name) = text(&object, "userName") else {
            return Err(Refusal::bad("invalidValue", "`userName` is missing, and it is the person's name here."));
        };
        Identity::may_be_called(&name).map_err(|error| Refusal::bad("invalidValue", sentence(&error.to_string())))?;
        let active = object.remove("active").as_ref().and_then(Value::as_bool);
        for ours in ["id", "schemas", "meta", "groups"] {
            object.remove(ours);
        }
        object.insert("userName".to_owned(), name.clone().into());
        Ok(Self { name, external_id: text(&object, "externalId"), active, kept: object })
    }

    /// Whether it says the same as another, but for whether the person is here.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.kept == other.kept
    }

    /// What is to be kept of it.
    pub(super) fn kept(&self, identity: &Identity, person: &PersonId, active: bool) -> Result<PersonChange, Failed> {
        Ok(PersonChange {
            person: person.clone(),
            name: self.name.clone(),
            external_id: self.external_id.clone(),
            resource: identity.seal_said(person, Value::Object(self.kept.clone()).to_string().as_bytes())?,
            active,
        })
    }
}

impl Console {
    /// A person as the directory is shown them.
    pub(super) fn user(&self, row: &DirectoryPersonRow, groups: &[DirectoryGroupRow]) -> Result<Object, Failed> {
        let said = self.parts.gate.identity().open_said(row)?;
        let mut user: Object = serde_json::from_slice(&said).unwrap_or_default();
        let mut schemas = vec![Value::from(fanlight_credentials::scim::Schema::user().urn)];
        schemas.extend(user.contains_key(ENTERPRISE).then(|| Value::from(ENTERPRISE)));
        let id = row.person.id.as_str();
        user.insert("schemas".to_owned(), schemas.into());
        user.insert("id".to_owned(), id.into());
        user.insert("active".to_owned(), row.person.left.is_none().into());
        if !groups.is_empty() {
            let groups = groups.iter().map(|group| {
                let (value, at) = (&group.id, self.location("Groups", &group.id));
                json!({ "value": value, "display": group.display_name, "type": "direct", "$ref": at })
            });
            user.insert("groups".to_owned(), groups.collect());
        }
        let meta = json!({
            "resourceType": "User",
            "created": rfc3339_millis(row.created),
            "lastModified": rfc3339_millis(row.changed),
            "location": self.location("Users", id),
            "version": version(row.version),
        });
        user.insert("meta".to_owned(), meta);
        Ok(user)
    }
}
