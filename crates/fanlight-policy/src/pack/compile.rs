//! Policies made ready for judging: for each action the few that are about it, parsed, typed and their words at hand.
//!
//! Invariant: an action's [`Door`] holds every policy that could apply to it, so the cost of a decision does not grow
//! with policies for other actions.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::{Entities, EntityTypeName, EntityUid, Expression, PrincipalConstraint};
use fanlight_base::{Action, Audience, Outcome, Principal, Role, Strength};

use super::check::Checked;
use super::{Effect, PolicyInfo};
use crate::directory::{Directory, Within};
use crate::entities;
use crate::looks::Looks;
use crate::schema::{self, FactKind, KnownAction};

/// The doors by action.
pub(crate) type Doors = HashMap<&'static str, Door, foldhash::fast::RandomState>;

/// One policy as a door applies it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Its place among all policies of the pack.
    pub(crate) index: usize,
    pub(crate) id: Arc<str>,
    pub(crate) effect: Effect,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Arc<str>,
    pub(crate) advice: Option<Arc<str>>,
    pub(crate) until: Option<Arc<str>>,
    /// Whether an exception may set it aside.
    pub(crate) liftable: bool,
    pub(crate) looks: Looks,
    /// The role that its head asks for.
    pub(crate) role: Option<Role>,
    /// When it applies: head and conditions in one, without the action, which the door has already matched.
    pub(crate) condition: Expression,
    /// The head alone.
    pub(crate) head: Expression,
}

/// A fact that some policy of the action looks at, or that says when a hold ends.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    pub(crate) name: &'static str,
    pub(crate) kind: FactKind,
    /// Whether Cedar needs it. Otherwise it is only the end of a hold.
    pub(crate) judged: bool,
}

/// All that judges attempts at one action.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) known: &'static KnownAction,
    pub(crate) uid: EntityUid,
    pub(crate) principals: Vec<(&'static str, EntityTypeName)>,
    pub(crate) resources: Vec<(&'static str, EntityTypeName)>,
    /// By id.
    pub(crate) rules: Vec<Rule>,
    pub(crate) used: Vec<Used>,
    pub(crate) looks: Looks,
    /// The actions and their groups, where a condition may ask for them.
    pub(crate) entities: Entities,
    /// What is said where nothing permits: the reason, and the advice.
    pub(crate) no_permit: (Arc<str>, Arc<str>),
}

impl Door {
    /// Whether policies may look at the fact, or words name it.
    pub(crate) fn may_be_named(&self, fact: &str) -> bool {
        self.known.facts.contains_key(fact) || schema::WORDS_ONLY.contains(&fact)
    }

    /// Whether exceptions may be made from its policies: at the package doors. Nobody's rights are widened by one.
    pub(crate) fn takes_exceptions(&self) -> bool {
        self.known.groups.contains("packages")
    }

    /// What the policies can tell of who is calling: nothing, the kind, or the kind and the id of one they name.
    pub(crate) fn caller<'p>(&self, principal: &'p Principal) -> Option<(&'static str, Option<&'p str>)> {
        let looks = &self.looks;
        looks.principal.then(|| {
            let (kind, id) = principal.entity();
            let named = looks.each || looks.named.iter().any(|(of, name)| of == kind && name == id);
            (kind, named.then_some(id))
        })
    }

    /// The roles and groups that the caller is in, of those that the policies look at.
    pub(crate) fn within(&self, directory: &Directory, principal: &Principal) -> Vec<Within> {
        let looks = &self.looks;
        if !looks.each && looks.within.is_empty() {
            return Vec::new();
        }
        let is_looked_at =
            |(kind, id): &Within| looks.each || looks.within.iter().any(|(of, name)| of == kind && **name == **id);
        directory.of(principal).into_iter().filter(is_looked_at).collect()
    }

    /// Whether the policies look at that role or group.
    pub(crate) fn looks_at(&self, (kind, id): (&str, &str)) -> bool {
        self.looks.each || self.looks.within.iter().any(|(of, name)| of == kind && name == id)
    }

    /// Those among whom the policies cannot tell this caller apart.
    pub(crate) fn audience(&self, directory: &Directory, principal: &Principal, strength: Strength) -> Audience {
        let caller = self.caller(principal);
        Audience {
            kind: caller.map(|(kind, _)| kind),
            id: caller.and_then(|(_, id)| id).map(Into::into),
            strength: (self.looks.whole_context || self.looks.facts.contains("strength")).then_some(strength),
            within: self.within(directory, principal),
        }
    }
}

