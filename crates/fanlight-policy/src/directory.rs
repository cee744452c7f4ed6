//! Who is in which roles and groups.
//!
//! Owns what a caller is in, for policies that ask `principal in`. Refuses to know who gave it and until when: whoever keeps
//! roles puts in force what holds now. Invariant: every person and every app is a builder, whether or not the directory
//! knows them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use fanlight_base::record;
use fanlight_base::{PersonId, Principal, Role};
use serde_json::value::RawValue;

/// A role or a group, by the kind and the id of its Cedar entity.
pub(crate) type Within = (&'static str, Arc<str>);

/// The kind of the entities that roles are.
pub(crate) const ROLE: &str = "Role";
/// The kind of the entities that groups are.
pub(crate) const GROUP: &str = "Group";

/// What some of the people are in.
type Shard = HashMap<PersonId, BTreeSet<Within>>;

/// Into how many parts people are divided: a change copies the parts of those it is about, and shares the others with the
/// directory that was in force before.
const SHARDS: usize = 256;

/// Who is in which roles and groups, now. A clone costs little, however many people there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    shards: Vec<Arc<Shard>>,
}

impl Default for Directory {
    fn default() -> Self {
        Self { shards: vec![Arc::default(); SHARDS] }
    }
}

impl Directory {
    /// Nobody is more than a builder, and in no group.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a person into a role.
    pub fn give(&mut self, person: &PersonId, role: Role) {
        // Everybody is one, so it stands in no record.
        if role != Role::Builder {
            self.add(person, (ROLE, role.as_str().into()));
        }
    }

    /// Takes a role from a person.
    pub fn take(&mut self, person: &PersonId, role: Role) {
        self.remove(person, &(ROLE, role.as_str().into()));
    }

    /// Puts a person into a group.
    pub fn join(&mut self, person: &PersonId, group: &str) {
        self.add(person, (GROUP, group.into()));
    }

    /// Takes a person out of a group.
    pub fn leave(&mut self, person: &PersonId, group: &str) {
        self.remove(person, &(GROUP, group.into()));
    }

    /// Takes a person out of everything.
    pub fn forget(&mut self, person: &PersonId) {
        if self.shards[shard(person)].contains_key(person) {
            Arc::make_mut(&mut self.shards[shard(person)]).remove(person);
        }
    }

    fn add(&mut self, person: &PersonId, within: Within) {
        if !self.all(person).is_some_and(|all| all.contains(&within)) {
            Arc::make_mut(&mut self.shards[shard(person)]).entry(person.clone()).or_default().insert(within);
        }
    }

    fn remove(&mut self, person: &PersonId, within: &Within) {
        if self.all(person).is_some_and(|all| all.contains(within))
            && let Some(all) = Arc::make_mut(&mut self.shards[shard(person)]).get_mut(person)
        {
            all.remove(within);
        }
    }

    fn all(&self, person: &PersonId) -> Option<&BTreeSet<Within>> {
        self.shards[shard(person)].get(person)
    }

    /// The roles that a person was given, by their words.
    pub fn roles_of(&self, person: &PersonId) -> Vec<Role> {
        let all = self.all(person).into_iter().flatten();
        let mut roles: Vec<_> = all.filter(|(kind, _)| *kind == ROLE).filter_map(|(_, id)| Role::of(id)).collect();
        roles.sort_unstable();
        roles
    }

    /// The groups that a person is in, by name.
    pub fn groups_of(&self, person: &PersonId) -> Vec<String> {
        let all = self.all(person).into_iter().flatten();
        all.filter(|(kind, _)| *kind == GROUP).map(|(_, id)| id.to_string()).collect()
    }

    /// Everybody who is in something.
    pub fn people(&self) -> Vec<PersonId> {
        let people = self.shards.iter().flat_map(|shard| shard.iter());
        people.filter(|(_, all)| !all.is_empty()).map(|(person, _)| person.clone()).collect()
    }

    /// Everybody who was given a role.
    pub fn with_role(&self, role: Role) -> Vec<PersonId> {
        let within: Within = (ROLE, role.as_str().into());
        let people = self.shards.iter().flat_map(|shard| shard.iter());
        people.filter(|(_, all)| all.contains(&within)).map(|(person, _)| person.clone()).collect()
    }

