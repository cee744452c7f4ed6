//! Where an upstream may lead: outside, or where it is itself.

use reqwest::dns::Resolve as _;

use super::*;
use crate::upstream::inward::{OnlyInward, Outward, is_inward};

/// A client for which one loopback address stands for the inside of a network, and the others are outside.
fn with_inside(inward: fn(IpAddr) -> bool) -> Upstream {
    Upstream::new(Options { inward, ..Options::default() }).unwrap()
}

fn to(location: &Url) -> Vec<u8> {
    answer("302 Found", &format!("location: {location}\r\n"), b"")
}

#[tokio::test]
async fn an_upstream_outside_leads_nowhere_inside() {
    let upstream = with_inside(|address| address != IpAddr::from([127, 0, 0, 1]));
    // Nobody listens there: a client that asked would say that it cannot be reached.
    let inside = Url::parse("http://127.0.0.2:1/latest/meta-data?secret=1").unwrap();
    let server = Server::saying(to(&inside)).await;
    assert_eq!(fault(&upstream, server.url("/simple/")).await, UpstreamErrorKind::Inward);
    let named = upstream.file(&inside, &server.url("/")).await.unwrap_err();
    assert_eq!(named.kind, UpstreamErrorKind::Inward);
    assert_eq!(named.fault(), fanlight_base::Fault::Upstream);
    assert!(!named.to_string().contains("secret"), "{named}");
}

#[tokio::test]
async fn an_upstream_inside_leads_inside_and_outside() {
    let files = Server::saying(answer("200 OK", "", b"there")).await;
    let elsewhere = Url::parse(&format!("http://localhost:{}/file", files.address.port())).unwrap();
    let server = Server::saying(to(&elsewhere)).await;
    for upstream in [with_inside(|_| true), with_inside(|_| false), with_inside(|address| address.is_ipv6())] {
        let PageAnswer::Page(page) = upstream.page(request(server.url("/"))).await.unwrap() else { panic!("no page") };
        assert_eq!(page.body, "there");
        upstream.file(&elsewhere, &server.url("/")).await.unwrap();
    }
}

#[tokio::test]
async fn a_name_is_found_only_outside() {
    let resolve = |inward: fn(IpAddr) -> bool, proxies: &[&str]| {
        let proxies = proxies.iter().map(ToString::to_string).collect();
        let outward = Outward { inward, proxies };
        async move { outward.resolve("localhost".parse().unwrap()).await }
    };
    let refused = resolve(|_| true, &["proxy.example"]).await.err().unwrap();
    assert!(refused.is::<OnlyInward>(), "{refused}");
    assert!(resolve(|_| false, &[]).await.unwrap().count() > 0);
    assert!(resolve(|_| true, &["LocalHost"]).await.unwrap().count() > 0, "the proxy itself may be inside");
}

#[test]
fn what_is_not_the_public_internet_is_inward() {
    for inside in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(is_inward(inside.parse().unwrap()), "{inside}");
    }
    for outside in [
        "1.1.1.1",
        "100.63.0.1",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:4860::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
    ] {
        assert!(!is_inward(outside.parse().unwrap()), "{outside}");
    }
}
