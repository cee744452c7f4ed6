//! What a request shows of its caller: a token in its header, else a session in its cookie.
//!
//! Refuses to know who that is. Invariants: nothing is taken from an address, where logs and histories would keep it; and a
//! change that a cookie alone stands for must come from one of the node's own pages.

use fanlight_credentials::session::{Change, Cookie, OriginFault, Origins, Transport};
use fanlight_identity::ShownProof;
use fanlight_net::Peer;
use fanlight_net::tls::ClientCertificate;
use http::{HeaderName, HeaderValue, Method, Request, header};
use url::Url;

use crate::enter::Fault;

const DPOP: HeaderName = HeaderName::from_static("dpop");
pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a request shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credentials<'r> {
    /// The value of `Authorization`. It counts alone where it is there.
    pub(crate) authorization: Option<&'r [u8]>,
    /// The secret of a session, or that its cookie cannot be read.
    pub(crate) session: Option<Result<&'r str, &'static str>>,
    /// The certificate of the connection. It counts where nothing else is shown.
    pub(crate) certificate: Option<&'r ClientCertificate>,
}

impl<'r> Credentials<'r> {
    /// Nothing.
    pub(crate) const NONE: Self = Self { authorization: None, session: None, certificate: None };

    pub(crate) fn of<B>(peer: &'r Peer, request: &'r Request<B>) -> Self {
        let headers = request.headers();
        let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
        if authorization.is_some() {
            return Self { authorization, ..Self::NONE };
        }
        let cookies = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
        let session = match Cookie::session(transport(peer)).read(cookies) {
            Ok(found) => found.map(Ok),
            Err(_) => Some(Err("the session's cookie is there twice, or the cookies are too long")),
        };
        let certificate = peer.certificate.as_deref().filter(|_| session.is_none());
        Self { authorization: None, session, certificate }
    }
}

/// How the browser reaches the node, as far as its cookies are concerned.
pub(crate) const fn transport(peer: &Peer) -> Transport {
    if peer.tls { Transport::Tls } else { Transport::PlainLoopback }
}

/// Whether the request only looks.
pub(crate) fn only_looks(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser sends it, and says so.
pub(crate) fn is_from_browser<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(SEC_FETCH_SITE)
}

/// The addresses under which a request may be known to whoever sent it: under the host that it asks for, which is one of the
/// node's. A proxy on this machine may have spoken TLS with the client, so a plain listener takes both schemes.
pub(crate) fn addresses<B>(peer: &Peer, request: &Request<B>) -> Vec<Url> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default();
    let schemes: &[&str] = if peer.tls { &["https"] } else { &["http", "https"] };
    let path = request.uri().path();
    schemes.iter().filter_map(|scheme| format!("{scheme}://{host}{path}").parse().ok()).collect()
}

/// What a request shows beside its token (RFC 9449).
pub(crate) fn proof<'r, B>(request: &'r Request<B>, by_scheme: bool, addresses: &'r [Url]) -> ShownProof<'r> {
    let mut shown = request.headers().get_all(DPOP).iter();
    let proof = match (shown.next(), shown.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.to_str().map_err(drop)),
        (Some(_), Some(_)) => Some(Err(())),
    };
    ShownProof { proof, by_scheme, method: request.method().as_str(), addresses }
}

/// Whether a change comes from one of the node's own pages.
pub(crate) fn is_of_own_page<B>(peer: &Peer, request: &Request<B>) -> Result<(), Fault> {
    let headers = request.headers();
    let own = addresses(peer, request);
    let change = Change {
        origin: headers.get(header::ORIGIN).map(HeaderValue::as_bytes),
        fetch_site: headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes),
    };
    Origins::of(&own).judge(change).map_err(|fault| match fault {
        OriginFault::Foreign => Fault::CrossSite,
        OriginFault::Silent => Fault::UnsaidOrigin,
    })
}
