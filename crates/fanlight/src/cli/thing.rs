//! What a person types for a project or a release, read as a purl.

use fanlight_base::purl::is_pypi_name;
use fanlight_base::{Outcome, Purl};

use super::outcome::Failure;
use super::screen::Tone;

/// `requests`, `requests==2.32.0` or any purl.
pub fn purl(text: &str) -> Result<Purl, Failure> {
    if text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:")) {
        return text.parse().map_err(Failure::usage);
    }
    let (name, version) = match text.split_once("==") {
        Some((name, version)) => (name.trim(), Some(version.trim())),
        None => (text.trim(), None),
    };
    // A version of PEP 440 has no space and no sign but these.
    let is_version = version.is_none_or(|v| {
        !v.is_empty() && v.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '!' | '-' | '_'))
    });
    if !is_pypi_name(name) || !is_version {
        let what = format!("{text:?} is neither a project, PROJECT==VERSION, nor a purl");
        return Err(Failure::usage(what).hint("write it like requests, requests==2.32.0 or pkg:pypi/requests@2.32.0"));
    }
    Ok(Purl::pypi(name, version))
}

/// An outcome as a state of a release.
pub const fn state(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Allow => ("allowed", Tone::Good),
        Outcome::Mask => ("masked", Tone::Wait),
        Outcome::Hold => ("held", Tone::Wait),
        Outcome::Deny => ("denied", Tone::Bad),
    }
}

/// A number with the right word behind it: `1 record`, `3 records`.
pub fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{} {word}s", grouped(number)) }
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the unit that people use for as many.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return count(bytes, "byte");
    }
    let mut unit = 0;
    let mut tenths = bytes / 100;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    match tenths % 10 {
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        tenth => format!("{}.{tenth} {}", tenths / 10, UNITS[unit]),
    }
}
