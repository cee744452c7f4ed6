//! Which sets lock everybody out, and which leave a way.

use fanlight_base::Role;
use fanlight_policy::Directory;

use super::*;

/// What these policies take, where asha and cleo are stewards and ben is a reviewer, of those named.
fn taken(text: &str, people: &[&str]) -> Option<Lost> {
    let mut directory = Directory::new();
    for (person, role) in [("prs_asha", Role::Steward), ("prs_cleo", Role::Steward), ("prs_ben", Role::Reviewer)] {
        directory.give(&PersonId::new(person), role);
    }
    let pack = Pack::of_texts([("company.cedar", text)], &[]).unwrap();
    let people: Vec<_> = people.iter().map(|person| PersonId::new(*person)).collect();
    lost(&Guard::with(pack, Exceptions::default(), directory).snapshot(), &people)
}

const ALL: &[&str] = &["prs_ben", "prs_asha", "prs_cleo", "prs_nobody"];

fn forbid(id: &str, rest: &str) -> String {
    format!("@id(\"{id}\") @outcome(\"deny\") @reason(\"no\") @advice(\"no\") forbid ({rest};")
}

#[test]
fn what_is_built_in_locks_nobody_out_while_there_is_a_steward() {
    assert_eq!(taken("", ALL), None);
    assert_eq!(taken("", &["prs_asha"]), None, "who is alone approves their own");
    assert_eq!(taken("", &["prs_ben", "prs_nobody"]), Some(Lost::Approve));
    assert_eq!(taken("", &["prs_nobody"]), Some(Lost::Propose));
    assert_eq!(taken("", &[]), Some(Lost::LogIn));
}

#[test]
fn a_set_that_takes_a_step_from_everybody_is_one_that_locks_out() {
    let all = |action: &str| forbid("none", &format!("principal, action == Fanlight::Action::\"{action}\", resource)"));
    assert_eq!(taken(&all("console:propose-policies"), ALL), Some(Lost::Propose));
    assert_eq!(taken(&all("console:publish-policies"), ALL), Some(Lost::Approve));
    assert_eq!(taken(&all("account:log-in"), ALL), Some(Lost::LogIn));
    assert_eq!(taken(&all("console:backup"), ALL), None);
    let unless = |action: &str, who: &str| {
        forbid("few", &format!("principal, action == Fanlight::Action::\"{action}\", resource) unless {{ {who} }}"))
    };
    // One is left for it: another proposes, and they approve.
    let asha = "principal == Fanlight::Person::\"prs_asha\"";
    assert_eq!(taken(&unless("console:publish-policies", asha), ALL), None);
    assert_eq!(taken(&unless("console:publish-policies", asha), &["prs_cleo", "prs_ben"]), Some(Lost::Approve));
    // Two are always needed, and one is there.
    let own = "!(context has proposed_by_self && context.proposed_by_self)";
    assert_eq!(taken(&unless("console:publish-policies", own), ALL), None);
    assert_eq!(taken(&unless("console:publish-policies", own), &["prs_asha", "prs_nobody"]), Some(Lost::Approve));
    // By passkeys alone is a way.
    let passkeys = "context has by && context.by == \"passkey\"";
    assert_eq!(taken(&unless("account:log-in", passkeys), ALL), None);
}
