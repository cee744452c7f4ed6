//! All that a set of policies must satisfy, file by file and together.
//!
//! Finds as much as it can in one go, so that a writer mends a file once. Invariant: what it lets through is valid by
//! Cedar's strict mode, about at least one action, and under an id of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use cedar_policy::{ActionConstraint, Expression, Policy, PolicySet, ValidationMode, Validator};
use fanlight_base::purl::is_normal_pypi_version;
use fanlight_base::{Purl, is_group_name, limits};
use miette::Diagnostic;

use super::annotations::{self, Words};
use super::fault::PolicyFault;
use super::source::{Parsed, Source};
use crate::directory::GROUP;
use crate::looks::Looks;
use crate::schema::{self, KnownAction};

/// A policy that has passed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) parsed: Parsed,
    pub(super) actions: Vec<&'static KnownAction>,
    pub(super) words: Option<Words>,
    pub(super) looks: Looks,
    pub(super) condition: Expression,
    pub(super) head: Expression,
}

/// Policies that have passed, and what looks like a slip.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) policies: Vec<Checked>,
    pub(super) warnings: Vec<PolicyFault>,
}

pub(super) fn check(sources: &[Source], disabled: &[String]) -> Result<Outcome, Vec<PolicyFault>> {
    let mut faults = Vec::new();
    let mut parsed: Vec<Parsed> = sources.iter().flat_map(|source| source.parse(&mut faults)).collect();
    if parsed.len() > limits::POLICIES {
        let message = format!("{} policies, and at most {} are read", parsed.len(), limits::POLICIES);
        return Err(vec![PolicyFault::of_file("all policy files", message, "join policies that say the same")]);
    }
    check_disabled(&parsed, disabled, &mut faults);
    remove_duplicates(&mut parsed, &mut faults);
    parsed.retain(|policy| !(policy.source.built_in && disabled.iter().any(|id| **id == *policy.id)));

    let warnings = check_types(&parsed, &mut faults);
    let mut policies = Vec::with_capacity(parsed.len());
    for policy in parsed {
        check_purls(&policy, &mut faults);
        check_groups(&policy, &mut faults);
        let actions = actions_of(&policy);
        if actions.is_empty() {
            // Types are fine only where some action fits; the validator has said so in its own words otherwise.
            if !faults.iter().any(|fault| fault.policy.as_ref() == Some(&policy.id)) {
                faults.push(policy.fault_at(head_of(&policy), "this policy can never apply", never_hint(&policy)));
            }
            continue;
        }
        let words = annotations::read(&policy, &actions, &mut faults);
        match taken_apart(&policy.policy) {
            Ok((looks, condition, head)) => {
                policies.push(Checked { parsed: policy, actions, words, looks, condition, head });
            }
            Err(error) => faults.push(policy.fault_at("", error.to_string(), "write the policy in plain Cedar")),
        }
    }
    if faults.is_empty() { Ok(Outcome { policies, warnings }) } else { Err(in_order(faults, sources)) }
}

/// What a policy looks at, when it applies, and when its head alone would, each without the action: which actions it is
/// about is settled here, and asking again at each decision would cost half of it.
fn taken_apart(policy: &Policy) -> Result<(Looks, Expression, Expression), PolicyJsonError> {
    let mut json = policy.to_json().map_err(|error| PolicyJsonError(error.to_string()))?;
    let looks = Looks::of(&json);
    json["action"] = serde_json::json!({ "op": "All" });
    let condition = expression(json.clone())?;
    json["conditions"] = serde_json::json!([]);
    Ok((looks, condition, expression(json)?))
}

#[derive(Debug, thiserror::Error)]
#[error("this policy cannot be taken apart: {0}")]
struct PolicyJsonError(String);

fn expression(json: serde_json::Value) -> Result<Expression, PolicyJsonError> {
    let policy = Policy::from_json(None, json).map_err(|error| PolicyJsonError(error.to_string()))?;
    Ok(policy.as_ref().condition().into())
}

/// The actions that a policy's head leaves open, by the types of the schema.
fn actions_of(policy: &Parsed) -> Vec<&'static KnownAction> {
    let mut actions: Vec<&'static KnownAction> = policy
        .policy
        .get_valid_request_envs(schema::cedar())
        .filter_map(|env| schema::known_action(env.action().id().unescaped()))
        .collect();
    actions.sort_by_key(|known| known.action);
    actions.dedup_by_key(|known| known.action);
    actions
}

fn head_of(policy: &Parsed) -> &'static str {
    match policy.policy.effect() {
        cedar_policy::Effect::Permit => "permit",
        cedar_policy::Effect::Forbid => "forbid",
    }
}

fn never_hint(policy: &Parsed) -> String {
    match policy.policy.action_constraint() {
        ActionConstraint::Eq(uid) if schema::known_action(uid.id().unescaped()).is_none() => {
            format!("{:?} is a group: write action in {uid}", uid.id().unescaped())
        }
        _ => "its action does not go with its principal or resource, or its conditions can never be met: see docs/policies.md".into(),
    }
}

/// A better hint than Cedar's nearest word, where there is one.
fn better_hint(message: &str) -> Option<String> {
    if let Some(rest) = message.strip_prefix("unrecognized action `") {
        let name = rest.split('"').nth(1)?;
        let shared = |known: &str| known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let nearest = schema::known_actions().map(|known| known.action.as_str()).max_by_key(|known| shared(known))?;
        return Some(format!("did you mean Fanlight::Action::{nearest:?}?"));
    }
    let attribute = message.strip_prefix("attribute `")?.split('`').next()?;
    schema::WORDS_ONLY
        .contains(&attribute)
        .then(|| format!("{attribute} is for @reason and @advice alone: no policy can judge by it"))
}

