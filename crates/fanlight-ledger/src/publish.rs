//! Publishing: durable records into entry bundles, tiles and a signed checkpoint, in that order, each step synced before
//! the next.
//!
//! Owns the tree's right edge and the unfinished bundle. Invariant: it changes its own state only after the checkpoint is
//! in place, so a publication that fails halfway is simply done again, and finds its own files with the same bytes.

use std::sync::Arc;

use crate::checkpoint::{Checkpoint, Signed};
use crate::disk::{Access, Disk};
use crate::edge::Edge;
use crate::error::PublishError;
use crate::merkle;
use crate::note::{SigningKey, VerifierKey};
use crate::tail::Header;
use crate::tile::{self, Kind, Tile, WIDTH};

/// The checkpoint's path.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Files held open at once; a process may have only so many.
const OPEN_AT_ONCE: usize = 64;

/// Records that are durable, in one row from `first`.
pub(crate) struct Durable {
    /// The index of the first.
    pub(crate) first: u64,
    /// The records.
    pub(crate) entries: Vec<Vec<u8>>,
    /// Their bytes.
    pub(crate) bytes: usize,
}

impl Durable {
    /// The index after the last.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }
}

/// What publishes.
pub(crate) struct Publisher {
    disk: Arc<Disk>,
    key: SigningKey,
    edge: Edge,
    bundle: Vec<u8>,
    stale: Vec<Tile>,
}

struct Files(Vec<(Tile, Vec<u8>)>);

impl Publisher {
    /// Goes on from the state that the newest checkpoint names.
    pub(crate) const fn new(disk: Arc<Disk>, key: SigningKey, edge: Edge, bundle: Vec<u8>) -> Self {
        Self { disk, key, edge, bundle, stale: Vec::new() }
    }

    /// Signs a checkpoint over all that is published and `more`, which begins where the published ends.
    pub(crate) fn publish(&mut self, more: &[Arc<Durable>]) -> Result<Checkpoint, PublishError> {
        let before = self.edge.size();
        let (mut edge, mut bundle) = (self.edge.clone(), self.bundle.clone());
        let (mut bundles, mut tiles) = (Files(Vec::new()), Files(Vec::new()));
        for entry in more.iter().flat_map(|durable| &durable.entries) {
            // Entries are bounded far below what a bundle's 16-bit length can say.
            let is_within_bounds = tile::encode_entry(&mut bundle, entry);
            debug_assert!(is_within_bounds);
            let index = edge.size();
            edge.push(merkle::leaf_hash(entry), |tile, hashes| tiles.0.push((tile, tile::encode_hashes(hashes))));
            if edge.size().is_multiple_of(WIDTH) {
                let full = Tile::full(Kind::Entries, index / WIDTH);
                bundles.0.push((full, std::mem::take(&mut bundle)));
            }
        }
        let size = edge.size();
        // Until a checkpoint needs them, they are left-overs of an attempt that may fail.
        self.stale.extend(tile::partials(size));
        for partial in tile::partials(size) {
            match partial.kind {
                Kind::Entries => bundles.0.push((partial, bundle.clone())),
                Kind::Level(level) => tiles.0.push((partial, tile::encode_hashes(edge.level(level)))),
            }
        }
        bundles.write(&self.disk)?;
        tiles.write(&self.disk)?;
        let checkpoint = Checkpoint::new(self.key.verifier().name(), size, edge.root());
        sign_and_place(&self.disk, &self.key, &checkpoint)?;

        (self.edge, self.bundle) = (edge, bundle);
        self.stale.extend(tile::partials(before));
        let kept = tile::partials(size);
        self.stale.retain(|tile| !kept.contains(tile));
        Ok(checkpoint)
    }

    /// The key its checkpoints are checked with.
    pub(crate) const fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The header of a segment that begins where a checkpoint ends.
    pub(crate) fn tail_header(&self, sequence: u64, checkpoint: &Checkpoint) -> Header {
        Header::after(checkpoint, sequence, self.key())
    }

    /// Names a partial tile that no checkpoint needs any more.
    pub(crate) fn forget(&mut self, tile: Tile) {
        self.stale.push(tile);
    }

    /// Removes the partial tiles that only earlier checkpoints needed.
    pub(crate) fn remove_stale(&mut self) -> Result<(), PublishError> {
        while let Some(tile) = self.stale.last() {
            let path = tile.path();
            self.disk.remove(&path)?;
            self.disk.remove_empty_folder(folder_of(&path))?;
            self.stale.pop();
        }
        Ok(())
    }
}

/// Signs a checkpoint, checks the signature with the public key as a stranger would, and puts it in place.
pub(crate) fn sign_and_place(disk: &Disk, key: &SigningKey, checkpoint: &Checkpoint) -> Result<Signed, PublishError> {
    let signed = checkpoint.sign(key)?;
    signed.verify(key.verifier())?;
    disk.replace(CHECKPOINT, signed.to_string().as_bytes(), Access::Shared)?;
    Ok(signed)
}

impl Files {
    /// Writes all of them aside and synced, renames all, syncs the folders. One that is there already is compared.
    fn write(&self, disk: &Disk) -> Result<(), PublishError> {
        let mut paths = Vec::with_capacity(self.0.len());
        for some in self.0.chunks(OPEN_AT_ONCE) {
            let mut asides = Vec::with_capacity(some.len());
            for (tile, bytes) in some {
                let path = tile.path();
                match disk.read_if_there(&path)? {
                    // It was synced before it got its name; that the name lasts is seen to below.
                    Some(there) if there == *bytes => {}
                    Some(_) => return Err(PublishError::OtherBytes { path }),
                    None => asides.push((path.clone(), disk.write_unsynced(bytes, Access::Shared, &path)?)),
                }
                paths.push(path);
            }
            Disk::sync_all(&asides)?;
            for (path, aside) in asides {
                disk.ensure_folder(folder_of(&path))?;
                aside.place(&path)?;
            }
        }
        // A file that was there already may stand in a folder that was made just before a crash.
        paths.iter().try_for_each(|path| disk.ensure_folder(folder_of(path)))?;
        disk.sync_folders_of(paths.iter().map(String::as_str))?;
        Ok(())
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
