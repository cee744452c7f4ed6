//! Where each door's upstreams are: from the configuration, else what was found before, else what the client on this machine
//! uses. Found once and then kept, because from `fanlight use` on the client names the door itself.
//!
//! Invariants: the record says only of which kind the finding was, because a path of a client's settings holds a login
//! name; a password that was found is kept sealed under the root key, never in clear.

use std::sync::Arc;

use fanlight_api::run::DEVICE_TOKEN_PREFIX;
use fanlight_base::{Facts, Resource, Secret};
use fanlight_config::{Config, UpstreamAt};
use fanlight_console::{Board, UpstreamNote};
use fanlight_gate::Gate;
use fanlight_identity::Identity;
use fanlight_net::Listener;
use fanlight_net::upstream::{Options, without_credentials};
use fanlight_packages::pypi::discover::Provenance;
use fanlight_packages::upstreams::{Reserved, Source, Upstreams};
use fanlight_packages::{AnyDoor, Doors, cargo, npm, pypi};
use fanlight_store::Store;
use url::Url;

use super::action;
use super::error::NodeError;

/// The names of what is kept in the database of a door's upstream that was found.
struct Keys {
    /// Its address.
    url: &'static str,
    /// How it was found, in words for people.
    from: String,
    /// How it was found, as the record says it.
    kind: String,
    /// Its user and password, sealed.
    login: String,
}

impl Keys {
    fn of(door: &dyn AnyDoor) -> Self {
        let url = door.setting();
        Self { url, from: format!("{url}.from"), kind: format!("{url}.kind"), login: format!("{url}.login") }
    }
}

/// How long clients are asked before a person at the terminal is told what the start waits for.
const QUIETLY: std::time::Duration = std::time::Duration::from_millis(300);

/// Where what is found is kept, recorded and shown.
pub struct Places<'a> {
    /// The database.
    pub store: &'a Store,
    /// The ledger and the root key.
    pub gate: &'a Gate,
    /// What `status` shows.
    pub board: &'a Board,
}

/// An upstream and how it was found.
#[derive(Clone, PartialEq, Eq)]
struct Known {
    /// The address, with the user and password where there are any.
    url: Url,
    /// For people at this machine only: may name a file in somebody's home.
    from: String,
    /// For the record.
    kind: String,
}

/// The client's options: the roots that Python's clients are told to trust are trusted, too.
pub fn options() -> Options {
    let extra_root = ["SSL_CERT_FILE", "PIP_CERT"].iter().find_map(std::env::var_os).map(Into::into);
    Options { extra_root, ..Options::default() }
}

/// Finds the upstream of each door and tells it. Not finding one is no error: the door then says how to set it.
pub async fn settle(config: &Config, places: &Places<'_>, doors: &Doors, listener: &Listener) -> Result<(), NodeError> {
    let mut unknown = Vec::new();
    let reserved = Arc::new(Reserved::new(config.packages_private.0.iter().cloned())?);
    for door in doors.iter() {
        let set = set(config, &**door);
        if !set.is_empty() {
            tell_set(set, &reserved, places, &**door).await?;
        } else if let Some(known) = kept(&Keys::of(&**door), places.store, places.gate.identity()).await? {
            let from = format!("{}, found at the first start", known.from);
            tell(Known { from, ..known }, &reserved, places, &**door).await?;
        } else {
            unknown.push(door);
        }
    }
    let port = listener.address().port();
    for door in unknown {
        let mut asked = std::pin::pin!(ask(&**door, port));
        let found = match tokio::time::timeout(QUIETLY, &mut asked).await {
            Ok(found) => found,
            Err(_) => {
                super::banner::asking(&**door);
                asked.await
            }
        };
        match found {
            Ok(known) => {
                keep(&known, &Keys::of(&**door), places.store, places.gate.identity()).await?;
                tell(known, &reserved, places, &**door).await?;
            }
            Err(why) => {
                tracing::warn!("{}", fanlight_base::fault::with_causes(&*why));
                places.board.set_upstream(door.ecosystem(), UpstreamNote { url: None, found: why.to_string() });
            }
        }
    }
    Ok(())
}

/// What the settings say of a door's upstreams.
fn set<'a>(config: &'a Config, door: &dyn AnyDoor) -> &'a [UpstreamAt] {
    match door.ecosystem() {
        "pypi" => &config.packages_pypi_upstream.0,
        "npm" => &config.packages_npm_upstream.0,
        "cargo" => &config.packages_cargo_upstream.0,
        _ => &[],
    }
}

/// Tells a door the upstreams of the settings, in their order.
async fn tell_set(
    set: &[UpstreamAt],
    reserved: &Arc<Reserved>,
    places: &Places<'_>,
    door: &dyn AnyDoor,
) -> Result<(), NodeError> {
    let sources: Vec<_> = set.iter().map(|upstream| Source::new(upstream.url.clone(), upstream.private)).collect();
    for source in &sources {
        record(source, "configuration", places, door).await?;
    }
    let (own, open): (Vec<_>, Vec<_>) = sources.iter().partition(|source| source.is_private());
    if !own.is_empty() && !open.is_empty() && reserved.is_empty() {
        tracing::warn!(
            "{} has a private and a public upstream, and packages.private reserves no names: a name of yours that the first \
             of them does not have is asked of the next, where anybody may have registered it",
            door.setting()
        );
    }
    let named = |source: &Source| format!("{}{}", source.shown(), if source.is_private() { " (private)" } else { "" });
    let (first, rest) = (sources.first(), sources.iter().skip(1).map(|source| named(source)).collect::<Vec<_>>());
    let mut found = "set in the configuration".to_owned();
    if first.is_some_and(|first| first.is_private()) {
        found.push_str(", private");
    }
    if !rest.is_empty() {
        found.push_str(&format!("; after it {}", rest.join(", ")));
    }
    let url = first.map(|first| first.shown().to_string());
    places.board.set_upstream(door.ecosystem(), UpstreamNote { url, found });
    door.set_upstreams(Upstreams::new(sources, reserved.clone()));
    Ok(())
}

