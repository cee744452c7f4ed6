//! The admin API as values: every path with its method ([`routes`]), every body that crosses it, and the error form.
//!
//! The node's handlers, the command line and the console's generated client all take their shapes from here, so none
//! of them can drift from the others. Refuses to know any logic: nothing here decides, reads or sends.
//! Invariant: a field is only ever added; what a newer node sends, an older client reads, leaving out what it does not
//! know.

pub mod account;
pub mod activity;
pub mod advisories;
pub mod apps;
pub mod backup;
pub mod events;
pub mod exceptions;
pub mod explain;
pub mod holdings;
pub mod import;
pub mod keys;
pub mod ledger;
pub mod listing;
pub mod look;
pub mod openapi;
pub mod operations;
pub mod overview;
pub mod passkeys;
pub mod people;
pub mod policies;
pub mod problem;
pub mod publishing;
pub mod quarantine;
pub mod requests;
pub mod restore;
pub mod reviews;
pub mod rights;
pub mod routes;
pub mod run;
pub mod scan;
pub mod settings;
mod shapes;
pub mod simulate;
pub mod status;
pub mod tokens;
pub mod who;
pub mod why;

pub use problem::Problem;
pub use routes::{Method, Route};
pub use run::NodeFile;
pub use status::Status;
pub use who::Who;
pub use why::Why;

#[cfg(test)]
mod tests;
