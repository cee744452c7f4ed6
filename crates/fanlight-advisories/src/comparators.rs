//! What a flaw affects, in the words of node-semver's ranges: as clients of npm's registries read it.
//!
//! Invariant: of the versions asked about, those are in the range that [`Affected::contains`] says are affected; of others
//! too, except where the whole would be longer than [`limits::ADVISORY_COMPARATORS_BYTES`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use fanlight_base::limits;

use crate::index::Affecting;
use crate::range::{Range, Stretch};
use crate::version::Version;

#[cfg(test)]
mod tests;

impl Affecting<'_> {
    /// The versions that the flaw affects: `<1.0.2 || >=2.0.0-rc.1 <2.3.0 || 3.0.0`. `asked` are those that somebody asks about.
    /// `None` where no version that can be compared is affected.
    pub fn comparators(&self, asked: &[Version]) -> Option<String> {
        let stretches: BTreeSet<Stretch<'_>> =
            self.entries().flat_map(|entry| entry.ranges()).flat_map(Range::stretches).collect();
        let covered = |version: &Version| stretches.iter().any(|stretch| stretch.contains(version));
        let listed: BTreeSet<&Version> = self
            .entries()
            .flat_map(|entry| entry.versions())
            .filter(|version| version.is_ordered() && !covered(version))
            .collect();
        let whole = written(&stretches, listed.iter().copied());
        let text = if whole.len() <= limits::ADVISORY_COMPARATORS_BYTES {
            whole
        } else {
            let met = stretches.iter().filter(|stretch| asked.iter().any(|version| stretch.contains(version)));
            written(met, listed.into_iter().filter(|version| asked.contains(version)))
        };
        (!text.is_empty()).then_some(text)
    }
}

impl Stretch<'_> {
    fn contains(&self, version: &Version) -> bool {
        let is_below = |(to, with_it): (&Version, bool)| version < to || (with_it && version == to);
        version.is_ordered() && self.from.is_none_or(|from| version >= from) && self.to.is_none_or(is_below)
    }
}

fn written<'a>(
    stretches: impl IntoIterator<Item = &'a Stretch<'a>>,
    listed: impl Iterator<Item = &'a Version>,
) -> String {
    let mut text = String::new();
    let mut next = |part: &dyn std::fmt::Display| {
        let between = if text.is_empty() { "" } else { " || " };
        let _ = write!(text, "{between}{part}");
    };
    for stretch in stretches {
        match (stretch.from, stretch.to) {
            (None, None) => next(&">=0"),
            (Some(from), None) => next(&format_args!(">={from}")),
            (None, Some((to, false))) => next(&format_args!("<{to}")),
            (None, Some((to, true))) => next(&format_args!("<={to}")),
            (Some(from), Some((to, false))) => next(&format_args!(">={from} <{to}")),
            (Some(from), Some((to, true))) => next(&format_args!(">={from} <={to}")),
        }
    }
    listed.for_each(|version| next(version));
    text
}
