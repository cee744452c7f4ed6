//! Response bodies made of steps: bytes, pauses, a cut. Streams, so that a giant page costs the tests no memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// One step of a body.
pub enum Step {
    /// Send these bytes.
    Send(Bytes),
    /// Wait.
    Pause(Duration),
    /// Break the connection.
    Cut,
}

/// A body that goes through its steps.
pub struct Steps {
    steps: Box<dyn Iterator<Item = Step> + Send + Sync>,
    pause: Option<Pin<Box<Sleep>>>,
    stated: Option<u64>,
}

impl Steps {
    /// A body of `steps`; `stated` is the length the head promises, none for a body without one.
    pub fn new(stated: Option<usize>, steps: impl Iterator<Item = Step> + Send + Sync + 'static) -> Self {
        Self { steps: Box::new(steps), pause: None, stated: stated.map(|n| n as u64) }
    }

    /// All bytes at once.
    pub fn whole(bytes: Bytes) -> Self {
        Self::new(Some(bytes.len()), [Step::Send(bytes)].into_iter())
    }
}

impl Body for Steps {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                std::task::ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            return Poll::Ready(match self.steps.next() {
                Some(Step::Send(bytes)) if bytes.is_empty() => continue,
                Some(Step::Send(bytes)) => Some(Ok(Frame::data(bytes))),
                Some(Step::Pause(time)) => {
                    self.pause = Some(Box::pin(tokio::time::sleep(time)));
                    continue;
                }
                Some(Step::Cut) => Some(Err(io::Error::other("cut as the test asked"))),
                None => None,
            });
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.stated.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
