//! The Python door, at `/pypi/`: the simple repository API (PEP 503, 691, 700) in front of an upstream index.
//!
//! The whole way of a request is in [`door`]; what an index page is stands in [`formats`], what the upstream has in
//! [`project`], what the guard says of it in [`judge`], and what people are told of it in [`view`].

pub mod discover;
mod door;
pub mod formats;
mod judge;
mod project;
mod view;

pub use door::{PypiDoor, PypiParts};
pub use project::{Contact, LookError, Projects, ProjectsParts, UpstreamState};
pub use view::{FileView, ProjectView, ReleaseView, same_version};
