//! What people use their roles and groups for, and fewer of them that would do.
//!
//! Takes the records of a time one by one, twice: once to learn what was done that a right may have been needed for, and once more
//! to prove that with fewer rights, and with a policy that takes what else was not done, all of it would still be allowed. Refuses to know names and how rights are taken. Invariant: what
//! cannot be judged again proposes nothing; a right is only spare where everything that was done goes without it.

mod smaller;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use fanlight_base::{Outcome, PersonId, Role, Scope, Timestamp, limits};

use super::record::Recorded;
use crate::directory::{Directory, GROUP, ROLE};
use crate::exceptions::Exceptions;
use crate::explain::OwnedAttempt;
use crate::guard::{Guard, Snapshot};
use crate::pack::Pack;

/// A right of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// A role.
    Role(Role),
    /// A group that some policy names.
    Group(Arc<str>),
}

impl Right {
    fn taken_from(&self, directory: &mut Directory, person: &PersonId) {
        match self {
            Self::Role(role) => directory.take(person, *role),
            Self::Group(group) => directory.leave(person, group),
        }
    }

    fn named(&self) -> (&'static str, &str) {
        match self {
            Self::Role(role) => (ROLE, role.as_str()),
            Self::Group(group) => (GROUP, group),
        }
    }
}

/// What one right of one person was needed for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// How often.
    pub times: u64,
    /// For which actions.
    pub actions: BTreeSet<&'static str>,
    /// When last.
    pub last: Option<Timestamp>,
    /// Whether all that was done goes without it, and without the others that are spare.
    pub spare: bool,
}

/// What a key was used for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyUse {
    /// The scopes that were needed.
    pub scopes: BTreeSet<Scope>,
    /// When last.
    pub last: Option<Timestamp>,
}

/// What the first reading came to.
#[derive(Debug)]
pub struct Report {
    /// What each person's rights were needed for, those of them included that no policy looks at.
    pub people: BTreeMap<PersonId, BTreeMap<Right, Use>>,
    /// What each key was used for, by its name.
    pub keys: BTreeMap<String, KeyUse>,
    /// A policy that takes from each person what the roles that they keep open beyond what was done; empty where that is nothing.
    pub policy: String,
    /// Everybody's rights without those that are spare, and with that policy, to be proved.
    pub proof: Proof,
}

/// What was done by one person that a right may have been needed for: each attempt once.
#[derive(Debug, Default)]
struct Done {
    attempts: HashMap<String, (OwnedAttempt, u64, Timestamp)>,
    is_too_much: bool,
}

/// The first reading.
#[derive(Debug)]
pub struct Rights {
    pack: Pack,
    directory: Directory,
    present: Arc<Snapshot>,
    done: HashMap<PersonId, Done>,
    acted: HashMap<PersonId, BTreeSet<&'static str>>,
    keys: BTreeMap<String, KeyUse>,
    /// Attempts that were allowed, and would be today.
    pub judged: u64,
    /// Attempts that were allowed and cannot be judged again, or would be refused today.
    pub left: u64,
}

fn judging(pack: &Pack, directory: Directory) -> Arc<Snapshot> {
    Guard::with(pack.clone(), Exceptions::default(), directory).snapshot()
}

impl Rights {
    /// By these policies, with everybody in the roles and groups that they are in.
    pub fn new(pack: Pack, directory: Directory) -> Self {
        let present = judging(&pack, directory.clone());
        Self {
            pack,
            directory,
            present,
            done: HashMap::new(),
            acted: HashMap::new(),
            keys: BTreeMap::new(),
            judged: 0,
            left: 0,
        }
    }

    /// Reads a record.
    pub fn read(&mut self, record: &str) {
        let Some((attempt, time, key)) = attempted(record, &self.present) else { return };
        let Some(attempt) = attempt else {
            self.left += 1;
            return;
        };
        if let Some(key) = key {
            let used = self.keys.entry(key).or_default();
            used.scopes.insert(Scope::needed_for(attempt.action));
            used.last = used.last.max(Some(time));
        }
        if !self.present.decide(&attempt.attempt()).is_allowed() {
            self.left += 1;
            return;
        }
        self.judged += 1;
        let Some(person) = attempt.principal.answerable().cloned() else { return };
        self.acted.entry(person.clone()).or_default().insert(attempt.action.as_str());
        if self.held(&person).all(|right| !self.looks_at(&attempt, &right)) {
            return;
        }
        let done = self.done.entry(person).or_default();
        let kept = done.attempts.len();
        match done.attempts.entry(told(&attempt)) {
            std::collections::hash_map::Entry::Occupied(mut known) => {
                let (_, times, last) = known.get_mut();
                *times += 1;
                *last = time.max(*last);
            }
            std::collections::hash_map::Entry::Vacant(_) if kept >= limits::RIGHTS_ATTEMPTS => done.is_too_much = true,
            std::collections::hash_map::Entry::Vacant(new) => drop(new.insert((attempt, 1, time))),
        }
    }

    fn held(&self, person: &PersonId) -> impl Iterator<Item = Right> {
        let roles = self.directory.roles_of(person).into_iter().map(Right::Role);
        roles.chain(self.directory.groups_of(person).into_iter().map(|group| Right::Group(group.into())))
    }

