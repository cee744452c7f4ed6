//! One policy file's text, taken apart into policies that know where they stand.
//!
//! Knows syntax only. Invariant: each policy that comes out has an `@id` of permitted characters and no slots.

use std::sync::Arc;

use cedar_policy::{ParseErrors, Policy, PolicyId, PolicySet};
use fanlight_base::limits;
use miette::Diagnostic;

use super::fault::PolicyFault;

/// A policy file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its name for people.
    pub(crate) file: Arc<str>,
    /// Its text.
    pub(crate) text: Arc<str>,
    /// Whether it is part of the program.
    pub(crate) built_in: bool,
}

/// One policy of a file.
#[derive(Debug, Clone)]
pub(crate) struct Parsed {
    /// The file it stands in.
    pub(crate) source: Source,
    /// Where in the file it starts, in bytes.
    pub(crate) start: usize,
    /// Its text, as written.
    pub(crate) text: String,
    /// Its `@id`.
    pub(crate) id: Arc<str>,
    /// The policy, under its `@id`.
    pub(crate) policy: Policy,
}

impl Source {
    /// Line and column, both from 1, of a place in bytes.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }

    /// A fault at a place of this file.
    pub(crate) fn fault(
        &self,
        offset: usize,
        policy: Option<&Arc<str>>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> PolicyFault {
        let (line, column) = self.place(offset);
        PolicyFault { file: self.file.clone(), line, column, policy: policy.cloned(), message: message.into(), hint }
    }

    /// The file's policies in their order. What is wrong goes to `faults`.
    pub(crate) fn parse(&self, faults: &mut Vec<PolicyFault>) -> Vec<Parsed> {
        let set: PolicySet = match self.text.parse() {
            Ok(set) => set,
            Err(errors) => {
                faults.extend(self.syntax_faults(&errors));
                return Vec::new();
            }
        };
        for template in set.templates() {
            let start = self.text.find(&template.to_cedar()).unwrap_or(0);
            let hint = "write one policy for each principal or resource instead of ?principal and ?resource";
            faults.push(self.fault(start, None, "this policy has slots to be filled in", Some(hint.into())));
        }
        let mut policies: Vec<&Policy> = set.policies().collect();
        // Cedar numbers them policy0, policy1, ... in the order of the text.
        policies.sort_by_key(|policy| policy.id().to_string().trim_start_matches("policy").parse::<u64>().ok());
        let mut from = 0;
        let mut parsed = Vec::with_capacity(policies.len());
        for policy in policies {
            let text = policy.to_cedar().unwrap_or_default();
            let start = self.text[from..].find(&text).map_or(from, |at| from + at);
            from = (start + text.len()).min(self.text.len());
            match self.id_of(policy, start) {
                Ok(id) => {
                    let policy = policy.new_id(PolicyId::new(&*id));
                    parsed.push(Parsed { source: self.clone(), start, text, id, policy });
                }
                Err(fault) => faults.push(*fault),
            }
        }
        parsed
    }

    fn id_of(&self, policy: &Policy, start: usize) -> Result<Arc<str>, Box<PolicyFault>> {
        let fault = |message: String, hint: &str| Box::new(self.fault(start, None, message, Some(hint.to_owned())));
        match policy.annotation("id") {
            None | Some("") => {
                Err(fault("this policy has no @id".into(), "put a line such as @id(\"no-left-pad\") before it"))
            }
            Some(id) if id.len() > limits::POLICY_ID_BYTES => Err(fault(
                format!("an @id has at most {} bytes, this one has {}", limits::POLICY_ID_BYTES, id.len()),
                "use a short name: records and refusals show it",
            )),
            Some(id) if !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') => Err(fault(
                format!("the @id {id:?} has characters other than a-z, 0-9 and -"),
                "records and refusals show it: use lower-case words joined by -",
            )),
            Some(id) => Ok(id.into()),
        }
    }

    fn syntax_faults(&self, errors: &ParseErrors) -> Vec<PolicyFault> {
        errors
            .iter()
            .map(|error| {
                let label = error.labels().and_then(|mut labels| labels.next());
                let offset = label.as_ref().map_or(0, miette::LabeledSpan::offset);
                let expected = label.as_ref().and_then(|label| label.label()).map(str::to_owned);
                let hint = error.help().map(|help| help.to_string()).or(expected);
                self.fault(offset, None, error.to_string(), hint)
            })
            .collect()
    }
}

impl Parsed {
    /// Where `needle` stands in this policy, or where the policy starts.
    pub(crate) fn offset_of(&self, needle: &str) -> usize {
        self.start + self.text.find(needle).unwrap_or(0)
    }

    /// A fault of this policy, at the first place of `needle` in it.
    pub(crate) fn fault_at(&self, needle: &str, message: impl Into<String>, hint: impl Into<String>) -> PolicyFault {
        self.source.fault(self.offset_of(needle), Some(&self.id), message, Some(hint.into()))
    }
}
