//! Bundles, tiles and root against one another, from the leaves up.
//!
//! Each tile says a hash for everything below it, and is itself summed up by one hash in the tile above, or by the signed
//! root. Where a tile and what is below contradict each other, the one whose sum is the hash above is right.

use std::collections::HashMap;
use std::path::Path;

use super::{Flaws, Progress};
use crate::checkpoint::Checkpoint;
use crate::disk;
use crate::edge::Edge;
use crate::files::FilesError;
use crate::files::snapshot::Raw;
use crate::merkle::{Hash, root_of};
use crate::publish::CHECKPOINT;
use crate::tile::{self, Kind, Tile, WIDTH};

mod leaves;

/// Tiles that sum up others, by level and place; absent where missing or malformed.
pub(super) type Upper = HashMap<(u8, u64), Vec<Hash>>;

/// Checks the whole tree. Gives its edge where that leads to the signed root.
pub(super) fn check(
    dir: &Path,
    raw: &Raw,
    checkpoint: &Checkpoint,
    progress: &mut dyn FnMut(Progress),
    flaws: &mut Flaws,
) -> Result<Option<Edge>, FilesError> {
    let size = checkpoint.size;
    let upper = read_upper(dir, raw, size, flaws)?;
    let mut below = leaves::check(dir, size, &upper, progress, flaws)?;
    if flaws.is_overfull() {
        return Ok(None);
    }
    // The edge as its files have it, and as what is below says it should be.
    let mut stored: Vec<Option<Vec<Hash>>> = Vec::new();
    let mut computed: Vec<Vec<Option<Hash>>> = Vec::new();
    let mut names: Vec<Option<Tile>> = Vec::new();
    let partials = tile::partials(size);
    for level in 0..tile::levels(size) {
        let kind = Kind::Level(level);
        let partial = partials.iter().find(|tile| tile.kind == kind).copied();
        if level > 0 {
            let (mut sums, mut places) = (Vec::new(), below.chunks_exact(WIDTH as usize));
            for (index, hashes) in (0..).zip(&mut places) {
                let tile = Tile::full(kind, index);
                let above = upper.get(&(level + 1, index / WIDTH)).map(|hashes| hashes[(index % WIDTH) as usize]);
                let held = upper.get(&(level, index)).map(Vec::as_slice);
                sums.push(judge(tile, held, hashes, above, flaws));
            }
            computed.push(places.remainder().to_vec());
            below = sums;
        } else {
            computed.push(leaves::partial_bundle(raw, size, flaws));
        }
        let held = partial.and_then(|tile| partial_hashes(raw, tile, flaws));
        stored.push(if partial.is_some() { held } else { Some(Vec::new()) });
        names.push(partial);
    }
    Ok(judge_edge(checkpoint, &stored, &computed, &names, flaws))
}

fn read_upper(dir: &Path, raw: &Raw, size: u64, flaws: &mut Flaws) -> Result<Upper, FilesError> {
    let mut upper = Upper::new();
    for level in 1..tile::levels(size) {
        for index in 0..tile::full_count(Kind::Level(level), size) {
            if flaws.is_overfull() {
                return Ok(upper);
            }
            if let Some(hashes) = read_hashes(dir, Tile::full(Kind::Level(level), index), flaws)? {
                upper.insert((level, index), hashes);
            }
        }
    }
    // Partial tiles sum up full ones too. What is wrong with them is noted where the edge is judged.
    for (tile, bytes) in &raw.partials {
        if let (Kind::Level(level), Some(hashes)) = (tile.kind, tile::decode_hashes(bytes, tile.width)) {
            upper.insert((level, tile.index), hashes);
        }
    }
    Ok(upper)
}

/// A full tile's hashes; what is wrong with the file is noted.
fn read_hashes(dir: &Path, tile: Tile, flaws: &mut Flaws) -> Result<Option<Vec<Hash>>, FilesError> {
    let path = tile.path();
    Ok(match disk::read_if_there(dir, &path)? {
        Some(bytes) => decoded(&path, tile::decode_hashes(&bytes, tile.width), flaws),
        None => {
            flaws.missing(&path);
            None
        }
    })
}

