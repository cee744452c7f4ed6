//! Exceptions: releases that may pass policies for a time, each for somebody, by somebody, with a reason and an end.

use fanlight_base::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom an exception is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The one who asks.
    Me,
    /// Everybody.
    Everybody,
    /// A person, by name.
    Person(String),
}

/// Asks for an exception in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The release's purl, or the project's for all its releases.
    pub purl: String,
    /// Why, in one line. It stands in the record for ever: it names nobody.
    pub because: String,
    /// For how many seconds.
    pub seconds: u64,
    /// For whom.
    pub audience: Audience,
    /// The policies to set aside; without any, those that stop it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its id: `exc_` and 16 letters or digits.
    pub id: String,
    /// The release's purl, or the project's.
    pub purl: String,
    /// Whom it is for, by name; everybody where nobody is named.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exceptions {
    /// Them.
    pub exceptions: Vec<Exception>,
}
