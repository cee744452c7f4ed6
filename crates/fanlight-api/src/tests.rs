use std::collections::HashSet;

use fanlight_base::DeviceId;

use crate::problem::Problem;
use crate::routes;
use crate::tokens::{IndexParts, Made};

#[test]
fn every_route_is_its_own() {
    let distinct: HashSet<_> = routes::ALL.iter().collect();
    assert_eq!(distinct.len(), routes::ALL.len());
    for route in routes::ALL {
        assert!(route.path.starts_with("/v1/"), "{route} is outside the API");
    }
}

#[test]
fn a_place_in_a_path_stays_one_segment() {
    assert_eq!(routes::REVOKE_TOKEN.path_with("dev_1"), "/v1/tokens/dev_1");
    assert_eq!(routes::REVOKE_TOKEN.path_with("../a?b#c"), "/v1/tokens/..%2Fa%3Fb%23c");
    assert_eq!(routes::STATUS.path_with("unused"), "/v1/status");
}

#[test]
fn a_problem_of_another_program_is_read() {
    let problem: Problem = serde_json::from_str(r#"{"title":"Gone","extra":1}"#).unwrap();
    assert_eq!(problem.kind, "about:blank");
    assert_eq!(problem.title, "Gone");
    let written = serde_json::to_string(&Problem { status: 404, ..problem }).unwrap();
    assert_eq!(written, r#"{"type":"about:blank","title":"Gone","status":404}"#);
}

#[test]
fn a_token_does_not_print() {
    let made = Made {
        token: "flk_a_b_c".into(),
        device: DeviceId::new("dev_1"),
        person: fanlight_base::PersonId::new("prs_1"),
        index: IndexParts { scheme: "http".into(), host: "127.0.0.1".into(), port: 7070, path: "/pypi/simple/".into() },
        no_upstream: None,
    };
    assert!(!format!("{made:?}").contains("flk_"), "{made:?}");
}
