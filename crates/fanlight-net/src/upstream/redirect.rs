//! Where an answer sends us on, and whether we go.

use http::StatusCode;
use http::header::LOCATION;
use reqwest::Response;
use url::Url;

use super::address::without_credentials;
use super::error::{UpstreamError, UpstreamErrorKind};

/// The next address, `None` where the answer is no redirect. Credentials in a redirect are dropped: the steward gave none
/// for there.
pub(super) fn target(from: &Url, response: &Response) -> Result<Option<Url>, UpstreamError> {
    use StatusCode as S;
    match response.status() {
        S::MOVED_PERMANENTLY | S::FOUND | S::SEE_OTHER | S::TEMPORARY_REDIRECT | S::PERMANENT_REDIRECT => {}
        _ => return Ok(None),
    }
    let refuse = |why| UpstreamErrorKind::BadRedirect { why }.at(from);
    let location = response.headers().get(LOCATION).ok_or_else(|| refuse("it does not say where to"))?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| refuse("where to is not readable text"))?;
    let next = from.join(location).map_err(|_| refuse("where to is not an address"))?;
    match (from.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => Ok(Some(without_credentials(&next))),
        ("https", "http") => Err(refuse("it leads from https down to http")),
        _ => Err(refuse("it leads to something that is neither http nor https")),
    }
}
