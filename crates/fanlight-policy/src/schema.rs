//! The schema every policy is checked against, read once: which actions there are, who may try them on what, and
//! which facts they come with.
//!
//! Knows nothing of policies. Invariant: the text is part of the program, so reading it cannot fail at run time; a
//! test reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cedar_policy::{Schema, SchemaFragment};
use fanlight_base::Action;
use serde_json::Value;

/// The schema's text.
pub(crate) const TEXT: &str = include_str!("../../../policies/fanlight.cedarschema");
/// The namespace of every type and action.
pub(crate) const NAMESPACE: &str = "Fanlight";
/// Facts that only the words may name: no policy can judge by them, so they never split what is remembered.
pub(crate) const WORDS_ONLY: &[&str] = &["instead", "why"];

/// What kind of value a fact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Long,
    /// Text.
    Text,
    /// An instant.
    Time,
}

impl FactKind {
    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Long => "a whole number",
            Self::Text => "text",
            Self::Time => "a time (RFC 3339, for example \"2026-11-22T01:02:03Z\")",
        }
    }
}

/// One fact an action comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFact {
    /// What kind of value.
    pub kind: FactKind,
    /// Whether it is always there.
    pub required: bool,
}

/// One action of the schema.
#[derive(Debug)]
pub struct KnownAction {
    /// Its name.
    pub action: Action,
    /// The groups it is in, direct and indirect.
    pub groups: BTreeSet<&'static str>,
    /// The kinds of principal that may try it.
    pub principals: Vec<&'static str>,
    /// The kinds of thing it is tried on.
    pub resources: Vec<&'static str>,
    /// The facts it comes with.
    pub facts: BTreeMap<&'static str, KnownFact>,
}

/// Every action that a door may ask about, by name.
pub fn known_actions() -> impl Iterator<Item = &'static KnownAction> {
    WORLD.actions.values()
}

/// The action of that name.
pub(crate) fn known_action(name: &str) -> Option<&'static KnownAction> {
    WORLD.actions.get(name)
}

/// The schema as Cedar uses it.
pub(crate) fn cedar() -> &'static Schema {
    &WORLD.schema
}

struct World {
    schema: Schema,
    actions: BTreeMap<&'static str, KnownAction>,
}

static WORLD: LazyLock<World> =
    LazyLock::new(|| World::read(TEXT).expect("the built-in schema is part of the program and tested"));

impl World {
    fn read(text: &str) -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(text).map_err(|e| e.to_string())?;
        let (fragment, _) = SchemaFragment::from_cedarschema_str(text).map_err(|e| e.to_string())?;
        let json = fragment.to_json_value().map_err(|e| e.to_string())?;
        let space = json.get(NAMESPACE).ok_or("the schema has no namespace Fanlight")?;
        let empty = Value::Null;
        let common = space.get("commonTypes").unwrap_or(&empty);
        let all = space.get("actions").and_then(Value::as_object).ok_or("the schema has no actions")?;

        let mut actions = BTreeMap::new();
        for (name, shape) in all {
            let Some(applies) = shape.get("appliesTo").filter(|a| !names(&a["principalTypes"]).is_empty()) else {
                continue;
            };
            let (principals, resources) = (names(&applies["principalTypes"]), names(&applies["resourceTypes"]));
            let mut groups = BTreeSet::new();
            collect_groups(all, name, &mut groups);
            let facts = facts(common, &applies["context"]).ok_or_else(|| format!("{name}: facts not understood"))?;
            let name = forever(name);
            actions.insert(name, KnownAction { action: Action::new(name), groups, principals, resources, facts });
        }
        Ok(Self { schema, actions })
    }
}

/// The schema's few names live as long as the program, as those that the doors declare do.
fn forever(name: &str) -> &'static str {
    String::from(name).leak()
}

fn last(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

fn names(list: &Value) -> Vec<&'static str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|name| forever(last(name))).collect()
}

fn collect_groups(all: &serde_json::Map<String, Value>, name: &str, into: &mut BTreeSet<&'static str>) {
    let groups = all.get(name).and_then(|shape| shape.get("memberOf")).and_then(Value::as_array);
    for group in groups.into_iter().flatten().filter_map(|group| group["id"].as_str()) {
        into.insert(forever(group));
        collect_groups(all, group, into);
    }
}

fn facts(common: &Value, context: &Value) -> Option<BTreeMap<&'static str, KnownFact>> {
    let kind = context["type"].as_str()?;
    let Some(attributes) = context.get("attributes").and_then(Value::as_object) else {
        let name = if kind == "EntityOrCommon" { context["name"].as_str()? } else { kind };
        return facts(common, common.get(last(name))?);
    };
    let mut facts = BTreeMap::new();
    for (name, shape) in attributes {
        let kind = match shape["name"].as_str().or_else(|| shape["type"].as_str()).map(last)? {
            "Bool" | "Boolean" => FactKind::Bool,
            "Long" => FactKind::Long,
            "String" => FactKind::Text,
            "datetime" => FactKind::Time,
            _ => return None,
        };
        let required = shape.get("required").and_then(Value::as_bool).unwrap_or(true);
        facts.insert(forever(name), KnownFact { kind, required });
    }
    Some(facts)
}

#[cfg(test)]
mod tests;
