//! A cookie's text, out and in.
//!
//! Over TLS its name begins with `__Host-`: browsers then take it only over TLS, for this host alone and every path, so
//! that no neighbour can plant one. On plain loopback they would refuse that, so the prefix falls; who is on this
//! machine's loopback has the machine.

use std::time::Duration;

use fanlight_base::{Secret, limits};

/// How the browser reaches the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By TLS, here or at a proxy that is trusted.
    Tls,
    /// In clear, and the listener is on loopback.
    PlainLoopback,
}

/// A cookie of Fanlight's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    name: &'static str,
    transport: Transport,
}

/// Why a cookie is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CookieFault {
    /// More than any browser of ours has.
    #[error("the cookies are longer than {} bytes", limits::COOKIE_BYTES)]
    TooLong,
    /// Two of the name: one of them is somebody else's, and nothing tells which.
    #[error("the browser sent the cookie twice: delete this site's cookies and log in again")]
    Twice,
}

impl Cookie {
    /// The one with a session's secret.
    pub const fn session(transport: Transport) -> Self {
        Self { name: "fanlight-session", transport }
    }

    /// The one by which a browser is known again.
    pub const fn machine(transport: Transport) -> Self {
        Self { name: "fanlight-machine", transport }
    }

    /// The one with a login at a provider that was begun.
    pub const fn login(transport: Transport) -> Self {
        Self { name: "fanlight-login", transport }
    }

    /// Its name.
    pub fn name(self) -> String {
        format!("{}{}", self.prefix(), self.name)
    }

    const fn prefix(self) -> &'static str {
        match self.transport {
            Transport::Tls => "__Host-",
            Transport::PlainLoopback => "",
        }
    }

    /// The value of `Set-Cookie`. Without `lives` it ends with the browser's own session. `value` is a secret of ours in
    /// base64url; what is outside that alphabet is left out, so that no value can be more than a value.
    pub fn set(self, value: &Secret<String>, lives: Option<Duration>) -> Secret<String> {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let value: String = value.expose_secret().chars().filter(plain).collect();
        Secret::new(self.text(&value, lives))
    }

    /// The value of `Set-Cookie` that takes it away.
    pub fn clear(self) -> String {
        self.text("", Some(Duration::ZERO))
    }

    fn text(self, value: &str, lives: Option<Duration>) -> String {
        let secure = if self.transport == Transport::Tls { "; Secure" } else { "" };
        let lives = lives.map(|lives| format!("; Max-Age={}", lives.as_secs())).unwrap_or_default();
        format!("{}{}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{lives}", self.prefix(), self.name)
    }

    /// Its value among the `Cookie` headers of a request; `None` where it is not there, or its value is no text of ours.
    pub fn read<'a>(self, headers: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, CookieFault> {
        let (mut length, mut found) = (0, None);
        for header in headers {
            length += header.len();
            if length > limits::COOKIE_BYTES {
                return Err(CookieFault::TooLong);
            }
            for pair in header.split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
                let Some(rest) = pair.strip_prefix(self.prefix().as_bytes()) else { continue };
                let Some(value) = rest.strip_prefix(self.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
                else {
                    continue;
                };
                if found.replace(value).is_some() {
                    return Err(CookieFault::Twice);
                }
            }
        }
        Ok(found.and_then(|value| std::str::from_utf8(value).ok()).filter(|value| !value.is_empty()))
    }
}

#[cfg(test)]
mod tests;
