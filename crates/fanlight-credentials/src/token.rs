//! Tokens: what others issued to whoever comes, what we issue ourselves, and proofs that their bearer is no thief.
//!
//! Owns the meaning of claims (JWT, RFC 7519, by RFC 8725). Refuses to know how tokens travel and where key sets are
//! fetched. Invariants: each kind of token is told from each other by its type, its issuer and whom it is for, and none
//! passes for another; the issuer's own keys alone are asked; what may be used once is used once.

mod access;
mod assertion;
mod claims;
mod dpop;
mod foreign;
mod nonce;
mod once;

pub use access::{Access, AccessFault, AccessTokens, Grant};
pub use assertion::{Asserted, AssertionFault, ClientAssertions};
pub use claims::{ClaimFault, Claims, Timing};
pub use dpop::{Proof, ProofFault, Proofs};
pub use foreign::{Expected, ForeignFault, ForeignIssuer, ForeignIssuers};
pub use nonce::Nonces;
pub use once::{Full, Once};
