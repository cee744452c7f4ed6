//! What a person types for a project, a release or a time, read; and how states and numbers are written.

use fanlight_base::purl::is_pypi_name;
use fanlight_base::{Outcome, Purl, Timestamp};

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

/// A time, a day (its start in UTC), or a span back from now.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    moment_at(text, Timestamp::now())
}

pub(super) fn moment_at(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(at) = format!("{text}T00:00:00Z").parse::<Timestamp>() {
        return Ok(at);
    }
    let unit = |unit| match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        _ => None,
    };
    let seconds = text
        .char_indices()
        .next_back()
        .and_then(|(at, last)| Some((text[..at].parse::<i64>().ok()?, unit(last)?)))
        .and_then(|(number, unit)| number.checked_mul(unit).filter(|seconds| *seconds >= 0))
        .and_then(|seconds| Timestamp::from_second(now.as_second().checked_sub(seconds)?).ok());
    seconds.ok_or_else(|| {
        "not a time; write 2026-11-22T10:00:00Z, 2026-11-22, or a span back from now such as 90m, 2h, 7d".to_owned()
    })
}

/// The id of an advisory, where a text is one: `GHSA-...`, `CVE-2026-1234`, `MAL-2026-1`. A project of such a name can be
/// asked for by its purl.
pub fn advisory(text: &str) -> Option<&str> {
    const DATABASES: [&str; 8] = ["GHSA", "CVE", "MAL", "PYSEC", "RUSTSEC", "OSV", "EUVD", "SNYK"];
    let text = text.trim();
    let (database, rest) = text.split_once('-')?;
    let is_rest =
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let is_database = DATABASES.iter().any(|known| known.eq_ignore_ascii_case(database));
    // Other databases write their names in capitals and number their records, and projects mostly do not.
    let is_like_one = !database.is_empty()
        && database.bytes().all(|byte| byte.is_ascii_uppercase())
        && rest.starts_with(|c: char| c.is_ascii_digit());
    (is_rest && (is_database || is_like_one)).then_some(text)
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
    if number == 1 {
        return format!("1 {word}");
    }
    let is_consonant = |letter: char| !"aeiou".contains(letter);
    match word.strip_suffix('y').filter(|stem| stem.ends_with(is_consonant)) {
        Some(stem) => format!("{} {stem}ies", grouped(number)),
        None => format!("{} {word}s", grouped(number)),
    }
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
