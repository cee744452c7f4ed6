//! What somebody tries who may not: every route by every role, pages of other sites, planted sessions, tokens in addresses.

use fanlight_testkit::{Node, Release, Request, State, Upstream, get};
use fanlight_tests::browser::cookie_of;
use fanlight_tests::{Browser, PASSWORD};
use serde_json::json;

fn scene() -> (Upstream, State, Node) {
    let upstream = Upstream::with([Release::new("demo", "1.0")]);
    let state = State::before(&upstream, "");
    let node = state.start();
    (upstream, state, node)
}

/// Every route of the admin API, and who may: builder, mentor, reviewer, auditor, steward, by their first letters; `*` is
/// everybody, for themselves. Written by hand: a new route is not let through here by accident.
const TABLE: &[(&str, &str, &str)] = &[
    ("GET", "/v1/status", "bmras"),
    ("GET", "/v1/ca", "bmras"),
    ("GET", "/v1/overview", "bmras"),
    ("GET", "/v1/projects", "bmras"),
    ("GET", "/v1/events", "bmras"),
    ("GET", "/v1/why", "bmras"),
    ("GET", "/v1/look", "bmras"),
    ("POST", "/v1/scan", "bmras"),
    ("GET", "/v1/quarantines", "bmras"),
    ("GET", "/v1/reviews", "bmras"),
    ("GET", "/v1/who", "mras"),
    ("POST", "/v1/holdings", "mras"),
    ("GET", "/v1/tokens", "mras"),
    ("GET", "/v1/people", "mras"),
    ("POST", "/v1/people/sessions", "mras"),
    ("POST", "/v1/people/card", "mras"),
    ("POST", "/v1/people/import/preview", "mras"),
    ("POST", "/v1/rights", "as"),
    ("POST", "/v1/people/import", "s"),
    ("POST", "/v1/leavers/preview", "mras"),
    ("GET", "/v1/exceptions", "mras"),
    ("GET", "/v1/requests", "mras"),
    ("GET", "/v1/requests/{request}", "mras"),
    ("POST", "/v1/requests", "bmras"),
    ("GET", "/v1/requests/own", "bmras"),
    ("DELETE", "/v1/requests/own/{request}", "bmras"),
    ("POST", "/v1/requests/{request}/grant", "rs"),
    ("POST", "/v1/requests/{request}/refuse", "rs"),
    ("GET", "/v1/policies", "ras"),
    ("GET", "/v1/policies/{policy}", "ras"),
    ("POST", "/v1/policy-check", "ras"),
    ("POST", "/v1/policy-explain", "ras"),
    ("GET", "/v1/policy-versions", "ras"),
    ("GET", "/v1/policy-versions/{version}", "ras"),
    ("GET", "/v1/policy-proposals", "ras"),
    ("GET", "/v1/policy-proposals/{proposal}", "ras"),
    ("POST", "/v1/policy-proposals", "rs"),
    ("POST", "/v1/policy-proposals/{proposal}/refuse", "rs"),
    ("DELETE", "/v1/policy-proposals/{proposal}", "rs"),
    ("POST", "/v1/policy-proposals/{proposal}/approve", "s"),
    ("GET", "/v1/settings", "as"),
    ("GET", "/v1/advisories", "ras"),
    ("POST", "/v1/advisories/refresh", "rs"),
    ("POST", "/v1/advisories/acknowledge", "rs"),
    ("POST", "/v1/quarantines", "rs"),
    ("POST", "/v1/quarantines/lift", "rs"),
    ("POST", "/v1/exceptions", "rs"),
    ("DELETE", "/v1/exceptions/{exception}", "rs"),
    ("POST", "/v1/reviews", "rs"),
    ("POST", "/v1/reviews/import", "rs"),
    ("POST", "/v1/policies/simulate", "as"),
    ("POST", "/v1/ledger/show", "as"),
    ("POST", "/v1/ledger/page", "as"),
    ("POST", "/v1/ledger/export", "as"),
    ("GET", "/v1/ledger/proof/{record}", "as"),
    ("POST", "/v1/tokens", "s"),
    ("DELETE", "/v1/tokens/{device}", "s"),
    ("POST", "/v1/erase", "s"),
    ("POST", "/v1/backup", "s"),
    ("POST", "/v1/restore", "s"),
    ("POST", "/v1/invitations", "s"),
    ("POST", "/v1/first-link", "s"),
    ("POST", "/v1/people/sessions/end", "s"),
    ("POST", "/v1/people/logins/end", "s"),
    ("POST", "/v1/leavers", "s"),
    ("POST", "/v1/roles", "s"),
    ("POST", "/v1/roles/take", "s"),
    ("POST", "/v1/groups", "s"),
    ("POST", "/v1/groups/leave", "s"),
    ("GET", "/v1/apps", "mras"),
    ("GET", "/v1/keys", "mras"),
    ("GET", "/v1/apps/own", "bmras"),
    ("GET", "/v1/keys/own", "bmras"),
    // Everybody for what is their own; that another's is refused has stories of its own.
    ("POST", "/v1/apps", "bmras"),
    ("POST", "/v1/apps/{app}/change", "bmras"),
    ("POST", "/v1/apps/{app}/hand-over", "bmras"),
    ("DELETE", "/v1/apps/{app}", "bmras"),
    ("GET", "/v1/apps/{app}/used", "bmras"),
    ("POST", "/v1/keys", "bmras"),
    ("DELETE", "/v1/keys/{key}", "bmras"),
    ("GET", "/v1/account", "*"),
    ("DELETE", "/v1/account/sessions/{session}", "*"),
    // For whoever has a second factor that is fresh; what `{}` lacks is said before anything is looked up.
    ("POST", "/v1/account/password", "*"),
    ("POST", "/v1/account/passkeys/offer", "*"),
    ("POST", "/v1/account/passkeys", "*"),
    ("DELETE", "/v1/account/passkeys/{passkey}", "*"),
    ("POST", "/v1/account/providers/{provider}", "*"),
    ("GET", "/v1/login/ways", "*"),
    ("POST", "/v1/login/passkey/question", "*"),
    ("POST", "/v1/login/passkey", "*"),
    ("POST", "/v1/login", "*"),
    ("POST", "/v1/welcome", "*"),
    ("POST", "/v1/welcome/join", "*"),
    ("POST", "/v1/step-up", "*"),
    // Last: it ends the session.
    ("POST", "/v1/logout", "*"),
];

