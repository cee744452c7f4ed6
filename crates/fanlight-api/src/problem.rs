//! The one form of an error on the admin API and the doors: RFC 9457, with three members of our own.

use fanlight_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`] (RFC 9457, section 3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error as it is told to the outside. Its texts are made for the caller; what the log says is kept apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A name of the kind of problem, a URI reference; `about:blank` where the status says all.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// What is wrong, in a few words, the same for every problem of this kind.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What is wrong this time, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// When a hold ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The request's id, as in the node's log: 16 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}
