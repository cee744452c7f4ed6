//! The command line's side of the admin API: finds the node that runs on a state folder, and asks it.
//!
//! Refuses to know what an answer means. Invariant: the operator's token goes to the address the node itself wrote into
//! its state folder and nowhere else: no proxy, no redirect; over TLS only to who proves to be that node.

mod led;
mod ready;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fanlight_api::run::{NODE_FILE, OPERATOR_TOKEN_FILE, OPERATOR_TOKEN_PREFIX};
use fanlight_api::{Method, NodeFile, Problem, Route};
use fanlight_base::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

mod known;

/// How long a node on this machine may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// How long it may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// How long it may take to write a backup, or to read one.
const BACKUP_TIME: Duration = Duration::from_secs(3600);
/// How long an answer that is read as it comes may be silent; the node says something every few seconds.
const SILENCE_TIME: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of one line of an answer that is read as it comes: a record with everything in it escaped.
const LINE_BYTES: usize = 1024 * 1024;

/// Why the node could not be asked, or what it said no to.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No node runs on the state folder.
    #[error("no node runs on {state}", state = state.display())]
    NotRunning {
        /// The state folder.
        state: PathBuf,
    },
    /// What a running node wrote about itself cannot be read.
    #[error("could not read {file}, which the running node wrote", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The node's certificate is none.
    #[error("the certificate of the node's authority cannot be used")]
    Authority(#[source] reqwest::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// A token would cross the network for everybody to read.
    #[error("{client} is led to {url}, where a token would go over the network in clear")]
    InClear {
        /// The address.
        url: String,
        /// The client.
        client: String,
    },
    /// The node did not answer.
    #[error("the node at {url} did not answer {route}")]
    NoAnswer {
        /// Where it serves.
        url: String,
        /// What it was asked.
        route: Route,
        /// Why not.
        source: reqwest::Error,
    },
    /// The node said no.
    #[error("{}", told(.0))]
    Refused(Box<Problem>),
    /// The answer is not what this program knows.
    #[error("the node's answer to {route} is not what this program expects; are both of the same version?")]
    NotUnderstood {
        /// What it was asked.
        route: Route,
        /// Where it differs.
        source: serde_json::Error,
    },
    /// The answer is longer than any should be.
    #[error("the node's answer to {route} has over {limit} bytes{}", if *.limit == LINE_BYTES { " in one line" } else { "" })]
    TooLong {
        /// What it was asked.
        route: Route,
        /// How many it may have.
        limit: usize,
    },
    /// The answer began and did not come to its end.
    #[error("the node at {url} broke off its answer to {route}, so what came is not all")]
    BrokenOff {
        /// Where it serves.
        url: String,
        /// What it was asked.
        route: Route,
        /// Why, where more is known than that it fell silent.
        source: Option<reqwest::Error>,
    },
    /// This process could not make a client.
    #[error("could not prepare the request")]
    Prepare(#[source] io::Error),
}

/// What a problem says, in one line.
fn told(problem: &Problem) -> String {
    let said = problem.detail.as_deref().unwrap_or(&problem.title);
    // The detail has the advice at its end, for clients that show nothing else; here it is the hint.
    let said = problem.advice.as_deref().and_then(|advice| said.strip_suffix(advice)).unwrap_or(said).trim_end();
    let said =
        if said.is_empty() { format!("the node answered with status {}", problem.status) } else { said.to_owned() };
    match &problem.request {
        Some(request) => format!("{said} (request {request})"),
        None => said,
    }
}

impl ClientError {
    /// What to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotRunning { .. } => Some("start it with `fanlight up`, or name its folder with --state".to_owned()),
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some("run the command as the user who runs the node".to_owned())
            }
            Self::NoAnswer { .. } | Self::BrokenOff { .. } => {
                Some("look at what the node says where it was started".to_owned())
            }
            Self::InClear { .. } => Some("have the node listen with TLS, and use its https address".to_owned()),
            Self::Refused(problem) => problem.advice.clone(),
            _ => None,
        }
    }

    /// Whether not even a connection to the node came about.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::NoAnswer { source, .. } if source.is_connect())
    }

    /// Whether the node went away: it may come again.
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::NoAnswer { .. } | Self::BrokenOff { .. } | Self::NotRunning { .. })
    }

    /// Whether there is no node to ask, so that what can be done without one may be done.
    pub const fn is_not_running(&self) -> bool {
        matches!(self, Self::NotRunning { .. })
    }
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    /// What it says about itself.
    pub about: NodeFile,
    /// The root certificate of its own authority, PEM, where it has one.
    pub authority: Option<String>,
    token: Secret<String>,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Node {
    /// The node that runs on a state folder.
    pub fn find(state: &Path) -> Result<Self, ClientError> {
        let not_running = || ClientError::NotRunning { state: state.to_owned() };
        let read = |name: &str| {
            let file = state.join(name);
            fs::read_to_string(&file).map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => not_running(),
                _ => ClientError::Unreadable { file, source },
            })
        };
        let about: NodeFile = serde_json::from_str(&read(NODE_FILE)?)
            .map_err(|error| ClientError::Unreadable { file: state.join(NODE_FILE), source: error.into() })?;
        if !is_alive(about.pid) {
            return Err(not_running());
        }
        let token = read(OPERATOR_TOKEN_FILE)?.trim().to_owned();
        if !token.starts_with(OPERATOR_TOKEN_PREFIX) || !token.bytes().all(|b| b.is_ascii_graphic()) {
            let source = io::Error::new(io::ErrorKind::InvalidData, "no token stands in it");
            return Err(ClientError::Unreadable { file: state.join(OPERATOR_TOKEN_FILE), source });
        }
        let authority = about.ca.as_ref().map(|file| read_authority(state.join(file))).transpose()?;
        let http = http_client(authority.as_deref(), about.certificate.as_ref().map(|file| state.join(file)))?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ClientError::Prepare)?;
        Ok(Self { about, authority, token: Secret::new(token), http, runtime })
    }

    /// Reads.
    pub fn get<T: DeserializeOwned>(&self, route: Route, query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.ask(route, route.path, query, None, ANSWER_TIME)
    }

    /// Reads the thing that the path names.
    pub fn get_one<T: DeserializeOwned>(&self, route: Route, name: &str) -> Result<T, ClientError> {
        self.ask(route, &route.path_with(name), &[], None, ANSWER_TIME)
    }

    /// The same with a query.
    pub fn get_one_with<T: DeserializeOwned>(
        &self,
        route: Route,
        name: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ClientError> {
        self.ask(route, &route.path_with(name), query, None, ANSWER_TIME)
    }

    /// Asks for an answer that is read as it comes, line by line.
    pub fn lines(&self, route: Route, body: &impl Serialize) -> Result<Lines<'_>, ClientError> {
        let body = serde_json::to_vec(body).map_err(|source| ClientError::NotUnderstood { route, source })?;
        let request = self.request(route, route.path, &[], Some(body));
        let sent = self.runtime.block_on(async { tokio::time::timeout(ANSWER_TIME, self.send(route, request)).await });
        let broken = || ClientError::BrokenOff { url: self.about.local.clone(), route, source: None };
        let answer = sent.map_err(|_| broken())??;
        Ok(Lines { node: self, route, answer, come: Vec::new(), taken: 0, silent_since: Instant::now() })
    }

    /// Does, or makes.
    pub fn post<T: DeserializeOwned>(&self, route: Route, body: &impl Serialize) -> Result<T, ClientError> {
        use fanlight_api::routes::{BACKUP, RESTORE};
        let time = if [BACKUP, RESTORE].contains(&route) { BACKUP_TIME } else { ANSWER_TIME };
        let body = serde_json::to_vec(body).map_err(|source| ClientError::NotUnderstood { route, source })?;
        self.ask(route, route.path, &[], Some(body), time)
    }

    /// Does something with the thing that the path names.
    pub fn post_to<T: DeserializeOwned>(
        &self,
        route: Route,
        name: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|source| ClientError::NotUnderstood { route, source })?;
        self.ask(route, &route.path_with(name), &[], Some(body), ANSWER_TIME)
    }

    /// Takes away the thing that the path names.
    pub fn delete<T: DeserializeOwned>(&self, route: Route, name: &str) -> Result<T, ClientError> {
        self.ask(route, &route.path_with(name), &[], None, ANSWER_TIME)
    }

    fn request(
        &self,
        route: Route,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> reqwest::RequestBuilder {
        let mut url = format!("{}{path}", self.about.local.trim_end_matches('/'));
        for (number, (name, value)) in query.iter().enumerate() {
            let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            url.push_str(&format!("{}{name}={value}", if number == 0 { '?' } else { '&' }));
        }
        let method = match route.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        match body {
            Some(body) => request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body),
            None => request,
        }
    }

    /// Sends it; an answer that says no is an error.
    async fn send(&self, route: Route, request: reqwest::RequestBuilder) -> Result<reqwest::Response, ClientError> {
        let mut answer = request.send().await.map_err(|source| self.no_answer(route, source))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let bytes = self.whole(route, &mut answer).await?;
        let mut problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
        problem.status = status.as_u16();
        Err(ClientError::Refused(Box::new(problem)))
    }

    async fn whole(&self, route: Route, answer: &mut reqwest::Response) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|source| self.no_answer(route, source))? {
            if bytes.len() + chunk.len() > ANSWER_BYTES {
                return Err(ClientError::TooLong { route, limit: ANSWER_BYTES });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn no_answer(&self, route: Route, source: reqwest::Error) -> ClientError {
        ClientError::NoAnswer { url: self.about.local.clone(), route, source }
    }

    fn ask<T: DeserializeOwned>(
        &self,
        route: Route,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
        time: Duration,
    ) -> Result<T, ClientError> {
        let request = self.request(route, path, query, body).timeout(time);
        self.runtime.block_on(async {
            let mut answer = self.send(route, request).await?;
            let bytes = self.whole(route, &mut answer).await?;
            serde_json::from_slice(&bytes).map_err(|source| ClientError::NotUnderstood { route, source })
        })
    }
}

/// An answer that is read as it comes.
pub struct Lines<'a> {
    node: &'a Node,
    route: Route,
    answer: reqwest::Response,
    come: Vec<u8>,
    taken: usize,
    silent_since: Instant,
}

