//! Who reads the entries: whoever goes through the archive, and beside it other threads, where there is enough to read.
//!
//! Going through an archive is one thread's work; unpacking a zip's entries and reading source text need not be. Invariants: only so many bytes wait;
//! whoever finds others busy reads by itself; nobody goes on reading after the scan; a panic in one thread is the scan's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use super::RuleSet;
use super::source::{Seen, Text};
use super::unpacked;
use crate::archive::Packed;

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

    fn read(self, rules: &RuleSet) -> Seen {
        match self {
            Self::Text(text) => text.read(rules),
            Self::Packed(packed, counts) => unpacked::look(packed, counts, rules),
        }
    }
}

/// What a thread made of a handful, or its panic.
type Done = thread::Result<Vec<Seen>>;

/// The readers of one scan.
pub(super) struct Crew<'s, 'r> {
    scope: &'s Scope<'s, 'r>,
    rules: &'r RuleSet,
    /// Bytes that came so far.
    came: usize,
    handful: Vec<Task>,
    handful_bytes: usize,
    helpers: Option<Helpers>,
}

struct Helpers {
    shared: Arc<Shared>,
    done: Receiver<Done>,
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
    pub fn new(scope: &'s Scope<'s, 'r>, rules: &'r RuleSet) -> Self {
        Self { scope, rules, came: 0, handful: Vec::new(), handful_bytes: 0, helpers: None }
    }

    /// Whether somebody else has time for an entry of so many packed bytes. Those that nobody has are unpacked as they come.
    pub fn has_time(&mut self, packed: u64) -> bool {
        self.came = self.came.saturating_add(usize::try_from(packed).unwrap_or(usize::MAX));
        let waiting = self.handful_bytes + self.helpers.as_ref().map_or(0, |helpers| helpers.shared.queue().bytes);
        *OTHERS > 0 && self.came >= WORTH && packed <= (WAITING - waiting.min(WAITING)) as u64
    }

    /// Takes something to be read. Gives what is read already, of this and of others.
    pub fn read(&mut self, task: Task) -> Vec<Seen> {
        self.came = self.came.saturating_add(task.bytes());
        if *OTHERS == 0 || self.came < WORTH {
            return vec![task.read(self.rules)];
        }
        self.handful_bytes += task.bytes();
        self.handful.push(task);
        if self.handful_bytes < HANDFUL {
            return Vec::new();
        }
        let (scope, rules) = (self.scope, self.rules);
        let helpers = self.helpers.get_or_insert_with(|| Helpers::begin(scope, rules));
        let (bytes, handful) = (std::mem::take(&mut self.handful_bytes), std::mem::take(&mut self.handful));
        match helpers.hand_over(bytes, handful) {
            Ok(()) => helpers.done.try_iter().map(settled).inspect(|_| helpers.open -= 1).flatten().collect(),
            Err(handful) => handful.into_iter().map(|task| task.read(rules)).collect(),
        }
    }

    /// Reads what nobody else has begun, waits for the rest, and gives all of it.
    pub fn settle(&mut self) -> Vec<Seen> {
        self.handful_bytes = 0;
        let mut seen: Vec<Seen> = self.handful.drain(..).map(|task| task.read(self.rules)).collect();
        let Some(helpers) = &mut self.helpers else { return seen };
        while let Some(handful) = helpers.shared.queue().next() {
            seen.extend(handful.into_iter().map(|task| task.read(self.rules)));
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
    fn begin<'s, 'r>(scope: &'s Scope<'s, 'r>, rules: &'r RuleSet) -> Self {
        let shared = Arc::new(Shared::default());
        let (tell, done) = mpsc::channel();
        for _ in 0..*OTHERS {
            let (shared, tell) = (shared.clone(), tell.clone());
            scope.spawn(move || help(&shared, &tell, rules));
        }
        Self { shared, done, open: 0 }
    }

    /// Hands tasks over, or back where enough of them wait already.
    fn hand_over(&mut self, bytes: usize, handful: Vec<Task>) -> Result<(), Vec<Task>> {
        let mut queue = self.shared.queue();
        if queue.bytes + bytes > WAITING {
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

fn help(shared: &Shared, tell: &Sender<Done>, rules: &RuleSet) {
    while let Some(handful) = shared.wait() {
        let read = AssertUnwindSafe(|| handful.into_iter().map(|task| task.read(rules)).collect());
        if tell.send(catch_unwind(read)).is_err() {
            return;
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that panics is done under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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
