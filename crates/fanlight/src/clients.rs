//! The clients on a person's machine, led to the door: their user-level configuration written, shown and put back.
//!
//! Owns where each client keeps its settings, the smallest edit that makes the door the only index, and what else would
//! let packages pass beside it. Refuses to know how tokens are made: it is given an address with one in it.
//! Invariant: what stood in a file before the first `fanlight use` is kept until it has been put back.

use std::fmt;

pub mod beside;
mod cargo;
mod ini;
pub mod installed;
pub mod led;
pub mod marks;
mod npm;
pub mod owner;
mod pip;
pub mod place;
pub mod replace;
pub mod roots;
pub mod saved;
pub mod surroundings;
pub mod turn;
mod uv;
mod yarn;

pub use beside::Beside;
pub use installed::SetupError;
pub use surroundings::Surroundings;
pub use turn::Turn;

use fanlight_api::run::DEVICE_TOKEN_PREFIX;
use fanlight_api::tokens::IndexParts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A client that Fanlight can lead to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Client {
    /// pip, the installer that comes with Python.
    Pip,
    /// uv, also as `uv pip`.
    Uv,
    /// npm, and with it pnpm and yarn 1, which read its file.
    #[value(alias = "pnpm")]
    Npm,
    /// yarn 2 and later; yarn 1 reads npm's file.
    Yarn,
    /// cargo, by source replacement.
    Cargo,
}

impl Client {
    /// The command's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
            Self::Npm => "npm",
            Self::Yarn => "yarn",
            Self::Cargo => "cargo",
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is written into a client's configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    /// The index's address with name and token.
    pub index_url: String,
    /// The file with the root certificate to trust, where the node's certificate comes from its own authority.
    pub root: Option<String>,
}

impl Setting {
    fn parts(&self) -> (&str, &str, &str) {
        let (scheme, rest) = self.index_url.split_once("://").unwrap_or_default();
        let authority = rest.split('/').next().unwrap_or_default();
        let (login, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        (scheme, login, host)
    }

    /// The node's address, `http://HOST:PORT`.
    fn base(&self) -> String {
        let (scheme, _, host) = self.parts();
        format!("{scheme}://{host}")
    }

    /// The token by itself.
    fn token(&self) -> &str {
        self.parts().1.rsplit_once(':').unwrap_or_default().1
    }
}

/// All but RFC 3986's unreserved characters, so that a name or token cannot end the user part of an address.
const USER_PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The user where the person's name is none that every client can send: pip takes it for Latin-1, and Basic has no colon in
/// it (RFC 7617, section 2). The token alone says who it is.
const NOBODY_IN_PARTICULAR: &str = "device";

/// `http://NAME:TOKEN@HOST:PORT/pypi/simple/`.
pub fn index_url(parts: &IndexParts, person: &str, token: &str) -> String {
    let IndexParts { scheme, host, port, path } = parts;
    let can_be_sent = person.chars().all(|c| c.is_ascii_graphic() && c != ':' || c == ' ');
    let user = utf8_percent_encode(if can_be_sent { person } else { NOBODY_IN_PARTICULAR }, USER_PART);
    let token = utf8_percent_encode(token, USER_PART);
    format!("{scheme}://{user}:{token}@{host}:{port}{path}")
}

/// The text with every device token in it shown as `flk_…`, for screens and logs.
pub fn hide_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DEVICE_TOKEN_PREFIX) {
        let (before, token) = rest.split_at(at);
        out.push_str(before);
        out.push_str(DEVICE_TOKEN_PREFIX);
        out.push('…');
        let body = &token[DEVICE_TOKEN_PREFIX.len()..];
        let end =
            body.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '…'))).unwrap_or(body.len());
        rest = &body[end..];
    }
    out.push_str(rest);
    out
}

/// The client's configuration with the setting in it: everything else stays as it was, letter for letter.
pub fn written(client: Client, before: &str, setting: &Setting) -> Result<String, marks::EditError> {
    match client {
        Client::Pip => pip::written(before, setting),
        Client::Uv => uv::written(before, setting),
        Client::Npm => npm::written(before, setting),
        Client::Yarn => yarn::written(before, setting),
        Client::Cargo => cargo::written(before, setting),
    }
}

/// The client's configuration with all of ours taken out again and what was switched off for us switched on.
/// `None` where nothing of ours is in it.
pub fn taken_out(client: Client, text: &str) -> Result<Option<String>, marks::EditError> {
    marks::taken_out(text, matches!(client, Client::Pip))
}

#[cfg(test)]
mod tests;
