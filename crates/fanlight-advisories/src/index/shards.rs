//! A map in many parts, of which a changed copy shares all that did not change with the one it was copied from.
//!
//! A copy costs one pointer a part; a part is copied when the first of its entries changes. So a refresh that brings a
//! few records costs their parts, and those who read the old map are not disturbed.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Parts of a map. A quarter of a million entries are some sixty in each.
const PARTS: usize = 4096;

#[derive(Debug, Clone)]
pub struct Shards<K, V> {
    parts: Box<[Arc<HashMap<K, V, RandomState>>]>,
    /// Keyed at random: names in advisories are chosen by whoever published the project.
    hasher: RandomState,
}

impl<K: Hash + Eq + Clone, V: Clone> Shards<K, V> {
    pub fn new() -> Self {
        let hasher = RandomState::new();
        let empty = Arc::new(HashMap::with_hasher(hasher.clone()));
        Self { parts: std::iter::repeat_n(empty, PARTS).collect(), hasher }
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        let hash = (self.hasher.hash_one(key) >> 20) as usize;
        hash % PARTS
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.parts[self.part(key)].get(key)
    }

    pub fn insert(&mut self, key: K, value: V) {
        let part = self.part(&key);
        Arc::make_mut(&mut self.parts[part]).insert(key, value);
    }

    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let part = self.part(key);
        if self.parts[part].contains_key(key) {
            Arc::make_mut(&mut self.parts[part]).remove(key);
        }
    }

    /// The value to be changed, made where there is none.
    pub fn entry(&mut self, key: K, new: impl FnOnce() -> V) -> &mut V {
        let part = self.part(&key);
        Arc::make_mut(&mut self.parts[part]).entry(key).or_insert_with(new)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// How many parts are the same in memory.
    #[cfg(test)]
    pub fn shared_with(&self, other: &Self) -> usize {
        self.parts.iter().zip(&other.parts).filter(|(a, b)| Arc::ptr_eq(a, b)).count()
    }
}
