//! Exceptions: releases that may pass policies for a time, each for somebody, by somebody, with a reason and an end.

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::{LINE, PURL, whole};

/// Whom an exception is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ExceptionAudience")]
pub enum Audience {
    /// The one who asks.
    Me,
    /// Everybody.
    Everybody,
    /// A person, by name.
    Person(String),
    /// Whoever is in this group.
    Group(String),
    /// An app, by id.
    App(String),
}

/// Asks for an exception in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExceptionAsk")]
pub struct Ask {
    /// The release's purl, or the project's for all its releases.
    #[schemars(regex(pattern = PURL), example = "pkg:pypi/requests@2.32.0")]
    pub purl: String,
    /// Why, in one line. It stands in the record for ever: it names nobody.
    #[schemars(length(min = 1, max = limits::BECAUSE_CHARACTERS), regex(pattern = LINE))]
    pub because: String,
    /// For how many seconds.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(min = 1, max = limits::BREAK_GLASS_TIME.as_secs()))]
    pub seconds: u64,
    /// For whom.
    pub audience: Audience,
    /// The policies to set aside; without any, those that stop it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// Its id: `exc_` and 16 letters or digits.
    pub id: String,
    /// The release's purl, or the project's.
    pub purl: String,
    /// Whom it is for, a person by name, an app by id, or `group:NAME`; everybody where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The policies it sets aside.
    pub policies: Vec<String>,
    /// Why.
    pub because: String,
    /// The role of who granted it.
    pub role: String,
    /// Who granted it, by name, or by pseudonym once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was granted.
    pub granted: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When it did end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// Every exception there was, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exceptions {
    /// Them.
    pub exceptions: Vec<Exception>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
