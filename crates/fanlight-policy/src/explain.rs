//! Why an attempt is judged as it is: every policy of its action, and what each said.
//!
//! Gives data; the command line prints it. Invariant: the decision told is the one the guard would give.

mod attempt;

use std::sync::Arc;

use fanlight_base::{Attempt, Decision, Epoch, Fact, Outcome, Timestamp};
use serde::Serialize;

pub(crate) use attempt::fact_of;
pub use attempt::{AttemptError, AttemptFault, OwnedAttempt};

use crate::directory::Directory;
use crate::guard::{self, Snapshot};
use crate::pack::{Door, Effect, Rule};

/// How one policy took the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It applies.
    Applies,
    /// Its head names another principal or resource.
    HeadDoesNotFit,
    /// Its conditions are not met.
    ConditionNotMet,
    /// It could not be judged, so the attempt is refused.
    Failed,
}

/// One policy of the action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its id.
    pub policy: Arc<str>,
    /// Where it stands, `FILE:LINE`.
    pub place: String,
    /// Whether it lets pass or stops.
    pub effect: Effect,
    /// What a forbid makes of an attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// How it took the attempt.
    pub said: Said,
    /// Whether the decision is by it.
    pub decided: bool,
    /// A forbid's sentence that says why, filled in; where it failed, what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When its hold ends by itself.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_records_form")]
    pub until: Option<Timestamp>,
    /// The facts it looks at.
    pub looks_at: Vec<String>,
    /// Those of them that the attempt does not have.
    pub missing: Vec<String>,
}

/// The decision with its words filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// How it was judged.
    pub outcome: Outcome,
    /// By which policies.
    pub policies: Vec<Arc<str>>,
    /// The sentence that says why. Empty where it is allowed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The sentence that says what to do now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// When a hold ends by itself.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_records_form")]
    pub until: Option<Timestamp>,
    /// The policies it was judged by.
    pub epoch: Arc<Epoch>,
}

/// Why an attempt is judged as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The action asked about.
    pub action: &'static str,
    /// The decision.
    pub decision: Decided,
    /// Every policy of the action: those that decided first, then those that apply, failed, and the rest, by id.
    pub policies: Vec<Told>,
    /// Facts of the attempt that no policy of this action could look at.
    pub unknown_facts: Vec<String>,
    /// Facts that this action always comes with, and this attempt does not.
    pub missing_facts: Vec<&'static str>,
}

#[expect(clippy::ref_option, reason = "the shape serde asks for")]
fn in_records_form<S: serde::Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(&format_args!("{at:.3}")),
        None => serializer.serialize_none(),
    }
}

impl Snapshot {
    /// Judges an attempt and tells how each policy of its action took it.
    pub fn explain(&self, attempt: &Attempt<'_>) -> Explanation {
        let decision = self.decide_afresh(attempt);
        let mut explanation = Explanation {
            action: attempt.action.as_str(),
            policies: Vec::new(),
            unknown_facts: Vec::new(),
            missing_facts: Vec::new(),
            decision: decided(&decision, attempt),
        };
        let Some(door) = self.pack().door(attempt.action) else { return explanation };
        let known = &door.known.facts;
        explanation.unknown_facts = attempt
            .facts
            .iter()
            .filter(|(name, _)| !door.may_be_named(name))
            .map(|(name, _)| name.to_owned())
            .collect();
        explanation.missing_facts = (known.iter())
            .filter(|(name, fact)| fact.required && **name != "strength" && attempt.facts.get(name).is_none())
            .map(|(name, _)| *name)
            .collect();
        explanation.policies = door.rules.iter().map(|rule| self.tell(door, rule, attempt, &decision)).collect();
        explanation
            .policies
            .sort_by_key(|told| (!told.decided, told.said as u8 != Said::Applies as u8, told.said != Said::Failed));
        explanation
    }

    fn tell(&self, door: &Door, rule: &Rule, attempt: &Attempt<'_>, decision: &Decision) -> Told {
        let info = &self.pack().policies()[rule.index];
        let (said, failure, until) = how(door, self.directory(), rule, attempt);
        let looks_at: Vec<String> = rule.looks.facts.iter().cloned().collect();
        let missing = looks_at.iter().filter(|name| attempt.facts.get(name).is_none() && *name != "strength");
        Told {
            policy: rule.id.clone(),
            place: format!("{}:{}", info.file, info.line),
            effect: rule.effect,
            outcome: info.outcome,
            said,
            decided: decision.policies.contains(&rule.id),
            reason: match said {
                Said::Applies if rule.effect == Effect::Forbid => {
                    Some(fanlight_base::words::fill(&rule.reason, attempt.facts))
                }
                _ => failure,
            },
            until,
            missing: missing.cloned().collect(),
            looks_at,
        }
    }
}

fn decided(decision: &Decision, attempt: &Attempt<'_>) -> Decided {
    Decided {
        outcome: decision.outcome,
        policies: decision.policies.clone(),
        reason: decision.reason(attempt.facts),
        advice: decision.advice(attempt.facts),
        until: decision.until,
        epoch: decision.epoch.clone(),
    }
}

/// How one policy, asked alone, takes the attempt.
fn how(
    door: &Door,
    directory: &Directory,
    rule: &Rule,
    attempt: &Attempt<'_>,
) -> (Said, Option<String>, Option<Timestamp>) {
    let mut room: [Option<&Fact>; guard::FACTS] = guard::room();
    let asked = match guard::ask(door, directory, attempt, &mut room) {
        Ok(asked) => asked,
        Err(why) => return (Said::Failed, Some(why), None),
    };
    let (request, entities) = match guard::terms(door, &asked) {
        Ok(terms) => terms,
        Err(why) => return (Said::Failed, Some(why), None),
    };
    let entities = entities.as_ref().unwrap_or(&door.entities);
    match guard::applies(&rule.condition, &request, entities) {
        Err(why) => (Said::Failed, Some(why), None),
        Ok(true) => (Said::Applies, None, guard::end_of(rule, door, &asked)),
        Ok(false) => match guard::applies(&rule.head, &request, entities) {
            Ok(false) => (Said::HeadDoesNotFit, None, None),
            _ => (Said::ConditionNotMet, None, None),
        },
    }
}

#[cfg(test)]
mod tests;
