//! The client for upstreams: pages (small, decoded, conditional) and files (streamed, byte for byte).
//!
//! Refuses to know what the bytes mean. Invariants: only http and https, never from https down to http; at most
//! `limits::UPSTREAM_REDIRECTS` redirects; each wait has a deadline and each answer a size; credentials go to the host
//! they were given for and to no other, and are never shown; an upstream outside leads nowhere inside.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanlight_base::limits;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::{Client, Response};
use url::Url;

mod address;
mod client;
mod decode;
mod error;
mod file;
mod inward;
mod post;
mod redirect;
#[cfg(test)]
mod tests;

use decode::Decoder;

pub use address::{Shown, lend_credentials, without_credentials};
pub use client::BuildError;
pub use error::{UpstreamError, UpstreamErrorKind, Waited};
pub use file::FileStream;
pub use inward::is_inward;

/// How a client for upstreams is made; the defaults are those of [`fanlight_base::limits`].
#[derive(Debug, Clone)]
pub struct Options {
    /// A PEM file with roots to trust besides the system's, as `PIP_CERT` and `SSL_CERT_FILE` name one.
    pub extra_root: Option<PathBuf>,
    /// How long the upstream may take to accept a connection, TLS included.
    pub connect: Duration,
    /// How long the upstream may be silent.
    pub silence: Duration,
    /// How long a page may take, redirects included.
    pub page: Duration,
    /// Which addresses are inside the network that this node stands in.
    pub inward: fn(IpAddr) -> bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            extra_root: None,
            connect: limits::UPSTREAM_CONNECT_TIME,
            silence: limits::UPSTREAM_SILENCE_TIME,
            page: limits::UPSTREAM_PAGE_TIME,
            inward: is_inward,
        }
    }
}

/// A client for upstreams, with its connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Upstream(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Through the proxy that the environment names.
    through_proxy: Client,
    /// For loopback, where a proxy would be asked for its own machine.
    direct: Client,
    /// For what an upstream names: finds no name inside this network. What goes through a proxy is found by it.
    outward: Client,
    options: Options,
}

/// A page to fetch.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Where; a user and password in it are sent as Basic.
    pub url: Url,
    /// The media types wanted, as in the `Accept` header.
    pub accept: &'static str,
    /// By what the upstream knows the copy at hand; none where there is none.
    pub at_hand: Validators,
    /// The most bytes, after decompression; [`limits::INDEX_PAGE_BYTES`] for index pages.
    pub limit: usize,
}

/// What came of a page.
#[derive(Debug, Clone)]
pub enum PageAnswer {
    /// 304: the copy at hand is good.
    NotModified,
    /// The page.
    Page(Box<Page>),
    /// There is no such page: 404 or 410.
    Absent {
        /// Which of the two.
        status: StatusCode,
    },
}

/// A page as the upstream has it.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its bytes, decompressed.
    pub body: Bytes,
    /// Its media type. Headers that are not visible ASCII count as absent.
    pub content_type: Option<String>,
    /// By what the upstream knows it again.
    pub validators: Validators,
    /// Where it was found after redirects, without credentials: what relative links in it are relative to.
    pub final_url: Url,
}

/// By what an upstream knows a copy of ours again, as it sent them. Headers that are not visible ASCII count as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The ETag.
    pub etag: Option<String>,
    /// The Last-Modified.
    pub last_modified: Option<String>,
}

impl Validators {
    fn of(response: &Response) -> Self {
        Self { etag: text(response, &ETAG), last_modified: text(response, &LAST_MODIFIED) }
    }

    /// Says whether there were any. What cannot be sent back is left out: the answer then comes whole.
    fn put_into(&self, headers: &mut HeaderMap) -> bool {
        for (name, value) in [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.last_modified)] {
            if let Some(value) = value.as_ref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers.contains_key(IF_NONE_MATCH) || headers.contains_key(IF_MODIFIED_SINCE)
    }
}

fn text(response: &Response, name: &HeaderName) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn request_headers(accept: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    headers
}

impl Upstream {
    /// A client with the system's roots. Opens no connection.
    pub fn new(options: Options) -> Result<Self, BuildError> {
        let client::Clients { through_proxy, direct, outward } = client::build(&options)?;
        Ok(Self(Arc::new(Inner { through_proxy, direct, outward, options })))
    }

    /// Fetches a page whole. Statuses other than 200, 304 (where a copy is at hand), 404 and 410 are errors.
    pub async fn page(&self, request: PageRequest) -> Result<PageAnswer, UpstreamError> {
        let limit = self.0.options.page;
        let late = || UpstreamErrorKind::Timeout { what: Waited::Page, limit }.at(&request.url);
        tokio::time::timeout(limit, self.page_in_time(&request)).await.unwrap_or_else(|_| Err(late()))
    }

    /// Fetches a page whole from exactly where it is asked for, and follows no redirect: for what is trusted because of where it
    /// stands. `named_by` is what the steward named, which may have named the page's address. Every status but 200 is an error.
    pub async fn page_there(&self, request: &PageRequest, named_by: &Url) -> Result<Bytes, UpstreamError> {
        let limit = self.0.options.page;
        let late = || UpstreamErrorKind::Timeout { what: Waited::Page, limit }.at(&request.url);
        let there = async {
            let headers = request_headers(request.accept);
            let (at, _) = address::split(&request.url)?;
            let response = self.send_to(&at, named_by, headers).await?;
            if response.status().is_redirection() {
                let why = "what stands here is trusted for its address, so no other is asked";
                return Err(UpstreamErrorKind::BadRedirect { why }.at(&at));
            }
            if response.status() != StatusCode::OK {
                return Err(UpstreamErrorKind::Status(response.status()).at(&at));
            }
            self.whole(response, &at, request.limit).await
        };
        tokio::time::timeout(limit, there).await.unwrap_or_else(|_| Err(late()))
    }

