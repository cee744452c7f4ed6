//! The cargo door's protocol: the sparse index and the ways cargo asks for it.

pub mod formats;
