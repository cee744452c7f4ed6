//! The records in a zip archive (APPNOTE 6.3), by its central directory, in that directory's order.
//!
//! The directory is walked and never held, so memory does not grow with the number of entries. Stored and deflated
//! entries are read, with ZIP64; sizes and checksums must be those of the directory. Several disks, bytes put before the
//! archive, and encryption are refused.

use std::io::{self, Read, Seek, SeekFrom};

use fanlight_base::limits;
use flate2::{Decompress, FlushDecompress, Status};

use super::{Budget, Entry, EntryError, EntryFault, FeedError, is_plain, is_record};
use crate::text::one_line;

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;

const END_BYTES: usize = 22;
const LOCATOR_64_BYTES: usize = 20;
const END_64_BYTES: usize = 56;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;

/// The records in a zip archive. An error where the end of the archive cannot be found or contradicts itself.
pub fn zip<R: Read + Seek>(mut archive: R) -> Result<impl Iterator<Item = Result<Entry, EntryFault>>, FeedError> {
    let directory = Directory::find(&mut archive)?;
    Ok(Zip { archive, directory, budget: Budget::full(), inflate: Decompress::new(false) })
}

struct Zip<R> {
    archive: R,
    directory: Directory,
    budget: Budget,
    /// One for all entries: to make it anew would cost more than a record takes to unpack.
    inflate: Decompress,
}

/// What is left of the central directory.
struct Directory {
    at: u64,
    end: u64,
    entries: u64,
}

/// Little-endian numbers at an offset of a block that is long enough by its type.
struct Block<'a>(&'a [u8]);

impl Block<'_> {
    fn u16(&self, at: usize) -> u16 {
        self.0.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32
    }
}

fn read_at<R: Read + Seek>(archive: &mut R, at: u64, bytes: usize) -> io::Result<Vec<u8>> {
    archive.seek(SeekFrom::Start(at))?;
    let mut block = vec![0; bytes];
    archive.read_exact(&mut block)?;
    Ok(block)
}

impl Directory {
    fn find<R: Read + Seek>(archive: &mut R) -> Result<Self, FeedError> {
        let io = |error| FeedError::Io("the archive".to_owned(), error);
        let length = archive.seek(SeekFrom::End(0)).map_err(io)?;
        let tail = length.min((END_BYTES + usize::from(u16::MAX)) as u64);
        let tail = read_at(archive, length - tail, tail as usize).map_err(io)?;
        let starts = (0..=tail.len().saturating_sub(END_BYTES)).rev();
        let found = starts
            .map(|at| (at, Block(&tail[at..])))
            .find(|(at, block)| block.u32(0) == END && at + END_BYTES + usize::from(block.u16(20)) == tail.len());
        let Some((at, end)) = found else { return Err(FeedError::NotAZip("its end is missing")) };
        let end_at = length - (tail.len() - at) as u64;
        if end.u16(4) != end.u16(6) || end.u16(8) != end.u16(10) {
            return Err(FeedError::NotAZip("it is one of several parts"));
        }
        let mut found =
            Self { at: u64::from(end.u32(16)), end: u64::from(end.u32(12)), entries: u64::from(end.u16(10)) };
        let mut before = end_at;
        if end.u16(10) == u16::MAX || end.u32(12) == u32::MAX || end.u32(16) == u32::MAX {
            (found, before) =
                Self::find_64(archive, end_at).map_err(io)?.ok_or(FeedError::NotAZip("its ZIP64 end is missing"))?;
        }
        let end = found.at.checked_add(found.end).filter(|end| *end == before);
        found.end = end.ok_or(FeedError::NotAZip("its directory is not where its end says"))?;
        Ok(found)
    }

    /// The directory's place and size by the ZIP64 records, and where the first of these stands.
    fn find_64<R: Read + Seek>(archive: &mut R, end_at: u64) -> io::Result<Option<(Self, u64)>> {
        let Some(locator_at) = end_at.checked_sub(LOCATOR_64_BYTES as u64) else { return Ok(None) };
        let locator = read_at(archive, locator_at, LOCATOR_64_BYTES)?;
        let locator = Block(&locator);
        let at = locator.u64(8);
        if locator.u32(0) != LOCATOR_64 || at.checked_add(END_64_BYTES as u64).is_none_or(|end| end > locator_at) {
            return Ok(None);
        }
        let end = read_at(archive, at, END_64_BYTES)?;
        let end = Block(&end);
        let found = Self { at: end.u64(48), end: end.u64(40), entries: end.u64(32) };
        Ok((end.u32(0) == END_64).then_some((found, at)))
    }
}

/// An entry as the central directory has it.
struct Header {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    checksum: u32,
    /// `None`: it should stand in a ZIP64 field, and does not.
    place: Option<Place>,
}

/// How large an entry is, unpacked and packed, and where its local header stands.
#[derive(Clone, Copy)]
struct Place {
    size: u64,
    packed: u64,
    local: u64,
}

