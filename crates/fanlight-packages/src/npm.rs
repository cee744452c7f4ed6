//! The npm door's protocol: names, packuments and the ways clients ask for them.

pub mod formats;
pub mod path;
