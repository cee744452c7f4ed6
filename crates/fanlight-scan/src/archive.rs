//! Archives as streams of entries: zip (wheels), tar in gzip (sdists, npm's tgz, crates), never unpacked to disk.
//!
//! What installers read differently from one another is told to the [`Sink`] as a finding, not settled silently: two
//! headers that disagree, two entries of one name, bytes that no list mentions. Refuses to know what entries mean.
//! Invariant: memory and time are bounded by the limits named `SCAN_` in `fanlight_base::limits`.

use std::io::{self, Read, Seek};

use fanlight_base::limits::{SCAN_ENTRIES, SCAN_RATIO, SCAN_RATIO_FREE_BYTES, SCAN_UNPACKED_BYTES, SCAN_WORK_TIME};

use crate::deadline::Deadline;
use crate::finding::{Finding, Place};
use crate::rules;

mod names;
mod packed;
mod tar;
mod zip;

#[cfg(test)]
pub(crate) mod making;
#[cfg(test)]
mod tests;

pub(crate) use names::Names;
pub(crate) use packed::{Again, Packed};

/// What can be read from anywhere: a file, or bytes in memory.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// The form of an archive, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A zip archive.
    Zip,
    /// A gzip stream, with a tar archive inside or one file.
    Gzip,
    /// A tar archive without compression.
    Tar,
    /// A compression that the scan does not know: bzip2, xz, Zstandard, 7z, rar.
    Unknown(&'static str),
}

impl Form {
    /// By the first bytes of a file; at least 262 are needed to tell a tar archive.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Self::Unknown("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Unknown("xz"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Unknown("Zstandard"),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::Unknown("7z"),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Self::Unknown("rar"),
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ => return None,
        })
    }
}

/// Takes what a reader finds.
pub(crate) trait Sink {
    /// A regular file and its content, which need not be read to its end.
    fn entry(&mut self, path: &str, content: &mut dyn Read) -> io::Result<()>;
    /// Whether an entry of so many packed bytes may be handed over as it is packed, to be read while others are. The same for the same
    /// archive, however busy anybody is: what a limit cuts off depends on it.
    fn has_time(&mut self, _path: &str, _packed: u64) -> bool {
        false
    }
    /// A regular file as it is packed, after it was said that there is time for it.
    fn later(&mut self, _packed: Packed) {}
    /// Waits for all that was handed over; gives what has to be read as if it had not been, in the archive's order.
    fn rest(&mut self) -> Vec<Again> {
        Vec::new()
    }
    /// Something wrong in the archive's form.
    fn found(&mut self, finding: Finding);
    /// A limit that kept a part of the archive from being looked at.
    fn limit(&mut self, name: &'static str, limit: u64, path: &str);
}

/// What a whole scan may still unpack and how long, archives within archives included.
#[derive(Debug)]
pub(crate) struct Budget {
    packed: u64,
    /// Bytes unpacked so far.
    pub unpacked: u64,
    /// Entries seen so far.
    pub entries: usize,
    stopped: bool,
    deadline: Deadline,
}

impl Budget {
    /// For an archive of `packed` bytes.
    pub fn new(packed: u64, deadline: Deadline) -> Self {
        Self { packed, unpacked: 0, entries: 0, stopped: false, deadline }
    }

    /// Counts one entry; false where there are too many, or it is too late.
    fn entry(&mut self, path: &str, sink: &mut dyn Sink) -> bool {
        self.entries += 1;
        if self.entries > SCAN_ENTRIES && !self.stopped {
            self.stopped = true;
            sink.limit("scan_entries", u64::try_from(SCAN_ENTRIES).unwrap_or(u64::MAX), path);
            let said = format!("more than {SCAN_ENTRIES} entries");
            sink.found(Finding::of(&rules::MANY_ENTRIES, Place::whole(), &said));
        }
        if !self.stopped && self.deadline.is_over() {
            self.stopped = true;
            let (name, limit) = Met::Time.limit();
            sink.limit(name, limit, path);
        }
        !self.stopped
    }

