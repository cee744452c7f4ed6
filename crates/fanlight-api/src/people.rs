//! People: who is known, in which roles and groups, and what can be done about them.

use fanlight_base::{PersonId, Role, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{listing, passkeys};

/// Asks to destroy the keys of a person's values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EraseAsk")]
pub struct Erase {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
}

/// What was destroyed. The ledger's proofs go on holding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// The person's pseudonym, which stays in the records, or `unidentified`.
    pub person: String,
    /// How many keys of their values were destroyed.
    pub keys: u64,
    /// How many device tokens were ended.
    pub tokens: u64,
}

/// The query of [`crate::routes::PEOPLE`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PeopleAsk")]
pub struct Find {
    /// Which part of the list.
    #[serde(flatten)]
    pub page: listing::Page,
    /// Those who have that role. Everybody who is here is a builder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Those in a group with this in its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::SEARCH_CHARACTERS))]
    pub group: Option<String>,
}

/// Everybody known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct People {
    /// In the order they became known.
    pub people: Vec<Person>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The pseudonym.
    pub person: PersonId,
    /// The name; nothing once erased.
    pub name: Option<String>,
    /// Their roles beside that of a builder, which everybody has.
    pub roles: Vec<Role>,
    /// The groups they are in.
    pub groups: Vec<String>,
    /// Since when they are known.
    pub since: Timestamp,
    /// When they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Timestamp>,
    /// When they were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
}

/// How a person logs in, and what they have here: no secret, and nothing that opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PersonCard")]
pub struct Card {
    /// The person.
    pub person: Person,
    /// Whether they can log in: there is a way by which.
    pub can_log_in: bool,
    /// Since when they have an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_since: Option<Timestamp>,
    /// When they logged in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<Timestamp>,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they have an authenticator app.
    pub has_totp: bool,
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<passkeys::Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes: u64,
    /// The providers at which they log in, by name.
    pub providers: Vec<String>,
    /// How many sessions they have now.
    pub sessions: u64,
    /// How many keys of theirs are good.
    pub keys: u64,
    /// How many machines have a token of theirs.
    pub machines: u64,
    /// How many apps they own.
    pub apps: u64,
    /// The invitation to them that somebody may still open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
}

/// An invitation that nobody has opened yet, without what opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PersonInvitation")]
pub struct Invitation {
    /// The role that comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Until when it opens.
    pub until: Timestamp,
    /// Who made it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
}

/// Asks to give or take a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
    /// The role; any but builder.
    #[schemars(extend("enum" = ["mentor", "reviewer", "steward", "auditor"]))]
    pub role: Role,
}

/// Asks to put a person into a group, or to take them out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeGroup {
    /// The person's name, or their pseudonym `prs_...`.
    pub person: String,
    /// The group: small letters, digits and hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub group: String,
}

/// What a person is in after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PersonChanged")]
pub struct Changed {
    /// The pseudonym.
    pub person: PersonId,
    /// The name.
    pub name: Option<String>,
    /// Their roles beside that of a builder.
    pub roles: Vec<Role>,
    /// The groups they are in.
    pub groups: Vec<String>,
    /// Whether it was so before.
    pub already: bool,
}
