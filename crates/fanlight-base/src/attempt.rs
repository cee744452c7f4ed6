//! An attempt: who wants to do what to which thing, with the facts known at that moment.

use std::fmt;
use std::sync::Arc;

use crate::facts::Facts;
use crate::principal::Principal;

/// What somebody wants to do: `door:verb`, as named in the policy schema. Each door declares its own as constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Action(&'static str);

impl Action {
    /// Names an action, `door:verb-object`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The thing acted on: its Cedar entity type and its public name (a purl, a policy folder's name). Never a personal value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// The entity type in the policy schema: `Project`, `Release`, `Ledger`, ...
    pub kind: &'static str,
    /// The thing's name, for releases and projects its purl.
    pub id: Arc<str>,
}

impl Resource {
    /// Names a thing.
    pub fn new(kind: &'static str, id: impl Into<Arc<str>>) -> Self {
        Self { kind, id: id.into() }
    }
}

/// Who wants to do what to which thing, with the facts known.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// Who.
    pub principal: &'a Principal,
    /// What.
    pub action: Action,
    /// On which thing.
    pub resource: &'a Resource,
    /// With which facts.
    pub facts: &'a Facts,
}
