//! Which tiles and bundles are there, told from the folders' listings alone, so that a file taken away is noticed at the
//! next start even in a long log. Contents are `verify`'s work.

use crate::disk::Disk;
use crate::error::OpenError;
use crate::tile::{self, Kind, Tile};

/// Checks that every full tile and bundle of a log of `size` is there, and gives the partial ones that no checkpoint
/// needs any more. Full ones beyond `size` are left: the publication that was cut short is done again with the same
/// bytes.
pub(super) fn check(disk: &Disk, size: u64) -> Result<Vec<Tile>, OpenError> {
    let kept = tile::partials(size);
    let mut stale = Vec::new();
    for kind in std::iter::once(Kind::Entries).chain((0..tile::LEVELS).map(Kind::Level)) {
        let folder = match kind {
            Kind::Entries => "tile/entries".to_owned(),
            Kind::Level(level) => format!("tile/{level}"),
        };
        let mut found = Vec::new();
        walk(disk, &folder, &mut found)?;
        stale.extend(found.iter().copied().filter(|tile| tile.is_partial() && !kept.contains(tile)));
        let mut full: Vec<u64> = found.into_iter().filter(|tile| !tile.is_partial()).map(|tile| tile.index).collect();
        full.sort_unstable();
        let wanted = tile::full_count(kind, size);
        let missing = (0..wanted).zip(full.iter().copied().map(Some).chain(std::iter::repeat(None)));
        if let Some((index, _)) = missing.into_iter().find(|(index, found)| *found != Some(*index)) {
            return Err(OpenError::Missing { file: Tile::full(kind, index).path() });
        }
    }
    Ok(stale)
}

fn walk(disk: &Disk, folder: &str, found: &mut Vec<Tile>) -> Result<(), OpenError> {
    for name in disk.list(folder)? {
        let path = format!("{folder}/{name}");
        if name.starts_with('x') && !name.ends_with(".p") || name.ends_with(".p") {
            walk(disk, &path, found)?;
        } else if let Some(tile) = Tile::from_path(&path) {
            found.push(tile);
        }
    }
    Ok(())
}
