//! Names of hosts.

use std::net::IpAddr;
use std::path::Path;

use super::{Kind, Setting, Value, Wrong};

/// Bytes of a name and of each part of it (RFC 1035, section 2.3.4; the root and the lengths are not written).
const NAME_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// Names of hosts, in lower case, each one whole: no port, no `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostNames(pub Vec<String>);

impl Setting for HostNames {
    const ALLOWED: &'static str =
        "a list of host names without ports, as in [\"fanlight.acme.example\"]; in text one.example, two.example";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let names: Result<Vec<_>, _> = match &value.kind {
            Kind::List(items) => items.iter().map(|item| name(item.as_text()?, item)).collect(),
            Kind::Text(text) => {
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| name(part, value)).collect()
            }
            Kind::Table(_) => Err(value.wrong("a table cannot stand here")),
        };
        names.map(Self)
    }

    fn shown(&self) -> String {
        self.0.join(", ")
    }
}

fn name(text: &str, at: &Value) -> Result<String, Wrong> {
    let wrong = |why: &str| Err(at.wrong(format!("{text:?} {why}")));
    if text.parse::<IpAddr>().is_ok() || text.starts_with('[') {
        return wrong("is an address; a node answers under each of its addresses without being told");
    }
    if let Some((name, port)) = text.split_once(':')
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return wrong(&format!("has more than a name; a node answers on any port: write {name:?}"));
    }
    let is_label = |label: &str| {
        (1..=LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > NAME_BYTES || !text.split('.').all(is_label) {
        return wrong("is no name of a host: it has letters, digits and - between dots (write others as xn--...)");
    }
    Ok(text.to_ascii_lowercase())
}
