//! The guide says what is so: its examples load, its table has every fact.

use super::*;
use crate::schema::FactKind;

const GUIDE: &str = include_str!("../../../../../docs/policies.md");

fn examples() -> Vec<&'static str> {
    GUIDE.split("```cedar\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(example, _)| example)).collect()
}

#[test]
fn each_example_of_the_guide_loads_without_a_warning() {
    let examples = examples();
    assert!(examples.len() >= 3, "{} examples found", examples.len());
    for example in examples {
        match Pack::of_texts([("example.cedar", example)], &[]) {
            Ok(pack) => assert_eq!(pack.warnings(), [], "{example}"),
            Err(faults) => panic!("{example}\n{}", faults.iter().map(ToString::to_string).collect::<String>()),
        }
    }
}

#[test]
fn the_guide_names_every_action_fact_and_built_in_policy() {
    for known in schema::known_actions() {
        assert!(GUIDE.contains(&format!("`{}`", known.action)), "the guide says nothing of {}", known.action);
        for (name, fact) in &known.facts {
            let kind = match fact.kind {
                FactKind::Bool => "Bool",
                FactKind::Long => "Long",
                FactKind::Text => "String",
                FactKind::Time => "datetime",
            };
            let mark = if fact.required { "" } else { "?" };
            let row = format!("| `{name}{mark}` | {kind} |");
            assert!(GUIDE.contains(&row), "the guide has no row {row} ({})", known.action);
        }
    }
    for policy in Pack::built_in().policies() {
        assert!(GUIDE.contains(&format!("`{}`", policy.id)), "the guide says nothing of {}", policy.id);
    }
}
