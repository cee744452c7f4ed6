//! Feeds of advisories, joined to a node: where they are, when they are read, what is kept of them, what the doors are
//! told, and who has what they call malicious.
//!
//! Refuses to know how a record is written and which release it means (`fanlight-advisories` does), and decides nothing:
//! what it knows becomes facts. Invariants: a feed that cannot be read takes nothing away; what a feed brought is
//! recorded before it counts; what counts is kept, so that a start without the feed knows it.

mod ask;
mod audit;
mod facts;
mod feeds;
mod history;
mod hits;
mod keep;
mod knowledge;
mod reading;
mod refresh;
pub mod source;
mod state;
mod vex;

pub use ask::AffectedReleases;
pub use feeds::{CatchUp, Feeds, FeedsError, Parts};
pub use source::{Place, Source};

/// What the feeds do by themselves, as the policy schema names it.
pub mod action {
    use fanlight_base::Action;

    /// An event: a feed brought something new, and it counts from now on.
    pub const CHANGED: Action = Action::new("node:advisories-changed");
    /// An event: a feed cannot be read; what is known stays.
    pub const REFUSED: Action = Action::new("node:advisories-refused");
    /// An event: somebody here received a release that a feed calls malicious.
    pub const HIT: Action = Action::new("packages:advisory-hit");
}