impl<R: Read + Seek> Zip<R> {
    /// The next header. An error ends the directory: where one is wrong, nobody knows where the next begins.
    fn header(&mut self) -> Result<Header, EntryError> {
        let damaged = EntryError::Damaged;
        if self.directory.end - self.directory.at < CENTRAL_BYTES as u64 {
            return Err(damaged("the directory ends too early"));
        }
        let block = read_at(&mut self.archive, self.directory.at, CENTRAL_BYTES).map_err(EntryError::Io)?;
        let block = Block(&block);
        if block.u32(0) != CENTRAL {
            return Err(damaged("no entry where the directory should have one"));
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(block.u16(at)));
        let next = self.directory.at + (CENTRAL_BYTES + name + extra + comment) as u64;
        if next > self.directory.end {
            return Err(damaged("an entry is longer than the directory"));
        }
        let mut rest = vec![0; name + extra];
        self.archive.read_exact(&mut rest).map_err(EntryError::Io)?;
        self.directory.at = next;
        let extra = rest.split_off(name);
        let [packed, size, local] = [20, 24, 42].map(|at| block.u32(at));
        let mut wide = zip64(&extra).chunks_exact(8).map(|bytes| Block(bytes).u64(0));
        // The wide values stand in this order, each only where the narrow one has no room for it.
        let mut widened = |narrow: u32| if narrow == u32::MAX { wide.next() } else { Some(u64::from(narrow)) };
        let place = match (widened(size), widened(packed), widened(local)) {
            (Some(size), Some(packed), Some(local)) => Some(Place { size, packed, local }),
            _ => None,
        };
        Ok(Header { name: rest, flags: block.u16(8), method: block.u16(10), checksum: block.u32(16), place })
    }

    /// The bytes of a record. `None` for what is no record by its name.
    fn bytes(&mut self, header: &Header) -> Result<Option<Vec<u8>>, EntryError> {
        let name = std::str::from_utf8(&header.name).map_err(|_| EntryError::Name)?;
        if !is_plain(name.strip_suffix('/').unwrap_or(name)) {
            return Err(EntryError::Name);
        }
        if !is_record(name) {
            return Ok(None);
        }
        if header.flags & 1 != 0 {
            return Err(EntryError::Encrypted);
        }
        let Place { size, packed, local } = header.place.ok_or(EntryError::Damaged("a ZIP64 size is missing"))?;
        // Whichever is more: there are ways to pack nothing into very much.
        let cost = size.max(packed);
        if cost > limits::ADVISORY_BYTES as u64 {
            return Err(EntryError::TooLong);
        }
        // Before it is unpacked: entries may share their bytes, and a wrong one costs as much as a right one.
        self.budget.bytes(cost)?;
        let local = read_at(&mut self.archive, local, LOCAL_BYTES).map_err(EntryError::Io)?;
        let local = Block(&local);
        if local.u32(0) != LOCAL || local.u16(8) != header.method {
            return Err(EntryError::Damaged("no entry where the directory says"));
        }
        let skip = i64::from(local.u16(26)) + i64::from(local.u16(28));
        self.archive.seek(SeekFrom::Current(skip)).map_err(EntryError::Io)?;
        if ![0, 8].contains(&header.method) {
            return Err(EntryError::Method(header.method));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(packed).unwrap_or_default());
        (&mut self.archive).take(packed).read_to_end(&mut bytes).map_err(EntryError::Io)?;
        if header.method == 8 {
            bytes = inflated(&mut self.inflate, &bytes, size)?;
        }
        if bytes.len() as u64 != size {
            return Err(EntryError::Damaged("its size is not the one the directory has"));
        }
        if crc32fast::hash(&bytes) != header.checksum {
            return Err(EntryError::Damaged("its checksum is wrong"));
        }
        Ok(Some(bytes))
    }
}

/// Unpacks one byte more than the directory promises at most, so that a bomb is found and not unpacked.
fn inflated(inflate: &mut Decompress, packed: &[u8], size: u64) -> Result<Vec<u8>, EntryError> {
    inflate.reset(false);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    match inflate.decompress_vec(packed, &mut bytes, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) => Ok(bytes),
        Ok(_) if bytes.len() as u64 > size => Ok(bytes),
        Ok(_) => Err(EntryError::Damaged("what is packed in it is cut off")),
        Err(error) => Err(EntryError::Io(error.into())),
    }
}

/// The ZIP64 field among an entry's extra fields, or nothing.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while extra.len() >= 4 {
        let [kind, length] = [0, 2].map(|at| Block(extra).u16(at));
        let Some((field, rest)) = extra[4..].split_at_checked(usize::from(length)) else { break };
        if kind == 1 {
            return field;
        }
        extra = rest;
    }
    &[]
}

impl<R: Read + Seek> Iterator for Zip<R> {
    type Item = Result<Entry, EntryFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.directory.entries > 0 {
            self.directory.entries -= 1;
            let next = self.budget.entry().and_then(|()| self.header());
            let header = match next {
                Ok(header) => header,
                Err(error) => {
                    let entry = format!("what follows ({} entries)", self.directory.entries + 1);
                    self.directory.entries = 0;
                    return Some(Err(EntryFault { entry, error }));
                }
            };
            let name = || String::from(one_line(&String::from_utf8_lossy(&header.name)));
            match self.bytes(&header) {
                Ok(None) => {}
                Ok(Some(bytes)) => return Some(Ok(Entry { name: name(), bytes })),
                Err(error) => {
                    if error.ends() {
                        self.directory.entries = 0;
                    }
                    return Some(Err(EntryFault { entry: name(), error }));
                }
            }
        }
        None
    }
}
