//! Passkeys: asked for, made, shown, removed. What browsers and authenticators exchange stands here in base64url, as WebAuthn's own
//! JSON has it (section 5.1.10).

use std::fmt;

use fanlight_base::{Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::LINE;

/// A question that a browser answers with a passkey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PasskeyQuestion")]
pub struct Question {
    /// The host name that passkeys here are bound to: `rpId`.
    pub party: String,
    /// What the authenticator signs.
    pub challenge: String,
    /// The challenge, sealed: sent back with the answer.
    pub ticket: String,
}

/// A question that a browser answers with a new passkey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PasskeyOffer")]
pub struct Offer {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// By which the authenticator knows whose it is: `user.id`.
    pub handle: String,
    /// The algorithms that are taken, as COSE numbers, the best first: `pubKeyCredParams`.
    pub algorithms: Vec<i64>,
    /// The passkeys that the person has: `excludeCredentials`.
    pub known: Vec<String>,
}

/// A new passkey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PasskeyMade")]
pub struct Made {
    /// What its person calls it.
    #[schemars(length(min = 1, max = limits::PASSKEY_NAME_CHARACTERS), regex(pattern = LINE))]
    pub name: String,
    /// What came with the question.
    pub ticket: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `attestationObject`. Who made the authenticator is not looked at.
    pub attestation: String,
}

/// A passkey that is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PasskeyShown")]
pub struct Shown {
    /// What came with the question.
    pub ticket: String,
    /// `id`: by which the authenticator knows it.
    pub credential: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub authenticator_data: String,
    /// `signature`.
    pub signature: String,
    /// `userHandle`, where the authenticator gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// A passkey in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passkey {
    /// By which it is removed.
    pub passkey: String,
    /// What its person calls it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
}

/// A passkey that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PasskeyRemoved")]
pub struct Removed {
    /// Which.
    pub passkey: String,
}

macro_rules! prints_nothing {
    ($($name:ident),+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        })+
    };
}
prints_nothing!(Question, Offer, Made, Shown);
