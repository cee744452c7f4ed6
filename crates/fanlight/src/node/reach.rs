//! Where a node is found: by clients, and by the commands on its own machine.
//!
//! Invariants: what clients are told is no wildcard address, and, where there is one, a host that the certificate covers;
//! the commands' way needs neither a name nor a certificate for one, because they know the node by its state folder.

use std::time::Duration;

use fanlight_net::Listener;

use super::origin::machine;

/// How long the system may take to find this machine's own name.
const LOOKUP_TIME: Duration = Duration::from_secs(2);

/// Where a node is found for as long as it lives.
pub struct Reach {
    /// Where clients find it.
    pub url: String,
    /// Where the commands on this machine ask it.
    pub local: String,
    /// The name clients ask for; none where that is an address.
    pub name: Option<String>,
}

impl Reach {
    /// The listener's address where that is one to connect to and the certificate covers it. Else a name that the
    /// certificate covers: the first of `names` (the setting), this machine's own, or one in the certificate.
    pub async fn of(listener: &Listener, names: &[String]) -> Self {
        let local = listener.url();
        let address = listener.address().ip().to_string();
        let name =
            if !listener.is_everywhere() && listener.covers(&address) { None } else { name(listener, names).await };
        let url = name.as_deref().map_or_else(|| local.clone(), |name| listener.url_for(name));
        Self { url, local, name }
    }
}

async fn name(listener: &Listener, names: &[String]) -> Option<String> {
    if let Some(name) = names.iter().find(|name| listener.covers(name)) {
        return Some(name.clone());
    }
    let own = machine().to_ascii_lowercase();
    if listener.covers(&own) && is_found(&own).await {
        return Some(own);
    }
    let in_certificate = listener.certificate_names();
    let given = in_certificate.iter().find(|name| **name != own && *name != "localhost");
    given.or_else(|| in_certificate.iter().find(|name| *name == "localhost")).cloned()
}

/// Whether the system finds a name: one that this machine itself does not find is of no use to its clients.
async fn is_found(name: &str) -> bool {
    let found = tokio::time::timeout(LOOKUP_TIME, tokio::net::lookup_host((name, 0))).await;
    found.is_ok_and(|found| found.is_ok_and(|mut addresses| addresses.next().is_some()))
}
