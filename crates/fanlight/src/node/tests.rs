//! The table of routes, walked: whatever is added without a decision or without a record fails here.

use std::collections::BTreeSet;
use std::time::Duration;

use fanlight_config::{Config, Sources};
use fanlight_gate::Access;
use http::Method;

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

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_judged_and_recorded_or_says_why_it_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources { state: Some(folder.path().join("state")), config: None, env: vec![], flags: vec![] };
    let config = Config::load(sources).unwrap();
    let claim = claim::take(&config.state).unwrap();
    let reload: Reload = Arc::new(|_| Config::load(Sources::default()));
    let built = build(&config, &claim.run, &reload).await.unwrap();

    let mut asked = Vec::new();
    for route in built.routes.iter() {
        let action = match &route.access {
            Access::Guarded(action, _) => Some(action.as_str()),
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
    let clock: SharedClock = Arc::new(SystemClock);
    let listener = fanlight_net::Listener::bind(([127, 0, 0, 1], 0).into(), &Tls::Off, clock).await.unwrap();
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
        let before = ledger.status().durable;
        let answer = client.request(method.clone(), format!("{url}{path}")).send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let status = answer.status().as_u16();
        // The answer is here, so its record is durable, without waiting.
        let records = ledger.read(before, 10).unwrap();
        let Some(action) = action else {
            assert!(records.is_empty(), "the open route {path} is recorded");
            continue;
        };
        assert!(known.contains(action), "the policy schema does not know {action} of {method} {path}");
        let of_this = records.iter().map(|record| serde_json::from_slice::<serde_json::Value>(record).unwrap());
        let of_this: Vec<_> = of_this.filter(|record| record["request"] == id.as_str()).collect();
        assert!(!of_this.is_empty(), "{method} {path} left no record");
        if action.starts_with("console:") {
            assert_eq!(status, 403, "{method} {path} is not refused to a caller nobody knows");
            assert_eq!(of_this[0]["decision"]["outcome"], "deny", "{method} {path}");
            assert_eq!(of_this[0]["action"], action);
        }
    }
    drop(stop);
    serving.await.unwrap();
}
