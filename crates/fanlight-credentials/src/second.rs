//! What is shown besides or instead of a password: codes by time, recovery codes, and links that open once.
//!
//! Refuses to know whose they are. Invariant: each is good once.

mod link;
mod picture;
mod recovery;
mod totp;

pub use link::{KeptLink, LinkFault, OneTimeLink};
pub use picture::picture;
pub use recovery::{KeptCodes, RecoveryCodes, RecoveryFault};
pub use totp::{CodeFault, Step, TotpSecret};
