//! The words of a problem, in its body, its headers and its reason phrase.

use http_body_util::BodyExt as _;
use serde_json::json;
use url::Url;

use super::*;

const ID: RequestId = RequestId::new(0xbeef);

async fn told(problem: Problem) -> (Response<()>, serde_json::Value) {
    let (head, body) = problem.answer(ID).into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, ()), serde_json::from_slice(&body).unwrap())
}

fn phrase(response: &Response<()>) -> &str {
    std::str::from_utf8(response.extensions().get::<ReasonPhrase>().unwrap().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_hold_says_why_what_to_do_and_until_when() {
    let until = "2026-11-29T10:00:00Z".parse().unwrap();
    let problem = Problem::held("pkg:pypi/a@2 is 2 hours old.", Some("Use 1.9.".into()), Some(until));
    let (response, body) = told(problem.policies(&["wait-and-see".into()])).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    assert_eq!(phrase(&response), "pkg:pypi/a@2 is 2 hours old. Use 1.9.");
    assert_eq!(
        body,
        json!({
            "type": "urn:fanlight:problem:held", "title": "Held by policy", "status": 403,
            "detail": "pkg:pypi/a@2 is 2 hours old. Use 1.9.", "advice": "Use 1.9.",
            "until": "2026-11-29T10:00:00.000Z", "policies": ["wait-and-see"], "request": "000000000000beef",
        })
    );
}

#[tokio::test]
async fn a_phrase_is_one_short_ascii_line_whatever_the_words() {
    let words = format!("held\r\nSet-Cookie: a=b \u{1F3E0} {}", "x".repeat(500));
    let (response, body) = told(Problem::denied(words.clone(), None)).await;
    let phrase = phrase(&response);
    assert!(phrase.starts_with("held Set-Cookie: a=b ? xxx"), "{phrase}");
    assert_eq!(phrase.len(), limits::REASON_PHRASE_BYTES);
    assert_eq!(body["detail"], words);
}

#[tokio::test]
async fn each_kind_has_its_status_and_headers() {
    let url = Url::parse("https://me:hush@index.upstream.example/simple/a/?token=hush").unwrap();
    let late =
        UpstreamErrorKind::Timeout { what: crate::upstream::Waited::Bytes, limit: std::time::Duration::from_secs(30) };
    for (problem, status, header) in [
        (Problem::not_found("No."), 404, None),
        (Problem::bad_request("No."), 400, None),
        (Problem::too_large("No."), 413, None),
        (Problem::denied("No.", None).status(StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS), 451, None),
        (Problem::unavailable("No.", 5), 503, Some((RETRY_AFTER, "5"))),
        (Problem::internal(), 500, None),
        (Problem::upstream(&late.at(&url)), 504, None),
        (Problem::upstream(&UpstreamErrorKind::Cut.at(&url)), 502, None),
    ] {
        let (response, body) = told(problem).await;
        assert_eq!(response.status(), status);
        assert_eq!(body["status"], status);
        assert!(!body.to_string().contains("hush"));
        if let Some((name, value)) = header {
            assert_eq!(response.headers()[name], value);
        }
    }
}

#[tokio::test]
async fn an_upstreams_fault_is_told_as_a_sentence() {
    let url = Url::parse("https://index.upstream.example/simple/a/").unwrap();
    let (_, body) = told(Problem::upstream(&UpstreamErrorKind::Cut.at(&url))).await;
    assert_eq!(
        body["detail"],
        "Fanlight could not fetch index.upstream.example/simple/a/: the connection to the upstream broke before the answer was whole."
    );
}

#[tokio::test]
async fn each_client_finds_the_words_in_the_part_that_it_shows() {
    let held = || Problem::held("Held until tomorrow.", Some("Use 1.9.".into()), None);
    let (response, body) = told(held().shown_by(Shows::ErrorMember)).await;
    assert_eq!((phrase(&response), &body["error"]), ("Forbidden", &json!("Held until tomorrow. Use 1.9.")));
    let text = |problem: Problem| async move {
        let (head, body) = problem.answer(ID).into_parts();
        assert_eq!(head.headers[CONTENT_TYPE], "text/plain; charset=utf-8");
        String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    };
    assert_eq!(text(held().shown_by(Shows::Body)).await, "Held until tomorrow. Use 1.9.");
    let long = text(Problem::denied("ü".repeat(600), None).shown_by(Shows::Body)).await;
    assert_eq!((long.chars().count(), long.chars().last()), (limits::SHOWN_BODY_CHARACTERS, Some('…')));
}
