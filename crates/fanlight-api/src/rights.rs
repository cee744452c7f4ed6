//! What people's rights and keys were used for, and fewer that would do.

use fanlight_base::{PersonId, Scope, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks about a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RightsAsk")]
pub struct Ask {
    /// How many days back from now the record is read; 90 where nothing is said.
    #[serde(default, deserialize_with = "crate::shapes::whole_or_none", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub days: Option<u64>,
}

/// What is granted against what was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// Since when the record was read.
    pub since: Timestamp,
    /// Attempts of that time that were allowed and were judged again.
    pub judged: u64,
    /// Attempts that were allowed and could not be judged again, or would be refused today by the policies in force.
    pub left: u64,
    /// Everybody who has a role or is in a group.
    pub people: Vec<PersonRights>,
    /// Keys that are good.
    pub keys: Vec<KeyRights>,
    /// A policy that takes from people what the roles that they keep open and nobody did; empty where there is nothing to take.
    /// Stewards keep theirs.
    pub policy: String,
    /// What the same attempts would come to without all that is spare, and with that policy.
    pub proof: Proof,
}

/// A person's rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonRights {
    /// The pseudonym.
    pub person: PersonId,
    /// The name.
    pub name: Option<String>,
    /// What they have.
    pub rights: Vec<Right>,
}

/// A role or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RightUsed")]
pub struct Right {
    /// Which: `role` or `group`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How often something was done that would have been refused without it.
    pub times: u64,
    /// What that was.
    pub actions: Vec<String>,
    /// When last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// Whether all that was done goes without it.
    pub spare: bool,
    /// Whether a company's directory keeps it: then it is taken there.
    pub by_directory: bool,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyRights {
    /// Its name.
    pub key: String,
    /// Where it is used, in the words of who made it.
    pub label: String,
    /// Whose it is: an app or a person.
    pub holder: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// What it was used for.
    pub used: Vec<Scope>,
    /// When last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// What the proposal comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RightsProof")]
pub struct Proof {
    /// Attempts that stay allowed.
    pub allowed: u64,
    /// Attempts that would be refused.
    pub refused: u64,
}