    async fn whole(&self, mut response: Response, url: &Url, limit: usize) -> Result<Bytes, UpstreamError> {
        let encoding = response.headers().get(CONTENT_ENCODING).cloned();
        let expected = response.content_length();
        let mut decoder = Decoder::new(encoding.as_ref(), expected, limit).map_err(|kind| kind.at(url))?;
        while let Some(chunk) = self.chunk(&mut response, url).await? {
            decoder.take(&chunk).map_err(|kind| kind.at(url))?;
        }
        decoder.finish().map_err(|kind| kind.at(url))
    }

    async fn page_in_time(&self, request: &PageRequest) -> Result<PageAnswer, UpstreamError> {
        let mut headers = request_headers(request.accept);
        let conditional = request.at_hand.put_into(&mut headers);
        let (response, url) = self.get(&request.url, &request.url, headers).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if conditional => return Ok(PageAnswer::NotModified),
            status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => return Ok(PageAnswer::Absent { status }),
            status => return Err(UpstreamErrorKind::Status(status).at(&url)),
        }
        let content_type = text(&response, &CONTENT_TYPE);
        let validators = Validators::of(&response);
        let body = self.whole(response, &url, request.limit).await?;
        Ok(PageAnswer::Page(Box::new(Page { body, content_type, validators, final_url: url })))
    }

    /// Begins to fetch a file of at most [`limits::FILE_BYTES`], byte for byte as the upstream keeps it. `named_by` is the
    /// upstream whose page has the file's address. Statuses other than 200 are errors.
    pub async fn file(&self, url: &Url, named_by: &Url) -> Result<FileStream, UpstreamError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let (response, url) = self.get(url, named_by, headers).await?;
        FileStream::new(self.clone(), response, url)
    }

    /// The same for a file of which a copy may be at hand, with that copy's validators: `None` where it is still good.
    pub async fn changed_file(&self, url: &Url, at_hand: &Validators) -> Result<Option<FileStream>, UpstreamError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let conditional = at_hand.put_into(&mut headers);
        let (response, url) = self.get(url, url, headers).await?;
        if conditional && response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        FileStream::new(self.clone(), response, url).map(Some)
    }

    /// The next bytes of an answer, within the time an upstream may be silent.
    async fn chunk(&self, response: &mut Response, url: &Url) -> Result<Option<Bytes>, UpstreamError> {
        let limit = self.0.options.silence;
        match tokio::time::timeout(limit, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|cause| UpstreamError::cut(url, cause)),
            Err(_) => Err(UpstreamErrorKind::Timeout { what: Waited::Bytes, limit }.at(url)),
        }
    }

    /// One GET with its redirects. Gives the answer's head, and where it came from, without credentials. `upstream` is what
    /// the steward named.
    async fn get(&self, url: &Url, upstream: &Url, headers: HeaderMap) -> Result<(Response, Url), UpstreamError> {
        let (mut at, credentials) = address::split(url)?;
        for _ in 0..=limits::UPSTREAM_REDIRECTS {
            let mut headers = headers.clone();
            if let Some(credentials) = credentials.as_ref().filter(|given| given.are_for(&at)) {
                headers.insert(AUTHORIZATION, credentials.header());
            }
            let response = self.send_to(&at, upstream, headers).await?;
            match redirect::target(&at, &response)? {
                Some(next) => at = next,
                None => return Ok((response, at)),
            }
        }
        Err(UpstreamErrorKind::Redirects.at(url))
    }

    async fn send_to(&self, url: &Url, upstream: &Url, headers: HeaderMap) -> Result<Response, UpstreamError> {
        match url.host() == upstream.host() {
            true => self.send(url, headers).await,
            false => self.send_elsewhere(url, upstream, headers).await,
        }
    }

    async fn send(&self, url: &Url, headers: HeaderMap) -> Result<Response, UpstreamError> {
        self.send_by(if address::is_loopback(url) { &self.0.direct } else { &self.0.through_proxy }, url, headers).await
    }

    /// To a host that the upstream named. One inside this network may name others inside; one outside may not.
    async fn send_elsewhere(&self, url: &Url, upstream: &Url, headers: HeaderMap) -> Result<Response, UpstreamError> {
        let inward = self.0.options.inward;
        let is_known_inside = inward::literal(url).is_some_and(inward);
        if !is_known_inside {
            match self.send_by(&self.0.outward, url, headers.clone()).await {
                Err(error) if error.kind == UpstreamErrorKind::Inward => {}
                sent => return sent,
            }
        }
        if !inward::leads_inward(upstream, inward).await {
            return Err(UpstreamErrorKind::Inward.at(url));
        }
        self.send(url, headers).await
    }

    async fn send_by(&self, client: &Client, url: &Url, headers: HeaderMap) -> Result<Response, UpstreamError> {
        // The time to connect is part of it, because only the client knows when the connection was there.
        let limit = self.0.options.connect + self.0.options.silence;
        match tokio::time::timeout(limit, client.get(url.clone()).headers(headers).send()).await {
            Ok(sent) => sent.map_err(|cause| UpstreamError::sending(url, cause, self.0.options.connect)),
            Err(_) => Err(UpstreamErrorKind::Timeout { what: Waited::Answer, limit }.at(url)),
        }
    }
}
