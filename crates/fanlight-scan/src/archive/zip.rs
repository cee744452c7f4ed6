//! zip archives: the list at the end is followed, and every local header is compared with it.
//!
//! Own reader, because installers differ in which of the two they believe, and libraries tell only one story. Source:
//! PKWARE's APPNOTE 6.3.10. Stored and deflated entries are read; wheels hold no others.

use std::io::{self, BufReader, Read, SeekFrom};

use flate2::read::DeflateDecoder;

use super::{After, Again, Budget, Metered, Names, Packed, Sink, Source, broken, settled};
use crate::finding::{Finding, Place};
use crate::rules;

mod directory;
mod local;

use directory::{Directory, Listed};

/// Unix file types in the upper half of an entry's external attributes.
const TYPE_MASK: u32 = 0o170_000;
const SYMLINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Bytes of a symbolic link's target that are read.
const TARGET_BYTES: u64 = 4096;

/// Reads a zip archive.
pub(super) fn read(source: &mut dyn Source, budget: &mut Budget, sink: &mut dyn Sink) -> io::Result<()> {
    let mut directory = directory::read(source, sink)?;
    let mut listed = std::mem::take(&mut directory.entries);
    listed.sort_by_key(|entry| entry.offset);
    let mut names = Names::default();
    let after = entries(source, &listed, &directory, &mut names, budget, sink)?;
    // Those that somebody else began and could not finish are read as all others are.
    for Again { entry, data } in sink.rest() {
        let entry = &listed[entry];
        budget.release(entry.size);
        let result = content(source, entry, data, &mut names, budget, sink);
        settled(result, budget, &entry.path, sink)?;
    }
    if let Some(end) = after.filter(|end| *end < directory.start) {
        gap(source, end, directory.start, "", sink)?;
    }
    Ok(())
}

