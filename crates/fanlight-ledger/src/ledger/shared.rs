//! The state that callers, the writer and the publisher share, behind one lock that is never held over a file operation.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use fanlight_base::clock::{SharedClock, Timestamp};
use fanlight_base::limits;
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::watch;

use super::lock::Lock;
use super::open::Opened;
use super::{Options, Status, publisher, writer};
use crate::checkpoint::Checkpoint;
use crate::error::{AppendError, CloseError, OpenError, in_words};
use crate::publish::Durable;
use crate::receipt::{Batch, Receipt};

/// A failing disk is tried again at least this often.
const PROBE_EVERY: Duration = Duration::from_millis(250);

pub(super) struct Shared {
    state: Mutex<State>,
    /// Something for the writer to do.
    pub(super) to_write: Condvar,
    /// Something for the publisher to do.
    pub(super) to_publish: Condvar,
    ended: Condvar,
    /// How many records are durable.
    pub(super) durable: watch::Sender<u64>,
    /// The newest checkpoint, for those outside.
    pub(super) checkpoint: watch::Sender<Checkpoint>,
    clock: SharedClock,
    pub(super) publish_every: Duration,
    /// Held as long as a thread may still write, even one that hangs in the disk after the ledger was given up.
    lock: Lock,
}

/// Why nothing can be written, and since when.
#[derive(Clone)]
pub(super) struct Failure {
    why: Arc<str>,
    since: Timestamp,
}

/// A part of the ledger that can fail by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Tail,
    Publisher,
}

pub(super) struct State {
    /// The batch being gathered.
    pub(super) gathering: Batch,
    /// Records that the writer has taken and not yet synced.
    pub(super) in_flight: u64,
    pub(super) durable: u64,
    pub(super) published: Checkpoint,
    /// Durable and not yet published, in order.
    pub(super) unpublished: VecDeque<Arc<Durable>>,
    pub(super) unpublished_bytes: usize,
    /// A new segment is wanted, because a checkpoint has been published since the newest was begun.
    pub(super) wants_segment: bool,
    /// Number and first index of each segment there is, oldest first.
    pub(super) segments: VecDeque<(u64, u64)>,
    tail_failure: Option<Failure>,
    publish_failure: Option<Failure>,
    pub(super) is_closing: bool,
    pub(super) writer_ended: bool,
    publisher_ended: bool,
}

impl State {
    pub(super) const fn failure(&self, part: Part) -> Option<&Failure> {
        match part {
            Part::Tail => self.tail_failure.as_ref(),
            Part::Publisher => self.publish_failure.as_ref(),
        }
    }

    fn any_failure(&self) -> Option<&Failure> {
        self.tail_failure.as_ref().or(self.publish_failure.as_ref())
    }

    /// Whether segments are there whose records are all published.
    pub(super) fn has_segment_to_remove(&self) -> bool {
        self.segments.get(1).is_some_and(|(_, next)| *next <= self.published.size)
    }
}

impl Failure {
    fn error(&self) -> AppendError {
        AppendError::Failing { why: Arc::clone(&self.why), since: self.since }
    }
}

/// Starts the threads of an opened ledger.
pub(super) fn start(opened: Opened, options: Options, lock: Lock) -> Result<Arc<Shared>, OpenError> {
    let durable = opened.published.size;
    let checkpoint = watch::Sender::new(opened.published.clone());
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            gathering: Batch::default(),
            in_flight: 0,
            durable,
            published: opened.published,
            unpublished: VecDeque::new(),
            unpublished_bytes: 0,
            wants_segment: false,
            segments: VecDeque::from([(opened.sequence, durable)]),
            tail_failure: None,
            publish_failure: None,
            is_closing: false,
            writer_ended: false,
            publisher_ended: false,
        }),
        to_write: Condvar::new(),
        to_publish: Condvar::new(),
        ended: Condvar::new(),
        durable: watch::Sender::new(durable),
        checkpoint,
        clock: options.clock,
        publish_every: options.publish_every,
        lock,
    });
    let writer = writer::Writer::new(Arc::clone(&opened.disk), &opened.key, opened.sequence, opened.segment);
    spawn("ledger-writer", &shared, Part::Tail, move |shared| writer.run(shared))?;
    let (disk, publisher) = (opened.disk, opened.publisher);
    let started = spawn("ledger-publisher", &shared, Part::Publisher, move |shared| {
        publisher::run(publisher, &disk, shared);
    });
    if started.is_err() {
        shared.lock().is_closing = true;
        shared.to_write.notify_all();
    }
    started.map(|()| shared)
}

