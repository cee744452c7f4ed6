//! Fakes, fixtures and real clients for black-box tests: an [`Upstream`] that can lie and fail on demand, a [`State`]
//! folder with a real [`Node`] on it, and the [`Clients`] people really use.
//!
//! Knows the product only from outside: its commands, its addresses, its files. Everything listens on loopback; every
//! wait has a deadline; only processes started here are ended, by their id.

pub mod advisory;
pub mod archive;
pub mod authenticator;
pub mod binary;
pub mod body;
pub mod catalogue;
pub mod clients;
pub mod crates;
pub mod fault;
pub mod fuzz;
pub mod hooks;
pub mod issuer;
pub mod node;
pub mod npm;
pub mod own_key;
pub mod page;
pub mod passkeys;
pub mod process;
pub mod receivers;
pub mod release;
pub mod strace;
pub mod upstream;
pub mod validators;
pub mod wire;

pub use advisory::Advisory;
pub use authenticator::Authenticator;
pub use catalogue::Status;
pub use clients::{Client, Clients, Room};
pub use crates::CrateRelease;
pub use fault::Fault;
pub use hooks::{Hook, Hooks};
pub use issuer::{Issuer, Manner};
pub use node::{Node, State};
pub use npm::NpmRelease;
pub use own_key::OwnKey;
pub use passkeys::{KeyKind, SoftPasskey};
pub use process::{Output, Run};
pub use receivers::{MailServer, MailTls, Receivers};
pub use release::Release;
pub use strace::Injection;
pub use upstream::{Seen, Upstream};
pub use validators::Validators;
pub use wire::{Answer, Request, get};

use std::time::{Duration, Instant};

/// Asks `check` every 20 ms until it gives something, at most for `limit`; says `what` was waited for when it never does.
///
/// # Panics
/// When `limit` is over.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