/// Goes through the entries in the order of their places. Gives where the last one ended; nothing where a limit was met.
fn entries(
    source: &mut dyn Source,
    listed: &[Listed],
    directory: &Directory,
    names: &mut Names,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<Option<u64>> {
    // Where the entry before ended: the next must begin there.
    let mut end = directory.shift;
    for (number, entry) in listed.iter().enumerate() {
        let path = &entry.path;
        if !budget.entry(path, sink) {
            return Ok(None);
        }
        names.check(path, path.ends_with('/'), sink);
        let local = local::read(source, entry, directory.start, sink);
        let local = match local {
            Ok(local) => local,
            Err(error) => {
                settled(Err(error), budget, path, sink)?;
                continue;
            }
        };
        if entry.offset < end {
            sink.found(Finding::of(&rules::OVERLAP, Place::entry(path), "begins inside the entry before it"));
            continue;
        }
        gap(source, end, entry.offset, path, sink)?;
        end = local.end;
        let again = Again { entry: number, data: local.data };
        let result = match later(source, entry, again, budget, sink) {
            Ok(true) => Ok(()),
            Ok(false) => content(source, entry, local.data, names, budget, sink),
            Err(error) => Err(error),
        };
        if settled(result, budget, path, sink)? == After::Stop {
            return Ok(None);
        }
    }
    Ok(Some(end))
}

/// Hands an ordinary file over as it is packed, where somebody has time for it.
fn later(
    source: &mut dyn Source,
    entry: &Listed,
    again: Again,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<bool> {
    let kind = (entry.attributes >> 16) & TYPE_MASK;
    let is_ordinary = matches!(kind, 0 | REGULAR) && !entry.path.ends_with('/') && entry.flags & 1 == 0;
    let is_known = matches!(entry.method, 0 | 8);
    if !is_ordinary || !is_known || !sink.has_time(&entry.path, entry.packed) || !budget.reserve(entry.size) {
        return Ok(false);
    }
    source.seek(SeekFrom::Start(again.data))?;
    let mut bytes = Vec::with_capacity(usize::try_from(entry.packed).unwrap_or_default());
    source.take(entry.packed).read_to_end(&mut bytes)?;
    let (deflated, size, crc) = (entry.method == 8, entry.size, entry.crc);
    sink.later(Packed { path: entry.path.clone(), bytes, deflated, size, crc, again });
    Ok(true)
}

/// Bytes between two entries that nothing lists.
fn gap(source: &mut dyn Source, from: u64, to: u64, before: &str, sink: &mut dyn Sink) -> io::Result<()> {
    if from >= to {
        return Ok(());
    }
    source.seek(SeekFrom::Start(from))?;
    let mut head = [0; 4];
    let read = source.take(to - from).read(&mut head)?;
    let said = format!("{} bytes that the archive does not list", to - from);
    let rule = if head[..read] == *b"PK\x03\x04" { &rules::UNLISTED } else { &rules::GAP };
    sink.found(Finding::of(rule, Place::entry(before), &said));
    Ok(())
}

fn content(
    source: &mut dyn Source,
    entry: &Listed,
    data: u64,
    names: &mut Names,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let place = || Place::entry(&entry.path);
    if entry.flags & 1 != 0 {
        sink.found(Finding::of(&rules::ENCRYPTED, place(), "marked as encrypted"));
        return Ok(());
    }
    source.seek(SeekFrom::Start(data))?;
    let packed = BufReader::with_capacity(32 * 1024, source.take(entry.packed));
    let unpacked: Box<dyn Read> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        other => {
            let said = format!("packed with method {other}");
            sink.found(Finding::of(&rules::UNREADABLE, place(), &said));
            return Ok(());
        }
    };
    let metered = Metered { inner: unpacked, budget, read: 0 };
    let mut checked = Checked::new(metered);
    let kind = (entry.attributes >> 16) & TYPE_MASK;
    match kind {
        SYMLINK => {
            let mut target = Vec::new();
            (&mut checked).take(TARGET_BYTES).read_to_end(&mut target)?;
            names.link(&entry.path, &String::from_utf8_lossy(&target), false, sink);
        }
        0 | REGULAR | FOLDER if !entry.path.ends_with('/') => sink.entry(&entry.path, &mut checked)?,
        0 | REGULAR | FOLDER => {}
        other => sink.found(Finding::of(&rules::DEVICE, place(), &format!("a file of the Unix type {other:o}"))),
    }
    io::copy(&mut checked, &mut io::sink())?;
    let (read, crc) = (checked.read, checked.crc.finalize());
    if read != entry.size {
        let said = format!("{read} bytes, and {} are stated", entry.size);
        sink.found(Finding::of(&rules::MISMATCH, place(), &said));
    } else if crc != entry.crc {
        sink.found(Finding::of(&rules::MISMATCH, place(), "the checksum is not that of the content"));
    }
    if entry.path.ends_with('/') && read > 0 {
        sink.found(Finding::of(&rules::MISMATCH, place(), "a folder with content"));
    }
    Ok(())
}

/// Counts the checksum and the bytes of what is read.
pub(super) struct Checked<R> {
    inner: R,
    pub read: u64,
    pub crc: crc32fast::Hasher,
}

impl<R: Read> Checked<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, read: 0, crc: crc32fast::Hasher::new() }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += u64::try_from(count).unwrap_or(u64::MAX);
        self.crc.update(&buffer[..count]);
        Ok(count)
    }
}

/// A little-endian number of 2 bytes.
fn u16_at(bytes: &[u8], at: usize) -> io::Result<u16> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>).ok_or_else(|| broken("a header is cut off"))?;
    Ok(u16::from_le_bytes(*field))
}

/// A little-endian number of 4 bytes.
fn u32_at(bytes: &[u8], at: usize) -> io::Result<u32> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or_else(|| broken("a header is cut off"))?;
    Ok(u32::from_le_bytes(*field))
}

/// A little-endian number of 8 bytes.
fn u64_at(bytes: &[u8], at: usize) -> io::Result<u64> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>).ok_or_else(|| broken("a header is cut off"))?;
    Ok(u64::from_le_bytes(*field))
}

/// The extra field of an id, out of a header's extra fields.
fn extra(mut fields: &[u8], id: u16) -> Option<&[u8]> {
    while let (Ok(this), Ok(length)) = (u16_at(fields, 0), u16_at(fields, 2)) {
        let value = fields.get(4..4 + usize::from(length))?;
        if this == id {
            return Some(value);
        }
        fields = &fields[4 + usize::from(length)..];
    }
    None
}
