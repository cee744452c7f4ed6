//! Who reads the entries: whoever goes through the archive, and beside it other threads, where there is enough to read.
//!
//! Going through an archive is one thread's work; unpacking a zip's entries and reading source text need not be. Invariants: only so many bytes wait;
//! whoever finds others busy reads by itself, and alone where the system gives no thread; nobody goes on reading after the scan or its
//! deadline; a panic in one thread is the scan's. What is handed over depends on the archive alone; the order in which it is done does not.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use super::RuleSet;
use super::source::{Seen, Text};
use super::unpacked;
use crate::archive::Packed;
use crate::deadline::Deadline;

/// Bytes that one thread reads sooner than another one begins.
const WORTH: usize = 128 * 1024;

/// Bytes that are handed over at once: single small files are not worth waking anybody.
const HANDFUL: usize = 64 * 1024;

/// Bytes that may wait for others.
const WAITING: usize = 4 * 1024 * 1024;

/// Threads that read beside the one that unpacks, at most.
const HELPERS: usize = 3;

/// Processors beside the one that unpacks.
static OTHERS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(0, |all| all.get() - 1).min(HELPERS));

/// Something to be read.
pub(super) enum Task {
    /// A file of source text.
    Text(Text),
    /// An entry as it is packed, and whether its hash is wanted.
    Packed(Packed, bool),
}

impl Task {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.bytes.len(),
            Self::Packed(packed, _) => packed.bytes.len(),
        }
    }

    /// Nothing is seen after the deadline: the scan ends without a report.
    fn read(self, by: By<'_>) -> Seen {
        match self {
            _ if by.deadline.is_over() => Seen::default(),
            Self::Text(text) => text.read(by.rules),
            Self::Packed(packed, counts) => unpacked::look(packed, counts, by.rules),
        }
    }
}

/// By what, and until when, things are read.
#[derive(Clone, Copy)]
struct By<'r> {
    rules: &'r RuleSet,
    deadline: Deadline,
}

/// What a thread made of a handful, or its panic.
type Done = thread::Result<Vec<Seen>>;

/// The readers of one scan.
pub(super) struct Crew<'s, 'r> {
    scope: &'s Scope<'s, 'r>,
    by: By<'r>,
    /// Bytes that came so far.
    came: usize,
    handful: Vec<Task>,
    handful_bytes: usize,
    helpers: Option<Helpers>,
}

struct Helpers {
    shared: Arc<Shared>,
    done: Receiver<Done>,
    /// Threads that began; there may be none.
    threads: usize,
    /// Handfuls that were handed over and are not done.
    open: usize,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    came: Condvar,
}

#[derive(Default)]
struct Queue {
    handfuls: VecDeque<(usize, Vec<Task>)>,
    bytes: usize,
    over: bool,
}

impl<'s, 'r> Crew<'s, 'r> {
    pub fn new(scope: &'s Scope<'s, 'r>, rules: &'r RuleSet, deadline: Deadline) -> Self {
        Self { scope, by: By { rules, deadline }, came: 0, handful: Vec::new(), handful_bytes: 0, helpers: None }
    }

    /// Whether an entry of so many packed bytes is worth handing over. Others are unpacked as they come.
    pub fn has_time(&mut self, packed: u64) -> bool {
        self.came = self.came.saturating_add(usize::try_from(packed).unwrap_or(usize::MAX));
        self.came >= WORTH && packed <= WAITING as u64
    }