/// Records that an upstream is one from now on.
async fn record(source: &Source, kind: &str, places: &Places<'_>, door: &dyn AnyDoor) -> Result<(), NodeError> {
    let mut facts =
        Facts::new().with("ecosystem", door.ecosystem()).with("url", source.shown().clone()).with("from", kind);
    if source.is_private() {
        facts.set("private_upstream", true);
    }
    let receipt = places.gate.record_own(action::UPSTREAM_FOUND, &Resource::new("Node", "this"), facts)?;
    receipt.durable().await?;
    Ok(())
}

/// Asks the client on this machine which upstream it uses. `port` is where this node listens.
async fn ask(door: &dyn AnyDoor, port: u16) -> Result<Known, Box<dyn std::error::Error + Send + Sync>> {
    match door.ecosystem() {
        "pypi" => {
            let found = pypi::discover::discover(|url| is_own(url, "/pypi/simple", port)).await?;
            Ok(Known { url: found.url, from: found.from.to_string(), kind: kind(&found.from).to_owned() })
        }
        "npm" => {
            let found = npm::discover::discover(|url| is_own(url, "/npm", port)).await?;
            Ok(Known { url: found.url, from: found.from.to_owned(), kind: found.kind.to_owned() })
        }
        "cargo" => {
            let found = cargo::discover::discover(|url| is_own(url, "/", port))?;
            Ok(Known { url: found.url, from: found.from.to_owned(), kind: found.kind.to_owned() })
        }
        other => Err(format!("set packages.{other}.upstream in fanlight.toml to its address").into()),
    }
}

/// Whether an address is a door of Fanlight, of this node or of another on this machine: such is no upstream.
fn is_own(url: &Url, door: &str, port: u16) -> bool {
    let is_here = url.port_or_known_default() == Some(port) || url.host().is_some_and(|host| is_loopback(&host));
    (url.path().starts_with(door) && is_here)
        || url.password().is_some_and(|password| password.starts_with(DEVICE_TOKEN_PREFIX))
}

const fn kind(from: &Provenance) -> &'static str {
    match from {
        Provenance::Environment => "environment",
        Provenance::PipSettings { .. } => "pip-settings",
        Provenance::PipDefault => "pip-default",
    }
}

/// Keeps what was found for the next start. The address is kept last: without it the rest counts for nothing.
async fn keep(known: &Known, keys: &Keys, store: &Store, identity: &Identity) -> Result<(), NodeError> {
    let bare = without_credentials(&known.url);
    let (user, password) = (known.url.username(), known.url.password());
    let login = if user.is_empty() && password.is_none() {
        String::new()
    } else {
        // Both are percent-encoded in an address, so the first colon parts them.
        let clear = Secret::new(format!("{user}:{}", password.unwrap_or_default()));
        match identity.seal_secret(&keys.login, clear.expose_secret().as_bytes()) {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::warn!(%error, "the upstream that was found is not kept: its password could not be sealed");
                return Ok(());
            }
        }
    };
    store.save_setting(&keys.login, &login).await?;
    store.save_setting(&keys.from, &known.from).await?;
    store.save_setting(&keys.kind, &known.kind).await?;
    store.save_setting(keys.url, bare.as_str()).await?;
    Ok(())
}

/// What an earlier start kept.
async fn kept(keys: &Keys, store: &Store, identity: &Identity) -> Result<Option<Known>, NodeError> {
    let Some(mut url) = store.setting(keys.url).await?.and_then(|url| Url::parse(&url).ok()) else { return Ok(None) };
    let from = store.setting(&keys.from).await?.unwrap_or_default();
    let kind = store.setting(&keys.kind).await?.unwrap_or_else(|| "unknown".to_owned());
    let sealed = store.setting(&keys.login).await?.unwrap_or_default();
    if sealed.is_empty() {
        return Ok(Some(Known { url, from, kind }));
    }
    match identity.open_secret(&keys.login, &sealed) {
        Ok(login) => {
            let login = String::from_utf8_lossy(login.expose_secret());
            let (user, password) = login.split_once(':').unwrap_or((&login, ""));
            // Both fail only for addresses that cannot have them, and this one had them.
            let _ = url.set_username(user);
            let _ = url.set_password(Some(password).filter(|password| !password.is_empty()));
        }
        Err(error) => tracing::warn!(
            %error,
            "the upstream's password cannot be opened: it is asked without; set {} in fanlight.toml", keys.url
        ),
    }
    Ok(Some(Known { url, from, kind }))
}

async fn tell(
    known: Known,
    reserved: &Arc<Reserved>,
    places: &Places<'_>,
    door: &dyn AnyDoor,
) -> Result<(), NodeError> {
    let Known { url, from, kind } = known;
    let source = Source::new(url, false);
    record(&source, &kind, places, door).await?;
    let note = UpstreamNote { url: Some(source.shown().to_string()), found: from };
    places.board.set_upstream(door.ecosystem(), note);
    door.set_upstreams(Upstreams::new(vec![source], reserved.clone()));
    Ok(())
}

fn is_loopback(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(name) => *name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests;
