//! The package doors: between the clients people install with and the upstream indexes.
//!
//! What all doors do is in [`door`] and beside it; what only one protocol has in [`pypi`], [`npm`] and [`cargo`], by way of
//! [`ecosystem`]. Owns the protocols, the cool-down, the cache of files and the words of refusals. Decides nothing itself: facts go to
//! the guard, and the guard's answer is carried out. Invariants: index and files always agree; a file that is not its
//! hash's content is never stored nor sent whole; what an upstream once said is not lost when it is gone.

pub mod about;
pub mod alternatives;
mod ask;
pub mod audit;
mod beside;
pub mod cargo;
pub mod client;
pub mod cooldown;
mod door;
mod ecosystem;
pub mod files;
pub mod imitation;
pub mod inside;
mod judge;
pub mod knowledge;
pub mod npm;
mod page;
mod pattern;
mod project;
pub mod pypi;
pub mod quarantine;
pub mod reviews;
pub mod scanning;
pub mod upstreams;
mod view;

pub use ask::AskError;
pub use door::{AnyDoor, Door, Doors, LookedInto, LookingInto, NotLookedInto, Shared, Viewing};
pub use page::Page;
pub use pattern::PatternError;
pub use project::{Contact, LookError, Memory, Projects, ProjectsParts, UpstreamState};
pub use quarantine::same_version;
pub use view::{FileView, Making, ProjectView, ReleaseView};

/// What can be done at the package doors, as the policy schema names it.
pub mod action {
    use fanlight_base::Action;

    /// Read a project's index page, or the list of projects.
    pub const READ_INDEX: Action = Action::new("packages:read-index");
    /// Fetch a file of a release.
    pub const FETCH_FILE: Action = Action::new("packages:fetch-file");
    /// Fetch a file's metadata.
    pub const FETCH_METADATA: Action = Action::new("packages:fetch-metadata");
    /// Ask which known flaws affect what is installed.
    pub const AUDIT: Action = Action::new("packages:audit");
    /// An event: what became of a file that was let through, where it is not that the whole file went out.
    pub const DELIVERY: Action = Action::new("packages:delivery");
    /// An event: the upstream failed or lied.
    pub const UPSTREAM_FAULT: Action = Action::new("packages:upstream-fault");
}
