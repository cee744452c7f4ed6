//! Changes of a resource (PATCH, RFC 7644, section 3.5.2), as the RFC has them and as directories send them.
//!
//! Entra writes `"Replace"` with a capital, truths as texts (`"False"`), paths as names of members
//! (`{"name.givenName": "Ada"}`), removes members by a list of values, and expects `emails[type eq "work"].value` to make
//! what is not there. Okta sends changes without a path, the resource's id among them. All of that is taken.

mod apply;
mod value;

use fanlight_base::limits;
use serde_json::Value;

use super::filter::{Filter, FilterFault};
use super::path::{Path, PathFault};
use super::schema::Schema;
use crate::json::{self, JsonFault, Object};

const URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A change, read and not applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Its steps, in order.
    pub operations: Vec<Operation>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is done.
    pub verb: Verb,
    /// Where; `None`: the value's members say it.
    pub target: Option<Target>,
    /// With what.
    pub value: Option<Value>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Add, or set what is not there.
    Add,
    /// Set.
    Replace,
    /// Take away.
    Remove,
}

/// Where something is done: `path`, `path[filter]` or `path[filter].part`.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The attribute; its part where there is no filter.
    pub path: Path,
    /// Which of its values.
    pub which: Option<Filter>,
    /// The part of these values.
    pub part: Option<String>,
}

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Whether anything is different now.
    pub changed: bool,
    /// Names that the schema does not have, or that are ours to set: left out.
    pub left_out: Vec<String>,
}

/// Why a change is not made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PatchFault {
    /// No JSON.
    #[error("the change is not readable")]
    Json(#[from] JsonFault),
    /// Not of the form.
    #[error("the change is no PatchOp: {0}")]
    Malformed(&'static str),
    /// A path.
    #[error("the path of a change is not usable")]
    Path(#[from] PathFault),
    /// A filter within a path.
    #[error("the filter in the path of a change is not usable")]
    Filter(#[from] FilterFault),
    /// No attribute of that name.
    #[error("there is no attribute {0}")]
    Unknown(String),
    /// A filter for what has one value, or a part of what has none.
    #[error("{0} has no values to choose from, or no such part")]
    NoParts(String),
    /// Nothing answers the filter.
    #[error("no value of {0} is the one meant")]
    NoTarget(String),
    /// Ours to set.
    #[error("{0} is set by this node and cannot be changed")]
    ReadOnly(String),
    /// It must be there.
    #[error("{0} must be there and cannot be removed")]
    Required(String),
    /// A wrong value.
    #[error("the value for {name} is not usable: expected {expected}")]
    Value {
        /// Of which attribute.
        name: String,
        /// What is expected.
        expected: &'static str,
    },
    /// Too much.
    #[error("the change is too large: more than {most} {what}")]
    TooMuch {
        /// How many may be.
        most: usize,
        /// Of what.
        what: &'static str,
    },
}

impl PatchFault {
    /// The error's type for the caller (RFC 7644, table 9).
    pub const fn scim_type(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Malformed(_) => "invalidSyntax",
            Self::Path(_) | Self::Unknown(_) | Self::NoParts(_) => "invalidPath",
            Self::Filter(_) => "invalidFilter",
            Self::NoTarget(_) => "noTarget",
            Self::ReadOnly(_) => "mutability",
            Self::Required(_) | Self::Value { .. } => "invalidValue",
            Self::TooMuch { .. } => "tooMany",
        }
    }
}

impl Patch {
    /// Reads a change. Whoever calls has bounded the bytes as every body's.
    pub fn read(bytes: &[u8]) -> Result<Self, PatchFault> {
        let body = json::object(bytes, limits::SCIM_DEPTH)?;
        let member = |name: &str| body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let of_kind = member("schemas")
            .and_then(Value::as_array)
            .is_some_and(|urns| urns.iter().filter_map(Value::as_str).any(|urn| urn.eq_ignore_ascii_case(URN)));
        if !of_kind {
            return Err(PatchFault::Malformed("`schemas` does not name it"));
        }
        let Some(Value::Array(steps)) = member("Operations") else {
            return Err(PatchFault::Malformed("it has no list `Operations`"));
        };
        if steps.len() > limits::SCIM_OPERATIONS {
            return Err(PatchFault::TooMuch { most: limits::SCIM_OPERATIONS, what: "operations" });
        }
        let operations = steps.iter().map(Operation::read).collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }

    /// Applies it to a resource: wholly, or not at all.
    pub fn apply(&self, resource: &mut Object, schema: &'static Schema) -> Result<Applied, PatchFault> {
        let mut changed = resource.clone();
        let left_out = apply::all(&self.operations, &mut changed, schema)?;
        let applied = Applied { changed: changed != *resource, left_out };
        *resource = changed;
        Ok(applied)
    }
}

impl Operation {
    fn read(step: &Value) -> Result<Self, PatchFault> {
        let Value::Object(step) = step else { return Err(PatchFault::Malformed("an operation is no object")) };
        let member = |name: &str| step.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let verb = match member("op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
            Some("add") => Verb::Add,
            Some("replace") => Verb::Replace,
            Some("remove") => Verb::Remove,
            _ => return Err(PatchFault::Malformed("an operation's `op` is not add, replace or remove")),
        };
        let target = match member("path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.is_empty() => None,
            Some(Value::String(path)) => Some(Target::read(path)?),
            Some(_) => return Err(PatchFault::Malformed("an operation's `path` is no text")),
        };
        let value = member("value").filter(|value| !value.is_null()).cloned();
        match (verb, &target, &value) {
            (Verb::Remove, None, _) => Err(PatchFault::NoTarget("the resource".to_owned())),
            (Verb::Add | Verb::Replace, None, Some(Value::Object(_))) => Ok(Self { verb, target, value }),
            (Verb::Add | Verb::Replace, None, _) => {
                Err(PatchFault::Malformed("an operation without a path has no object as its value"))
            }
            _ => Ok(Self { verb, target, value }),
        }
    }
}

impl Target {
    /// Reads a path as a change has it.
    pub fn read(text: &str) -> Result<Self, PatchFault> {
        if text.len() > limits::SCIM_PATH_BYTES + limits::SCIM_FILTER_BYTES {
            return Err(PathFault::TooLong.into());
        }
        let Some((path, rest)) = text.split_once('[') else {
            return Ok(Self { path: Path::read(text)?, which: None, part: None });
        };
        // The last bracket: a text within the filter may hold one.
        let (filter, rest) = rest.rsplit_once(']').ok_or(PathFault::Malformed)?;
        let part = match rest.strip_prefix('.') {
            None if rest.is_empty() => None,
            Some(part) => match Path::read(part)? {
                Path { schema: None, name, part: None } => Some(name),
                _ => return Err(PathFault::Malformed.into()),
            },
            None => return Err(PathFault::Malformed.into()),
        };
        let path = Path::read(path)?;
        if path.part.is_some() {
            return Err(PathFault::Malformed.into());
        }
        Ok(Self { path, which: Some(Filter::read(filter)?), part })
    }
}

#[cfg(test)]
mod tests;
