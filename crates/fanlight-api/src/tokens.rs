//! Device tokens: made, listed, ended.

use std::fmt;

use fanlight_base::{DeviceId, PersonId, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::LINE;

/// Asks for a token for one person's machine. A device of the same person and machine keeps its own token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TokenAsk")]
pub struct Ask {
    /// The person's name: no id, and not `unidentified`.
    #[schemars(length(min = 1, max = limits::NAME_CHARACTERS), regex(pattern = LINE))]
    #[schemars(extend("not" = {"pattern": "^(prs_.*|unidentified)$"}))]
    pub person: String,
    /// The machine's name.
    #[schemars(length(min = 1, max = limits::NAME_CHARACTERS), regex(pattern = LINE))]
    pub machine: String,
    /// The client it is for, for the record: small letters, `pip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// A token that was made. The only time its secret is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TokenMade")]
pub struct Made {
    /// The token, `flk_...`: the password in the index's address.
    pub token: String,
    /// The device it stands for.
    pub device: DeviceId,
    /// The person's pseudonym.
    pub person: PersonId,
    /// The parts of the index's address.
    pub index: IndexParts,
    /// Why the client's door has no upstream yet, where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_upstream: Option<String>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("token", &"..")
            .field("device", &self.device)
            .field("person", &self.person)
            .field("index", &self.index)
            .finish()
    }
}

/// The parts of the index's address, to put a name and a token between scheme and host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IndexParts {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, an IPv6 address in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path of the Python index: `/pypi/simple/`.
    pub path: String,
}

/// The devices that have, or had, a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Devices {
    /// Newest first.
    pub devices: Vec<Device>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Device {
    /// Its pseudonym.
    pub device: DeviceId,
    /// The person's pseudonym.
    pub person: PersonId,
    /// The person's name; nothing once erased.
    pub name: Option<String>,
    /// The machine's name; nothing once the person was erased.
    pub machine: Option<String>,
    /// When the token was made.
    pub created: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// When it was ended.
    pub revoked: Option<Timestamp>,
}

/// A token that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TokenRevoked")]
pub struct Revoked {
    /// The device.
    pub device: DeviceId,
    /// Whether it had been ended before.
    pub already: bool,
}
