//! The memory that the pages of all doors take together, within so many bytes: what was asked for longest ago goes first,
//! whichever door it is of.
//!
//! Invariant: what was asked for last stays, however large it is.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::scale::Scale;

/// One door's part of the memory.
pub(super) trait Shelved: Send + Sync {
    /// What is there, each with the number of its last use.
    fn by_use(&self) -> Vec<(u64, Arc<str>)>;

    /// Lets go of one that nobody has in hand and that was not used since; gives its bytes and the thing, to be dropped
    /// where nobody waits for it.
    fn let_go(&self, name: &str, used: u64) -> Option<(u64, Box<dyn Any + Send>)>;
}

/// The memory of all doors.
pub struct Memory {
    scale: Arc<Scale>,
    limit: u64,
    uses: AtomicU64,
    shelves: Mutex<Vec<Weak<dyn Shelved>>>,
}

impl Memory {
    /// Memory of `limit` bytes, roughly.
    pub fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { scale: Arc::default(), limit, uses: AtomicU64::new(0), shelves: Mutex::default() })
    }

    /// Bytes taken, roughly.
    pub fn bytes(&self) -> u64 {
        self.scale.bytes()
    }

    /// What is taken, weighed.
    pub const fn scale(&self) -> &Arc<Scale> {
        &self.scale
    }

    /// The number of the next use.
    pub(super) fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn add(&self, shelf: Weak<dyn Shelved>) {
        self.shelves.lock().push(shelf);
    }

    /// Lets go of what was asked for longest ago, where there is more than the limit. A tenth more than needed goes, so
    /// that all of it is not gone through for each new project.
    pub fn make_room(&self) {
        if self.scale.bytes() <= self.limit {
            return;
        }
        // One at a time, or two would both let go of what is too much.
        let shelves = self.shelves.lock();
        let there: Vec<Arc<dyn Shelved>> = shelves.iter().filter_map(Weak::upgrade).collect();
        let mut left = self.scale.bytes();
        let target = self.limit - self.limit / 10;
        let mut by_use: Vec<(u64, usize, Arc<str>)> = Vec::new();
        for (number, shelf) in there.iter().enumerate() {
            by_use.extend(shelf.by_use().into_iter().map(|(used, name)| (used, number, name)));
        }
        by_use.sort_unstable_by_key(|(used, ..)| *used);
        by_use.pop();
        let mut gone = Vec::new();
        for (used, shelf, name) in by_use {
            if left <= target {
                break;
            }
            if let Some((bytes, thing)) = there[shelf].let_go(&name, used) {
                left = left.saturating_sub(bytes);
                gone.push(thing);
            }
        }
        drop(shelves);
        // Freeing a large page takes a while, and nobody need wait for it.
        drop(gone);
    }
}
