//! What a policy looks at: which facts, whether at the caller, whether at the thing's name or the projects it is in.
//!
//! Read from Cedar's JSON form of the policy. Only what some policy of an action looks at is given to Cedar and is part
//! of what is remembered. Invariant: when in doubt, it looks; saying too much costs time, saying too little would
//! answer one attempt with another's decision.

use std::collections::BTreeSet;

use serde_json::Value;

/// What one policy, or all policies of an action together, look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// At who is calling, by name or kind.
    pub(crate) principal: bool,
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
        let mut looks = Self { principal: policy["principal"]["op"] != "All", ..Self::default() };
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
        self.resource |= other.resource;
        self.projects |= other.projects;
        self.action |= other.action;
        self.whole_context |= other.whole_context;
        self.facts.extend(other.facts.iter().cloned());
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(fields) => {
                for (operator, inner) in fields {
                    match operator.as_str() {
                        "Value" => {}
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
            "principal" => self.principal = true,
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

#[cfg(test)]
mod tests;
