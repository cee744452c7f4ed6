//! The tail: records that are durable but not yet in bundles and tiles, in numbered segment files.
//!
//! Pure: how a segment stands in bytes, and what a row of segments says. A segment is a header and frames; a frame is
//! what one sync made durable. A frame is written only after the one before is synced, so a frame that does not read is
//! torn (and cut) when nothing whole follows it, and damage otherwise.
//!
//! A later segment's first index rules: what an earlier one holds from there on was never acknowledged.

use ring::digest::{SHA256, digest};

use crate::checkpoint::Checkpoint;
use crate::merkle::{HASH_BYTES, Hash};
use crate::note::VerifierKey;

mod frame;

pub(crate) use frame::encode as encode_frame;

/// The folder of segments.
pub(crate) const FOLDER: &str = "tail";

const MAGIC: &[u8; 16] = b"fanlight-tail-1\n";
const HEADER_BYTES: usize = Header::BYTES;

/// What is wrong with the tail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TailError {
    /// A file that is no segment.
    #[error("tail/{segment} is not a segment of the tail: its header does not read")]
    Header {
        /// The segment's name.
        segment: String,
    },
    /// A segment of another ledger.
    #[error("tail/{segment} belongs to another ledger")]
    OtherLog {
        /// The segment's name.
        segment: String,
    },
    /// A segment between two others is gone.
    #[error("tail/{missing} is missing between other segments; records that were acknowledged may be in it")]
    MissingSegment {
        /// The missing segment's name.
        missing: String,
    },
    /// Records between two segments, or between checkpoint and tail, are gone.
    #[error("records {from} to {to} are missing before tail/{segment}; they were acknowledged")]
    MissingRecords {
        /// The first missing record.
        from: u64,
        /// The record after the last missing.
        to: u64,
        /// The segment before which they should stand.
        segment: String,
    },
    /// The tail is older than the checkpoint.
    #[error("the tail ends at record {end}, before the checkpoint of {published}: it is an older one, or was cut")]
    Behind {
        /// The index after its last record.
        end: u64,
        /// The checkpoint's size.
        published: u64,
    },
    /// Something within a segment has changed since it was synced.
    #[error("tail/{segment} is damaged at byte {at} (record {record}); records that were acknowledged stand there")]
    Damaged {
        /// The segment's name.
        segment: String,
        /// Where the damage begins.
        at: u64,
        /// The first record that does not read.
        record: u64,
    },
}

/// A segment's header: where it stands in the log, and the newest checkpoint at the time it was begun. The latter makes
/// an older checkpoint put in the newest one's place known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The segment's number, one above the segment's before.
    pub(crate) sequence: u64,
    /// The index of its first record.
    pub(crate) first: u64,
    /// The size of the newest checkpoint.
    pub(crate) published: u64,
    /// Its root hash.
    pub(crate) root: Hash,
    /// Whose tail it is: see [`log_id`].
    pub(crate) log: Hash,
}

/// What ties segments to their log: SHA-256 of the verifier key's text.
pub(crate) fn log_id(key: &VerifierKey) -> Hash {
    let mut id = [0; HASH_BYTES];
    id.copy_from_slice(digest(&SHA256, key.to_string().as_bytes()).as_ref());
    id
}

/// A segment's file name.
pub(crate) fn name(sequence: u64) -> String {
    format!("{sequence:016}")
}

/// A segment's path.
pub(crate) fn path(sequence: u64) -> String {
    format!("{FOLDER}/{sequence:016}")
}

impl Header {
    /// Bytes of a header.
    pub(crate) const BYTES: usize = 16 + 3 * 8 + 2 * HASH_BYTES + 4;

    /// The header of a segment that begins where the newest checkpoint ends.
    pub(crate) fn after(checkpoint: &Checkpoint, sequence: u64, key: &VerifierKey) -> Self {
        let Checkpoint { size, root, .. } = *checkpoint;
        Self { sequence, first: size, published: size, root, log: log_id(key) }
    }

    /// The header's bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(MAGIC);
        for number in [self.sequence, self.first, self.published] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.root);
        bytes.extend_from_slice(&self.log);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (checked, checksum) = bytes.get(..HEADER_BYTES)?.split_last_chunk::<4>()?;
        if crc32fast::hash(checked).to_be_bytes() != *checksum {
            return None;
        }
        let rest = checked.strip_prefix(MAGIC)?;
        let (numbers, hashes) = rest.split_at_checked(24)?;
        let mut numbers = numbers.as_chunks::<8>().0.iter().map(|number| u64::from_be_bytes(*number));
        let mut hashes = hashes.as_chunks::<HASH_BYTES>().0.iter().copied();
        Some(Self {
            sequence: numbers.next()?,
            first: numbers.next()?,
            published: numbers.next()?,
            root: hashes.next()?,
            log: hashes.next()?,
        })
    }
}

