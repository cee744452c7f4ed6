//! Which requests are meant for this node, and come from no page of another site.
//!
//! A web page that a person has open can send requests to a node on that person's machine. Where the page's own name was
//! made to lead to this machine (DNS rebinding), it could even read the answers; the browser then names that page's
//! host. Refuses to know routes and callers, and the words for what it refuses.

use std::net::{IpAddr, Ipv6Addr};

use fanlight_net::Peer;
use http::{HeaderName, HeaderValue, Method, Request, Version, header};

use crate::enter::Fault;
use crate::shown::SEC_FETCH_SITE;

/// The names under which a node answers. Any address is answered, too, because a name is needed for rebinding; and any
/// port, because a tunnel to a node has another one.
#[derive(Debug, Clone)]
pub struct Hosts(Option<Vec<Box<str>>>);

impl Hosts {
    /// `localhost`, every address, and `names`.
    pub fn named(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter().filter(|name| !name.is_empty()).map(String::into_boxed_str);
        Self(Some(names.chain(["localhost".into()]).collect()))
    }

    /// Whatever name is asked for.
    pub const fn any() -> Self {
        Self(None)
    }

    /// Refuses what is not meant for this node or sent by a page of another site.
    pub(crate) fn check<B>(&self, peer: &Peer, request: &Request<B>) -> Result<(), Fault> {
        // Browsers say whether a page of another site sends a request (Fetch Metadata); clients of packages say nothing.
        let site = request.headers().get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
        if matches!(site, Some(b"cross-site" | b"same-site")) && !is_visit(request) {
            return Err(Fault::CrossSite);
        }
        let Some(names) = &self.0 else { return Ok(()) };
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (host, more) = (hosts.next(), hosts.next());
        let authority = request.uri().authority();
        if more.is_some() {
            return Err(Fault::TwoHosts);
        }
        if host.is_none() && authority.is_none() {
            // HTTP/1.0 knows no Host, and no browser speaks it; later versions must name one (RFC 9112, section 3.2).
            let may = request.version() <= Version::HTTP_10 && peer.address.ip().to_canonical().is_loopback();
            return if may { Ok(()) } else { Err(Fault::NoHost) };
        }
        let is_known = |text: &[u8]| is_known(names, text);
        let known = host.is_none_or(|host| is_known(host.as_bytes()))
            && authority.is_none_or(|authority| is_known(authority.as_str().as_bytes()));
        if known { Ok(()) } else { Err(Fault::Misdirected) }
    }
}

/// Whether another site only leads a browser here, as a link in a mail or a provider at which somebody logged in does: the page
/// is shown by itself, and the other site sees nothing of it.
fn is_visit<B>(request: &Request<B>) -> bool {
    let says =
        |name: &HeaderName, what: &[u8]| request.headers().get(name).is_some_and(|value| value.as_bytes() == what);
    request.method() == Method::GET && says(&SEC_FETCH_MODE, b"navigate") && says(&SEC_FETCH_DEST, b"document")
}

/// Whether it is one, and so may open pages and nothing else.
pub(crate) fn is_visit_from_elsewhere<B>(request: &Request<B>) -> bool {
    let site = request.headers().get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    matches!(site, Some(b"cross-site" | b"same-site"))
}

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What proxies add to the requests that they pass on (RFC 7239, RFC 9110 section 7.6.3, and what came before them).
const PASSED_ON: [HeaderName; 5] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether a request was made on this machine, as far as it can be seen: it comes from loopback, asks for loopback, and no
/// proxy says that it passed it on. The host is what a caller likes to say; a proxy that does not say it is one cannot be
/// told apart from a client here; see THREATS.md.
pub(crate) fn is_from_here<B>(peer: &Peer, request: &Request<B>) -> bool {
    let headers = request.headers();
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str().as_bytes()));
    peer.address.ip().to_canonical().is_loopback()
        && host.is_none_or(is_loopback)
        && !PASSED_ON.iter().any(|name| headers.contains_key(name))
}

/// Whether `host`, with or without a port, is `localhost` or a loopback address.
fn is_loopback(host: &[u8]) -> bool {
    name_of(host).is_some_and(|name| {
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    })
}

/// Whether `host`, with or without a port, is an address or one of the names. Allocates nothing.
fn is_known(names: &[Box<str>], host: &[u8]) -> bool {
    name_of(host).is_some_and(|name| {
        name.parse::<IpAddr>().is_ok() || names.iter().any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// The name or address in a host, without brackets and port. None where it is no host.
fn name_of(host: &[u8]) -> Option<&str> {
    let host = std::str::from_utf8(host).ok()?;
    if let Some(rest) = host.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_whole = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return (is_whole && address.parse::<Ipv6Addr>().is_ok()).then_some(address);
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    is_port(port).then_some(name)
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
