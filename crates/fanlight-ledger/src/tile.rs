//! Tiles and entry bundles of C2SP tlog-tiles: their paths, which of them a log of a given size has, and how entries
//! stand in a bundle. No I/O. Invariant: a path names one immutable content for the life of the log.

use crate::merkle::{HASH_BYTES, Hash};

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
/// Bytes of the longest entry a bundle can hold: its length stands in 16 bits.
pub const ENTRY_BYTES: usize = 65_535;
/// Levels a tree of 64-bit size can have.
pub(crate) const LEVELS: u8 = 8;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Entries, as a bundle.
    Entries,
    /// Hashes of the level: 0 holds leaf hashes, each hash of a level above is the root of one full tile below.
    Level(u8),
}

/// One tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Its kind.
    pub kind: Kind,
    /// Its place within the level, from 0.
    pub index: u64,
    /// How many hashes or entries it holds: 1 to 256; less than 256 for a partial one.
    pub width: u64,
}

impl Tile {
    /// A full one.
    pub const fn full(kind: Kind, index: u64) -> Self {
        Self { kind, index, width: WIDTH }
    }

    /// Whether it is a partial one, which goes when a later checkpoint no longer needs it.
    pub const fn is_partial(self) -> bool {
        self.width < WIDTH
    }

    /// Its path below the log's folder, with `/`: `tile/0/x001/x234/067`, `tile/entries/000.p/12`.
    pub fn path(self) -> String {
        let level = match self.kind {
            Kind::Entries => "entries".to_owned(),
            Kind::Level(level) => level.to_string(),
        };
        let mut number = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1000);
            rest /= 1000;
        }
        if self.is_partial() {
            format!("tile/{level}/{number}.p/{}", self.width)
        } else {
            format!("tile/{level}/{number}")
        }
    }

    /// Reads a path back; `None` for what is no tile's path in its one canonical form.
    pub fn from_path(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("tile/")?.split('/').peekable();
        let kind = match parts.next()? {
            "entries" => Kind::Entries,
            level => Kind::Level(level.parse().ok().filter(|level: &u8| *level < 64)?),
        };
        let (mut index, mut width) = (0_u64, WIDTH);
        while let Some(part) = parts.next() {
            let digits = match part.strip_suffix(".p") {
                Some(digits) => {
                    width = parts.next()?.parse().ok().filter(|width| (1..WIDTH).contains(width))?;
                    digits
                }
                None => part.strip_prefix('x').unwrap_or(part),
            };
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        // Leading zeros, a missing x, too few digits: whatever is not canonical does not print as it was.
        Some(Self { kind, index, width }).filter(|tile| tile.path() == path)
    }
}

/// The partial tiles and the partial bundle of a log of `size`, the bundle first, then by rising level.
pub fn partials(size: u64) -> Vec<Tile> {
    let mut tiles = Vec::new();
    if !size.is_multiple_of(WIDTH) {
        tiles.push(Tile { kind: Kind::Entries, index: size / WIDTH, width: size % WIDTH });
    }
    for level in 0..LEVELS {
        let hashes = size >> (8 * u32::from(level));
        if hashes == 0 {
            break;
        }
        if !hashes.is_multiple_of(WIDTH) {
            tiles.push(Tile { kind: Kind::Level(level), index: hashes / WIDTH, width: hashes % WIDTH });
        }
    }
    tiles
}

/// How many full tiles of a kind a log of `size` has.
pub fn full_count(kind: Kind, size: u64) -> u64 {
    match kind {
        Kind::Entries => size / WIDTH,
        Kind::Level(level) => size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0),
    }
}

/// How many levels a log of `size` has tiles of.
pub fn levels(size: u64) -> u8 {
    (0..LEVELS).take_while(|level| size >> (8 * u32::from(*level)) > 0).count() as u8
}

/// The tile's bytes: the hashes one after another.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

/// The hashes of a tile's bytes; `None` where their number is not `width`.
pub fn decode_hashes(bytes: &[u8], width: u64) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    (rest.is_empty() && hashes.len() as u64 == width).then(|| hashes.to_vec())
}

/// Puts one entry at the end of a bundle's bytes. The caller keeps entries within [`ENTRY_BYTES`]; a longer one is cut
/// nowhere else, so it is refused here by `false`.
#[must_use]
pub fn encode_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else { return false };
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    true
}

/// The entries of a bundle's bytes; `None` where they are not exactly `width` whole ones.
pub fn decode_entries(mut bytes: &[u8], width: u64) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::with_capacity(width.min(WIDTH) as usize);
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bytes = rest;
    }
    (bytes.is_empty() && entries.len() as u64 == width).then_some(entries)
}

#[cfg(test)]
mod tests;
