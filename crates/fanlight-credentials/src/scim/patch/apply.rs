//! Steps of a change, done one after the other on a copy.

use std::collections::HashSet;

use fanlight_base::limits;
use serde_json::Value;

use super::{Operation, PatchFault, Target, Verb, value};
use crate::json::Object;
use crate::scim::path::Path;
use crate::scim::schema::{self, Attribute, Kind, Mutability, Schema};

/// Does all; gives the names that were left out.
pub(super) fn all(
    steps: &[Operation],
    resource: &mut Object,
    schema: &'static Schema,
) -> Result<Vec<String>, PatchFault> {
    let mut work = Work { resource, schema, left_out: Vec::new(), compared: 0 };
    for step in steps {
        match &step.target {
            Some(target) => work.step(step.verb, target, step.value.as_ref(), true)?,
            None => work.members(step.verb, step.value.as_ref())?,
        }
    }
    let left_out = work.left_out;
    // A step that looked into the extension made its object; where nothing came to stand in it, it goes.
    if let Some((urn, _)) = schema.extension
        && resource.get(urn).and_then(Value::as_object).is_some_and(Object::is_empty)
    {
        resource.remove(urn);
    }
    Ok(left_out)
}

struct Work<'a> {
    resource: &'a mut Object,
    schema: &'static Schema,
    left_out: Vec<String>,
    compared: usize,
}

impl Work<'_> {
    /// A step without a path: each member of its value is one with a path.
    fn members(&mut self, verb: Verb, value: Option<&Value>) -> Result<(), PatchFault> {
        let Some(Value::Object(members)) = value else { return Ok(()) };
        for (name, value) in members {
            let is_urn = |urn: &str| urn.eq_ignore_ascii_case(name);
            let extension =
                self.schema.extension.map(|(urn, _)| urn).into_iter().chain([self.schema.urn]).find(|urn| is_urn(urn));
            match (extension, value) {
                (Some(urn), Value::Object(inner)) => {
                    for (name, value) in inner {
                        self.named(verb, &format!("{urn}:{name}"), value)?;
                    }
                }
                _ => self.named(verb, name, value)?,
            }
        }
        Ok(())
    }

    fn named(&mut self, verb: Verb, name: &str, value: &Value) -> Result<(), PatchFault> {
        let Ok(target) = Target::read(name) else {
            self.left_out.push(name.to_owned());
            return Ok(());
        };
        let verb = if value.is_null() { Verb::Remove } else { verb };
        self.step(verb, &target, Some(value).filter(|value| !value.is_null()), false)
    }

    /// A step with a path. Where it is not `asked` for by its path, what is not known or ours is left out.
    fn step(&mut self, verb: Verb, target: &Target, value: Option<&Value>, asked: bool) -> Result<(), PatchFault> {
        let Path { schema, name, part } = &target.path;
        if let Some((urn, _)) = self.schema.extension
            && target.which.is_none()
            && target.path.to_string().eq_ignore_ascii_case(urn)
        {
            return self.extension(verb, urn, value);
        }
        let found = self.schema.attribute(schema.as_deref(), name);
        let Some((urn, attribute)) = found else {
            return self.leave_out(target, asked.then(|| PatchFault::Unknown(target.path.to_string())));
        };
        if attribute.mutability == Mutability::ReadOnly {
            return self.leave_out(target, asked.then(|| PatchFault::ReadOnly(attribute.name.to_owned())));
        }
        let part = match part.as_deref().or(target.part.as_deref()) {
            None => None,
            Some(part) => match part_of(attribute, part) {
                Ok(part) if part.mutability == Mutability::ReadOnly => {
                    return self.leave_out(target, asked.then(|| PatchFault::ReadOnly(target.path.to_string())));
                }
                Ok(part) => Some(part),
                Err(fault) => return self.leave_out(target, asked.then_some(fault)),
            },
        };
        self.count(target, urn, attribute)?;
        let slot = self.slot(urn);
        let value = match (verb, value) {
            (Verb::Remove, value) => return remove(slot, attribute, target, part, value),
            // Nothing to set is what a removal says, too.
            (Verb::Add | Verb::Replace, None) => return remove(slot, attribute, target, part, None),
            (Verb::Add | Verb::Replace, Some(value)) => value,
        };
        if attribute.several {
            several(slot, attribute, verb, target, part, value)
        } else if target.which.is_some() {
            Err(PatchFault::NoParts(attribute.name.to_owned()))
        } else {
            single(slot, attribute, verb, part, value)
        }
    }

    /// A step whose path is the extension's URN: its attributes together.
    fn extension(&mut self, verb: Verb, urn: &'static str, value: Option<&Value>) -> Result<(), PatchFault> {
        match (verb, value) {
            (Verb::Remove, _) | (_, None) => drop(self.resource.remove(urn)),
            (_, Some(Value::Object(members))) => {
                for (name, value) in members {
                    self.named(verb, &format!("{urn}:{name}"), value)?;
                }
            }
            _ => return Err(PatchFault::Value { name: urn.to_owned(), expected: "an object" }),
        }
        Ok(())
    }

    fn leave_out(&mut self, target: &Target, fault: Option<PatchFault>) -> Result<(), PatchFault> {
        match fault {
            Some(fault) => Err(fault),
            None => {
                self.left_out.push(target.path.to_string());
                Ok(())
            }
        }
    }

    /// Where the attribute stands: at the top, or in its extension's object.
    fn slot(&mut self, urn: Option<&'static str>) -> &mut Object {
        let Some(urn) = urn else { return self.resource };
        let inner = self.resource.entry(urn).or_insert_with(|| Value::Object(Object::new()));
        if !inner.is_object() {
            *inner = Value::Object(Object::new());
        }
        match inner {
            Value::Object(inner) => inner,
            // Made one just above.
            _ => unreachable!("an object"),
        }
    }

    /// What a step costs: each value is held against the filter, or looked at.
    fn count(&mut self, target: &Target, urn: Option<&'static str>, attribute: &Attribute) -> Result<(), PatchFault> {
        let values = self.slot(urn).get(attribute.name).and_then(Value::as_array).map_or(1, Vec::len);
        self.compared += values * target.which.as_ref().map_or(1, |filter| filter.terms());
        if self.compared > limits::SCIM_COMPARISONS {
            Err(PatchFault::TooMuch { most: limits::SCIM_COMPARISONS, what: "comparisons" })
        } else {
            Ok(())
        }
    }
}

