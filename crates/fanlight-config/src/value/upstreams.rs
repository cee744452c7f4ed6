//! The upstreams of a door: one address, or several in order, some of them the company's own.

use std::path::Path;

use fanlight_base::limits;
use url::Url;

use super::{Kind, Setting, Value, Wrong, without_credentials};

/// One upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamAt {
    /// Its address.
    pub url: Url,
    /// Whether it is the company's own, so that private names are asked of it.
    pub private: bool,
}

/// Upstreams in the order in which they are asked, each once. None: what the client on this machine uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upstreams(pub Vec<UpstreamAt>);

/// What stands before the address of a private one in text.
const PRIVATE: &str = "private ";

impl Setting for Upstreams {
    const ALLOWED: &'static str = "an address that begins with http:// or https://, or a list of addresses and of tables like \
        { url = \"https://packages.acme.example/simple/\", private = true }; in text one, private two";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<UpstreamAt> = Vec::new();
        let read = match &value.kind {
            Kind::Text(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| (of_text(part, value), value)).collect::<Vec<_>>()
            }
            Kind::List(items) => items.iter().map(|item| (of_item(item), item)).collect(),
            Kind::Table(_) => vec![(of_item(value), value)],
        };
        for (upstream, at) in read {
            let upstream = upstream?;
            if all.iter().any(|known| known.url == upstream.url) {
                return Err(at.wrong(format!("{:?} stands there twice", without_credentials(upstream.url.as_str()))));
            }
            all.push(upstream);
        }
        if all.len() > limits::UPSTREAMS {
            return Err(value.wrong(format!("there are more than {} upstreams", limits::UPSTREAMS)));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        let shown = self.0.iter().map(|upstream| {
            let before = if upstream.private { PRIVATE } else { "" };
            format!("{before}{}", without_credentials(upstream.url.as_str()))
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

fn of_text(text: &str, at: &Value) -> Result<UpstreamAt, Wrong> {
    let (address, private) = match text.strip_prefix(PRIVATE) {
        Some(address) => (address.trim(), true),
        None => (text, false),
    };
    Ok(UpstreamAt { url: address_of(address, at)?, private })
}

fn of_item(item: &Value) -> Result<UpstreamAt, Wrong> {
    let Kind::Table(members) = &item.kind else { return of_text(item.as_text()?, item) };
    let (mut url, mut private) = (None, false);
    for (name, at, value) in members {
        match name.as_str() {
            "url" => url = Some(address_of(value.as_text()?, value)?),
            "private" => {
                private = match value.as_text()? {
                    "true" => true,
                    "false" => false,
                    _ => return Err(value.wrong("private is true or false")),
                }
            }
            _ => {
                let why = format!("an upstream has url and private, not {name:?}");
                return Err(Wrong { why, at: Some(at.clone()) });
            }
        }
    }
    let url = url.ok_or_else(|| item.wrong("an upstream has an url"))?;
    Ok(UpstreamAt { url, private })
}

fn address_of(text: &str, at: &Value) -> Result<Url, Wrong> {
    let wrong = |what: &str| at.wrong(format!("{:?} {what}", without_credentials(text)));
    let mut url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("begins with something else"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a ? or # part, which cannot be kept when paths are added to it"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
