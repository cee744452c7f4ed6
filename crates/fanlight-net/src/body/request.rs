//! Reading a request's body whole, within a size and a time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fanlight_base::Fault;
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

/// Reads a request's body of at most `limit` bytes within `time`.
pub async fn read_body(mut body: Incoming, limit: usize, time: Duration) -> Result<Bytes, ReadBodyError> {
    let too_large = || ReadBodyError::TooLarge { limit };
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
