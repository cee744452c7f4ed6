//! Proofs of who is calling, as values: passwords, second factors, sessions, tokens of others and our own, keys of apps,
//! and what a directory sends.
//!
//! A mechanism: it refuses to know HTTP, routes, SQL and people. The time is given to it, and it keeps nothing but what is
//! bounded. Invariants: what it gives to be kept cannot be replayed; secrets are compared in constant time; whatever comes
//! from outside is bounded by a name in [`fanlight_base::limits`].

pub mod guesses;
pub mod jose;
pub mod json;
pub mod key;
pub mod oidc;
pub mod passkey;
pub mod password;
pub mod random;
pub mod scim;
pub mod second;
pub mod session;
pub mod token;
