//! Addresses of upstreams: which are allowed, what of them may be shown, and whose credentials they carry.

use std::fmt;

use http::HeaderValue;
use url::{Host, Url};

use super::error::{UpstreamError, UpstreamErrorKind};

/// The most characters of an address in a message.
const SHOWN: usize = 200;

/// What of an address may be shown: host, port and path; no credentials, no query, no fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// The part of `url` that may be shown.
    pub fn of(url: &Url) -> Self {
        let mut text = url.host_str().unwrap_or_default().to_owned();
        if let Some(port) = url.port() {
            text.push_str(&format!(":{port}"));
        }
        text.push_str(url.path());
        if text.len() > SHOWN {
            // A parsed URL is ASCII, so any byte is a character's edge.
            text.truncate(SHOWN);
            text.push_str("...");
        }
        Self(text)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user and password for one origin (scheme, host, port).
pub(super) struct Credentials {
    origin: url::Origin,
    header: HeaderValue,
}

impl Credentials {
    pub(super) fn are_for(&self, url: &Url) -> bool {
        self.origin == url.origin()
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

/// Takes an address apart into itself without credentials or fragment, and the credentials. Refuses what is not http(s).
pub(super) fn split(url: &Url) -> Result<(Url, Option<Credentials>), UpstreamError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UpstreamErrorKind::BadUrl { why: "it is neither http nor https" }.at(url));
    }
    let bare = without_credentials(url);
    if url.username().is_empty() && url.password().is_none() {
        return Ok((bare, None));
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decode(url.username());
    pair.push(b':');
    pair.extend(decode(url.password().unwrap_or_default()));
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &pair);
    let mut header = HeaderValue::try_from(format!("Basic {encoded}"))
        .map_err(|_| UpstreamErrorKind::BadUrl { why: "its user and password cannot be sent" }.at(url))?;
    header.set_sensitive(true);
    Ok((bare, Some(Credentials { origin: url.origin(), header })))
}

/// The address without user, password and fragment.
pub fn without_credentials(url: &Url) -> Url {
    let mut bare = url.clone();
    // Both fail only for addresses that cannot have them.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_fragment(None);
    bare
}

/// Gives `url` the user and password of `base` where both have the same origin: links in a page name none.
pub fn lend_credentials(base: &Url, url: &mut Url) {
    if base.origin() == url.origin() && url.username().is_empty() && url.password().is_none() {
        let _ = url.set_username(base.username());
        let _ = url.set_password(base.password());
    }
}

/// Whether an address is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}
