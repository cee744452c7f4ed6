//! One judgement: the attempt in Cedar's terms, the policies that apply, the strongest outcome.
//!
//! Forbids and permits are asked apart, because Cedar says nothing of permits once a forbid applies, and a mask or a
//! hold without a permit is a deny. Invariant: whatever goes wrong on the way, the answer is deny.

use std::sync::{Arc, LazyLock};

use cedar_policy::{Context, Entities, EvalResult, Expression, Request, RestrictedExpression};
use fanlight_base::{Attempt, Decision, Epoch, Fact, Outcome, Principal, Timestamp};

use super::remember::{Asked, FACTS};
use crate::directory::Directory;
use crate::entities;
use crate::pack::{Door, Effect, Rule};
use crate::schema::FactKind;

/// Which way of being known an attempt has that does not say: the weakest that its principal can have.
static STRENGTH_NONE: LazyLock<Fact> = LazyLock::new(|| Fact::from("none"));
static STRENGTH_NODE: LazyLock<Fact> = LazyLock::new(|| Fact::from("node"));

/// What came of asking one set of policies: which applied, which could not be judged and why.
#[derive(Debug, Default)]
struct Verdict<'d> {
    /// Those that apply, by id.
    applied: Vec<&'d Rule>,
    /// Those that could not be judged, by id, and why.
    failed: Vec<(&'d Rule, String)>,
}

/// Brings an attempt down to what the door's policies look at.
///
/// # Errors
/// Words for an attempt that the schema does not allow: a fault of the door that asks, answered with a deny.
pub(crate) fn ask<'a>(
    door: &Door,
    directory: &Directory,
    attempt: &'a Attempt<'a>,
    room: &'a mut [Option<&'a Fact>; FACTS],
) -> Result<Asked<'a>, String> {
    let (principal_kind, principal_id) = attempt.principal.entity();
    if !door.known.principals.contains(&principal_kind) {
        return Err(format!("{} cannot be tried by a {principal_kind}", attempt.action));
    }
    let resource_kind = attempt.resource.kind;
    if !door.known.resources.contains(&resource_kind) {
        return Err(format!("{} cannot be tried on a {resource_kind}", attempt.action));
    }
    for (slot, used) in room.iter_mut().zip(&door.used) {
        *slot = attempt.facts.get(used.name);
        if slot.is_none() && used.name == "strength" {
            *slot = Some(match attempt.principal {
                Principal::Node => &STRENGTH_NODE,
                Principal::Person { .. } | Principal::App { .. } | Principal::Unidentified => &STRENGTH_NONE,
            });
        }
        if let Some(fact) = slot
            && !is_of(fact, used.kind)
        {
            return Err(format!("the fact {} of {} is not {}", used.name, attempt.action, used.kind.as_str()));
        }
    }
    Ok(Asked {
        action: attempt.action,
        principal: (principal_kind, principal_id),
        resource: (resource_kind, &attempt.resource.id),
        caller: door.caller(attempt.principal),
        within: door.within(directory, attempt.principal),
        by_resource: door.looks.resource,
        facts: &room[..door.used.len()],
    })
}

fn is_of(fact: &Fact, kind: FactKind) -> bool {
    matches!(
        (fact, kind),
        (Fact::Bool(_), FactKind::Bool)
            | (Fact::Long(_), FactKind::Long)
            | (Fact::Text(_), FactKind::Text)
            | (Fact::Time(_), FactKind::Time)
    )
}

/// Judges, without those of the `lifted` policies that may be lifted.
pub(crate) fn judge(door: &Door, asked: &Asked<'_>, epoch: &Arc<Epoch>, lifted: &[&str]) -> Decision {
    let refused = |policies: Vec<Arc<str>>, reason: Arc<str>| Decision {
        outcome: Outcome::Deny,
        policies,
        reason_template: reason,
        advice_template: None,
        until: None,
        beside: Vec::new(),
        liftable: false,
        excepted: None,
        epoch: epoch.clone(),
    };
    let (request, entities) = match terms(door, asked) {
        Ok(terms) => terms,
        Err(words) => return refused(Vec::new(), plain(&words).into()),
    };
    let entities = entities.as_ref().unwrap_or(&door.entities);
    let forbids = verdict(door, Effect::Forbid, &request, entities, lifted);
    if forbids.applied.iter().any(|rule| rule.outcome == Outcome::Deny) {
        return stopped(&forbids, Outcome::Deny, door, asked, epoch);
    }
    let permits = verdict(door, Effect::Permit, &request, entities, &[]);
    let failed: Vec<_> = forbids.failed.iter().chain(&permits.failed).collect();
    if let Some((rule, why)) = failed.first() {
        let words = format!("policy {} could not be judged, so this is refused: {why}", rule.id);
        return refused(failed.iter().map(|(rule, _)| rule.id.clone()).collect(), plain(&words).into());
    }
    if permits.applied.is_empty() {
        let (reason, advice) = door.no_permit.clone();
        return Decision { advice_template: Some(advice), ..refused(Vec::new(), reason) };
    }
    match forbids.applied.iter().map(|rule| rule.outcome).max() {
        Some(outcome) => stopped(&forbids, outcome, door, asked, epoch),
        None => Decision {
            outcome: Outcome::Allow,
            policies: permits.applied.iter().map(|rule| rule.id.clone()).collect(),
            reason_template: "".into(),
            advice_template: None,
            until: None,
            beside: Vec::new(),
            liftable: false,
            excepted: None,
            epoch: epoch.clone(),
        },
    }
}

