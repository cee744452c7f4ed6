//! The requests of an HTTP/2 connection, each on a stream of its own: one whose client takes nothing of its answer is
//! reset, and a connection without any is closed.
//!
//! A client holds its answer up by granting no window: then nothing is written, so [`super::steady`] has nothing to
//! watch, and pings go on. Invariant: a client is only blamed while a part of its answer is ready for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{Notify, watch};

use crate::body::{Body, BodyError};

/// The most bytes handed to HTTP/2 at once. hyper gives away a whole piece as soon as the client takes one byte of it, so
/// the smaller they are, the sooner it is seen that the client takes no more; and the more frames they cost.
const PIECE: usize = 64 * 1024;

tokio::task_local! {
    static TAKING: Arc<Taking>;
}

/// How a client takes the answer of one stream.
#[derive(Debug, Default)]
struct Taking {
    /// Whether a part of the answer is ready and not taken.
    ready: AtomicBool,
    changed: Notify,
}

impl Taking {
    fn set(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
        self.changed.notify_one();
    }

    /// Returns when a part of the answer has been ready for `limit` and was not taken.
    async fn stalled(&self, limit: Duration) {
        loop {
            let changed = self.changed.notified();
            if !self.ready.load(Ordering::Acquire) {
                changed.await;
            } else if tokio::time::timeout(limit, changed).await.is_err() {
                return;
            }
        }
    }
}

/// Runs the streams of HTTP/2 connections as tasks, and resets those whose client takes nothing for `silence`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams {
    pub(super) silence: Duration,
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let silence = self.silence;
        let taking = Arc::new(Taking::default());
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = TAKING.scope(taking.clone(), stream) => {}
                // Dropping the stream resets it.
                () = taking.stalled(silence) => {
                    tracing::debug!(seconds = silence.as_secs(), "a client took nothing of its answer: stream reset");
                }
            }
        });
    }
}

/// How many requests of one connection are being answered.
#[derive(Debug, Clone)]
pub(super) struct Open(watch::Sender<usize>);

impl Open {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// One more, until what is given back is dropped.
    pub(super) fn one(&self) -> OpenOne {
        self.0.send_modify(|open| *open += 1);
        OpenOne(self.clone())
    }

    /// Returns when none has been open for `time`.
    pub(super) async fn none_for(&self, time: Duration) {
        let mut open = self.0.subscribe();
        loop {
            // The sender is in `self`, so it is there.
            let _ = open.wait_for(|open| *open == 0).await;
            if tokio::time::timeout(time, open.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// A request that is being answered.
pub(super) struct OpenOne(Open);

impl Drop for OpenOne {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}

/// An answer's body in pieces, which tells how it is taken.
pub(super) struct Pieces {
    body: Body,
    rest: Bytes,
    taking: Option<Arc<Taking>>,
    _open: OpenOne,
}

impl Pieces {
    /// To be called on the stream's own task.
    pub(super) fn new(body: Body, open: OpenOne) -> Self {
        let taking = TAKING.try_with(Arc::clone).ok();
        Self { body, rest: Bytes::new(), taking, _open: open }
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                other => return Poll::Ready(other),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let next = this.next(context);
        if let Some(taking) = &this.taking {
            taking.set(next.is_ready());
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.body.size_hint().exact() {
            Some(exact) => SizeHint::with_exact(exact + self.rest.len() as u64),
            None => SizeHint::new(),
        }
    }
}
