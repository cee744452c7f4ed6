//! The board: how the node is, written by those who know and read by `status` and `/readyz`. Holds no locks across waits.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use fanlight_api::policies::Fault;
use fanlight_api::settings::Settings;
use fanlight_base::Timestamp;
use parking_lot::Mutex;

/// What is known of an upstream.
#[derive(Debug, Clone, Default)]
pub struct UpstreamNote {
    /// Its address without credentials.
    pub url: Option<String>,
    /// How it was found, or what to do where it was not.
    pub found: String,
}

/// How the node is.
pub struct Board {
    /// When it started.
    pub started: Timestamp,
    /// Its state folder.
    pub state: PathBuf,
    /// The settings that it goes by.
    pub settings: Settings,
    /// Where it listens.
    pub address: OnceLock<SocketAddr>,
    /// Its address as clients write it, `http://HOST:PORT`.
    pub url: OnceLock<String>,
    /// The address at which people open its pages, where the settings name one.
    pub login_address: OnceLock<String>,
    /// The root certificate of its own authority, as PEM.
    pub authority: OnceLock<String>,
    serving: AtomicBool,
    /// By ecosystem.
    upstreams: Mutex<BTreeMap<&'static str, UpstreamNote>>,
    policy_fault: Mutex<Option<Fault>>,
    policies_waiting: Mutex<Option<String>>,
}

impl Board {
    /// The board of a node that is starting.
    pub fn new(started: Timestamp, state: PathBuf, settings: Settings) -> Self {
        Self {
            started,
            state,
            settings,
            address: OnceLock::new(),
            url: OnceLock::new(),
            login_address: OnceLock::new(),
            authority: OnceLock::new(),
            serving: AtomicBool::new(false),
            upstreams: Mutex::default(),
            policy_fault: Mutex::default(),
            policies_waiting: Mutex::default(),
        }
    }

    /// The host of the node's address as clients write it.
    pub fn host(&self) -> String {
        let url = self.url.get().map_or("", String::as_str);
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_owned()
    }

    /// The address at which people open its pages, without a slash at its end. Where it listens on loopback alone, under the
    /// name `localhost`, because passkeys are bound to names and not to addresses.
    pub fn address_for_people(&self) -> Option<String> {
        if let Some(given) = self.login_address.get() {
            return Some(given.trim_end_matches('/').to_owned());
        }
        let url = self.url.get()?.trim_end_matches('/');
        let address = self.address.get()?;
        let host = self.host();
        let is_loopback = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
        let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
        Some(if is_loopback { format!("{scheme}://localhost:{}", address.port()) } else { url.to_owned() })
    }

    /// Says whether requests are served: true once everything is up, false when draining.
    pub fn set_serving(&self, serving: bool) {
        self.serving.store(serving, Ordering::SeqCst);
    }

    /// Whether requests are served.
    pub fn is_serving(&self) -> bool {
        self.serving.load(Ordering::SeqCst)
    }

    /// Notes the upstream of an ecosystem's door.
    pub fn set_upstream(&self, ecosystem: &'static str, note: UpstreamNote) {
        self.upstreams.lock().insert(ecosystem, note);
    }

    /// The upstream of an ecosystem's door.
    pub fn upstream(&self, ecosystem: &str) -> UpstreamNote {
        self.upstreams.lock().get(ecosystem).cloned().unwrap_or_default()
    }

    /// Notes what is wrong with the policies in the folder, or that nothing is.
    pub fn set_policy_fault(&self, fault: Option<Fault>) {
        *self.policy_fault.lock() = fault;
    }

    /// What is wrong with the policies in the folder while an earlier set is in force.
    pub fn policy_fault(&self) -> Option<Fault> {
        self.policy_fault.lock().clone()
    }

    /// Notes why a good change of the policies is not in force yet, or that none waits.
    pub fn set_policies_waiting(&self, why: Option<String>) {
        *self.policies_waiting.lock() = why;
    }

    /// Why a good change of the policies is not in force yet.
    pub fn policies_waiting(&self) -> Option<String> {
        self.policies_waiting.lock().clone()
    }
}