pub(super) fn compile(checked: &[Checked]) -> (Vec<PolicyInfo>, Doors) {
    let groups = schema::cedar().action_entities().unwrap_or_else(|_| Entities::empty());
    let infos: Vec<PolicyInfo> = checked.iter().map(info).collect();
    let mut doors = Doors::default();
    for known in schema::known_actions() {
        let mut rules: Vec<Rule> = Vec::new();
        let mut looks = Looks::default();
        for (index, policy) in checked.iter().enumerate() {
            if policy.actions.iter().any(|action| action.action == known.action) {
                looks.add(&policy.looks);
                rules.push(rule(index, policy));
            }
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        doors.insert(known.action.as_str(), door(known, rules, looks, &groups));
    }
    (infos, doors)
}

fn door(known: &'static KnownAction, rules: Vec<Rule>, looks: Looks, groups: &Entities) -> Door {
    let used = (known.facts.iter())
        .filter_map(|(name, fact)| {
            let judged = looks.whole_context || looks.facts.contains(*name);
            let ends = rules.iter().any(|rule| rule.until.as_deref() == Some(*name));
            (judged || ends).then_some(Used { name, kind: fact.kind, judged })
        })
        .collect();
    let types = |kinds: &[&'static str]| kinds.iter().map(|kind| (*kind, entities::type_name(kind))).collect();
    Door {
        uid: entities::uid(&entities::type_name("Action"), known.action.as_str()),
        principals: types(&known.principals),
        resources: types(&known.resources),
        used,
        entities: if looks.action { groups.clone() } else { Entities::empty() },
        no_permit: no_permit(known.action, &rules),
        looks,
        known,
        rules,
    }
}

/// The reason and the advice where nothing permits. Whoever is refused learns of the roles in whose name a policy permits it: by the
/// policy's head, because a condition may as well except those that it names. Groups are not told, which are the company's own, nor
/// that everybody known is a builder.
fn no_permit(action: Action, rules: &[Rule]) -> (Arc<str>, Arc<str>) {
    let permits = rules.iter().filter(|rule| rule.effect == Effect::Permit);
    let roles: BTreeSet<_> = permits.filter_map(|rule| rule.role).filter(|role| *role != Role::Builder).collect();
    let whom = roles.into_iter().map(|role| format!("{}s", role.as_str()));
    let advice = match whom.collect::<Vec<_>>().as_slice() {
        [] => "If your work needs it, ask a steward of this node".to_owned(),
        [one] => {
            format!(
                "Policies permit it to {one}: ask one of them, or ask a steward for the right if your work needs it"
            )
        }
        [first @ .., last] => format!(
            "Policies permit it to {} and {last}: ask one of them, or ask a steward for the right if your work needs it",
            first.join(", ")
        ),
    };
    (format!("no policy permits {action} for this caller and this thing").into(), advice.into())
}

fn rule(index: usize, checked: &Checked) -> Rule {
    let words = checked.words.as_ref();
    Rule {
        index,
        id: checked.parsed.id.clone(),
        effect: effect(checked),
        outcome: words.map_or(Outcome::Allow, |words| words.outcome),
        reason: words.map_or_else(|| "".into(), |words| words.reason.clone()),
        advice: words.and_then(|words| words.advice.clone()),
        until: words.and_then(|words| words.until.clone()),
        liftable: words.is_some_and(|words| words.liftable),
        looks: checked.looks.clone(),
        role: match checked.parsed.policy.principal_constraint() {
            PrincipalConstraint::In(within) if *within.type_name() == entities::type_name("Role") => {
                Role::of(within.id().unescaped())
            }
            _ => None,
        },
        condition: checked.condition.clone(),
        head: checked.head.clone(),
    }
}

fn effect(checked: &Checked) -> Effect {
    match checked.parsed.policy.effect() {
        cedar_policy::Effect::Permit => Effect::Permit,
        cedar_policy::Effect::Forbid => Effect::Forbid,
    }
}

fn info(checked: &Checked) -> PolicyInfo {
    let (parsed, words) = (&checked.parsed, checked.words.as_ref());
    PolicyInfo {
        id: parsed.id.clone(),
        built_in: parsed.source.built_in,
        file: parsed.source.file.clone(),
        line: parsed.source.place(parsed.start).0,
        effect: effect(checked),
        outcome: words.map(|words| words.outcome),
        reason: words.map(|words| words.reason.clone()),
        advice: words.and_then(|words| words.advice.clone()),
        until: words.and_then(|words| words.until.clone()),
        liftable: words.is_some_and(|words| words.liftable),
        actions: checked.actions.iter().map(|known| known.action.as_str()).collect(),
        text: parsed.text.trim().into(),
    }
}
