//! Versions with a number far from those before them: `99.9.9` after `1.2.3`. Such numbers win over a company's own
//! versions of a name that it never published.

use crate::knowledge::Listed;

/// First numbers from which on a version can be far from others.
const LARGE: u64 = 50;
/// So many times the first number before it.
const TIMES: u64 = 10;

/// Minutes after which an epoch is not new any more: 90 days.
const SETTLED_MINUTES: i64 = 90 * 24 * 60;

/// Whether a version could be far from others: its first number is large, and no year or date, or it has an epoch.
pub(super) fn is_large(version: &str) -> bool {
    epoch(version) > 0 || first(version).is_some_and(is_large_number)
}

fn is_large_number(number: u64) -> bool {
    number >= LARGE && !is_date(number)
}

/// The version that it is far from, or `none` where nothing came before it; nothing where it is not far.
pub(super) fn far_from(version: &str, listing: &[Listed]) -> Option<String> {
    let own = first(version).filter(|_| is_large(version))?;
    // An epoch wins over every version without it, whatever their numbers; where it has been there for long, it is how this
    // project counts.
    let below = listing.iter().filter(|listed| epoch(&listed.version) < epoch(version));
    let is_settled =
        |listed: &Listed| epoch(&listed.version) == epoch(version) && listed.age_minutes >= SETTLED_MINUTES;
    if let Some(before) = below.max_by_key(|listed| (epoch(&listed.version), first(&listed.version)))
        && !listing.iter().any(is_settled)
    {
        return Some(before.version.clone());
    }
    let own = Some(own).filter(|number| is_large_number(*number))?;
    let listing = || listing.iter().filter(|listed| epoch(&listed.version) == epoch(version));
    let numbered = listing().filter_map(|listed| Some((first(&listed.version)?, listed)));
    let before = numbered.filter(|(number, _)| *number < own).max_by_key(|(number, _)| *number);
    let is_far = before.as_ref().is_none_or(|(number, _)| own >= (number + 1).saturating_mul(TIMES));
    is_far.then(|| before.map_or_else(|| "none".to_owned(), |(_, listed)| listed.version.clone()))
}

/// PEP 440's epoch; no other ecosystem has one.
fn epoch(version: &str) -> u64 {
    version.split_once('!').and_then(|(epoch, _)| epoch.parse().ok()).unwrap_or(0)
}

/// A version's first number; PEP 440's epoch is none.
fn first(version: &str) -> Option<u64> {
    let version = version.rsplit('!').next().unwrap_or(version).trim_start_matches(['v', 'V']);
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

/// A year, or a date: `2024`, `202411`, `20241122`.
fn is_date(number: u64) -> bool {
    let year = |number: u64| (1990..2100).contains(&number);
    let month = |number: u64| (1..=12).contains(&number);
    let day = |number: u64| (1..=31).contains(&number);
    year(number)
        || year(number / 100) && month(number % 100)
        || year(number / 10_000) && month(number / 100 % 100) && day(number % 100)
}
