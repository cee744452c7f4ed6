//! A policy that leaves people what they did, and takes the rest of what their roles open.
//!
//! Stewards keep theirs: what they need in an emergency is done once in years, and nobody else could give it back. Refuses to know
//! whether it is enough: that is what the second reading proves.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use fanlight_base::{PersonId, Role};

use crate::directory::{Directory, ROLE};
use crate::pack::Pack;
use crate::schema::known_actions;

/// The name of the file that it would be.
pub(super) const FILE: &str = "least-privilege.cedar";

/// What a role opens: every action of console and directory whose policies look at it.
fn opened(pack: &Pack, role: Role) -> impl Iterator<Item = &'static str> {
    known_actions().filter_map(move |known| {
        let action = known.action;
        let is_of_roles = ["console:", "directory:"].iter().any(|door| action.as_str().starts_with(door));
        let opens = || pack.door(action).is_some_and(|door| door.looks_at((ROLE, role.as_str())));
        (is_of_roles && opens()).then_some(action.as_str())
    })
}

/// A forbid for each who would lose something.
pub(super) fn policy(pack: &Pack, directory: &Directory, acted: &HashMap<PersonId, BTreeSet<&'static str>>) -> String {
    let mut text = String::new();
    let mut number = 0;
    for person in directory.people() {
        let roles = directory.roles_of(&person);
        if roles.contains(&Role::Steward) {
            continue;
        }
        let mut unused: BTreeSet<&str> = roles.into_iter().flat_map(|role| opened(pack, role)).collect();
        unused.retain(|action| !acted.get(&person).is_some_and(|acted| acted.contains(action)));
        if unused.is_empty() {
            continue;
        }
        number += 1;
        let actions: Vec<_> = unused.iter().map(|action| format!("Fanlight::Action::\"{action}\"")).collect();
        let _ = write!(
            text,
            "@id(\"not-needed-{number}\")\n@outcome(\"deny\")\n\
             @reason(\"this was not done for long with the role that it needs, so it was taken from it\")\n\
             @advice(\"Ask a steward to take you out of the policy not-needed-{number}\")\n\
             forbid (\n  principal == Fanlight::Person::\"{person}\",\n  action in [\n    {}\n  ],\n  resource\n);\n\n",
            actions.join(",\n    "),
        );
    }
    text
}
