//! Whether a kept file still is what its name says: read once in a run, and again whenever the disk says that it changed.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};

use ring::digest;

use super::index::Stamp;
use crate::digest::{Algorithm, Digest};

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

pub(super) fn stamp(meta: &Metadata) -> Stamp {
    Stamp {
        inode: meta.ino(),
        len: meta.len(),
        modified: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
    }
}

/// The digest of a file's content; the place where the file is read next stays at its start.
pub(super) fn digest_of(file: &File, algorithm: Algorithm) -> io::Result<Digest> {
    let mut context = digest::Context::new(algorithm.ring());
    let (mut buffer, mut offset) = (vec![0; CHUNK], 0);
    loop {
        match file.read_at(&mut buffer, offset) {
            Ok(0) => return Ok(algorithm.of_ring(&context.finish())),
            Ok(read) => {
                context.update(&buffer[..read]);
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
