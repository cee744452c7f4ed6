//! The table of routes, and the ways to be refused before one, walked: whatever is added without a decision or without a
//! record fails here.

use std::collections::BTreeSet;
use std::time::Duration;

use fanlight_config::{Config, Sources};
use fanlight_gate::{Access, Fault};
use fanlight_net::serve::Limits;
use fanlight_net::{Answering, Handler, Peer, Unread};
use http::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A route as the test asks for it.
struct Asked {
    method: Method,
    path: String,
    action: Option<&'static str>,
}

/// Every place in a path filled with a name that is nobody's.
fn filled(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| if part.starts_with('{') { "nobody" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A node's parts in a folder of their own.
async fn built(folder: &Path) -> Built {
    let sources = Sources { state: Some(folder.join("state")), config: None, env: vec![], flags: vec![] };
    let config = Config::load(sources).unwrap();
    let claim = claim::take(&config.state).unwrap();
    let reload: Reload = Arc::new(|_| Config::load(Sources::default()));
    build(&config, &claim.run, &reload).await.unwrap()
}

/// The records since `before`, of which each is one object.
fn records_since(ledger: &Ledger, before: u64) -> Vec<Value> {
    ledger.read(before, 10).unwrap().iter().map(|record| serde_json::from_slice(record).unwrap()).collect()
}

async fn listener(tls: &Tls) -> fanlight_net::Listener {
    fanlight_net::Listener::bind(([127, 0, 0, 1], 0).into(), tls, Arc::new(SystemClock)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_judged_and_recorded_or_says_why_it_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let built = built(folder.path()).await;

    let mut asked = Vec::new();
    for route in built.routes.iter() {
        let action = match &route.access {
            Access::Guarded(action, _) | Access::Threshold(action, _) | Access::Machines(action, _) => {
                Some(action.as_str())
            }
            Access::Open(why, _) => {
                assert!(why.len() > 20, "{} is open without a reason", route.pattern);
                None
            }
        };
        asked.push(Asked { method: route.method.clone(), path: filled(route.pattern), action });
    }
    let known: BTreeSet<_> = fanlight_policy::known_actions().map(|known| known.action.as_str()).collect();
    let api: BTreeSet<_> = fanlight_api::routes::ALL.iter().map(|route| filled(route.path)).collect();
    let served: BTreeSet<_> = asked.iter().map(|route| route.path.clone()).collect();
    assert!(api.is_subset(&served), "routes of the admin API without a handler: {:?}", api.difference(&served));

    let ledger = built.gate.ledger().clone();
    let listener = listener(&Tls::Off).await;
    let url = listener.url();
    let dispatch = Arc::new(Dispatch::new(built.gate.clone(), built.routes, Hosts::named([])).unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        fanlight_net::serve(listener, dispatch, async { drop(stopped.await) }).await;
    });

    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    for Asked { method, path, action } in asked {
        // As it is, and by a method that no route has.
        for (method, action) in [(method, action), (Method::TRACE, Some(fanlight_gate::ENTER.as_str()))] {
            let before = ledger.status().durable;
            let answer = client.request(method.clone(), format!("{url}{path}")).send().await.unwrap();
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            let status = answer.status().as_u16();
            // The answer is here, so its record is durable, without waiting.
            let records = records_since(&ledger, before);
            let Some(action) = action else {
                assert!(records.is_empty(), "the open route {path} is recorded");
                continue;
            };
            assert!(known.contains(action), "the policy schema does not know {action} of {method} {path}");
            let of_this: Vec<_> = records.iter().filter(|record| record["request"] == id.as_str()).collect();
            assert!(!of_this.is_empty(), "{method} {path} left no record");
            if ["console:", "gate:", "directory:"].iter().any(|door| action.starts_with(door)) {
                let expected = if action.starts_with("gate:") { 405 } else { 401 };
                assert_eq!(status, expected, "{method} {path} is not refused to a caller nobody knows");
                assert_eq!(of_this[0]["decision"]["outcome"], "deny", "{method} {path}");
                assert_eq!(of_this[0]["action"], action);
            }
        }
    }
    drop(stop);
    serving.await.unwrap();
}

/// A node as callers from another machine meet it, where `away`.
struct Met {
    away: bool,
    node: Arc<Dispatch>,
}

impl Met {
    fn from(&self, mut peer: Peer) -> Peer {
        if self.away {
            peer.address.set_ip([192, 0, 2, 7].into());
        }
        peer
    }
}

impl Handler for Met {
    fn call(&self, peer: Peer, request: http::Request<hyper::body::Incoming>) -> Answering<'_> {
        self.node.call(self.from(peer), request)
    }

    fn refuse(&self, peer: Peer, unread: Unread) -> Answering<'_> {
        self.node.refuse(self.from(peer), unread)
    }
}

