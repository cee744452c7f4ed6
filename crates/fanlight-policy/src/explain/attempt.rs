//! An attempt written down as JSON by a person, read with errors that say where and what.
//!
//! `{"principal": {"kind": "person", "id": "prs_..."}, "action": "packages:fetch-file",
//! "resource": {"kind": "Release", "id": "pkg:pypi/NAME@VERSION"}, "facts": {"age_minutes": 10}}`
//!
//! Invariant: what comes out fits the schema: a known action, kinds it goes with, facts of their kinds.

use fanlight_base::{Action, AppId, Attempt, Fact, Facts, PersonId, Principal, Resource, Timestamp, limits};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::schema::{self, FactKind, KnownAction};

/// An attempt that owns its parts.
#[derive(Debug, Clone)]
pub struct OwnedAttempt {
    /// Who.
    pub principal: Principal,
    /// What.
    pub action: Action,
    /// On which thing.
    pub resource: Resource,
    /// With which facts.
    pub facts: Facts,
}

/// Why a text is no attempt.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct AttemptError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub fault: AttemptFault,
}

/// What is wrong with a written attempt.
#[derive(Debug, thiserror::Error)]
pub enum AttemptFault {
    /// Over [`limits::ATTEMPT_BYTES`].
    #[error("an attempt has at most {limit} bytes, this one has {0}", limit = limits::ATTEMPT_BYTES)]
    TooLong(usize),
    /// Not JSON, or not of the right shape.
    #[error("{0}")]
    Shape(String),
    /// No such action.
    #[error("action: {given:?} is no action; they are {known}")]
    Action {
        /// What was written.
        given: String,
        /// All there are.
        known: String,
    },
    /// A kind of principal or resource that the action does not go with.
    #[error("{path}: {given:?} does not go with {action}; it goes with {known}")]
    Kind {
        /// Where in the object.
        path: &'static str,
        /// What was written.
        given: String,
        /// The action.
        action: Action,
        /// What it goes with.
        known: String,
    },
    /// A fact of another kind than the schema says, or of no kind there is.
    #[error("facts.{name}: expected {expected}, found {found}")]
    Fact {
        /// The fact.
        name: String,
        /// What the schema says.
        expected: &'static str,
        /// What was written.
        found: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(borrow)]
    principal: &'a RawValue,
    #[serde(borrow)]
    action: &'a RawValue,
    #[serde(borrow)]
    resource: &'a RawValue,
    #[serde(borrow, default)]
    facts: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    kind: String,
    #[serde(default)]
    id: Option<String>,
}

