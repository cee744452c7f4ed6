//! Policies in force as they are shown: in brief, and one with its text.

use fanlight_api::policies::{Policy, Written};
use fanlight_base::{Outcome, Resource};
use fanlight_gate::{Context, Handled};
use fanlight_net::Problem;
use fanlight_policy::{Effect, PolicyInfo};
use http::StatusCode;

use crate::Console;
use crate::admit::admit;
use crate::reply::json;

/// A policy in brief.
pub(crate) fn shown(policy: &PolicyInfo) -> Policy {
    Policy {
        id: policy.id.to_string(),
        file: policy.file.to_string(),
        built_in: policy.built_in,
        outcome: policy.outcome.unwrap_or(match policy.effect {
            Effect::Permit => Outcome::Allow,
            Effect::Forbid => Outcome::Deny,
        }),
        reason: policy.reason.as_ref().map(ToString::to_string),
        advice: policy.advice.as_ref().map(ToString::to_string),
    }
}

impl Console {
    pub(crate) fn policy(&self, context: &Context, id: &str) -> Handled {
        let recorded = admit(context, Resource::new("Policies", "company"))?;
        let snapshot = self.parts.gate.guard().snapshot();
        Ok(match snapshot.policies().find(|policy| *policy.id == *id) {
            Some(policy) => {
                let written = Written {
                    policy: shown(policy),
                    place: format!("{}:{}", policy.file, policy.line),
                    text: policy.text.to_string(),
                    liftable: policy.liftable,
                };
                json(recorded, StatusCode::OK, &written)
            }
            None => recorded.problem(Problem::not_found("No policy of that id is in force.")),
        })
    }
}
