//! How severe: a level, and the score and vector it comes from where there is one.
//!
//! Scores are those of CVSS 3.0, 3.1 and 4.0, computed from the vector; the number a feed writes beside it is not read.
//! Where no vector can be read, the feed's own word counts. CVSS 2 has another scale and is passed over.

use std::fmt;
use std::str::FromStr as _;

use fanlight_base::limits;

#[cfg(test)]
mod tests;

/// The qualitative scale of CVSS (3.1 section 5, 4.0 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A score of 0: no impact.
    None,
    /// 0.1 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl Level {
    /// The word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level a feed's own word names, in any case: `MODERATE`, `Important`.
    pub fn of_word(word: &str) -> Option<Self> {
        const WORDS: &[(&str, Level)] = &[
            ("none", Level::None),
            ("low", Level::Low),
            ("moderate", Level::Medium),
            ("medium", Level::Medium),
            ("high", Level::High),
            ("important", Level::High),
            ("critical", Level::Critical),
        ];
        WORDS.iter().find(|(known, _)| word.trim().eq_ignore_ascii_case(known)).map(|(_, level)| *level)
    }

    const fn of_tenths(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..40 => Self::Low,
            40..70 => Self::Medium,
            70..90 => Self::High,
            _ => Self::Critical,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A CVSS score, 0.0 to 10.0, in tenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Score(u8);

impl Score {
    /// The score times ten, 0 to 100.
    pub const fn tenths(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// How severe an advisory says it is, in the order of level and then score.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Severity {
    level: Level,
    score: Option<Score>,
    vector: Option<Box<str>>,
}

impl Severity {
    /// Of a feed's own word.
    pub fn of_word(word: &str) -> Option<Self> {
        Level::of_word(word).map(|level| Self { level, score: None, vector: None })
    }

    /// Of a CVSS vector of version 3.0, 3.1 or 4.0; `None` where it is of another version, is not whole, or has a metric
    /// twice. For version 3 the base score; for version 4 the score of all metrics the vector has, as its section 1.3
    /// asks.
    pub fn of_vector(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        if vector.len() > limits::ADVISORY_VECTOR_BYTES {
            return None;
        }
        let score = if vector.starts_with("CVSS:4.") {
            cvss::v4::Vector::from_str(vector).ok()?.score().value()
        } else {
            let read = cvss::v3::Vector::from_str(vector).ok()?;
            let exploitability = read.av.is_some() && read.ac.is_some() && read.pr.is_some() && read.ui.is_some();
            let impact = read.s.is_some() && read.c.is_some() && read.i.is_some() && read.a.is_some();
            // The library counts a metric that is missing as none, which would make a broken vector harmless.
            (exploitability && impact).then(|| read.base_score().value())?
        };
        let tenths = (score * 10.0).round().clamp(0.0, 100.0) as u8;
        Some(Self { level: Level::of_tenths(tenths), score: Some(Score(tenths)), vector: Some(vector.into()) })
    }

    /// The level.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The score, where it comes from a vector.
    pub const fn score(&self) -> Option<Score> {
        self.score
    }

    /// The vector it was computed from.
    pub fn vector(&self) -> Option<&str> {
        self.vector.as_deref()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.score {
            Some(score) => write!(f, "{} ({score})", self.level),
            None => self.level.fmt(f),
        }
    }
}