    /// Counts an entry's bytes before it is unpacked; false, and nothing counted, where they would meet a limit.
    fn reserve(&mut self, bytes: u64) -> bool {
        let before = self.unpacked;
        let fits = self.take(usize::try_from(bytes).unwrap_or(usize::MAX)).is_none();
        if !fits {
            self.unpacked = before;
        }
        fits
    }

    /// Takes back what was counted of an entry that is read again.
    fn release(&mut self, bytes: u64) {
        self.unpacked = self.unpacked.saturating_sub(bytes);
    }

    /// Counts bytes; says which limit they meet.
    fn take(&mut self, bytes: usize) -> Option<Met> {
        self.unpacked = self.unpacked.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
        if self.unpacked > SCAN_RATIO_FREE_BYTES && self.unpacked / SCAN_RATIO > self.packed {
            return Some(Met::Ratio);
        }
        if self.deadline.is_over() {
            return Some(Met::Time);
        }
        (self.unpacked > SCAN_UNPACKED_BYTES).then_some(Met::Total)
    }
}

/// A limit met in the middle of an entry. Travels through `io::Error`, as readers stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Met {
    #[error("unpacks to more than {SCAN_RATIO} times its size")]
    Ratio,
    #[error("unpacks to more than {SCAN_UNPACKED_BYTES} bytes")]
    Total,
    #[error("takes over {SCAN_WORK_TIME:?}")]
    Time,
}

impl Met {
    /// Its name in a report, and its value.
    fn limit(self) -> (&'static str, u64) {
        match self {
            Self::Ratio => ("scan_ratio", SCAN_RATIO),
            Self::Total => ("scan_unpacked_bytes", SCAN_UNPACKED_BYTES),
            Self::Time => ("scan_work_time", SCAN_WORK_TIME.as_millis().try_into().unwrap_or(u64::MAX)),
        }
    }
}

/// Reads an entry's content and counts it against the budget.
struct Metered<'a, R> {
    inner: R,
    budget: &'a mut Budget,
    read: u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += u64::try_from(count).unwrap_or(u64::MAX);
        match self.budget.take(count) {
            Some(met) => Err(io::Error::other(met)),
            None => Ok(count),
        }
    }
}

/// How reading went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// The next entry can be read.
    Next,
    /// A limit is met: the rest of all archives stays unread.
    Stop,
}

/// Turns a fault in an entry into a finding or a limit; only a fault of the source itself is an error.
fn settled(result: io::Result<()>, budget: &mut Budget, path: &str, sink: &mut dyn Sink) -> io::Result<After> {
    let Err(error) = result else { return Ok(After::Next) };
    if let Some(met) = error.get_ref().and_then(|inner| inner.downcast_ref::<Met>()) {
        if !budget.stopped {
            let (name, limit) = met.limit();
            sink.limit(name, limit, path);
            if *met == Met::Ratio {
                sink.found(Finding::of(&rules::BOMB, Place::entry(path), &met.to_string()));
            }
        }
        budget.stopped = true;
        return Ok(After::Stop);
    }
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            sink.found(Finding::of(&rules::BROKEN, Place::entry(path), &error.to_string()));
            Ok(After::Next)
        }
        _ => Err(error),
    }
}

/// A fault of the archive's form.
fn broken(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// Reads all entries of an archive of the form its first bytes tell.
///
/// # Errors
/// Where the source itself cannot be read. What is wrong with the archive goes to the sink.
pub(crate) fn read(
    form: Form,
    source: &mut dyn Source,
    name: &str,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    source.rewind()?;
    let result = match form {
        Form::Zip => zip::read(source, budget, sink),
        Form::Gzip => tar::read_gzip(source, name, budget, sink),
        Form::Tar => tar::read(source, budget, sink),
        Form::Unknown(what) => {
            sink.found(Finding::of(&rules::UNREADABLE, Place::whole(), &format!("packed with {what}")));
            Ok(())
        }
    };
    settled(result, budget, "", sink).map(drop)
}
