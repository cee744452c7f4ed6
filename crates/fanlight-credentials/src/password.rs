//! Passwords: one spelling for each, judged before they are taken, kept by Argon2id.
//!
//! Owns the form: OpaqueString of RFC 8265, so that a password typed on another machine is the same. Every other space is
//! U+0020, then normal form C; no change of case or width; control characters are refused. Refuses to know accounts.

mod breached;
mod hash;
mod rules;

use fanlight_base::{Secret, limits};
use unicode_normalization::UnicodeNormalization as _;

pub use breached::{BreachedError, BreachedList};
pub use hash::{Check, Cost, HashError, Hasher};
pub use rules::{Rules, Weakness};

/// A password in its one spelling. Prints nothing.
#[derive(Debug, Clone)]
pub struct Password(Secret<String>);

/// Why a text can be no password. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Nothing.
    #[error("the password is empty")]
    Empty,
    /// Longer than a person types, so that hashing it is no way to keep a node busy.
    #[error("the password is longer than {} bytes", limits::PASSWORD_BYTES)]
    TooLong,
    /// A control character: most are typed by mistake, and some systems cut there.
    #[error("the password holds a control character")]
    Control,
}

impl Password {
    /// Takes a password as it was typed.
    pub fn read(typed: &str) -> Result<Self, PasswordFault> {
        if typed.is_empty() {
            return Err(PasswordFault::Empty);
        }
        if typed.len() > limits::PASSWORD_BYTES {
            return Err(PasswordFault::TooLong);
        }
        if typed.chars().any(char::is_control) {
            return Err(PasswordFault::Control);
        }
        // Of what is white space and no control character, all but the line and paragraph separators are Zs.
        let spaced = typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        Ok(Self(Secret::new(spaced.nfc().collect())))
    }

    fn clear(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests;
