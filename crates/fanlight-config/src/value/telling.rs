//! How people are told: a mail server, mail addresses.

use std::fmt;
use std::path::Path;

use url::Url;

use super::{Setting, Value, Wrong, without_credentials};

/// A mail server's address, with a user and password where it wants them.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer(pub Url);

/// A mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress(pub String);

/// The domain of mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDomain(pub String);

/// An address that takes webhooks. Chats put their secret into its path.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook(pub Url);

impl Webhook {
    fn hidden(&self) -> String {
        let origin = self.0.origin().ascii_serialization();
        if self.0.path() == "/" { format!("{origin}/") } else { format!("{origin}/***") }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hidden())
    }
}

impl Setting for Option<Webhook> {
    const ALLOWED: &'static str = <Option<Url> as Setting>::ALLOWED;

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        Ok(<Option<Url> as Setting>::read(value, folder)?.map(Webhook))
    }

    fn shown(&self) -> String {
        self.as_ref().map(Webhook::hidden).unwrap_or_default()
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(self.0.as_str()))
    }
}

/// Text that means none where it is empty.
fn optional<T>(value: &Value, read: impl FnOnce(&str) -> Option<T>, what: &str) -> Result<Option<T>, Wrong> {
    match value.as_text()? {
        "" => Ok(None),
        text => read(text).map(Some).ok_or_else(|| value.wrong(what)),
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.len() <= 253 && text.split('.').all(is_label)
}

impl Setting for Option<MailServer> {
    const ALLOWED: &'static str = "smtps://HOST or smtp://HOST, with USER:PASSWORD@ before the host and a port behind it where \
        there are any; smtp goes over to TLS, except on this machine";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let read = |text: &str| {
            let url = Url::parse(text).ok()?;
            let is_one =
                matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some_and(|host| !host.is_empty());
            let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
            (is_one && is_bare).then_some(MailServer(url))
        };
        optional(value, read, "this is no address of a mail server")
    }

    fn shown(&self) -> String {
        self.as_ref().map(|server| without_credentials(server.0.as_str())).unwrap_or_default()
    }
}

impl Setting for Option<MailAddress> {
    const ALLOWED: &'static str = "a mail address, such as security@acme.example";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let read = |text: &str| {
            let (local, domain) = text.rsplit_once('@')?;
            let is_local = !local.is_empty()
                && local.len() <= 64
                && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
            (is_local && is_domain(domain)).then(|| MailAddress(text.to_owned()))
        };
        optional(value, read, "this is no mail address")
    }

    fn shown(&self) -> String {
        self.as_ref().map(|address| address.0.clone()).unwrap_or_default()
    }
}

impl Setting for Option<MailDomain> {
    const ALLOWED: &'static str = "a domain, such as acme.example";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        optional(value, |text| is_domain(text).then(|| MailDomain(text.to_owned())), "this is no domain")
    }

    fn shown(&self) -> String {
        self.as_ref().map(|domain| domain.0.clone()).unwrap_or_default()
    }
}