/// The place in a path filled with what is nobody's.
fn filled(path: &str) -> String {
    let fill = |name: &str, value: &str| path.replace(&format!("{{{name}}}"), value);
    match path.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name) {
        Some("exception") => fill("exception", "exc_aaaaaaaaaaaaaaaa"),
        Some("passkey") => fill("passkey", "pky_aaaaaaaaaaaaaaaa"),
        Some("provider") => fill("provider", "nobody"),
        Some("device") => fill("device", "dev_aaaaaaaaaaaaaaaa"),
        Some("session") => fill("session", "ses_aaaaaaaaaaaaaaaa"),
        Some("request") => fill("request", "req_aaaaaaaaaaaaaaaa"),
        Some("proposal") => fill("proposal", "prp_aaaaaaaaaaaaaaaa"),
        Some("version") => fill("version", "1"),
        Some("app") => fill("app", "app_aaaaaaaaaaaaaaaa"),
        Some("key") => fill("key", "key_aaaaaaaaaaaaaaaa"),
        Some("record") => fill("record", "0"),
        _ => path.to_owned(),
    }
}

#[test]
fn each_role_is_let_through_where_the_table_says_and_nowhere_else() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let document = get(&format!("{}/v1/openapi.json", node.url())).is(200).json();
    let mut routes = std::collections::BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let is_known = TABLE.iter().any(|(known, at, _)| known.eq_ignore_ascii_case(method) && at == path);
            assert!(is_known, "{method} {path} is not in the table: say who may");
            routes.insert((method.to_ascii_uppercase(), path.as_str()));
        }
    }
    for role in ["builder", "mentor", "reviewer", "auditor", "steward"] {
        let given = Some(role).filter(|role| *role != "builder");
        let browser = Browser::invited(&state, &node, role, given);
        for (method, path, who) in
            TABLE.iter().filter(|(method, path, _)| routes.contains(&((*method).to_owned(), *path)))
        {
            let may = *who == "*" || who.contains(&role[..1]);
            let request = browser.request(method, filled(path).trim_start_matches("/v1/"));
            let answer = if *method == "POST" { request.body("{}").send() } else { request.send() };
            // `{}` is no whole request to most: what counts is who gets as far as being told so.
            assert_eq!(![401, 403].contains(&answer.status), may, "{method} {path} by a {role}: {answer:?}");
            assert!(answer.status < 500, "{method} {path} by a {role}: {answer:?}");
        }
    }
    asha.get("account").is(200);
}