impl OwnedAttempt {
    /// Lends the parts.
    pub fn attempt(&self) -> Attempt<'_> {
        Attempt { principal: &self.principal, action: self.action, resource: &self.resource, facts: &self.facts }
    }

    /// Reads an attempt. `text` must be the whole file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and column.
    pub fn from_json(text: &str) -> Result<Self, AttemptError> {
        if text.len() as u64 > limits::ATTEMPT_BYTES {
            return Err(AttemptError { line: 1, column: 1, fault: AttemptFault::TooLong(text.len()) });
        }
        let reader = Reader { text };
        let written: Written<'_> = reader.read(text, "")?;
        let name: String = reader.read(written.action.get(), "action: ")?;
        let known = schema::known_action(&name).ok_or_else(|| {
            let known = schema::known_actions().map(|known| known.action.as_str()).collect::<Vec<_>>().join(", ");
            reader.error(written.action.get(), AttemptFault::Action { given: name, known })
        })?;
        let principal = reader.principal(written.principal.get(), known)?;
        let resource = reader.resource(written.resource.get(), known)?;
        let facts = written.facts.map_or_else(|| Ok(Facts::new()), |facts| reader.facts(facts.get(), known))?;
        Ok(Self { principal, action: known.action, resource, facts })
    }
}

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    /// The place of a part in the whole text; parts are slices of it.
    fn place(&self, part: &str) -> (usize, usize) {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        let before = self.text.get(..offset).unwrap_or("");
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }

    fn error(&self, part: &str, fault: AttemptFault) -> AttemptError {
        let (line, column) = self.place(part);
        AttemptError { line, column, fault }
    }

    fn read<T: Deserialize<'a>>(&self, part: &'a str, path: &str) -> Result<T, AttemptError> {
        serde_json::from_str(part).map_err(|error| {
            let (line, column) = self.place(part);
            // serde_json counts from the part's start and says so at the end of its text.
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or(&text);
            let column = if error.line() <= 1 { column + error.column().saturating_sub(1) } else { error.column() };
            let fault = AttemptFault::Shape(format!("{path}{what}"));
            AttemptError { line: line + error.line().saturating_sub(1), column: column.max(1), fault }
        })
    }

    fn principal(&self, part: &'a str, known: &'static KnownAction) -> Result<Principal, AttemptError> {
        let named: Named = self.read(part, "principal: ")?;
        let kind = self.kind(part, "principal.kind", &named.kind, known.action, &known.principals)?;
        Ok(match kind {
            "Node" => Principal::Node,
            "Person" => Principal::Person { id: PersonId::new(named.id.unwrap_or_default()), device: None },
            "App" => Principal::App { id: AppId::new(named.id.unwrap_or_default()), owner: None },
            _ => Principal::Unidentified,
        })
    }

    fn resource(&self, part: &'a str, known: &'static KnownAction) -> Result<Resource, AttemptError> {
        let named: Named = self.read(part, "resource: ")?;
        let kind = self.kind(part, "resource.kind", &named.kind, known.action, &known.resources)?;
        let id = named.id.unwrap_or_else(|| if kind == "Policies" { "company".into() } else { "this".into() });
        Ok(Resource::new(kind, id))
    }

    /// Kinds are read in any case: records write `person`, the schema `Person`.
    fn kind(
        &self,
        part: &str,
        path: &'static str,
        given: &str,
        action: Action,
        kinds: &[&'static str],
    ) -> Result<&'static str, AttemptError> {
        kinds.iter().copied().find(|kind| kind.eq_ignore_ascii_case(given)).ok_or_else(|| {
            let (given, known) = (given.to_owned(), kinds.join(", "));
            self.error(part, AttemptFault::Kind { path, given, action, known })
        })
    }

    fn facts(&self, part: &'a str, known: &'static KnownAction) -> Result<Facts, AttemptError> {
        let written: std::collections::BTreeMap<String, &'a RawValue> = self.read(part, "facts: ")?;
        let mut facts = Facts::new();
        for (name, raw) in written {
            let value: serde_json::Value = self.read(raw.get(), "facts: ")?;
            let expected = known.facts.get(name.as_str()).map(|fact| fact.kind);
            match fact_of(&value, expected) {
                Some(fact) => facts.set(name, fact),
                None => {
                    let expected = expected.map_or("true or false, a whole number or text", FactKind::as_str);
                    let found = raw.get().chars().take(60).collect();
                    return Err(self.error(raw.get(), AttemptFault::Fact { name, expected, found }));
                }
            };
        }
        Ok(facts)
    }
}

/// A value as a fact of the kind expected.
pub(crate) fn fact_of(value: &serde_json::Value, expected: Option<FactKind>) -> Option<Fact> {
    let as_bool = || value.as_bool().map(Fact::Bool);
    let as_long = || value.as_i64().map(Fact::Long);
    let as_text = || value.as_str().map(Fact::from);
    match expected {
        Some(FactKind::Bool) => as_bool(),
        Some(FactKind::Long) => as_long(),
        Some(FactKind::Text) => as_text(),
        Some(FactKind::Time) => value.as_str()?.parse::<Timestamp>().ok().map(Fact::Time),
        None => as_bool().or_else(as_long).or_else(as_text),
    }
}

impl From<&Attempt<'_>> for OwnedAttempt {
    fn from(attempt: &Attempt<'_>) -> Self {
        Self {
            principal: attempt.principal.clone(),
            action: attempt.action,
            resource: attempt.resource.clone(),
            facts: attempt.facts.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let text = r#"{"principal": {"kind": "person", "id": "prs_a"}, "action": "packages:fetch-file",
            "resource": {"kind": "release", "id": "pkg:pypi/a@1"},
            "facts": {"age_minutes": 5, "available_at": "2026-11-22T01:02:03Z", "new_fact": true}}"#;
        let attempt = OwnedAttempt::from_json(text).unwrap();
        assert_eq!(attempt.resource, Resource::new("Release", "pkg:pypi/a@1"));
        assert_eq!(attempt.facts.get("age_minutes"), Some(&Fact::Long(5)));
        assert!(matches!(attempt.facts.get("available_at"), Some(Fact::Time(_))));
    }
}
