//! What a read page takes in memory, roughly: what bounds of bytes count by.

use super::{Index, IndexFile};
use crate::project::{allocated, shared};

impl Index {
    /// Bytes it takes, roughly: structs by their size, texts by their allocations. What the files of a page share (the
    /// beginnings of addresses, ranges of Python versions, names of hashes) is so little that it is not counted.
    pub fn weight(&self) -> usize {
        let versions: usize = self.versions.iter().map(|version| size_of_val(version) + allocated(version.len())).sum();
        let notes: usize =
            self.notes.iter().map(|note| size_of_val(note) + note.file.as_deref().map_or(0, shared)).sum();
        let files: usize = self.files.iter().map(IndexFile::bytes).sum();
        size_of::<Self>() + shared(&self.name) + versions + notes + files
    }
}

impl IndexFile {
    fn bytes(&self) -> usize {
        let others = &self.hashes.others;
        size_of::<Self>()
            + shared(&self.filename)
            + allocated(self.url.own_bytes())
            + self.provenance.as_ref().map_or(0, |provenance| allocated(provenance.own_bytes()))
            + allocated(size_of_val(&**others))
            + others.iter().map(|(_, value)| allocated(value.len())).sum::<usize>()
            + self.yanked.reason().map_or(0, |reason| shared(reason))
    }
}