/// What comes next of an answer.
pub enum Next {
    /// A line, without its end.
    Line(Vec<u8>),
    /// Nothing within the time.
    Nothing,
    /// The answer is at its end, and whole.
    End,
}

impl Lines<'_> {
    /// The next line, waited for at most that long.
    pub fn next(&mut self, wait: Duration) -> Result<Next, ClientError> {
        loop {
            let rest = &self.come[self.taken..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest[..end].to_vec();
                self.taken += end + 1;
                return Ok(Next::Line(line));
            }
            if rest.len() > LINE_BYTES {
                return Err(ClientError::TooLong { route: self.route, limit: LINE_BYTES });
            }
            self.come.drain(..self.taken);
            self.taken = 0;
            let answer = &mut self.answer;
            let come = self.node.runtime.block_on(async { tokio::time::timeout(wait, answer.chunk()).await });
            match come {
                Ok(Ok(Some(chunk))) => {
                    self.silent_since = Instant::now();
                    self.come.extend_from_slice(&chunk);
                }
                Ok(Ok(None)) if self.come.is_empty() => return Ok(Next::End),
                Ok(Ok(None)) => return Err(self.broken(None)),
                Ok(Err(error)) => return Err(self.broken(Some(error))),
                Err(_) if self.silent_since.elapsed() > SILENCE_TIME => return Err(self.broken(None)),
                Err(_) => return Ok(Next::Nothing),
            }
        }
    }

    /// The next line of an answer that has no pauses; nothing at its end.
    pub fn next_line(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        loop {
            match self.next(SILENCE_TIME)? {
                Next::Line(line) => return Ok(Some(line)),
                Next::End => return Ok(None),
                Next::Nothing => {}
            }
        }
    }

    /// A line as a value.
    pub fn read<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(line).map_err(|source| ClientError::NotUnderstood { route: self.route, source })
    }

    fn broken(&self, source: Option<reqwest::Error>) -> ClientError {
        ClientError::BrokenOff { url: self.node.about.local.clone(), route: self.route, source }
    }
}

fn read_authority(file: PathBuf) -> Result<String, ClientError> {
    fs::read_to_string(&file).map_err(|source| ClientError::Unreadable { file, source })
}

/// A client for the node alone: of all authorities only its own is trusted where it has one, and otherwise no certificate but
/// the one it shows.
fn http_client(authority: Option<&str>, certificate: Option<PathBuf>) -> Result<reqwest::Client, ClientError> {
    // A second installation is refused, and the first is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIME)
        .user_agent(concat!("fanlight/", env!("CARGO_PKG_VERSION")));
    if let Some(pem) = authority {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).map_err(ClientError::Authority)?;
        builder = builder.tls_certs_only([root]);
    } else if let Some(file) = certificate {
        builder = builder.tls_backend_preconfigured(known::by_certificate(file).map_err(ClientError::Tls)?);
    }
    builder.build().map_err(ClientError::Authority)
}

/// Whether a process of that number runs. One that we may not signal does.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}
