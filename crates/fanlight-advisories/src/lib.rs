//! Advisories: OSV records and VEX statements in, facts about a release out.
//!
//! A mechanism: it knows how feeds are written, how each ecosystem orders its versions, and which releases a record means.
//! It refuses to know where feeds come from, when they are read again, what is decided, and whom it is told. Everything
//! from outside is bounded by a name in [`fanlight_base::limits`], and a broken record never takes away what is known.

pub mod advisory;
mod comparators;
pub mod ecosystem;
pub mod feed;
pub mod index;
mod json;
mod osv;
pub mod range;
pub mod severity;
mod text;
pub mod version;
pub mod vex;

pub use advisory::{Advisory, Affected, Kind, Reading};
pub use ecosystem::{Ecosystem, Package};
pub use index::{Advisories, Affecting, Fix, How, Project, Releases};
pub use severity::{Level, Severity};
pub use version::Version;
pub use vex::Statements;
