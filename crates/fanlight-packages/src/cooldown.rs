//! The two clocks of wait-and-see: when the upstream says a file was published, and when this node first saw it.
//!
//! Owns which of the two counts ([`Sightings::age`]) and how long a project's releases wait ([`Cooldowns`]). Refuses to know what
//! follows from it: that is for policies. Pure: the instant now is an argument. Invariants: an age is never negative and
//! grows with time; what was found backdated stays so.
//!
//! The rule is packages.md's "Time": the upstream's time counts, except where it states none, or where a file that was
//! not there at our last look claims to be older than that look. First-seen alone would hold six-year-old releases.

mod age;
pub(crate) mod durations;
mod sightings;

pub use age::{Age, CountedFrom, PublishTime};
pub use durations::Cooldowns;
pub use sightings::{BACKDATING_SLACK, Sighting, Sightings};

#[cfg(test)]
mod tests;
