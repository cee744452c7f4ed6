//! Properties: decisions against a model of forty lines, over sets of policies and attempts made at random.

use fanlight_base::Timestamp;
use proptest::prelude::*;

use super::*;

const BUILT_IN_PACKAGES: [&str; 8] = [
    "packages-allowed",
    "wait-and-see",
    "wait-and-see-first-seen",
    "quarantined",
    "quarantined-here",
    "reviewed-unsafe-here",
    "unparsable-file-name",
    "no-hash",
];

/// One policy as the model and Cedar both understand it.
#[derive(Debug, Clone)]
struct Rule {
    effect: &'static str,
    outcome: &'static str,
    until: bool,
    condition: Condition,
}

#[derive(Debug, Clone)]
enum Condition {
    Always,
    Younger(i64),
    Known(&'static str),
    Yanked,
    Person,
    Project(&'static str),
    Overflows,
}

/// One attempt as the model and Cedar both understand it.
#[derive(Debug, Clone)]
struct Case {
    age: i64,
    strength: &'static str,
    yanked: bool,
    person: bool,
    project: &'static str,
    ends: i64,
    noise: String,
}

impl Rule {
    fn text(&self, id: usize) -> String {
        let (head, condition) = match &self.condition {
            Condition::Always => ("principal", "true".into()),
            Condition::Younger(age) => ("principal", format!("context.age_minutes < {age}")),
            Condition::Known(strength) => ("principal", format!("context.strength == \"{strength}\"")),
            Condition::Yanked => ("principal", "context.yanked".into()),
            Condition::Person => ("principal is Fanlight::Person", "true".into()),
            Condition::Project(name) => ("principal", format!("resource in Fanlight::Project::\"pkg:pypi/{name}\"")),
            Condition::Overflows => ("principal", "context.age_minutes + 9223372036854775807 > 0".into()),
        };
        let words = match (self.effect, self.until && self.outcome == "hold") {
            ("permit", _) => String::new(),
            (_, true) => "@outcome(\"hold\") @until(\"available_at\")".into(),
            (_, false) => format!("@outcome(\"{}\")", self.outcome),
        };
        let fetch = r#"action == Fanlight::Action::"packages:fetch-file""#;
        format!("@id(\"p{id}\") {words} {} ({head}, {fetch}, resource) when {{ {condition} }};\n", self.effect)
    }

    /// None: it cannot be judged.
    fn applies(&self, case: &Case) -> Option<bool> {
        Some(match &self.condition {
            Condition::Always => true,
            Condition::Younger(age) => case.age < *age,
            Condition::Known(strength) => case.strength == *strength,
            Condition::Yanked => case.yanked,
            Condition::Person => case.person,
            Condition::Project(name) => case.project == *name,
            Condition::Overflows if case.age > 0 => return None,
            Condition::Overflows => true,
        })
    }
}

/// Deny, then what cannot be judged, then no permit, then hold.
fn expected(rules: &[Rule], case: &Case) -> (Outcome, Option<Timestamp>) {
    let applies = |effect: &str, outcome: Option<&str>| {
        rules
            .iter()
            .filter(|rule| rule.effect == effect && outcome.is_none_or(|o| rule.outcome == o))
            .filter(|rule| rule.applies(case) == Some(true))
            .collect::<Vec<_>>()
    };
    if !applies("forbid", Some("deny")).is_empty()
        || rules.iter().any(|rule| rule.applies(case).is_none())
        || applies("permit", None).is_empty()
    {
        return (Outcome::Deny, None);
    }
    let holds = applies("forbid", Some("hold"));
    if !holds.is_empty() {
        let ends = holds.iter().all(|hold| hold.until);
        return (Outcome::Hold, ends.then(|| Timestamp::from_second(case.ends).unwrap()));
    }
    (Outcome::Allow, None)
}

fn pack(rules: &[Rule]) -> Pack {
    let text: String = rules.iter().enumerate().map(|(id, rule)| rule.text(id)).collect();
    Pack::of_texts([("company.cedar", text.as_str())], &BUILT_IN_PACKAGES.map(str::to_owned)).unwrap()
}

fn with_attempt<T>(case: &Case, judge: impl FnOnce(&Attempt<'_>) -> T) -> T {
    let facts = old()
        .with("age_minutes", case.age)
        .with("strength", case.strength)
        .with("yanked", case.yanked)
        .with("available_at", Timestamp::from_second(case.ends).unwrap())
        .with("instead", case.noise.as_str());
    let resource = Resource::new("Release", format!("pkg:pypi/{}@1.0", case.project));
    let principal = if case.person { person() } else { Principal::Unidentified };
    judge(&Attempt { principal: &principal, action: FETCH, resource: &resource, facts: &facts })
}

fn a_rule() -> impl Strategy<Value = Rule> {
    let condition = prop_oneof![
        Just(Condition::Always),
        (0_i64..20).prop_map(Condition::Younger),
        prop_oneof![Just("none"), Just("device-token")].prop_map(Condition::Known),
        Just(Condition::Yanked),
        Just(Condition::Person),
        prop_oneof![Just("a"), Just("b")].prop_map(Condition::Project),
        Just(Condition::Overflows),
    ];
    let effect = prop_oneof![Just("permit"), Just("forbid"), Just("forbid")];
    let outcome = prop_oneof![Just("deny"), Just("hold"), Just("hold")];
    (effect, outcome, any::<bool>(), condition).prop_map(|(effect, outcome, until, condition)| Rule {
        effect,
        outcome,
        until,
        condition,
    })
}

fn a_case() -> impl Strategy<Value = Case> {
    let strength = prop_oneof![Just("none"), Just("device-token"), Just("state-folder")];
    let project = prop_oneof![Just("a"), Just("b"), Just("c")];
    (0_i64..20, strength, any::<bool>(), any::<bool>(), project, 0_i64..4_000_000_000, "[a-z{}]{0,4}").prop_map(
        |(age, strength, yanked, person, project, ends, noise)| Case {
            age,
            strength,
            yanked,
            person,
            project,
            ends,
            noise,
        },
    )
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    // A permit that always applies in half of the sets, or few attempts would get past "no policy permits".
    let always = Rule { effect: "permit", outcome: "deny", until: false, condition: Condition::Always };
    (proptest::collection::vec(a_rule(), 0..6), any::<bool>()).prop_map(move |(mut rules, permit)| {
        if permit {
            rules.push(always.clone());
        }
        rules
    })
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    proptest::collection::vec(a_case(), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// So a deny never loses to an allow, and the strongest outcome wins.
    #[test]
    fn decisions_are_those_of_the_model(rules in rules(), cases in cases()) {
        let guard = Guard::new(pack(&rules));
        for case in &cases {
            let decision = with_attempt(case, |attempt| guard.decide(attempt));
            prop_assert_eq!((decision.outcome, decision.until), expected(&rules, case), "{:?}", decision);
        }
    }

    #[test]
    fn adding_a_forbid_never_turns_a_refusal_into_an_allow(
        rules in rules(), mut more in a_rule(), cases in cases(),
    ) {
        more.effect = "forbid";
        let before = Guard::new(pack(&rules));
        let after = Guard::new(pack(&[rules.as_slice(), &[more]].concat()));
        for case in &cases {
            let (was, is) = with_attempt(case, |attempt| (before.decide(attempt), after.decide(attempt)));
            prop_assert!(was.is_allowed() || !is.is_allowed(), "{:?} became {:?}", was, is);
            prop_assert!(is.outcome >= was.outcome, "{:?} became {:?}", was, is);
        }
    }

    #[test]
    fn what_is_remembered_is_what_would_be_decided_afresh(rules in rules(), cases in cases()) {
        let snapshot = Guard::new(pack(&rules)).snapshot();
        for case in cases.iter().chain(&cases) {
            with_attempt(case, |attempt| {
                prop_assert_eq!(&*snapshot.decide(attempt), &snapshot.decide_afresh(attempt));
                Ok(())
            })?;
        }
    }

    /// Cedar's own authorizer, asked for all policies at once, with all entities and the request checked against the
    /// schema, agrees on what is allowed wherever outcomes do not matter.
    #[test]
    fn cedar_s_authorizer_agrees(rules in rules(), cases in cases()) {
        let rules: Vec<Rule> = rules.into_iter().map(|rule| Rule { outcome: "deny", until: false, ..rule }).collect();
        let snapshot = Guard::new(pack(&rules)).snapshot();
        let text: String = snapshot.policies().map(|policy| policy.text.to_string()).collect();
        let set: cedar_policy::PolicySet = text.parse().unwrap();
        for case in &cases {
            let ours = with_attempt(case, |attempt| snapshot.decide_afresh(attempt));
            let response = authorizer(case, &set);
            let failed = response.diagnostics().errors().next().is_some();
            let theirs = response.decision() == cedar_policy::Decision::Allow && !failed;
            prop_assert_eq!(ours.is_allowed(), theirs, "{:?} against {:?}", ours, response);
        }
    }
}

fn authorizer(case: &Case, set: &cedar_policy::PolicySet) -> cedar_policy::Response {
    use cedar_policy::{Authorizer, Context, Entities, Request};
    let schema = crate::schema::cedar();
    let release = format!(r#"{{"type": "Fanlight::Release", "id": "pkg:pypi/{}@1.0"}}"#, case.project);
    let parent = format!(r#"{{"type": "Fanlight::Project", "id": "pkg:pypi/{}"}}"#, case.project);
    let entities = format!(r#"[{{"uid": {release}, "attrs": {{}}, "parents": [{parent}]}}]"#);
    let entities = Entities::from_json_str(&entities, Some(schema)).unwrap();
    let action: cedar_policy::EntityUid = r#"Fanlight::Action::"packages:fetch-file""#.parse().unwrap();
    let facts = with_attempt(case, |attempt| {
        let mut json = serde_json::to_value(attempt.facts).unwrap();
        for words_only in crate::schema::WORDS_ONLY {
            json.as_object_mut().unwrap().remove(*words_only);
        }
        json
    });
    let context = Context::from_json_value(facts, Some((schema, &action))).unwrap();
    let principal = if case.person { r#"Fanlight::Person::"prs_a""# } else { r#"Fanlight::Unidentified::"loopback""# };
    let resource = format!(r#"Fanlight::Release::"pkg:pypi/{}@1.0""#, case.project);
    let request =
        Request::new(principal.parse().unwrap(), action, resource.parse().unwrap(), context, Some(schema)).unwrap();
    Authorizer::new().is_authorized(&request, set, &entities)
}
