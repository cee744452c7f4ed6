//! The projects of one door at hand, in the memory that all doors share.
//!
//! Invariant: a place that somebody has in hand, or whose project is being served, stays, so there is never a second
//! place, and with it a second look, for one name.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::RwLock;

use super::memory::{Memory, Shelved};
use super::place::Place;
use super::scale::{Load, allocated};

/// Something that can say what it weighs.
pub(super) trait Weighed: Send + Sync + 'static {
    /// Bytes it takes now.
    fn bytes(&self) -> u64;
}

/// Places by name.
pub(super) struct Shelf<T> {
    spots: RwLock<HashMap<Arc<str>, Spot<T>, foldhash::quality::RandomState>>,
    memory: Arc<Memory>,
}

struct Spot<T> {
    place: Arc<Place<T>>,
    /// The number of its last use.
    used: AtomicU64,
    _load: Load,
}

impl<T: Weighed> Shelf<T> {
    /// An empty shelf.
    pub(super) fn on(memory: &Arc<Memory>) -> Arc<Self> {
        let shelf = Arc::new(Self { spots: RwLock::default(), memory: memory.clone() });
        let weak: Weak<Self> = Arc::downgrade(&shelf);
        memory.add(weak);
        shelf
    }

    /// The place of that name, empty where there was none.
    pub(super) fn place(&self, name: &str) -> Arc<Place<T>> {
        let use_number = self.memory.next_use();
        if let Some(spot) = self.spots.read().get(name) {
            spot.used.store(use_number, Ordering::Relaxed);
            return spot.place.clone();
        }
        let mut spots = self.spots.write();
        let spot = spots.entry(name.into()).or_insert_with(|| Spot {
            place: Arc::default(),
            used: AtomicU64::new(use_number),
            // Its own table entry, its allocation, the name.
            _load: Load::new(
                self.memory.scale(),
                size_of::<(Arc<str>, Self)>() + allocated(size_of::<Place<T>>() + 16) + allocated(name.len() + 16),
            ),
        });
        spot.used.store(use_number, Ordering::Relaxed);
        spot.place.clone()
    }

    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.spots.read().len()
    }
}

impl<T: Weighed> Shelved for Shelf<T> {
    fn by_use(&self) -> Vec<(u64, Arc<str>)> {
        self.spots.read().iter().map(|(name, spot)| (spot.used.load(Ordering::Relaxed), name.clone())).collect()
    }

    fn let_go(&self, name: &str, used: u64) -> Option<(u64, Box<dyn Any + Send>)> {
        let mut spots = self.spots.write();
        // Nobody can take the place in hand while the table is locked.
        let is_free = |spot: &Spot<T>| {
            spot.used.load(Ordering::Relaxed) == used && Arc::strong_count(&spot.place) == 1 && !spot.place.is_in_use()
        };
        if !spots.get(name).is_some_and(is_free) {
            return None;
        }
        let (_, spot) = spots.remove_entry(name)?;
        Some((spot.place.known().map_or(0, |known| known.thing.bytes()), Box::new(spot)))
    }
}

#[cfg(test)]
mod tests;