    fn looks_at(&self, attempt: &OwnedAttempt, right: &Right) -> bool {
        self.pack.door(attempt.action).is_some_and(|door| door.looks_at(right.named()))
    }

    /// What came of it.
    pub fn report(self) -> Report {
        let people = self.directory.people();
        let mut uses: BTreeMap<PersonId, BTreeMap<Right, Use>> = BTreeMap::new();
        let mut holders: BTreeMap<Right, Vec<PersonId>> = BTreeMap::new();
        for person in people {
            for right in self.held(&person) {
                uses.entry(person.clone()).or_default().insert(right.clone(), Use::default());
                holders.entry(right).or_default().push(person.clone());
            }
        }
        let mut proposed = self.directory.clone();
        // Roles that open most go first, so that what is left is the least.
        let by_weight = |right: &Right| match right {
            Right::Role(Role::Steward) => 0,
            Right::Role(Role::Reviewer) => 1,
            Right::Role(Role::Auditor) => 2,
            Right::Role(_) => 3,
            Right::Group(_) => 4,
        };
        let mut order: Vec<_> = holders.iter().collect();
        order.sort_by_key(|(right, _)| (by_weight(right), (*right).clone()));
        for (right, people) in order {
            let without = |directory: &Directory| {
                let mut without = directory.clone();
                people.iter().for_each(|person| right.taken_from(&mut without, person));
                judging(&self.pack, without)
            };
            let (alone, together) = (without(&self.directory), without(&proposed));
            let mut spare = Vec::new();
            for person in people {
                let Some(used) = uses.get_mut(person).and_then(|all| all.get_mut(right)) else { continue };
                let done = self.done.get(person);
                for (attempt, times, last) in done.iter().flat_map(|done| done.attempts.values()) {
                    if !alone.decide(&attempt.attempt()).is_allowed() {
                        used.times += times;
                        used.actions.insert(attempt.action.as_str());
                        used.last = used.last.max(Some(*last));
                    }
                }
                let goes = |done: &&Done| {
                    !done.is_too_much
                        && done.attempts.values().all(|(attempt, ..)| together.decide(&attempt.attempt()).is_allowed())
                };
                if done.is_none_or(|done| goes(&done)) {
                    spare.push(person);
                }
            }
            // Somebody has to answer for the node.
            if *right == Right::Role(Role::Steward) && spare.len() == people.len() {
                continue;
            }
            for person in spare {
                right.taken_from(&mut proposed, person);
                if let Some(used) = uses.get_mut(person).and_then(|all| all.get_mut(right)) {
                    used.spare = true;
                }
            }
        }
        let policy = smaller::policy(&self.pack, &proposed, &self.acted);
        // What was written here reads well, or is not proposed.
        let (pack, policy) = match self.pack.and(smaller::FILE, &policy) {
            Ok(pack) => (pack, policy),
            Err(_) => (self.pack, String::new()),
        };
        let proof = Proof { present: self.present, proposed: judging(&pack, proposed), allowed: 0, refused: 0 };
        Report { people: uses, keys: self.keys, policy, proof }
    }
}

/// The second reading: all that was allowed, judged as if the spare rights were taken.
#[derive(Debug)]
pub struct Proof {
    present: Arc<Snapshot>,
    proposed: Arc<Snapshot>,
    /// Attempts that stay allowed.
    pub allowed: u64,
    /// Attempts that would be refused.
    pub refused: u64,
}

impl Proof {
    /// Reads a record.
    pub fn read(&mut self, record: &str) {
        let Some((Some(attempt), ..)) = attempted(record, &self.present) else { return };
        if !self.present.decide(&attempt.attempt()).is_allowed() {
            return;
        }
        if self.proposed.decide(&attempt.attempt()).is_allowed() {
            self.allowed += 1;
        } else {
            self.refused += 1;
        }
    }
}

/// The attempt of a record that was allowed by itself, its time and the key that was shown. No attempt where it cannot be
/// judged again; nothing at all where there was none, or an exception let it pass.
fn attempted(record: &str, policies: &Snapshot) -> Option<(Option<OwnedAttempt>, Timestamp, Option<String>)> {
    let recorded = serde_json::from_str::<Recorded<'_>>(record).ok()?;
    if recorded.decision.outcome != Outcome::Allow || recorded.decision.excepted.is_some() {
        return None;
    }
    let (time, key) = (recorded.time, recorded.who.key().map(str::to_owned));
    match recorded.replay(policies) {
        Ok(Some(replay)) => Some((Some(replay.attempt), time, key)),
        Ok(None) => None,
        Err(_) => Some((None, time, key)),
    }
}

/// Attempts that are told alike are judged alike.
fn told(attempt: &OwnedAttempt) -> String {
    let OwnedAttempt { principal, action, resource, facts } = attempt;
    let mut text = String::new();
    let _ = write!(text, "{:?} {action} {} {}", principal.entity(), resource.kind, resource.id);
    for (name, fact) in facts.iter() {
        let _ = write!(text, " {name}={fact:?}");
    }
    text
}

#[cfg(test)]
mod tests;
