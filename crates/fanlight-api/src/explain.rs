//! Why an attempt is judged as it is, or would be by other policies: every policy of its action, and what each said.

use fanlight_base::{Outcome, Timestamp, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::publishing::File;

/// Asks about an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExplainAsk")]
pub struct Ask {
    /// The attempt as JSON in text, as somebody writes it: `principal`, `action`, `resource`, `facts`. What is wrong with it is told by
    /// line and column.
    #[schemars(length(max = limits::ATTEMPT_BYTES))]
    pub attempt: String,
    /// The set of files to judge by; without it the policies in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::POLICY_FILES))]
    pub files: Option<Vec<File>>,
}

/// Why it is judged as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explained {
    /// The action.
    pub action: String,
    /// How it is judged.
    pub outcome: Outcome,
    /// By which policies.
    pub decided_by: Vec<String>,
    /// The sentence that says why, where it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The sentence that says what to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// When a hold ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Every policy of the action: those that decided first.
    pub policies: Vec<Told>,
    /// Facts that the action always comes with and the attempt lacks.
    pub missing_facts: Vec<String>,
    /// Facts of the attempt that no policy of this action can look at.
    pub unknown_facts: Vec<String>,
}

/// How a policy took the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "PolicySaid")]
pub enum Said {
    /// It applies.
    Applies,
    /// It is about another principal or thing.
    HeadDoesNotFit,
    /// Its conditions are not met.
    ConditionNotMet,
    /// It could not be judged, so the attempt is refused.
    Failed,
}

/// One policy of the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyTold")]
pub struct Told {
    /// Its id.
    pub policy: String,
    /// Where it stands, `FILE:LINE`.
    pub place: String,
    /// What it makes of an attempt that it applies to.
    pub outcome: Outcome,
    /// How it took the attempt.
    pub said: Said,
    /// Whether the decision is by it.
    pub decided: bool,
    /// Its sentence that says why, filled in; where it failed, what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Facts that it looks at and the attempt lacks.
    pub missing: Vec<String>,
}
