//! What gets no further than the gate: each fault, its status, and the facts that its policy judges and its words name.
//!
//! The words are those of the policies (`policies/gate.cedar`); here is none. Invariant: a fact holds nothing that the
//! client wrote freely, such as a path, a host or a header, because these may hold a secret or a name, and facts are
//! recorded.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::words::sentence;
use fanlight_base::{Action, Decision, Fact, Facts, Outcome, Resource, Scope, Scopes, limits};
use fanlight_identity::IdentifyError;
use fanlight_net::{Problem, Unread};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::context::{Answer, CannotRecord, Context, Recorded};

/// What a request attempts that gets no further.
pub const ENTER: Action = Action::new("gate:enter");
/// The challenge to a caller without a good token. Basic, because that is what package clients send.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"fanlight\", charset=\"UTF-8\"");
/// Where a node tells the nonce for the next proof (RFC 9449, section 8).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// When to ask again, in seconds, where the fault is this node's.
const RETRY_SECONDS: u32 = 5;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $status:ident, $title:literal;)+) => {
        /// Why a request gets no further than the gate: the fact `fault`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Fault {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word in facts, which is also the id of the policy that has its words and the end of the problem's type.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// The answer's status.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)+
                }
            }

            const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)+
                }
            }
        }
    };
}

faults! {
    /// No route has this path.
    NoSuchPath = "no-such-path", NOT_FOUND, "Not found";
    /// The path's routes have other methods.
    WrongMethod = "wrong-method", METHOD_NOT_ALLOWED, "Method not allowed";
    /// A part of the path does not decode to UTF-8.
    UndecodablePath = "undecodable-path", BAD_REQUEST, "Bad request";
    /// The request is for a host of another name.
    Misdirected = "misdirected", MISDIRECTED_REQUEST, "Misdirected request";
    /// The request names no host.
    NoHost = "no-host", BAD_REQUEST, "Bad request";
    /// The request names more than one host.
    TwoHosts = "two-hosts", BAD_REQUEST, "Bad request";
    /// A page of another site sent the request.
    CrossSite = "cross-site", FORBIDDEN, "Sent by another site";
    /// A change that a cookie stands for does not say which page asked for it.
    UnsaidOrigin = "unsaid-origin", FORBIDDEN, "Origin not said";
    /// The session is over.
    SessionOver = "session-over", UNAUTHORIZED, "Not logged in";
    /// What the caller showed is no token.
    UnreadableCredentials = "unreadable-credentials", UNAUTHORIZED, "Not identified";
    /// The token has a wrong character.
    BrokenToken = "broken-token", UNAUTHORIZED, "Not identified";
    /// Nobody has the token.
    UnknownToken = "unknown-token", UNAUTHORIZED, "Not identified";
    /// The token was revoked.
    RevokedToken = "revoked-token", UNAUTHORIZED, "Not identified";
    /// The key has ended by itself.
    KeyOver = "key-over", UNAUTHORIZED, "Not identified";
    /// A token of a trusted issuer that is not taken.
    ForeignToken = "foreign-token", UNAUTHORIZED, "Not identified";
    /// What was shown is good, and no app trusts it.
    NotTrusted = "not-trusted", UNAUTHORIZED, "Not identified";
    /// The certificate has ended, or its authority vouches for it no more.
    CertificateOver = "certificate-over", UNAUTHORIZED, "Not identified";
    /// The caller does not prove that they hold the key of their token.
    NotProved = "not-proved", UNAUTHORIZED, "Not identified";
    /// The proof has no nonce of this node.
    UseNonce = "use-nonce", UNAUTHORIZED, "Not identified";
    /// The key is for something else.
    BeyondScope = "beyond-scope", FORBIDDEN, "Not with this key";
    /// The caller is on another machine and showed nothing.
    NoToken = "no-token", UNAUTHORIZED, "Not identified";
    /// This node cannot tell who is calling.
    CallerNotLookedUp = "caller-not-looked-up", SERVICE_UNAVAILABLE, "Fanlight cannot serve now";
    /// The head is over a limit.
    HeadTooLarge = "head-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "Too large";
    /// The head did not come in time.
    HeadTooSlow = "head-too-slow", REQUEST_TIMEOUT, "Too slow";
    /// What came is not HTTP/1.1.
    MalformedHead = "malformed-head", BAD_REQUEST, "Bad request";
    /// Plain HTTP came where TLS is spoken.
    PlainHttp = "plain-http", BAD_REQUEST, "Bad request";
    /// The caller asks more often than their pace allows.
    TooOften = "too-often", TOO_MANY_REQUESTS, "Too many calls";
}

