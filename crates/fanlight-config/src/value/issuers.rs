//! Issuers whose tokens apps may call with.

use std::path::Path;

use fanlight_base::limits;
use url::Url;

use super::providers::{address_of, filled, word};
use super::{Kind, Setting, Value, Wrong};

/// The algorithms of signatures, as tokens name them (RFC 7518, RFC 8037). There is no symmetric one, and no `none`.
const ALGORITHMS: [&str; 9] = ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// One issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerAt {
    /// What it is called in keys, lists and records.
    pub name: String,
    /// Its name as its tokens have it.
    pub issuer: Url,
    /// The same, letter for letter.
    pub issuer_text: String,
    /// Whom its tokens must be for.
    pub audience: String,
    /// Where its keys are, where it does not describe itself.
    pub keys: Option<Url>,
    /// The algorithms by which it signs; never empty.
    pub algorithms: Vec<String>,
    /// Whether its tokens are access tokens (RFC 9068), and not what a platform gives to a job.
    pub access_tokens: bool,
}

/// Issuers, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuers(pub Vec<IssuerAt>);

const MEMBERS: &str = "name, issuer, audience, keys, algorithms and tokens";

impl Setting for Issuers {
    const ALLOWED: &'static str = "a list of tables like { name = \"ci\", issuer = \"https://ci.acme.example\", audience = \
        \"https://fanlight.acme.example\" }, with keys, algorithms and tokens where they are needed; in text one, as \
        name=ci, issuer=https://ci.acme.example, audience=https://fanlight.acme.example";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<IssuerAt> = Vec::new();
        let items = match &value.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Text(text) if text.trim().is_empty() => &[],
            Kind::Text(_) | Kind::Table(_) => std::slice::from_ref(value),
        };
        for item in items {
            let issuer = one(item)?;
            if all.iter().any(|known| known.name == issuer.name || known.issuer_text == issuer.issuer_text) {
                return Err(item.wrong(format!("{:?} or its issuer stands there twice", issuer.name)));
            }
            all.push(issuer);
        }
        if all.len() > limits::TRUSTED_ISSUERS {
            return Err(value.wrong(format!("there are more than {} issuers", limits::TRUSTED_ISSUERS)));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        let shown = self.0.iter().map(|one| {
            let mut text = format!("name={}, issuer={}, audience={}", one.name, one.issuer_text, one.audience);
            if let Some(keys) = &one.keys {
                text.push_str(&format!(", keys={keys}"));
            }
            if one.algorithms != ALGORITHMS {
                text.push_str(&format!(", algorithms={}", one.algorithms.join(" ")));
            }
            text + if one.access_tokens { ", tokens=access" } else { "" }
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

fn one(item: &Value) -> Result<IssuerAt, Wrong> {
    let (mut name, mut issuer, mut audience, mut keys) = (None, None, None, None);
    let mut algorithms = ALGORITHMS.map(str::to_owned).to_vec();
    let mut access_tokens = false;
    for (member, value, at) in item.entries()? {
        let text = value.as_text()?;
        match member.as_str() {
            "name" => name = Some(word(text, &value)?),
            "issuer" => issuer = Some(address_of(text, &value)?),
            "audience" => audience = Some(filled(text, &value)?),
            "keys" => keys = Some(address_of(text, &value)?.0),
            "algorithms" => algorithms = named(text, &value)?,
            "tokens" => {
                access_tokens = match text {
                    "access" => true,
                    "workload" => false,
                    _ => return Err(value.wrong("tokens is workload or access")),
                }
            }
            _ => return Err(Wrong { why: format!("an issuer has {MEMBERS}, not {member:?}"), at }),
        }
    }
    let missing = |what: &str| item.wrong(format!("an issuer has {what}"));
    let (issuer, issuer_text) = issuer.ok_or_else(|| missing("an issuer"))?;
    Ok(IssuerAt {
        name: name.ok_or_else(|| missing("a name"))?,
        issuer,
        issuer_text,
        audience: audience.ok_or_else(|| missing("an audience: whom its tokens must be for"))?,
        keys,
        algorithms,
        access_tokens,
    })
}

fn named(text: &str, at: &Value) -> Result<Vec<String>, Wrong> {
    let named: Vec<&str> = text.split_ascii_whitespace().collect();
    match named.iter().find(|name| !ALGORITHMS.contains(name)) {
        Some(other) => {
            Err(at.wrong(format!("{other:?} is no algorithm that is taken; they are {}", ALGORITHMS.join(" "))))
        }
        None if named.is_empty() => Err(at.wrong("no algorithm is named")),
        None => Ok(named.into_iter().map(str::to_owned).collect()),
    }
}
