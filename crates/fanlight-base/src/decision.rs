//! What the guard answers.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::facts::Facts;
use crate::words;

/// How an attempt was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It may go on.
    Allow,
    /// It may go on with parts hidden.
    Mask,
    /// It waits: the hold ends by itself or by a review.
    Hold,
    /// It may not; that stands until policy changes.
    Deny,
}

impl Outcome {
    /// The word in records and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Mask => "mask",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }
}

/// Which set of policies judged: a number that only grows within a node's life, and the digest of the set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// Grows by one with every change, of the policies or of what doors know of things.
    pub number: u64,
    /// The first 16 hexadecimal digits of SHA-256 over the policy texts.
    pub digest: Arc<str>,
}

/// What the guard answers to an attempt. Shared and remembered, so its texts are templates: [`Decision::reason`] and
/// [`Decision::advice`] fill the facts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How it was judged.
    pub outcome: Outcome,
    /// The policies that decided it, the strongest first.
    pub policies: Vec<Arc<str>>,
    /// The sentence that says why, with `{fact}` places. Empty where it is allowed.
    pub reason_template: Arc<str>,
    /// The sentence that says what to do now, with `{fact}` places.
    pub advice_template: Option<Arc<str>>,
    /// When a hold ends by itself.
    pub until: Option<Timestamp>,
    /// Policies of a weaker outcome that apply as well: they would decide if those above did not.
    pub beside: Vec<Arc<str>>,
    /// Whether an exception may set aside all that stops it, so that it can be asked for.
    pub liftable: bool,
    /// The exceptions by which it may go on, where policies would have stopped it.
    pub excepted: Option<Arc<Excepted>>,
    /// The policies it was judged by.
    pub epoch: Arc<Epoch>,
}

/// What let an attempt pass that policies would have stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excepted {
    /// The exceptions, by id.
    pub by: Vec<Arc<str>>,
    /// The policies that would have stopped it.
    pub lifted: Vec<Arc<str>>,
}

impl AsRef<Self> for Decision {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Decision {
    /// Whether the attempt may go on.
    pub fn is_allowed(&self) -> bool {
        matches!(self.outcome, Outcome::Allow | Outcome::Mask)
    }

    /// Whether a policy applies, be it that it decides or that it stands beside those that do.
    pub fn names(&self, policy: &str) -> bool {
        self.policies.iter().chain(&self.beside).any(|id| &**id == policy)
    }

    /// The sentence that says why.
    pub fn reason(&self, facts: &Facts) -> String {
        words::fill(&self.reason_template, facts)
    }

    /// The sentence that says what to do now.
    pub fn advice(&self, facts: &Facts) -> Option<String> {
        self.advice_template.as_ref().map(|template| words::fill(template, facts))
    }
}
