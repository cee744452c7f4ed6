//! The schema as the rest of the crate sees it.

use super::*;
use crate::guard::FACTS;

#[test]
fn the_schema_names_every_action_of_every_door() {
    let names: Vec<&str> = known_actions().map(|known| known.action.as_str()).collect();
    let expected = "account:add-login account:ask-how account:change-password account:end-session account:join \
        account:log-in account:log-out account:open-link account:read account:remove-login \
        account:step-up console:acknowledge console:ask console:backup console:break-glass \
        console:change-app console:end-app console:end-exception console:end-login console:end-person \
        console:end-sessions console:erase-person console:give-role console:grant-request \
        console:hand-over-app console:import-people console:import-reviews console:invite \
        console:issue-token console:join-group console:leave-group console:lift-quarantine \
        console:make-first-link console:make-key console:propose-policies console:publish-policies \
        console:quarantine console:read-advisories console:read-apps console:read-ledger \
        console:read-own-apps console:read-own-requests console:read-packages console:read-people \
        console:read-policies console:read-requests console:read-rights console:read-settings console:read-status \
        console:refresh-advisories console:refuse-proposal console:refuse-request \
        console:register-app console:repeat console:restore console:review console:revoke-key \
        console:revoke-token console:scan console:take-role console:withdraw-proposal \
        console:withdraw-request \
        directory:end-group directory:end-person directory:keep-group directory:keep-person \
        directory:read gate:enter node:advisories-changed node:advisories-refused \
        node:exception-ended node:first-link node:not-told node:policies-changed \
        node:policies-refused node:request-over node:restored node:start node:stop node:told \
        node:upstream-found oauth:introspect-token oauth:issue-token oauth:revoke-token \
        packages:advisory-hit packages:audit packages:delivery packages:fetch-file \
        packages:fetch-metadata packages:read-index packages:upstream-fault";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn every_action_says_how_the_caller_is_known_and_fits_into_what_is_remembered() {
    for known in known_actions() {
        assert_eq!(known.facts["strength"], KnownFact { kind: FactKind::Text, required: true }, "{}", known.action);
        assert!(known.facts.len() <= FACTS, "{} has {} facts", known.action, known.facts.len());
    }
}

#[test]
fn facts_have_kind_and_need_from_the_schema() {
    let facts = &known_action("packages:fetch-file").unwrap().facts;
    assert_eq!(facts["age_minutes"], KnownFact { kind: FactKind::Long, required: true });
    assert_eq!(facts["available_at"], KnownFact { kind: FactKind::Time, required: true });
    assert_eq!(facts["yanked"], KnownFact { kind: FactKind::Bool, required: true });
    assert_eq!(facts["yanked_reason"], KnownFact { kind: FactKind::Text, required: false });
    assert!(!facts.contains_key("instead"), "no policy may judge by what is for the words only");
}

#[test]
fn groups_are_known_through_groups() {
    let groups = &known_action("packages:fetch-file").unwrap().groups;
    assert_eq!(groups.iter().copied().collect::<Vec<_>>(), ["packages", "packages:fetch"]);
}
