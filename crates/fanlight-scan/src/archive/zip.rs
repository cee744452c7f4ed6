//! zip archives: the list at the end is followed, and every local header is compared with it.
//!
//! Own reader, because installers differ in which of the two they believe, and libraries tell only one story. Source:
//! PKWARE's APPNOTE 6.3.10. Stored and deflated entries are read; wheels hold no others.

use std::io::{self, BufReader, Read, SeekFrom};

use flate2::read::DeflateDecoder;

use super::{After, Budget, Metered, Names, Sink, Source, broken, settled};
use crate::finding::{Finding, Place};
use crate::rules;

mod directory;
mod local;

use directory::Listed;

/// Unix file types in the upper half of an entry's external attributes.
const TYPE_MASK: u32 = 0o170_000;
const SYMLINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Bytes of a symbolic link's target that are read.
const TARGET_BYTES: u64 = 4096;

/// Reads a zip archive.
pub(super) fn read(source: &mut dyn Source, budget: &mut Budget, sink: &mut dyn Sink) -> io::Result<()> {
    let directory = directory::read(source, sink)?;
    let mut listed = directory.entries;
    listed.sort_by_key(|entry| entry.offset);
    let mut names = Names::default();
    // Where the entry before ended: the next must begin there.
    let mut end = directory.shift;
    for entry in &listed {
        let path = &entry.path;
        if !budget.entry(path, sink) {
            return Ok(());
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
        let result = content(source, entry, local.data, &mut names, budget, sink);
        if settled(result, budget, path, sink)? == After::Stop {
            return Ok(());
        }
    }
    if end < directory.start {
        gap(source, end, directory.start, "", sink)?;
    }
    Ok(())
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
    let mut checked = Checked { inner: metered, crc: crc32fast::Hasher::new() };
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
    let (read, crc) = (checked.inner.read, checked.crc.finalize());
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

/// Counts the checksum of what is read.
struct Checked<R> {
    inner: R,
    crc: crc32fast::Hasher,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
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
