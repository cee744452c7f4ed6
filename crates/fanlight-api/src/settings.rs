//! The settings that a node goes by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the node went by since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// The file that they came from; nothing where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Every setting, also those that nobody set.
    pub settings: Vec<Setting>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// Its name, `packages.cooldown`.
    pub setting: String,
    /// Its value in text, users and passwords in addresses hidden; empty where there is none.
    pub value: String,
    /// Where it came from: a line of the file, a variable of the environment, a flag, or `default`.
    pub from: String,
    /// What it is for.
    pub about: String,
}
