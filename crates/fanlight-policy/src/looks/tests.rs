//! What policies are found to look at.

use cedar_policy::Policy;

use super::*;

fn looks(policy: &str) -> Looks {
    Looks::of(&policy.parse::<Policy>().unwrap().to_json().unwrap())
}

fn facts(names: &[&str]) -> Looks {
    Looks { facts: names.iter().map(|name| (*name).to_owned()).collect(), ..Looks::default() }
}

#[test]
fn an_open_head_looks_at_nothing() {
    assert_eq!(looks("permit (principal, action, resource);"), Looks::default());
    assert_eq!(looks("permit (principal, action == Action::\"x\", resource is R);"), Looks::default());
}

#[test]
fn facts_are_found_wherever_they_stand() {
    let policy = "forbid (principal, action, resource) when { context has a && context.b == 1 }
        unless { if context.c then [context.d].contains(1) else {Var: context.e, Value: context.f}.Var > 2 }
        when { context.g.lessThan(decimal(\"1.0\")) || context.h like \"x*\" || !(context[\"i\"]) };";
    assert_eq!(looks(policy), facts(&["a", "b", "c", "d", "e", "f", "g", "h", "i"]));
}

#[test]
fn a_fact_inside_a_fact_is_the_outer_one() {
    assert_eq!(
        looks("forbid (principal, action, resource) when { context has a.b && context.c.d == 1 };"),
        facts(&["a", "c"])
    );
}

#[test]
fn the_context_as_a_whole_is_every_fact() {
    assert!(looks("forbid (principal, action, resource) when { context == {a: 1} };").whole_context);
    assert!(looks("forbid (principal, action, resource) when { [context].contains({a: 1}) };").whole_context);
}

#[test]
fn a_condition_may_ask_for_the_action_s_groups() {
    assert!(looks("forbid (principal, action, resource) when { action in Action::\"x\" };").action);
}

#[test]
fn any_mention_of_the_principal_counts() {
    for head in ["principal is P", "principal == P::\"a\"", "principal in P::\"a\""] {
        assert!(looks(&format!("forbid ({head}, action, resource);")).principal, "{head}");
    }
    for condition in ["principal is P", "principal == P::\"a\"", "principal.name == \"a\"", "principal has name"] {
        let policy = format!("forbid (principal, action, resource) when {{ {condition} }};");
        assert!(looks(&policy).principal, "{condition}");
    }
}

#[test]
fn callers_that_are_named_are_known_by_name() {
    for policy in [
        "forbid (principal == N::P::\"a\", action, resource);",
        "forbid (principal in N::P::\"a\", action, resource);",
        "forbid (principal is N::P in N::P::\"a\", action, resource);",
        "forbid (principal, action, resource) when { principal == N::P::\"a\" };",
        "forbid (principal, action, resource) unless { N::P::\"a\" != principal && principal is N::P };",
        "forbid (principal, action, resource) when { principal in N::P::\"a\" };",
        "forbid (principal, action, resource) when { [N::P::\"a\"].contains(principal) };",
        "forbid (principal, action, resource) when { principal in [N::P::\"a\"] };",
        "forbid (principal, action, resource) when { principal is N::P in N::P::\"a\" };",
    ] {
        let looks = looks(policy);
        assert!(looks.principal && !looks.each, "{policy}");
        assert_eq!(looks.named, [("P".to_owned(), "a".to_owned())].into(), "{policy}");
    }
    let kinds = looks("forbid (principal is P, action, resource) when { principal is Q };");
    assert!(kinds.principal && !kinds.each && kinds.named.is_empty());
    let several = looks("forbid (principal, action, resource) when { [P::\"a\", P::\"b\"].contains(principal) };");
    assert_eq!((several.named.len(), several.each), (2, false));
}

#[test]
fn callers_compared_with_what_is_no_name_are_each_looked_at() {
    for condition in [
        "principal == resource",
        "resource == principal",
        "principal.name == \"a\"",
        "principal has name",
        "[principal].contains(P::\"a\")",
        "[P::\"a\", resource].contains(principal)",
        "(if context.x then P::\"a\" else P::\"b\") == principal",
        "principal in context.x",
        "context.x.contains(principal)",
        "principal is P in resource",
        "{a: principal}.a == P::\"a\"",
    ] {
        let looks = looks(&format!("forbid (principal, action, resource) when {{ {condition} }};"));
        assert!(looks.principal && looks.each, "{condition}: {looks:?}");
    }
}

#[test]
fn the_resource_counts_by_name_and_by_project_but_not_by_kind() {
    let of = |looks: &Looks| (looks.resource, looks.projects);
    let head = |resource: &str| of(&looks(&format!("forbid (principal, action, {resource});")));
    assert_eq!(head("resource is R"), (false, false));
    assert_eq!(head("resource == R::\"a\""), (true, false));
    assert_eq!(head("resource in R::\"a\""), (true, true));
    assert_eq!(head("resource is R in R::\"a\""), (true, true));
    let when = |text: &str| of(&looks(&format!("forbid (principal, action, resource) when {{ {text} }};")));
    assert_eq!(when("resource is R"), (false, false));
    assert_eq!(when("resource == R::\"a\""), (true, false));
    assert_eq!(when("resource in [R::\"a\"]"), (true, true));
    assert_eq!(when("resource is R in R::\"a\""), (true, true));
}
