//! The console's pages: what `web/` was built to, in the binary, and how it goes out.
//!
//! Owns validators, packed forms and what browsers are told of the pages, what to fetch next among it. Refuses to know what a
//! page shows: it asks the admin API for that. Invariant: the same bytes for everybody, nothing inline, nothing from elsewhere, in
//! no other page's frame.

use bytes::Bytes;
use fanlight_gate::Routes;
use fanlight_net::Body;
use fanlight_net::conditional::has_it;
use fanlight_net::packing::takes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

#[cfg(test)]
mod tests;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

const WHY: &str = "the console's files, the same for everybody; what they show is asked for over /v1";

/// Every address at which the console opens: the page itself knows which of its views is meant.
const VIEWS: [&str; 16] = [
    "/",
    "/inbox",
    "/inbox/{request}",
    "/requests",
    "/packages",
    "/packages/{*purl}",
    "/apps",
    "/apps/{*app}",
    "/activity",
    "/activity/{record}",
    "/policies",
    "/policies/{policy}",
    "/people",
    "/people/{person}",
    "/setup",
    "/setup/{topic}",
];

/// What is shown where the console was not built.
static NOT_BUILT: File = File {
    path: "/index.html",
    media_type: "text/html; charset=utf-8",
    tag: "\"not-built\"",
    whole: include_bytes!("not_built.html"),
    gzip: None,
    brotli: None,
};

/// A file of the console.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root: `/assets/index-4fZ1.js`.
    path: &'static str,
    /// As in its `content-type`.
    media_type: &'static str,
    /// Its validator, in quotes.
    tag: &'static str,
    /// The bytes.
    whole: &'static [u8],
    /// The same by gzip, where that is smaller.
    gzip: Option<&'static [u8]>,
    /// The same by brotli (RFC 7932), which is smaller still.
    brotli: Option<&'static [u8]>,
}

/// What the browser is told beside each file. Markup is made by one policy alone, the one of the library that renders.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types svelte-trusted-html",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The console's routes.
pub fn routes() -> Routes {
    let page = FILES.iter().find(|file| file.path == "/index.html").unwrap_or(&NOT_BUILT);
    let table = VIEWS.into_iter().fold(Routes::new(), |table, view| {
        let needs = needed_by(view);
        table.open_in_forms(view, WHY, move |asked| {
            let mut response = page.answer(asked);
            if let Some(needs) = needs {
                response.headers_mut().insert(header::LINK, HeaderValue::from_static(needs));
            }
            response
        })
    });
    let others = FILES.iter().filter(|file| file.path != "/index.html");
    others.fold(table, |table, file| table.open_in_forms(file.path, WHY, move |asked| file.answer(asked)))
}

/// What a browser that opens this view will need besides what the page names, as a `Link` (RFC 8288): it need not run the page's
/// script first to learn of it.
fn needed_by(view: &str) -> Option<&'static str> {
    let name = view.split('/').nth(1).filter(|name| !name.is_empty()).unwrap_or("today");
    NEEDED.iter().find(|(of, _)| *of == name).map(|(_, needs)| *needs)
}

impl File {
    fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        let headers = response.headers_mut();
        headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        // A name with its content's hash in it never means anything else; the page itself is asked for anew each time.
        let kept = if self.path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(header::ETAG, HeaderValue::from_static(self.tag));
        let forms = [("br", self.brotli), ("gzip", self.gzip)];
        if forms.iter().any(|(_, bytes)| bytes.is_some()) {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if has_it(asked, self.tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        let packed =
            forms.into_iter().find_map(|(coding, bytes)| Some((coding, bytes.filter(|_| takes(asked, coding))?)));
        if let Some((coding, _)) = packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        *response.body_mut() = Body::Full(Bytes::from_static(packed.map_or(self.whole, |(_, bytes)| bytes)));
        response
    }
}
