//! Shapes of what is asked that Rust's types do not have: patterns for the document, and numbers as JSON has them.
//!
//! A pattern is no check: the node reads a text by itself and says what is wrong with it. Here stands what a caller can
//! know beforehand.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Visitor};

/// The largest whole number that every reader of JSON has exactly: 2^53 - 1 (RFC 8259, section 6).
pub const WHOLE: u64 = (1 << 53) - 1;

/// As `pkg:TYPE/NAMESPACE/NAME` writes them: in npm's names old ones have capital letters and dots, and what is no letter, digit, dot,
/// hyphen or underscore is percent-encoded.
macro_rules! project {
    () => {
        "pkg:(pypi/[A-Za-z0-9]([A-Za-z0-9._-]{0,250}[A-Za-z0-9])?|npm/(%40[A-Za-z0-9~-][A-Za-z0-9._~-]{0,99}/)?[A-Za-z0-9~-][A-Za-z0-9._~-]{0,99}\
         |cargo/[A-Za-z][A-Za-z0-9_-]{0,63})"
    };
}
/// `%2B` and `%21` are the plus of what was built locally and the mark of PEP 440's epochs.
macro_rules! version {
    () => {
        "@[0-9A-Za-z]([0-9A-Za-z._~-]|%2[Bb]|%21){0,99}"
    };
}

/// A project or a release.
pub const PURL: &str = concat!("^", project!(), "(", version!(), ")?$");
/// A release.
pub const RELEASE: &str = concat!("^", project!(), version!(), "$");
/// A project, a release or an advisory.
pub const THING: &str = concat!("^(", project!(), "(", version!(), ")?|(?!pkg:)[A-Za-z0-9._:-]{1,255})$");
/// One line with something in it: no control characters, and more than spaces.
pub const LINE: &str =
    "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$";

/// The same of at most three sentences.
pub const SENTENCES: &str = concat!(
    "^(?!(.*[.!?]\\s+\\S){3})",
    "[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
);

/// Reads a whole number, which JSON may write as `5` or `5.0`: to JSON Schema they are the same.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    from.deserialize_any(Whole)
}

/// The same, or nothing.
pub(crate) fn whole_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    from.deserialize_option(OrNone)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {WHOLE}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
        if number <= WHOLE { Ok(number) } else { Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)) }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "checked before"
    )]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<u64, E> {
        let fits = number.fract() == 0.0 && (0.0..=WHOLE as f64).contains(&number);
        if fits { Ok(number as u64) } else { Err(E::invalid_value(de::Unexpected::Float(number), &self)) }
    }
}

struct OrNone;

impl<'de> Visitor<'de> for OrNone {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "null, or ")?;
        Whole.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Option<u64>, D::Error> {
        whole(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use crate::ledger::Range;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Range>(text).map(|range| (range.from, range.to));
        assert_eq!(read(r#"{"from":5,"to":7.0}"#).unwrap(), (Some(5), Some(7)));
        assert_eq!(read(r#"{"from":null}"#).unwrap(), (None, None));
        for wrong in ["-1", "1.5", "1e300", "18446744073709551615", "true", "\"1\""] {
            assert!(read(&format!("{{\"from\":{wrong}}}")).is_err(), "{wrong}");
        }
    }
}
