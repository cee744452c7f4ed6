//! What each role opens at the console, held against a table written by hand, and what no role opens.

use fanlight_base::{PersonId, Role};

use super::*;

/// Every action of the console and of the directory: who may it, by the first letters of the roles (builder, mentor, reviewer, auditor; a steward
/// may everything), and whether it needs a fresh second factor.
const TABLE: &[(&str, &str, bool)] = &[
    ("console:read-status", "bmra", false),
    ("console:read-packages", "bmra", false),
    ("console:scan", "bmra", false),
    ("console:read-people", "mra", false),
    ("console:read-policies", "ra", false),
    ("console:read-advisories", "ra", false),
    ("console:read-ledger", "a", false),
    ("console:read-requests", "mra", false),
    ("console:read-rights", "a", false),
    ("console:read-settings", "a", false),
    ("console:ask", "bmra", false),
    ("console:withdraw-request", "bmra", false),
    ("console:read-own-requests", "bmra", false),
    ("console:read-own-apps", "bmra", false),
    ("console:repeat", "bmra", false),
    ("console:read-apps", "mra", false),
    // Whoever owns the app or the key may, too: below.
    ("console:register-app", "", false),
    ("console:change-app", "", false),
    ("console:hand-over-app", "", false),
    ("console:end-app", "", false),
    ("console:revoke-key", "", false),
    ("console:make-key", "", true),
    ("console:grant-request", "r", true),
    ("console:refuse-request", "r", false),
    ("console:refresh-advisories", "r", false),
    ("console:quarantine", "r", false),
    ("console:lift-quarantine", "r", false),
    ("console:end-exception", "r", false),
    ("console:review", "r", false),
    ("console:acknowledge", "r", false),
    ("console:import-reviews", "r", false),
    ("console:break-glass", "r", true),
    ("console:propose-policies", "r", false),
    ("console:withdraw-proposal", "r", false),
    ("console:refuse-proposal", "r", false),
    ("console:publish-policies", "", true),
    ("console:revoke-token", "", false),
    ("console:issue-token", "", true),
    ("console:erase-person", "", true),
    ("console:backup", "", true),
    ("console:restore", "", true),
    ("console:end-sessions", "", false),
    ("console:invite", "", true),
    ("console:make-first-link", "", true),
    ("console:end-person", "", true),
    ("console:end-login", "", true),
    ("console:give-role", "", true),
    ("console:take-role", "", true),
    ("console:join-group", "", true),
    ("console:leave-group", "", true),
    ("console:import-people", "", true),
    ("directory:read", "a", false),
    ("directory:keep-person", "", true),
    ("directory:end-person", "", true),
    ("directory:keep-group", "", true),
    ("directory:end-group", "", true),
];

fn with_roles() -> (Guard, Vec<(Principal, char)>) {
    let mut directory = Directory::new();
    let people: Vec<_> = Role::ALL
        .into_iter()
        .map(|role| {
            let id = PersonId::new(format!("prs_{}", role.as_str()));
            if role != Role::Builder {
                directory.give(&id, role);
            }
            let letter = if role == Role::Steward { '*' } else { role.as_str().chars().next().unwrap() };
            (Principal::Person { id, device: None }, letter)
        })
        .collect();
    (Guard::with(Pack::built_in(), Exceptions::default(), directory), people)
}

fn thing_of(known: &crate::KnownAction) -> Resource {
    let kind = ["App", "Node", "Ledger", "Person"].into_iter().find(|kind| known.resources.contains(kind)).unwrap();
    Resource::new(kind, "this")
}

