//! The guard: facts in, decision with reasons out, by Cedar policies.
//!
//! Owns the schema, the built-in policies, what a company's own policies must satisfy ([`Pack`]), the set in force
//! ([`Guard`], [`Snapshot`]) and the telling of a decision ([`explain`]). Refuses to know HTTP and SQL; only
//! [`folder`] reads and writes files. Invariant: what cannot be judged is denied, and a set with one fault is never in force.

mod directory;
mod entities;
mod exceptions;
pub mod explain;
pub mod files;
pub mod folder;
mod guard;
mod looks;
mod pack;
#[cfg(test)]
mod samples;
mod schema;
pub mod simulate;

pub use directory::Directory;
pub use exceptions::{Exception, Exceptions};
pub use files::PolicyFiles;
pub use guard::{Guard, Snapshot};
pub use pack::{Effect, Pack, PolicyFault, PolicyInfo};
pub use schema::{FactKind, KnownAction, known_actions};