/// Sends these bytes; the answer's status and its request's id.
async fn said(address: std::net::SocketAddr, bytes: &str) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut text = String::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut text)).await.unwrap();
    let id = text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap_or_else(|| panic!("{text}"));
    (text[9..12].parse().unwrap(), id.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_gate_is_recorded_with_the_answer_that_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let Built { gate, store, routes, .. } = built(folder.path()).await;
    let (identity, ledger) = (gate.identity().clone(), gate.ledger().clone());
    let issued = identity.issue(identity.draw_up("asha", "laptop").await.unwrap()).await.unwrap();
    let token = issued.token.expose_secret().to_owned();
    identity.revoke_device(&issued.device).await.unwrap();
    let node = Arc::new(Dispatch::new(gate, routes, Hosts::named([])).unwrap());
    let bounds = Limits { head: Duration::from_millis(500), ..Limits::default() };
    let mut at = Vec::new();
    for (away, tls) in
        [(false, Tls::Off), (true, Tls::Off), (false, Tls::Auto { folder: folder.path().join("tls"), names: vec![] })]
    {
        let listener = listener(&tls).await;
        at.push(listener.address());
        let met = Arc::new(Met { away, node: node.clone() });
        tokio::spawn(fanlight_net::serve::serve_within(listener, met, bounds, std::future::pending()));
    }
    let (here, away, tls) = (at[0], at[1], at[2]);

    let get = |head: &str| format!("GET /pypi/simple/ HTTP/1.1\r\nconnection: close\r\n{head}\r\n");
    let shown = |token: &str| get(&format!("host: localhost\r\nauthorization: Bearer {token}\r\n"));
    let unknown = format!("flo_{}", "0".repeat(64));
    let broken = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    let mut seen = BTreeSet::new();
    for (fault, address, bytes) in [
        (Fault::NoSuchPath, here, "GET /nowhere HTTP/1.0\r\n\r\n".to_owned()),
        (Fault::WrongMethod, here, "DELETE /pypi/simple/ HTTP/1.0\r\n\r\n".to_owned()),
        (Fault::UndecodablePath, here, "GET /pypi/simple/%ff/ HTTP/1.0\r\n\r\n".to_owned()),
        (Fault::Misdirected, here, get("host: rebound.example\r\n")),
        (Fault::NoHost, here, get("")),
        (Fault::TwoHosts, here, get("host: localhost\r\nhost: localhost\r\n")),
        (Fault::CrossSite, here, get("host: localhost\r\nsec-fetch-site: cross-site\r\n")),
        (
            Fault::UnsaidOrigin,
            here,
            "POST /v1/login HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(),
        ),
        (Fault::SessionOver, here, get(&format!("host: localhost\r\ncookie: fanlight-session={}\r\n", "0".repeat(64)))),
        (Fault::UnreadableCredentials, here, get("host: localhost\r\nauthorization: Basic !\r\n")),
        (Fault::BrokenToken, here, shown(&broken)),
        (Fault::UnknownToken, here, shown(&unknown)),
        (Fault::RevokedToken, here, shown(&token)),
        (Fault::NoToken, away, get("host: localhost\r\n")),
        (Fault::NoSuchPath, away, "GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned()),
        (Fault::HeadTooLarge, here, get(&"x: y\r\n".repeat(200))),
        (Fault::HeadTooSlow, here, "GET / HT".to_owned()),
        (Fault::MalformedHead, here, "GET / HTTP/7\r\n\r\n".to_owned()),
        (Fault::PlainHttp, tls, get("host: localhost\r\n")),
        (Fault::CallerNotLookedUp, here, shown(&token)),
    ] {
        if fault == Fault::CallerNotLookedUp {
            store.close().await;
        }
        let before = ledger.status().durable;
        let (status, id) = said(address, &bytes).await;
        assert_eq!(status, fault.status().as_u16(), "{fault:?}");
        let records = records_since(&ledger, before);
        assert_eq!(records.len(), 1, "{fault:?}: {records:?}");
        let record = &records[0];
        assert_eq!((&record["request"], &record["action"]), (&id.into(), &"gate:enter".into()), "{record}");
        assert_eq!(record["facts"]["fault"], fault.as_str());
        assert_eq!(record["facts"]["loopback"], address != away);
        assert_eq!(record["decision"]["policies"], serde_json::json!([fault.as_str()]));
        assert!(!record.to_string().contains("192.0.2.7"), "an address in clear: {record}");
        seen.insert(fault.as_str());
    }
    // What only keys and tokens can show is tried where there are some: `apps.rs` and `tokens.rs` of the black-box tests.
    seen.extend(["beyond-scope", "key-over", "not-proved", "use-nonce"]);
    // And what is shown in place of a key: `issuers.rs` and `certificates.rs`.
    seen.extend(["certificate-over", "foreign-token", "not-trusted"]);
    // A thousand calls at once: `gate.rs`.
    seen.insert("too-often");
    let all: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
    assert_eq!(seen, all, "a way to be refused that nobody tried");
}
