//! Keys by which apps and people call: made, listed, ended.

use std::collections::BTreeMap;
use std::fmt;

use fanlight_base::{AppId, PersonId, Scope, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::{LINE, whole};

/// Days that a key lives at most.
const DAYS: u64 = limits::APP_KEY_TIME.as_secs() / 86_400;

/// Asks for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyAsk")]
pub struct Ask {
    /// The app it is for; who asks, where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^app_[a-z0-9]{16}$"))]
    pub app: Option<String>,
    /// Where it will be used, on one line.
    #[schemars(length(min = 1, max = limits::KEY_LABEL_CHARACTERS), regex(pattern = LINE))]
    pub label: String,
    /// The public half of a key of the app's own, as JSON (RFC 7517): then there is no secret, and the app asks for tokens by
    /// assertions (RFC 7523). Ed25519, P-256, P-384, or RSA of at least 2048 bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<serde_json::Map<String, serde_json::Value>>,
    /// What is shown in place of a secret where that is somebody else's: then there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// What it is for. It never may more than whose it is.
    #[schemars(length(min = 1))]
    pub scopes: Vec<Scope>,
    /// How many days it lives.
    #[serde(deserialize_with = "whole")]
    #[schemars(range(min = 1, max = DAYS))]
    pub days: u64,
}

/// What is shown in place of a secret, where that is somebody else's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "KeyTrust")]
pub enum Trust {
    /// Tokens of an issuer in the settings (`apps.issuers`).
    Token(TrustedToken),
    /// A client certificate (mutual TLS) by an authority of the settings (`listen.client_authorities`): SHA-256 of it, in
    /// hexadecimal digits.
    Certificate(#[schemars(regex(pattern = "^[0-9a-f]{64}$"))] String),
    /// Such a certificate, by one of the names in it: `dns:HOST` in small letters, `uri:ADDRESS` or `email:ADDRESS`.
    CertificateName(
        #[schemars(length(max = limits::CLAIM_TEXT_BYTES), regex(pattern = "^((dns:[a-z0-9._-]+)|((uri|email):[!-~]+))$"))]
         String,
    ),
}

/// Tokens of an issuer that a key trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustedToken {
    /// The issuer's name in the settings.
    #[schemars(regex(pattern = "^[a-z0-9-]{1,32}$"))]
    pub issuer: String,
    /// Whom they are about: `sub`, letter for letter.
    #[schemars(length(min = 1, max = limits::CLAIM_TEXT_BYTES), regex(pattern = LINE))]
    pub subject: String,
    /// Further claims that they must have, with these texts as values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
}

/// A key that was made. The only time its secret is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeyMade")]
pub struct Made {
    /// Its name in lists, and the id of the client that asks for tokens with it: `key_` and 16 letters or digits.
    pub key: String,
    /// The key itself, `flk_...`: shown as Bearer, or as the password of Basic. Nothing where something else is shown in its
    /// place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("key", &self.key).field("until", &self.until).finish_non_exhaustive()
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Its name in lists.
    pub key: String,
    /// The app whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// The app's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The person whose it is, where it is no app's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The person's name, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is used.
    pub label: String,
    /// Whether it is a public key, whose other half the app has.
    pub public: bool,
    /// What is shown in place of a secret, where that is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// With this, in hexadecimal digits, the record of the key's making proves whom it trusts: its `subject_hmac` is HMAC-SHA256 of
    /// the subject, and for each claim by its name a line feed, the name, `=` and the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_salt: Option<String>,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// When it was last used, to about a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
    /// When it was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

/// Keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Keys {
    /// The newest first.
    pub keys: Vec<Key>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A key that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "KeyRevoked")]
pub struct Revoked {
    /// The key.
    pub key: String,
    /// Whether it had been ended before.
    pub already: bool,
}
