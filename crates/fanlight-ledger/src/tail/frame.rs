//! One frame of a segment: all the records that one sync made durable, under one checksum, so that a torn write takes
//! none or all of them with it.
//!
//! 20 bytes of head (mark, index of the first record, length of the body, number of records), the body (each record
//! after its 32-bit length), and CRC-32 over both. All numbers big-endian.

/// Begins a frame. The first byte never occurs in UTF-8, so a record's text cannot pass for a frame.
const MARK: &[u8; 4] = b"\xfffl1";
const HEAD_BYTES: usize = 4 + 8 + 4 + 4;
const CHECKSUM_BYTES: usize = 4;

/// Puts records into a frame; `frame` is emptied first and its room used again.
pub(crate) fn encode(frame: &mut Vec<u8>, first: u64, entries: &[Vec<u8>]) {
    frame.clear();
    let body: usize = entries.iter().map(|entry| 4 + entry.len()).sum();
    frame.reserve(HEAD_BYTES + body + CHECKSUM_BYTES);
    frame.extend_from_slice(MARK);
    frame.extend_from_slice(&first.to_be_bytes());
    frame.extend_from_slice(&(body as u32).to_be_bytes());
    frame.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    for entry in entries {
        frame.extend_from_slice(&(entry.len() as u32).to_be_bytes());
        frame.extend_from_slice(entry);
    }
    let checksum = crc32fast::hash(frame);
    frame.extend_from_slice(&checksum.to_be_bytes());
}

struct Head {
    first: u64,
    body: usize,
    count: u32,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let rest = bytes.get(..HEAD_BYTES)?.strip_prefix(MARK)?;
    let (first, rest) = rest.split_first_chunk::<8>()?;
    let (body, rest) = rest.split_first_chunk::<4>()?;
    let count = rest.first_chunk::<4>()?;
    Some(Head {
        first: u64::from_be_bytes(*first),
        body: u32::from_be_bytes(*body) as usize,
        count: u32::from_be_bytes(*count),
    })
}

/// The records of the frame that `bytes` begin with, and the frame's length. `None` where they begin with no whole frame
/// whose first record is `first`.
pub(crate) fn decode(bytes: &[u8], first: u64) -> Option<(Vec<Vec<u8>>, usize)> {
    let head = head(bytes).filter(|head| head.first == first)?;
    let length = HEAD_BYTES.checked_add(head.body)?.checked_add(CHECKSUM_BYTES)?;
    let (checked, checksum) = bytes.get(..length)?.split_last_chunk::<4>()?;
    if crc32fast::hash(checked).to_be_bytes() != *checksum {
        return None;
    }
    let mut body = &checked[HEAD_BYTES..];
    let mut entries = Vec::new();
    while let Some((size, rest)) = body.split_first_chunk::<4>() {
        let (entry, rest) = rest.split_at_checked(u32::from_be_bytes(*size) as usize)?;
        entries.push(entry.to_vec());
        body = rest;
    }
    (body.is_empty() && entries.len() == head.count as usize).then_some((entries, length))
}

/// Whether a whole frame of records after `first` stands anywhere behind the frame that `bytes` begin with and that does
/// not read. If so, that one had been synced.
pub(crate) fn any_after(bytes: &[u8], first: u64) -> bool {
    (1..bytes.len().saturating_sub(HEAD_BYTES)).filter(|at| bytes[*at] == MARK[0]).any(|at| {
        head(&bytes[at..]).is_some_and(|head| head.first > first && decode(&bytes[at..], head.first).is_some())
    })
}
