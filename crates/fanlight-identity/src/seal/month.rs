//! A calendar month in UTC: the life of a sealing key.

use std::fmt;

use fanlight_base::Timestamp;
use jiff::tz::TimeZone;

/// A month, printed `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub(crate) fn of(at: Timestamp) -> Self {
        let date = TimeZone::UTC.to_datetime(at);
        Self { year: date.year(), month: date.month() }
    }

    /// Three bytes that differ for every month.
    pub(crate) const fn bytes(self) -> [u8; 3] {
        let [a, b] = self.year.to_be_bytes();
        [a, b, self.month.to_be_bytes()[0]]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_at_midnight_utc() {
        let month = |at: &str| Month::of(at.parse().unwrap()).to_string();
        assert_eq!(month("2026-11-30T23:59:59.999Z"), "2026-11");
        assert_eq!(month("2026-12-01T00:00:00Z"), "2026-12");
    }
}
