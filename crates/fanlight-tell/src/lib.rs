//! Tells people and their systems something: a signed webhook, a mail.
//!
//! Owns the two protocols. Refuses to know what is told, to whom and why, and keeps nothing: who calls tries again. Invariants:
//! each try has an end; nothing goes anywhere but to the address that the settings name, never on to where that one leads;
//! no password crosses a network in clear.

mod error;
mod mail;
mod webhook;

pub use error::{SetUpError, TellError};
pub use mail::{Letter, Mail};
pub use webhook::{Webhook, new_secret};
