//! The one place where an error becomes an answer: `application/problem+json` (RFC 9457), and on HTTP/1.1 the same
//! words as the reason phrase, because pip and npm show nothing else.
//!
//! Who refuses chooses the status and the words; this file only says them. Text for the log never comes here.

use std::borrow::Cow;
use std::sync::Arc;

use fanlight_base::clock::rfc3339_millis;
use fanlight_base::{RequestId, Timestamp, limits, words};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::ext::ReasonPhrase;
use serde::Serialize;

use crate::body::Body;
use crate::upstream::{UpstreamError, UpstreamErrorKind};

#[cfg(test)]
mod tests;

/// The media type of a problem; uv shows a body only of exactly this type.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Which part of an answer the caller's client shows to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shows {
    /// The reason phrase, or title and detail of the body.
    #[default]
    Phrase,
    /// The body's member `error`, after a reason phrase that need not say the same again.
    ErrorMember,
    /// The body as it is, so it is plain text of at most [`limits::SHOWN_BODY_CHARACTERS`].
    Body,
}

/// The media type of words alone.
const PLAIN_TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A refusal or failure as the caller is told it.
#[derive(Debug)]
#[must_use]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: Cow<'static, str>,
    detail: String,
    advice: Option<String>,
    until: Option<Timestamp>,
    policies: Vec<Arc<str>>,
    headers: HeaderMap,
    shows: Shows,
}

/// The body, as RFC 9457 section 3 has it; `advice`, `until`, `policies`, `request` and `error` are extension members.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    policies: &'a [Arc<str>],
    request: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Problem {
    /// A problem of any status. `kind` is one word with hyphens and ends the problem's type URI; `title` is the same for
    /// all problems of the kind; `detail` says what happened to this request, in whole sentences.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            title: title.into(),
            detail: detail.into(),
            advice: None,
            until: None,
            policies: Vec::new(),
            headers: HeaderMap::new(),
            shows: Shows::default(),
        }
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "Bad request", detail)
    }

    /// 403: the policies deny it.
    pub fn denied(reason: impl Into<String>, advice: Option<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "denied", "Denied by policy", reason).advice(advice)
    }

    /// 403: the policies hold it, until a time where the hold ends by itself.
    pub fn held(reason: impl Into<String>, advice: Option<String>, until: Option<Timestamp>) -> Self {
        let mut problem = Self::new(StatusCode::FORBIDDEN, "held", "Held by policy", reason).advice(advice);
        problem.until = until;
        problem
    }

    /// 413: the request is too large.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
    }

    /// 502, or 504 where it was a matter of time: the upstream failed.
    pub fn upstream(error: &UpstreamError) -> Self {
        let late = matches!(error.kind, UpstreamErrorKind::Timeout { .. });
        let status = if late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
        Self::new(status, "upstream", "The upstream failed", format!("Fanlight could not fetch {error}."))
    }

    /// 503: this node cannot do its work now, above all record; `seconds` is when to ask again.
    pub fn unavailable(detail: impl Into<String>, seconds: u32) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Fanlight cannot serve now", detail)
            .header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 500: a fault of Fanlight. What it was is in the log under the request's id.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "A fault of Fanlight",
            "Something went wrong inside Fanlight; its log has the cause under this request's id.",
        )
    }

    /// The same problem under another status: uv shows the words of a 451 but not of a 403.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds the sentence that says what to do now.
    pub fn advice(mut self, advice: Option<String>) -> Self {
        self.advice = advice;
        self
    }

    /// Adds the policies that decided it.
    pub fn policies(mut self, policies: &[Arc<str>]) -> Self {
        self.policies = policies.to_vec();
        self
    }

    /// Writes it so that a client shows it which shows this part of an answer.
    pub fn shown_by(mut self, shows: Shows) -> Self {
        self.shows = shows;
        self
    }

    /// What happened to this request, in whole sentences.
    pub fn words(&self) -> String {
        self.detail.clone()
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// What a person is told: the detail and the advice.
    fn told(&self) -> String {
        match &self.advice {
            Some(advice) => format!("{} {advice}", self.detail),
            None => self.detail.clone(),
        }
    }

    /// The answer. Never kept by a cache, because what is refused now may be allowed in a minute.
    pub fn answer(self, request: RequestId) -> Response<Body> {
        let told = self.told();
        let json = Json {
            kind: format!("urn:fanlight:problem:{}", self.kind),
            title: &self.title,
            status: self.status.as_u16(),
            // uv shows title and detail and nothing else, so the advice stands in the detail too.
            detail: &told,
            advice: self.advice.as_deref(),
            until: self.until.map(rfc3339_millis),
            policies: &self.policies,
            request: request.to_string(),
            error: (self.shows == Shows::ErrorMember).then_some(&*told),
        };
        let (body, content_type) = match self.shows {
            Shows::Phrase | Shows::ErrorMember => (serde_json::to_vec(&json).unwrap_or_default(), PROBLEM_JSON),
            Shows::Body => (shortened(&told).into_bytes(), PLAIN_TEXT),
        };
        let phrase = match self.shows {
            Shows::ErrorMember => self.status.canonical_reason().unwrap_or_default().to_owned(),
            Shows::Phrase | Shows::Body => words::one_line_ascii(&told, limits::REASON_PHRASE_BYTES),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(phrase) = ReasonPhrase::try_from(phrase.into_bytes()) {
            response.extensions_mut().insert(phrase);
        }
        response
    }
}

/// The text as far as a client shows it.
fn shortened(text: &str) -> String {
    let most = limits::SHOWN_BODY_CHARACTERS;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