    /// What the caller is in, as it stood in a record ([`record::within`]). Words of other versions are left out.
    pub fn recorded<'a>(principal: &Principal, words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut directory = Self::new();
        let Some(person) = principal.answerable() else { return directory };
        for (kind, id) in words.into_iter().filter_map(|word| word.split_once(':')) {
            match (kind, Role::of(id)) {
                ("role", Some(role)) => directory.give(person, role),
                ("group", _) => directory.join(person, id),
                _ => {}
            }
        }
        directory
    }

    /// What the caller is in, for a record; nothing where it is no more than everybody.
    pub fn to_record(&self, principal: &Principal) -> Option<Box<RawValue>> {
        let all = self.all(principal.answerable()?)?;
        record::within(all.iter().map(|(kind, id)| (word(kind), &**id)))
    }

    /// Whether the caller is in the role.
    pub fn has(&self, principal: &Principal, role: Role) -> bool {
        self.of(principal).contains(&(ROLE, Arc::from(role.as_str())))
    }

    /// Whether the caller is in the group.
    pub fn is_in_group(&self, principal: &Principal, group: &str) -> bool {
        principal.answerable().is_some_and(|person| self.is_in(person, GROUP, group))
    }

    /// Whether anybody is in the group.
    pub fn has_group(&self, group: &str) -> bool {
        let group: Within = (GROUP, group.into());
        self.shards.iter().flat_map(|shard| shard.values()).any(|all| all.contains(&group))
    }

    fn is_in(&self, person: &PersonId, kind: &'static str, id: &str) -> bool {
        self.all(person).is_some_and(|all| all.contains(&(kind, Arc::from(id))))
    }

    /// All that the caller is in, by kind and id. An app is in what its owner is in; one that is nobody's is a builder's.
    pub(crate) fn of(&self, principal: &Principal) -> BTreeSet<Within> {
        if !matches!(principal, Principal::Person { .. } | Principal::App { .. }) {
            return BTreeSet::new();
        }
        let answers = principal.answerable();
        let mut all = answers.and_then(|person| self.all(person)).cloned().unwrap_or_default();
        all.insert((ROLE, Role::Builder.as_str().into()));
        all
    }
}

/// In which part a person is: their id is random, so any sum over it divides people evenly.
fn shard(person: &PersonId) -> usize {
    person.as_str().bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % SHARDS
}

/// The kind of an entity as records write it.
fn word(kind: &str) -> &'static str {
    if kind == ROLE { "role" } else { "group" }
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
    #[test]
    fn a_change_leaves_the_directory_before_it_as_it_was() {
        let mut first = Directory::new();
        let people: Vec<_> = (0..1000).map(|n| PersonId::new(format!("prs_{n}"))).collect();
        people.iter().for_each(|person| first.join(person, "finance"));
        let mut second = first.clone();
        second.leave(&people[7], "finance");
        second.give(&people[7], Role::Steward);
        second.forget(&people[8]);
        assert_eq!(first.groups_of(&people[7]), ["finance"]);
        assert!(first.roles_of(&people[7]).is_empty() && first.with_role(Role::Steward).is_empty());
        assert!(second.groups_of(&people[7]).is_empty() && second.groups_of(&people[8]).is_empty());
        assert_eq!(
            (second.roles_of(&people[7]), second.with_role(Role::Steward)),
            (vec![Role::Steward], vec![people[7].clone()])
        );
        let shared = first.shards.iter().zip(&second.shards).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert!(shared >= SHARDS - 2, "only what changed is copied: {shared}");
    }

    #[test]
    fn what_a_record_says_of_a_caller_is_read_back_as_it_was() {
        let mut directory = Directory::new();
        let ben = PersonId::new("prs_b");
        directory.give(&ben, Role::Builder);
        assert!(directory.to_record(&person("prs_b")).is_none(), "everybody is a builder");
        directory.join(&ben, "finance");
        directory.give(&ben, Role::Reviewer);
        let recorded = directory.to_record(&person("prs_b")).unwrap();
        let recorded = recorded.get();
        assert_eq!(recorded, r#"["group:finance","role:reviewer"]"#);
        let words: Vec<&str> = serde_json::from_str(recorded).unwrap();
        let back = Directory::recorded(&person("prs_b"), words);
        assert_eq!(back.of(&person("prs_b")), directory.of(&person("prs_b")));
        let odd = Directory::recorded(&person("prs_b"), ["role:emperor", "nothing", ""]);
        assert_eq!(odd.of(&person("prs_b")), Directory::new().of(&person("prs_b")));
    }
}
