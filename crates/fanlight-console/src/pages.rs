//! The node's own pages: logging in, a link that opens once, one's own account.
//!
//! They are files in the binary and the same for everybody; what they show they ask the admin API for. Invariant: nothing
//! of them comes from elsewhere, nothing runs inline, and no other page may frame them.

use fanlight_gate::Routes;
use fanlight_net::Body;
use http::{HeaderValue, Response, header};

const WHY: &str = "a page that is the same for everybody and tells nothing; what it shows is asked for over /v1";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Address, media type, content.
const PAGES: [(&str, &str, &str); 9] = [
    ("/login", HTML, include_str!("../pages/login.html")),
    ("/welcome", HTML, include_str!("../pages/welcome.html")),
    ("/account", HTML, include_str!("../pages/account.html")),
    ("/pages/fanlight.css", CSS, include_str!("../pages/fanlight.css")),
    ("/pages/fanlight.js", SCRIPT, include_str!("../pages/fanlight.js")),
    ("/pages/passkeys.js", SCRIPT, include_str!("../pages/passkeys.js")),
    ("/pages/login.js", SCRIPT, include_str!("../pages/login.js")),
    ("/pages/welcome.js", SCRIPT, include_str!("../pages/welcome.js")),
    ("/pages/account.js", SCRIPT, include_str!("../pages/account.js")),
];

/// What the browser is told beside each page.
const HEADERS: [(header::HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The pages' routes.
pub fn routes() -> Routes {
    PAGES.into_iter().fold(Routes::new(), |table, (path, media_type, content)| {
        table.open(path, WHY, move || page(media_type, content))
    })
}

fn page(media_type: &'static str, content: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(content.as_bytes().to_vec()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}