impl From<&IdentifyError> for Fault {
    fn from(error: &IdentifyError) -> Self {
        match error {
            IdentifyError::Malformed(_) => Self::UnreadableCredentials,
            IdentifyError::BadChecksum => Self::BrokenToken,
            IdentifyError::Unknown => Self::UnknownToken,
            IdentifyError::Revoked => Self::RevokedToken,
            IdentifyError::Over => Self::KeyOver,
            IdentifyError::NotProved(_) => Self::NotProved,
            IdentifyError::UseNonce(_) => Self::UseNonce,
            IdentifyError::Foreign(_) => Self::ForeignToken,
            IdentifyError::NotTrusted => Self::NotTrusted,
            IdentifyError::CertificateOver => Self::CertificateOver,
            IdentifyError::SessionOver => Self::SessionOver,
            IdentifyError::NotLoopback => Self::NoToken,
            IdentifyError::Store(_) | IdentifyError::Seal(_) | IdentifyError::IssuerSilent => Self::CallerNotLookedUp,
        }
    }
}

/// A request that gets no further, with what is known of it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) fault: Fault,
    /// The action of the route asked for, where there is one.
    pub(crate) attempted: Option<Action>,
    pub(crate) facts: Facts,
    /// The nonce to make the next proof with.
    nonce: Option<String>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, attempted: None, facts: Facts::new().with("fault", fault.as_str()), nonce: None }
    }
}

impl Refused {
    /// None of the methods that a path has routes for.
    pub(crate) fn wrong_method<'m>(methods: impl Iterator<Item = &'m Method>) -> Self {
        let mut allowed: Vec<_> = methods.map(Method::as_str).collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        allowed.sort_unstable();
        let mut refused = Self::from(Fault::WrongMethod);
        refused.facts.set("allowed", allowed.join(", ").as_str());
        refused
    }

    /// The part of that name, as its route has it.
    pub(crate) fn undecodable(part: &str) -> Self {
        let mut refused = Self::from(Fault::UndecodablePath);
        refused.facts.set("part", part);
        refused
    }

    /// With a key that is for `scopes`, where another scope is needed.
    pub(crate) fn beyond(scopes: Scopes, needed: Scope) -> Self {
        let mut refused = Self::from(Fault::BeyondScope);
        refused.facts.set("scopes", scopes.to_string().as_str());
        refused.facts.set("needed", needed.as_str());
        refused
    }

    /// So many calls more than a pace allows.
    pub(crate) fn too_often(calls: u64, pace: AllowedPace) -> Self {
        let long = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let mut refused = Self::from(Fault::TooOften);
        refused.facts.set("calls", long(calls));
        refused.facts.set("limit_calls", long(pace.at_once.into()));
        refused.facts.set("limit_calls_a_second", long(pace.a_second));
        refused
    }

    /// With what the error says beside what it is: the nonce that the caller needs, or what is wrong with their token.
    pub(crate) fn because(mut self, error: &IdentifyError) -> Self {
        match error {
            IdentifyError::UseNonce(nonce) => self.nonce = Some(nonce.clone()),
            IdentifyError::Foreign(because) => {
                self.facts.set("because", because.as_str());
            }
            _ => {}
        }
        self
    }

    /// On the way to a route of that action.
    pub(crate) fn attempting(mut self, action: Action) -> Self {
        self.attempted = Some(action);
        self.facts.set("attempted", action.as_str());
        self
    }

    /// With the request's method, which a client may make up, so only a standard one is named.
    pub(crate) fn by(mut self, method: &Method) -> Self {
        let known = matches!(
            *method,
            Method::GET
                | Method::HEAD
                | Method::POST
                | Method::PUT
                | Method::DELETE
                | Method::PATCH
                | Method::OPTIONS
                | Method::CONNECT
                | Method::TRACE
        );
        self.facts.set("method", if known { method.as_str() } else { "other" });
        self
    }

    /// What the caller is told, by the decision on [`ENTER`].
    pub(crate) fn problem(&self, decision: &Decision) -> Problem {
        let Self { fault, facts, nonce, .. } = self;
        let reason = sentence(&decision.reason(facts));
        let problem = Problem::new(fault.status(), fault.as_str(), fault.title(), reason)
            .advice(decision.advice(facts).as_deref().map(sentence))
            .policies(&decision.policies);
        // What HTTP asks for beside the words (RFC 9110, sections 10.2.1, 10.2.3 and 11.6.1).
        if let Some(Fact::Text(needed)) = facts.get("needed") {
            // What OAuth 2 has for it (RFC 6750, section 3.1). Scopes are words of ours, so they are a header's text.
            let challenge = format!("Bearer realm=\"fanlight\", error=\"insufficient_scope\", scope=\"{needed}\"");
            return match HeaderValue::from_str(&challenge) {
                Ok(challenge) => problem.header(header::WWW_AUTHENTICATE, challenge),
                Err(_) => problem,
            };
        }
        let challenge = match fault {
            // As RFC 9449 has it, sections 7.1 and 9.
            Fault::NotProved => Some("DPoP realm=\"fanlight\", error=\"invalid_dpop_proof\""),
            Fault::UseNonce => Some("DPoP realm=\"fanlight\", error=\"use_dpop_nonce\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            let problem = problem.header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            let nonce = nonce.as_deref().and_then(|nonce| HeaderValue::from_str(nonce).ok());
            return match nonce {
                Some(nonce) => problem.header(DPOP_NONCE, nonce),
                None => problem,
            };
        }
        match (fault.status(), facts.get("allowed")) {
            (StatusCode::UNAUTHORIZED, _) => problem.header(header::WWW_AUTHENTICATE, CHALLENGE),
            (StatusCode::SERVICE_UNAVAILABLE, _) => problem.header(header::RETRY_AFTER, RETRY_SECONDS.into()),
            (_, Some(Fact::Text(allowed))) => match HeaderValue::from_str(allowed) {
                Ok(allowed) => problem.header(header::ALLOW, allowed),
                Err(_) => problem,
            },
            _ => problem,
        }
    }
}