#[test]
fn each_role_opens_what_the_table_says_and_nothing_else() {
    let (guard, people) = with_roles();
    let mut seen = 0;
    for known in
        crate::known_actions().filter(|known| ["console", "directory"].iter().any(|all| known.groups.contains(all)))
    {
        let name = known.action.as_str();
        let (_, who, grave) = TABLE
            .iter()
            .find(|(action, ..)| *action == name)
            .unwrap_or_else(|| panic!("{name} is not in the table: say who may it"));
        seen += 1;
        let reads = known.groups.contains("console:own") || known.groups.contains("console:read");
        // A directory shows a key, and no second factor.
        let by_key = !grave || known.groups.contains("directory");
        let with_token = reads && !["console:read-ledger", "console:read-rights", "console:scan"].contains(&name);
        for (person, letter) in &people {
            // Not even a steward makes a key for another's app.
            let may = (*letter == '*' && name != "console:make-key") || who.contains(*letter);
            for (strength, enough) in [
                ("none", false),
                ("device-token", with_token),
                ("api-key", by_key),
                ("access-token", by_key),
                ("certificate", by_key),
                ("session", !grave),
                ("stepped-up", true),
            ] {
                let facts = Facts::new().with("strength", strength);
                let decision = on(&guard, person, known.action, &thing_of(known), &facts);
                assert_eq!(decision.is_allowed(), may && enough, "{name} by {person:?} with {strength}: {decision:?}");
            }
            let operator = Facts::new().with("strength", "state-folder");
            assert!(on(&guard, person, known.action, &thing_of(known), &operator).is_allowed(), "{name}");
        }
    }
    assert_eq!(seen, TABLE.len());
}

#[test]
fn nobody_widens_their_own_rights_and_the_last_steward_stays() {
    let (guard, people) = with_roles();
    let (steward, _) = people.iter().find(|(_, letter)| *letter == '*').unwrap();
    let person = Resource::new("Person", "prs_x");
    let by = |action, strength: &str, fact: &'static str| {
        let facts = Facts::new().with("strength", strength).with(fact, true);
        said(&on(&guard, steward, Action::new(action), &person, &facts))
    };
    assert_eq!(by("console:give-role", "stepped-up", "own"), "deny not-for-oneself");
    assert_eq!(by("console:join-group", "stepped-up", "own"), "deny not-for-oneself");
    let group = |fact| {
        let facts = Facts::new().with("strength", "stepped-up").with(fact, true);
        said(&on(&guard, steward, Action::new("directory:keep-group"), &Resource::new("Group", "finance"), &facts))
    };
    assert_eq!((group("own").as_str(), group("last_steward").as_str()), ("deny not-for-oneself", "deny last-steward"));
    assert_eq!(by("console:give-role", "state-folder", "own"), "allow console-for-operators console-for-stewards");
    for strength in ["stepped-up", "state-folder"] {
        assert_eq!(by("console:take-role", strength, "last_steward"), "deny last-steward");
        assert_eq!(by("console:erase-person", strength, "last_steward"), "deny last-steward");
    }
}

#[test]
fn what_one_proposes_oneself_waits_for_another_where_there_is_one() {
    let (guard, people) = with_roles();
    let (steward, _) = people.iter().find(|(_, letter)| *letter == '*').unwrap();
    let publish = |strength: &str, own: bool, another_could: Option<bool>| {
        let mut facts = Facts::new().with("strength", strength).with("proposal", "prp_x").with("proposed_by_self", own);
        if let Some(could) = another_could {
            facts.set("another_could", could);
        }
        let policies = Resource::new("Policies", "company");
        said(&on(&guard, steward, Action::new("console:publish-policies"), &policies, &facts))
    };
    assert_eq!(publish("stepped-up", false, None), "allow console-for-stewards");
    assert_eq!(publish("stepped-up", true, Some(true)), "hold another-approves");
    assert_eq!(publish("stepped-up", true, Some(false)), "allow console-for-stewards");
    assert_eq!(publish("state-folder", true, Some(true)), "allow console-for-operators console-for-stewards");
    assert_eq!(publish("session", false, None), "deny fresh-second-factor");
    for strength in ["api-key", "access-token", "certificate"] {
        assert_eq!(publish(strength, false, None), "deny second-factor-by-people");
    }
}

#[test]
fn a_role_counts_from_the_epoch_on_that_brings_it() {
    let guard = built_in();
    let people = Action::new("console:read-people");
    let node = Resource::new("Node", "this");
    let facts = Facts::new().with("strength", "device-token");
    let may = || on(&guard, &person(), people, &node, &facts).is_allowed();
    assert!(!may());
    let mut directory = Directory::new();
    directory.give(person().person().unwrap(), Role::Mentor);
    let before = guard.snapshot();
    let asked = Attempt { principal: &person(), action: people, resource: &node, facts: &facts };
    guard.enlist(directory);
    assert!(may());
    assert!(!before.decide_afresh(&asked).is_allowed());
    // New policies and exceptions leave it as it is.
    guard.replace(Pack::built_in());
    guard.except(Exceptions::default());
    guard.renew();
    assert!(may());
    guard.enlist(Directory::new());
    assert!(!may());
}

