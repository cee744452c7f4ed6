//! The hashes of complete subtrees, read out of tiles: what a prover needs.

use std::collections::HashMap;
use std::path::Path;

use super::FilesError;
use crate::disk;
use crate::edge::Edge;
use crate::merkle::{self, Hash, Hashes};
use crate::tile::{self, Kind, Tile, WIDTH};

/// Hashes out of a folder's full tiles and the edge.
pub(crate) struct TileHashes<'a> {
    dir: &'a Path,
    edge: &'a Edge,
    read: HashMap<(u8, u64), Vec<Hash>>,
}

impl<'a> TileHashes<'a> {
    pub(crate) fn new(dir: &'a Path, edge: &'a Edge) -> Self {
        Self { dir, edge, read: HashMap::new() }
    }
}

impl Hashes for TileHashes<'_> {
    type Error = FilesError;

    fn hash(&mut self, height: u32, index: u64) -> Result<Hash, FilesError> {
        let level = (height / 8) as u8;
        let count = 1_u64 << (height % 8);
        let start = index * count;
        let (place, within) = (start / WIDTH, (start % WIDTH) as usize);
        let range = within..within + count as usize;
        let size = self.edge.size();
        let tile = Tile::full(Kind::Level(level), place);
        let disagrees = || FilesError::Disagrees { path: tile.path(), size };
        if place >= tile::full_count(tile.kind, size) {
            return self.edge.level(level).get(range).map(merkle::root_of).ok_or_else(disagrees);
        }
        let hashes = match self.read.entry((level, place)) {
            std::collections::hash_map::Entry::Occupied(read) => read.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let bytes = disk::read_if_there(self.dir, &tile.path())?;
                let bytes = bytes.ok_or_else(|| FilesError::Missing { path: tile.path() })?;
                vacant.insert(tile::decode_hashes(&bytes, WIDTH).ok_or_else(disagrees)?)
            }
        };
        Ok(merkle::root_of(&hashes[range]))
    }
}
