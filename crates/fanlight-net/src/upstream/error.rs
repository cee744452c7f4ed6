//! What can go wrong with an upstream, in words that show no credential and no query.

use std::fmt;
use std::time::Duration;

use fanlight_base::{Fault, limits};
use http::StatusCode;
use url::Url;

use super::address::Shown;
use super::inward::OnlyInward;

/// Something that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {kind}")]
pub struct UpstreamError {
    /// What of the address may be shown.
    pub url: Shown,
    /// What went wrong.
    pub kind: UpstreamErrorKind,
    /// The cause, for the log.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What went wrong with an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamErrorKind {
    /// No connection: no such host, nobody listening, no route.
    #[error("the upstream cannot be reached")]
    Connect,
    /// TLS failed: a certificate that is not trusted, not for this host, or over.
    #[error("the upstream's certificate or TLS is not accepted: {0}")]
    Tls(String),
    /// It took too long.
    #[error("the upstream took too long: {what} within {} seconds", limit.as_secs_f32())]
    Timeout {
        /// What did not come.
        what: Waited,
        /// The time allowed.
        limit: Duration,
    },
    /// Too many redirects.
    #[error("the upstream redirected more than {} times", limits::UPSTREAM_REDIRECTS)]
    Redirects,
    /// A redirect that is not followed.
    #[error("the upstream redirects, but {why}")]
    BadRedirect {
        /// Why it is not followed.
        why: &'static str,
    },
    /// It leads into the network that this node stands in, and is not of it.
    #[error("the upstream leads to an address inside this network, where an upstream outside may not lead")]
    Inward,
    /// A status that is not an answer to the question.
    #[error("the upstream answered {0}")]
    Status(StatusCode),
    /// Too many bytes.
    #[error("the upstream's answer has more than the {limit} bytes allowed{}", if *compressed { " once decompressed" } else { "" })]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
        /// Whether it was small on the wire and grew when decompressed.
        compressed: bool,
    },
    /// The connection broke before the answer was whole.
    #[error("the connection to the upstream broke before the answer was whole")]
    Cut,
    /// Compressed bytes that cannot be read.
    #[error("the upstream's answer cannot be decompressed: {0}")]
    Decode(&'static str),
    /// Not an answer of HTTP.
    #[error("the upstream's answer is not valid HTTP")]
    Malformed,
    /// An address that cannot be fetched.
    #[error("this address cannot be fetched: {why}")]
    BadUrl {
        /// Why.
        why: &'static str,
    },
}

/// What was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// A connection.
    Connection,
    /// The head of an answer.
    Answer,
    /// More bytes of an answer.
    Bytes,
    /// A page whole.
    Page,
}

impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "no connection",
            Self::Answer => "no answer",
            Self::Bytes => "no further bytes",
            Self::Page => "the page was not complete",
        })
    }
}

impl UpstreamErrorKind {
    /// The error at an address.
    pub fn at(self, url: &Url) -> UpstreamError {
        UpstreamError { url: Shown::of(url), kind: self, cause: None }
    }
}

impl UpstreamError {
    /// Whether a deadline passed.
    pub const fn is_late(&self) -> bool {
        matches!(self.kind, UpstreamErrorKind::Timeout { .. })
    }

    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self.kind {
            UpstreamErrorKind::BadUrl { .. } => Fault::Caller,
            _ => Fault::Upstream,
        }
    }

    /// A request that did not get as far as an answer's head.
    pub(super) fn sending(url: &Url, cause: reqwest::Error, connect: Duration) -> Self {
        let kind = if find::<OnlyInward>(&cause).is_some() {
            UpstreamErrorKind::Inward
        } else if cause.is_connect() && cause.is_timeout() {
            UpstreamErrorKind::Timeout { what: Waited::Connection, limit: connect }
        } else if let Some(tls) = find::<rustls::Error>(&cause) {
            UpstreamErrorKind::Tls(tls.to_string())
        } else if cause.is_connect() {
            UpstreamErrorKind::Connect
        } else if cause.is_builder() {
            UpstreamErrorKind::BadUrl { why: "it cannot be put into a request" }
        } else if find::<hyper::Error>(&cause).is_some_and(hyper::Error::is_parse) {
            UpstreamErrorKind::Malformed
        } else {
            UpstreamErrorKind::Cut
        };
        Self::caused(kind, url, cause)
    }

    /// A body that broke off.
    pub(super) fn cut(url: &Url, cause: reqwest::Error) -> Self {
        Self::caused(UpstreamErrorKind::Cut, url, cause)
    }

    fn caused(kind: UpstreamErrorKind, url: &Url, cause: reqwest::Error) -> Self {
        // The cause names the whole address, query included: it goes without.
        Self { url: Shown::of(url), kind, cause: Some(Box::new(cause.without_url())) }
    }
}

/// The first cause of a type, however deep.
fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // An io::Error shows its inner error's source, not the inner error itself.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
