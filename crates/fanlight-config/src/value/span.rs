//! Spans of time.

use std::path::Path;
use std::time::Duration;

use super::{Setting, Value, Wrong};

/// Ten years: longer is a slip of the pen.
const LONGEST: Duration = Duration::from_secs(3650 * 86_400);

/// The units, the largest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Setting for Duration {
    const ALLOWED: &'static str = "a whole number and ms, s, m, h or d, such as 90m, 36h, 7d or 1h30m; 0 for none; at \
        most 3650d";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let text = value.as_text()?;
        let span = parse(text).ok_or_else(|| value.wrong(format!("{text:?} is no span of time")))?;
        if span > LONGEST { Err(value.wrong(format!("{text:?} is too long"))) } else { Ok(span) }
    }

    fn shown(&self) -> String {
        shown(*self)
    }
}

/// A span as settings and flags write it: `90m`, `36h`, `1h30m`; 0 for none.
pub fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut total, mut before) = (text, 0u64, u64::MAX);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        // 30m1h or 1h1h is more likely a slip than meant.
        if *unit >= before {
            return None;
        }
        before = *unit;
        total = total.checked_add(number.checked_mul(*unit)?)?;
        rest = &rest[letters..];
    }
    (before != u64::MAX).then(|| Duration::from_millis(total))
}

/// The span as it would be written.
pub(super) fn shown(span: Duration) -> String {
    let mut left = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    if left == 0 {
        return "0".to_owned();
    }
    let mut out = String::new();
    for (name, unit) in UNITS {
        if left >= unit {
            out.push_str(&format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    out
}
