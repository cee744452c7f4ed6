//! A group as a resource of the directory, and the name under which policies know it.

use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{PersonId, limits};
use fanlight_credentials::json::Object;
use fanlight_credentials::scim::Schema;
use fanlight_store::DirectoryGroupRow;
use serde_json::{Value, json};

use super::answer::{Refusal, version};
use super::user::text;
use crate::Console;

/// What the directory says of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) display_name: String,
    pub(super) external_id: Option<String>,
    /// The ids of its members.
    pub(super) members: Vec<String>,
}

impl Said {
    /// Takes a resource apart.
    pub(super) fn of(object: &Object) -> Result<Self, Refusal> {
        let Some(display_name) = text(object, "displayName") else {
            return Err(Refusal::bad("invalidValue", "`displayName` is missing, and it is the group's name."));
        };
        if display_name.chars().count() > limits::NAME_CHARACTERS || display_name.chars().any(char::is_control) {
            let most = limits::NAME_CHARACTERS;
            let words = format!("`displayName` must have 1 to {most} characters, none of them a control character.");
            return Err(Refusal::bad("invalidValue", words));
        }
        let members = object.get("members").and_then(Value::as_array).into_iter().flatten();
        let members = members.filter_map(|member| member.get("value")?.as_str()).map(str::to_owned).collect();
        Ok(Self { display_name, external_id: text(object, "externalId"), members })
    }
}

/// The name that policies use: small letters, digits and hyphens; nothing where the directory's has none of them.
pub(super) fn policy_name(display: &str) -> Option<String> {
    let mut name = String::new();
    for letter in display.chars().map(|letter| letter.to_ascii_lowercase()) {
        if letter.is_ascii_alphanumeric() {
            name.push(letter);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(limits::GROUP_BYTES);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

impl Console {
    /// A group as the directory is shown it; without members where they are not asked for.
    pub(super) fn group(&self, row: &DirectoryGroupRow, members: Option<&[PersonId]>) -> Object {
        let mut group = Object::new();
        group.insert("schemas".to_owned(), json!([Schema::group().urn]));
        group.insert("id".to_owned(), row.id.as_str().into());
        if let Some(external) = &row.external_id {
            group.insert("externalId".to_owned(), external.as_str().into());
        }
        group.insert("displayName".to_owned(), row.display_name.as_str().into());
        if let Some(members) = members.filter(|members| !members.is_empty()) {
            let members = members
                .iter()
                .map(|member| json!({ "value": member.as_str(), "$ref": self.location("Users", member.as_str()) }));
            group.insert("members".to_owned(), members.collect());
        }
        let meta = json!({
            "resourceType": "Group",
            "created": rfc3339_millis(row.created),
            "lastModified": rfc3339_millis(row.changed),
            "location": self.location("Groups", &row.id),
            "version": version(row.version),
        });
        group.insert("meta".to_owned(), meta);
        group
    }
}
