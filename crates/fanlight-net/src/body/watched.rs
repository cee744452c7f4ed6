//! A body whose end is told: how much of it the connection took, and whether that was all.
//!
//! What was taken is on its way to the client, and whether it arrived nobody here can know: so this is the most that the
//! client can have. It is told once, when the body goes, also where it goes because the client or the node did.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame};

use super::{Body, BodyError};

/// How much of a body the connection took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Bytes.
    pub bytes: u64,
    /// Whether they were all there were.
    pub whole: bool,
}

/// A body that tells its end.
pub struct WatchedBody {
    body: Body,
    bytes: u64,
    ended: bool,
    failed: bool,
    tell: Option<Box<dyn FnOnce(Taken) + Send>>,
}

impl Body {
    /// The same body; `tell` hears how much of it was taken when it goes.
    #[must_use]
    pub fn watched(self, tell: impl FnOnce(Taken) + Send + 'static) -> Self {
        Self::Watched(Box::new(WatchedBody {
            body: self,
            bytes: 0,
            ended: false,
            failed: false,
            tell: Some(Box::new(tell)),
        }))
    }
}

impl WatchedBody {
    pub(super) const fn body(&self) -> &Body {
        &self.body
    }

    pub(super) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            Poll::Ready(Some(Err(_))) => self.failed = true,
            Poll::Ready(None) => self.ended = true,
            Poll::Pending => {}
        }
        polled
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        // A connection that knows the length takes no more once it has as many bytes, and does not come back for the end.
        let whole = !self.failed && (self.ended || self.body.size_hint().exact() == Some(0));
        if let Some(tell) = self.tell.take() {
            tell(Taken { bytes: self.bytes, whole });
        }
    }
}
