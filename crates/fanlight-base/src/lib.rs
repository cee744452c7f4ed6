//! The words of the product as types: who (`Principal`), what (`Action`), on which thing (`Resource`), with which
//! facts (`Facts`), judged how (`Decision`), kept as what (`Record`).
//!
//! Refuses to know any I/O: no files, no sockets, no SQL. The clock is a trait; only [`clock::SystemClock`] reads the
//! machine's. Every limit on hostile input is named in [`limits`].

pub mod attempt;
pub mod clock;
pub mod decision;
pub mod facts;
pub mod fault;
pub mod ids;
pub mod layers;
pub mod limits;
pub mod listen;
pub mod principal;
pub mod purl;
pub mod record;
pub mod scope;
pub mod secret;
pub mod words;

pub use attempt::{Action, Attempt, Resource};
pub use clock::{Clock, SystemClock, Timestamp};
pub use decision::{Decision, Epoch, Excepted, Outcome};
pub use facts::{Fact, Facts};
pub use fault::Fault;
pub use ids::{AppId, DeviceId, PersonId, RequestId};
pub use layers::{Layers, LayersFault};
pub use principal::{Audience, Principal, Role, Strength, Whom, is_group_name};
pub use purl::Purl;
pub use record::{Record, Who};
pub use scope::{Scope, Scopes};
pub use secret::Secret;