/// A torn end that was cut: a write that a stop of the process cut short, of which nobody was told that it is durable; or
/// one that was cut afterwards. These files alone do not tell which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The segment's name.
    pub segment: String,
    /// Where it was cut.
    pub at: u64,
    /// How many bytes went.
    pub bytes: u64,
}

/// What a row of segments says.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// The index of the first record.
    pub(crate) first: u64,
    /// The records.
    pub(crate) entries: Vec<Vec<u8>>,
    /// The number of the oldest segment.
    pub(crate) oldest: u64,
    /// The number of the newest segment.
    pub(crate) sequence: u64,
    /// Size and root of the newest checkpoint that a header tells of.
    pub(crate) published: (u64, Hash),
    /// What was cut.
    pub(crate) cut: Option<Cut>,
}

impl Replayed {
    /// The index after the last record.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// Checks that no record is missing between a checkpoint of `size` and the tail. The tail always reaches the
    /// checkpoint, because only what is synced in it is published.
    pub(crate) fn check_covers(&self, size: u64) -> Result<(), TailError> {
        if self.first > size {
            let segment = name(self.oldest);
            return Err(TailError::MissingRecords { from: size, to: self.first, segment });
        }
        if self.end() < size {
            return Err(TailError::Behind { end: self.end(), published: size });
        }
        Ok(())
    }
}

/// Reads segments, given by file name and content in the names' order. `None` where there are none.
pub(crate) fn replay(segments: &[(String, Vec<u8>)], log: &Hash) -> Result<Option<Replayed>, TailError> {
    let mut headers = Vec::with_capacity(segments.len());
    for (segment, bytes) in segments {
        let segment = segment.clone();
        let Some(header) = Header::decode(bytes).filter(|header| name(header.sequence) == segment) else {
            return Err(TailError::Header { segment });
        };
        if header.log != *log {
            return Err(TailError::OtherLog { segment });
        }
        let missing = headers.last().map_or(header.sequence, |before: &Header| before.sequence + 1);
        if header.sequence != missing {
            return Err(TailError::MissingSegment { missing: name(missing) });
        }
        headers.push(header);
    }
    let Some(oldest) = headers.first() else { return Ok(None) };
    let mut replayed = Replayed { first: oldest.first, oldest: oldest.sequence, ..Replayed::default() };
    for (place, header) in headers.iter().enumerate() {
        let (segment, bytes) = &segments[place];
        let end = headers.get(place + 1).map(|next| next.first);
        read_segment(segment, &bytes[HEADER_BYTES..], header.first, end, &mut replayed)?;
        replayed.sequence = header.sequence;
        if header.published >= replayed.published.0 {
            replayed.published = (header.published, header.root);
        }
    }
    Ok(Some(replayed))
}

/// Adds one segment's records, up to the next segment's first.
fn read_segment(
    segment: &str,
    body: &[u8],
    first: u64,
    end: Option<u64>,
    into: &mut Replayed,
) -> Result<(), TailError> {
    let segment = || segment.to_owned();
    if first != into.end() {
        return Err(TailError::MissingRecords { from: into.end(), to: first, segment: segment() });
    }
    let mut at = 0;
    while at < body.len() && end.is_none_or(|end| into.end() < end) {
        if let Some((entries, length)) = frame::decode(&body[at..], into.end()) {
            into.entries.extend(entries);
            at += length;
            continue;
        }
        let place = (HEADER_BYTES + at) as u64;
        if frame::any_after(&body[at..], into.end()) {
            return Err(TailError::Damaged { segment: segment(), at: place, record: into.end() });
        }
        if end.is_none() {
            into.cut = Some(Cut { segment: segment(), at: place, bytes: (body.len() - at) as u64 });
        }
        break;
    }
    let Some(end) = end else { return Ok(()) };
    if into.end() < end {
        let at = (HEADER_BYTES + at) as u64;
        return Err(TailError::Damaged { segment: segment(), at, record: into.end() });
    }
    // What goes beyond was written, its sync failed, and its callers were told so; or a start wrote all that was not yet
    // published into one segment, beginning perhaps before all that is left of the older ones.
    into.first = into.first.min(end);
    into.entries.truncate((end - into.first) as usize);
    Ok(())
}

#[cfg(test)]
mod tests;
