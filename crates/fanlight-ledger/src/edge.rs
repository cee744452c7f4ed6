//! The right edge of a growing tree: the hashes of its unfinished tiles, at most 255 a level, from which the root
//! follows. No I/O. Invariant: level L holds exactly the hashes of the partial tile that C2SP tlog-tiles asks for at
//! this size.

use crate::merkle::{self, Hash};
use crate::tile::{self, Kind, Tile, WIDTH};

/// The right edge of a tree.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// Reads the edge of a tree of `size` from its partial tiles; `tile` gives each one's hashes, as many as its width.
    pub fn load<E>(size: u64, mut tile: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut levels = vec![Vec::new(); usize::from(tile::levels(size))];
        for partial in tile::partials(size) {
            if let Kind::Level(level) = partial.kind {
                levels[usize::from(level)] = tile(partial)?;
            }
        }
        Ok(Self { size, levels })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; `full` is given each tile this completes, from level 0 up.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, &[Hash])) {
        let (mut hash, index) = (leaf, self.size);
        self.size += 1;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(WIDTH as usize));
            }
            let hashes = &mut self.levels[level];
            hashes.push(hash);
            if (hashes.len() as u64) < WIDTH {
                return;
            }
            full(Tile::full(Kind::Level(level as u8), index >> (8 * (level + 1))), hashes);
            hash = merkle::root_of(hashes);
            hashes.clear();
        }
    }

    /// The hashes of the partial tile at a level.
    pub fn level(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Puts other hashes in a level's place, to see which root they would lead to.
    pub fn replace_level(&mut self, level: u8, hashes: Vec<Hash>) {
        if let Some(place) = self.levels.get_mut(usize::from(level)) {
            *place = hashes;
        }
    }

    /// The tree's root hash.
    pub fn root(&self) -> Hash {
        let mut below: Option<Hash> = None;
        let mut hashes = Vec::with_capacity(WIDTH as usize);
        for level in &self.levels {
            if level.is_empty() {
                continue;
            }
            // What is unfinished below is the last and smallest subtree at this level.
            hashes.clear();
            hashes.extend_from_slice(level);
            hashes.extend(below);
            below = Some(merkle::root_of(&hashes));
        }
        below.unwrap_or_else(merkle::empty_root)
    }
}

#[cfg(test)]
mod tests;