fn check_disabled(parsed: &[Parsed], disabled: &[String], faults: &mut Vec<PolicyFault>) {
    let built_in: Vec<&str> = parsed.iter().filter(|p| p.source.built_in).map(|p| &*p.id).collect();
    for id in disabled.iter().filter(|id| !built_in.contains(&id.as_str())) {
        let message = format!("{id:?} is to be disabled, but no built-in policy has that id");
        faults.push(PolicyFault::of_file("policies.disable", message, format!("they are {}", built_in.join(", "))));
    }
}

/// A later policy under an id that is taken is a fault, and is left out of what follows. That holds for the id of a
/// disabled built-in policy, too: records would name two different things by it.
fn remove_duplicates(parsed: &mut Vec<Parsed>, faults: &mut Vec<PolicyFault>) {
    let mut seen: BTreeMap<Arc<str>, String> = BTreeMap::new();
    parsed.retain(|policy| {
        let (line, _) = policy.source.place(policy.start);
        if let Some(first) = seen.get(&policy.id) {
            let message = format!("the id {} is taken by {first}", policy.id);
            faults.push(policy.fault_at("@id", message, "give it an id of its own"));
            return false;
        }
        seen.insert(policy.id.clone(), format!("{}:{line}", policy.source.file));
        true
    });
}

fn check_types(parsed: &[Parsed], faults: &mut Vec<PolicyFault>) -> Vec<PolicyFault> {
    let set = match PolicySet::from_policies(parsed.iter().map(|policy| policy.policy.clone())) {
        Ok(set) => set,
        Err(error) => {
            faults.push(PolicyFault::of_file("all policy files", error.to_string(), "give each policy its own @id"));
            return Vec::new();
        }
    };
    let by_id: BTreeMap<&str, &Parsed> = parsed.iter().map(|policy| (&*policy.id, policy)).collect();
    let told = |id: &str, found: &dyn Diagnostic| {
        let policy = by_id.get(id)?;
        let offset = found.labels().and_then(|mut labels| labels.next()).map_or(policy.start, |l| l.offset());
        let text = found.to_string();
        // Cedar opens with "for policy `ID`, "; the fault names the policy in its own place.
        let message = text.strip_prefix(&format!("for policy `{id}`, ")).unwrap_or(&text);
        let hint = better_hint(message).or_else(|| found.help().map(|help| help.to_string()));
        Some(policy.source.fault(offset, Some(&policy.id), message, hint))
    };
    let result = Validator::new(schema::cedar().clone()).validate(&set, ValidationMode::Strict);
    faults.extend(result.validation_errors().filter_map(|e| told(e.policy_id().as_ref(), e)));
    result.validation_warnings().filter_map(|w| told(w.policy_id().as_ref(), w)).collect()
}

/// A group whose name no group can have never has anybody in it: a deny would stop nobody.
fn check_groups(policy: &Parsed, faults: &mut Vec<PolicyFault>) {
    for literal in policy.policy.entity_literals() {
        let (kind, id) = (literal.type_name().basename(), literal.id().unescaped());
        if kind == GROUP && !is_group_name(id) {
            let message = format!("{id:?} is no group's name, so nobody is ever in it");
            let hint = "a group's name has small letters, digits and hyphens, and begins with no hyphen";
            faults.push(policy.fault_at(&format!("{id:?}"), message, hint));
        }
    }
}

/// A purl that is not in canonical form never equals one that a door asks about: a deny would stop nothing.
fn check_purls(policy: &Parsed, faults: &mut Vec<PolicyFault>) {
    for literal in policy.policy.entity_literals() {
        let (kind, id) = (literal.type_name().basename(), literal.id().unescaped());
        if !matches!(kind, "Project" | "Release") || (kind == "Project" && is_prefix(id)) {
            continue;
        }
        let (message, hint) = match id.parse::<Purl>() {
            Err(error) => (error.to_string(), "a door asks about purls: pkg:pypi/NAME or pkg:pypi/NAME@VERSION".into()),
            Ok(purl) if purl.as_str() != id => {
                (format!("{id:?} is not how a door writes this purl, so it never matches"), format!("write {purl}"))
            }
            Ok(purl) if (kind == "Release") != purl.version().is_some() => {
                let other = if kind == "Release" { "Project" } else { "Release" };
                (format!("{id:?} names no {kind}"), format!("write Fanlight::{other}::{id:?}"))
            }
            Ok(purl) if purl.ecosystem() == "pypi" && !purl.version().is_none_or(is_normal_pypi_version) => {
                let hint = "write it in the normal form of PEP 440, as `fanlight why` shows it: 2.0rc1, 4.0.post1";
                (format!("{id:?} is a version as no door writes it, so it never matches"), hint.to_owned())
            }
            Ok(_) => continue,
        };
        faults.push(policy.fault_at(&format!("{id:?}"), message, hint));
    }
}

/// `pkg:pypi/`, `pkg:npm/%40acme/`: all projects below.
fn is_prefix(id: &str) -> bool {
    id.strip_suffix('/').is_some_and(|start| {
        // Any name completes a prefix to a project's purl; it must come out as it went in.
        let probe = format!("{start}/name");
        probe.parse::<Purl>().is_ok_and(|purl| purl.as_str() == probe)
    })
}

fn in_order(mut faults: Vec<PolicyFault>, sources: &[Source]) -> Vec<PolicyFault> {
    let rank = |fault: &PolicyFault| sources.iter().position(|source| source.file == fault.file);
    faults.sort_by_key(|fault| (rank(fault), fault.line, fault.column));
    faults.dedup();
    faults
}
