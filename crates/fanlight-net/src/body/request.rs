//! Reading a request's body whole, within a size and a time.

use std::io::Read as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fanlight_base::Fault;
use flate2::read::MultiGzDecoder;
use http::{Request, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// A request's body that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadBodyError {
    /// More bytes than allowed: 413.
    #[error("the request's body may have at most {limit} bytes, this one has more")]
    TooLarge {
        /// The most bytes allowed.
        limit: usize,
    },
    /// The client took too long: 408.
    #[error("the request's body did not arrive within {} seconds", limit.as_secs_f32())]
    Timeout {
        /// The time allowed.
        limit: Duration,
    },
    /// It is packed in a way that is not known here, or not as it says: 400.
    #[error("the request's body is not {expected}")]
    Packed {
        /// What it should be.
        expected: &'static str,
    },
    /// The client broke off: 400.
    #[error("the request's body broke off")]
    Cut(#[source] hyper::Error),
}

impl ReadBodyError {
    /// Whose fault it is: the caller's.
    pub const fn fault(&self) -> Fault {
        Fault::Caller
    }
}

/// A request's body.
#[derive(Debug)]
pub enum RequestBody {
    /// It is on its way.
    Coming(Incoming),
    /// It was waited for.
    Came(Result<Bytes, ReadBodyError>),
}

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        Self::Coming(body)
    }
}

impl RequestBody {
    /// Whether there is nothing to wait for.
    pub fn is_here(&self) -> bool {
        match self {
            Self::Coming(body) => body.is_end_stream(),
            Self::Came(_) => true,
        }
    }

    /// Waits for it, as [`read_body`] does.
    #[must_use]
    pub async fn wait(self, limit: usize, time: Duration) -> Self {
        Self::Came(read_body(self, limit, time).await)
    }
}

/// Reads a request's body of at most `limit` bytes within `time`.
pub async fn read_body(body: impl Into<RequestBody>, limit: usize, time: Duration) -> Result<Bytes, ReadBodyError> {
    let too_large = || ReadBodyError::TooLarge { limit };
    let mut body = match body.into() {
        RequestBody::Coming(body) => body,
        RequestBody::Came(Ok(bytes)) if bytes.len() <= limit => return Ok(bytes),
        RequestBody::Came(Ok(_) | Err(ReadBodyError::TooLarge { .. })) => return Err(too_large()),
        RequestBody::Came(Err(error)) => return Err(error),
    };
    let promised = body.size_hint().lower();
    if promised > limit as u64 {
        return Err(too_large());
    }
    let read = async {
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(chunk) = frame.map_err(ReadBodyError::Cut)?.into_data() else { continue };
            if whole.len() + chunk.len() > limit {
                return Err(too_large());
            }
            // One chunk that is the whole body is handed on without a copy.
            if whole.is_empty() && chunk.len() as u64 == promised {
                return Ok(chunk);
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    };
    tokio::time::timeout(time, read).await.unwrap_or(Err(ReadBodyError::Timeout { limit: time }))
}

/// The same for a body that may be packed with gzip: at most `limit` bytes as it comes, and unpacked.
pub async fn read_packed_body(
    request: Request<RequestBody>,
    limit: usize,
    time: Duration,
) -> Result<Bytes, ReadBodyError> {
    let encoding = request.headers().get(header::CONTENT_ENCODING).map_or(&b""[..], |value| value.as_bytes());
    let is_packed = match encoding.trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => false,
        b"gzip" | b"x-gzip" => true,
        _ => return Err(ReadBodyError::Packed { expected: "plain or packed with gzip" }),
    };
    let body = read_body(request.into_body(), limit, time).await?;
    if is_packed { tokio::task::block_in_place(|| unpacked(&body, limit)) } else { Ok(body) }
}

pub(super) fn unpacked(packed: &[u8], limit: usize) -> Result<Bytes, ReadBodyError> {
    let mut whole = Vec::new();
    // One byte more than allowed, to see that there is more.
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(packed).take(most).read_to_end(&mut whole);
    read.map_err(|_| ReadBodyError::Packed { expected: "the gzip that it says it is" })?;
    if whole.len() > limit { Err(ReadBodyError::TooLarge { limit }) } else { Ok(whole.into()) }
}