/// Runs `work` on a thread of its own. However that ends, even by a panic, it is noted, so that nobody waits for it.
fn spawn(
    name: &str,
    shared: &Arc<Shared>,
    part: Part,
    work: impl FnOnce(&Shared) + Send + 'static,
) -> Result<(), OpenError> {
    struct Ending(Arc<Shared>, Part);
    impl Drop for Ending {
        fn drop(&mut self) {
            self.0.ended(self.1);
        }
    }
    let ending = Ending(Arc::clone(shared), part);
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || work(&ending.0)).map(drop).map_err(OpenError::Thread)
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// How long to wait before a failed part is tried again.
    pub(super) fn probe_every(&self) -> Duration {
        self.publish_every.min(PROBE_EVERY)
    }

    pub(super) fn append(&self, entry: Vec<u8>) -> Result<Receipt, AppendError> {
        let mut state = self.lock();
        if let Some(failure) = state.any_failure() {
            return Err(failure.error());
        }
        if state.is_closing {
            return Err(AppendError::Closed);
        }
        let waiting = state.gathering.entries().len();
        if waiting >= limits::LEDGER_QUEUE_RECORDS
            || state.gathering.bytes() + entry.len() > limits::LEDGER_QUEUE_BYTES
            || state.unpublished_bytes > limits::LEDGER_UNPUBLISHED_BYTES
        {
            let unpublished = state.durable - state.published.size;
            return Err(AppendError::Busy { waiting: unpublished + state.in_flight + waiting as u64 });
        }
        let receipt = state.gathering.push(entry);
        // The writer looks again by itself after each sync; only an idle one has to be woken.
        if waiting == 0 && state.in_flight == 0 {
            self.to_write.notify_one();
        }
        Ok(receipt)
    }

    pub(super) fn status(&self, origin: &str) -> Status {
        let state = self.lock();
        let failure = state.any_failure();
        Status {
            origin: origin.to_owned(),
            appended: state.durable + state.in_flight + state.gathering.entries().len() as u64,
            durable: state.durable,
            published: state.published.size,
            failing: failure.map(|failure| failure.why.to_string()),
            failing_since: failure.map(|failure| failure.since),
        }
    }

    /// Entries from `from` where it is not published; else how many are.
    pub(super) fn read_unpublished(&self, from: u64, max: usize) -> Result<Vec<Vec<u8>>, u64> {
        let state = self.lock();
        if from < state.published.size {
            return Err(state.published.size);
        }
        let near = state.unpublished.partition_point(|durable| durable.end() <= from);
        let (mut batches, mut count) = (Vec::new(), 0);
        for batch in state.unpublished.range(near..) {
            if count >= max {
                break;
            }
            count += batch.end().saturating_sub(from.max(batch.first)) as usize;
            batches.push(Arc::clone(batch));
        }
        drop(state);
        let skip = batches.first().map_or(0, |batch| from.saturating_sub(batch.first) as usize);
        Ok(batches.iter().flat_map(|batch| batch.entries.iter()).skip(skip).take(max).cloned().collect())
    }

    /// Notes that a part cannot write. Its first failure's reason and time stay until it succeeds.
    pub(super) fn fail(&self, part: Part, error: &dyn std::error::Error) -> AppendError {
        let why: Arc<str> = in_words(error).into();
        let mut state = self.lock();
        let place = match part {
            Part::Tail => &mut state.tail_failure,
            Part::Publisher => &mut state.publish_failure,
        };
        if place.is_none() {
            tracing::error!(%why, "the ledger cannot write; it takes no records until it can again");
        }
        let since = place.as_ref().map_or_else(|| self.clock.now(), |failure| failure.since);
        *place = Some(Failure { why, since });
        let error = place.as_ref().map_or(AppendError::Closed, Failure::error);
        if part == Part::Tail {
            state.in_flight = 0;
            let gathered = std::mem::take(&mut state.gathering);
            drop(state);
            gathered.settle(Err(error.clone()));
        }
        error
    }

    /// Notes that a part can write again.
    pub(super) fn recovered(&self, part: Part) {
        let mut state = self.lock();
        let place = match part {
            Part::Tail => &mut state.tail_failure,
            Part::Publisher => &mut state.publish_failure,
        };
        if place.take().is_some() {
            tracing::info!("the ledger can write again");
        }
    }

    fn ended(&self, part: Part) {
        if !self.lock().is_closing {
            let error =
                std::io::Error::other("a thread of the ledger ended by a fault in Fanlight; start the node again");
            self.fail(part, &error);
        }
        let mut state = self.lock();
        match part {
            Part::Tail => {
                state.is_closing = true;
                state.writer_ended = true;
                state.in_flight = 0;
                // What a writer that panicked left behind is settled by the batch's drop.
                drop(std::mem::take(&mut state.gathering));
            }
            Part::Publisher => {
                state.is_closing = true;
                state.publisher_ended = true;
            }
        }
        self.to_write.notify_all();
        self.to_publish.notify_all();
        self.ended.notify_all();
    }

    pub(super) fn close(&self) -> Result<(), CloseError> {
        let deadline = Instant::now() + limits::DRAIN_TIME;
        let mut state = self.lock();
        state.is_closing = true;
        self.to_write.notify_all();
        self.to_publish.notify_all();
        while !(state.writer_ended && state.publisher_ended) {
            if self.ended.wait_until(&mut state, deadline).timed_out() {
                return Err(CloseError::Late);
            }
        }
        self.lock.release();
        match state.any_failure() {
            Some(failure) if state.published.size < state.durable => {
                Err(CloseError::Unpublished { why: Arc::clone(&failure.why) })
            }
            _ => Ok(()),
        }
    }
}
