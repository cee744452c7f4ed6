//! Amounts of bytes.

use std::fmt;
use std::path::Path;

use super::{Setting, Value, Wrong};

/// An amount of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// The units, each decimal one beside its binary one, the largest first.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
    ("B", 1),
];

impl Setting for ByteSize {
    const ALLOWED: &'static str = "a whole number and B, KB, MB, GB or TB (powers of 1000) or KiB, MiB, GiB or TiB \
        (powers of 1024), such as 10GB";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let text = value.as_text()?;
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = (&text[..digits], text[digits..].trim());
        let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).or_else(|| {
            // A bare number can only mean bytes.
            UNITS.last().filter(|_| unit.is_empty())
        });
        let bytes = number.parse::<u64>().ok().zip(unit).and_then(|(number, (_, unit))| number.checked_mul(*unit));
        bytes.map(Self).ok_or_else(|| value.wrong(format!("{text:?} is no amount of bytes")))
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.iter().find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit));
        let (name, unit) = whole.unwrap_or(&("B", 1));
        write!(f, "{}{name}", self.0 / unit)
    }
}
