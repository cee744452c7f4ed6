//! The network's edge: listeners and TLS on one side, the client for upstreams on the other, and the one place where
//! an error becomes an answer.
//!
//! Refuses to know the doors: a door is a [`Handler`] to it. Invariants: plain HTTP never leaves loopback; every wait
//! has a deadline and every buffer a bound, named in `fanlight_base::limits`; a body that fails breaks its transfer and
//! never looks whole; no credential and no query of an upstream's address is ever shown.

pub mod answer;
pub mod body;
pub mod conditional;
pub mod packing;
pub mod serve;
pub mod tls;
pub mod upstream;

pub use answer::{Problem, Shows};
pub use body::{Body, BodySender, ReadBodyError, RequestBody, Taken, read_body, read_packed_body};
pub use serve::{Answering, Handler, Listener, Peer, Socket, Unread, serve};
pub use tls::Tls;
pub use upstream::{FileStream, Page, PageAnswer, PageRequest, Upstream, UpstreamError, UpstreamErrorKind, Validators};
