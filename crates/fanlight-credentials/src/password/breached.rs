//! A list of breached passwords in a file: SHA-1 in hexadecimal digits, sorted, one a line, with or without `:COUNT`
//! behind it, as such lists are published; lines may hold only the first digits, to be smaller.
//!
//! Looked up by bisection, some thirty reads of a few bytes: the list has tens of gigabytes and is never read whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::Password;

/// Hexadecimal digits of SHA-1.
const DIGITS: usize = 40;
/// Fewer digits would refuse one good password in too many.
const FEWEST_DIGITS: usize = 10;
/// Bytes of the longest line that can be, generously: 40 digits, a colon, a count.
const LINE: usize = 96;
/// A rest of the file so short that it is read in one piece.
const PIECE: u64 = 4096;

/// A list of breached passwords. Holds the open file only.
#[derive(Debug)]
pub struct BreachedList {
    path: PathBuf,
    file: File,
    bytes: u64,
    digits: usize,
}

/// Why a list could not be opened or asked.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    /// The system refused.
    #[error("cannot read {path}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is no such list.
    #[error(
        "{path} is no list of breached passwords: at byte {at} there must be a line of {FEWEST_DIGITS} to {DIGITS} hexadecimal digits of SHA-1, all lines of as many, sorted",
        path = .path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where.
        at: u64,
    },
}

impl BreachedList {
    /// Opens a list and looks at its ends: the first line, the last, and that they are in order.
    pub fn open(path: &Path) -> Result<Self, BreachedError> {
        let failed = |source| BreachedError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let mut list = Self { path: path.to_owned(), file, bytes, digits: 0 };
        let start = list.read(0, LINE)?;
        let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        list.digits = digits_of(first).len();
        if !(FEWEST_DIGITS..=DIGITS).contains(&list.digits) {
            return Err(list.malformed(0));
        }
        let first = list.key(first, 0)?;
        let end = bytes.saturating_sub(LINE as u64);
        let text = list.read(end, LINE)?;
        let text = text.strip_suffix(b"\n").unwrap_or(&text);
        let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let at = end + (text.len() - last.len()) as u64;
        if list.key(last, at)? < first {
            return Err(list.malformed(at));
        }
        Ok(list)
    }

    /// Whether the list has the password.
    pub fn holds(&self, password: &Password) -> Result<bool, BreachedError> {
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, password.clear().as_bytes());
        let mut wanted = data_encoding::HEXUPPER.encode(digest.as_ref()).into_bytes();
        wanted.truncate(self.digits);
        // The line, if there is one, begins at or after `low`, where a line begins, and before `high`.
        let (mut low, mut high) = (0, self.bytes);
        while high - low > PIECE {
            let middle = low + (high - low) / 2;
            let text = self.read(middle, 2 * LINE)?;
            let Some(end) = text.iter().position(|byte| *byte == b'\n') else { return Err(self.malformed(middle)) };
            let at = middle + end as u64 + 1;
            let line = text[end + 1..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            match self.key(line, at)?.cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = at,
                std::cmp::Ordering::Greater => high = middle + 1,
            }
        }
        let length = usize::try_from(high - low).unwrap_or_default() + LINE;
        let text = self.read(low, length)?;
        let mut at = low;
        for line in text.split(|byte| *byte == b'\n') {
            if at >= high {
                break;
            }
            if !line.is_empty() && self.key(line, at)? == wanted {
                return Ok(true);
            }
            at += line.len() as u64 + 1;
        }
        Ok(false)
    }

    /// At most `length` bytes from `at` on; fewer at the end.
    fn read(&self, at: u64, length: usize) -> Result<Vec<u8>, BreachedError> {
        let mut out = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut out[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(BreachedError::Io { path: self.path.clone(), source }),
            }
        }
        out.truncate(filled);
        Ok(out)
    }

    /// A line's digits, in capitals.
    fn key(&self, line: &[u8], at: u64) -> Result<Vec<u8>, BreachedError> {
        let digits = digits_of(line);
        let rest = &line[digits.len()..];
        let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
        let counted =
            rest.is_empty() || rest.strip_prefix(b":").is_some_and(|count| count.iter().all(u8::is_ascii_digit));
        if digits.len() == self.digits && counted { Ok(digits.to_ascii_uppercase()) } else { Err(self.malformed(at)) }
    }

    fn malformed(&self, at: u64) -> BreachedError {
        BreachedError::Malformed { path: self.path.clone(), at }
    }
}

fn digits_of(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    &line[..end]
}

#[cfg(test)]
mod tests;
