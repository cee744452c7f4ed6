//! Bodies: what an answer carries, and how a request's body is read.
//!
//! The hot path is [`Body::Full`], which boxes nothing. A [`Body::Stream`] is whole only when its source says so: a
//! source that fails, ends early or is dropped breaks the transfer, so a client never takes a part for the whole. Whoever
//! must know how much of a body was taken watches it: [`Body::watched`].

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

mod request;
#[cfg(test)]
mod tests;
mod watched;

pub use request::{ReadBodyError, RequestBody, read_body, read_packed_body};
pub use watched::{Taken, WatchedBody};

/// The cause of a stream's failure, for the log.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What an answer carries.
#[derive(Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes at hand.
    Full(Bytes),
    /// Bytes to come. Made by [`Body::channel`] or [`Body::from_stream`].
    Stream(BodyStream),
    /// One of these whose end is told. Made by [`Body::watched`].
    Watched(Box<WatchedBody>),
}

/// Bytes to come, and how many were promised.
pub struct BodyStream {
    source: Source,
    length: Option<u64>,
    sent: u64,
    over: bool,
}

enum Source {
    Channel(mpsc::Receiver<Part>),
    Boxed(Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>),
}

enum Part {
    Data(Bytes),
    Finished,
    Cut(BoxError),
}

/// A body that could not be sent whole: the connection (HTTP/1.1) or stream (HTTP/2) is broken off.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The source failed.
    #[error("the source of the answer failed")]
    Source(#[source] BoxError),
    /// The source went away without saying that the body was complete.
    #[error("the source of the answer ended without saying that it was complete")]
    Unfinished,
    /// Fewer bytes than promised.
    #[error("the answer ended after {sent} of {length} bytes")]
    Short {
        /// Bytes sent.
        sent: u64,
        /// Bytes promised.
        length: u64,
    },
    /// More bytes than promised.
    #[error("the answer has more than the {length} bytes promised")]
    Long {
        /// Bytes promised.
        length: u64,
    },
}

impl Body {
    /// A body fed through a queue of at most `capacity` chunks. `length` is the whole size in bytes where it is known; it
    /// becomes `Content-Length` and is held to.
    pub fn channel(capacity: usize, length: Option<u64>) -> (BodySender, Self) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let source = Source::Channel(receiver);
        (BodySender(sender), Self::Stream(BodyStream { source, length, sent: 0, over: false }))
    }

    /// A body out of a stream; it is whole when the stream ends. `length` as in [`Body::channel`].
    pub fn from_stream<S, E>(length: Option<u64>, stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        use futures_util::TryStreamExt as _;
        let source = Source::Boxed(Box::pin(stream.map_err(Into::into)));
        Self::Stream(BodyStream { source, length, sent: 0, over: false })
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Full(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Full(bytes.into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Full(text.into())
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Full(Bytes::from_static(text.as_bytes()))
    }
}

/// The client went away: nobody reads the body any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client went away before the answer was complete")]
pub struct ClientGone;

/// Feeds a [`Body::channel`]. Dropped without [`BodySender::finish`], it breaks the transfer.
#[derive(Debug)]
pub struct BodySender(mpsc::Sender<Part>);

impl BodySender {
    /// Hands on a chunk; waits while the client is behind.
    pub async fn send(&self, chunk: Bytes) -> Result<(), ClientGone> {
        self.0.send(Part::Data(chunk)).await.map_err(|_| ClientGone)
    }

    /// Says that the body is complete.
    pub async fn finish(self) -> Result<(), ClientGone> {
        self.0.send(Part::Finished).await.map_err(|_| ClientGone)
    }

    /// Breaks the transfer, with the cause for the log. What the client has not yet taken may be lost with it.
    pub fn cut(self, cause: impl Into<BoxError>) {
        // Where the queue is full the cause is lost, and dropping the sender breaks the transfer all the same.
        let _ = self.0.try_send(Part::Cut(cause.into()));
    }

    /// Whether the client has gone.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl BodyStream {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let next = match &mut self.source {
            Source::Channel(receiver) => match ready!(receiver.poll_recv(context)) {
                Some(Part::Data(chunk)) => Some(Ok(chunk)),
                Some(Part::Finished) => None,
                Some(Part::Cut(cause)) => Some(Err(BodyError::Source(cause))),
                None => Some(Err(BodyError::Unfinished)),
            },
            Source::Boxed(stream) => {
                ready!(stream.as_mut().poll_next(context)).map(|chunk| chunk.map_err(BodyError::Source))
            }
        };
        Poll::Ready(match (next, self.length) {
            (Some(Ok(chunk)), length) => {
                self.sent += chunk.len() as u64;
                match length {
                    Some(length) if self.sent > length => Some(Err(BodyError::Long { length })),
                    _ => Some(Ok(chunk)),
                }
            }
            (None, Some(length)) if self.sent < length => Some(Err(BodyError::Short { sent: self.sent, length })),
            (next, _) => next,
        })
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Self::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Stream(stream) => {
                if stream.over {
                    return Poll::Ready(None);
                }
                let next = ready!(stream.poll_next(context));
                stream.over = !matches!(next, Some(Ok(_)));
                Poll::Ready(next.map(|chunk| chunk.map(Frame::data)))
            }
            Self::Watched(watched) => watched.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(bytes) => bytes.is_empty(),
            Self::Stream(stream) => stream.over,
            Self::Watched(watched) => watched.body().is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(BodyStream { length: Some(length), sent, .. }) => {
                SizeHint::with_exact(length.saturating_sub(*sent))
            }
            Self::Stream(_) => SizeHint::new(),
            Self::Watched(watched) => watched.body().size_hint(),
        }
    }
}
