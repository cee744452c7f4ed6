//! Signatures in JSON (JOSE): keys (RFC 7517), sets of them, and signed texts (RFC 7515), by RFC 8725.
//!
//! Owns which algorithms there are: signatures only, so that whoever can check can never sign, and no `none`. A key has one
//! algorithm from the moment it is read, and no header changes that. Refuses to know what is signed. There is no
//! encryption, no compression, and nothing is fetched: addresses and keys in a header are not looked at.

mod algorithm;
mod jws;
mod key;
mod key_set;
mod roca;
mod signing;

pub use algorithm::Algorithm;
pub use jws::{Header, Jws, JwsFault};
pub use key::{Jwk, KeyFault, Thumbprint};
pub use key_set::{KeySet, KeySetFault};
pub use signing::{SigningKey, SigningKeyFault};

use data_encoding::BASE64URL_NOPAD;

/// Bytes of base64url in its one spelling: no padding, no white space, no bits left over.
fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}
