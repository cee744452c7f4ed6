//! The issuers whose tokens apps call with, out of the settings.

use std::sync::Arc;

use fanlight_config::Config;
use fanlight_console::Issuers;
use fanlight_console::issuers::KeysAt;
use fanlight_identity::oidc::Algorithm;
use fanlight_identity::{TokensAre, TrustedIssuer};
use fanlight_net::Upstream;

/// Those that the settings name: whom to trust, and where their keys are. Opens no connection.
pub fn open(config: &Config, client: &Upstream) -> (Vec<TrustedIssuer>, Arc<Issuers>) {
    let (mut trusted, mut keys) = (Vec::new(), Vec::new());
    for one in &config.apps_issuers.0 {
        let algorithms: Vec<Algorithm> = one.algorithms.iter().filter_map(|name| Algorithm::named(name)).collect();
        // RSA keys that do not name their algorithm are for the one that the settings name first.
        let rsa = algorithms.iter().copied().find(|algorithm| algorithm.is_rsa());
        keys.push(KeysAt {
            name: one.name.clone(),
            issuer: one.issuer.clone(),
            issuer_text: one.issuer_text.clone(),
            keys: one.keys.clone(),
            rsa: rsa.unwrap_or(Algorithm::Rs256),
        });
        trusted.push(TrustedIssuer {
            name: one.name.clone(),
            issuer: one.issuer_text.clone(),
            audience: one.audience.clone(),
            tokens: if one.access_tokens { TokensAre::Access } else { TokensAre::Workload },
            algorithms,
        });
    }
    (trusted, Arc::new(Issuers::new(keys, client)))
}
