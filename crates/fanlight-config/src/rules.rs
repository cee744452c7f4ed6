//! What must hold between settings, or of a setting beyond its type.

use std::collections::HashMap;
use std::time::Duration;

use fanlight_base::listen::may_listen;

use crate::fault::{ConfigFault, Spot};
use crate::settings::Config;
use crate::value::{Tls, Webhook};

/// Where each setting was written, to point at in a refusal.
#[derive(Debug, Default)]
pub(crate) struct Spots(pub(crate) HashMap<&'static str, Spot>);

/// How often a checkpoint may be signed: more often costs and shows nothing, more rarely leaves more under no signature,
/// where it can be cut off by whoever may write the files, and no file tells of it.
const PUBLISH: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(60));
/// What to write to listen beyond loopback.
const TLS_LINES: &[&str] = &[
    "in fanlight.toml, below [listen]:",
    "  tls = { cert = \"/etc/fanlight/cert.pem\", key = \"/etc/fanlight/key.pem\" }   # a certificate of yours",
    "  tls = \"auto\"   # or one of Fanlight's own; `fanlight use` on this machine then trusts it",
];
/// More often would only keep the feeds' servers busy.
const SOONEST_REFRESH: Duration = Duration::from_secs(1);
/// A smaller cache could not hold one ordinary file.
const SMALLEST_CACHE: u64 = 1_000_000;
/// Less than this would be full with a few projects.
const SMALLEST_MEMORY: u64 = 16 * 1024 * 1024;

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Spots {
    pub(crate) fn check(&self, config: &Config) -> Result<(), ConfigFault> {
        may_listen(config.listen_address, config.listen_tls != Tls::Off)
            .map_err(|refused| self.refuse("listen.address", refused.to_string(), TLS_LINES))?;
        if !(PUBLISH.0..=PUBLISH.1).contains(&config.ledger_publish_every) {
            return Err(self.refuse(
                "ledger.publish_every",
                "this span is not possible",
                &["allowed: 10ms to 1m; until a checkpoint is signed over them, new records can be cut off unnoticed"],
            ));
        }
        if config.advisories_refresh < SOONEST_REFRESH {
            return Err(self.refuse("advisories.refresh", "this is too often", &["allowed: 1s or more"]));
        }
        if let Some(Webhook(url)) = &config.tell_webhook
            && url.scheme() != "https"
            && !is_loopback(url)
        {
            let help = "allowed: https://, because what is sent names people; http:// on this machine only";
            return Err(self.refuse("tell.webhook", "this would cross the network in clear", &[help]));
        }
        if let Some(url) = &config.login_address {
            let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
            let help = "allowed: https://HOST, with a port behind it where there is one; http:// on this machine only";
            if !is_bare || !url.username().is_empty() || url.password().is_some() {
                return Err(self.refuse("login.address", "this is more than a host and a port", &[help]));
            }
            if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
                return Err(self.refuse("login.address", "people would log in over the network in clear", &[help]));
            }
        }
        // An ID token that answers a login would pass for a job's token where both are for the same audience.
        let is_login = |issuer: &crate::value::IssuerAt| {
            let providers = &config.login_providers.0;
            providers.iter().any(|one| one.issuer_text == issuer.issuer_text && one.client == issuer.audience)
        };
        if let Some(issuer) = config.apps_issuers.0.iter().find(|issuer| is_login(issuer)) {
            let why = format!("{} is a provider at which people log in, for the same audience", issuer.name);
            let help =
                "allowed: another audience than the client of login.providers, so that no login passes for an app";
            return Err(self.refuse("apps.issuers", why, &[help]));
        }
        if config.packages_cache_size.0 < SMALLEST_CACHE {
            return Err(self.refuse("packages.cache_size", "this is too small", &["allowed: 1MB or more"]));
        }
        if config.packages_memory.0 < SMALLEST_MEMORY {
            return Err(self.refuse("packages.memory", "this is too small", &["allowed: 16MiB or more"]));
        }
        Ok(())
    }

    fn refuse(&self, key: &'static str, why: impl std::fmt::Display, help: &[&str]) -> ConfigFault {
        let spot = self.0.get(key).cloned().unwrap_or(Spot::Default);
        ConfigFault::at(spot, format!("{key}: {why}"), help.iter().map(|line| (*line).to_owned()).collect())
    }
}
