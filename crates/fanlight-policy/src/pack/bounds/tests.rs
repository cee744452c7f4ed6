//! Policies made to overflow the stack.

use fanlight_base::{Attempt, Outcome};

use super::*;
use crate::samples::*;
use crate::{Guard, Pack};

fn policy(condition: &str) -> String {
    format!(
        "@id(\"deep\") forbid (principal, action == Fanlight::Action::\"packages:fetch-file\", resource)
         when {{ {condition} }};"
    )
}

fn load(condition: &str) -> Result<Pack, Vec<PolicyFault>> {
    Pack::of_texts([("company.cedar", policy(condition).as_str())], &[])
}

/// Each shape, `n` deep.
fn shapes(n: usize) -> Vec<(&'static str, String)> {
    let nested = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
    vec![
        ("brackets", nested("(", "true", ")")),
        ("nots", nested("!(", "true", ")")),
        ("sets", nested("[", "", "]") + " == []"),
        ("records", nested("{a: ", "1", "}") + " == {}"),
        ("calls", nested("[true].contains(", "true", ")")),
        ("ands", vec!["context.yanked"; n].join(" && ")),
        ("ors", vec!["context.yanked"; n].join(" || ")),
        ("sums", vec!["1"; n].join(" + ") + " > 3"),
        ("products", vec!["1"; n].join("*") + " > 3"),
        ("ifs", "if true then true else ".repeat(n) + "true"),
        ("thens", format!("{}true{}", "if true then ".repeat(n), " else true".repeat(n))),
        ("dots", format!("context{} == 1", ".a".repeat(n))),
        ("indexes", format!("context{} == 1", "[\"a\"]".repeat(n))),
        ("has", format!("context has a{}", ".a".repeat(n))),
        ("minus", format!("{}1 > 3", "-".repeat(n))),
        ("bangs", format!("{}true", "!".repeat(n))),
        ("likes", vec!["context.project like \"*\""; n].join(" && ")),
        ("is", vec!["resource is Fanlight::Release"; n].join(" && ")),
    ]
}

#[test]
fn a_policy_made_too_deep_is_refused_and_the_process_lives() {
    for (name, condition) in shapes(30_000) {
        let faults = load(&condition).err().unwrap_or_default();
        assert!(!faults.is_empty(), "{name} was taken");
    }
}

#[test]
fn at_the_limits_a_policy_is_taken_apart_and_judged_without_harm() {
    for n in [limits::POLICY_DEPTH - 3, limits::POLICY_OPERATORS / 5] {
        for (name, condition) in shapes(n) {
            let Ok(pack) = load(&condition) else { continue };
            let guard = Guard::new(pack);
            let facts = old();
            let decision =
                guard.decide(&Attempt { principal: &person(), action: FETCH, resource: &release(), facts: &facts });
            assert!(matches!(decision.outcome, Outcome::Allow | Outcome::Deny), "{name} {n}: {decision:?}");
        }
    }
}

#[test]
fn operators_are_counted_for_each_policy_and_not_in_strings_or_comments() {
    let many = "!".repeat(limits::POLICY_OPERATORS + 1);
    assert!(load(&format!("context.project == \"{many}((((\" // {many}\n")).is_ok());
    let half = vec!["context.yanked"; limits::POLICY_OPERATORS / 4].join(" && ");
    let two = policy(&half) + &policy(&half).replace("deep", "deeper");
    assert!(Pack::of_texts([("company.cedar", two.as_str())], &[]).is_ok());
    let too_many = vec!["context.yanked"; limits::POLICY_OPERATORS].join(" && ");
    let fault = load(&too_many).unwrap_err().remove(0);
    assert_eq!(fault.message, format!("one policy has more than {} operator signs", limits::POLICY_OPERATORS));
}

#[test]
fn a_long_set_is_no_depth() {
    let names: Vec<String> = (0..5_000).map(|n| format!("\"project-{n}\"")).collect();
    assert!(load(&format!("[{}].contains(context.project)", names.join(", "))).is_ok());
}

#[test]
fn a_string_that_does_not_end_is_a_fault_and_hides_nothing() {
    assert!(load(&format!("\"{}", "(".repeat(30_000))).is_err());
    assert!(load(&format!("{}\"", "(".repeat(30_000))).is_err());
    assert!(load("\"\\").is_err());
}
