//! Providers at which people log in (OpenID Connect).

use std::path::{Path, PathBuf};

use fanlight_base::limits;
use url::Url;

use super::{Kind, Setting, Value, Wrong};

/// One provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAt {
    /// What it is called on the login page, in addresses and in records.
    pub name: String,
    /// Its name as its tokens have it.
    pub issuer: Url,
    /// The same, letter for letter.
    pub issuer_text: String,
    /// As what the node is known to it.
    pub client: String,
    /// The file with the secret that belongs to that.
    pub secret_file: Option<PathBuf>,
    /// The claim with the name that its people go by here.
    pub name_claim: String,
    /// The claim with their groups.
    pub groups_claim: Option<String>,
    /// Whether it asks everybody for a second factor.
    pub second_factor: bool,
}

/// Providers, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Providers(pub Vec<ProviderAt>);

const MEMBERS: &str = "name, issuer, client, secret_file, name_claim, groups_claim and second_factor";

impl Setting for Providers {
    const ALLOWED: &'static str = "a list of tables like { name = \"acme\", issuer = \"https://login.acme.example\", client = \
        \"fanlight\", secret_file = \"/etc/fanlight/login.secret\" }, with name_claim, groups_claim and second_factor where \
        they are needed; in text one, as name=acme, issuer=https://login.acme.example, client=fanlight";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        let mut all: Vec<ProviderAt> = Vec::new();
        let items = match &value.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Text(text) if text.trim().is_empty() => &[],
            Kind::Text(_) | Kind::Table(_) => std::slice::from_ref(value),
        };
        for item in items {
            let provider = one(item, folder)?;
            if all.iter().any(|known| known.name == provider.name || known.issuer_text == provider.issuer_text) {
                return Err(item.wrong(format!("{:?} or its issuer stands there twice", provider.name)));
            }
            all.push(provider);
        }
        if all.len() > limits::LOGIN_PROVIDERS {
            return Err(value.wrong(format!("there are more than {} providers", limits::LOGIN_PROVIDERS)));
        }
        Ok(Self(all))
    }

    fn shown(&self) -> String {
        let shown = self.0.iter().map(|one| {
            let mut text = format!("name={}, issuer={}, client={}", one.name, one.issuer_text, one.client);
            if let Some(file) = &one.secret_file {
                text.push_str(&format!(", secret_file={}", file.display()));
            }
            text.push_str(&format!(", name_claim={}", one.name_claim));
            if let Some(claim) = &one.groups_claim {
                text.push_str(&format!(", groups_claim={claim}"));
            }
            text + if one.second_factor { ", second_factor=true" } else { "" }
        });
        shown.collect::<Vec<_>>().join("; ")
    }
}

fn one(item: &Value, folder: &Path) -> Result<ProviderAt, Wrong> {
    let (mut name, mut issuer, mut client, mut secret_file) = (None, None, None, None);
    let (mut name_claim, mut groups_claim, mut second_factor) = ("preferred_username".to_owned(), None, false);
    for (member, value, at) in item.entries()? {
        let text = value.as_text()?;
        match member.as_str() {
            "name" => name = Some(word(text, &value)?),
            "issuer" => issuer = Some(address_of(text, &value)?),
            "client" => client = Some(filled(text, &value)?),
            "secret_file" => secret_file = Some(folder.join(filled(text, &value)?)),
            "name_claim" => name_claim = filled(text, &value)?,
            "groups_claim" => groups_claim = Some(filled(text, &value)?),
            "second_factor" => {
                second_factor = match text {
                    "true" => true,
                    "false" => false,
                    _ => return Err(value.wrong("second_factor is true or false")),
                }
            }
            _ => return Err(Wrong { why: format!("a provider has {MEMBERS}, not {member:?}"), at }),
        }
    }
    let missing = |what: &str| item.wrong(format!("a provider has a {what}"));
    let (issuer, issuer_text) = issuer.ok_or_else(|| missing("issuer"))?;
    Ok(ProviderAt {
        name: name.ok_or_else(|| missing("name"))?,
        issuer,
        issuer_text,
        client: client.ok_or_else(|| missing("client"))?,
        secret_file,
        name_claim,
        groups_claim,
        second_factor,
    })
}

pub(super) fn word(text: &str, at: &Value) -> Result<String, Wrong> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(at.wrong("a name is small letters, digits and hyphens, at most 32"))
    }
}

pub(super) fn filled(text: &str, at: &Value) -> Result<String, Wrong> {
    if text.is_empty() { Err(at.wrong("it is empty")) } else { Ok(text.to_owned()) }
}

pub(super) fn address_of(text: &str, at: &Value) -> Result<(Url, String), Wrong> {
    let url = Url::parse(text).map_err(|_| at.wrong("this is no address"))?;
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !is_bare || !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback)) {
        return Err(at.wrong("this is an https address without query, user and password; http on this machine only"));
    }
    Ok((url, text.to_owned()))
}
