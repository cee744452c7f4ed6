//! An entry of a zip archive as it is packed, so that somebody else can unpack it while the archive is gone through.

use std::io::{self, Read};

use flate2::bufread::DeflateDecoder;

/// The entry, and what the archive's list states of it.
pub(crate) struct Packed {
    /// Its path, as the archive writes it.
    pub path: String,
    /// Its packed bytes.
    pub bytes: Vec<u8>,
    pub(super) deflated: bool,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) again: Again,
}

/// Where an entry stands that has to be read again, in the order of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Again {
    pub(super) entry: usize,
    pub(super) data: u64,
}

impl Again {
    /// Its number in the order of the archive.
    pub fn entry(&self) -> usize {
        self.entry
    }
}

impl Packed {
    /// Where it stands.
    pub fn again(&self) -> Again {
        self.again
    }

    /// What a reader makes of its content; nothing where it has not the size and the checksum that the list states, or cannot be
    /// unpacked. No more is unpacked than stated.
    pub fn unpack<T>(&self, read: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> Option<T> {
        let content: Box<dyn Read + '_> = match self.deflated {
            true => Box::new(DeflateDecoder::new(&*self.bytes)),
            false => Box::new(&*self.bytes),
        };
        let mut checked = super::zip::Checked::new(content.take(self.size.saturating_add(1)));
        let out = read(&mut checked).ok()?;
        (checked.read == self.size && checked.crc.finalize() == self.crc).then_some(out)
    }
}
