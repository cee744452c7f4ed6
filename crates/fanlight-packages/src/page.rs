//! A page as it goes out: bytes with a tag, the same for all whose verdicts are equal.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use fanlight_net::Body;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use ring::digest;

use fanlight_net::conditional::has_it;

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The body.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes, from the body alone (RFC 9110 section 8.8.3).
    pub etag: Arc<str>,
}

impl Page {
    /// A page of these bytes.
    pub fn of(bytes: Vec<u8>) -> Self {
        let digest = digest::digest(&digest::SHA256, &bytes);
        let mut etag = String::with_capacity(34);
        etag.push('"');
        for byte in &digest.as_ref()[..16] {
            let _ = write!(etag, "{byte:02x}");
        }
        etag.push('"');
        // Exactly as large as it is: what was set aside while writing would be kept for as long as the page.
        Self { bytes: bytes.into_boxed_slice().into(), etag: etag.into() }
    }

    /// The answer that carries it, or says that the client has it. `vary` are the headers that the page depends on.
    pub fn response(&self, content_type: &'static str, vary: &'static str, headers: &HeaderMap) -> Response<Body> {
        let mut response = if has_it(headers, &self.etag) {
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            Response::new(Body::Full(self.bytes.clone()))
        };
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer.insert(header::VARY, HeaderValue::from_static(vary));
        // Clients keep it and ask each time whether it still holds: a hold may have ended.
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            answer.insert(header::ETAG, etag);
        }
        response
    }
}
