//! The environment's proxy: obeyed for others, not for this machine. The environment is a process's, so the cases run
//! in processes of their own: this test binary again, with one test named.

use super::*;

/// Runs one test of this binary with these variables.
async fn child(test: &str, variables: &[(&str, String)]) -> (bool, String) {
    let output = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("upstream::tests::proxied::{test}"), "--nocapture"])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .envs(variables.iter().cloned())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success() && text.contains("1 passed"), text.into_owned())
}

#[tokio::test]
async fn loopback_is_reached_directly() {
    let server = Server::saying(answer("200 OK", "", b"direct")).await;
    let PageAnswer::Page(page) = quick().page(request(server.url("/"))).await.unwrap() else { panic!("no page") };
    assert_eq!(page.body, "direct");
}

#[tokio::test]
async fn another_host_is_reached_through_the_proxy_or_not_at_all() {
    let url = Url::parse("http://index.upstream.example/simple/").unwrap();
    match (std::env::var("HTTP_PROXY"), quick().page(request(url)).await) {
        (Ok(_), Ok(PageAnswer::Page(page))) => assert_eq!(page.body, "proxied"),
        // The name is reserved (RFC 2606): without a proxy there is nobody.
        (Err(_), Err(error)) => {
            assert!(matches!(error.kind, UpstreamErrorKind::Connect | UpstreamErrorKind::Timeout { .. }), "{error}")
        }
        (proxy, other) => panic!("{proxy:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_obeyed_except_for_loopback() {
    let dead = [("HTTP_PROXY", "http://127.0.0.1:1".to_owned()), ("http_proxy", "http://127.0.0.1:1".to_owned())];
    let (passed, text) = child("loopback_is_reached_directly", &dead).await;
    assert!(passed, "{text}");
    let proxy = Server::saying(answer("200 OK", "", b"proxied")).await;
    let address = format!("http://{}", proxy.address);
    let live = [("HTTP_PROXY", address.clone()), ("http_proxy", address)];
    let (passed, text) = child("another_host_is_reached_through_the_proxy_or_not_at_all", &live).await;
    assert!(passed, "{text}");
    assert!(proxy.asked()[0].starts_with("GET http://index.upstream.example/simple/ HTTP/1.1\r\n"));
}
