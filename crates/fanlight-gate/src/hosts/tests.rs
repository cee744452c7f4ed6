//! Requests as clients, browsers and rebinding pages send them.

use fanlight_base::RequestId;
use http::request::Builder;

use super::*;

fn status(hosts: &Hosts, from: &str, request: Builder) -> u16 {
    let peer = Peer { address: from.parse().unwrap(), tls: false, certificate: None, request: RequestId::new(1) };
    match hosts.check(&peer, &request.body(()).unwrap()) {
        Ok(()) => 200,
        Err(fault) => fault.status().as_u16(),
    }
}

fn asked(hosts: &Hosts, host: &str) -> u16 {
    status(hosts, "127.0.0.1:4000", Request::get("/pypi/simple/").header("host", host))
}

fn ours() -> Hosts {
    Hosts::named(["Workbench".to_owned(), String::new()])
}

#[test]
fn the_node_s_names_and_every_address_are_answered() {
    for host in [
        "127.0.0.1:7070",
        "127.0.0.1",
        "localhost:7070",
        "LocalHost",
        "localhost:8080",
        "workbench:7070",
        "WORKBENCH",
        "[::1]:7070",
        "[::1]",
        "192.0.2.7:7070",
    ] {
        assert_eq!(asked(&ours(), host), 200, "{host}");
    }
}

#[test]
fn any_other_name_is_misdirected() {
    for host in [
        "rebound.example:7070",
        "rebound.example",
        "localhost.rebound.example",
        "127.0.0.1.rebound.example:7070",
        "",
        ":7070",
        "localhost:7070:1",
        "localhost:x",
        "localhost@rebound.example",
        "[::1",
        "[::1]x",
        "[rebound.example]",
        "workbenc",
        "127.0.0.1 ",
        "localhost:123456",
    ] {
        assert_eq!(asked(&ours(), host), 421, "{host:?}");
    }
    assert_eq!(asked(&Hosts::any(), "packages.company.example"), 200);
}

#[test]
fn an_authority_counts_as_a_host_does() {
    let from = "127.0.0.1:4000";
    let h2 = |uri: &str| Request::get(uri).version(Version::HTTP_2);
    assert_eq!(status(&ours(), from, h2("https://localhost:7070/pypi/simple/")), 200);
    assert_eq!(status(&ours(), from, h2("https://rebound.example:7070/pypi/simple/")), 421);
    let both = h2("https://localhost:7070/").header("host", "rebound.example");
    assert_eq!(status(&ours(), from, both), 421);
}

#[test]
fn no_host_is_for_http_1_0_on_this_machine_only_and_two_are_refused() {
    let old = || Request::get("/healthz").version(Version::HTTP_10);
    assert_eq!(status(&ours(), "127.0.0.1:4000", old()), 200);
    assert_eq!(status(&ours(), "192.0.2.7:4000", old()), 400);
    assert_eq!(status(&ours(), "127.0.0.1:4000", Request::get("/healthz")), 400);
    let two = Request::get("/").header("host", "localhost").header("host", "rebound.example");
    assert_eq!(status(&ours(), "127.0.0.1:4000", two), 400);
}

#[test]
fn pages_of_other_sites_are_refused_whatever_name_they_use() {
    for (site, expected) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        for hosts in [ours(), Hosts::any()] {
            let request = Request::get("/pypi/simple/").header("host", "localhost").header("sec-fetch-site", site);
            assert_eq!(status(&hosts, "127.0.0.1:4000", request), expected, "{site}");
        }
    }
}

#[test]
fn only_what_comes_from_loopback_to_loopback_past_no_proxy_is_from_here() {
    let here = |from: &str, host: &str, header: Option<&str>| {
        let peer = Peer { address: from.parse().unwrap(), tls: false, certificate: None, request: RequestId::new(1) };
        let request = Request::get("/").header("host", host);
        let request = header.into_iter().fold(request, |request, name| request.header(name, "x"));
        is_from_here(&peer, &request.body(()).unwrap())
    };
    for (from, host) in [
        ("127.0.0.1:4000", "localhost"),
        ("127.0.0.1:4000", "LOCALHOST:7070"),
        ("[::1]:4000", "[::1]:7070"),
        ("[::ffff:127.0.0.1]:4000", "127.0.0.9"),
    ] {
        assert!(here(from, host, None), "{from} {host}");
        for header in ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"] {
            assert!(!here(from, host, Some(header)), "{header}");
        }
    }
    for (from, host) in [
        ("192.0.2.7:4000", "localhost"),
        ("127.0.0.1:4000", "fanlight.acme.example"),
        ("127.0.0.1:4000", "192.0.2.7"),
        ("127.0.0.1:4000", "[::1"),
        ("127.0.0.1:4000", "localhost.acme.example"),
    ] {
        assert!(!here(from, host, None), "{from} {host}");
    }
}
