//! A file on its way from the upstream.

use bytes::Bytes;
use futures_util::Stream;
use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use reqwest::Response;
use url::Url;

use super::error::{UpstreamError, UpstreamErrorKind};
use super::{FileRequest, Upstream};

/// A file on its way: its head is here, its bytes come chunk by chunk.
#[derive(Debug)]
pub struct FileStream {
    upstream: Upstream,
    response: Response,
    url: Url,
    limit: u64,
    received: u64,
    from: u64,
}

impl FileStream {
    pub(super) fn new(
        upstream: Upstream,
        response: Response,
        url: Url,
        request: &FileRequest,
    ) -> Result<Self, UpstreamError> {
        let from = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if request.from > 0 && begins_at(&response, request.from) => request.from,
            StatusCode::PARTIAL_CONTENT => return Err(UpstreamErrorKind::Malformed.at(&url)),
            status => return Err(UpstreamErrorKind::Status(status).at(&url)),
        };
        let file = Self { upstream, response, url, limit: request.limit, received: 0, from };
        match file.length() {
            Some(length) if length > file.limit.saturating_sub(from) => Err(file.too_large()),
            _ => Ok(file),
        }
    }

    /// The bytes to come, where the upstream says.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Which byte of the file the first to come is: 0 where the upstream sends the whole file though a part was asked for.
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// The media type.
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.response.headers().get(CONTENT_TYPE)
    }

    /// Where it was found after redirects, without credentials.
    pub const fn final_url(&self) -> &Url {
        &self.url
    }

    /// The next bytes; `None` when the file is whole as far as HTTP can tell. Each wait has the deadline for silence.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        let Some(chunk) = self.upstream.chunk(&mut self.response, &self.url).await? else { return Ok(None) };
        self.received += chunk.len() as u64;
        if self.received > self.limit.saturating_sub(self.from) { Err(self.too_large()) } else { Ok(Some(chunk)) }
    }

    /// The bytes as a stream; it ends at the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, UpstreamError>> + Send + 'static {
        futures_util::stream::try_unfold(
            self,
            |mut file| async move { Ok(file.chunk().await?.map(|chunk| (chunk, file))) },
        )
    }

    fn too_large(&self) -> UpstreamError {
        UpstreamErrorKind::TooLarge { limit: self.limit, compressed: false }.at(&self.url)
    }
}

/// Whether `Content-Range: bytes FROM-...` is what was asked for (RFC 9110, section 14.4).
fn begins_at(response: &Response, from: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")).and_then(|range| range.split_once('-'));
    first.is_some_and(|(first, _)| first.parse() == Ok(from))
}
