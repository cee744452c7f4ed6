//! A file on its way from the upstream.

use bytes::Bytes;
use fanlight_base::limits::FILE_BYTES;
use futures_util::Stream;
use http::StatusCode;
use reqwest::Response;
use url::Url;

use super::error::{UpstreamError, UpstreamErrorKind};
use super::{Upstream, Validators};

/// A file on its way: its head is here, its bytes come chunk by chunk.
#[derive(Debug)]
pub struct FileStream {
    upstream: Upstream,
    response: Response,
    url: Url,
    received: u64,
}

impl FileStream {
    pub(super) fn new(upstream: Upstream, response: Response, url: Url) -> Result<Self, UpstreamError> {
        if response.status() != StatusCode::OK {
            return Err(UpstreamErrorKind::Status(response.status()).at(&url));
        }
        let file = Self { upstream, response, url, received: 0 };
        if file.length().is_some_and(|length| length > FILE_BYTES) { Err(file.too_large()) } else { Ok(file) }
    }

    /// The bytes to come, where the upstream says.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Where it was found after redirects, without credentials.
    pub const fn final_url(&self) -> &Url {
        &self.url
    }

    /// By what the upstream knows this copy again.
    pub fn validators(&self) -> Validators {
        Validators::of(&self.response)
    }

    /// The next bytes; `None` when the file is whole as far as HTTP can tell. Each wait has the deadline for silence.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        let Some(chunk) = self.upstream.chunk(&mut self.response, &self.url).await? else { return Ok(None) };
        self.received += chunk.len() as u64;
        if self.received > FILE_BYTES { Err(self.too_large()) } else { Ok(Some(chunk)) }
    }

    /// The bytes as a stream; it ends at the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, UpstreamError>> + Send + 'static {
        futures_util::stream::try_unfold(
            self,
            |mut file| async move { Ok(file.chunk().await?.map(|chunk| (chunk, file))) },
        )
    }

    fn too_large(&self) -> UpstreamError {
        UpstreamErrorKind::TooLarge { limit: FILE_BYTES, compressed: false }.at(&self.url)
    }
}
