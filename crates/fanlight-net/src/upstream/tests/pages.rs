//! Pages as they should be: whole, conditional, absent.

use super::*;

#[tokio::test]
async fn a_page_comes_with_its_validators_and_its_place() {
    let headers = "content-type: text/html\r\netag: \"a1\"\r\nlast-modified: Sun, 22 Nov 2026 01:00:00 GMT\r\n";
    let server = Server::saying(answer("200 OK", headers, b"<html>")).await;
    let answer = patient().page(request(server.url("/simple/a/#f"))).await.unwrap();
    let PageAnswer::Page(page) = answer else { panic!("no page") };
    assert_eq!(page.body, "<html>");
    assert_eq!(page.content_type.as_deref(), Some("text/html"));
    assert_eq!(page.validators.etag.as_deref(), Some("\"a1\""));
    assert_eq!(page.validators.last_modified.as_deref(), Some("Sun, 22 Nov 2026 01:00:00 GMT"));
    assert_eq!(page.final_url, server.url("/simple/a/"));
    let asked = &server.asked()[0];
    assert!(asked.contains("accept: text/html\r\n") && asked.contains("accept-encoding: gzip\r\n"), "{asked}");
    assert!(asked.contains(concat!("user-agent: fanlight/", env!("CARGO_PKG_VERSION"), "\r\n")), "{asked}");
}

#[tokio::test]
async fn a_copy_at_hand_is_asked_after_and_kept() {
    let server = Server::saying("HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n").await;
    let mut request = request(server.url("/"));
    request.at_hand.etag = Some("\"a1\"".to_owned());
    request.at_hand.last_modified = Some("Sun, 22 Nov 2026 01:00:00 GMT".to_owned());
    assert!(matches!(patient().page(request).await.unwrap(), PageAnswer::NotModified));
    let asked = &server.asked()[0];
    assert!(asked.contains("if-none-match: \"a1\"\r\n"), "{asked}");
    assert!(asked.contains("if-modified-since: Sun, 22 Nov 2026 01:00:00 GMT\r\n"), "{asked}");
}

#[tokio::test]
async fn not_modified_without_a_copy_is_a_fault() {
    let server = Server::saying("HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n").await;
    let mut request = request(server.url("/"));
    // What cannot be sent back is not sent back.
    request.at_hand.etag = Some("\"a\r\nx: y\"".to_owned());
    let error = patient().page(request).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::Status(StatusCode::NOT_MODIFIED));
    assert!(!server.asked()[0].contains("if-none-match"));
}

#[tokio::test]
async fn absence_is_an_answer_and_other_statuses_are_faults() {
    for (line, absent) in [("404 Not Found", true), ("410 Gone", true)] {
        let server = Server::saying(answer(line, "", b"no")).await;
        let found = patient().page(request(server.url("/"))).await.unwrap();
        assert!(matches!(found, PageAnswer::Absent { status } if line.starts_with(status.as_str())) == absent);
    }
    for (line, code) in [("500 Oh", 500), ("503 Busy", 503), ("403 No", 403), ("204 Empty", 204), ("206 Part", 206)] {
        let server = Server::saying(answer(line, "", b"")).await;
        let kind = fault(&patient(), server.url("/")).await;
        assert_eq!(kind, UpstreamErrorKind::Status(StatusCode::from_u16(code).unwrap()));
    }
}

#[tokio::test]
async fn credentials_go_to_the_host_and_into_no_message() {
    let server = Server::saying(answer("500 Oh", "", b"")).await;
    let mut url = server.url("/simple/a/?token=hush");
    url.set_username("me").unwrap();
    url.set_password(Some("hu%20sh:")).unwrap();
    let error = patient().page(request(url)).await.unwrap_err();
    // "me:hu sh:" in base64.
    assert!(server.asked()[0].contains("authorization: Basic bWU6aHUgc2g6\r\n"), "{}", server.asked()[0]);
    assert_eq!(
        error.to_string(),
        format!("{}/simple/a/: the upstream answered 500 Internal Server Error", server.address)
    );
    assert!(!format!("{error:?}").contains("hush"));
}

#[test]
fn credentials_are_lent_to_the_same_origin_only() {
    let base = Url::parse("https://me:pass@index.upstream.example/simple/").unwrap();
    let lent = |to: &str| {
        let mut url = Url::parse(to).unwrap();
        lend_credentials(&base, &mut url);
        url.to_string()
    };
    assert_eq!(lent("https://index.upstream.example/f/a.whl"), "https://me:pass@index.upstream.example/f/a.whl");
    for other in
        ["http://index.upstream.example/", "https://files.upstream.example/", "https://index.upstream.example:1/"]
    {
        assert_eq!(lent(other), other);
    }
    assert_eq!(lent("https://you@index.upstream.example/"), "https://you@index.upstream.example/");
}

#[test]
fn a_long_address_is_shown_in_part() {
    let url = Url::parse(&format!("https://me:hush@a.example:8080/{}?q#f", "x".repeat(1000))).unwrap();
    let shown = Shown::of(&url).to_string();
    assert!(shown.starts_with("a.example:8080/xxx") && shown.ends_with("x...") && shown.len() < 210, "{shown}");
}
