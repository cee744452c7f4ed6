//! Decisions remembered within an epoch.
//!
//! Invariant: two attempts share a decision only if they are equal in everything that any policy of the action looks
//! at; the whole of it is compared, never only a hash. What is kept is bounded in bytes.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use fanlight_base::{Action, Decision, Fact, limits};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::directory::Within;

/// The most facts an action has; the schema's test holds it to that.
pub(crate) const FACTS: usize = 64;

/// An attempt, brought down to what its action's policies look at, by reference.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) action: Action,
    pub(crate) principal: (&'static str, &'a str),
    pub(crate) resource: (&'static str, &'a str),
    /// What policies can tell of the principal: nothing, its kind, or its id where one of them names it.
    pub(crate) caller: Option<(&'static str, Option<&'a str>)>,
    /// The roles and groups it is in, of those that policies look at.
    pub(crate) within: Vec<Within>,
    /// Whether some policy looks at the resource's name.
    pub(crate) by_resource: bool,
    /// The door's used facts, in its order.
    pub(crate) facts: &'a [Option<&'a Fact>],
}

/// Where the facts of an [`Asked`] are put.
pub(crate) fn room<'a>() -> [Option<&'a Fact>; FACTS] {
    [None; FACTS]
}

#[derive(Debug, Clone)]
struct Key {
    action: Action,
    caller: Option<(&'static str, Option<Box<str>>)>,
    within: Vec<Within>,
    resource: (&'static str, Option<Box<str>>),
    facts: Box<[Option<Fact>]>,
}

impl Asked<'_> {
    fn resource_part(&self) -> (&'static str, Option<&str>) {
        (self.resource.0, self.by_resource.then_some(self.resource.1))
    }

    fn to_key(&self) -> Key {
        let (kind, id) = self.resource_part();
        Key {
            action: self.action,
            caller: self.caller.map(|(kind, id)| (kind, id.map(Into::into))),
            within: self.within.clone(),
            resource: (kind, id.map(Into::into)),
            facts: self.facts.iter().map(|fact| fact.cloned()).collect(),
        }
    }
}

impl Key {
    fn caller_part(&self) -> Option<(&'static str, Option<&str>)> {
        self.caller.as_ref().map(|(kind, id)| (*kind, id.as_deref()))
    }

    fn resource_part(&self) -> (&'static str, Option<&str>) {
        (self.resource.0, self.resource.1.as_deref())
    }
}

// Both hash alike, so that looking up needs no copy.
impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.action, self.caller, &self.within, self.resource_part()).hash(state);
        self.facts.iter().for_each(|fact| fact.hash(state));
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.action, self.caller_part(), &self.within, self.resource_part()).hash(state);
        self.facts.iter().for_each(|fact| fact.as_ref().hash(state));
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.action == other.action
            && self.caller == other.caller
            && self.within == other.within
            && self.resource == other.resource
            && self.facts == other.facts
    }
}

impl Eq for Key {}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.action == key.action
            && self.caller == key.caller_part()
            && self.within == key.within
            && self.resource_part() == key.resource_part()
            && self.facts.len() == key.facts.len()
            && self.facts.iter().zip(&key.facts).all(|(asked, kept)| *asked == kept.as_ref())
    }
}

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<Key, Arc<Decision>> for Bytes {
    /// Roughly: what a key and a decision take, with their allocations.
    fn weight(&self, key: &Key, _decision: &Arc<Decision>) -> u64 {
        let text = |fact: &Option<Fact>| match fact {
            Some(Fact::Text(text)) => text.len() + 16,
            _ => 0,
        };
        let names = key.caller_part().and_then(|(_, id)| id).map_or(0, str::len)
            + key.resource.1.as_ref().map_or(0, |id| id.len())
            + key.within.iter().map(|(_, id)| size_of::<Within>() + id.len()).sum::<usize>();
        let facts: usize = key.facts.iter().map(|fact| size_of::<Option<Fact>>() + text(fact)).sum();
        (size_of::<Key>() + size_of::<Decision>() + 64 + names + facts) as u64
    }
}

/// The decisions of one epoch.
pub(super) struct Remembered(Cache<Key, Arc<Decision>, Bytes, foldhash::quality::RandomState>);

/// What one remembered decision takes in the ordinary case: an estimate that only sizes the table.
const ORDINARY_BYTES: u64 = 512;

impl Remembered {
    pub(super) fn new() -> Self {
        let bytes = limits::REMEMBERED_DECISIONS_BYTES;
        Self(Cache::with(
            usize::try_from(bytes / ORDINARY_BYTES).unwrap_or(usize::MAX),
            bytes,
            Bytes,
            foldhash::quality::RandomState::default(),
            quick_cache::sync::DefaultLifecycle::default(),
        ))
    }

    pub(super) fn get(&self, asked: &Asked<'_>) -> Option<Arc<Decision>> {
        self.0.get(asked)
    }

    pub(super) fn put(&self, asked: &Asked<'_>, decision: &Arc<Decision>) {
        self.0.insert(asked.to_key(), decision.clone());
    }

    /// Roughly how many bytes are kept.
    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remembered({} decisions, {} bytes)", self.0.len(), self.bytes())
    }
}
