//! Where the Python door's upstream is: from the configuration, else what was found before, else what pip on this machine
//! uses. Found once and then kept, because from `fanlight use pip` on pip names the door itself.
//!
//! Invariants: the record says only of which kind the finding was, because a path of pip's settings holds a login name;
//! a password that was found is kept sealed under the root key, never in clear.

use fanlight_base::{Facts, Resource, Secret};
use fanlight_config::Config;
use fanlight_console::{Board, UpstreamNote};
use fanlight_gate::Gate;
use fanlight_identity::Identity;
use fanlight_net::Listener;
use fanlight_net::upstream::{Options, without_credentials};
use fanlight_packages::pypi::PypiDoor;
use fanlight_packages::pypi::discover::{self, Provenance};
use fanlight_store::Store;
use url::Url;

use super::action;
use super::error::NodeError;

/// The name of the kept address in the database.
const KEPT: &str = "packages.pypi.upstream";
/// The name of how it was found, in words for people.
const KEPT_FROM: &str = "packages.pypi.upstream.from";
/// The name of how it was found, as the record says it.
const KEPT_KIND: &str = "packages.pypi.upstream.kind";
/// The name of its user and password, sealed.
const KEPT_LOGIN: &str = "packages.pypi.upstream.login";

/// How long pip is asked before a person at the terminal is told what the start waits for.
const QUIETLY: std::time::Duration = std::time::Duration::from_millis(300);

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

/// Finds the upstream and tells the door. Not finding one is no error: the door then says how to set it.
pub async fn settle(
    config: &Config,
    store: &Store,
    gate: &Gate,
    pypi: &PypiDoor,
    board: &Board,
    listener: &Listener,
) -> Result<(), NodeError> {
    if let Some(url) = &config.packages_pypi_upstream {
        let (from, kind) = ("set in the configuration".to_owned(), "configuration".to_owned());
        return tell(Known { url: url.clone(), from, kind }, gate, pypi, board).await;
    }
    if let Some(known) = kept(store, gate.identity()).await? {
        let from = format!("{}, found at the first start", known.from);
        return tell(Known { from, ..known }, gate, pypi, board).await;
    }
    // A door of Fanlight, of this node or of another on this machine, is no upstream.
    let port = listener.address().port();
    let is_own = move |url: &Url| {
        let is_door = url.path().starts_with("/pypi/simple");
        let is_here = url.port_or_known_default() == Some(port) || url.host().is_some_and(|host| is_loopback(&host));
        (is_door && is_here)
            || url.password().is_some_and(|password| password.starts_with(fanlight_api::run::DEVICE_TOKEN_PREFIX))
    };
    let mut asked = std::pin::pin!(discover::discover(is_own));
    let found = match tokio::time::timeout(QUIETLY, &mut asked).await {
        Ok(found) => found,
        Err(_) => {
            super::banner::asking_pip();
            asked.await
        }
    };
    match found {
        Ok(found) => {
            let (from, kind) = (found.from.to_string(), kind(&found.from).to_owned());
            let known = Known { url: found.url, from, kind };
            keep(&known, store, gate.identity()).await?;
            tell(known, gate, pypi, board).await
        }
        Err(error) => {
            use std::error::Error as _;
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::warn!("{error}{cause}");
            board.set_pypi(UpstreamNote { url: None, found: error.to_string() });
            Ok(())
        }
    }
}

const fn kind(from: &Provenance) -> &'static str {
    match from {
        Provenance::Environment => "environment",
        Provenance::PipSettings { .. } => "pip-settings",
        Provenance::PipDefault => "pip-default",
    }
}

/// Keeps what was found for the next start. The address is kept last: without it the rest counts for nothing.
async fn keep(known: &Known, store: &Store, identity: &Identity) -> Result<(), NodeError> {
    let bare = without_credentials(&known.url);
    let (user, password) = (known.url.username(), known.url.password());
    let login = if user.is_empty() && password.is_none() {
        String::new()
    } else {
        // Both are percent-encoded in an address, so the first colon parts them.
        let clear = Secret::new(format!("{user}:{}", password.unwrap_or_default()));
        match identity.seal_secret(KEPT_LOGIN, clear.expose_secret().as_bytes()) {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::warn!(%error, "the upstream that was found is not kept: its password could not be sealed");
                return Ok(());
            }
        }
    };
    store.save_setting(KEPT_LOGIN, &login).await?;
    store.save_setting(KEPT_FROM, &known.from).await?;
    store.save_setting(KEPT_KIND, &known.kind).await?;
    store.save_setting(KEPT, bare.as_str()).await?;
    Ok(())
}

/// What an earlier start kept.
async fn kept(store: &Store, identity: &Identity) -> Result<Option<Known>, NodeError> {
    let Some(mut url) = store.setting(KEPT).await?.and_then(|url| Url::parse(&url).ok()) else { return Ok(None) };
    let from = store.setting(KEPT_FROM).await?.unwrap_or_default();
    let kind = store.setting(KEPT_KIND).await?.unwrap_or_else(|| "unknown".to_owned());
    let sealed = store.setting(KEPT_LOGIN).await?.unwrap_or_default();
    if sealed.is_empty() {
        return Ok(Some(Known { url, from, kind }));
    }
    match identity.open_secret(KEPT_LOGIN, &sealed) {
        Ok(login) => {
            let login = String::from_utf8_lossy(login.expose_secret());
            let (user, password) = login.split_once(':').unwrap_or((&login, ""));
            // Both fail only for addresses that cannot have them, and this one had them.
            let _ = url.set_username(user);
            let _ = url.set_password(Some(password).filter(|password| !password.is_empty()));
        }
        Err(error) => tracing::warn!(
            %error,
            "the upstream's password cannot be opened: it is asked without; set packages.pypi.upstream in fanlight.toml"
        ),
    }
    Ok(Some(Known { url, from, kind }))
}

async fn tell(known: Known, gate: &Gate, pypi: &PypiDoor, board: &Board) -> Result<(), NodeError> {
    let Known { mut url, from, kind } = known;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    let shown = without_credentials(&url).to_string();
    let facts = Facts::new().with("ecosystem", "pypi").with("url", shown.as_str()).with("from", kind.as_str());
    let receipt = gate.record_own(action::UPSTREAM_FOUND, &Resource::new("Node", "this"), facts)?;
    receipt.durable().await?;
    board.set_pypi(UpstreamNote { url: Some(shown), found: from });
    pypi.projects().set_base(url);
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
