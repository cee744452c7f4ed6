//! An id or alias as a key: the same in upper and lower case, because people type `ghsa-...` and feeds differ.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A name, sharing its text with the advisory it comes from.
#[derive(Debug, Clone)]
pub struct Name(pub Arc<str>);

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}
