//! Where the Python door's upstream is: from the configuration, else what was found before, else what pip on this machine
//! uses. Found once and then kept, because from `fanlight use pip` on pip names the door itself.

use fanlight_base::{Facts, Resource};
use fanlight_config::Config;
use fanlight_console::{Board, UpstreamNote};
use fanlight_gate::Gate;
use fanlight_net::Listener;
use fanlight_net::upstream::{Options, without_credentials};
use fanlight_packages::pypi::{PypiDoor, discover};
use fanlight_store::Store;
use url::Url;

use super::action;
use super::error::NodeError;

/// The name of the kept address in the database.
const KEPT: &str = "packages.pypi.upstream";
/// The name of how it was found.
const KEPT_FROM: &str = "packages.pypi.upstream.from";

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
        return tell(url.clone(), "set in the configuration".to_owned(), gate, pypi, board).await;
    }
    let kept = store.setting(KEPT).await?.and_then(|url| Url::parse(&url).ok());
    if let Some(url) = kept {
        let from = store.setting(KEPT_FROM).await?.unwrap_or_default();
        return tell(url, format!("{from}, found at the first start"), gate, pypi, board).await;
    }
    // A door of Fanlight, of this node or of another on this machine, is no upstream.
    let port = listener.address().port();
    let is_own = move |url: &Url| {
        let is_door = url.path().starts_with("/pypi/simple");
        let is_here = url.port_or_known_default() == Some(port) || url.host().is_some_and(|host| is_loopback(&host));
        (is_door && is_here)
            || url.password().is_some_and(|password| password.starts_with(fanlight_api::run::DEVICE_TOKEN_PREFIX))
    };
    match discover::discover(is_own).await {
        Ok(found) => {
            store.save_setting(KEPT, found.url.as_str()).await?;
            store.save_setting(KEPT_FROM, &found.from.to_string()).await?;
            tell(found.url, found.from.to_string(), gate, pypi, board).await
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

async fn tell(mut url: Url, from: String, gate: &Gate, pypi: &PypiDoor, board: &Board) -> Result<(), NodeError> {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    let shown = without_credentials(&url).to_string();
    let facts = Facts::new().with("ecosystem", "pypi").with("url", shown.as_str()).with("from", from.as_str());
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