#[test]
fn a_policy_on_a_group_keeps_its_people_apart_and_nobody_else() {
    const FINANCE: &str = r#"@id("finance") @outcome("deny") @reason("not for finance")
        forbid (principal in Fanlight::Group::"finance", action == Fanlight::Action::"packages:fetch-file", resource);"#;
    let (a, b, c) = (named("prs_a"), named("prs_b"), named("prs_c"));
    let mut directory = Directory::new();
    directory.join(a.person().unwrap(), "finance");
    directory.join(b.person().unwrap(), "finance");
    directory.join(c.person().unwrap(), "sales");
    directory.give(c.person().unwrap(), Role::Steward);
    let pack = Pack::of_texts([("company.cedar", FINANCE)], &[]).unwrap();
    let guard = Guard::with(pack, Exceptions::default(), directory);
    let by = |who: &Principal| said(&on(&guard, who, FETCH, &release(), &old()));
    // In an order in which each answer would be another's if they shared it.
    assert_eq!(by(&c), "allow packages-allowed");
    assert_eq!(by(&a), "deny finance");
    assert_eq!(by(&Principal::Unidentified), "allow packages-allowed");
    assert_eq!(by(&b), "deny finance");
    let audience = |who: &Principal| guard.snapshot().audience(FETCH, who, Strength::DeviceToken);
    assert_eq!(audience(&a), audience(&b));
    assert_eq!(audience(&c), audience(&named("prs_d")), "what no policy looks at tells nobody apart");
    assert_ne!(audience(&a), audience(&c));
}

#[test]
fn an_owner_looks_after_their_own_apps_and_keys_and_a_mentor_after_orphans() {
    let (guard, people) = with_roles();
    let (app, node) = (Resource::new("App", "app_x"), Resource::new("Node", "this"));
    let by = |letter: char, action, on_what: &Resource, strength: &str, fact: &'static str| {
        let (person, _) = people.iter().find(|(_, of)| *of == letter).unwrap();
        let facts = Facts::new().with("strength", strength).with(fact, true);
        on(&guard, person, Action::new(action), on_what, &facts).is_allowed()
    };
    for action in ["register-app", "change-app", "hand-over-app", "end-app", "revoke-key", "make-key"] {
        let action = Action::new(format!("console:{action}").leak()).as_str();
        assert!(by('b', action, &app, "stepped-up", "is_owner"), "{action}");
        assert!(!by('b', action, &app, "device-token", "is_owner"), "{action}");
        assert_eq!(by('b', action, &node, "api-key", "is_owner"), action != "console:make-key", "{action}");
        assert_eq!(by('m', action, &app, "session", "is_orphan"), action == "console:hand-over-app", "{action}");
        assert!(!by('b', action, &app, "session", "is_orphan"), "{action}");
    }
    // Not even whoever runs the node makes a key in another person's name, and no steward one for another's app.
    let (steward, _) = people.iter().find(|(_, letter)| *letter == '*').unwrap();
    let facts = Facts::new().with("strength", "state-folder");
    let other = Resource::new("Person", "prs_x");
    assert_eq!(said(&on(&guard, steward, Action::new("console:make-key"), &other, &facts)), "deny key-in-own-name");
    assert!(on(&guard, steward, Action::new("console:make-key"), &app, &facts).is_allowed());
    let facts = Facts::new().with("strength", "stepped-up");
    let made = on(&guard, steward, Action::new("console:make-key"), &app, &facts);
    assert_eq!(said(&made), "deny key-in-own-name");
}

