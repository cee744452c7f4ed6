//! Who is in which roles and groups.
//!
//! Owns what a caller is in, for policies that ask `principal in`. Refuses to know who gave it and until when: whoever keeps
//! roles puts in force what holds now. Invariant: every person and every app is a builder, whether or not the directory
//! knows them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use fanlight_base::{PersonId, Principal, Role};

/// A role or a group, by the kind and the id of its Cedar entity.
pub(crate) type Within = (&'static str, Arc<str>);

/// The kind of the entities that roles are.
pub(crate) const ROLE: &str = "Role";
/// The kind of the entities that groups are.
pub(crate) const GROUP: &str = "Group";

/// Who is in which roles and groups, now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    people: HashMap<PersonId, BTreeSet<Within>>,
}

impl Directory {
    /// Nobody is more than a builder, and in no group.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a person into a role.
    pub fn give(&mut self, person: &PersonId, role: Role) {
        self.people.entry(person.clone()).or_default().insert((ROLE, role.as_str().into()));
    }

    /// Puts a person into a group.
    pub fn join(&mut self, person: &PersonId, group: &str) {
        self.people.entry(person.clone()).or_default().insert((GROUP, group.into()));
    }

    /// Whether the caller is in the role.
    pub fn has(&self, principal: &Principal, role: Role) -> bool {
        self.of(principal).contains(&(ROLE, Arc::from(role.as_str())))
    }

    /// All that the caller is in, by kind and id. An app is in what its owner is in; one that is nobody's is a builder's.
    pub(crate) fn of(&self, principal: &Principal) -> BTreeSet<Within> {
        if !matches!(principal, Principal::Person { .. } | Principal::App { .. }) {
            return BTreeSet::new();
        }
        let answers = principal.answerable();
        let mut all = answers.and_then(|person| self.people.get(person)).cloned().unwrap_or_default();
        all.insert((ROLE, Role::Builder.as_str().into()));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> Principal {
        Principal::Person { id: PersonId::new(id), device: None }
    }

    fn app(owner: Option<&str>) -> Principal {
        Principal::App { id: fanlight_base::AppId::new("app_a"), owner: owner.map(PersonId::new) }
    }

    #[test]
    fn every_person_is_a_builder_and_nobody_else_is() {
        let mut directory = Directory::new();
        directory.give(&PersonId::new("prs_a"), Role::Reviewer);
        for (caller, role, has) in [
            (person("prs_a"), Role::Builder, true),
            (person("prs_a"), Role::Reviewer, true),
            (person("prs_a"), Role::Steward, false),
            (person("prs_b"), Role::Builder, true),
            (person("prs_b"), Role::Reviewer, false),
            (app(Some("prs_a")), Role::Reviewer, true),
            (app(Some("prs_b")), Role::Reviewer, false),
            (app(None), Role::Reviewer, false),
            (app(None), Role::Builder, true),
            (Principal::Unidentified, Role::Builder, false),
            (Principal::Node, Role::Steward, false),
        ] {
            assert_eq!(directory.has(&caller, role), has, "{caller:?} {role:?}");
            assert_eq!(directory.of(&caller).contains(&(ROLE, role.as_str().into())), has, "{caller:?} {role:?}");
        }
    }
}
