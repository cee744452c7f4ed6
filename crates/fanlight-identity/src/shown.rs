//! What a caller showed: the value of one `Authorization` header, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fanlight_base::{Secret, limits};

use crate::error::IdentifyError;

/// What a caller showed. Prints nothing of it.
#[derive(Debug)]
pub enum Shown<'a> {
    /// No header.
    Nothing,
    /// `Basic` (RFC 7617), as pip, uv and netrc send it. The token is the password, or the user where that is empty.
    Basic {
        /// The user, often `__token__`.
        user: Secret<String>,
        /// The password.
        password: Secret<String>,
    },
    /// `Bearer` (RFC 6750), as npm sends it, or the bare token, as cargo does.
    Bearer(ShownToken<'a>),
    /// `DPoP` (RFC 9449): a token with a proof beside it.
    Bound(ShownToken<'a>),
}

/// A token as it was shown; borrowed from the header.
#[derive(Clone, Copy)]
pub struct ShownToken<'a>(pub &'a str);

impl std::fmt::Debug for ShownToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownToken(..)")
    }
}

impl<'a> Shown<'a> {
    /// Takes a header's value apart.
    ///
    /// # Errors
    /// [`IdentifyError::Malformed`] where it is longer than [`limits::AUTHORIZATION_BYTES`], of another scheme, or not
    /// what its scheme asks for.
    pub fn from_header(value: Option<&'a [u8]>) -> Result<Self, IdentifyError> {
        let Some(value) = value else { return Ok(Self::Nothing) };
        if value.len() > limits::AUTHORIZATION_BYTES {
            return Err(IdentifyError::Malformed("the header is too long"));
        }
        let text = std::str::from_utf8(value).map_err(|_| IdentifyError::Malformed("the header is not text"))?.trim();
        let Some((scheme, rest)) = text.split_once(' ') else {
            return if text.starts_with("flk_") || text.starts_with("flo_") {
                Ok(Self::Bearer(ShownToken(text)))
            } else {
                Err(IdentifyError::Malformed("the header names no scheme"))
            };
        };
        let rest = rest.trim_start();
        if scheme.eq_ignore_ascii_case("bearer") {
            Ok(Self::Bearer(ShownToken(rest)))
        } else if scheme.eq_ignore_ascii_case("dpop") {
            Ok(Self::Bound(ShownToken(rest)))
        } else if scheme.eq_ignore_ascii_case("basic") {
            Self::basic(rest)
        } else {
            Err(IdentifyError::Malformed("the scheme is neither Basic nor Bearer nor DPoP"))
        }
    }

    fn basic(encoded: &str) -> Result<Self, IdentifyError> {
        let malformed = || IdentifyError::Malformed("the Basic credentials are not base64 of USER:PASSWORD");
        let clear = STANDARD.decode(encoded).map_err(|_| malformed())?;
        let clear = Secret::new(String::from_utf8(clear).map_err(|_| malformed())?);
        let (user, password) = clear.expose_secret().split_once(':').ok_or_else(malformed)?;
        Ok(Self::Basic { user: Secret::new(user.to_owned()), password: Secret::new(password.to_owned()) })
    }

    /// Whether it says that a proof comes with it.
    pub const fn is_bound(&self) -> bool {
        matches!(self, Self::Bound(_))
    }

    /// The token in it, if anything was shown.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Basic { user, password } if password.expose_secret().is_empty() => Some(user.expose_secret()),
            Self::Basic { password, .. } => Some(password.expose_secret()),
            Self::Bearer(token) | Self::Bound(token) => Some(token.0),
        }
    }
}

#[cfg(test)]
mod tests;