#[test]
fn an_app_may_what_its_owner_may_and_nothing_that_its_owner_may_not() {
    const COMPANY: &str = r#"@id("not-for-a") @outcome("deny") @reason("not for a")
        forbid (principal == Fanlight::Person::"prs_a", action == Fanlight::Action::"packages:fetch-file", resource);
        @id("b-waits") @outcome("hold") @reason("b waits")
        forbid (principal == Fanlight::Person::"prs_b", action == Fanlight::Action::"packages:fetch-file", resource);
        @id("apps-read-people")
        permit (principal is Fanlight::App, action == Fanlight::Action::"console:read-people", resource);"#;
    let mut directory = Directory::new();
    directory.give(&PersonId::new("prs_m"), Role::Mentor);
    let pack = Pack::of_texts([("company.cedar", COMPANY)], &[]).unwrap();
    let everybody = crate::Exception {
        id: "exc_1".into(),
        thing: release().id,
        whom: fanlight_base::Whom::Everybody,
        policies: vec!["b-waits".into()].into(),
    };
    let guard = Guard::with(pack, [everybody].into_iter().collect(), directory);
    let app = |owner: Option<&str>| Principal::App {
        id: fanlight_base::AppId::new("app_x"),
        owner: owner.map(PersonId::new),
    };
    let fetches = |owner| said(&on(&guard, &app(owner), FETCH, &release(), &old()));
    assert_eq!(fetches(Some("prs_a")), "deny not-for-a");
    assert_eq!(fetches(Some("prs_c")), "allow packages-allowed");
    assert_eq!(fetches(None), "allow packages-allowed");
    // What is excepted for the owner's part is what holds for everybody.
    assert_eq!(fetches(Some("prs_b")), "allow packages-allowed");
    let reads = |owner| {
        let facts = Facts::new().with("strength", "api-key");
        on(&guard, &app(owner), Action::new("console:read-people"), &Resource::new("Node", "this"), &facts).is_allowed()
    };
    assert!(reads(Some("prs_m")));
    assert!(!reads(Some("prs_c")), "a permit for apps is none for what the owner may not");
    // Who is judged apart is remembered apart at the doors.
    let audience = |owner| guard.snapshot().audience(FETCH, &app(owner), Strength::ApiKey);
    assert_ne!(audience(Some("prs_a")), audience(Some("prs_c")));
    assert_eq!(audience(Some("prs_c")), audience(Some("prs_d")));
    let attempt = Attempt { principal: &app(Some("prs_a")), action: FETCH, resource: &release(), facts: &old() };
    assert_eq!(said(&guard.snapshot().decide_afresh(&attempt)), "deny not-for-a");
}

#[test]
fn a_role_that_there_is_not_is_a_fault_of_the_policy() {
    let text = r#"@id("typo") permit (principal in Fanlight::Role::"reveiwer", action, resource);"#;
    let faults = Pack::of_texts([("company.cedar", text)], &[]).expect_err("a fault");
    assert!(faults[0].to_string().contains("reveiwer"), "{}", faults[0]);
}

#[test]
fn whoever_is_refused_learns_for_whom_it_is_and_of_nobody_who_is_left_out() {
    const EXCEPT: &str = r#"
        @id("not-these") permit (principal, action == Fanlight::Action::"console:read-ledger", resource)
        when { context.strength == "never" } unless { principal in Fanlight::Group::"secret-layoffs" };
        @id("not-mentors") permit (principal, action == Fanlight::Action::"console:read-ledger", resource)
        when { context.strength == "never" && !(principal in Fanlight::Role::"mentor") };
        @id("for-a-group") permit (principal in Fanlight::Group::"finance", action == Fanlight::Action::"console:read-ledger", resource);
    "#;
    let guard = Guard::new(Pack::of_texts([("company.cedar", EXCEPT)], &[]).unwrap());
    let builder = Principal::Person { id: PersonId::new("prs_b"), device: None };
    let facts = Facts::new().with("strength", "session");
    let advice = |action: &'static str| {
        let resource = Resource::new("Node", "this");
        let decision = on(&guard, &builder, Action::new(action), &resource, &facts);
        assert_eq!(decision.outcome, Outcome::Deny);
        assert!(decision.reason(&facts).starts_with("no policy permits"), "{}", decision.reason(&facts));
        decision.advice(&facts).unwrap()
    };
    let told = advice("console:read-settings");
    assert!(told.starts_with("Policies permit it to stewards and auditors: ask one of them"), "{told}");
    assert_eq!(advice("console:read-ledger"), told, "neither exceptions nor groups are told");
}
