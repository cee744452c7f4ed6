//! An entry's local header, compared with what the list says of it.

use std::io;

use super::directory::{Listed, bytes};
use super::{extra, u16_at, u32_at, u64_at};
use crate::archive::{Sink, Source, broken};
use crate::finding::{Finding, Place};
use crate::rules;

const HEADER: u64 = 30;

/// The flag that says that checksum and sizes follow the data.
const FOLLOWS: u16 = 1 << 3;

/// The flags that readers act on: encrypted, sizes follow, name in UTF-8.
const FLAGS: u16 = 1 | FOLLOWS | 1 << 11;

/// Where an entry's data begins, and where the entry ends.
pub(super) struct Local {
    pub data: u64,
    pub end: u64,
}

/// Reads the local header of a listed entry and tells where the two disagree.
pub(super) fn read(source: &mut dyn Source, listed: &Listed, directory: u64, sink: &mut dyn Sink) -> io::Result<Local> {
    let header = bytes(source, listed.offset, HEADER)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(broken("no entry where the list says"));
    }
    let (name, more) = (u64::from(u16_at(&header, 26)?), u64::from(u16_at(&header, 28)?));
    let rest = bytes(source, listed.offset + HEADER, name + more)?;
    let (raw, fields) = rest.split_at(usize::try_from(name).unwrap_or(usize::MAX).min(rest.len()));
    let mut say = |what: String| sink.found(Finding::of(&rules::MISMATCH, Place::entry(&listed.path), &what));

    if raw != listed.raw {
        say(format!("named {:?} in its own header", String::from_utf8_lossy(raw)));
    }
    if u16_at(&header, 8)? != listed.method || (u16_at(&header, 6)? ^ listed.flags) & FLAGS != 0 {
        say("its own header states another compression or other flags".to_owned());
    }
    // An alternative name that some readers prefer (Info-ZIP's Unicode Path Extra Field): version, checksum, name.
    if extra(fields, 0x7075).and_then(|field| field.get(5..)).is_some_and(|other| other != listed.raw) {
        say("has a second name in an extra field".to_owned());
    }
    let (crc, packed, size) = stated(&header, fields)?;
    let follows = listed.flags & FOLLOWS != 0;
    let differs = (crc, packed, size) != (listed.crc, listed.packed, listed.size);
    // Where they follow, the header may leave them out.
    if differs && !(follows && [0, u64::from(u32::MAX)].contains(&packed) && [0, u64::from(u32::MAX)].contains(&size)) {
        say("its own header states another size or checksum".to_owned());
    }
    let data = listed.offset + HEADER + name + more;
    let end = data.checked_add(listed.packed).filter(|end| *end <= directory);
    let end = end.ok_or_else(|| broken("the entry is longer than the archive"))?;
    let descriptor = if follows { descriptor(source, end, listed, directory)? } else { 0 };
    if follows && descriptor == 0 {
        say("the sizes after its data are not those listed".to_owned());
    }
    Ok(Local { data, end: end + descriptor })
}

/// Checksum, packed size and size as the header states them, in 64 bits where it has them.
fn stated(header: &[u8], fields: &[u8]) -> io::Result<(u32, u64, u64)> {
    let mut packed = u64::from(u32_at(header, 18)?);
    let mut size = u64::from(u32_at(header, 22)?);
    let full = u64::from(u32::MAX);
    if (packed == full || size == full)
        && let Some(large) = extra(fields, 1).filter(|large| large.len() >= 16)
    {
        (size, packed) = (u64_at(large, 0)?, u64_at(large, 8)?);
    }
    Ok((u32_at(header, 14)?, packed, size))
}

/// Bytes of the descriptor after an entry's data: with or without its signature, sizes in 4 or 8 bytes; 0 for none.
fn descriptor(source: &mut dyn Source, at: u64, listed: &Listed, directory: u64) -> io::Result<u64> {
    let room = (directory - at).min(24);
    let found = bytes(source, at, room)?;
    let short = [u32::try_from(listed.packed).unwrap_or(u32::MAX), u32::try_from(listed.size).unwrap_or(u32::MAX)];
    let mut small: Vec<u8> = listed.crc.to_le_bytes().into();
    small.extend(short.iter().flat_map(|value| value.to_le_bytes()));
    let mut large: Vec<u8> = listed.crc.to_le_bytes().into();
    large.extend([listed.packed, listed.size].iter().flat_map(|value| value.to_le_bytes()));
    for (skipped, signature) in [(4, true), (0, false)] {
        if signature && !found.starts_with(b"PK\x07\x08") {
            continue;
        }
        let body = &found[skipped..];
        // The longer first: where sizes are under 4 GiB its middle bytes are zeros, and it ends where the next begins.
        if body.starts_with(&large) {
            return Ok((skipped + large.len()) as u64);
        }
        if body.starts_with(&small) {
            return Ok((skipped + small.len()) as u64);
        }
    }
    Ok(0)
}
