//! Which requests are meant for this node, and come from no page of another site.
//!
//! A web page that a person has open can send requests to a node on that person's machine. Where the page's own name was
//! made to lead to this machine (DNS rebinding), it could even read the answers; the browser then names that page's
//! host. Refuses to know routes and callers. Invariant: what is refused here was not looked at further and is not recorded.

use std::net::{IpAddr, Ipv6Addr};

use fanlight_net::{Peer, Problem};
use http::{HeaderMap, HeaderName, Request, StatusCode, Version, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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
    pub(crate) fn check<B>(&self, peer: &Peer, request: &Request<B>) -> Result<(), Box<Problem>> {
        same_site(request.headers())?;
        let Some(names) = &self.0 else { return Ok(()) };
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (host, more) = (hosts.next(), hosts.next());
        let authority = request.uri().authority();
        if more.is_some() {
            return Err(Box::new(Problem::bad_request("The request names more than one host.")));
        }
        if host.is_none() && authority.is_none() {
            // HTTP/1.0 knows no Host, and no browser speaks it; later versions must name one (RFC 9112, section 3.2).
            if request.version() <= Version::HTTP_10 && peer.address.ip().to_canonical().is_loopback() {
                return Ok(());
            }
            return Err(Box::new(Problem::bad_request("The request names no host.")));
        }
        let is_known = |text: &[u8]| is_known(names, text);
        if host.is_none_or(|host| is_known(host.as_bytes()))
            && authority.is_none_or(|authority| is_known(authority.as_str().as_bytes()))
        {
            return Ok(());
        }
        let problem = Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "misdirected",
            "Misdirected request",
            "The request is for a host whose name is not this node's.",
        );
        Err(Box::new(
            problem.advice(Some(
                "Use the address that `fanlight status` shows. A proxy before Fanlight must send that address as Host."
                    .into(),
            )),
        ))
    }
}

/// Browsers say whether a page of another site sends a request (Fetch Metadata); clients of packages say nothing.
fn same_site(headers: &HeaderMap) -> Result<(), Box<Problem>> {
    match headers.get(SEC_FETCH_SITE) {
        Some(site) if matches!(site.as_bytes(), b"cross-site" | b"same-site") => {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "cross-site",
                "Sent by another site",
                "A page of another site sent this request, and Fanlight answers no other site's pages.",
            );
            Err(Box::new(problem.advice(Some("Open the address directly, or use a package client.".into()))))
        }
        _ => Ok(()),
    }
}

/// Whether `host`, with or without a port, is an address or one of the names. Allocates nothing.
fn is_known(names: &[Box<str>], host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    is_port(port) && (name.parse::<IpAddr>().is_ok() || names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