impl From<Unread> for Refused {
    fn from(unread: Unread) -> Self {
        let long = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        match unread {
            Unread::TooLarge => {
                let mut refused = Self::from(Fault::HeadTooLarge);
                refused.facts.set("limit_bytes", long(limits::REQUEST_HEAD_BYTES));
                refused.facts.set("limit_headers", long(limits::REQUEST_HEADERS));
                refused
            }
            Unread::TooSlow(limit) => {
                let mut refused = Self::from(Fault::HeadTooSlow);
                refused.facts.set("limit_seconds", i64::try_from(limit.as_secs()).unwrap_or(i64::MAX));
                refused
            }
            Unread::Malformed(detail) => {
                let mut refused = Self::from(Fault::MalformedHead);
                refused.facts.set("detail", detail.as_str());
                refused
            }
            Unread::Plain => Fault::PlainHttp.into(),
        }
    }
}

/// The decision as it counts: there is nothing behind the gate that a permit could open, so what no policy stops is
/// denied all the same.
pub(crate) fn never_allowed(decision: &Decision) -> Option<Decision> {
    decision.is_allowed().then(|| Decision {
        outcome: Outcome::Deny,
        reason_template: "this request leads nowhere, so no policy can let it in: {fault}".into(),
        ..decision.clone()
    })
}

impl Context {
    /// Records that this request, or so many like it by its caller, goes no further, being more than their pace allows.
    pub fn record_too_often(&self, calls: u64, pace: AllowedPace) -> Result<Recorded, CannotRecord> {
        let facts = Refused::too_often(calls, pace).attempting(self.action).facts;
        let facts = facts.with("loopback", self.peer.address.ip().to_canonical().is_loopback());
        let mut judged = self.decide_as(ENTER, Resource::new("Node", "this"), facts);
        if let Some(denied) = never_allowed(&judged.decision) {
            judged.decision = Arc::new(denied);
        }
        self.record(judged)
    }
}

/// How often one caller may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedPace {
    /// So many calls a second in the long run.
    pub a_second: u64,
    /// And so many at once.
    pub at_once: u32,
}

impl Recorded {
    /// The answer to a call too many: with the words of the decision, and when to ask again.
    pub fn too_often(self, wait: Duration) -> Answer {
        let refused = Refused { facts: self.facts.clone(), ..Refused::from(Fault::TooOften) };
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        let problem = refused.problem(&self.decision).header(header::RETRY_AFTER, HeaderValue::from(seconds));
        self.problem(problem)
    }
}

#[cfg(test)]
mod tests;
