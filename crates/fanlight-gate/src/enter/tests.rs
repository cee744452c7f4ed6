//! Each fault has its policy, its words and its status, and nothing lets it in.

use fanlight_base::{Attempt, Principal, RequestId, Resource};
use fanlight_policy::{Guard, Pack};
use http::HeaderMap;

use super::*;

/// A refusal of that fault, with the facts that come with it.
fn refused(fault: Fault) -> Refused {
    let refused = match fault {
        Fault::WrongMethod => Refused::wrong_method([Method::POST, Method::GET].iter()),
        Fault::UndecodablePath => Refused::undecodable("project"),
        Fault::HeadTooLarge => Unread::TooLarge.into(),
        Fault::HeadTooSlow => Unread::TooSlow(limits::REQUEST_HEAD_TIME).into(),
        Fault::MalformedHead => Unread::Malformed("invalid HTTP header parsed".into()).into(),
        Fault::ForeignToken => Refused::from(fault).because(&IdentifyError::Foreign("the token is over".into())),
        Fault::PlainHttp => Unread::Plain.into(),
        Fault::TooOften => Refused::too_often(1, AllowedPace { a_second: 100, at_once: 1_000 }),
        other => other.into(),
    };
    assert_eq!(refused.fault, fault);
    let mut refused = refused.by(&Method::GET).attempting(Action::new("packages:read-index"));
    refused.facts.set("loopback", true);
    refused.facts.set("strength", "none");
    refused
}

fn decided(pack: Pack, refused: &Refused) -> Decision {
    let node = Resource::new("Node", "this");
    let facts = &refused.facts;
    let attempt = Attempt { principal: &Principal::Unidentified, action: ENTER, resource: &node, facts };
    let decision = Guard::new(pack).decide(&attempt);
    never_allowed(&decision).unwrap_or_else(|| Decision::clone(&decision))
}

fn answer(refused: &Refused, decision: &Decision) -> (StatusCode, HeaderMap, String) {
    let (head, _) = refused.problem(decision).answer(RequestId::new(1)).into_parts();
    let phrase = head.extensions.get::<hyper::ext::ReasonPhrase>().unwrap().as_bytes();
    (head.status, head.headers, String::from_utf8(phrase.to_vec()).unwrap())
}

#[test]
fn each_fault_is_denied_by_the_policy_of_its_name_whose_words_are_said_whole() {
    for fault in Fault::ALL {
        let refused = refused(*fault);
        let decision = decided(Pack::built_in(), &refused);
        assert_eq!((decision.outcome, &*decision.policies[0]), (Outcome::Deny, fault.as_str()));
        let (status, _, phrase) = answer(&refused, &decision);
        assert_eq!(status, fault.status());
        assert!(status.is_client_error() || status.is_server_error());
        assert!(!phrase.contains("unknown ") && !phrase.contains("..."), "{phrase}");
        let advice = decision.advice(&refused.facts).unwrap();
        assert!(phrase.ends_with(&sentence(&advice)), "{phrase}");
    }
}

#[test]
fn a_limit_is_named_with_its_number() {
    let phrase = |fault| {
        let refused = refused(fault);
        answer(&refused, &decided(Pack::built_in(), &refused)).2
    };
    let large = phrase(Fault::HeadTooLarge);
    assert!(large.starts_with("The request's head has more than the 16384 bytes or 100 headers allowed. "), "{large}");
    let slow = phrase(Fault::HeadTooSlow);
    assert!(slow.starts_with("The request's head did not arrive within 10 seconds. "), "{slow}");
}

#[test]
fn each_status_brings_the_header_that_http_asks_for() {
    let headers = |fault| {
        let refused = refused(fault);
        answer(&refused, &decided(Pack::built_in(), &refused)).1
    };
    assert_eq!(headers(Fault::WrongMethod)[header::ALLOW], "GET, HEAD, POST");
    assert_eq!(headers(Fault::NoToken)[header::WWW_AUTHENTICATE], CHALLENGE);
    assert_eq!(headers(Fault::CallerNotLookedUp)[header::RETRY_AFTER], "5");
    assert!(!headers(Fault::NoSuchPath).contains_key(header::ALLOW));
}

#[test]
fn what_no_policy_stops_is_denied_all_the_same() {
    let permit = r#"@id("come-in") permit (principal, action == Fanlight::Action::"gate:enter", resource);"#;
    for fault in Fault::ALL {
        let refused = refused(*fault);
        let disabled = [fault.as_str().to_owned()];
        let decision = decided(Pack::load(None, &disabled).unwrap(), &refused);
        assert_eq!((decision.outcome, decision.policies.len()), (Outcome::Deny, 0), "{}", fault.as_str());
        let opened = Pack::of_texts([("company.cedar", permit)], &disabled).unwrap();
        let decision = decided(opened, &refused);
        assert_eq!(decision.outcome, Outcome::Deny, "{}", fault.as_str());
        assert_eq!(answer(&refused, &decision).0, fault.status());
    }
}

#[test]
fn a_company_says_it_in_its_own_words() {
    let own = r#"@id("a-ask-us") @reason("nothing here") @advice("ask the platform team")
        forbid (principal, action == Fanlight::Action::"gate:enter", resource) when { context.fault == "no-such-path" };"#;
    let refused = refused(Fault::NoSuchPath);
    let decision = decided(Pack::of_texts([("company.cedar", own)], &[]).unwrap(), &refused);
    assert_eq!(answer(&refused, &decision).2, "Nothing here. Ask the platform team.");
}

#[test]
fn a_made_up_method_is_not_repeated() {
    let made_up = Method::from_bytes(b"ASHA-S-SECRET").unwrap();
    let refused = Refused::from(Fault::NoSuchPath).by(&made_up);
    assert_eq!(refused.facts.get("method"), Some(&Fact::from("other")));
}
