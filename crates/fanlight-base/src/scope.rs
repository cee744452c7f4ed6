//! What a key or a token is for: the part of what its owner may do that it may do, too.
//!
//! Owns the words and which action needs which. Refuses to know who holds a key. Invariant: a scope only takes away; it
//! never lets anybody do what policies do not.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::Action;

/// One thing that a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// Fetch packages.
    #[serde(rename = "packages")]
    Packages,
    /// Read over the API.
    #[serde(rename = "api:read")]
    ApiRead,
    /// Read and change over the API.
    #[serde(rename = "api")]
    Api,
    /// Bring people and groups in from a directory.
    #[serde(rename = "directory")]
    Directory,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Packages, Self::ApiRead, Self::Api, Self::Directory];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Packages => "packages",
            Self::ApiRead => "api:read",
            Self::Api => "api",
            Self::Directory => "directory",
        }
    }

    /// The scope of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// The scope that is needed for an action.
    pub fn needed_for(action: Action) -> Self {
        let name = action.as_str();
        if name.starts_with("packages:") {
            Self::Packages
        } else if name.starts_with("directory:") {
            Self::Directory
        } else if name.starts_with("console:read-") || name == "account:read" {
            Self::ApiRead
        } else {
            Self::Api
        }
    }
}

/// What a key is for, all of it. Written as words between spaces, as OAuth 2 has it (RFC 6749, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Reads words between spaces. Nothing where one of them is no scope, or there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let all: Option<Vec<Scope>> = text.split_ascii_whitespace().map(Scope::of).collect();
        all.filter(|all| !all.is_empty()).map(|all| all.into_iter().collect())
    }

    /// Whether it is among them.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Whether they are enough for an action. Who may change over the API may read over it; a token is asked for with
    /// whatever key, because it gets no more than that has.
    pub fn allow(self, action: Action) -> bool {
        if action.as_str().starts_with("oauth:") {
            return true;
        }
        let needed = Scope::needed_for(action);
        self.has(needed) || (needed == Scope::ApiRead && self.has(Scope::Api))
    }

    /// Those that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Them, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

const fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written_in_one_order_and_a_word_that_is_none_spoils_all() {
        assert_eq!(Scopes::parse("api packages").unwrap().to_string(), "packages api");
        for bad in ["", " ", "packages everything", "API"] {
            assert_eq!(Scopes::parse(bad), None, "{bad:?}");
        }
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }

    #[test]
    fn each_action_needs_one_scope_and_to_change_is_to_read() {
        for (scopes, action, enough) in [
            ("packages", "packages:fetch-file", true),
            ("packages", "console:read-status", false),
            ("api:read", "console:read-status", true),
            ("api:read", "console:quarantine", false),
            ("api:read", "packages:fetch-file", false),
            ("api", "console:read-people", true),
            ("api", "console:quarantine", true),
            ("api", "directory:change", false),
            ("api", "packages:read-index", false),
            ("directory", "directory:change", true),
            ("directory", "console:read-people", false),
            ("packages", "oauth:issue-token", true),
        ] {
            assert_eq!(Scopes::parse(scopes).unwrap().allow(Action::new(action)), enough, "{scopes} {action}");
        }
    }
}
