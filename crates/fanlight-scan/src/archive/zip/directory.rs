//! A zip archive's end and its list of entries.

use std::io::{self, Read, SeekFrom};

use fanlight_base::limits::SCAN_ZIP_DIRECTORY_BYTES;

use super::{extra, u16_at, u32_at, u64_at};
use crate::archive::{Sink, Source, broken};
use crate::finding::{Finding, Place};
use crate::rules;

/// Bytes of the end record without its comment, and of the longest comment.
const END_BYTES: u64 = 22;
const COMMENT_BYTES: u64 = 65_535;

/// What the list says of one entry.
pub(super) struct Listed {
    pub path: String,
    pub raw: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    /// From the file's beginning.
    pub offset: u64,
    pub attributes: u32,
}

/// The list.
pub(super) struct Directory {
    pub entries: Vec<Listed>,
    /// Where the list begins in the file.
    pub start: u64,
    /// Bytes before the archive's own beginning.
    pub shift: u64,
}

/// Finds the end record and reads the list it points at.
pub(super) fn read(source: &mut dyn Source, sink: &mut dyn Sink) -> io::Result<Directory> {
    let length = source.seek(SeekFrom::End(0))?;
    let tail_bytes = length.min(END_BYTES + COMMENT_BYTES);
    let tail_start = length - tail_bytes;
    let tail = bytes(source, tail_start, tail_bytes)?;
    let ends: Vec<_> =
        (0..tail.len().saturating_sub(21)).rev().filter(|at| tail[*at..].starts_with(b"PK\x05\x06")).collect();
    let at = *ends.first().ok_or_else(|| broken("a zip archive without an end"))?;
    let end = &tail[at..];
    let comment = usize::from(u16_at(end, 20)?);
    let after = end.len().saturating_sub(22 + comment);
    if after > 0 || end.len() < 22 + comment {
        sink.found(Finding::of(&rules::DATA_AFTER, Place::whole(), &format!("{after} bytes after the archive's end")));
    }
    if ends.len() > 1 {
        let said = format!("{} records that look like the archive's end", ends.len());
        sink.found(Finding::of(&rules::MISMATCH, Place::whole(), &said));
    }
    let mut count = u64::from(u16_at(end, 10)?);
    let mut size = u64::from(u32_at(end, 12)?);
    let mut offset = u64::from(u32_at(end, 16)?);
    if u16_at(end, 4)? != u16_at(end, 6)? || u16_at(end, 8)? != u16_at(end, 10)? {
        return Err(broken("a zip archive in several parts"));
    }
    // Where the list must end.
    let mut stop = tail_start + at as u64;
    if stop >= 20 {
        let locator = bytes(source, stop - 20, 20)?;
        if locator.starts_with(b"PK\x06\x07") {
            let place = u64_at(&locator, 8)?;
            let large =
                bytes(source, place, 56).map_err(|_| broken("the archive's 64-bit end is not where it should be"))?;
            if !large.starts_with(b"PK\x06\x06") {
                return Err(broken("the archive's 64-bit end is not where it should be"));
            }
            (count, size, offset) = (u64_at(&large, 32)?, u64_at(&large, 40)?, u64_at(&large, 48)?);
            stop = place;
        }
    }
    if size > SCAN_ZIP_DIRECTORY_BYTES {
        sink.limit("scan_zip_directory_bytes", SCAN_ZIP_DIRECTORY_BYTES, "");
        return Err(broken(format!("a list of entries of {size} bytes")));
    }
    let start = stop.checked_sub(size).ok_or_else(|| broken("the list of entries is longer than the file"))?;
    let shift = start.checked_sub(offset).ok_or_else(|| broken("the list of entries is not where the end says"))?;
    if shift > 0 {
        sink.found(Finding::of(&rules::DATA_BEFORE, Place::whole(), &format!("{shift} bytes before the archive")));
    }
    let list = bytes(source, start, size)?;
    let entries = entries(&list, shift)?;
    if entries.len() as u64 != count {
        let said = format!("{} entries are listed, and the end states {count}", entries.len());
        sink.found(Finding::of(&rules::MISMATCH, Place::whole(), &said));
    }
    Ok(Directory { entries, start, shift })
}

/// So many bytes from a place; fewer are a fault.
pub(super) fn bytes(source: &mut dyn Source, at: u64, count: u64) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(at))?;
    let mut out = Vec::new();
    source.take(count).read_to_end(&mut out)?;
    if out.len() as u64 == count { Ok(out) } else { Err(broken("the archive is cut off")) }
}

fn entries(mut list: &[u8], shift: u64) -> io::Result<Vec<Listed>> {
    let mut entries = Vec::new();
    while !list.is_empty() {
        if !list.starts_with(b"PK\x01\x02") {
            return Err(broken("the list of entries is broken"));
        }
        let (name, more, comment) = (u16_at(list, 28)?, u16_at(list, 30)?, u16_at(list, 32)?);
        let (name, more, comment) = (usize::from(name), usize::from(more), usize::from(comment));
        let raw = list.get(46..46 + name).ok_or_else(|| broken("the list of entries is cut off"))?.to_vec();
        let fields = list.get(46 + name..46 + name + more).ok_or_else(|| broken("the list of entries is cut off"))?;
        let mut size = u64::from(u32_at(list, 24)?);
        let mut packed = u64::from(u32_at(list, 20)?);
        let mut offset = u64::from(u32_at(list, 42)?);
        // 64-bit values, each there only if the 32-bit one is full (APPNOTE 4.5.3).
        let mut large = extra(fields, 1).unwrap_or_default();
        for value in [&mut size, &mut packed, &mut offset] {
            if *value == u64::from(u32::MAX) && large.len() >= 8 {
                *value = u64_at(large, 0)?;
                large = &large[8..];
            }
        }
        entries.push(Listed {
            path: String::from_utf8_lossy(&raw).into_owned(),
            flags: u16_at(list, 8)?,
            method: u16_at(list, 10)?,
            crc: u32_at(list, 16)?,
            packed,
            size,
            offset: offset.checked_add(shift).ok_or_else(|| broken("an entry beyond any file"))?,
            // Installers take the Unix mode from the upper half whatever system the entry says it is from.
            attributes: u32_at(list, 38)?,
            raw,
        });
        list = list.get(46 + name + more + comment..).ok_or_else(|| broken("the list of entries is cut off"))?;
    }
    Ok(entries)
}
