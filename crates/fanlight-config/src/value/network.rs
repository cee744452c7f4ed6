//! Addresses to listen on and addresses of other systems.

use std::net::SocketAddr;
use std::path::Path;

use url::Url;

use super::{Setting, Value, Wrong, without_credentials};

impl Setting for SocketAddr {
    const ALLOWED: &'static str = "an IP address and a port, such as 127.0.0.1:7070 or [::1]:7070";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let text = value.as_text()?;
        text.parse().map_err(|_| value.wrong(format!("{text:?} is no IP address with a port")))
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// An address that is optional; empty text means none.
impl Setting for Option<Url> {
    const ALLOWED: &'static str = "an address that begins with http:// or https://";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let text = value.as_text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |what: &str| value.wrong(format!("{:?} {what}", without_credentials(text)));
        let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("begins with something else"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a ? or # part, which cannot be kept when paths are added to it"));
        }
        Ok(Some(url))
    }

    fn shown(&self) -> String {
        self.as_ref().map(|url| without_credentials(url.as_str())).unwrap_or_default()
    }
}
