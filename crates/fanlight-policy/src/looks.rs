//! What a policy looks at: which facts, whether at the caller, whether at the thing's name or the projects it is in.
//!
//! Read from Cedar's JSON form of the policy. Only what some policy of an action looks at is given to Cedar and is part
//! of what is remembered. Invariant: when in doubt, it looks; saying too much costs time, saying too little would
//! answer one attempt with another's decision.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::directory::{GROUP, ROLE};

/// What one policy, or all policies of an action together, look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// At who is calling, by name or kind.
    pub(crate) principal: bool,
    /// At these callers by name: kind and id. All others of a kind are alike to it.
    pub(crate) named: BTreeSet<(String, String)>,
    /// At whether the caller is in these roles and groups: kind and id.
    pub(crate) within: BTreeSet<(String, String)>,
    /// At each caller, in a way that is not worked out.
    pub(crate) each: bool,
    /// At the thing's name, or at what it is in. Its kind is always looked at.
    pub(crate) resource: bool,
    /// At the projects the thing is in.
    pub(crate) projects: bool,
    /// At the action: a condition may ask for its groups.
    pub(crate) action: bool,
    /// At the context as a whole.
    pub(crate) whole_context: bool,
    /// At these facts.
    pub(crate) facts: BTreeSet<String>,
}

impl Looks {
    /// What the policy with this JSON form looks at.
    pub(crate) fn of(policy: &Value) -> Self {
        let mut looks = Self::default();
        looks.head(&policy["principal"]);
        let resource = &policy["resource"];
        match resource["op"].as_str() {
            Some("All") => {}
            Some("is") if resource.get("in").is_none() => {}
            Some("==") => looks.resource = true,
            _ => (looks.resource, looks.projects) = (true, true),
        }
        looks.walk(&policy["conditions"]);
        looks
    }

    /// Adds what another policy looks at.
    pub(crate) fn add(&mut self, other: &Self) {
        self.principal |= other.principal;
        self.named.extend(other.named.iter().cloned());
        self.within.extend(other.within.iter().cloned());
        self.each |= other.each;
        self.resource |= other.resource;
        self.projects |= other.projects;
        self.action |= other.action;
        self.whole_context |= other.whole_context;
        self.facts.extend(other.facts.iter().cloned());
    }

    fn head(&mut self, principal: &Value) {
        let (entity, within) = (&principal["entity"], &principal["in"]);
        match principal["op"].as_str() {
            Some("All") => {}
            Some("is") if within.is_null() => self.principal = true,
            Some("is") => self.callers(entity_named(&within["entity"]).map(|one| vec![one])),
            _ => self.callers(entity_named(entity).map(|one| vec![one])),
        }
    }

    /// The callers that a comparison names; where it cannot be seen which, each one counts. Beside roles and groups a caller
    /// is in nothing but itself, so to be in one is to be that one.
    fn callers(&mut self, named: Option<Vec<(String, String)>>) {
        self.principal = true;
        let Some(named) = named else {
            self.each = true;
            return;
        };
        let (within, callers) = named.into_iter().partition::<Vec<_>, _>(|(kind, _)| kind == ROLE || kind == GROUP);
        self.within.extend(within);
        self.named.extend(callers);
    }

    /// Whether this is a comparison of the caller with others by name, which is then taken in.
    fn compares_callers(&mut self, operator: &str, operands: &Value) -> bool {
        let is_caller = |side: &str| operands[side]["Var"] == "principal";
        let other = match operator {
            "==" | "!=" if is_caller("left") => "right",
            "==" | "!=" | "contains" if is_caller("right") => "left",
            "in" if is_caller("left") => "right",
            "is" if is_caller("left") => "in",
            _ => return false,
        };
        if operator == "is" && operands["in"].is_null() {
            self.principal = true;
            return true;
        }
        let named = entities_named(&operands[other]);
        self.projects |= named.is_none() && matches!(operator, "in" | "is");
        self.callers(named);
        self.walk(&operands[other]);
        true
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(fields) => {
                for (operator, inner) in fields {
                    match operator.as_str() {
                        "Value" => {}
                        operator if self.compares_callers(operator, inner) => {}
                        // The keys of a record are names, not operators.
                        "Record" => inner.as_object().into_iter().flatten().for_each(|(_, value)| self.walk(value)),
                        "Var" => self.variable(inner.as_str().unwrap_or_default()),
                        "." | "has" if inner["left"]["Var"] == "context" => self.fact(&inner["attr"]),
                        "is" if inner["left"]["Var"] == "resource" && inner.get("in").is_none() => {}
                        "in" | "is" => {
                            self.projects |= operator == "in" || inner.get("in").is_some();
                            self.walk(inner);
                        }
                        _ => self.walk(inner),
                    }
                }
            }
            _ => {}
        }
    }

    fn variable(&mut self, name: &str) {
        match name {
            "principal" => self.callers(None),
            "resource" => self.resource = true,
            "action" => self.action = true,
            "context" => self.whole_context = true,
            _ => {}
        }
    }

    /// `context has a.b` may come as one name or as a list of them: the first is the fact.
    fn fact(&mut self, attribute: &Value) {
        match attribute.as_str().or_else(|| attribute[0].as_str()) {
            Some(name) => {
                self.facts.insert(name.to_owned());
            }
            None => self.whole_context = true,
        }
    }
}

/// Kind and id of an entity as it stands: `{"type": "Fanlight::Person", "id": "prs_..."}`.
fn entity_named(entity: &Value) -> Option<(String, String)> {
    let kind = entity["type"].as_str()?;
    Some((kind.rsplit("::").next().unwrap_or(kind).to_owned(), entity["id"].as_str()?.to_owned()))
}

/// The entities that an expression names, one or a set; none where it is more than names.
fn entities_named(expression: &Value) -> Option<Vec<(String, String)>> {
    let value = &expression["Value"];
    if let Some(set) = expression["Set"].as_array() {
        let all: Option<Vec<_>> = set.iter().map(entities_named).collect();
        return all.map(|all| all.concat());
    }
    match value.as_array() {
        Some(set) => set.iter().map(|one| entity_named(&one["__entity"])).collect(),
        None => Some(vec![entity_named(&value["__entity"])?]),
    }
}

#[cfg(test)]
mod tests;
