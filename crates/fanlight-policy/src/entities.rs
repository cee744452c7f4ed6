//! The entities Cedar needs for one attempt: the action's groups, the projects a thing is in, the roles and groups a caller
//! is in. Only the last does not follow from names: it comes from the snapshot's directory.
//!
//! Invariant: within a snapshot the same names always give the same entities.

use std::collections::HashSet;
use std::sync::LazyLock;

use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid};

use crate::directory::{GROUP, ROLE, Within};
use crate::schema::NAMESPACE;

/// `Fanlight::KIND::"ID"`. Kinds come from the schema, so their names are always good ones.
pub(crate) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// The entity type of that name in our namespace.
pub(crate) fn type_name(kind: &str) -> EntityTypeName {
    format!("{NAMESPACE}::{kind}").parse().expect("kinds are names of the schema, which parsed")
}

/// The ids of the projects that a project or release is in, the nearest first.
///
/// `pkg:npm/%40acme/tool@1.0.0` is in `pkg:npm/%40acme/tool`, `pkg:npm/%40acme/` and `pkg:npm/`. In a canonical purl an
/// `@` inside a part is encoded, so the last one starts the version.
pub(crate) fn above(kind: &str, id: &str) -> Vec<String> {
    if kind != "Release" && kind != "Project" {
        return Vec::new();
    }
    let mut chain = Vec::new();
    let mut rest = id;
    if kind == "Release"
        && let Some(at) = rest.rfind('@')
    {
        rest = &rest[..at];
        chain.push(rest.to_owned());
    }
    while let Some(slash) = rest.trim_end_matches('/').rfind('/') {
        rest = &rest[..=slash];
        chain.push(rest.to_owned());
    }
    chain
}

static PROJECT: LazyLock<EntityTypeName> = LazyLock::new(|| type_name("Project"));
static ROLE_TYPE: LazyLock<EntityTypeName> = LazyLock::new(|| type_name(ROLE));
static GROUP_TYPE: LazyLock<EntityTypeName> = LazyLock::new(|| type_name(GROUP));

/// The thing in all the projects it is in.
pub(crate) fn in_projects(thing: EntityUid, kind: &str, id: &str) -> Entity {
    // Each is given all above it, so that there is nothing to be found out by following parents.
    Entity::new_no_attrs(thing, above(kind, id).iter().map(|id| uid(&PROJECT, id)).collect())
}

/// The caller in these roles and groups.
pub(crate) fn in_roles(caller: EntityUid, within: &[Within]) -> Entity {
    let parents: HashSet<EntityUid> =
        within.iter().map(|(kind, id)| uid(if *kind == ROLE { &ROLE_TYPE } else { &GROUP_TYPE }, id)).collect();
    Entity::new_no_attrs(caller, parents)
}

/// The base and these; none if Cedar would not have it.
pub(crate) fn with(base: &Entities, more: Vec<Entity>) -> Option<Entities> {
    base.clone().add_entities(more, None).ok()
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn a_release_is_in_its_project_and_all_above() {
        assert_eq!(above("Release", "pkg:pypi/requests@2.0"), ["pkg:pypi/requests", "pkg:pypi/"]);
        assert_eq!(
            above("Release", "pkg:npm/%40acme/tool@1.0.0"),
            ["pkg:npm/%40acme/tool", "pkg:npm/%40acme/", "pkg:npm/"]
        );
    }

    #[test]
    fn a_project_is_in_all_above_and_not_in_itself() {
        assert_eq!(above("Project", "pkg:pypi/requests"), ["pkg:pypi/"]);
        assert!(above("Project", "pkg:pypi/").is_empty());
        assert!(above("Ledger", "this/that").is_empty());
    }
}
