//! What a refusal says of asking, and where there is no room for it.

use std::sync::Arc;

use fanlight_base::{Epoch, RequestId};

use super::*;

fn decision(liftable: bool) -> Decision {
    Decision {
        outcome: Outcome::Hold,
        policies: vec!["wait-and-see".into()],
        reason_template: "{project} {version} is new".into(),
        advice_template: Some("Use {instead} instead; details: fanlight why {why}".into()),
        until: None,
        beside: Vec::new(),
        liftable,
        excepted: None,
        epoch: Arc::new(Epoch { number: 1, digest: "".into() }),
    }
}

fn facts(project: &str) -> Facts {
    Facts::new()
        .with("project", project)
        .with("version", "2.0")
        .with("release", format!("pkg:npm/{project}@2.0").as_str())
        .with("instead", "1.0")
        .with("why", project)
}

fn phrase(client: Client, decision: &Decision, facts: &Facts) -> String {
    let answer = refusal(client, decision, facts).answer(RequestId::new(1));
    let phrase = answer.extensions().get::<hyper::ext::ReasonPhrase>().expect("a phrase");
    String::from_utf8_lossy(phrase.as_bytes()).into_owned()
}

#[test]
fn a_refusal_says_how_to_ask_where_asking_helps_and_the_command_fits_whole() {
    let said = phrase(Client::Pip, &decision(true), &facts("demo"));
    assert_eq!(
        said,
        "Held for review: demo 2.0 is new. Use 1.0 instead; details: fanlight why demo; or ask: fanlight ask demo==2.0"
    );
    assert!(!phrase(Client::Pip, &decision(false), &facts("demo")).contains("ask"));
    let long = "a-name-as-long-as-some-are-and-a-little-longer-than-that";
    let said = phrase(Client::Pip, &decision(true), &facts(long));
    assert!(said.ends_with(&format!("fanlight why {long}")), "{said}");
    assert!(refusal_line(&decision(true), &facts(long)).ends_with(&format!("fanlight ask {long}==2.0")));
    // What is typed for a project by its purl is for a release, too; what a shell would take apart is not offered.
    let scoped = facts("x").with("why", "pkg:npm/x");
    assert_eq!(how_to_ask(&decision(true), &scoped).as_deref(), Some("or ask: fanlight ask pkg:npm/x@2.0"));
    assert_eq!(how_to_ask(&decision(true), &facts("x").with("version", "2;rm")), None);
}

#[test]
fn what_the_company_uses_instead_is_said_once() {
    let facts = facts("demo").with("alternative", "goodlib");
    assert_eq!(instead("1.0".to_owned(), &facts), "1.0 or goodlib");
    assert_eq!(instead(format!("{NO_RELEASE} (no release of this one is allowed yet)"), &facts), "goodlib");
    let with_place = decision(true);
    assert_eq!(advice(&with_place, &facts), with_place.advice(&facts));
    let without = Decision { advice_template: Some("Ask a mentor.".into()), ..decision(true) };
    assert_eq!(advice(&without, &facts).as_deref(), Some("Ask a mentor; here goodlib is used instead"));
    let silent = Decision { advice_template: None, ..without };
    assert_eq!(advice(&silent, &facts).as_deref(), Some("Here goodlib is used instead"));
}
