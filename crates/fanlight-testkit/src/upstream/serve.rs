//! The upstream's listener and how it answers: the catalogue's truth first, then whatever fault the path carries.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::runtime::Runtime;

use super::{Inner, Seen};
use crate::body::{Step, Steps};
use crate::fault::Fault;
use crate::release::normalized;
use crate::{archive, page};

/// Listens on `address` in a runtime of its own.
pub(super) fn listen(inner: &Arc<Mutex<Inner>>, address: SocketAddr) -> (Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime for the upstream");
    let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).expect("a port on loopback");
    let bound = listener.local_addr().expect("a bound address");
    let inner = Arc::clone(inner);
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let inner = Arc::clone(&inner);
            let service = service_fn(move |request| answer(Arc::clone(&inner), request));
            tokio::spawn(async move {
                let mut http = hyper::server::conn::http1::Builder::new();
                http.timer(TokioTimer::new());
                // A cut body ends the connection with an error; that is what the test asked for.
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (runtime, bound)
}

async fn answer(inner: Arc<Mutex<Inner>>, request: Request<Incoming>) -> Result<Response<Steps>, Infallible> {
    let path = request.uri().path().to_owned();
    let (good, fault) = {
        let inner = inner.lock();
        (truth(&inner, request.method(), &path, request.headers()), inner.faults.get(&path).cloned())
    };
    if let Some(Fault::Delay(time)) = fault {
        tokio::time::sleep(time).await;
    }
    let response = match fault {
        Some(fault) => faulty(&path, good, fault),
        None => whole(good),
    };
    let text = |name| request.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or("").to_owned();
    inner.lock().seen.push(Seen {
        method: request.method().to_string(),
        path,
        accept: text(header::ACCEPT),
        authorization: text(header::AUTHORIZATION),
        conditional: request.headers().contains_key(header::IF_NONE_MATCH),
        status: response.status().as_u16(),
    });
    Ok(response)
}

/// An answer before any fault.
struct Good {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Good {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Self { status, headers, body: body.into() }
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }
}

fn truth(inner: &Inner, method: &Method, path: &str, headers: &HeaderMap) -> Good {
    let not_found = || Good::new(StatusCode::NOT_FOUND, "text/plain", "no such thing at this upstream\n");
    if method != Method::GET && method != Method::HEAD {
        return Good::new(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET and HEAD\n");
    }
    let parts: Vec<_> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["simple", ""] if wants_json(inner, headers) => tagged(page::JSON, page::list_json(&inner.catalogue), headers),
        ["simple", ""] => tagged(page::HTML, page::list_html(&inner.catalogue), headers),
        ["simple", name, ""] if normalized(name) != *name => {
            let to = format!("/simple/{}/", normalized(name));
            Good::new(StatusCode::MOVED_PERMANENTLY, "text/plain", "").with(header::LOCATION, &to)
        }
        ["simple", name, ""] => match inner.catalogue.projects.get(*name) {
            Some(project) if wants_json(inner, headers) => {
                tagged(page::JSON, page::project_json(name, project, &inner.base), headers)
            }
            Some(project) => tagged(page::HTML, page::project_html(name, project), headers),
            None => not_found(),
        },
        ["files", name, file] => {
            let file = page::unescaped(file);
            let wheel = file.strip_suffix(".metadata").and_then(|of| inner.catalogue.file(name, of));
            match (inner.catalogue.file(name, &file), wheel.and_then(|wheel| wheel.metadata.clone())) {
                (Some(file), _) => Good::new(StatusCode::OK, "application/octet-stream", file.bytes.clone()),
                (None, Some(metadata)) => Good::new(StatusCode::OK, "application/octet-stream", metadata),
                (None, None) => not_found(),
            }
        }
        ["feeds", name] => match inner.feeds.get(*name) {
            Some(archive) => tagged("application/zip", archive.clone(), headers),
            None => not_found(),
        },
        ["npm", rest @ ..] => npm(inner, &rest.join("/"), headers).unwrap_or_else(not_found),
        ["cargo", "config.json"] => {
            let config = serde_json::json!({"dl": format!("{}/crates", inner.base), "api": inner.base});
            Good::new(StatusCode::OK, "application/json", config.to_string())
        }
        ["cargo", .., name] => match inner.crates.get(*name) {
            Some(known) => tagged("text/plain", known.file(), headers),
            None => not_found(),
        },
        ["crates", name, version, "download"] => {
            match inner.crates.get(&name.to_lowercase()).and_then(|known| known.archives.get(*version)) {
                Some(archive) => Good::new(StatusCode::OK, "application/gzip", archive.clone()),
                None => not_found(),
            }
        }
        _ => not_found(),
    }
}

/// A packument, or an archive. Names come as `tool`, `@acme/tool` or `@acme%2ftool`.
fn npm(inner: &Inner, path: &str, headers: &HeaderMap) -> Option<Good> {
    let path = page::unescaped(path);
    if let Some((name, file)) = path.split_once("/-/") {
        let listed = inner.packages.get(name)?.archive(name, file)?;
        return Some(Good::new(StatusCode::OK, "application/octet-stream", listed.bytes.clone()));
    }
    let packument = inner.packages.get(&path)?.packument(&path, &format!("{}/npm", inner.base));
    Some(tagged("application/json", packument, headers))
}

fn wants_json(inner: &Inner, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    !inner.html_only && accept.contains("vnd.pypi.simple.v1+json")
}

fn tagged(kind: &'static str, body: impl Into<Bytes>, headers: &HeaderMap) -> Good {
    let body = body.into();
    let tag = format!("\"{}\"", &crate::release::sha256(&body)[..16]);
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let good = if same { Good::new(StatusCode::NOT_MODIFIED, kind, "") } else { Good::new(StatusCode::OK, kind, body) };
    good.with(header::ETAG, &tag).with(header::CACHE_CONTROL, "max-age=600, public").with(header::VARY, "Accept")
}

fn whole(good: Good) -> Response<Steps> {
    let body = Steps::whole(good.body);
    response(good.status, good.headers, body)
}

fn response(status: StatusCode, headers: HeaderMap, body: Steps) -> Response<Steps> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn faulty(path: &str, mut good: Good, fault: Fault) -> Response<Steps> {
    let length = good.body.len();
    match fault {
        Fault::Delay(_) => whole(good),
        Fault::CutAfter(sent) => {
            // The pause lets what was sent reach the reader before the connection breaks.
            let steps = [Step::Send(good.body.split_to(sent.min(length))), Step::Pause(BREATH), Step::Cut];
            response(good.status, good.headers, Steps::new(Some(length), steps.into_iter()))
        }
        Fault::StallAfter(sent) => {
            let steps = [Step::Send(good.body.split_to(sent.min(length))), Step::Pause(Duration::from_secs(3600))];
            response(good.status, good.headers, Steps::new(Some(length), steps.into_iter()))
        }
        Fault::Slow(piece, pause) => {
            let mut rest = good.body;
            let steps =
                std::iter::from_fn(move || (!rest.is_empty()).then(|| rest.split_to(piece.clamp(1, rest.len()))));
            let steps = steps.flat_map(move |bytes| [Step::Send(bytes), Step::Pause(pause)]);
            response(good.status, good.headers, Steps::new(Some(length), steps))
        }
        Fault::Status(status) => {
            let status = StatusCode::from_u16(status).expect("a status");
            whole(Good::new(status, "text/plain", "the upstream is not well\n"))
        }
        Fault::Refused(status, words) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let body = serde_json::json!({"type": "about:blank", "title": "Refused", "detail": words}).to_string();
            let mut response = whole(Good::new(status, "application/problem+json", body));
            response.extensions_mut().insert(ReasonPhrase::from_static(words.as_bytes()));
            response
        }
        Fault::Circle => {
            let to = if path.ends_with("/again/") { path.replace("/again/", "/") } else { format!("{path}again/") };
            whole(Good::new(StatusCode::FOUND, "text/plain", "").with(header::LOCATION, &to))
        }
        Fault::Redirect(to) => whole(Good::new(StatusCode::FOUND, "text/plain", "").with(header::LOCATION, &to)),
        Fault::ContentType(kind) => whole(good.with(header::CONTENT_TYPE, kind)),
        Fault::Bytes(bytes) => {
            good.body = bytes;
            // Also for a reader that asked only for what changed.
            good.status = StatusCode::OK;
            good.headers.remove(header::ETAG);
            whole(good)
        }
        Fault::Giant(megabytes) => {
            let head = r#"{"meta":{"api-version":"1.4"},"name":"giant","files":["#;
            let line = r#"{"filename":"giant-1.0-py3-none-any.whl","url":"giant-1.0-py3-none-any.whl","hashes":{}},"#;
            let piece = Bytes::from(line.repeat((1 << 20) / line.len()));
            let steps = std::iter::once(Step::Send(Bytes::from_static(head.as_bytes())));
            let steps = steps.chain(std::iter::repeat_n(piece, megabytes).map(Step::Send));
            let good = Good::new(StatusCode::OK, page::JSON, "");
            response(good.status, good.headers, Steps::new(None, steps))
        }
        Fault::Bomb(megabytes) => {
            let head = br#"{"meta":{"api-version":"1.4"},"name":"bomb","files":["#;
            let good = Good::new(StatusCode::OK, page::JSON, archive::gzip_bomb(head, megabytes));
            whole(good.with(header::CONTENT_ENCODING, "gzip"))
        }
    }
}

/// Long enough for loopback to carry what was sent.
const BREATH: Duration = Duration::from_millis(100);
