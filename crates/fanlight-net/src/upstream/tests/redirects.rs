//! Redirects: followed a little, checked always.

use super::*;

fn to(location: &str) -> Vec<u8> {
    answer("302 Found", &format!("location: {location}\r\n"), b"")
}

#[tokio::test]
async fn a_circle_ends_at_the_limit() {
    let server = Server::saying(to("/again")).await;
    assert_eq!(fault(&patient(), server.url("/")).await, UpstreamErrorKind::Redirects);
    assert_eq!(server.asked().len(), limits::UPSTREAM_REDIRECTS + 1);
}

#[tokio::test]
async fn a_few_redirects_are_followed() {
    let server = Server::start(|mut stream, head| async move {
        let left: usize = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        let bytes = if left == 0 { answer("200 OK", "", b"there") } else { to(&format!("/{}", left - 1)) };
        stream.write_all(&bytes).await.unwrap();
    })
    .await;
    let start = server.url(&format!("/{}", limits::UPSTREAM_REDIRECTS));
    let PageAnswer::Page(page) = patient().page(request(start)).await.unwrap() else { panic!("no page") };
    assert_eq!(page.final_url, server.url("/0"));
    let far = server.url(&format!("/{}", limits::UPSTREAM_REDIRECTS + 1));
    assert_eq!(fault(&patient(), far).await, UpstreamErrorKind::Redirects);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_refused() {
    for (location, why) in [
        ("location: http://[bad/\r\n", "where to is not an address"),
        ("location: \u{fc}\r\n", ""),
        ("", "it does not say where to"),
        ("location: file:///etc/passwd\r\n", "it leads to something that is neither http nor https"),
        ("location: ftp://a.example/\r\n", "it leads to something that is neither http nor https"),
    ] {
        let server = Server::saying(answer("301 Moved", location, b"")).await;
        match fault(&quick(), server.url("/")).await {
            UpstreamErrorKind::BadRedirect { why: told } => assert_eq!(told, why),
            // UTF-8 in a location is read as a path of the same host, which redirects again.
            UpstreamErrorKind::Redirects => assert!(why.is_empty()),
            other => panic!("{location}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn credentials_stay_with_the_host_they_were_given_for() {
    let other = Server::saying(answer("200 OK", "", b"there")).await;
    let elsewhere = other.url("/x").to_string();
    let server = Server::start(move |mut stream, head| {
        let next = if head.starts_with("GET /here ") { elsewhere.clone() } else { "/here".to_owned() };
        async move { stream.write_all(&to(&next)).await.unwrap() }
    })
    .await;
    let mut url = server.url("/");
    url.set_username("me").unwrap();
    let PageAnswer::Page(page) = patient().page(request(url)).await.unwrap() else { panic!("no page") };
    assert_eq!(page.body, "there");
    assert!(server.asked().iter().all(|head| head.contains("authorization: Basic ")), "the same host");
    assert!(!other.asked()[0].contains("authorization"), "another host");
}
