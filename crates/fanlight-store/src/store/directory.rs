//! What a company's directory keeps here: people, with what it says of them, and groups.
//!
//! Refuses to know what a resource holds: it comes and goes sealed. Invariant: a person's row, their name and whether they
//! have left change in one step, and so do a group's row and its members.

mod groups;
mod people;

use sqlx::{Any, Transaction};

pub use groups::{DirectoryGroupRow, GroupChange};
pub use people::{DirectoryPersonRow, Kept, PersonChange};

type Change = Transaction<'static, Any>;