/// The decision of the forbids of the strongest outcome that applies: all of them named, the first one's words.
fn stopped(forbids: &Verdict<'_>, outcome: Outcome, door: &Door, asked: &Asked<'_>, epoch: &Arc<Epoch>) -> Decision {
    let deciding: Vec<&Rule> = forbids.applied.iter().copied().filter(|rule| rule.outcome == outcome).collect();
    let weaker = forbids.applied.iter().filter(|rule| rule.outcome != outcome);
    let words = deciding.first();
    Decision {
        outcome,
        policies: deciding.iter().map(|rule| rule.id.clone()).collect(),
        reason_template: words.map_or_else(|| "".into(), |rule| rule.reason.clone()),
        advice_template: words.and_then(|rule| rule.advice.clone()),
        until: if outcome == Outcome::Hold { latest(&deciding, door, asked) } else { None },
        beside: weaker.map(|rule| rule.id.clone()).collect(),
        liftable: door.takes_exceptions() && forbids.applied.iter().all(|rule| rule.liftable),
        excepted: None,
        epoch: epoch.clone(),
    }
}

/// When the last of the holds ends; none where one of them does not end by itself.
fn latest(holds: &[&Rule], door: &Door, asked: &Asked<'_>) -> Option<Timestamp> {
    let mut latest = None;
    for hold in holds {
        let end = end_of(hold, door, asked)?;
        latest = latest.max(Some(end));
    }
    latest
}

/// When a hold ends by itself.
pub(crate) fn end_of(hold: &Rule, door: &Door, asked: &Asked<'_>) -> Option<Timestamp> {
    let name = hold.until.as_deref()?;
    let at = door.used.iter().position(|used| used.name == name)?;
    match asked.facts.get(at).copied().flatten() {
        Some(Fact::Time(end)) => Some(*end),
        _ => None,
    }
}

/// The attempt in Cedar's terms, with the entities it needs where the door's own are not enough.
///
/// # Errors
/// Words for facts that Cedar does not take.
pub(crate) fn terms(door: &Door, asked: &Asked<'_>) -> Result<(Request, Option<Entities>), String> {
    let type_of = |types: &[(&'static str, cedar_policy::EntityTypeName)], (kind, id): (&'static str, &str)| {
        let (_, name) = types.iter().find(|(known, _)| *known == kind)?;
        Some(entities::uid(name, id))
    };
    let missing = || format!("{} was asked with kinds it does not know", asked.action);
    let principal = type_of(&door.principals, asked.principal).ok_or_else(missing)?;
    let resource = type_of(&door.resources, asked.resource).ok_or_else(missing)?;
    let pairs = door.used.iter().zip(asked.facts).filter(|(used, _)| used.judged).filter_map(|(used, fact)| {
        let value = match (*fact)? {
            Fact::Bool(value) => RestrictedExpression::new_bool(*value),
            Fact::Long(value) => RestrictedExpression::new_long(*value),
            Fact::Text(value) => RestrictedExpression::new_string(value.to_string()),
            Fact::Time(value) => RestrictedExpression::new_datetime(format!("{value:.3}")),
        };
        Some((used.name.to_owned(), value))
    });
    let context = Context::from_pairs(pairs).map_err(|error| format!("the facts could not be read: {error}"))?;
    let mut more = Vec::new();
    if door.looks.projects {
        more.push(entities::in_projects(resource.clone(), asked.resource.0, asked.resource.1));
    }
    if !asked.within.is_empty() {
        more.push(entities::in_roles(principal.clone(), &asked.within));
    }
    let entities = if more.is_empty() {
        None
    } else {
        let made = entities::with(&door.entities, more);
        Some(made.ok_or_else(|| "what the caller and the thing are in could not be worked out".to_owned())?)
    };
    // Types were compared with the schema in `ask`, more cheaply than Cedar would do it again.
    let request = Request::new(principal, door.uid.clone(), resource, context, None)
        .map_err(|error| format!("the attempt could not be put to the policies: {error}"))?;
    Ok((request, entities))
}

/// Asks those of the door's policies that permit, or those that forbid.
///
/// Cedar's authorizer would say the same at three times the cost, since it puts each condition together again and keeps
/// what did not apply. A test compares the two.
fn verdict<'d>(door: &'d Door, effect: Effect, request: &Request, entities: &Entities, lifted: &[&str]) -> Verdict<'d> {
    let mut verdict = Verdict::default();
    let is_lifted = |rule: &Rule| rule.liftable && lifted.contains(&&*rule.id);
    for rule in door.rules.iter().filter(|rule| rule.effect == effect && !is_lifted(rule)) {
        match applies(&rule.condition, request, entities) {
            Ok(true) => verdict.applied.push(rule),
            Ok(false) => {}
            Err(why) => verdict.failed.push((rule, why)),
        }
    }
    verdict
}

/// Whether a condition is met.
///
/// # Errors
/// Words for what Cedar could not work out.
pub(crate) fn applies(condition: &Expression, request: &Request, entities: &Entities) -> Result<bool, String> {
    match cedar_policy::eval_expression(request, entities, condition) {
        Ok(EvalResult::Bool(applies)) => Ok(applies),
        Ok(_) => Err("its condition is neither true nor false".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Words that are not a template: braces would be taken for places, and the whole must fit on a line.
pub(crate) fn plain(words: &str) -> String {
    const BYTES: usize = 240;
    let clean = words.chars().map(|c| match c {
        '{' => '(',
        '}' => ')',
        c if c.is_control() => ' ',
        c => c,
    });
    let mut out = String::with_capacity(words.len().min(BYTES));
    for c in clean {
        if out.len() + c.len_utf8() > BYTES {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}
