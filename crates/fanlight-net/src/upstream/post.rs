//! Sending something to an address that the steward named, and to no other.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use reqwest::Response;
use url::Url;

use super::{Upstream, UpstreamError, UpstreamErrorKind, Waited, address};

impl Upstream {
    /// Posts `body` once and gives the answer's status. The address may be inside, because it was named; where its answer
    /// leads is not followed, because that was not.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Bytes) -> Result<StatusCode, UpstreamError> {
        Ok(self.send_once(url, headers, body).await?.0.status())
    }

    /// The same, with the body of the answer, of at most `limit` bytes.
    pub async fn exchange(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        limit: usize,
    ) -> Result<(StatusCode, Bytes), UpstreamError> {
        let (mut response, at) = self.send_once(url, headers, body).await?;
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk(&mut response, &at).await? {
            if whole.len() + chunk.len() > limit {
                return Err(UpstreamErrorKind::TooLarge { limit: limit as u64, compressed: false }.at(&at));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok((response.status(), whole.into()))
    }

    async fn send_once(
        &self,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<(Response, Url), UpstreamError> {
        let (at, credentials) = address::split(url)?;
        if let Some(credentials) = credentials {
            headers.insert(AUTHORIZATION, credentials.header());
        }
        let client = if address::is_loopback(&at) { &self.0.direct } else { &self.0.through_proxy };
        let options = &self.0.options;
        let limit = options.connect + options.silence;
        let sending = client.post(at.clone()).headers(headers).body(body).send();
        let sent = match tokio::time::timeout(limit, sending).await {
            Ok(sent) => sent.map_err(|cause| UpstreamError::sending(&at, cause, options.connect))?,
            Err(_) => return Err(UpstreamErrorKind::Timeout { what: Waited::Answer, limit }.at(&at)),
        };
        if sent.status().is_redirection() {
            let why = "what is sent goes only to the address that the settings name";
            return Err(UpstreamErrorKind::BadRedirect { why }.at(&at));
        }
        Ok((sent, at))
    }
}
