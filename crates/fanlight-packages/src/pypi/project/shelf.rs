//! The projects at hand, within so many bytes: those asked for longest ago go first.
//!
//! Invariants: a place that somebody has in hand, or whose project is being served, stays, so there is never a second
//! place, and with it a second look, for one name; the place asked for last stays, however large it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use super::place::Place;
use super::scale::{Load, Scale};
use crate::pypi::formats::index::allocated;

/// Something that can say what it weighs.
pub(super) trait Weighed: Send + Sync + 'static {
    /// Bytes it takes now.
    fn bytes(&self) -> u64;
}

/// Places by name.
pub(super) struct Shelf<T> {
    spots: RwLock<HashMap<Arc<str>, Spot<T>, foldhash::quality::RandomState>>,
    uses: AtomicU64,
    scale: Arc<Scale>,
    limit: u64,
}

struct Spot<T> {
    place: Arc<Place<T>>,
    /// The number of its last use.
    used: AtomicU64,
    _load: Load,
}

impl<T: Weighed> Shelf<T> {
    /// An empty shelf. What its places hold weighs on `scale` and is kept under `limit` bytes.
    pub(super) fn new(scale: Arc<Scale>, limit: u64) -> Self {
        Self { spots: RwLock::default(), uses: AtomicU64::new(0), scale, limit }
    }

    /// The place of that name, empty where there was none.
    pub(super) fn place(&self, name: &str) -> Arc<Place<T>> {
        let use_number = self.uses.fetch_add(1, Ordering::Relaxed);
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
                &self.scale,
                size_of::<(Arc<str>, Self)>() + allocated(size_of::<Place<T>>() + 16) + allocated(name.len() + 16),
            ),
        });
        spot.used.store(use_number, Ordering::Relaxed);
        spot.place.clone()
    }

    /// Lets go of what was asked for longest ago, where there is more than the limit. A tenth more than needed goes, so
    /// that a full shelf is not gone through for each new project.
    pub(super) fn make_room(&self) {
        if self.scale.bytes() <= self.limit {
            return;
        }
        let mut gone = Vec::new();
        let mut spots = self.spots.write();
        let mut left = self.scale.bytes();
        let target = self.limit - self.limit / 10;
        let mut by_use: Vec<(u64, Arc<str>)> =
            spots.iter().map(|(name, spot)| (spot.used.load(Ordering::Relaxed), name.clone())).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        by_use.pop();
        for (_, name) in by_use {
            if left <= target {
                break;
            }
            // Nobody can take the place in hand while the table is locked.
            let is_free = |spot: &Spot<T>| Arc::strong_count(&spot.place) == 1 && !spot.place.is_in_use();
            if spots.get(&name).is_some_and(is_free)
                && let Some(spot) = spots.remove(&name)
            {
                left = left.saturating_sub(spot.place.known().map_or(0, |known| known.thing.bytes()));
                gone.push(spot);
            }
        }
        drop(spots);
        // Freeing a large page takes a while, and nobody need wait for it.
        drop(gone);
    }

    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.spots.read().len()
    }
}

#[cfg(test)]
mod tests;
