//! A page as it goes out: bytes with a tag, the same for all whose verdicts are equal.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use fanlight_net::Body;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use ring::digest;

use fanlight_net::conditional::has_it;
use fanlight_net::packing::{gzip, takes_gzip};

/// A page, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The body.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes, from the body alone (RFC 9110 section 8.8.3).
    pub etag: Arc<str>,
    /// The same for who takes gzip, where that is smaller.
    packed: Option<Packed>,
}

/// Bytes packed with gzip. Other bytes, so another tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Packed {
    bytes: Bytes,
    etag: Arc<str>,
}

impl Page {
    /// A page of these bytes. Long ones take a moment: they are packed, too.
    pub fn of(bytes: Vec<u8>) -> Self {
        let digest = digest::digest(&digest::SHA256, &bytes);
        let mut tag = String::with_capacity(32);
        for byte in &digest.as_ref()[..16] {
            let _ = write!(tag, "{byte:02x}");
        }
        let packed = gzip(&bytes).map(|packed| Packed { bytes: tight(packed), etag: format!("\"{tag}-gzip\"").into() });
        Self { bytes: tight(bytes), etag: format!("\"{tag}\"").into(), packed }
    }

    /// Bytes that it takes in memory.
    pub fn held(&self) -> usize {
        self.bytes.len() + self.packed.as_ref().map_or(0, |packed| packed.bytes.len())
    }

    /// The answer that carries it, or says that the client has it. `vary` are the headers that the page depends on.
    pub fn response(&self, content_type: &'static str, vary: &'static str, headers: &HeaderMap) -> Response<Body> {
        let packed = self.packed.as_ref().filter(|_| takes_gzip(headers));
        let (bytes, etag) = packed.map_or((&self.bytes, &self.etag), |packed| (&packed.bytes, &packed.etag));
        // Whoever has the one form has what the other would tell, and is told by the tag they know it by.
        let forms = [Some(etag), Some(&self.etag), self.packed.as_ref().map(|packed| &packed.etag)];
        let had = forms.into_iter().flatten().find(|etag| has_it(headers, etag));
        let mut response = if had.is_some() {
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::Full(bytes.clone()));
            if packed.is_some() {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        };
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        answer.insert(header::VARY, HeaderValue::from_static(vary));
        // Clients keep it and ask each time whether it still holds: a hold may have ended.
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(etag) = HeaderValue::from_str(had.unwrap_or(etag)) {
            answer.insert(header::ETAG, etag);
        }
        response
    }
}

/// Exactly as large as it is: what was set aside while writing would be kept for as long as the page.
fn tight(bytes: Vec<u8>) -> Bytes {
    bytes.into_boxed_slice().into()
}

#[cfg(test)]
mod tests;
