//! Records packed and unpacked one after another (DEFLATE, RFC 1951).
//!
//! Hundreds of thousands come in a row, and to make a packer anew for each would cost more than the packing.

use fanlight_base::limits;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Packs and unpacks, one record at a time.
#[derive(Debug)]
pub(super) struct Packing {
    pack: Compress,
    unpack: Decompress,
}

impl Default for Packing {
    fn default() -> Self {
        // Quick rather than small: the records of all feeds together are some hundred megabytes.
        Self { pack: Compress::new(Compression::fast(), false), unpack: Decompress::new(false) }
    }
}

impl Packing {
    /// The record packed.
    pub fn packed(&mut self, record: &[u8]) -> Vec<u8> {
        self.pack.reset();
        let mut out = Vec::with_capacity(record.len() / 2 + 64);
        loop {
            let taken = usize::try_from(self.pack.total_in()).unwrap_or(usize::MAX);
            let rest = record.get(taken..).unwrap_or_default();
            match self.pack.compress_vec(rest, &mut out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return out,
                Ok(Status::Ok | Status::BufError) => out.reserve(out.capacity().max(64)),
                // Packing memory does not fail; if it did, the record would be refused when it is read.
                Err(_) => return Vec::new(),
            }
        }
    }

    /// The record again; nothing where that was none, or is longer than a record may be.
    pub fn unpacked(&mut self, packed: &[u8]) -> Option<Vec<u8>> {
        self.unpack.reset(false);
        let mut out = Vec::with_capacity((packed.len() * 4).clamp(512, limits::ADVISORY_BYTES));
        loop {
            let taken = usize::try_from(self.unpack.total_in()).unwrap_or(usize::MAX);
            let rest = packed.get(taken..).unwrap_or_default();
            match self.unpack.decompress_vec(rest, &mut out, FlushDecompress::Finish) {
                Ok(Status::StreamEnd) => return Some(out),
                Ok(Status::Ok | Status::BufError)
                    if out.len() == out.capacity() && out.len() <= limits::ADVISORY_BYTES =>
                {
                    out.reserve(out.capacity());
                }
                // Cut off, longer than may be, or no packed record at all.
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_one_after_another() {
        let mut packing = Packing::default();
        let random = |length: usize| (0..length).map(|at| (at * at % 251) as u8 ^ (at / 7) as u8).collect::<Vec<_>>();
        for record in [Vec::new(), b"{}".to_vec(), vec![b'a'; 300_000], random(70_000), random(3)] {
            let packed = packing.packed(&record);
            assert_eq!(packing.unpacked(&packed).as_deref(), Some(&*record));
            assert_eq!(packing.unpacked(&packed[..packed.len() - 1]), None, "cut off");
        }
        assert_eq!(packing.unpacked(b"no packed record"), None);
        let bomb = packing.packed(&vec![0; limits::ADVISORY_BYTES * 4]);
        assert_eq!(packing.unpacked(&bomb), None);
    }
}
