//! What a company's directory sends to say who is there: SCIM 2.0 (RFC 7643, RFC 7644), its filters and its changes, over
//! resources as JSON objects.
//!
//! Owns the grammar, and the ways in which Microsoft Entra and Okta leave it. Refuses to know HTTP, SQL and what a person
//! may do: an attribute that the schema does not name is left out, so that a directory can give nobody rights here.
//! Invariant: bytes, depth, terms, values and work are bounded before anything is done, and a change is whole or none.

mod filter;
mod patch;
mod path;
mod schema;

pub use filter::{Filter, FilterFault, Literal, Operator};
pub use patch::{Applied, Operation, Patch, PatchFault, Target, Verb};
pub use path::{Path, PathFault};
pub use schema::{Attribute, Kind, Mutability, Schema};