fn partial_hashes(raw: &Raw, tile: Tile, flaws: &mut Flaws) -> Option<Vec<Hash>> {
    let path = tile.path();
    match raw.partials.get(&tile) {
        Some(bytes) => decoded(&path, tile::decode_hashes(bytes, tile.width), flaws),
        None => {
            flaws.missing(&path);
            None
        }
    }
}

fn decoded<T>(path: &str, decoded: Option<T>, flaws: &mut Flaws) -> Option<T> {
    if decoded.is_none() {
        flaws.add(path, "it has not the form or the number of hashes or entries that its name says");
    }
    decoded
}

/// All hashes, where all are known.
fn all(hashes: &[Option<Hash>]) -> Option<Vec<Hash>> {
    hashes.iter().copied().collect()
}

/// Judges a full tile against what is below it and the hash above it, names what was changed, and gives the sum that the
/// level above is to be judged by.
fn judge(
    tile: Tile,
    held: Option<&[Hash]>,
    below: &[Option<Hash>],
    above: Option<Hash>,
    flaws: &mut Flaws,
) -> Option<Hash> {
    let from_below = all(below).map(|hashes| root_of(&hashes));
    let Some(held) = held else { return from_below };
    let sum = root_of(held);
    let differing: Vec<usize> = (0..held.len()).filter(|i| below[*i].is_some_and(|hash| hash != held[*i])).collect();
    if !differing.is_empty() {
        if above != Some(sum) {
            blame(tile, flaws);
        }
        if above != from_below || above.is_none() {
            differing.iter().for_each(|i| blame_below(tile, *i as u64, flaws));
        }
    }
    Some(sum)
}

fn blame(tile: Tile, flaws: &mut Flaws) {
    flaws.add(&tile.path(), "it was changed: its hashes are not those of what they stand for");
}

/// Blames what the `place`-th hash of a tile stands for.
fn blame_below(tile: Tile, place: u64, flaws: &mut Flaws) {
    let index = tile.index * WIDTH + place;
    match tile.kind {
        Kind::Level(level) if level > 0 => {
            let child = Tile::full(Kind::Level(level - 1), index);
            let what = format!("it was changed: {} has another hash for it", tile.path());
            flaws.add(&child.path(), &what);
        }
        _ => {
            let bundle = Tile { kind: Kind::Entries, ..tile };
            flaws.add(&bundle.path(), &format!("it was changed: entry {index} is not the one that was logged"));
        }
    }
}

/// Judges the partial tiles, which are summed up by the signed root alone.
fn judge_edge(
    checkpoint: &Checkpoint,
    stored: &[Option<Vec<Hash>>],
    computed: &[Vec<Option<Hash>>],
    names: &[Option<Tile>],
    flaws: &mut Flaws,
) -> Option<Edge> {
    let size = checkpoint.size;
    let of = |levels: Vec<Option<Vec<Hash>>>| -> Option<Edge> {
        let levels: Option<Vec<_>> = levels.into_iter().collect();
        let mut levels = levels?.into_iter();
        let mut edge = Edge::load::<()>(size, |_| Ok(Vec::new())).ok()?;
        for level in 0..tile::levels(size) {
            edge.replace_level(level, levels.next()?);
        }
        (edge.root() == checkpoint.root).then_some(edge)
    };
    let by_files = of(stored.to_vec());
    let by_content = of(computed.iter().map(|hashes| all(hashes)).collect());
    let mut is_known = false;
    for ((held, below), name) in stored.iter().zip(computed).zip(names) {
        let (Some(held), Some(tile)) = (held, name) else { continue };
        let differing: Vec<usize> =
            (0..held.len()).filter(|i| below.get(*i).copied().flatten().is_some_and(|hash| hash != held[*i])).collect();
        if differing.is_empty() {
            continue;
        }
        is_known = true;
        if by_files.is_none() {
            blame(*tile, flaws);
        }
        if by_content.is_none() {
            differing.iter().for_each(|i| blame_below(*tile, *i as u64, flaws));
        }
    }
    if by_files.is_none() && by_content.is_none() && !is_known && flaws.is_empty() {
        let what = "its root hash is not that of the tiles and entries, which agree with one another: \
                    the log was rewritten, or the checkpoint is of another history";
        flaws.add(CHECKPOINT, what);
    }
    by_files.or(by_content)
}
