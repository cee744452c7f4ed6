//! What cargo and a sparse index say to one another, as values: names with their places, and a crate's lines. No I/O.

pub mod index;
pub mod name;
