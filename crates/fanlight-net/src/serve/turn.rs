//! Whose turn it is to speak on an HTTP/1 connection, so that nobody is answered by hyper in our stead.
//!
//! hyper answers a head that it cannot read by itself: without words, without a request's id, without a record. Such an
//! answer is the only thing it ever writes while no request is being answered, so that is how it is known, and withheld;
//! [`super::connection`] then says ours. Invariant: what is withheld is no part of an answer of ours. Where it is not
//! certain that the one before has left whole, nothing is withheld.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};

use crate::body::{Body, BodyError};

/// No request is being answered, and every answer has left.
const IDLE: u8 = 0;
/// A request was handed over; its answer is not yet with hyper whole.
const ASKED: u8 = 1;
/// hyper has the whole answer and may still have to write some of it.
const SAID: u8 = 2;

/// Where a connection is between a request and its answer. A handle: clones share it.
#[derive(Debug, Clone)]
pub(super) struct Turn(Arc<AtomicU8>);

impl Turn {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(IDLE)))
    }

    /// A request was handed over.
    pub(super) fn asked(&self) {
        self.0.store(ASKED, Ordering::Relaxed);
    }

    /// Whether nothing is owed to the client.
    pub(super) fn is_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == IDLE
    }

    fn said(&self) {
        let _ = self.0.compare_exchange(ASKED, SAID, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn flushed(&self) {
        let _ = self.0.compare_exchange(SAID, IDLE, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// An answer's body. hyper drops it as soon as it has taken the last of it.
pub(super) struct Said {
    pub(super) body: Body,
    pub(super) turn: Turn,
}

impl Drop for Said {
    fn drop(&mut self) {
        self.turn.said();
    }
}

impl HttpBody for Said {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Passes on what is written while a request is being answered, and keeps back all else.
pub(super) struct InTurn<T> {
    io: T,
    turn: Turn,
    withheld: bool,
}

impl<T> InTurn<T> {
    pub(super) fn new(io: T, turn: Turn) -> Self {
        Self { io, turn, withheld: false }
    }

    pub(super) fn into_inner(self) -> T {
        self.io
    }
}

impl<T: Read + Unpin> Read for InTurn<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for InTurn<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.turn.is_idle() {
            self.withheld = true;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes when it has nothing left to write.
        let poll = Pin::new(&mut self.io).poll_flush(context);
        if matches!(poll, Poll::Ready(Ok(()))) {
            self.turn.flushed();
        }
        poll
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Our words are still to come.
        if self.withheld { Poll::Ready(Ok(())) } else { Pin::new(&mut self.io).poll_shutdown(context) }
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.turn.is_idle() {
            self.withheld = true;
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}
