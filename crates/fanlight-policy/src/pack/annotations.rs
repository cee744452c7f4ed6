//! The annotations of a policy: its outcome and its words, read and checked.
//!
//! Invariant: what comes out can be shown: every place in the words is a fact of every action the policy is about, and
//! a hold's end is an instant.

use std::sync::Arc;

use cedar_policy::Effect;
use fanlight_base::{Outcome, limits, words};

use super::fault::PolicyFault;
use super::source::Parsed;
use crate::schema::{FactKind, KnownAction, WORDS_ONLY};

const KNOWN: &[&str] = &["id", "outcome", "reason", "advice", "until", "lift", "note"];

/// What a forbid's annotations say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Arc<str>,
    pub(crate) advice: Option<Arc<str>>,
    pub(crate) until: Option<Arc<str>>,
    pub(crate) liftable: bool,
}

/// Reads a policy's annotations; none for a permit. What is wrong goes to `faults`.
pub(crate) fn read(parsed: &Parsed, actions: &[&KnownAction], faults: &mut Vec<PolicyFault>) -> Option<Words> {
    let before = faults.len();
    for (key, value) in parsed.policy.annotations() {
        if !KNOWN.contains(&key) {
            let hint = format!("known are @{}", KNOWN.join(", @"));
            faults.push(parsed.fault_at(&format!("@{key}"), format!("no annotation is called @{key}"), hint));
        }
        if value.len() > limits::POLICY_TEXT_BYTES || value.chars().any(char::is_control) {
            let message = format!("@{key} must be one line of at most {} bytes", limits::POLICY_TEXT_BYTES);
            faults.push(parsed.fault_at(&format!("@{key}"), message, "clients show it on one line: say it shorter"));
        }
    }
    let annotation = |key: &str| parsed.policy.annotation(key);
    if parsed.policy.effect() == Effect::Permit {
        for key in ["outcome", "reason", "advice", "until", "lift"] {
            if annotation(key).is_some() {
                let hint = "a permit has no words of its own: remove it, or make the policy a forbid";
                faults.push(parsed.fault_at(&format!("@{key}"), format!("@{key} belongs to a forbid"), hint));
            }
        }
        return None;
    }
    let outcome = match annotation("outcome") {
        None | Some("deny") => Outcome::Deny,
        Some("hold") => Outcome::Hold,
        Some("mask") => {
            // Nothing that passes these doors has parts to hide, and what is not done must not be said.
            let message = format!("@outcome(\"mask\") hides parts of what passes, which {} cannot", named(actions));
            faults.push(parsed.fault_at("@outcome", message, "use @outcome(\"hold\") or @outcome(\"deny\")"));
            Outcome::Deny
        }
        Some(other) => {
            let hint = "use @outcome(\"hold\") or @outcome(\"deny\")";
            faults.push(parsed.fault_at("@outcome", format!("{other:?} is no outcome"), hint));
            Outcome::Deny
        }
    };
    for key in ["reason", "advice"] {
        if let Some(text) = annotation(key) {
            check_places(parsed, key, text, actions, faults);
        }
    }
    if let Some(fact) = annotation("until") {
        check_until(parsed, fact, outcome, actions, faults);
    }
    if let Some(other) = annotation("lift").filter(|lift| *lift != "never") {
        let hint = "write @lift(\"never\"), or leave it out where exceptions may be made";
        faults.push(parsed.fault_at("@lift", format!("{other:?} does not say how it may be lifted"), hint));
    }
    if faults.len() > before {
        return None;
    }
    let reason = annotation("reason").filter(|text| !text.trim().is_empty());
    Some(Words {
        outcome,
        reason: reason.map_or_else(|| plain_reason(&parsed.id, outcome).into(), Into::into),
        advice: annotation("advice").filter(|text| !text.trim().is_empty()).map(Into::into),
        until: annotation("until").map(Into::into),
        liftable: annotation("lift").is_none(),
    })
}

/// The actions as a sentence names them.
fn named(actions: &[&KnownAction]) -> String {
    match actions {
        [] => "it".to_owned(),
        [one] => one.action.as_str().to_owned(),
        [first, rest @ ..] => format!("{} and {} more", first.action, rest.len()),
    }
}

/// The sentence of a forbid that brings none.
fn plain_reason(id: &str, outcome: Outcome) -> String {
    let does = match outcome {
        Outcome::Hold => "holds",
        Outcome::Mask => "hides parts of",
        Outcome::Deny | Outcome::Allow => "denies",
    };
    format!("the company's policy {id} {does} this")
}

fn check_places(parsed: &Parsed, key: &str, text: &str, actions: &[&KnownAction], faults: &mut Vec<PolicyFault>) {
    let at = format!("@{key}");
    if !balanced(text) {
        let hint = "a place is a fact's name between braces, such as {age_minutes}";
        faults.push(parsed.fault_at(&at, format!("@{key} has a brace without its partner"), hint));
        return;
    }
    for place in words::places(text) {
        let Some(without) = actions.iter().find(|action| !may_name(action, place)) else { continue };
        let message = format!("@{key} names {{{place}}}, which {} does not come with", without.action);
        faults.push(parsed.fault_at(&format!("{{{place}}}"), message, facts_hint(actions)));
    }
}

fn check_until(parsed: &Parsed, fact: &str, outcome: Outcome, actions: &[&KnownAction], faults: &mut Vec<PolicyFault>) {
    if outcome != Outcome::Hold {
        let hint = "only a hold ends by itself: add @outcome(\"hold\"), or remove @until";
        faults.push(parsed.fault_at("@until", "@until belongs to a hold", hint));
    }
    let is_time = |action: &&KnownAction| action.facts.get(fact).is_some_and(|known| known.kind == FactKind::Time);
    if let Some(without) = actions.iter().find(|action| !is_time(action)) {
        let message = format!("@until names {fact:?}, which is no time that {} comes with", without.action);
        let times: Vec<&str> =
            (without.facts.iter()).filter(|(_, f)| f.kind == FactKind::Time).map(|(n, _)| *n).collect();
        let hint = match times.as_slice() {
            [] => format!("{} has no times: remove @until, and the hold lasts until a review", without.action),
            times => format!("{} has {}", without.action, times.join(", ")),
        };
        faults.push(parsed.fault_at("@until", message, hint));
    }
}

fn may_name(action: &KnownAction, place: &str) -> bool {
    action.facts.contains_key(place) || (WORDS_ONLY.contains(&place) && action.groups.contains("packages:fetch"))
}

fn facts_hint(actions: &[&KnownAction]) -> String {
    let Some((first, rest)) = actions.split_first() else { return "name a fact".into() };
    let shared = first.facts.keys().filter(|name| rest.iter().all(|action| action.facts.contains_key(*name)));
    let shared = shared.copied().collect::<Vec<_>>().join(", ");
    if rest.is_empty() {
        format!("{} comes with {shared}", first.action)
    } else {
        format!("all {} actions it is about come with {shared}", actions.len())
    }
}

fn balanced(text: &str) -> bool {
    let mut open = false;
    for c in text.chars() {
        match c {
            '{' if open => return false,
            '}' if !open => return false,
            '{' => open = true,
            '}' => open = false,
            _ => {}
        }
    }
    !open
}