fn part_of(attribute: &'static Attribute, part: &str) -> Result<&'static Attribute, PatchFault> {
    let parts = match attribute.kind {
        Kind::Parts(parts) => parts,
        Kind::Text | Kind::Boolean => &[],
    };
    schema::named(parts, part).ok_or_else(|| PatchFault::NoParts(attribute.name.to_owned()))
}

/// Sets an attribute that has one value, or a part of it.
fn single(
    slot: &mut Object,
    attribute: &'static Attribute,
    verb: Verb,
    part: Option<&'static Attribute>,
    value: &Value,
) -> Result<(), PatchFault> {
    let Some(part) = part else {
        let value = value::one(attribute, value)?;
        // Adding to an object adds its parts (section 3.5.2.1); replacing sets it.
        match (verb, slot.get_mut(attribute.name), value) {
            (Verb::Add, Some(Value::Object(kept)), Value::Object(mut more)) => kept.append(&mut more),
            (_, _, value) => drop(slot.insert(attribute.name.to_owned(), value)),
        }
        return Ok(());
    };
    let value = value::one(part, value)?;
    match slot.get_mut(attribute.name) {
        Some(Value::Object(kept)) => drop(kept.insert(part.name.to_owned(), value)),
        _ => {
            let object = Object::from_iter([(part.name.to_owned(), value)]);
            slot.insert(attribute.name.to_owned(), Value::Object(object));
        }
    }
    Ok(())
}

/// Sets values of an attribute that has several, or a part of them.
fn several(
    slot: &mut Object,
    attribute: &'static Attribute,
    verb: Verb,
    target: &Target,
    part: Option<&'static Attribute>,
    value: &Value,
) -> Result<(), PatchFault> {
    let kept = slot.entry(attribute.name).or_insert_with(|| Value::Array(Vec::new()));
    if !kept.is_array() {
        *kept = Value::Array(Vec::new());
    }
    let Value::Array(kept) = kept else { return Ok(()) };
    match (&target.which, part) {
        (None, None) => {
            let values = value::list(attribute, value)?;
            if verb == Verb::Replace {
                kept.clear();
            }
            add(kept, values);
        }
        (which, part) => {
            let meant = |element: &Value| match (which, element) {
                (None, _) => true,
                (Some(filter), Value::Object(element)) => filter.matches(element),
                (Some(_), _) => false,
            };
            let mut found = 0;
            let mut primary = None;
            for (at, element) in kept.iter_mut().enumerate().filter(|(_, element)| meant(element)) {
                found += 1;
                set(element, attribute, verb, part, value)?;
                primary =
                    element.get("primary").and_then(Value::as_bool).filter(|primary| *primary).map(|_| at).or(primary);
            }
            if found == 0 {
                let fault = || PatchFault::NoTarget(attribute.name.to_owned());
                // What is asked for and not there is made, as Entra expects.
                let element =
                    which.as_ref().map_or_else(|| Some(Object::new()), super::super::filter::Filter::as_element);
                let mut element = value::one(attribute, &Value::Object(element.ok_or_else(fault)?))?;
                set(&mut element, attribute, Verb::Add, part, value)?;
                add(kept, vec![element]);
            } else if let Some(primary) = primary {
                only_primary(kept, primary);
            }
        }
    }
    if kept.len() > limits::SCIM_VALUES {
        return Err(PatchFault::TooMuch { most: limits::SCIM_VALUES, what: "values" });
    }
    if kept.is_empty() {
        slot.remove(attribute.name);
    }
    Ok(())
}

/// Changes one of several values, or a part of it.
fn set(
    element: &mut Value,
    attribute: &'static Attribute,
    verb: Verb,
    part: Option<&'static Attribute>,
    value: &Value,
) -> Result<(), PatchFault> {
    match (part, element) {
        (Some(part), Value::Object(element)) => drop(element.insert(part.name.to_owned(), value::one(part, value)?)),
        (None, element) => match (verb, value::one(attribute, value)?) {
            (Verb::Add, Value::Object(mut more)) if element.is_object() => {
                element.as_object_mut().into_iter().for_each(|element| element.append(&mut more));
            }
            (_, value) => *element = value,
        },
        (Some(_), _) => {}
    }
    Ok(())
}

/// Adds values that are not there. Of those with a `value`, the same value of the same type is the same.
fn add(kept: &mut Vec<Value>, values: Vec<Value>) {
    let key = |value: &Value| match value {
        Value::Object(object) => {
            object.get("value").map(|value| format!("{value} {}", object.get("type").unwrap_or(&Value::Null)))
        }
        plain => Some(plain.to_string()),
    };
    let mut known: HashSet<String> = kept.iter().filter_map(key).collect();
    for value in values {
        if key(&value).is_none_or(|key| known.insert(key)) {
            let primary = value.get("primary") == Some(&Value::Bool(true));
            kept.push(value);
            if primary {
                let newest = kept.len() - 1;
                only_primary(kept, newest);
            }
        }
    }
}

/// One value at most is the primary one (section 3.5.2): the newest.
fn only_primary(kept: &mut [Value], newest: usize) {
    for (_, other) in kept.iter_mut().enumerate().filter(|(at, _)| *at != newest) {
        if let Some(primary @ Value::Bool(true)) = other.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// Takes away an attribute, some of its values, or a part.
fn remove(
    slot: &mut Object,
    attribute: &'static Attribute,
    target: &Target,
    part: Option<&'static Attribute>,
    value: Option<&Value>,
) -> Result<(), PatchFault> {
    if attribute.mutability == Mutability::Required {
        return Err(PatchFault::Required(attribute.name.to_owned()));
    }
    if !attribute.several && target.which.is_some() {
        return Err(PatchFault::NoParts(attribute.name.to_owned()));
    }
    let named: Option<HashSet<String>> = match value {
        // Entra removes members by a list of them, which RFC 7644 does not know; without this all would go.
        Some(value) if attribute.several && target.which.is_none() && part.is_none() => {
            let values = value::list(attribute, value)?;
            Some(values.iter().map(|value| value.get("value").unwrap_or(value).to_string()).collect())
        }
        _ => None,
    };
    let gone = match slot.get_mut(attribute.name) {
        None => false,
        Some(Value::Array(kept)) => {
            let meant = |element: &Value| match (&target.which, &named) {
                (Some(filter), _) => element.as_object().is_some_and(|element| filter.matches(element)),
                (None, Some(named)) => named.contains(&element.get("value").unwrap_or(element).to_string()),
                (None, None) => true,
            };
            match part {
                None => kept.retain(|element| !meant(element)),
                Some(part) => kept.iter_mut().filter(|element| meant(element)).for_each(|element| {
                    element.as_object_mut().map(|element| element.remove(part.name));
                }),
            }
            kept.is_empty()
        }
        Some(Value::Object(kept)) if part.is_some() => {
            part.map(|part| kept.remove(part.name));
            kept.is_empty()
        }
        Some(_) => true,
    };
    if gone {
        slot.remove(attribute.name);
    }
    Ok(())
}