    /// Takes something to be read. Gives what is read already, of this and of others.
    pub fn read(&mut self, task: Task) -> Vec<Seen> {
        self.came = self.came.saturating_add(task.bytes());
        if *OTHERS == 0 || self.came < WORTH {
            return vec![task.read(self.by)];
        }
        self.handful_bytes += task.bytes();
        self.handful.push(task);
        if self.handful_bytes < HANDFUL {
            return Vec::new();
        }
        let (scope, by) = (self.scope, self.by);
        let begin = |help: Help<'r>| thread::Builder::new().spawn_scoped(scope, || help.run()).map(drop);
        let helpers = self.helpers.get_or_insert_with(|| Helpers::begin(by, *OTHERS, begin));
        let (bytes, handful) = (std::mem::take(&mut self.handful_bytes), std::mem::take(&mut self.handful));
        match helpers.hand_over(bytes, handful) {
            Ok(()) => helpers.done.try_iter().map(settled).inspect(|_| helpers.open -= 1).flatten().collect(),
            Err(handful) => handful.into_iter().map(|task| task.read(by)).collect(),
        }
    }

    /// Reads what nobody else has begun, waits for the rest, and gives all of it.
    pub fn settle(&mut self) -> Vec<Seen> {
        self.handful_bytes = 0;
        let mut seen: Vec<Seen> = self.handful.drain(..).map(|task| task.read(self.by)).collect();
        let Some(helpers) = &mut self.helpers else { return seen };
        while let Some(handful) = helpers.shared.next() {
            seen.extend(handful.into_iter().map(|task| task.read(self.by)));
            helpers.open -= 1;
        }
        while helpers.open > 0 {
            let Ok(done) = helpers.done.recv() else { break };
            seen.extend(settled(done));
            helpers.open -= 1;
        }
        seen
    }
}

/// What a thread saw; its panic goes on in this one.
fn settled(done: Done) -> Vec<Seen> {
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

impl Helpers {
    /// Takes `count` threads, or as many as there are: where the system has no more, fewer do.
    fn begin<'r>(by: By<'r>, count: usize, mut begin: impl FnMut(Help<'r>) -> io::Result<()>) -> Self {
        let (tell, done) = mpsc::channel();
        // Whatever happens from here on, those that began are told when it is over.
        let mut helpers = Self { shared: Arc::default(), done, threads: 0, open: 0 };
        while helpers.threads < count {
            if begin(Help { shared: helpers.shared.clone(), tell: tell.clone(), by }).is_err() {
                break;
            }
            helpers.threads += 1;
        }
        helpers
    }

    /// Hands tasks over, or back where enough of them wait already or nobody takes them.
    fn hand_over(&mut self, bytes: usize, handful: Vec<Task>) -> Result<(), Vec<Task>> {
        let mut queue = self.shared.queue();
        if self.threads == 0 || queue.bytes + bytes > WAITING {
            return Err(handful);
        }
        queue.bytes += bytes;
        queue.handfuls.push_back((bytes, handful));
        drop(queue);
        self.open += 1;
        self.shared.came.notify_one();
        Ok(())
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.over = true;
        queue.handfuls.clear();
        drop(queue);
        self.shared.came.notify_all();
    }
}

/// What one thread does.
struct Help<'r> {
    shared: Arc<Shared>,
    tell: Sender<Done>,
    by: By<'r>,
}

impl Help<'_> {
    fn run(self) {
        while let Some(handful) = self.shared.wait() {
            let read = AssertUnwindSafe(|| handful.into_iter().map(|task| task.read(self.by)).collect());
            if self.tell.send(catch_unwind(read)).is_err() {
                return;
            }
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that panics is done under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next tasks, if any wait. The lock is let go of before they are read: in a `while let` it would be held until then.
    fn next(&self) -> Option<Vec<Task>> {
        self.queue().next()
    }

    /// The next tasks; none when the scan is over.
    fn wait(&self) -> Option<Vec<Task>> {
        let mut queue = self.queue();
        loop {
            if let Some(handful) = queue.next() {
                return Some(handful);
            }
            if queue.over {
                return None;
            }
            queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Queue {
    fn next(&mut self) -> Option<Vec<Task>> {
        let (bytes, handful) = self.handfuls.pop_front()?;
        self.bytes -= bytes;
        Some(handful)
    }
}

#[cfg(test)]
mod tests;
