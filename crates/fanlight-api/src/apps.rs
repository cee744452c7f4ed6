//! Apps: what people made or adopted, each with three layers of words, an owner and a successor.

use fanlight_base::{AppId, PersonId, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shapes::{LINE, SENTENCES};

/// Asks to register an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AppRegister")]
pub struct Register {
    /// What it is called.
    #[schemars(length(min = 1, max = limits::APP_TITLE_CHARACTERS), regex(pattern = LINE))]
    pub title: String,
    /// What it does, on one line.
    #[schemars(length(min = 1, max = limits::APP_HEADLINE_CHARACTERS), regex(pattern = LINE))]
    pub headline: String,
    /// What else is worth knowing, in at most three sentences: for whom it is, which data it touches.
    #[schemars(length(min = 1, max = limits::APP_ABOUT_CHARACTERS), regex(pattern = SENTENCES))]
    pub about: String,
    /// Who has it when the owner leaves: a name or a pseudonym, of somebody else.
    pub successor: String,
    /// Whose it is: a name or a pseudonym; who asks, where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Asks to change what is said about an app, or who has it next. What is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AppChange")]
pub struct Change {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::APP_TITLE_CHARACTERS), regex(pattern = LINE))]
    pub title: Option<String>,
    /// What it does, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::APP_HEADLINE_CHARACTERS), regex(pattern = LINE))]
    pub headline: Option<String>,
    /// What else is worth knowing, in at most three sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::APP_ABOUT_CHARACTERS), regex(pattern = SENTENCES))]
    pub about: Option<String>,
    /// Who has it when the owner leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// Asks to give an app to another owner. Its keys keep the scope packages; those for something else are made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AppHandOver")]
pub struct HandOver {
    /// Who has it from now on: a name or a pseudonym.
    pub owner: String,
    /// Who has it after them: a name or a pseudonym, of somebody else.
    pub successor: String,
}

/// An app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct App {
    /// Its pseudonym: `app_` and 16 letters or digits.
    pub app: AppId,
    /// What it is called.
    pub title: String,
    /// What it does.
    pub headline: String,
    /// What else is worth knowing.
    pub about: String,
    /// Whose it is; nothing where it is nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Holder>,
    /// Who has it when the owner leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Holder>,
    /// How many keys it has that are good.
    pub keys: u64,
    /// When it was registered.
    pub registered: Timestamp,
    /// Since when it is nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphaned: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// A person with an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AppHolder")]
pub struct Holder {
    /// The pseudonym.
    pub person: PersonId,
    /// The name, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Apps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apps {
    /// In the order they were registered.
    pub apps: Vec<App>,
    /// Where the next page begins, as `after` takes it, where a limit was asked for and there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What an app did at the package doors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AppUsed")]
pub struct Used {
    /// What it has or may have, the latest first.
    pub packages: Vec<crate::holdings::Holding>,
    /// What it was refused, the latest first.
    pub refused: Vec<Refused>,
    /// Whether there is more than is listed.
    pub truncated: bool,
}

/// Something that an app was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AppRefused")]
pub struct Refused {
    /// When.
    pub at: Timestamp,
    /// What: its purl.
    pub release: String,
    /// Which file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// How it was judged: `hold` or `deny`.
    pub outcome: String,
    /// By which policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
