//! Exceptions: who may pass which policies with which thing, for a time.
//!
//! Owns how an exception is matched with an attempt. Refuses to know who granted it, why, and when it ends: whoever keeps
//! exceptions puts those in force that hold now. Invariant: an exception sets aside the policies that it names and no
//! others, and none that says of itself that it is never lifted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use fanlight_base::{Attempt, Principal, Whom};

use crate::directory::Directory;
use crate::entities;

/// One exception that holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its id, as records name it.
    pub id: Arc<str>,
    /// The thing it is about: a release's purl, or a project's for all its releases.
    pub thing: Arc<str>,
    /// Whom it is for.
    pub whom: Whom,
    /// The policies it sets aside.
    pub policies: Arc<[Arc<str>]>,
}

/// All exceptions that hold now.
#[derive(Debug, Default)]
pub struct Exceptions {
    by_thing: HashMap<Arc<str>, Vec<Exception>>,
    /// Callers and groups that are named.
    named: HashSet<Whom>,
}

impl FromIterator<Exception> for Exceptions {
    fn from_iter<I: IntoIterator<Item = Exception>>(all: I) -> Self {
        let mut exceptions = Self::default();
        for exception in all {
            exceptions.named.insert(exception.whom.clone());
            exceptions.by_thing.entry(exception.thing.clone()).or_default().push(exception);
        }
        exceptions
    }
}

impl Exceptions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_thing.is_empty()
    }

    /// Whether one of them is for this caller, by name or by a group that they are in.
    pub(crate) fn names(&self, directory: &Directory, principal: &Principal) -> bool {
        self.named.iter().any(|whom| *whom != Whom::Everybody && is_for(whom, directory, principal))
    }

    /// Those about this attempt.
    pub(crate) fn about(&self, directory: &Directory, attempt: &Attempt<'_>) -> Vec<&Exception> {
        let (kind, id) = (attempt.resource.kind, &*attempt.resource.id);
        let above = entities::above(kind, id);
        let things = std::iter::once(id).chain(above.iter().map(String::as_str));
        let about = things.filter_map(|thing| self.by_thing.get(thing)).flatten();
        about.filter(|exception| is_for(&exception.whom, directory, attempt.principal)).collect()
    }
}

fn is_for(whom: &Whom, directory: &Directory, principal: &Principal) -> bool {
    match whom {
        Whom::Everybody => true,
        Whom::One(id) => {
            matches!(principal, Principal::Person { .. } | Principal::App { .. }) && principal.entity().1 == &**id
        }
        Whom::Group(group) => directory.is_in_group(principal, group),
    }
}
