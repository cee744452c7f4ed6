//! Somebody at a browser: with a cookie, an authenticator app and recovery codes.

use fanlight_testkit::{Answer, Authenticator, Node, Request, State};
use serde_json::{Value, json};

/// A password that is taken.
pub const PASSWORD: &str = "ochre tuba folding Tuesday";

/// Somebody at a browser, logged in.
#[derive(Debug)]
pub struct Browser {
    /// Where the node is.
    pub url: String,
    /// The session's cookie as the browser sends it.
    pub cookie: Option<String>,
    /// The app.
    pub app: Authenticator,
    /// The recovery codes that are left.
    pub codes: Vec<String>,
    /// The name.
    pub name: String,
}

impl Browser {
    /// Opens a link and makes an account by it.
    ///
    /// # Panics
    /// Where that does not go.
    #[track_caller]
    pub fn join(node: &Node, link: &str, name: &str) -> Self {
        let secret = link.rsplit_once('#').expect("a secret").1.trim();
        let (app, ticket) = welcome(node, secret);
        let mut browser =
            Self { url: node.url().to_owned(), cookie: None, app, codes: Vec::new(), name: name.to_owned() };
        let joined = browser.post(
            "welcome/join",
            &json!({ "link": secret, "name": name, "password": PASSWORD, "ticket": ticket, "code": browser.app.code(0) }),
        );
        let joined = joined.is(201);
        browser.cookie = cookie_of(&joined);
        let codes = joined.json()["recovery_codes"].as_array().expect("codes").clone();
        browser.codes = codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect();
        browser
    }

    /// The first steward of a node, by the link that `fanlight steward-link` gives.
    #[track_caller]
    pub fn first_steward(state: &State, node: &Node, name: &str) -> Self {
        let made = state.cli(&["steward-link", "--json"]).ok().json();
        Self::join(node, made["link"].as_str().expect("a link"), name)
    }

    /// Somebody who is invited by whoever runs the node.
    #[track_caller]
    pub fn invited(state: &State, node: &Node, name: &str, role: Option<&str>) -> Self {
        let mut args = vec!["people", "invite", name, "--json"];
        if let Some(role) = role {
            args.extend(["--role", role]);
        }
        let made = state.cli(&args).ok().json();
        Self::join(node, made["link"].as_str().expect("a link"), name)
    }

    /// The same person before a node that was started again, elsewhere.
    #[must_use]
    pub fn at(self, node: &Node) -> Self {
        Self { url: node.url().to_owned(), ..self }
    }

    /// A request of one of the node's own pages.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, &format!("{}/v1/{path}", self.url)).header("Sec-Fetch-Site", "same-origin");
        let request = request.header("Origin", &self.url);
        match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// Sends JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).body(body.to_string()).send()
    }

    /// Shows name, password and this code.
    pub fn try_login(&self, name: &str, password: &str, code: &str) -> Answer {
        self.post("login", &json!({ "name": name, "password": password, "code": code }))
    }

    /// Logs in with a recovery code, and keeps the cookie.
    #[track_caller]
    pub fn log_in(&mut self) -> Answer {
        let code = self.codes.pop().expect("a recovery code");
        let answer = self.try_login(&self.name.clone(), PASSWORD, &code).is(200);
        self.cookie = cookie_of(&answer);
        answer
    }
}

/// What a link shows: the app with its secret, and what is sent back with a code.
///
/// # Panics
/// Where it does not open.
#[track_caller]
pub fn welcome(node: &Node, secret: &str) -> (Authenticator, String) {
    let answer = Request::new("POST", &format!("{}/v1/welcome", node.url()))
        .header("Origin", node.url())
        .body(json!({ "link": secret }).to_string())
        .send()
        .is(200)
        .json();
    let text = |name: &str| answer[name].as_str().expect("text").to_owned();
    (Authenticator::new(&text("secret")), text("ticket"))
}

/// The session's cookie in an answer, as a browser sends it back.
pub fn cookie_of(answer: &Answer) -> Option<String> {
    let cookie = answer.header("set-cookie")?;
    Some(cookie.split(';').next()?.to_owned())
}
