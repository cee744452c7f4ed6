//! What node-semver reads, and its order, where either is not that of SemVer 2.0.
//!
//! JavaScript's numbers are the difference: no number of a version is over 2^53 - 1, and numeric parts of a pre-release
//! are compared as floating-point numbers, so that two large ones may be equal. A `v` in front is passed over. One thing
//! is not copied: after two such equal numbers node-semver looks no further, which gives no order at all.

use std::cmp::Ordering;

use semver::Version;

/// `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A version as `new SemVer(text)` reads it, without the option `loose`.
pub fn read(text: &str) -> Option<Version> {
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    let numbers = [version.major, version.minor, version.patch];
    numbers.iter().all(|number| *number <= MAX_SAFE_INTEGER).then_some(version)
}

/// `SemVer.compare`.
pub fn compare(a: &Version, b: &Version) -> Ordering {
    let numbers = |version: &Version| (version.major, version.minor, version.patch);
    numbers(a).cmp(&numbers(b)).then_with(|| match (a.pre.is_empty(), b.pre.is_empty()) {
        (false, false) => compare_parts(a.pre.as_str(), b.pre.as_str()),
        (a, b) => a.cmp(&b),
    })
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn number(part: &str) -> Option<f64> {
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}
