//! Receipts: what a caller holds until its record is durable. All records of one sync share one outcome, so a sync
//! costs one lock and one wake a waiter, not a channel a record.
//!
//! Invariant: every outcome is settled exactly once, by the writer or, should the writer end, by the batch's drop: no
//! receipt waits for ever.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use parking_lot::Mutex;

use crate::error::AppendError;

enum State {
    /// One place for each record's waiter.
    Waiting(Vec<Option<Waker>>),
    /// The index of the batch's first record, or why none of the batch is durable.
    Settled(Result<u64, AppendError>),
}

struct Outcome(Mutex<State>);

/// Records gathered for one sync.
pub(crate) struct Batch {
    entries: Vec<Vec<u8>>,
    bytes: usize,
    outcome: Arc<Outcome>,
}

impl Default for Batch {
    fn default() -> Self {
        Self { entries: Vec::new(), bytes: 0, outcome: Arc::new(Outcome(Mutex::new(State::Waiting(Vec::new())))) }
    }
}

impl Batch {
    /// Adds a record.
    pub(crate) fn push(&mut self, entry: Vec<u8>) -> Receipt {
        let place = self.entries.len();
        self.bytes += entry.len();
        self.entries.push(entry);
        Receipt { outcome: Arc::clone(&self.outcome), place }
    }

    /// The records in order.
    pub(crate) fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// The bytes of all records.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the records out; the outcome stays to be settled.
    pub(crate) fn take_entries(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.entries)
    }

    /// Tells every waiter.
    pub(crate) fn settle(self, result: Result<u64, AppendError>) {
        self.outcome.settle(result);
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.outcome.settle(Err(AppendError::Closed));
    }
}

impl Outcome {
    /// The first settlement counts.
    fn settle(&self, result: Result<u64, AppendError>) {
        let mut state = self.0.lock();
        if let State::Waiting(wakers) = &mut *state {
            let wakers = std::mem::take(wakers);
            *state = State::Settled(result);
            drop(state);
            wakers.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

/// The promise that a record will be durable. Waiting on it is the only way to learn the record's index; dropping it
/// does not take the record back.
#[must_use = "a record counts only once its receipt says that it is durable"]
pub struct Receipt {
    outcome: Arc<Outcome>,
    place: usize,
}

impl Receipt {
    /// Waits until the record's bytes are synced and gives its index. An error means that it was not acknowledged;
    /// after [`AppendError::Failing`] or [`AppendError::Closed`] it may still turn up in the ledger after a restart.
    pub async fn durable(self) -> Result<u64, AppendError> {
        poll_fn(|context| self.poll(context)).await
    }

    /// The same for a thread that may block.
    pub fn wait(self) -> Result<u64, AppendError> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match self.poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::park(),
            }
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<u64, AppendError>> {
        match &mut *self.outcome.0.lock() {
            State::Settled(result) => Poll::Ready(result.clone().map(|first| first + self.place as u64)),
            State::Waiting(wakers) => {
                if wakers.len() <= self.place {
                    wakers.resize(self.place + 1, None);
                }
                match &mut wakers[self.place] {
                    Some(waker) => waker.clone_from(context.waker()),
                    place => *place = Some(context.waker().clone()),
                }
                Poll::Pending
            }
        }
    }
}

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receipt").field("place", &self.place).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
