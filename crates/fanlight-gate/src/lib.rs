//! The one path: identify, facts, decide, act, record. Every door hangs its routes here and gets a [`Context`] for each request.
//!
//! Refuses to know what the doors are about. Its invariant is in the types: a handler can only return an [`Answer`], an
//! answer can only be made from a [`Recorded`], and the dispatcher waits until that record is on disk before it lets
//! the answer go.

mod context;
mod dispatch;
mod enter;
mod hosts;
pub mod meters;
mod route;
mod shown;
mod stop;

pub use context::{Afterwards, Answer, CannotRecord, Context, ForSeveral, Gate, GateParts, Judged, Recorded};
pub use dispatch::Dispatch;
pub use enter::{AllowedPace, ENTER, Fault};
pub use hosts::Hosts;
pub use meters::Meters;
pub use route::{Access, Handling, OpenAnswer, PathParts, Route, RouteHandler, Routes};
pub use stop::{Handled, Stop};

#[cfg(test)]
mod tests;