#[test]
fn no_session_reaches_another_s() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let account = asha.get("account").is(200).json();
    let session = account["sessions"][0]["session"].as_str().expect("a session");
    ben.request("DELETE", &format!("account/sessions/{session}")).send().is(404);
    ben.post("people/sessions/end", &json!({ "person": "asha" })).is(403);
    ben.post("roles", &json!({ "person": "ben", "role": "steward" })).is(403);
    asha.post("roles", &json!({ "person": "asha", "role": "auditor" })).is(403).says("nobody widens their own rights");
    asha.post("invitations", &json!({ "person": "asha", "role": "auditor" })).is(403);
    asha.get("account").is(200);
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let cookie = asha.cookie.as_deref().expect("a cookie");
    let port = node.address().rsplit_once(':').expect("a port").1.to_owned();
    let elsewhere = format!("http://localhost:{}", port.parse::<u16>().expect("a number") ^ 1);
    for (path, body) in
        [("logout", "{}"), ("groups", r#"{"person":"asha","group":"x"}"#), ("login", "{}"), ("welcome", "{}")]
    {
        let post = || Request::new("POST", &format!("{}/v1/{path}", node.url())).header("Cookie", cookie).body(body);
        post().send().is(403).says("does not say which page");
        for origin in ["https://evil.example", "null", elsewhere.as_str()] {
            post().header("Origin", origin).send().is(403);
            post().header("Origin", origin).header("Sec-Fetch-Site", "same-origin").send().is(403);
        }
        post().header("Sec-Fetch-Site", "cross-site").send().is(403);
        post().header("Origin", node.url()).header("Sec-Fetch-Site", "none").send().is(403);
    }
    asha.get("account").is(200);
}

#[test]
fn a_planted_session_is_worth_nothing_and_two_are_none() {
    let (_upstream, state, node) = scene();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let real = asha.cookie.take().expect("a cookie");
    let planted = format!("fanlight-session={}", "A".repeat(43));
    asha.cookie = Some(planted.clone());
    asha.get("account").is(401);
    let code = asha.codes.pop().expect("a code");
    let answer = asha.try_login("asha", PASSWORD, &code).is(200);
    let given = cookie_of(&answer).expect("a cookie");
    assert!(given != planted && given != real, "each login makes a secret of its own");
    asha.cookie = Some(planted.clone());
    asha.get("account").is(401);
    asha.cookie = Some(format!("{planted}; {real}"));
    asha.get("account").is(401);
    asha.cookie = Some(real);
    asha.get("account").is(200);
}

#[test]
fn nothing_in_an_address_lets_anybody_in() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    let secret = asha.cookie.as_deref().and_then(|cookie| cookie.split_once('=')).expect("a cookie").1.to_owned();
    let operator = std::fs::read_to_string(state.path().join("run/operator.token")).expect("the operator's secret");
    for name in ["token", "access_token", "session", "fanlight-session", "authorization"] {
        for value in [secret.as_str(), operator.trim()] {
            get(&format!("{}/v1/people?{name}={value}", node.url())).is(401);
        }
    }
    // Nor does a session's secret where a token belongs.
    let bearer =
        Request::get(&format!("{}/v1/people", node.url())).header("Authorization", &format!("Bearer {secret}"));
    bearer.send().is(401);
}

#[test]
fn what_is_not_asked_for_is_not_taken_and_what_is_too_much_neither() {
    let (_upstream, state, node) = scene();
    let asha = Browser::first_steward(&state, &node, "asha");
    asha.post("invitations", &json!({ "person": "ben", "role": "mentor", "until": "2099-01-01" })).is(400);
    asha.post("login", &json!({ "name": "asha", "password": PASSWORD, "code": "1", "strength": "state-folder" }))
        .is(400);
    asha.post("login", &json!({ "name": "x".repeat(2_000_000), "password": "", "code": "" })).is(400);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    asha.request("POST", "login").body(deep).send().is(400);
    for name in ["<script>alert(1)</script>", "a\r\nSet-Cookie: x=y", "a\u{0}b"] {
        let answer = asha.post("invitations", &json!({ "person": name }));
        assert!(answer.header("set-cookie").is_none(), "{answer:?}");
        assert!(answer.header("content-type").is_some_and(|kind| kind.contains("json")), "{answer:?}");
    }
}
